package audio

import "math"

// In samples at concealRate.
const (
	pitchShortest = concealRate / 400 // of a voice of 400 Hz
	pitchLongest  = concealRate / 66
	pitchWindow   = 6 * concealMS // compared to find the pitch, at most
	pitchLeast    = 4 * concealMS // and at least
	// pitchLike is how alike (normalised correlation) two periods of a voice are at least.
	pitchLike = 0.5
)

// continuation goes on from a sound: its last pitch period is repeated, as the excitation of a predictor that gives it
// the sound's colour and lets it begin without a seam.
type continuation struct {
	colour predictor
	cycle  []float64 // the excitation of one period
	at     int       // in cycle
	before [predictorOrder]float64
	room   [pitchLongest]float64 // of cycle
}

// begin goes on from x.
func (c *continuation) begin(x []float64) {
	c.colour.fit(x)
	c.cycle, c.at = c.room[:pitch(x)], 0
	c.colour.excite(c.cycle, x)
	for k := range c.before {
		c.before[k] = x[len(x)-1-k]
	}
}

// next writes what follows.
func (c *continuation) next(out []float64) {
	for i := range out {
		out[i] = c.cycle[c.at]
		if c.at++; c.at == len(c.cycle) {
			c.at = 0
		}
	}
	c.colour.restore(out, &c.before)
}

// pitch finds the lag at which the end of x is most like what came before. Where nothing is, there is no voice, and the
// longest lag is heard as a period the least.
func pitch(x []float64) int {
	longest := min(pitchLongest, len(x)-pitchLeast)
	best, found := pitchLike, max(longest, pitchShortest)
	for lag := pitchShortest; lag <= longest; lag++ {
		now := x[max(lag, len(x)-pitchWindow):]
		before := x[len(x)-lag-len(now):][:len(now)]
		var cross, square, earlier float64
		for i, v := range now {
			w := before[i]
			cross, square, earlier = cross+v*w, square+v*v, earlier+w*w
		}
		if like := cross / math.Sqrt(square*earlier+1); like > best {
			best, found = like, lag
		}
	}
	return found
}
