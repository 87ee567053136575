package phone

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestHeldCallIsAsGoodAsBefore: the time on hold is neither sound made up nor delay, at neither end.
//
// Holds: true-quality
func TestHeldCallIsAsGoodAsBefore(t *testing.T) {
	for _, v := range []struct {
		name          string
		alice, bob    bool // holds
		times         int
		long, between time.Duration
	}{
		{"the caller holds", true, false, 1, 10 * time.Second, 3 * time.Second},
		{"the callee holds", false, true, 1, 10 * time.Second, 3 * time.Second},
		{"both hold", true, true, 1, 10 * time.Second, 3 * time.Second},
		{"held again and again", true, false, 5, 2 * time.Second, time.Second},
		{"held for minutes", false, true, 1, 3 * time.Minute, 3 * time.Second},
		{"held for a moment", true, false, 1, 300 * time.Millisecond, 3 * time.Second},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				mine, theirs := alice.talk(bob)
				time.Sleep(3 * time.Second)
				for range v.times {
					for _, on := range []bool{true, false} {
						if v.alice {
							alice.SetHold(mine.ID, on)
						}
						if v.bob {
							bob.SetHold(theirs.ID, on)
						}
						if on {
							time.Sleep(v.long)
						} else {
							time.Sleep(v.between)
						}
					}
				}
				for _, p := range []*testPhone{alice, bob} {
					q := p.State().Calls[0].Quality
					if q.ConcealedFrac > 0.01 || q.LossPercent > 0 || q.Delay() > 100*time.Millisecond {
						t.Errorf("%s: %.1f %% made up, %.1f %% lost, a delay of %v", p.name, 100*q.ConcealedFrac,
							q.LossPercent, q.Delay())
					}
				}
			})
		})
	}
}
