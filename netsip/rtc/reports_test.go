package rtc

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// arriving plays packets of a far end to a session.
type arriving struct {
	s  *Session
	h  rtp.Header
	at time.Time
}

func newArriving(seq uint16) *arriving {
	a := &arriving{s: &Session{}, at: time.Unix(1000, 0)}
	a.h.SSRC, a.h.SequenceNumber = 1, seq
	a.agree(SendRecv, SendRecv)
	return a
}

// agree makes another agreement.
func (a *arriving) agree(local, remote Direction) {
	agreed := &agreement{audio: []Codec{{Name: "PCMU", ClockRate: 8000}}, local: local, remote: remote}
	agreed.receive[0] = agreed.audio[0]
	a.s.settle(&description{}, agreed, firstSections())
}

// come lets n packets arrive, of each hundred the first lost of which are missing.
func (a *arriving) come(n, lost int) {
	for i := range n {
		if i%100 >= lost || i == 0 || i == n-1 {
			a.s.arrived(&a.h, []byte{1}, a.at)
		}
		a.pass(1, true)
	}
}

// pass lets the time of n packets go by; counting tells whether the far end numbers what does not come.
func (a *arriving) pass(n int, counting bool) {
	a.at = a.at.Add(time.Duration(n) * 20 * time.Millisecond)
	a.h.Timestamp += uint32(160 * n)
	if counting {
		a.h.SequenceNumber += uint16(n)
	}
}

// TestHeldTimeAndSilenceAreNoLoss: only what had to come is missed (RFC 3550 appendix A.3, in intervals).
//
// Holds: true-quality
func TestHeldTimeAndSilenceAreNoLoss(t *testing.T) {
	hold := func(a *arriving, local, remote Direction, counting bool) {
		a.agree(local, remote)
		a.pass(1000, counting) // 20 s
		a.agree(SendRecv, SendRecv)
	}
	for _, v := range []struct {
		name string
		do   func(a *arriving)
		loss float64 // percent
	}{
		{"no hold", func(a *arriving) { a.come(1000, 3); a.come(1000, 3) }, 2.9},
		{
			"we hold, the far end counts on",
			func(a *arriving) { a.come(1000, 3); hold(a, SendOnly, RecvOnly, true); a.come(1000, 3) }, 2.9,
		},
		{"we hold, the far end stops", func(a *arriving) {
			a.come(1000, 3)
			hold(a, SendOnly, RecvOnly,
				false)
			a.come(1000, 3)
		}, 2.9},
		{
			"the far end holds and counts on",
			func(a *arriving) { a.come(1000, 3); hold(a, RecvOnly, SendOnly, true); a.come(1000, 3) }, 2.9,
		},
		{"both hold", func(a *arriving) { a.come(1000, 0); hold(a, Inactive, Inactive, true); a.come(1000, 0) }, 0},
		{"held many times", func(a *arriving) {
			for range 20 {
				a.come(200, 0)
				hold(a, Inactive, Inactive, true)
			}
		}, 0},
		{"half of what comes on hold is missing", func(a *arriving) {
			a.come(1000, 0)
			a.agree(Inactive, Inactive)
			a.come(1000, 50)
			a.agree(SendRecv, SendRecv)
			a.come(1000, 0)
		}, 0},
		{"music of another source, then the first counted on", func(a *arriving) {
			a.come(1000, 0)
			before := a.h
			a.h.SSRC, a.h.SequenceNumber = 2, 40000
			a.come(500, 0)
			a.h = before
			a.pass(500, true)
			a.come(1000, 0)
		}, 0},
		{"another number after a re-INVITE", func(a *arriving) {
			a.come(1000, 0)
			a.agree(SendRecv, SendRecv)
			a.h.SequenceNumber += 2000
			a.come(1000, 0)
		}, 0},
		{
			"another number on another transport",
			func(a *arriving) { a.come(1000, 0); a.s.figures.interval(); a.h.SequenceNumber += 500; a.come(1000, 0) },
			0,
		},
		{"early media and then the callee's", func(a *arriving) {
			a.come(300, 0)
			a.agree(SendRecv, SendRecv)
			a.h.SequenceNumber += 900
			a.come(1000, 0)
		}, 0},
		{"silence that is not sent", func(a *arriving) { a.come(500, 0); a.pass(400, false); a.come(500, 0) }, 0},
		{"numbers that wrap round while held", func(a *arriving) {
			a.h.SequenceNumber = 65000
			a.come(500, 0)
			hold(a, Inactive, Inactive, true)
			a.come(1000, 0)
		}, 0},
		{"an outage in a call", func(a *arriving) { a.come(900, 0); a.pass(100, true); a.come(1000, 0) }, 5},
		{"late packets are not lost", func(a *arriving) {
			a.come(100, 0)
			late := a.h
			a.pass(1, true)
			a.come(100, 0)
			a.s.arrived(&late, []byte{1}, a.at)
		}, 0},
	} {
		t.Run(v.name, func(t *testing.T) {
			a := newArriving(100)
			v.do(a)
			s := a.s.Stats()
			if got := 100 * float64(s.PacketsLost) / float64(s.PacketsExpected); math.Abs(got-v.loss) > 0.5 {
				t.Errorf("%d of %d lost: %.1f %%, want %.1f %%", s.PacketsLost, s.PacketsExpected, got, v.loss)
			}
		})
	}
}

// TestReportsGoOnOverIntervals: the highest number in our reports only grows (RFC 3550 section 6.4.1), and the fraction
// is of the interval.
func TestReportsGoOnOverIntervals(t *testing.T) {
	a := newArriving(65500)
	a.come(20, 0)
	before := a.s.figures.reports(a.at)[0]
	a.agree(Inactive, Inactive)
	a.pass(500, true)
	a.agree(SendRecv, SendRecv)
	a.come(20, 0)
	after := a.s.figures.reports(a.at)[0]
	if got := after.LastSequenceNumber - before.LastSequenceNumber; got != 520 || after.FractionLost != 0 ||
		after.TotalLost != 0 {
		t.Errorf("%+v after %+v", after, before)
	}
}

// TestReportsAreFollowedCalmly: up at once, down slowly, and without swinging, however often they come.
func TestReportsAreFollowedCalmly(t *testing.T) {
	const s, m = time.Second, time.Minute
	for name, c := range map[string]struct {
		every       time.Duration
		reports     []float64     // percent, again and again
		then        time.Duration // without loss, after a minute
		least, most float64       // percent followed in the minute
		changes     int           // of RED in it
		red         bool          // and what that is then
		after       float64       // followed in the end, at most
		still       bool          // RED in the end
	}{
		"none":                     {s, []float64{0}, m, 0, 0, 0, false, 0, false},
		"one packet now and then":  {s, []float64{2, 0}, 15 * s, 1.8, 2, 0, false, 0.5, false},
		"about the limit":          {s, []float64{3.1, 2.9, 0, 1.5}, 0, 2.3, 3.1, 1, true, 3.1, true},
		"in bursts":                {s, []float64{20, 0, 0, 0}, 5 * s, 14, 20, 1, true, 10, true},
		"much, and then none":      {s, []float64{10}, 31 * s, 10, 10, 1, true, 0.5, false},
		"reports every 5 s":        {5 * s, []float64{2.9, 0}, 0, 1.7, 2.9, 0, false, 2.9, false},
		"reports 5 times a second": {s / 5, []float64{10, 0, 0, 0, 0}, 0, 9, 10, 1, true, 10, true},
		"everything":               {s, []float64{100}, m, 100, 100, 1, true, 0.5, false},
	} {
		var calm calmLoss
		var red redNeed
		now, changes, before := time.Unix(1000, 0), 0, false
		report := func(percent float64) {
			calm.report(percent/100, now)
			if red.report(percent/100, now); red.sent != before {
				changes, before = changes+1, red.sent
			}
			now = now.Add(c.every)
		}
		for i := range int(m / c.every) {
			report(c.reports[i%len(c.reports)])
			if got := 100 * calm.level; got < c.least || got > c.most+1e-9 {
				t.Errorf("%s: report %d is followed as %.2f %%", name, i, got)
			}
		}
		if changes != c.changes || red.sent != c.red {
			t.Errorf("%s: RED changed %d times and is %v", name, changes, red.sent)
		}
		for range int(c.then / c.every) {
			report(0)
		}
		if got := 100 * calm.level; got > c.after+1e-9 || red.sent != c.still {
			t.Errorf("%s: in the end followed as %.2f %%, RED %v", name, got, red.sent)
		}
	}
}
