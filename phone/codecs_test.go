package phone

import (
	"errors"
	"strings"
	"testing"

	"calla/audio"
	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/rtc"
)

// named is a codec of which the name alone counts.
type named struct{ audio.Codec }

func (named) Name() string { return "opus" }

// negotiating is the media of a call of an account with these parameters.
func negotiating(t *testing.T, have []audio.Codec, a config.Additions) *rtc.Session {
	t.Helper()
	engine, err := newRTCEngine(rtcSettings{config: config.Config{Calla: a}, codecs: have, loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	s, err := engine.NewMediaSession()
	if err != nil {
		t.Fatal(err)
	}
	return s.(*rtc.Session)
}

// TestAccountsChooseTheirCodecs: in their order in offers, and alone in answers; an offer of what is off is refused.
func TestAccountsChooseTheirCodecs(t *testing.T) {
	have := audio.Codecs(named{audio.PCMU()})
	session := func(have []audio.Codec, codecs ...string) *rtc.Session {
		return negotiating(t, have, config.Additions{Codecs: codecs})
	}
	formats := func(sdp []byte) string {
		_, line, _ := strings.Cut(string(sdp), " UDP/TLS/RTP/SAVPF ")
		line, _, _ = strings.Cut(line, "\r\n")
		return line
	}
	for _, test := range []struct {
		codecs        []string
		offer, answer string // "": refused
	}{
		{nil, "111 63 9 0 8 110 126", "111 63 9 0 8 110 126"},
		{[]string{"PCMA", "opus"}, "8 111 63 126 110", "111 63 8 110 126"},
		{[]string{"G722"}, "9 126", "9 126"},
		{[]string{"PCMU", "PCMA", "G722", "opus"}, "0 8 9 111 63 126 110", "111 63 9 0 8 110 126"},
	} {
		offer, err := session(have, test.codecs...).Offer(t.Context())
		if err != nil || formats(offer) != test.offer {
			t.Errorf("%v offers %s, want %s: %v", test.codecs, formats(offer), test.offer, err)
		}
		theirs, err := session(have).Offer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s := session(have, test.codecs...)
		if _, err := s.SetOffer(t.Context(), theirs); err != nil {
			t.Fatal(err)
		}
		answer, err := s.Answer(t.Context())
		if err != nil || formats(answer) != test.answer {
			t.Errorf("%v answers %s, want %s: %v", test.codecs, formats(answer), test.answer, err)
		}
	}
	theirs, err := session(have, "PCMU", "PCMA").Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var refused *netsip.MediaError
	if _, err := session(have, "G722", "opus").SetOffer(t.Context(), theirs); !errors.As(err, &refused) ||
		refused.StatusCode != 488 || refused.Fault != netsip.MediaFaultNoCodec {
		t.Errorf("an offer of what is off: %v", err)
	}
	// What names nothing that is there says so, and does not have others in its place.
	c := config.Config{Calla: config.Additions{Codecs: []string{"opus"}}}
	var wrong *config.Error
	if _, err := newRTCEngine(rtcSettings{config: c, codecs: audio.Codecs()}); !errors.As(err, &wrong) ||
		wrong.Parameter != "calla.codecs" {
		t.Errorf("Opus alone without libopus: %v", err)
	}
}
