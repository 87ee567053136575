package dsp

import "math"

// HighPass removes direct current and rumble below a cut-off frequency: a Butterworth filter of the
// second order. It is used by one goroutine at a time.
type HighPass struct {
	b0, b1, b2, a1, a2 float64
	z1, z2             float64
}

// NewHighPass returns a HighPass with its -3 dB point at cutoff hertz for sound of rate hertz.
func NewHighPass(rate int, cutoff float64) *HighPass {
	w := 2 * math.Pi * cutoff / float64(rate)
	alpha := math.Sin(w) / math.Sqrt2
	c := math.Cos(w)
	a0 := 1 + alpha
	return &HighPass{
		b0: (1 + c) / 2 / a0, b1: -(1 + c) / a0, b2: (1 + c) / 2 / a0,
		a1: -2 * c / a0, a2: (1 - alpha) / a0,
	}
}

// Process filters pcm in place.
func (h *HighPass) Process(pcm []int16) {
	for i, s := range pcm {
		x := float64(s)
		y := h.b0*x + h.z1
		h.z1 = h.b1*x - h.a1*y + h.z2
		h.z2 = h.b2*x - h.a2*y
		pcm[i] = Round16(float32(y))
	}
	// Below one millionth of a step nothing is heard, and denormal numbers are slow.
	if math.Abs(h.z1) < 1e-6 && math.Abs(h.z2) < 1e-6 {
		h.z1, h.z2 = 0, 0
	}
}
