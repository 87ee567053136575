package dsp

import "math"

const (
	bendShapes = 3
	bendEvery  = 4 // hops from look to look, …
	bendLow    = 2 // … at these bins
	bendHigh   = 100
	bendClear  = 30   // power of the echo that is expected against what is left, with which it is worth a look
	bendQuiet  = 0.03 // amplitude of what was played up to which no loudspeaker bends
	bendKeep   = 0.99 // so much of what is known is kept from look to look
	bendFirst  = 10   // what is known before: that there is no bend, as well as by so many values without noise
	bendStep   = 0.5  // share of what is found that is believed at a time
	bendMost   = 0.6  // of each curve, either way
	bendSoft   = 0.2  // amplitudes about which the curves turn
	bendLoud   = 0.7
	bendUneven = 0.3
)

// bend is how a loudspeaker departs from a straight line, as small ones do that are driven hard: it moves by less than
// it is told when that is much, and not as far in one direction as in the other. What was played goes through it before
// the filter, which knows straight lines only.
//
// The bend is a sum of a few fixed curves (a Hammerstein model; Stenger and Kellermann, "Adaptation of a memoryless
// preprocessor for nonlinear acoustic echo cancelling", 2000). How much of each there is follows from what the filter
// leaves: the curves of what was played go through its main part, and as much of them is taken as there is in that, by
// recursive least squares against what else is heard. A near talker has no part in it.
type bend struct {
	by     [bendShapes]float32 // so much of each curve
	sounds [][]float32         // the last hops that were played
	hops   int
	block  [bendShapes][]float32
	curves [bendShapes][]complex64                 // spectra
	known  [bendShapes + 1][bendShapes + 1]float32 // of the curves' products; first the line, the filter's own matter
}

func newBend() *bend {
	b := &bend{}
	for range echoKept {
		b.sounds = append(b.sounds, make([]float32, echoHop))
	}
	for i := range b.block {
		b.block[i], b.curves[i] = make([]float32, 2*echoHop), make([]complex64, echoBins)
	}
	for i := range b.known {
		b.known[i][i] = bendFirst
	}
	return b
}

// shapes are the curves at x, where full amplitude is 1.
func shapes(x float32) (soft, loud, uneven float32) {
	power := x * x
	return x * power / (power + bendSoft*bendSoft), x * power / (power + bendLoud*bendLoud),
		bendUneven * power / (power + bendUneven*bendUneven)
}

// play writes what the loudspeaker makes of hop n of what it was given into y.
func (b *bend) play(y, x []float32, n int) {
	copy(b.sounds[n%echoKept], x)
	if b.by == [bendShapes]float32{} {
		copy(y, x)
		return
	}
	for i, v := range x {
		soft, loud, uneven := shapes(v)
		y[i] = v + b.by[0]*soft + b.by[1]*loud + b.by[2]*uneven
	}
}

// learn looks at what a filter has left in this hop. x is the spectrum of what was played for its main part, which
// ended with hop n. fft lends its room.
func (b *bend) learn(f *echoFilter, fft *RealFFT, x []complex64, n int) {
	if b.hops++; b.hops%bendEvery != 0 || f.sumEcho < bendClear*f.sumLeft {
		return
	}
	var top float32
	for half := range 2 {
		for i, v := range b.sounds[(n-1+half)%echoKept] {
			at := half*echoHop + i
			b.block[0][at], b.block[1][at], b.block[2][at] = shapes(v)
			top = max(top, v, -v)
		}
	}
	if top < bendQuiet {
		return
	}
	for i, spectrum := range b.curves {
		fft.Forward(spectrum, b.block[i])
	}
	const size = bendShapes + 1
	var now [size][size]float32
	var want [size]float32
	main := f.w[f.main]
	for k := bendLow; k < bendHigh; k++ {
		w, share := main[k], f.share[k]
		y := [size]complex64{times(w, x[k])}
		for i := range b.curves {
			y[i+1] = times(w, b.curves[i][k])
		}
		for i, v := range y {
			want[i] += real(across(f.gain[k], v))
			for j := range i + 1 {
				now[i][j] += share * real(across(v, y[j]))
			}
		}
	}
	for i := range b.known {
		for j := range i {
			b.known[i][j] = bendKeep*b.known[i][j] + now[i][j]
		}
		b.known[i][i] = bendKeep*b.known[i][i] + now[i][i] + (1-bendKeep)*bendFirst
	}
	for i, v := range b.by {
		want[i+1] -= (1 - bendKeep) * bendFirst * v
	}
	step := solve(b.known, want)
	for i := range b.by {
		b.by[i] = min(max(b.by[i]+bendStep*step[i+1], -bendMost), bendMost)
	}
}

// solve finds x of a·x = b, by Cholesky's way; of a, which is positive, the lower half is there.
func solve(a [bendShapes + 1][bendShapes + 1]float32, b [bendShapes + 1]float32) [bendShapes + 1]float32 {
	for i := range a {
		for j := range i + 1 {
			sum := a[i][j]
			for k := range j {
				sum -= a[i][k] * a[j][k]
			}
			if i == j {
				a[i][i] = float32(math.Sqrt(float64(max(sum, 1e-6))))
			} else {
				a[i][j] = sum / a[j][j]
			}
		}
	}
	for i := range b {
		for k := range i {
			b[i] -= a[i][k] * b[k]
		}
		b[i] /= a[i][i]
	}
	for i := len(b) - 1; i >= 0; i-- {
		for k := i + 1; k < len(b); k++ {
			b[i] -= a[k][i] * b[k]
		}
		b[i] /= a[i][i]
	}
	return b
}
