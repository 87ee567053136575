package dsp

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// FFT is the discrete Fourier transform of one length, by the radix-2 algorithm of Cooley and Tukey.
// It may be used by several goroutines at once.
type FFT struct {
	twiddles []complex128 // exp(-2πik/n) for k < n/2
	n        int
}

// NewFFT returns the transform of n values; n is rounded up to a power of two.
func NewFFT(n int) *FFT {
	f := &FFT{n: 1 << bits.Len(uint(max(n, 2)-1))}
	f.twiddles = make([]complex128, f.n/2)
	for k := range f.twiddles {
		f.twiddles[k] = cmplx.Rect(1, -2*math.Pi*float64(k)/float64(f.n))
	}
	return f
}

// Len is the number of values transformed.
func (f *FFT) Len() int { return f.n }

// Transform replaces x, which is Len long, by its spectrum.
func (f *FFT) Transform(x []complex128) {
	shift := bits.LeadingZeros(uint(f.n - 1))
	for i := range f.n {
		if j := int(bits.Reverse(uint(i)) >> shift); j > i {
			x[i], x[j] = x[j], x[i]
		}
	}
	for size := 2; size <= f.n; size *= 2 {
		step := f.n / size
		for from := 0; from < f.n; from += size {
			low, high := x[from:from+size/2], x[from+size/2:from+size]
			for k := range low {
				t := high[k] * f.twiddles[k*step]
				low[k], high[k] = low[k]+t, low[k]-t
			}
		}
	}
}
