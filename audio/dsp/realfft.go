package dsp

import (
	"math"
	"math/cmplx"
)

// RealFFT is the discrete Fourier transform of real values in single precision, of one length: for sound that is
// transformed frame by frame. It keeps working space and is used by one goroutine at a time.
type RealFFT struct {
	n       int
	factors []int         // of n/2
	turns   [][]complex64 // for each factor: exp(-2πi·j·k/m), at k*(factor-1) + j-1
	untwist []complex64   // exp(-2πik/n) for k ≤ n/4: from the complex transform of n/2 pairs to the one of real values
	a, b    []complex64   // the pairs, before and after a pass
}

// NewRealFFT returns the transform of n values; n is rounded up to 8 and to an even number whose prime factors are 2, 3
// and 5. So 10 and 20 ms at the usual rates are transformed as they are.
func NewRealFFT(n int) *RealFFT {
	n = max(n, 8)
	for n%2 != 0 || factors(n) == nil {
		n++
	}
	m := n / 2
	f := &RealFFT{
		n: n, factors: factors(m), a: make([]complex64, m), b: make([]complex64, m), untwist: make([]complex64, m/2+1),
	}
	turn := func(k, n int) complex64 { return complex64(cmplx.Rect(1, -2*math.Pi*float64(k)/float64(n))) }
	l := 1
	for _, r := range f.factors {
		inner := m / (l * r)
		row := make([]complex64, inner*(r-1))
		for k := range inner {
			for j := 1; j < r; j++ {
				row[k*(r-1)+j-1] = turn(j*l*k, m)
			}
		}
		f.turns = append(f.turns, row)
		l *= r
	}
	for k := range f.untwist {
		f.untwist[k] = turn(k, n)
	}
	return f
}

// factors are those that the passes are made for, or nil.
func factors(n int) (found []int) {
	for _, r := range []int{4, 2, 3, 5} {
		for n%r == 0 {
			found = append(found, r)
			n /= r
		}
	}
	if n != 1 {
		return nil
	}
	return found
}

// Len is the number of values transformed.
func (f *RealFFT) Len() int { return f.n }

// Bins is the number of values in a spectrum, Len()/2 + 1: from zero frequency to half the sample rate.
func (f *RealFFT) Bins() int { return f.n/2 + 1 }

// Forward writes the spectrum of x, which is Len long, into spectrum, which is Bins long.
func (f *RealFFT) Forward(spectrum []complex64, x []float32) {
	m := f.n / 2
	x = x[:f.n]
	for i := range f.a {
		f.a[i] = complex(x[2*i], x[2*i+1])
	}
	z := f.transform()
	spectrum = spectrum[:m+1]
	first := z[0]
	spectrum[0] = complex(real(first)+imag(first), 0)
	spectrum[m] = complex(real(first)-imag(first), 0)
	for k := 1; k <= m/2; k++ {
		p, q := z[k], z[m-k]
		// Even and odd samples' spectra; the conjugate of q belongs to p.
		er, ei := (real(p)+real(q))/2, (imag(p)-imag(q))/2
		or, oi := (imag(p)+imag(q))/2, (real(q)-real(p))/2
		w := f.untwist[k]
		tr, ti := or*real(w)-oi*imag(w), or*imag(w)+oi*real(w)
		spectrum[k] = complex(er+tr, ei+ti)
		spectrum[m-k] = complex(er-tr, ti-ei)
	}
}

// Inverse writes what spectrum, which is Bins long, is the spectrum of into x, which is Len long: it undoes Forward.
func (f *RealFFT) Inverse(x []float32, spectrum []complex64) {
	m := f.n / 2
	spectrum = spectrum[:m+1]
	scale := 1 / float32(f.n)
	// The inverse is the transform of the conjugate.
	low, high := real(spectrum[0]), real(spectrum[m])
	f.a[0] = complex((low+high)*scale, (high-low)*scale)
	for k := 1; k <= m/2; k++ {
		p, q := spectrum[k], spectrum[m-k]
		er, ei := (real(p)+real(q))*scale, (imag(p)-imag(q))*scale
		dr, di := (real(p)-real(q))*scale, (imag(p)+imag(q))*scale
		w := f.untwist[k] // its conjugate turns back
		or, oi := dr*real(w)+di*imag(w), di*real(w)-dr*imag(w)
		f.a[k] = complex(er-oi, -(ei + or))
		f.a[m-k] = complex(er+oi, ei-or)
	}
	z := f.transform()
	x = x[:f.n]
	for i, v := range z {
		x[2*i], x[2*i+1] = real(v), -imag(v)
	}
}

// transform is the complex transform of f.a, by Stockham's way, which needs no reordering.
func (f *RealFFT) transform() []complex64 {
	in, out := f.a, f.b
	l := 1
	for s, r := range f.factors {
		inner := len(in) / (l * r)
		switch r {
		case 2:
			pass2(out, in, f.turns[s], inner, l)
		case 3:
			pass3(out, in, f.turns[s], inner, l)
		case 4:
			pass4(out, in, f.turns[s], inner, l)
		case 5:
			pass5(out, in, f.turns[s], inner, l)
		}
		in, out = out, in
		l *= r
	}
	return in
}

// Each pass reads runs of inner values, factor of them beside each other, l times, and writes the transforms over the
// factor l runs apart.

func pass2(out, in, turns []complex64, inner, l int) {
	for g := range l {
		x0, x1 := in[2*g*inner:][:inner], in[(2*g+1)*inner:][:inner]
		y0, y1 := out[g*inner:][:inner], out[(g+l)*inner:][:inner]
		turns := turns[:inner]
		for k, a := range x0 {
			b := x1[k]
			y0[k], y1[k] = a+b, times(a-b, turns[k])
		}
	}
}

func pass3(out, in, turns []complex64, inner, l int) {
	const sin = 0.86602540378443864676 // of a third of a turn
	for g := range l {
		x0, x1, x2 := in[3*g*inner:][:inner], in[(3*g+1)*inner:][:inner], in[(3*g+2)*inner:][:inner]
		y0, y1, y2 := out[g*inner:][:inner], out[(g+l)*inner:][:inner], out[(g+2*l)*inner:][:inner]
		for k, a := range x0 {
			b, c := x1[k], x2[k]
			sum, d := b+c, b-c
			mid := complex(real(a)-real(sum)/2, imag(a)-imag(sum)/2)
			side := complex(sin*imag(d), -sin*real(d))
			t := turns[2*k : 2*k+2]
			y0[k], y1[k], y2[k] = a+sum, times(mid+side, t[0]), times(mid-side, t[1])
		}
	}
}

func pass4(out, in, turns []complex64, inner, l int) {
	for g := range l {
		x0, x1 := in[4*g*inner:][:inner], in[(4*g+1)*inner:][:inner]
		x2, x3 := in[(4*g+2)*inner:][:inner], in[(4*g+3)*inner:][:inner]
		y0, y1 := out[g*inner:][:inner], out[(g+l)*inner:][:inner]
		y2, y3 := out[(g+2*l)*inner:][:inner], out[(g+3*l)*inner:][:inner]
		for k, a := range x0 {
			b, c, d := x1[k], x2[k], x3[k]
			ac, bd := a+c, b+d
			am, bm := a-c, b-d
			side := complex(imag(bm), -real(bm)) // -i times it
			t := turns[3*k : 3*k+3]
			y0[k], y1[k], y2[k], y3[k] = ac+bd, times(am+side, t[0]), times(ac-bd, t[1]), times(am-side, t[2])
		}
	}
}

func pass5(out, in, turns []complex64, inner, l int) {
	const (
		cos1 = 0.30901699437494742410 // of a fifth of a turn
		sin1 = 0.95105651629515357212
		cos2 = -0.80901699437494742410 // of two
		sin2 = 0.58778525229247312917
	)
	for g := range l {
		x0, x1, x2 := in[5*g*inner:][:inner], in[(5*g+1)*inner:][:inner], in[(5*g+2)*inner:][:inner]
		x3, x4 := in[(5*g+3)*inner:][:inner], in[(5*g+4)*inner:][:inner]
		y0, y1, y2 := out[g*inner:][:inner], out[(g+l)*inner:][:inner], out[(g+2*l)*inner:][:inner]
		y3, y4 := out[(g+3*l)*inner:][:inner], out[(g+4*l)*inner:][:inner]
		for k, a := range x0 {
			b, c, d, e := x1[k], x2[k], x3[k], x4[k]
			be, cd, bm, cm := b+e, c+d, b-e, c-d
			mid1 := complex(real(a)+cos1*real(be)+cos2*real(cd), imag(a)+cos1*imag(be)+cos2*imag(cd))
			mid2 := complex(real(a)+cos2*real(be)+cos1*real(cd), imag(a)+cos2*imag(be)+cos1*imag(cd))
			side1 := complex(sin1*imag(bm)+sin2*imag(cm), -sin1*real(bm)-sin2*real(cm))
			side2 := complex(sin2*imag(bm)-sin1*imag(cm), -sin2*real(bm)+sin1*real(cm))
			t := turns[4*k : 4*k+4]
			y0[k], y1[k], y4[k] = a+be+cd, times(mid1+side1, t[0]), times(mid1-side1, t[3])
			y2[k], y3[k] = times(mid2+side2, t[1]), times(mid2-side2, t[2])
		}
	}
}

// times is a·b. The language's own product takes the way over double precision, which is twice as long.
func times(a, b complex64) complex64 {
	return complex(real(a)*real(b)-imag(a)*imag(b), real(a)*imag(b)+imag(a)*real(b))
}

// across is a·b*, b* the conjugate of b.
func across(a, b complex64) complex64 {
	return complex(real(a)*real(b)+imag(a)*imag(b), imag(a)*real(b)-real(a)*imag(b))
}

// square is |a|².
func square(a complex64) float32 { return real(a)*real(a) + imag(a)*imag(a) }
