package rtc

import (
	"fmt"
	"strings"
	"testing"

	"calla/netsip"
)

// says changes the direction that a description states of its sound.
func says(t *testing.T, sdp string, d Direction) string {
	t.Helper()
	for _, was := range []Direction{SendRecv, SendOnly, RecvOnly, Inactive} {
		if strings.Contains(sdp, "a="+was.String()+"\r\n") {
			return replaceOnce(t, sdp, "a="+was.String()+"\r\n", "a="+d.String()+"\r\n")
		}
	}
	t.Fatalf("no direction in\n%s", sdp)
	return ""
}

// offers has s offer with our hold set, the far end answer in that direction, and returns ours.
func (p *pair) offers(held bool, answered Direction) Direction {
	p.Helper()
	p.a.SetHold(held)
	o, err := p.a.Offer(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	if _, err := p.b.SetOffer(p.Context(), o); err != nil {
		p.Fatal(err)
	}
	a, err := p.b.Answer(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	if _, err := p.a.SetAnswer(p.Context(), []byte(says(p.T, string(a), answered))); err != nil {
		p.Fatal(err)
	}
	return mustRead(p.T, string(o)).direction
}

// offered has the far end offer in that direction, with our hold set, and returns our answer's.
func (p *pair) offered(held bool, direction Direction) Direction {
	p.Helper()
	p.a.SetHold(held)
	o, err := p.b.Offer(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	if _, err := p.a.SetOffer(p.Context(), []byte(says(p.T, string(o), direction))); err != nil {
		p.Fatal(err)
	}
	a, err := p.a.Answer(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	if _, err := p.b.SetAnswer(p.Context(), a); err != nil {
		p.Fatal(err)
	}
	return mustRead(p.T, string(a)).direction
}

// TestTheDirectionOfferedIsOurWishAlone: whatever the far end said before, as offer or answer, an offer of ours, late
// or not, is sendrecv, or sendonly while we hold (RFC 6337 section 5.1); and when nobody holds any more both are heard.
//
// Holds: own-direction
func TestTheDirectionOfferedIsOurWishAlone(t *testing.T) {
	for _, c := range []struct {
		name   string
		before func(p *pair)
		held   bool // at the offer that is judged
	}{
		{"our hold was answered recvonly", func(p *pair) { p.offers(true, RecvOnly) }, false},
		{"our hold was answered inactive", func(p *pair) { p.offers(true, Inactive) }, false},
		{"our hold was answered sendrecv", func(p *pair) { p.offers(true, SendRecv) }, false},
		{"our hold was answered inactive twice", func(p *pair) {
			p.offers(true, Inactive)
			p.offers(true, Inactive)
		}, false},
		{"our hold goes on", func(p *pair) { p.offers(true, Inactive) }, true},
		{"they answered sendonly", func(p *pair) { p.offers(false, SendOnly) }, false},
		{"they answered inactive", func(p *pair) { p.offers(false, Inactive) }, false},
		{"they answered recvonly", func(p *pair) { p.offers(false, RecvOnly) }, false},
		{"they answered inactive, and we hold now", func(p *pair) { p.offers(false, Inactive) }, true},
		{"they offered sendonly", func(p *pair) { p.offered(false, SendOnly) }, false},
		{"they offered inactive", func(p *pair) { p.offered(false, Inactive) }, false},
		{"they offered recvonly", func(p *pair) { p.offered(false, RecvOnly) }, false},
		{"they offered sendonly, and we hold now", func(p *pair) { p.offered(false, SendOnly) }, true},
		{"both held", func(p *pair) { p.offers(true, RecvOnly); p.offered(true, SendOnly) }, false},
		{"both held, they first", func(p *pair) {
			p.offered(false, SendOnly)
			p.offers(true, Inactive)
		}, false},
		{"both held, and ours goes on", func(p *pair) { p.offers(true, RecvOnly); p.offered(true, Inactive) }, true},
		{"their offer was rolled back", func(p *pair) {
			o, _ := p.b.Offer(p.Context())
			if _, err := p.a.SetOffer(p.Context(), []byte(says(p.T, string(o), Inactive))); err != nil {
				p.Fatal(err)
			}
			for _, s := range []*Session{p.a, p.b} {
				if err := s.Rollback(p.Context()); err != nil {
					p.Fatal(err)
				}
			}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *pair) {
				p.T = t
				p.connect()
				c.before(p)
				want := SendRecv
				if c.held {
					want = SendOnly
				}
				if got := p.offers(c.held, SendRecv); got != want {
					t.Errorf("offered %v, want %v", got, want)
				}
				if got := p.offers(false, SendRecv); got != SendRecv || p.a.LocalDirection() != SendRecv {
					t.Errorf("resumed with %v: %v", got, p.a.LocalDirection())
				}
				p.offered(false, SendRecv)
				talk(t, p.a, p.b, "resumed", 10)
				talk(t, p.b, p.a, "resumed", 10)
			})
		})
	}
}

// TestBothHoldAndResumeInTurn: whoever resumes first is heard as soon as the other resumes too, and never before.
//
// Holds: own-direction
func TestBothHoldAndResumeInTurn(t *testing.T) {
	for _, c := range []struct {
		name  string
		holds string // who holds and resumes, in turn: "a" and "b", each a change of its mind
	}{
		{"the caller first, the caller first", "abab"},
		{"the caller first, the callee first", "abba"},
		{"the callee first, the caller first", "baab"},
		{"the callee first, the callee first", "baba"},
		{"the caller twice within the callee's", "baaaab"},
		{"each twice", "abababab"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *pair) {
				p.connect()
				held := map[*Session]bool{}
				for i, who := range c.holds {
					from, to := p.a, p.b
					if who == 'b' {
						from, to = p.b, p.a
					}
					held[from] = !held[from]
					from.SetHold(held[from])
					p.offer(from, to)
					for _, s := range []*Session{p.a, p.b} {
						other := map[*Session]*Session{p.a: p.b, p.b: p.a}[s]
						if want := directionOf(!held[other], !held[s]); s.LocalDirection() != want {
							t.Errorf("step %d: %v, want %v", i, s.LocalDirection(), want)
						}
					}
				}
				talk(t, p.a, p.b, "resumed", 10)
				talk(t, p.b, p.a, "resumed", 10)
			})
		})
	}
}

// TestWhatHoldsTheCall: the far end's direction, at whatever level, is hold; an address of nowhere is where ICE says
// where to send.
//
// Holds: own-direction
func TestWhatHoldsTheCall(t *testing.T) {
	const ice = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdabcdabcdabcdabcdabcd\r\n"
	const audio, video = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
	const nowhere = "c=IN IP4 0.0.0.0\r\n"
	for _, c := range []struct {
		name, sdp string
		want      bool
	}{
		{"nowhere, ICE", audio + nowhere + ice, false},
		{"nowhere, ICE of the session", ice + audio + nowhere, false},
		{"nowhere for the session, ICE", nowhere + audio + ice, false},
		{"nowhere, ICE of the bundle", "a=group:BUNDLE 0 1\r\n" + video + ice + "a=mid:0\r\n" + audio + nowhere +
			"a=mid:1\r\n", false},
		{"nowhere, ICE, sendrecv", audio + nowhere + ice + "a=sendrecv\r\n", false},
		{"nowhere, ICE, sendonly", audio + nowhere + ice + "a=sendonly\r\n", true},
		{"nowhere, ICE, recvonly", audio + nowhere + ice + "a=recvonly\r\n", false},
		{"nowhere, no ICE", audio + nowhere, true},
		{"nowhere for the session, no ICE", nowhere + audio, true},
		{"nowhere, no ICE, sendrecv", audio + nowhere + "a=sendrecv\r\n", false},
		{"inactive for the session", ice + "a=inactive\r\n" + audio, true},
		{"inactive for the session, the sound sendrecv", ice + "a=inactive\r\n" + audio + "a=sendrecv\r\n", false},
		{"sendonly for the session, the sound recvonly", ice + "a=sendonly\r\n" + audio + "a=recvonly\r\n", false},
		{"two sounds, both sendonly", ice + audio + "a=sendonly\r\n" + audio + "a=sendonly\r\n", true},
		{"two sounds, one goes on", ice + audio + "a=sendonly\r\n" + audio, false},
		{"two sounds, one switched off", ice + audio + "a=inactive\r\nm=audio 0 RTP/AVP 0\r\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			session, media, err := splitDescription("v=0\r\n" + c.sdp)
			if got := holds(session, media); got != c.want || err != nil {
				t.Errorf("held %v, %v", got, err)
			}
		})
	}
}

// TestTheDTLSRoleIsTheOther: each a=setup of an offer has one answer, and what an answer says or does not say one
// meaning (RFC 4145 section 4.1, RFC 5763 section 5); sound flows both ways with all of them.
//
// Holds: own-direction
func TestTheDTLSRoleIsTheOther(t *testing.T) {
	for _, c := range []struct {
		name, offered, answered string
	}{
		{"actpass", "actpass", "active"},
		{"active", "active", "passive"},
		{"passive", "passive", "active"},
		{"in capitals", "ACTIVE", "passive"},
		{"nothing", "", "passive"},
	} {
		t.Run("offer: "+c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *pair) {
				o, err := p.b.Offer(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got := reoffer(t, p.a, withSetup(t, string(o), c.offered))
				if got.setup != c.answered {
					t.Fatalf("answered %q, want %q", got.setup, c.answered)
				}
				if _, err := p.b.SetAnswer(t.Context(), []byte("v=0\r\n"+p.a.written)); err != nil {
					t.Fatal(err)
				}
				waitState(t, p.a, Connected)
				waitState(t, p.b, Connected)
				// The association stays, whatever a later offer says, and so does the sound.
				for _, again := range []struct{ offered, answered string }{
					{"actpass", c.answered},
					{c.answered, opposite(c.answered)},
					{"", c.answered},
					{opposite(c.answered), c.answered},
				} {
					before := p.a.current.Load()
					o, err := p.b.Offer(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					got := reoffer(t, p.a, withSetup(t, string(o), again.offered))
					if got.setup != again.answered || p.a.current.Load() != before || p.a.inUse() != before {
						t.Errorf("%q is answered %q, want %q", again.offered, got.setup, again.answered)
					}
				}
				talk(t, p.a, p.b, "on", 10)
				talk(t, p.b, p.a, "on", 10)
			})
		})
	}
	for _, c := range []struct {
		name, answered string
		opens          bool // we do
	}{
		{"active", "active", false},
		{"passive", "passive", true},
		{"nothing", "", true},
		{"still open", "actpass", false},
		{"in capitals", "Passive", true},
	} {
		t.Run("answer: "+c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *pair) {
				role := active
				if c.opens {
					role = passive
				}
				o, err := p.a.Offer(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				reoffer(t, p.b, withSetup(t, string(o), opposite(role)))
				answer := withSetup(t, "v=0\r\n"+p.b.written, c.answered)
				if _, err := p.a.SetAnswer(t.Context(), []byte(answer)); err != nil {
					t.Fatal(err)
				}
				waitState(t, p.a, Connected)
				waitState(t, p.b, Connected)
				talk(t, p.a, p.b, "up", 10)
				talk(t, p.b, p.a, "up", 10)
			})
		})
	}
}

// withSetup states another DTLS role, or none.
func withSetup(t *testing.T, sdp, role string) string {
	t.Helper()
	for _, was := range []string{active, passive, actpass} {
		if old := "a=setup:" + was + "\r\n"; strings.Contains(sdp, old) {
			if role == "" {
				return replaceOnce(t, sdp, old, "")
			}
			return replaceOnce(t, sdp, old, fmt.Sprintf("a=setup:%s\r\n", role))
		}
	}
	t.Fatalf("no role in\n%s", sdp)
	return ""
}

// TestAnsweredDirectionIsWhatBothWish: RFC 3264 section 6.1, stated for the sound or for the session.
//
// Holds: own-direction
func TestAnsweredDirectionIsWhatBothWish(t *testing.T) {
	for _, c := range []struct {
		name    string
		held    bool
		offered Direction
		want    Direction
		told    netsip.RemoteMedia
	}{
		{"sendrecv", false, SendRecv, SendRecv, netsip.RemoteMedia{}},
		{"sendonly", false, SendOnly, RecvOnly, netsip.RemoteMedia{Direction: SendOnly, Held: true}},
		{"recvonly", false, RecvOnly, SendOnly, netsip.RemoteMedia{Direction: RecvOnly}},
		{"inactive", false, Inactive, Inactive, netsip.RemoteMedia{Direction: Inactive, Held: true}},
		{"sendrecv, held by us", true, SendRecv, SendOnly, netsip.RemoteMedia{}},
		{"sendonly, held by us", true, SendOnly, Inactive, netsip.RemoteMedia{Direction: SendOnly, Held: true}},
		{"recvonly, held by us", true, RecvOnly, SendOnly, netsip.RemoteMedia{Direction: RecvOnly}},
		{"inactive, held by us", true, Inactive, Inactive, netsip.RemoteMedia{Direction: Inactive, Held: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *pair) {
				p.connect()
				o, err := p.b.Offer(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				line := "a=" + c.offered.String() + "\r\n"
				for level, sdp := range map[string]string{
					"sound": says(t, string(o), c.offered),
					"session": replaceOnce(t, replaceOnce(t, string(o), "a=sendrecv\r\n", ""),
						"t=0 0\r\n", "t=0 0\r\n"+line),
				} {
					p.a.SetHold(c.held)
					told, err := p.a.SetOffer(t.Context(), []byte(sdp))
					if err != nil || told != c.told {
						t.Errorf("%s: told %+v, %v", level, told, err)
					}
					a, err := p.a.Answer(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if got := mustRead(t, string(a)).direction; got != c.want || p.a.LocalDirection() != c.want {
						t.Errorf("%s: answered %v, want %v", level, got, c.want)
					}
				}
			})
		})
	}
}
