package audio

import "math"

const (
	predictorOrder  = 16
	predictorWindow = 20 * concealMS // that a predictor is fitted to
	predictorBlur   = 40.0           // hertz by which what it is fitted to is widened: a pure tone has no end
)

// predictor tells each sample of a sound from those before it (linear prediction). The error that is left, the
// excitation, has lost the sound's colour, and gets it back from restore.
type predictor struct {
	a    [predictorOrder + 1]float64 // the error is Σ a[k]·x[n-k]; a[0] is 1
	k    [predictorOrder]float64     // the same as reflection coefficients
	left float64                     // the share of the power that the error has
}

// fit makes the predictor that of the end of x.
func (p *predictor) fit(x []float64) {
	var r [predictorOrder + 1]float64
	autocorrelate(&r, x)
	p.solve(r)
}

// autocorrelate writes how alike the end of x is to itself some samples before.
func autocorrelate(r *[predictorOrder + 1]float64, x []float64) {
	var room [predictorWindow]float64
	window := room[:min(len(x), predictorWindow)]
	for i, v := range x[len(x)-len(window):] {
		window[i] = v * (0.54 - 0.46*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(len(window))))
	}
	for k := range r {
		r[k] = 0
		for i := k; i < len(window); i++ {
			r[k] += window[i] * window[i-k]
		}
		b := 2 * math.Pi * predictorBlur * float64(k) / concealRate
		r[k] *= math.Exp(-b * b / 2)
	}
}

// solve makes the predictor that of a sound of this autocorrelation.
func (p *predictor) solve(r [predictorOrder + 1]float64) {
	// Noise at -40 dB and a little more keeps silence and tones from being told perfectly.
	r[0] = r[0]*1.0001 + 1
	*p = white()
	for i := 1; i < len(r); i++ { // Levinson and Durbin's recursion
		k := 0.0
		for j := range i {
			k -= p.a[j] * r[i-j]
		}
		p.reflect(i, k/(p.left*r[0]))
	}
}

// white predicts nothing.
func white() predictor { return predictor{a: [predictorOrder + 1]float64{1}, left: 1} }

// reflect makes a predictor of i-1 coefficients one of i, of which k is the last reflection coefficient, from -1 to 1.
func (p *predictor) reflect(i int, k float64) {
	for j, m := 1, i-1; j <= m; j, m = j+1, m-1 {
		p.a[j], p.a[m] = p.a[j]+k*p.a[m], p.a[m]+k*p.a[j]
	}
	p.a[i], p.k[i-1] = k, k
	p.left *= 1 - k*k
}

// excite writes the excitation of the last len(out) samples of x; before x there was nothing.
func (p *predictor) excite(out, x []float64) {
	from := len(x) - len(out)
	for i := range out {
		out[i] = 0
		for k, a := range p.a[:min(predictorOrder, from+i)+1] {
			out[i] += a * x[from+i-k]
		}
	}
}

// restore turns excitation into sound in place. before are the samples before it, the latest first, and is kept.
func (p *predictor) restore(x []float64, before *[predictorOrder]float64) {
	a := p.a[1:]
	for i, v := range x {
		known := min(i, len(a))
		for k, w := range a[:known] {
			v -= w * x[i-1-k]
		}
		for k, w := range a[known:] {
			v -= w * before[k]
		}
		x[i] = v
	}
	n := min(len(x), len(before))
	copy(before[n:], before[:])
	for k := range n {
		before[k] = x[len(x)-1-k]
	}
}
