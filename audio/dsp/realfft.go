package dsp

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// RealFFT is the discrete Fourier transform of real values in single precision, of one length: for sound that is
// transformed frame by frame. It may be used by several goroutines at once.
type RealFFT struct {
	n       int
	order   []uint32     // where each pair of values goes: the order of reversed bits
	stages  [][]twiddles // of the complex transform of half the length, from the shortest to the longest
	untwist []complex64  // -i·exp(-2πik/n)/2 for k ≤ n/4: from that transform to the one of real values
}

// twiddles are the factors of one butterfly of four.
type twiddles struct{ one, two, three complex64 }

// NewRealFFT returns the transform of n values; n is rounded up to a power of two, and to 8.
func NewRealFFT(n int) *RealFFT {
	f := &RealFFT{n: 1 << bits.Len(uint(max(n, 8)-1))}
	middle := f.n / 2
	f.order = make([]uint32, middle)
	shift := bits.LeadingZeros32(uint32(middle - 1))
	for i := range f.order {
		f.order[i] = bits.Reverse32(uint32(i)) >> shift
	}
	turn := func(k, n int) complex128 { return cmplx.Rect(1, -2*math.Pi*float64(k)/float64(n)) }
	quarter := 1
	if bits.TrailingZeros(uint(middle))%2 == 1 {
		quarter = 2 // the first stage is one of pairs
	}
	for ; 4*quarter <= middle; quarter *= 4 {
		stage := make([]twiddles, quarter)
		for k := range stage {
			stage[k] = twiddles{
				complex64(turn(k, 4*quarter)), complex64(turn(2*k, 4*quarter)), complex64(turn(3*k, 4*quarter)),
			}
		}
		f.stages = append(f.stages, stage)
	}
	f.untwist = make([]complex64, middle/2+1)
	for k := range f.untwist {
		f.untwist[k] = complex64(turn(k, f.n) * -0.5i)
	}
	return f
}

// Len is the number of values transformed.
func (f *RealFFT) Len() int { return f.n }

// Bins is the number of values in a spectrum, Len()/2 + 1: from zero frequency to half the sample rate.
func (f *RealFFT) Bins() int { return f.n/2 + 1 }

// Forward writes the spectrum of x, which is Len long, into spectrum, which is Bins long.
func (f *RealFFT) Forward(spectrum []complex64, x []float32) {
	middle := f.n / 2
	x = x[:f.n]
	z := spectrum[:middle]
	for i, from := range f.order {
		z[i] = complex(x[2*from], x[2*from+1])
	}
	f.transform(z)
	// z is the spectrum of the even values and, turned by i, that of the odd ones, mixed.
	first := z[0]
	spectrum[0], spectrum[middle] = complex(real(first)+imag(first), 0), complex(real(first)-imag(first), 0)
	for k := 1; k <= middle/2; k++ {
		a, b := spectrum[k], conj(spectrum[middle-k])
		even, odd := half(a+b), times(a-b, f.untwist[k])
		spectrum[k], spectrum[middle-k] = even+odd, conj(even-odd)
	}
}

// Inverse writes what spectrum, which is Bins long, is the spectrum of into x, which is Len long: it undoes Forward.
// What spectrum held is lost.
func (f *RealFFT) Inverse(x []float32, spectrum []complex64) {
	middle := f.n / 2
	z := spectrum[:middle]
	// The transform back is the one forward of the conjugate.
	low, high := real(spectrum[0]), real(spectrum[middle])
	z[0] = complex((low+high)/2, -(low-high)/2)
	for k := 1; k <= middle/2; k++ {
		a, b := spectrum[k], conj(spectrum[middle-k])
		even, odd := half(a+b), times(a-b, conj(f.untwist[k]))
		z[k], z[middle-k] = conj(even+odd), even-odd
	}
	for i, j := range f.order {
		if int(j) > i {
			z[i], z[j] = z[j], z[i]
		}
	}
	f.transform(z)
	scale := 1 / float32(middle)
	x = x[:f.n]
	for i, v := range z {
		x[2*i], x[2*i+1] = real(v)*scale, -imag(v)*scale
	}
}

// transform is the complex transform of z, which is in the order of reversed bits, in place.
func (f *RealFFT) transform(z []complex64) {
	if len(f.stages[0]) == 2 {
		for i := 0; i+1 < len(z); i += 2 {
			z[i], z[i+1] = z[i]+z[i+1], z[i]-z[i+1]
		}
	}
	for _, stage := range f.stages {
		quarter := len(stage)
		for from := 0; from < len(z); from += 4 * quarter {
			block := z[from : from+4*quarter]
			z0, z1 := block[:quarter], block[quarter:2*quarter]
			z2, z3 := block[2*quarter:3*quarter], block[3*quarter:]
			z0, z1, z2, z3 = z0[:len(stage)], z1[:len(stage)], z2[:len(stage)], z3[:len(stage)]
			for k := range stage {
				t := &stage[k]
				// The order of bits, not of fours: the second block is that of the even values' odd ones.
				a, b, c, d := z0[k], times(z1[k], t.two), times(z2[k], t.one), times(z3[k], t.three)
				sum, difference := a+b, a-b
				other, turned := c+d, c-d
				turned = complex(imag(turned), -real(turned))
				z0[k], z1[k], z2[k], z3[k] = sum+other, difference+turned, sum-other, difference-turned
			}
		}
	}
}

// times is a·b. The language's own product takes the way over double precision, which is twice as long.
func times(a, b complex64) complex64 {
	return complex(real(a)*real(b)-imag(a)*imag(b), real(a)*imag(b)+imag(a)*real(b))
}

func half(c complex64) complex64 { return complex(real(c)/2, imag(c)/2) }

func conj(c complex64) complex64 { return complex(real(c), -imag(c)) }
