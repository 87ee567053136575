package audio

import "time"

// How many Frames a burst has at most, after how many Frames without one as long fewer are believed in, and how many
// samples are at the first time.
const (
	burstsMost = 10
	burstsCalm = 200
	burstsSure = PacketFrames * FrameSamples
)

// bursts knows that whoever plays may want several Frames at once, all but the first of which are heard later. The zero
// value is one at a time. More than a packet is believed in when it has come twice lately: what came once may be a
// device that catches up with what it did not take while it stood still, and all of that had come meanwhile.
//
// With bursts of a length, packets of another one are looked for at changing times before they are heard: those times
// are apart by the greatest length of which both are multiples (unit).
type bursts struct {
	last   time.Time // when a Frame was wanted
	before int       // samples wanted in this burst before
	most   int       // samples of the longest burst lately that is believed in
	unit   int       // samples that all bursts lately are multiples of
	calm   int       // Frames since one as long
	once   int       // samples of a longer one, which has come once; 0 = none
	since  int       // Frames since then
}

// frame notes that a Frame is wanted now.
func (b *bursts) frame(now time.Time) {
	switch {
	case now.Sub(b.last) < frameTime/2:
		b.before = min(b.before+FrameSamples, (burstsMost-1)*FrameSamples)
	case !b.last.IsZero():
		b.ended(b.before + FrameSamples)
		b.before = 0
	}
	b.last = now
	b.calm++
	b.since++
	b.most = max(b.most, min(b.before+FrameSamples, burstsSure))
}

// ended notes how long a burst was.
func (b *bursts) ended(samples int) {
	if b.since > burstsCalm {
		b.once = 0
	}
	if b.calm > burstsCalm {
		b.most, b.unit, b.calm = min(samples, burstsSure), 0, 0
	}
	if samples > b.most {
		believed := min(samples, b.once)
		b.once, b.since = max(samples, b.once), 0
		if believed <= b.most {
			return
		}
		if b.most, samples = believed, believed; b.once == believed {
			b.once = 0
		}
	}
	if samples == b.most {
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
