package audio

import "time"

// How many Frames a burst has at most, and after how many Frames without one as long fewer are believed in.
const (
	burstsMost = 10
	burstsCalm = 200
)

// bursts knows that whoever plays may want several Frames at once, all but the first of which are heard later. The zero
// value is one at a time.
//
// With bursts of a length, packets of another one are looked for at changing times before they are heard: those times
// are apart by the greatest length of which both are multiples (unit).
type bursts struct {
	last   time.Time // when a Frame was wanted
	before int       // samples wanted in this burst before
	most   int       // samples of the longest burst lately
	unit   int       // samples that all bursts lately are multiples of
	calm   int       // Frames since then
}

// frame notes that a Frame is wanted now.
func (b *bursts) frame(now time.Time) {
	if now.Sub(b.last) < frameTime/2 {
		b.before = min(b.before+FrameSamples, (burstsMost-1)*FrameSamples)
	} else {
		b.ended(b.before + FrameSamples)
		b.before = 0
	}
	b.last = now
	b.calm++
	b.most = max(b.most, b.before+FrameSamples)
}

// ended notes how long a burst was.
func (b *bursts) ended(samples int) {
	switch {
	case b.calm > burstsCalm:
		b.most, b.unit, b.calm = samples, samples, 0
	case samples == b.most:
		b.calm = 0
	}
	b.unit = divisor(b.unit, samples)
}

// ahead is by how much a packet of so many samples is looked for before it is heard, at least in some burst, and in
// what steps another delay changes that.
func (b *bursts) ahead(packet int) (least, step time.Duration) {
	unit := divisor(max(b.unit, FrameSamples), packet)
	return duration(int64(max(0, b.most-unit))), duration(int64(unit))
}

// divisor is the greatest number of which both are multiples; 0 is one of each.
func divisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
