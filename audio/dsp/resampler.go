// Package dsp is signal processing on sound samples: filters and resamplers. Everything works in
// place on the caller's buffers and allocates only in constructors.
package dsp

import (
	"fmt"
	"math"
)

const (
	// zeroCrossings is how far the interpolating sinc reaches to each side, in periods of the lower
	// of the two rates. With kaiserBeta it gives 80 dB of stop band.
	zeroCrossings = 16
	kaiserBeta    = 7.86
	// transition keeps the pass band a little below the lower Nyquist frequency, so that the
	// stop band begins close to it.
	transition = 0.92
	// maxPhases bounds the filter's table. Rates without a common factor want more phases; they get
	// the nearest of these, which costs less than -68 dB of error.
	maxPhases = 4096
)

// Resampler changes the sample rate of one mono stream by a rational factor with a windowed-sinc
// polyphase filter. It keeps state between calls and is used by one goroutine at a time.
type Resampler struct {
	up, down int // output and input rate without their common factor
	phases   int // rows of coefs: up, or maxPhases when up is larger
	taps     int // inputs each output is made of
	coefs    []float32
	hist     []float32 // the last taps-1 inputs, then room for one block
	pos      int       // input samples before hist[taps-1] is the newest for the next output
	frac     int       // phase of the next output, 0 <= frac < up
	block    int
}

// NewResampler returns a Resampler from rate in to rate out, both in hertz, between 1 kHz and 768 kHz.
func NewResampler(in, out int) (*Resampler, error) {
	for _, rate := range []int{in, out} {
		if rate < 1000 || rate > 768000 {
			return nil, fmt.Errorf("resample %d Hz to %d Hz: rate %d Hz is out of range", in, out, rate)
		}
	}
	g := gcd(in, out)
	r := &Resampler{up: out / g, down: in / g, block: 512}
	r.phases = min(r.up, maxPhases)
	ratio := math.Min(1, float64(out)/float64(in)) // of the cut-off to the input's Nyquist frequency
	r.taps = 2 * int(math.Ceil(zeroCrossings/ratio))
	r.coefs = make([]float32, r.phases*r.taps)
	half := float64(r.taps) / 2
	for p := range r.phases {
		row := r.coefs[p*r.taps : (p+1)*r.taps]
		sum := 0.0
		for k := range row {
			// Tap k weighs the input that lies t input samples before the output.
			t := float64(k) - half + float64(p)/float64(r.phases)
			c := sinc(t*ratio*transition) * kaiser(t/half)
			row[len(row)-1-k] = float32(c) // reversed: the dot product runs forward in time
			sum += c
		}
		for k := range row {
			row[k] /= float32(sum) // unit gain at zero frequency in every phase: no ripple from phase to phase
		}
	}
	r.hist = make([]float32, r.taps-1, r.taps-1+r.block)
	return r, nil
}

// Process appends the resampled src to dst and returns it. When the rates divide evenly, so does the
// number of samples: 480 at 48 kHz are always 80 at 8 kHz. It allocates only when dst lacks room.
func (r *Resampler) Process(dst, src []int16) []int16 {
	for len(src) > 0 {
		n := min(len(src), r.block)
		for _, s := range src[:n] {
			r.hist = append(r.hist, float32(s))
		}
		src = src[n:]
		dst = r.run(dst, n)
		copy(r.hist, r.hist[n:])
		r.hist = r.hist[:r.taps-1]
	}
	return dst
}

// run makes the outputs that n new inputs allow.
func (r *Resampler) run(dst []int16, n int) []int16 {
	for r.pos < n {
		phase := r.frac
		if r.phases != r.up {
			phase = r.frac * r.phases / r.up
		}
		row := r.coefs[phase*r.taps : (phase+1)*r.taps]
		window := r.hist[r.pos : r.pos+r.taps]
		var a, b float32
		for k := 0; k+1 < len(row); k += 2 { // taps is even; two sums run side by side
			a += row[k] * window[k]
			b += row[k+1] * window[k+1]
		}
		dst = append(dst, Round16(a+b))
		r.frac += r.down
		r.pos += r.frac / r.up
		r.frac %= r.up
	}
	r.pos -= n
	return dst
}

// Round16 rounds and clips a sample to 16 bits.
func Round16(v float32) int16 {
	switch {
	case v >= 32767:
		return 32767
	case v <= -32768:
		return -32768
	case v < 0:
		return int16(v - 0.5)
	}
	return int16(v + 0.5)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the Kaiser window over -1..1.
func kaiser(x float64) float64 {
	if x < -1 || x > 1 {
		return 0
	}
	return bessel0(kaiserBeta*math.Sqrt(1-x*x)) / bessel0(kaiserBeta)
}

// bessel0 is the modified Bessel function of the first kind and order zero.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}
