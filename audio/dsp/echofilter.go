package dsp

import "math"

const (
	echoRate  = 16000          // hertz, at which the echo is cancelled
	echoHop   = echoRate / 100 // samples: 10 ms
	echoBins  = echoHop + 1
	echoParts = 26 // hops that the filter is long

	echoCuts  = 3    // parts cut to length in each hop
	echoElse  = 0.9  // so much of what else is heard is kept from hop to hop, …
	echoTest  = 0.9  // … and of what tells whether the filter fits
	echoStray = 6e-4 // by so much of its square a coefficient may change in a hop
	echoFirst = 0.1  // variance of a coefficient of which nothing is known, …
	echoFade  = 0.8  // … in the first part, and by which it is less in each part after that
	misfitAt  = 0.1  // share of what is left that goes with what was played from which on the filter does not fit
	echoMore  = 2    // times that another room's echo may be louder
	echoTests = 2    // parts of the loudspeaker's sound with which what is left is compared
)

// echoFilter is the echo's way from the loudspeaker to the microphone, as a filter in the frequency domain that is cut
// into parts of one hop. Each coefficient is followed by a Kalman filter (Enzner and Vary, "Frequency-domain adaptive
// Kalman filter for acoustic echo control", 2006; Kuech, Mabande and Enzner, "State-space architecture of the
// partitioned-block-based acoustic echo controller", 2014): how unsure it is, against what else the microphone hears,
// says how far it moves. So a near talker holds it where it is and does not drive it away.
//
// Such a filter that has become sure takes another room for a near talker. What is left after it tells them apart: only
// with another room it goes with what was played. Then all coefficients are made unsure by as much.
type echoFilter struct {
	fft    *RealFFT
	w      [][]complex64 // coefficients, by parts
	unsure [][]float32   // variance of each
	energy []float32     // of each part
	turn   int           // the part whose turn it is to be cut to length
	main   int           // the part with the most energy

	sum    []complex64 // spectrum of the echo expected
	spread []float32   // variance of that
	other  []float32   // power of what else is heard
	left   []complex64 // spectrum of what is left
	gain   []complex64
	share  []float32
	sound  []float32

	response []float32 // all coefficients' in time, with shiftReach zeros before and after: for delay
	calm     bool      // it may be that the echo is elsewhere, and that the room is the same

	cross  [echoTests][]complex64 // of what is left and what was played
	chance [echoTests][]float32   // power that this has without any relation
	played [echoTests][]float32
	power  []float32 // of what is left

	misfit                     float32 // share of what is left that goes with what was played, 0 to 1
	sumEcho, sumLeft, sumDoubt float32 // power of all bins in this hop: expected, left, expected to be left
}

func newEchoFilter() *echoFilter {
	f := &echoFilter{
		fft: NewRealFFT(2 * echoHop), energy: make([]float32, echoParts),
		sum: make([]complex64, echoBins), spread: make([]float32, echoBins), other: make([]float32, echoBins),
		left: make([]complex64, echoBins), gain: make([]complex64, echoBins), share: make([]float32, echoBins),
		sound: make([]float32, 2*echoHop), power: make([]float32, echoBins),
		response: make([]float32, echoParts*echoHop+2*shiftReach),
	}
	for i := range echoTests {
		f.cross[i] = make([]complex64, echoBins)
		f.chance[i], f.played[i] = make([]float32, echoBins), make([]float32, echoBins)
	}
	for range echoParts {
		f.w = append(f.w, make([]complex64, echoBins))
		f.unsure = append(f.unsure, make([]float32, echoBins))
	}
	f.reset()
	return f
}

// reset forgets the way.
func (f *echoFilter) reset() {
	for p := range f.w {
		f.forget(p)
	}
	clear(f.other)
}

// forget makes part p that of a room not known, whose sound decays.
func (f *echoFilter) forget(p int) {
	clear(f.w[p])
	f.energy[p] = 0
	v := float32(echoFirst * math.Pow(echoFade, float64(p)))
	for k := range f.unsure[p] {
		f.unsure[p][k] = v
	}
}

// bound tells that the echo has no more than this share of the power of what is played.
func (f *echoFilter) bound(share float32) {
	v := share / 2
	for _, unsure := range f.unsure {
		for k := range unsure {
			unsure[k] = min(unsure[k], v)
		}
		v *= echoFade
	}
}

// shift makes the filter begin n hops later in the echo's way, or earlier.
func (f *echoFilter) shift(n int) {
	if n <= -echoParts || n >= echoParts {
		f.reset()
		return
	}
	for ; n > 0; n-- {
		rotate(f.w, 1)
		rotate(f.unsure, 1)
		rotate(f.energy, 1)
		f.forget(echoParts - 1)
	}
	for ; n < 0; n++ {
		rotate(f.w, echoParts-1)
		rotate(f.unsure, echoParts-1)
		rotate(f.energy, echoParts-1)
		f.forget(0)
	}
}

// rotate brings the value at n to the beginning, and what is before it to the end; n is 1 or one less than all.
func rotate[T any](s []T, n int) {
	if n == 1 {
		first := s[0]
		copy(s, s[1:])
		s[len(s)-1] = first
		return
	}
	last := s[len(s)-1]
	copy(s[1:], s)
	s[0] = last
}

// expect writes the echo that is expected in this hop into y. x are the spectra of what was played, and power their
// squares, by parts.
func (f *echoFilter) expect(y []float32, x [][]complex64, power [][]float32) {
	sum, spread := f.sum[:echoBins], f.spread[:echoBins]
	clear(sum)
	clear(spread)
	for p := range f.w {
		w, x, u, power := f.w[p][:echoBins], x[p][:echoBins], f.unsure[p][:echoBins], power[p][:echoBins]
		for k := range sum {
			sum[k] += times(w[k], x[k])
			spread[k] += u[k] * power[k]
		}
	}
	f.fft.Inverse(f.sound, sum)
	copy(y, f.sound[echoHop:])
}

// adapt learns from e, what is left when the expected echo is taken out.
func (f *echoFilter) adapt(e []float32, x [][]complex64, power [][]float32) {
	clear(f.sound[:echoHop])
	copy(f.sound[echoHop:], e)
	left := f.left[:echoBins]
	f.fft.Forward(left, f.sound)
	f.test(x, power)
	// e is one half of the window, so that it has half of the power that the spectra tell.
	gain, share, other, spread := f.gain[:echoBins], f.share[:echoBins], f.other[:echoBins], f.spread[:echoBins]
	for k, v := range left {
		now := square(v)
		other[k] = echoElse*other[k] + (1-echoElse)*max(now-spread[k]/2, now/10)
		i := 1 / (spread[k] + 2*other[k] + 1e-9)
		share[k] = i / 2
		gain[k] = complex(real(v)*i, imag(v)*i)
	}
	keep := 1 - echoStray/2 + f.doubt()
	for p := range f.w {
		w, x, u, power := f.w[p][:echoBins], x[p][:echoBins], f.unsure[p][:echoBins], power[p][:echoBins]
		for k, g := range gain {
			v, step := u[k], across(g, x[k])
			re, im := real(w[k])+v*real(step), imag(w[k])+v*imag(step)
			w[k] = complex(re, im)
			u[k] = keep*v*(1-v*power[k]*share[k]) + echoStray*(re*re+im*im)
		}
	}
	// A product of spectra goes round in a circle: what is longer than a hop is cut off again, part by part.
	for range echoCuts {
		w := f.w[f.turn]
		f.fft.Inverse(f.sound, w)
		clear(f.sound[echoHop:])
		f.fft.Forward(w, f.sound)
		f.energy[f.turn] = 0
		for _, v := range w {
			f.energy[f.turn] += square(v)
		}
		f.turn = (f.turn + 1) % echoParts
	}
	for p, v := range f.energy {
		if v > f.energy[f.main] {
			f.main = p
		}
	}
}

// test tells how much of what is left goes with what was played, around the filter's main part: for each bin the power
// that the one explains of the other, without what it would explain by chance.
func (f *echoFilter) test(x [][]complex64, power [][]float32) {
	var all, fits float32
	f.sumEcho, f.sumLeft, f.sumDoubt = 0, 0, 0
	for k, v := range f.left {
		now := square(v)
		f.power[k] = echoTest*f.power[k] + (1-echoTest)*now
		all += f.power[k]
		f.sumLeft += now
		f.sumEcho += square(f.sum[k]) / 2
		f.sumDoubt += f.spread[k] / 2
	}
	for i := range f.cross {
		p := min(f.main+i, echoParts-1)
		x, power := x[p][:echoBins], power[p][:echoBins]
		cross, chance, played := f.cross[i][:echoBins], f.chance[i][:echoBins], f.played[i][:echoBins]
		for k, v := range f.left[:echoBins] {
			c := across(v, x[k])
			cross[k] = complex(
				echoTest*real(cross[k])+(1-echoTest)*real(c), echoTest*imag(cross[k])+(1-echoTest)*imag(c),
			)
			chance[k] = echoTest*echoTest*chance[k] + (1-echoTest)*(1-echoTest)*square(c)
			played[k] = echoTest*played[k] + (1-echoTest)*power[k]
			fits += (square(cross[k]) - chance[k]) / (played[k] + 1e-12)
		}
	}
	f.misfit = min(max(0, 2*(fits/(all+1e-9)-misfitAt)), 1)
}

// doubt is by how much the variances grow in this hop, beside what they always do: until they explain what does not
// fit.
// No room is so different from the one before that its echo would be much more.
func (f *echoFilter) doubt() float32 {
	want := min(f.misfit*f.sumLeft, echoMore*f.sumEcho)
	if f.calm || want <= f.sumDoubt {
		return 0
	}
	return min(want/(f.sumDoubt+1e-12)-1, 1)
}
