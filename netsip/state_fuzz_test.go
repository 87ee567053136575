package netsip

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/config"
)

// The stateful fuzz: a far end that draws what it does next, legal or not, and a user who does anything at any time.
// CALLA_FUZZ_STEPS sets how many steps, CALLA_FUZZ_SEED the first seed; `make fuzz-state` runs a million.

const stepsOfARound = 1000 // one user agent lives so long

// Whatever the far end does, in the end no call, dialog or transaction is left, every request has had its one final
// response, and memory does not grow.
func TestNothingIsStuckWhateverTheFarEndDoes(t *testing.T) {
	number := func(name string, fallback int) int {
		n, err := strconv.Atoi(os.Getenv(name))
		if err != nil {
			return fallback
		}
		return n
	}
	steps, first := number("CALLA_FUZZ_STEPS", 15_000), number("CALLA_FUZZ_SEED", 0)
	if testing.Short() {
		steps = 2000
	}
	rounds := max(1, steps/stepsOfARound)
	var early, late uint64
	for round := range rounds {
		fuzzRound(t, uint64(first+round))
		if t.Failed() {
			return
		}
		if round == rounds/10 {
			early = heap()
		}
	}
	late = heap()
	t.Logf("%d steps, heap %d kB after a tenth, %d kB at the end", rounds*stepsOfARound, early>>10, late>>10)
	if rounds >= 10 && late > early+4<<20 {
		t.Errorf("heap grew from %d to %d octets", early, late)
	}
}

func fuzzRound(t *testing.T, seed uint64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("seed %d", seed)
			}
		})
		r := rand.New(rand.NewPCG(seed, 7))
		c := testConfig()
		c.NoAnswerTimeout = 20
		if r.IntN(3) == 0 {
			c.Calla.ReliableProvisional = config.ReliableRequired
		}
		b := newBench(t, c)
		b.media.next.delay = time.Duration(r.IntN(3)) * 400 * time.Millisecond
		m := newMischief(b, r)
		b.tune = m.listen
		b.start()
		m.w = b.next()
		for range stepsOfARound {
			m.step()
		}
		m.rest()
		b.clean()
		b.do(func() {
			for _, s := range m.sessions {
				if s.state != SessionEnded || s.end == nil {
					t.Errorf("a call is %v", s.state)
				}
			}
			m.keepAccount()
			for _, wrong := range m.ledger.judge() {
				t.Error(wrong)
			}
			if ua := b.ua; ua.calls.asked != nil ||
				len(ua.events.subscriptions)+len(ua.events.notifiers)+len(ua.events.publications) != 0 {
				t.Errorf("left: referral %v, %d subscriptions, %d notifiers, %d publications", ua.calls.asked,
					len(ua.events.subscriptions), len(ua.events.notifiers), len(ua.events.publications))
			}
		})
	})
}
