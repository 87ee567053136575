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

// noiseFollows is the share of a change of its level that noise makes with each sample: most of it in 4 ms.
const noiseFollows = 1.0 / 16

// noise is steady noise of one colour. It is coloured by a normalised lattice: whatever the colour was before, what
// remains of it there is as loud as the noise is meant to be. In a filter by the predictor's coefficients, the next
// colour could make full scale of it.
type noise struct {
	colour predictor
	level  float64                 // RMS
	now    float64                 // of the last sample
	past   [predictorOrder]float64 // of the lattice, backwards
	random *rand.Rand
}

func newNoise() noise { return noise{colour: white(), random: rand.New(rand.NewPCG(1, 2))} }

// next writes noise.
func (n *noise) next(out []float64) {
	var across [predictorOrder]float64
	for m, k := range n.colour.k {
		across[m] = math.Sqrt(max(0, 1-k*k))
	}
	for i := range out {
		v := n.random.NormFloat64()
		for m := predictorOrder - 1; m >= 0; m-- {
			k, before := n.colour.k[m], n.past[m]
			if m+1 < predictorOrder {
				n.past[m+1] = k*v + across[m]*before
			}
			v = across[m]*v - k*before
		}
		n.past[0] = v
		n.now += (n.level - n.now) * noiseFollows
		out[i] = n.now * v
	}
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
