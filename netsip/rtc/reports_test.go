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
