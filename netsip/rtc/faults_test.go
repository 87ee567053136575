package rtc

import (
	"errors"
	"strings"
	"testing"

	"calla/netsip"
)

// Holds: who-ended
func TestWhatIsWrongWithAnAnswerIsTold(t *testing.T) {
	good := sound(soundAudio)
	active := strings.Replace(good, "setup:actpass", "setup:active", 1)
	for name, c := range map[string]struct {
		sdp   string
		fault netsip.MediaFault
	}{
		"plain RTP":      {without("a=fingerprint", sound("audio 40000 RTP/AVP 0")), netsip.MediaFaultNotEncrypted},
		"no fingerprint": {without("a=fingerprint", good), netsip.MediaFaultNotEncrypted},
		"SDES":           {without("a=fingerprint", sound("audio 40000 RTP/SAVP 0")), netsip.MediaFaultNotEncrypted},
		"MD2": {
			strings.Replace(good, "sha-256 "+testPrint, "md2 "+testPrint[:47], 1),
			netsip.MediaFaultWeakFingerprint,
		},
		"MD5": {
			strings.Replace(good, "sha-256 "+testPrint, "md5 "+testPrint[:47], 1),
			netsip.MediaFaultWeakFingerprint,
		},
		"no ICE": {without("a=ice-", good), netsip.MediaFaultNoICE},
		"no codec": {
			sound("audio 40000 UDP/TLS/RTP/SAVPF 96", "a=rtpmap:96 G729/8000"),
			netsip.MediaFaultNoCodec,
		},
		"odd DTLS role":   {strings.Replace(good, "setup:actpass", "setup:holdconn", 1), netsip.MediaFaultDTLSRole},
		"no rtcp-mux":     {without("a=rtcp-mux", active), netsip.MediaFaultRTCPApart},
		"RTCP apart":      {without("a=rtcp-mux", active) + "a=rtcp:40001\r\n", netsip.MediaFaultRTCPApart},
		"sound off":       {sound("audio 0 UDP/TLS/RTP/SAVPF 0"), netsip.MediaFaultAudioRefused},
		"pictures only":   {sound("video 40000 UDP/TLS/RTP/SAVPF 96"), netsip.MediaFaultNoAudio},
		"no description":  {"<html>", netsip.MediaFaultNotSDP},
		"nothing":         {"", netsip.MediaFaultNotSDP},
		"too many medias": {good + strings.Repeat("m=video 0 RTP/AVP 0\r\n", 40), netsip.MediaFaultTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := NewEngine(Config{
				Codecs:          []Codec{{Name: "PCMU", ClockRate: 8000, Channels: 1}},
				IncludeLoopback: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			m, err := e.NewMediaSession()
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			if _, err := m.Offer(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err = m.SetAnswer(t.Context(), []byte(c.sdp))
			var wrong *netsip.MediaError
			if !errors.As(err, &wrong) || wrong.Fault != c.fault {
				t.Errorf("refused with %v, want fault %d", err, c.fault)
			}
		})
	}
}

// Holds: who-ended
func TestRelayOnlyWithoutARelayIsToldBeforeTheCall(t *testing.T) {
	for name, c := range map[string]Config{
		"TURN that does not answer": {
			RelayOnly:  true,
			ICEServers: []ICEServer{{URLs: []string{"turn:127.0.0.1:9"}, Username: "a", Credential: "b"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.Codecs, c.IncludeLoopback, c.GatherCap = []Codec{{Name: "PCMU", ClockRate: 8000, Channels: 1}}, true, 1
			e, err := NewEngine(c)
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			for what, make := range map[string]func(*Session) error{
				"offer": func(s *Session) error { _, err := s.Offer(t.Context()); return err },
				"answer": func(s *Session) error {
					if _, err := s.SetOffer(t.Context(), []byte(sound(soundAudio))); err != nil {
						return err
					}
					_, err := s.Answer(t.Context())
					return err
				},
			} {
				m, err := e.NewMediaSession()
				if err != nil {
					t.Fatal(err)
				}
				err = make(m.(*Session))
				var wrong *netsip.MediaError
				if !errors.As(err, &wrong) || wrong.Fault != netsip.MediaFaultNoRelay {
					t.Errorf("%s: %v", what, err)
				}
				_ = m.Close()
			}
		})
	}
}

// TestRTCPHasNoPortOfItsOwn: what needs one is refused at once, an answer also where it does not say. Our offers say
// that there is one port for both, and no other way (RFC 8858 section 4); answers need not.
//
// Holds: who-ended
// Holds: media-encryption
func TestRTCPHasNoPortOfItsOwn(t *testing.T) {
	const (
		first  = "a=candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host"
		second = "a=candidate:1 2 udp 2130706430 192.0.2.1 40001 typ host"
	)
	for _, c := range []struct {
		name          string
		lines         []string // in the place of a=rtcp-mux
		offer, answer bool     // taken
	}{
		{"muxed", []string{"a=rtcp-mux"}, true, true},
		{"muxed, with both components", []string{first, second, "a=rtcp:40001", "a=rtcp-mux"}, true, true},
		{"muxed only (RFC 8858)", []string{"a=rtcp-mux-only"}, true, true},
		{"says nothing", nil, true, false},
		{"one component", []string{first}, true, false},
		{"two components", []string{first, second}, false, false},
		{
			"two components over TCP",
			[]string{first, "a=candidate:1 2 tcp 1 192.0.2.1 9 typ host tcptype active"},
			false,
			false,
		},
		{"a port of its own", []string{first, "a=rtcp:40001 IN IP4 192.0.2.1"}, false, false},
		{"RTP's own port", []string{first, "a=rtcp:40000"}, true, false},
		{"port 9", []string{first, "a=rtcp:9 IN IP4 0.0.0.0"}, true, false},
		{"no number", []string{first, "a=rtcp:odd"}, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := NewEngine(Config{
				Codecs:          []Codec{{Name: "PCMU", ClockRate: 8000, Channels: 1}},
				IncludeLoopback: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			sdp := without("a=rtcp-mux", sound(soundAudio)) + strings.Join(append(c.lines, ""), "\r\n")
			check := func(what string, err error, taken bool) {
				var wrong *netsip.MediaError
				if (err == nil) != taken ||
					err != nil && (!errors.As(err, &wrong) || wrong.Fault != netsip.MediaFaultRTCPApart ||
						wrong.StatusCode != 488) {
					t.Errorf("%s: %v, want it taken: %t", what, err, taken)
				}
			}
			called, calling := newTestSession(t, e), newTestSession(t, e)
			_, err = called.SetOffer(t.Context(), []byte(sdp))
			check("offer", err, c.offer)
			offer, err := calling.Offer(t.Context())
			if err != nil || !strings.Contains(string(offer), "a=rtcp-mux\r\na=rtcp-mux-only\r\n") {
				t.Fatalf("offers %s, %v", offer, err)
			}
			if c.offer {
				answer, err := called.Answer(t.Context())
				if err != nil || strings.Contains(string(answer), "rtcp-mux-only") {
					t.Errorf("answers %s, %v", answer, err)
				}
			}
			_, err = calling.SetAnswer(t.Context(), []byte(strings.Replace(sdp, "setup:actpass", "setup:active", 1)))
			check("answer", err, c.answer)
		})
	}
}
