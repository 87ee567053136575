package rtc

import (
	"strings"
	"testing"
	"time"
)

// spares gives a session the path that it will take next, of those credentials.
func spares(t *testing.T, s *Session, c credentials) {
	t.Helper()
	q, err := s.newPath(c)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.spare = q
	s.mu.Unlock()
}

// TestRestartsOfTheField: an ICE restart of either end goes on within the association however much of its credentials
// the far end changes; one that it does not follow costs nothing while the path before works.
//
// Holds: ice-restart
func TestRestartsOfTheField(t *testing.T) {
	for _, c := range []struct {
		name    string
		restart func(t *testing.T, p *pair)
	}{
		{"ours is answered with the name and password as before, rtpengine", func(t *testing.T, p *pair) {
			spares(t, p.b, p.b.pathInUse().credentials)
			p.a.RestartICE()
			p.offer(p.a, p.b)
		}},
		{"ours is answered with the name as before", func(t *testing.T, p *pair) {
			spares(t, p.b, credentials{p.b.pathInUse().ufrag, newCredentials().pwd})
			p.a.RestartICE()
			p.offer(p.a, p.b)
		}},
		{"ours is answered as the offer before", func(t *testing.T, p *pair) {
			p.a.RestartICE()
			if _, err := p.a.Offer(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := p.a.SetAnswer(t.Context(), []byte("v=0\r\n"+p.b.written)); err != nil {
				t.Fatal(err)
			}
		}},
		{"theirs changes the password alone", func(t *testing.T, p *pair) {
			spares(t, p.b, credentials{p.b.pathInUse().ufrag, newCredentials().pwd})
			p.b.RestartICE()
			p.offer(p.b, p.a)
		}},
		{"theirs changes the name alone", func(t *testing.T, p *pair) {
			spares(t, p.b, credentials{newCredentials().ufrag, p.b.pathInUse().pwd})
			p.b.RestartICE()
			p.offer(p.b, p.a)
		}},
		{"theirs comes with a hold", func(t *testing.T, p *pair) {
			p.b.SetHold(true)
			p.b.RestartICE()
			p.offer(p.b, p.a)
			if p.a.LocalDirection() != RecvOnly {
				t.Errorf("direction %v", p.a.LocalDirection())
			}
			p.b.SetHold(false)
			p.offer(p.b, p.a)
		}},
		{"theirs moves the attributes to the session", func(t *testing.T, p *pair) {
			p.b.RestartICE()
			o, err := p.b.Offer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			offer := toSession(t, string(o), "ice-ufrag", "ice-pwd", "fingerprint", "setup")
			reoffer(t, p.a, offer)
			if _, err := p.b.SetAnswer(t.Context(), []byte("v=0\r\n"+p.a.written)); err != nil {
				t.Fatal(err)
			}
		}},
		{"theirs has no candidates", func(t *testing.T, p *pair) {
			p.b.RestartICE()
			o, err := p.b.Offer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			reoffer(t, p.a, without("a=candidate", string(o)))
			if _, err := p.b.SetAnswer(t.Context(), []byte("v=0\r\n"+p.a.written)); err != nil {
				t.Fatal(err)
			}
		}},
		{"theirs names the fingerprint in small letters", func(t *testing.T, p *pair) {
			p.b.RestartICE()
			o, err := p.b.Offer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, print, _ := strings.Cut(string(o), "a=fingerprint:")
			print, _, _ = strings.Cut(print, "\r\n")
			reoffer(t, p.a, strings.Replace(string(o), print, strings.ToLower(print), 1))
			if _, err := p.b.SetAnswer(t.Context(), []byte("v=0\r\n"+p.a.written)); err != nil {
				t.Fatal(err)
			}
		}},
		{"theirs comes twice, before the first is connected", func(t *testing.T, p *pair) {
			p.b.RestartICE()
			p.offer(p.b, p.a)
			p.b.RestartICE()
			p.offer(p.b, p.a)
		}},
		{"theirs follows ours at once", func(t *testing.T, p *pair) {
			p.a.RestartICE()
			p.offer(p.a, p.b)
			p.b.RestartICE()
			p.offer(p.b, p.a)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *pair) {
				p.T = t
				p.connect()
				before := p.a.inUse().association
				talk(t, p.a, p.b, "before", 5)
				c.restart(t, p)
				for range 3 { // while it is tried, when that has come to an end, and later
					talk(t, p.a, p.b, "on", 10)
					talk(t, p.b, p.a, "on", 10)
					time.Sleep(20 * time.Second)
				}
				if p.a.inUse().association != before {
					t.Error("another association")
				}
				if p.a.State() != Connected {
					t.Errorf("state %v: %v", p.a.State(), p.a.Failure())
				}
				p.offer(p.a, p.b)
				talk(t, p.a, p.b, "after", 10)
				talk(t, p.b, p.a, "after", 10)
			})
		})
	}
}
