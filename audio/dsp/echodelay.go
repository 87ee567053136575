package dsp

import "math"

const (
	findRatio = 4                   // of the canceller's rate to the one at which the delay is looked for, 4 kHz
	findHop   = echoHop / findRatio // samples
	findNear  = 2048                // samples of the microphone that are compared at a time: half a second, …
	findFar   = 2 * findNear        // … with as many of the loudspeaker and half a second before them
	findEvery = 12                  // hops from look to look
	findKeep  = 0.7                 // so much of what earlier looks have seen is kept
	findLow   = 150 * findFar / 4000
	findHigh  = 1800 * findFar / 4000 // bins between which there is speech in both
	findClear = 40                    // power of the highest peak against the mean from which on it is one, …
	findSure  = 200                   // … and from which on it needs no second look
	findSame  = 8                     // samples within which two looks see the same
	findQuiet = findFar * 1e-7        // energy: -70 dBFS
)

// delayFinder finds by how much the echo comes after what is played, up to half a second: the lag at which the phases
// of what the microphone hears and of what the loudspeaker played agree most, at all frequencies alike.
type delayFinder struct {
	fft                 *RealFFT
	nearDown, farDown   *decimator
	near, far           []float32 // the last findNear and findFar
	block               []float32
	nearSpec, farSpec   []complex64
	cross               []complex64
	nearPower, farPower []float32
	hops                int // since the last look
	lag                 int // samples, of the last look that saw one
	seen                int // looks in a row that saw the same
}

func newDelayFinder() *delayFinder {
	const bins, reach = findFar/2 + 1, 32
	return &delayFinder{
		fft:      NewRealFFT(findFar),
		nearDown: newDecimator(findRatio, reach, echoHop), farDown: newDecimator(findRatio, reach, echoHop),
		near: make([]float32, findNear, findNear+findHop), far: make([]float32, findFar, findFar+findHop),
		block: make([]float32, findFar), nearSpec: make([]complex64, bins), farSpec: make([]complex64, bins),
		cross: make([]complex64, bins), nearPower: make([]float32, bins), farPower: make([]float32, bins),
	}
}

// reset forgets what it has seen.
func (d *delayFinder) reset() {
	clear(d.cross)
	clear(d.nearPower)
	clear(d.farPower)
	d.seen = 0
}

// hear takes a hop of what was played.
func (d *delayFinder) hear(x []float32) {
	d.far = d.farDown.process(d.far, x)
	d.far = d.far[:copy(d.far, d.far[len(d.far)-findFar:])]
}

// look takes a hop of the microphone and now and then looks for the lag, in samples of its rate. What was played is
// behind by this many hops.
func (d *delayFinder) look(x []float32, behind int) (lag int, found bool) {
	d.near = d.nearDown.process(d.near, x)
	d.near = d.near[:copy(d.near, d.near[len(d.near)-findNear:])]
	if d.hops++; d.hops < findEvery {
		return 0, false
	}
	d.hops = 0
	clear(d.block)
	copy(d.block, d.far[min(behind*findHop, findFar):])
	if energy(d.block) < findQuiet || energy(d.near) < findQuiet {
		return 0, false
	}
	d.fft.Forward(d.farSpec, d.block)
	clear(d.block[:findNear])
	copy(d.block[findNear:], d.near)
	d.fft.Forward(d.nearSpec, d.block)
	for k := findLow; k < findHigh; k++ {
		near, far := d.nearSpec[k], d.farSpec[k]
		c, now := d.cross[k], across(near, far)
		c = complex(findKeep*real(c)+(1-findKeep)*real(now), findKeep*imag(c)+(1-findKeep)*imag(now))
		d.cross[k] = c
		d.nearPower[k] = findKeep*d.nearPower[k] + (1-findKeep)*square(near)
		d.farPower[k] = findKeep*d.farPower[k] + (1-findKeep)*square(far)
		flat := 1 / (float32(math.Sqrt(float64(d.nearPower[k]*d.farPower[k]))) + 1e-9)
		d.nearSpec[k] = complex(real(c)*flat, imag(c)*flat)
	}
	clear(d.nearSpec[:findLow])
	clear(d.nearSpec[findHigh:])
	d.fft.Inverse(d.block, d.nearSpec)
	at, clear := peak(d.block[:findNear])
	if clear < findClear {
		d.seen = 0
		return 0, false
	}
	if at < d.lag-findSame || at > d.lag+findSame {
		d.seen = 0
	}
	d.lag = at
	d.seen++
	return at, d.seen >= 2 || clear > findSure
}

func energy(x []float32) (sum float32) {
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// peak is where x has its highest peak, or one before it that is not much lower: the direct sound may be weaker than
// what a wall sends after it. clear is its power against the mean.
func peak(x []float32) (at int, clear float32) {
	var top float32
	for i, v := range x {
		if v*v > top {
			at, top = i, v*v
		}
	}
	clear = top * float32(len(x)) / (energy(x) + 1e-20)
	for i := max(0, at-findNear/16); i < at; i++ {
		if x[i]*x[i] > 0.3*top {
			return i, clear
		}
	}
	return at, clear
}
