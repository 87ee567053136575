package rtc

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// TestTheSoundIsFoundInAnyPacket: between padding, contributing sources and header extensions, with a marker on each
// packet (RFC 3550 section 5.1); and in what is nothing but padding, or lies of its length, there is none.
func TestTheSoundIsFoundInAnyPacket(t *testing.T) {
	keys := func() *srtp.Context {
		c, err := srtp.CreateContext(make([]byte, 16), make([]byte, 12), srtp.ProtectionProfileAeadAes128Gcm)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	sound := []byte("sound")
	padded := func(payload []byte, n int, says byte) []byte {
		return append(append(slices.Clone(payload), make([]byte, n-1)...), says)
	}
	for name, c := range map[string]struct {
		header  rtp.Header
		payload []byte
		heard   bool
	}{
		"plain":                     {rtp.Header{}, sound, true},
		"a marker":                  {rtp.Header{Marker: true}, sound, true},
		"four octets of padding":    {rtp.Header{Padding: true}, padded(sound, 4, 4), true},
		"255 octets of padding":     {rtp.Header{Padding: true}, padded(sound, 255, 255), true},
		"nothing but padding":       {rtp.Header{Padding: true}, padded(nil, 200, 200), false},
		"padding longer than it is": {rtp.Header{Padding: true}, padded(sound, 4, 200), false},
		"nothing":                   {rtp.Header{}, nil, false},
		"fifteen sources":           {rtp.Header{CSRC: make([]uint32, 15)}, sound, true},
		"a short extension": {
			rtp.Header{Extension: true, ExtensionProfile: 0xBEDE, Extensions: extensions(t, 0xBEDE, 1, 3)},
			sound, true,
		},
		"a long extension": {
			rtp.Header{Extension: true, ExtensionProfile: 0x1000, Extensions: extensions(t, 0x1000, 9, 200)},
			sound, true,
		},
		"all of it": {
			rtp.Header{
				Marker: true, Padding: true, CSRC: []uint32{1, 2, 3}, Extension: true, ExtensionProfile: 0xBEDE,
				Extensions: extensions(t, 0xBEDE, 14, 16),
			}, padded(sound, 7, 7), true,
		},
	} {
		var heard []string
		a := newAssociation(certificate{}, nil, true)
		a.heard = func(h *rtp.Header, payload []byte, _ time.Time) {
			if len(payload) > 0 {
				heard = append(heard, fmt.Sprint(h.SequenceNumber, h.Timestamp, h.SSRC, h.Marker, " ", string(payload)))
			}
		}
		a.in.keys = keys()
		out := keys()
		var want []string
		for i := range 3 {
			h := c.header
			h.Version, h.SSRC, h.SequenceNumber, h.Timestamp = 2, 9, uint16(65534+i), uint32(160*i)
			plain, err := h.Marshal()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			sealed, err := out.EncryptRTP(nil, append(plain, c.payload...), nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := a.take(sealed, time.Now()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if c.heard {
				want = append(want, fmt.Sprint(h.SequenceNumber, h.Timestamp, h.SSRC, h.Marker, " ", string(sound)))
			}
		}
		if !slices.Equal(heard, want) {
			t.Errorf("%s: heard %q, want %q", name, heard, want)
		}
	}
}

// extensions are those of a header with one of that profile.
func extensions(t *testing.T, profile uint16, id uint8, size int) []rtp.Extension {
	t.Helper()
	h := rtp.Header{Extension: true, ExtensionProfile: profile}
	if err := h.SetExtension(id, make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	return h.Extensions
}
