package rtc

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/transport/v5/vnet"

	"calla/netsip"
)

// TestOfferedDirections: who holds does not offer to listen (RFC 3264 section 8.4); what the other wants does not
// matter (RFC 6337 section 5.1), and cuts the agreement.
func TestOfferedDirections(t *testing.T) {
	for _, c := range []struct {
		byThem, byUs bool
		want         Direction
	}{
		{false, false, SendRecv},
		{false, true, SendOnly},
		{true, false, SendRecv},
		{true, true, SendOnly},
	} {
		inBubble(t, func(t *testing.T, p *pair) {
			p.connect()
			p.b.SetHold(c.byThem)
			p.offer(p.b, p.a)
			p.a.SetHold(c.byUs)
			o, a := p.offer(p.a, p.b)
			if got := mustRead(t, o).direction; got != c.want {
				t.Errorf("held by them %v, by us %v: offered %v, want %v", c.byThem, c.byUs, got, c.want)
			}
			agreed := directionOf(!c.byThem, !c.byUs)
			if p.a.LocalDirection() != agreed || p.b.RemoteDirection() != c.want {
				t.Errorf("directions %v, %v", p.a.LocalDirection(), p.b.RemoteDirection())
			}
			if theirs := mustRead(t, a).direction; theirs.Receives() == c.byThem {
				t.Errorf("they answered %v", theirs)
			}
			// Whoever resumes first, both are heard in the end.
			for _, s := range []*Session{p.a, p.b} {
				s.SetHold(false)
				p.offer(s, map[*Session]*Session{p.a: p.b, p.b: p.a}[s])
			}
			if p.a.LocalDirection() != SendRecv || p.b.LocalDirection() != SendRecv {
				t.Errorf("after both resumed: %v, %v", p.a.LocalDirection(), p.b.LocalDirection())
			}
			talk(t, p.a, p.b, "resumed", 10)
			talk(t, p.b, p.a, "resumed", 10)
		})
	}
}

// TestRollbackOfAnOffer: RFC 6141 section 3.1.
func TestRollbackOfAnOffer(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		p.connect()
		before := p.a.current.Load()
		for _, restart := range []bool{false, true} {
			p.a.SetHold(true)
			if restart {
				p.a.RestartICE()
			}
			if _, err := p.a.Offer(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.a.SetHold(false)
			if err := p.a.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
			if p.a.current.Load() != before || p.a.offered != nil || p.a.LocalDirection() != SendRecv {
				t.Errorf("restart %v: not as before", restart)
			}
			talk(t, p.a, p.b, "as before", 10)
			talk(t, p.b, p.a, "as before", 10)
		}
		p.offer(p.b, p.a) // the far end's turn
		p.offer(p.a, p.b) // the restart is still wanted
		waitState(t, p.a, Connected)
		talk(t, p.a, p.b, "moved", 10)
	})
}

func TestRollbackOfAReceivedOffer(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		p.connect()
		p.a.RestartICE()
		o, err := p.a.Offer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.b.SetOffer(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*Session{p.a, p.b} {
			if err := s.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if p.b.received != nil {
			t.Error("offer still there")
		}
		talk(t, p.a, p.b, "as before", 10)
		talk(t, p.b, p.a, "as before", 10)
		p.offer(p.b, p.a)
	})
}

func TestRollbackWithoutAnOffer(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		if err := p.a.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
		p.connect()
		if err := p.a.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
		p.offer(p.a, p.b)
	})
}

func TestDeadPathIsToldOnceAndSoIsItsReturn(t *testing.T) {
	var mu sync.Mutex
	cut := false
	filter := func(vnet.Chunk) bool { mu.Lock(); defer mu.Unlock(); return !cut }
	set := func(v bool) { mu.Lock(); cut = v; mu.Unlock() }
	inBubbleOn(t, filter, nil, nil, func(t *testing.T, p *pair) {
		var told []bool
		p.a.OnPath(func(alive bool) { mu.Lock(); told = append(told, alive); mu.Unlock() })
		p.connect()
		set(true)
		time.Sleep(40 * time.Second) // disconnected, then failed
		set(false)
		p.a.RestartICE()
		p.offer(p.a, p.b)
		waitState(t, p.b, Connected)
		for p.a.State() != Connected {
			time.Sleep(time.Millisecond)
		}
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(told, []bool{false, true}) {
			t.Errorf("told %v", told)
		}
	})
}

// TestHoldIsToldWithOffersAndAnswers: what a description wants comes back with it.
func TestHoldIsToldWithOffersAndAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		byThem, byUs bool
		offered      netsip.RemoteMedia // told to b of a's offer
		answered     netsip.RemoteMedia // told to a of b's answer
	}{
		"nobody holds": {},
		"who offers holds": {
			byUs:     true,
			offered:  netsip.RemoteMedia{Direction: SendOnly, Held: true},
			answered: netsip.RemoteMedia{Direction: RecvOnly},
		},
		"who answers holds": {
			byThem:   true,
			offered:  netsip.RemoteMedia{},
			answered: netsip.RemoteMedia{Direction: SendOnly, Held: true},
		},
		"both hold": {
			byThem: true, byUs: true,
			offered:  netsip.RemoteMedia{Direction: SendOnly, Held: true},
			answered: netsip.RemoteMedia{Direction: Inactive, Held: true},
		},
	} {
		inBubble(t, func(t *testing.T, p *pair) {
			p.connect()
			p.b.SetHold(c.byThem)
			p.offer(p.b, p.a)
			p.a.SetHold(c.byUs)
			o, err := p.a.Offer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			offered, err := p.b.SetOffer(t.Context(), o)
			if err != nil || offered != c.offered {
				t.Errorf("%s: the offer wants %+v, %v", name, offered, err)
			}
			answer, err := p.b.Answer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			answered, err := p.a.SetAnswer(t.Context(), answer)
			if err != nil || answered != c.answered {
				t.Errorf("%s: the answer wants %+v, %v", name, answered, err)
			}
		})
	}
}

// TestHoldIsForgottenOnlyByWhoHolds: what the far end wanted holds on through an exchange that says nothing of it.
func TestHoldIsForgottenOnlyByWhoHolds(t *testing.T) {
	inBubble(t, func(t *testing.T, p *pair) {
		p.connect()
		p.b.SetHold(true)
		p.offer(p.b, p.a)
		for range 2 { // refreshes of ours
			o, err := p.a.Offer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.b.SetOffer(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			answer, err := p.b.Answer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			silent := strings.Replace(string(answer), "a=sendonly", "a=inactive", 1)
			if told, err := p.a.SetAnswer(t.Context(), []byte(silent)); err != nil || !told.Held {
				t.Errorf("told %+v, %v", told, err)
			}
		}
		p.b.SetHold(false)
		o, err := p.b.Offer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if told, err := p.a.SetOffer(t.Context(), o); err != nil || told.Held {
			t.Errorf("resumed: told %+v, %v", told, err)
		}
	})
}

// TestHoldIsReadFromEverySoundAndPicture: RFC 3264 section 8.4, and the address 0.0.0.0 of RFC 2543.
func TestHoldIsReadFromEverySoundAndPicture(t *testing.T) {
	const audio = "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8\r\n"
	for sdp, want := range map[string]bool{
		"v=0\r\n" + audio:                                                                                  false,
		"v=0\r\n" + audio + "a=sendonly\r\n":                                                               true,
		"v=0\r\n" + audio + "a=inactive\n":                                                                 true,
		"v=0\r\n" + audio + "a=recvonly\r\n":                                                               false,
		"v=0\r\na=sendonly\r\n" + audio:                                                                    true,
		"v=0\r\na=sendonly\r\n" + audio + "a=sendrecv\r\n":                                                 false,
		"v=0\r\nc=IN IP4 0.0.0.0\r\n" + audio:                                                              true,
		"v=0\r\nc=IN IP4 0.0.0.0\r\n" + audio + "a=sendrecv\r\n":                                           false,
		"v=0\r\n" + audio + "a=sendonly\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n":                             false,
		"v=0\r\n" + audio + "a=sendonly\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\nm=application 9 x y\r\n":      true,
		"v=0\r\n" + audio + "c=IN IP4 0.0.0.0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 192.0.2.1\r\n": false,
		"v=0\r\nc=IN IP4 0.0.0.0\r\n" + audio + "c=IN IP4 192.0.2.1\r\n":                                   false,
		"v=0\r\n": false,
	} {
		session, media, err := splitDescription(sdp)
		if got := holds(session, media); got != want || err != nil {
			t.Errorf("%q: %v, %v", sdp, got, err)
		}
	}
}
