package dsp

import "math"

const (
	// splitReach is how many samples at 48 kHz the filter between 48 and 16 kHz reaches to each side.
	splitReach = 36
	splitRatio = 3
)

// lowPass is the filter before a stream is taken to one ratio-th of its rate, and after it has come back: reach samples
// to each side, 60 dB of stop band.
func lowPass(ratio, reach int) []float32 {
	const beta = 5.65 // of the Kaiser window
	taps := make([]float32, 2*reach+1)
	sum := 0.0
	for i := range taps {
		t := float64(i - reach)
		u := t / float64(reach+1)
		v := sinc(t/float64(ratio)) * bessel0(beta*math.Sqrt(1-u*u)) / bessel0(beta)
		taps[i] = float32(v)
		sum += v
	}
	for i := range taps {
		taps[i] /= float32(sum)
	}
	return taps
}

// decimator takes a stream to one ratio-th of its rate.
type decimator struct {
	ratio int
	taps  []float32
	past  []float32 // as many inputs as taps but one, then room for a block
}

// newDecimator returns one for blocks of at most most samples; what comes out is reach samples of the input late.
func newDecimator(ratio, reach, most int) *decimator {
	return &decimator{ratio, lowPass(ratio, reach), make([]float32, 2*reach, 2*reach+most)}
}

// process appends one ratio-th as many samples as x has, which is a multiple of ratio, to dst.
func (d *decimator) process(dst, x []float32) []float32 {
	d.past = append(d.past, x...)
	reach := len(d.taps) / 2
	half := d.taps[:reach]
	for at := 0; at+2*reach < len(d.past); at += d.ratio {
		x := d.past[at:][:2*reach+1]
		sum := d.taps[reach] * x[reach]
		for i, c := range half { // the filter is the same in both directions
			sum += c * (x[i] + x[2*reach-i])
		}
		dst = append(dst, sum)
	}
	d.past = d.past[:copy(d.past, d.past[len(x):])]
	return dst
}

// raiser takes a stream from 16 to 48 kHz, splitReach samples late.
type raiser struct {
	taps []float32 // by phases
	past []float32 // 2*splitReach/splitRatio inputs, then room for a Frame
}

func newRaiser(most int) *raiser {
	const length = 2*splitReach/splitRatio + 1
	taps := lowPass(splitRatio, splitReach)
	r := &raiser{make([]float32, splitRatio*length), make([]float32, length-1, length-1+most)}
	for p := range splitRatio {
		for k := range length {
			if i := p + splitRatio*(length-1-k); i < len(taps) {
				r.taps[p*length+k] = splitRatio * taps[i]
			}
		}
	}
	return r
}

// process writes three times as many samples as x has into dst.
func (r *raiser) process(dst, x []float32) {
	const length = 2*splitReach/splitRatio + 1
	r.past = append(r.past, x...)
	for i := range x {
		window := r.past[i:][:length]
		var a, b, c float32
		p0, p1, p2 := r.taps[:length], r.taps[length:][:length], r.taps[2*length:][:length]
		for k, v := range window {
			a += v * p0[k]
			b += v * p1[k]
			c += v * p2[k]
		}
		dst[3*i], dst[3*i+1], dst[3*i+2] = a, b, c
	}
	r.past = r.past[:copy(r.past, r.past[len(x):])]
}
