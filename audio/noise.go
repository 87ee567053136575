package audio

import (
	"math"
	"math/rand/v2"
)

const (
	// floorLoudest bounds what is taken for the background: in the RMS of a loud room, -40 dBFS.
	floorLoudest = 328.0
	// floorTold is the share of the power that noise has at least left over when it is predicted: less is a tone.
	floorTold = 0.01
	// floorMemory is how long the quietest moment counts, once or twice: speech pauses more often.
	floorMemory = 2 * concealRate
)

// noise is steady noise of one colour.
type noise struct {
	colour predictor
	level  float64 // RMS
	before [predictorOrder]float64
	random *rand.Rand
}

func newNoise() noise { return noise{colour: white(), random: rand.New(rand.NewPCG(1, 2))} }

// next writes noise.
func (n *noise) next(out []float64) {
	loud := n.level * math.Sqrt(n.colour.left)
	for i := range out {
		out[i] = loud * n.random.NormFloat64()
	}
	n.colour.restore(out, &n.before)
}

// background finds the noise behind speech: the quietest moment of the last seconds.
type background struct {
	now, before moment
	left        int // samples until now is before
}

// moment is how loud a moment's sound was, and of what colour.
type moment struct {
	level  float64 // RMS; negative: none yet
	colour predictor
}

func newBackground() background { return background{now: moment{level: -1}, before: moment{level: -1}} }

// add takes n new samples at the end of x.
func (b *background) add(x []float64, n int) {
	x = x[len(x)-predictorWindow:]
	square := 0.0
	for _, v := range x {
		square += v * v
	}
	if level := math.Sqrt(square / float64(len(x))); b.now.level < 0 || level < b.now.level {
		b.now.level = level
		b.now.colour.fit(x)
	}
	if b.left -= n; b.left <= 0 {
		b.before, b.now.level, b.left = b.now, -1, floorMemory
	}
}

// into makes n the noise found.
func (b *background) into(n *noise) {
	found := &b.now
	if found.level < 0 || b.before.level >= 0 && b.before.level < found.level {
		found = &b.before
	}
	n.level = 0
	if found.level > 0 && found.colour.left > floorTold {
		n.level, n.colour = min(found.level, floorLoudest), found.colour
	}
}
