package latency

import (
	"math"
	"slices"
	"time"

	"calla/audio"
	"calla/audio/dsp"
)

const (
	points = 1 << 16 // of the matched filter's transform: 1.37 s

	// A sweep was heard where the matched filter's highest answer has so many times the power of what it answers
	// elsewhere. Noise alone comes to 20.
	clearly = 200

	playedReach = audio.SampleRate / 10 // by which a device that had nothing to play may be late with the next sweep
	wholeSweep  = 0.8                   // how alike what was played has to be to a sweep, from 0 to 1

	// The direct sound may be weaker than what a wall sends after it: the first answer counts that is at least that
	// part of the highest one, and comes at most so many samples before it.
	firstPart  = 0.4
	firstReach = audio.SampleRate / 40

	// The room's answer, in samples before and after its highest point.
	answerBefore = audio.SampleRate / 30
	answerAfter  = audio.SampleRate * 3 / 10

	agreed     = audio.SampleRate / 1000 // within which delays are the same
	agreeLeast = 4                       // sweeps that have to agree, …
	strayMost  = 1                       // … and so many may have been heard elsewhere

	loudNoise = -50.0 // dBFS, in the band of the sweeps, from which on noise is what keeps them from being heard
)

// matched is the matched filter of a sweep.
type matched struct {
	fft    *dsp.RealFFT
	shape  []complex64 // its spectrum, conjugate
	energy float64     // of the sweep itself
	block  []float32
	spec   []complex64
}

func newMatched() *matched {
	f := &matched{
		fft: dsp.NewRealFFT(points), block: make([]float32, points), shape: make([]complex64, points/2+1),
		spec: make([]complex64, points/2+1),
	}
	for i, v := range sweep() {
		f.block[i] = v
		f.energy += float64(v) * float64(v)
	}
	f.fft.Forward(f.shape, f.block)
	for k, v := range f.shape {
		f.shape[k] = complex(real(v), -imag(v))
	}
	return f
}

// answer is how much of a sweep there is at the first n places of pcm, which need not be long enough. It is good until
// the next one.
func (f *matched) answer(pcm []int16, n int) []float32 {
	clear(f.block)
	for i, s := range pcm[:min(len(pcm), n+sweepLength)] {
		f.block[i] = float32(s)
	}
	f.fft.Forward(f.spec, f.block)
	for k, v := range f.shape {
		f.spec[k] *= v
	}
	f.fft.Inverse(f.block, f.spec)
	return f.block[:n]
}

// highest is where x is furthest from 0.
func highest(x []float32) (at int) {
	for i, v := range x {
		if v*v > x[at]*x[at] {
			at = i
		}
	}
	return at
}

func energy(x []float32) (sum float64) {
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}

// part is x between two places, as far as it goes.
func part(x []float32, from, to int) []float32 {
	from = min(max(from, 0), len(x))
	return x[from:min(max(to, from), len(x))]
}

// heard is one sweep at the microphone.
type heard struct {
	late  int     // samples, by the count of both streams
	clear float64 // power against what else there is
	noise float64 // dBFS in its band
	loss  float64 // dB
}

// Read tells what was measured. The error is a Failure.
func (m *Meter) Read() (Reading, error) {
	f := newMatched()
	lead := m.lead()
	var all []heard
	late, reach := 0, waiting // what is played, after what was to be, and by how much more it may be that
	for _, start := range m.starts {
		// What the device took at the beginning may have been missed.
		at, power, ok := m.find(f, start+late-playedReach, playedReach+reach)
		if !ok { // it had nothing to play for a moment
			reach += playedReach
			continue
		}
		late, reach = at-start, playedReach
		all = append(all, m.hear(f, at, lead, power))
	}
	if len(all) < agreeLeast {
		return Reading{}, Unplayed
	}
	if !slices.ContainsFunc(m.heard, func(s int16) bool { return s > 1 || s < -1 }) {
		return Reading{}, Silent
	}
	var sure []heard
	var lates []int
	for _, h := range all {
		if h.clear >= clearly {
			sure, lates = append(sure, h), append(lates, h.late)
		}
	}
	if len(sure) < agreeLeast {
		var noise []float64
		for _, h := range all {
			noise = append(noise, h.noise)
		}
		if median(noise) > loudNoise {
			return Reading{}, Noisy
		}
		return Reading{}, Unheard
	}
	return agree(sure, median(lates), lead)
}

// agree makes one figure of those that are the same.
func agree(all []heard, late, lead int) (Reading, error) {
	var lates []int
	var losses []float64
	for _, h := range all {
		if h.late >= late-agreed && h.late <= late+agreed {
			lates, losses = append(lates, h.late), append(losses, h.loss)
		}
	}
	if len(lates) < agreeLeast || len(all)-len(lates) > strayMost || late+lead < 0 {
		return Reading{}, Unsteady
	}
	return Reading{
		Delay: lasting(median(lates) + lead), Spread: lasting(slices.Max(lates) - slices.Min(lates)),
		EchoLoss: median(losses),
	}, nil
}

func lasting(samples int) time.Duration {
	return time.Duration(samples) * time.Second / audio.SampleRate
}

// find finds a sweep at one of the first n places of what was played from there on, and the power of the filter's
// answer to it.
func (m *Meter) find(f *matched, from, n int) (at int, power float64, ok bool) {
	from = max(0, from)
	if from+sweepLength > len(m.played) {
		return 0, 0, false
	}
	x := f.answer(m.played[from:], n)
	top := highest(x)
	at = from + top
	if at+sweepLength > len(m.played) {
		return 0, 0, false
	}
	var sound float64
	for _, s := range m.played[at:][:sweepLength] {
		sound += float64(s) * float64(s)
	}
	alike := float64(x[top]) / math.Sqrt(sound*f.energy+1)
	return at, energy(part(x, top-answerBefore, top+answerBefore)), alike >= wholeSweep
}

// hear finds at the microphone the sweep that was played at a place.
func (m *Meter) hear(f *matched, played, lead int, power float64) heard {
	from := min(max(0, played-lead), len(m.heard)-1)
	x := f.answer(m.heard[from:], min(longest, len(m.heard)-from))
	top := highest(x)
	answer := energy(part(x, top-answerBefore, top+answerAfter))
	others := part(x, 0, top-answerBefore)
	more := part(x, top+answerAfter, len(x))
	noise := (energy(others) + energy(more)) / float64(max(1, len(others)+len(more)))
	noise += 0.1 * f.energy // a tenth of a step, squared: nothing is known below that
	peak := float64(x[top]) * float64(x[top])
	first := top
	for i := max(0, top-firstReach); i < top; i++ {
		if v := float64(x[i]) * float64(x[i]); v >= firstPart*firstPart*peak {
			first = i
			break
		}
	}
	length := float64(len(x) - len(others) - len(more))
	return heard{
		late: from + first - played, clear: peak / noise,
		noise: 10 * math.Log10(noise/f.energy/(32768*32768)),
		loss:  10 * math.Log10(power/max(answer-noise*length, 1e-3*answer)),
	}
}
