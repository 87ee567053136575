package dsp

const (
	clickSteps = 8                       // of a frame, in which clicks are looked for: 1.25 ms each
	clickStep  = voiceFrame / clickSteps // samples
	clickReach = 3                       // samples between those that are compared: what is between 2 and 14 kHz
	clickLeast = 100                     // energy of a step to which a click is never compared: less is nothing
	// clickBefore is for how many steps before a click, and after it once it has faded, nothing is like it: the longest
	// period of a voice. clickFades is after how many steps it has.
	clickBefore, clickFades = 12, 5
	clickRises              = 6 // by how much a click stands out of these, in power
	// clickLasts is for how many steps after its beginning a click is in what is looked at, its low notes longest.
	clickLasts = 2*clickSteps + 4
	clickBands = 23
	// clickGrows is by how much more than in the frame before there can be in a band while a click hides it, and
	// clickStays how much of that is still expected in a frame with less, in power.
	clickGrows, clickStays = 1.4, 0.7
	// clickAlone is for how many frames before and after a click nobody speaks whose plosive it could be. clickTyping
	// is how many such clicks within about a second say that somebody types; clickMost are enough.
	clickAlone, clickTyping, clickMost = 20, 2.5, 12
	// clickForgets and clickKeeps are which part of the count is forgotten in a frame of a pause, and in one of speech.
	clickForgets, clickKeeps = 0.01, 0.0003
)

// clicks finds the keys that somebody strikes, and how much of each frame is none of theirs. A click comes out of
// nothing within two milliseconds, is heard all over from 2 to 14 kHz, and is gone after ten. A voice that begins goes
// on; its pulses and what hisses in it have their like shortly before or after; only its plosives are much like clicks.
// So none is taken out before some have been heard in a pause. Then, for as long as one is heard, no band of the
// spectrum may have more than it had before: a vowel hides what is left, and a pause has nothing of it.
//
// It looks no further ahead than the suppressor does: what may be a click is taken for one until something follows, and
// so a word that begins while somebody types is softer for up to 10 ms. Two clicks within 15 ms are taken for a voice.
type clicks struct {
	heard  []float32               // the frame, after the end of the one before
	steps  [4 * clickSteps]float32 // energy of what is high, lately
	lately uint32                  // a bit for each frame since somebody spoke, the newest lowest: a click began in it
	typed  float32                 // clicks in pauses, those of long ago counted less
	here   bool                    // there is a click in what is looked at, to be taken out
	edges  [clickBands + 1]int     // of the bands, bins
	expect [clickBands]float32     // power that there is without clicks
	rest   [clickBands]float32     // which part of the power of this frame is no click's
}

func newClicks() clicks {
	c := clicks{heard: make([]float32, 2*clickReach+voiceFrame)}
	at := 2.0
	for b := range c.edges { // of 190 Hz, and of a quarter of an octave from 1 kHz on
		c.edges[b] = int(at)
		at += max(4, at*0.19)
	}
	c.edges[0], c.edges[clickBands] = 0, voiceBins
	return c
}

// hear takes the next frame, before which nobody has spoken for so many.
func (c *clicks) hear(fresh []float32, idle int) {
	copy(c.heard, c.heard[voiceFrame:])
	copy(c.heard[2*clickReach:], fresh)
	copy(c.steps[:], c.steps[clickSteps:])
	last := len(c.steps) - 1
	for s := range clickSteps {
		sum := float32(clickLeast)
		x := c.heard[s*clickStep:]
		for i := range clickStep {
			d := x[i+2*clickReach] - 2*x[i+clickReach] + x[i]
			sum += d * d
		}
		c.steps[last+1-clickSteps+s] = sum
	}
	found, begun := false, uint32(0)
	for i := last + 1 - clickLasts; i <= last; i++ {
		if !c.begins(i) {
			continue
		}
		found = true
		if i > last-2*clickSteps && i <= last-clickSteps { // a frame ago: what follows is known
			begun = 1
		}
	}
	c.count(begun, idle)
	c.here = found && c.typed > clickTyping
}

// begins tells whether a click begins in a step, by all that is known.
func (c *clicks) begins(i int) bool {
	most := c.steps[i] * (1.0 / clickRises)
	for _, e := range c.steps[i-clickBefore : i-1] {
		if e > most {
			return false
		}
	}
	for k := i + clickFades; k < min(i+clickBefore, len(c.steps)); k++ {
		if c.steps[k] > most {
			return false
		}
	}
	return c.steps[i] >= c.steps[i-1] && (i+1 == len(c.steps) || c.steps[i] > c.steps[i+1])
}

// count counts the click that has begun, if it is one, once as much silence has followed as there was before.
func (c *clicks) count(begun uint32, idle int) {
	c.lately <<= 1
	switch {
	case idle == 0:
		c.lately = 0
	case idle > clickAlone:
		c.lately |= begun
	}
	if idle > clickAlone {
		c.typed -= clickForgets * c.typed
	} else {
		c.typed -= clickKeeps * c.typed
	}
	if c.lately>>clickAlone&1 != 0 {
		c.typed = min(clickMost, c.typed+1)
	}
}

// limit takes the clicks out of the power of the frame.
func (c *clicks) limit(power []float32) {
	for b := range clickBands {
		bins, sum := power[c.edges[b]:c.edges[b+1]], float32(0)
		for _, p := range bins {
			sum += p
		}
		c.rest[b] = 1
		if most := clickGrows * c.expect[b]; c.here && sum > most {
			c.rest[b] = most / sum
			for k := range bins {
				bins[k] *= c.rest[b]
			}
			sum = most
		}
		c.expect[b] = max(sum, clickStays*c.expect[b])
	}
}

// leave writes which part of the amplitude of each bin is left when so much of the clicks is taken out, from 0,
// nothing, to 1.
func (c *clicks) leave(left []float32, strength float32) {
	for b, rest := range c.rest {
		g := float32(1)
		if rest < 1 {
			g = exp2(0.5 * strength * log2(rest))
		}
		for k := c.edges[b]; k < c.edges[b+1]; k++ {
			left[k] = g
		}
	}
}
