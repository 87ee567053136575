package rtc

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/transport/v5/vnet"
)

// TestOfferedDirections: RFC 3264 section 8.4 and JsSIP's table: who is held does not offer to send, who holds
// does not offer to listen.
func TestOfferedDirections(t *testing.T) {
	for _, c := range []struct {
		byThem, byUs bool
		want         Direction
	}{
		{false, false, SendRecv},
		{false, true, SendOnly},
		{true, false, RecvOnly},
		{true, true, Inactive},
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
			if p.a.LocalDirection() != c.want || p.b.RemoteDirection() != c.want {
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
		if err := p.b.SetOffer(t.Context(), o); err != nil {
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
