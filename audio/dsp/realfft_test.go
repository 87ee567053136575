package dsp_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"calla/audio/dsp"
)

// TestRealFFTIsTheTransform holds it to the sum that defines it, and Inverse to what went in.
func TestRealFFTIsTheTransform(t *testing.T) {
	for _, n := range []int{8, 10, 12, 16, 18, 30, 32, 50, 60, 64, 128, 256, 320, 512, 960, 1024} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(n), 1))
			fft := dsp.NewRealFFT(n)
			if fft.Len() != n || fft.Bins() != n/2+1 {
				t.Fatalf("%d values and %d bins", fft.Len(), fft.Bins())
			}
			x, back, spectrum := make([]float32, n), make([]float32, n), make([]complex64, n/2+1)
			for i := range x {
				x[i] = float32(random.NormFloat64())
			}
			fft.Forward(spectrum, x)
			for k, got := range spectrum {
				var want complex128
				for i, v := range x {
					want += complex(float64(v), 0) * cmplx.Rect(1, -2*math.Pi*float64(k*i%n)/float64(n))
				}
				if off := cmplx.Abs(complex128(got) - want); off > 1e-6*float64(n) {
					t.Errorf("bin %d is %v, want %v", k, got, want)
				}
			}
			fft.Inverse(back, spectrum)
			for i := range x {
				if math.Abs(float64(x[i]-back[i])) > 1e-5 {
					t.Errorf("value %d comes back as %v, was %v", i, back[i], x[i])
				}
			}
			if a := testing.AllocsPerRun(10, func() {
				fft.Forward(spectrum, x)
				fft.Inverse(back, spectrum)
			}); a != 0 {
				t.Errorf("%v allocations", a)
			}
		})
	}
	if n := dsp.NewRealFFT(1001).Len(); n != 1024 {
		t.Errorf("1001 values are transformed as %d", n)
	}
	if n := dsp.NewRealFFT(1).Len(); n != 8 {
		t.Errorf("1 value is transformed as %d", n)
	}
}

// A frame of 10 ms with its neighbour is transformed there and back: 10 µs are 0.1 % of one core.
func BenchmarkRealFFT(b *testing.B) {
	fft := dsp.NewRealFFT(1024)
	x, spectrum := make([]float32, fft.Len()), make([]complex64, fft.Bins())
	for i := range x {
		x[i] = float32(i % 17)
	}
	for b.Loop() {
		fft.Forward(spectrum, x)
		fft.Inverse(x, spectrum)
	}
}
