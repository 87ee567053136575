package dsp

import "math"

const (
	shiftReach  = 8 // samples either way that are weighed for the sound between two samples
	shiftPhases = 256
)

// shifter takes a stream to a rate a few parts in a million off.
type shifter struct {
	taps []float32 // by phases
	past []float32
	at   float64 // index in past of what comes out next
	rate float64 // samples in for each one out
}

// newShifter returns one for blocks of at most most samples.
func newShifter(most int) *shifter {
	const row = 2 * shiftReach
	s := &shifter{
		taps: make([]float32, (shiftPhases+1)*row), past: make([]float32, row, 2*row+most), at: shiftReach, rate: 1,
	}
	for i := range s.taps {
		t := float64(i%row-shiftReach+1) - float64(i/row)/shiftPhases
		s.taps[i] = float32(sinc(t) * kaiser(t/(shiftReach+0.5)))
	}
	return s
}

// process appends what x gives to dst.
func (s *shifter) process(dst, x []float32) []float32 {
	const row = 2 * shiftReach
	s.past = append(s.past, x...)
	for int(s.at)+shiftReach < len(s.past) {
		whole := int(s.at)
		phase := int((s.at-float64(whole))*shiftPhases + 0.5)
		taps, window := s.taps[phase*row:][:row], s.past[whole-shiftReach+1:][:row]
		var sum float32
		for k, c := range taps {
			sum += c * window[k]
		}
		dst = append(dst, sum)
		s.at += s.rate
	}
	if drop := int(s.at) - shiftReach; drop > 0 {
		s.past = s.past[:copy(s.past, s.past[drop:])]
		s.at -= float64(drop)
	}
	return dst
}

const (
	driftParts = 4 // of the filter that are looked at, …
	driftLow   = 4
	driftHigh  = 100 // … between these bins
	driftHops  = 40  // with an echo from look to look
	driftAlike = 0.8 // with the filter of the look before, from which on it is the same room
	driftClear = 3e-6
	driftMost  = 300e-6
)

// driftMeter finds by how much faster the microphone's clock runs than the loudspeaker's: how the delay in the filter
// grows from look to look.
type driftMeter struct {
	before [driftParts][]complex64 // the filter at the last look, from its part from on
	from   int
	some   bool
	hops   int // since then, …
	echoes int // … and those with an echo
	last   float64
	cross  []complex64
}

func newDriftMeter() *driftMeter {
	m := &driftMeter{cross: make([]complex64, driftHigh)}
	for i := range m.before {
		m.before[i] = make([]complex64, echoBins)
	}
	return m
}

// reset forgets the last look.
func (m *driftMeter) reset() { m.some, m.hops, m.echoes = false, 0, 0 }

// look is told of each hop whether there is an echo in it. It returns by how much the rate of what was played is to
// change, which is nearly always 0.
func (m *driftMeter) look(f *echoFilter, echo bool) (change float64) {
	m.hops++
	if echo {
		m.echoes++
	}
	if !echo || m.echoes < driftHops {
		return 0
	}
	if m.some {
		change = m.compare(f)
	}
	m.from = min(max(0, f.main-1), echoParts-driftParts)
	for i := range m.before {
		copy(m.before[i], f.w[m.from+i])
	}
	m.some, m.hops, m.echoes = true, 0, 0
	return change
}

// compare fits a line through the phases by which the filter has turned.
func (m *driftMeter) compare(f *echoFilter) float64 {
	var slope, weight, now, before, alike float64
	for k := driftLow; k < driftHigh; k++ {
		var c complex64
		for i, old := range m.before {
			w := f.w[m.from+i][k]
			c += across(w, old[k])
			now += float64(square(w))
			before += float64(square(old[k]))
		}
		m.cross[k] = c
		size := math.Sqrt(float64(square(c))) * float64(k)
		slope += size * math.Atan2(float64(imag(c)), float64(real(c)))
		weight += size * float64(k)
	}
	slope /= weight + 1e-30
	for k := driftLow; k < driftHigh; k++ {
		sin, cos := math.Sincos(slope * float64(k))
		alike += float64(real(m.cross[k]))*cos + float64(imag(m.cross[k]))*sin
	}
	if alike < driftAlike*math.Sqrt(now*before) {
		return 0
	}
	// A delay that grows by one sample turns bin k by -2πk/(2·echoHop).
	drift := slope * 2 * echoHop / (2 * math.Pi) / float64(echoHop*m.hops)
	share := 0.1
	if drift*m.last > driftClear*driftClear { // twice to the same side
		share = 0.5
	}
	m.last = drift
	return share * drift
}
