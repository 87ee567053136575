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
	for name, c := range map[string]struct {
		sdp   string
		fault netsip.MediaFault
	}{
		"plain RTP":       {sound("audio 40000 RTP/AVP 0"), netsip.MediaFaultNotEncrypted},
		"no fingerprint":  {without("a=fingerprint", good), netsip.MediaFaultNotEncrypted},
		"SDES":            {without("a=fingerprint", sound("audio 40000 RTP/SAVP 0")), netsip.MediaFaultNotEncrypted},
		"SHA-1":           {strings.Replace(good, "sha-256 "+testPrint, "sha-1 "+testPrint[:59], 1), netsip.MediaFaultWeakFingerprint},
		"MD5":             {strings.Replace(good, "sha-256 "+testPrint, "md5 "+testPrint[:47], 1), netsip.MediaFaultWeakFingerprint},
		"no ICE":          {without("a=ice-", good), netsip.MediaFaultNoICE},
		"no codec":        {sound("audio 40000 UDP/TLS/RTP/SAVPF 96", "a=rtpmap:96 G729/8000"), netsip.MediaFaultNoCodec},
		"odd DTLS role":   {strings.Replace(good, "setup:actpass", "setup:holdconn", 1), netsip.MediaFaultDTLSRole},
		"open DTLS role":  {good, netsip.MediaFaultDTLSRole},
		"sound off":       {sound("audio 0 UDP/TLS/RTP/SAVPF 0"), netsip.MediaFaultAudioRefused},
		"pictures only":   {sound("video 40000 UDP/TLS/RTP/SAVPF 96"), netsip.MediaFaultNoAudio},
		"no description":  {"<html>", netsip.MediaFaultNotSDP},
		"nothing":         {"", netsip.MediaFaultNotSDP},
		"too many medias": {good + strings.Repeat("m=video 0 RTP/AVP 0\r\n", 40), netsip.MediaFaultTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := NewEngine(Config{Codecs: []Codec{{Name: "PCMU", ClockRate: 8000, Channels: 1}}, IncludeLoopback: true})
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
			err = m.SetAnswer(t.Context(), []byte(c.sdp))
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
		"TURN that does not answer": {RelayOnly: true, ICEServers: []ICEServer{{URLs: []string{"turn:127.0.0.1:9"}, Username: "a", Credential: "b"}}},
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
					if err := s.SetOffer(t.Context(), []byte(sound(soundAudio))); err != nil {
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
