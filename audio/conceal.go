package audio

import (
	"errors"
	"math"
	"slices"
)

// errPacketLength is the refusal of an RTP payload of no sound or of too much.
var errPacketLength = errors.New("decode: payload of impossible length")

// concealRate is the sampling rate that sound is made up at, in hertz, and concealMS its samples in a millisecond.
const (
	concealRate = 8000
	concealMS   = concealRate / 1000
)

// In samples.
const (
	concealHistory = 40 * concealMS
	concealStep    = 10 * concealMS
	concealWhole   = 10 * concealMS   // how long what is made up is as loud as what came before
	concealGone    = 60 * concealMS   // when nothing is left of it but the background
	concealLongest = 120 * concealMS  // gaps that are filled from both ends
	concealNext    = 5 * concealMS    // how much of what follows says how it was before, at least
	concealHush    = 500 * concealMS  // when the background begins to fade as well
	concealSilent  = 1000 * concealMS // when it is gone
	// A cross-fade into what follows lasts concealMerge, and as much more for every 10 ms made up.
	concealMerge  = 4 * concealMS
	concealMerged = 10 * concealMS // at most
)

// concealer makes up lost sound for codecs that do not. It goes on from what came before: the last pitch period is
// repeated. Where what follows the gap has come already, that is continued backwards in the same way, and the one is
// faded into the other. What is made up fades into the noise that the far end's background has in pauses.
type concealer struct {
	history [concealHistory]float64 // the newest last
	made    int                     // samples made up since the last good one
	floor   background
	noise   noise
	onward  continuation // of history
	back    continuation // of what follows the gap

	resting bool // the far end makes a pause, and said what noise there is in it
	rested  int  // samples made up in it

	plan   []float64 // of room: made up already, to be played next
	room   [concealLongest]float64
	other  [concealLongest]float64
	hiss   [concealLongest]float64
	future [concealHistory]float64 // what follows the gap, the latest first
}

// newConcealer returns a concealer for sound at concealRate.
func newConcealer() *concealer { return &concealer{floor: newBackground(), noise: newNoise()} }

// good takes decoded sound; after a loss it cross-fades its beginning in place.
func (c *concealer) good(pcm []int16) {
	if c.made > 0 {
		made := c.other[:min(len(pcm), concealMerged, concealMerge*(1+c.made/concealStep))]
		if c.resting {
			made = made[:min(len(made), concealMerge)] // or the beginning of a word is missed
		}
		c.synthesise(made)
		for i, v := range made {
			w := float64(i+1) / float64(len(made)+1)
			pcm[i] = clip16(v*(1-w) + float64(pcm[i])*w)
		}
	}
	c.made, c.plan, c.resting = 0, nil, false
	c.remember(pcm)
	c.floor.add(c.history[:], len(pcm))
}

// lost fills pcm with made-up sound.
func (c *concealer) lost(pcm []int16) {
	for len(pcm) > 0 {
		n := min(len(pcm), concealStep)
		made := c.other[:n]
		c.synthesise(made)
		for i, v := range made {
			pcm[i] = clip16(v)
		}
		c.remember(pcm[:n])
		pcm = pcm[n:]
	}
}

// between fills pcm with made-up sound: the beginning of a gap of so many samples, after which comes next, if that is
// known.
func (c *concealer) between(pcm, next []int16, gap int) {
	if len(c.plan) != gap && gap <= len(c.room) && len(next) >= concealNext {
		c.interpolate(next, gap)
	}
	c.lost(pcm)
	if c.plan != nil && len(c.plan) == 0 {
		c.made = 0 // it has run into next already
	}
}

// synthesise makes up what comes next.
func (c *concealer) synthesise(out []float64) {
	n := copy(out, c.plan)
	c.plan = c.plan[n:]
	c.made += n
	c.rested += n
	out = out[n:]
	if len(out) == 0 {
		return
	}
	c.begin()
	c.onward.next(out)
	hiss := c.hiss[:len(out)]
	c.noise.next(hiss)
	for i, v := range out {
		gain, hush := c.fading(0)
		out[i] = v*gain + hiss[i]*math.Sqrt(1-gain*gain)*hush
		c.made++
		c.rested++
	}
}

// begin looks at what came before a gap.
func (c *concealer) begin() {
	if c.made > 0 {
		return
	}
	c.onward.begin(c.history[:])
	if !c.resting {
		c.floor.into(&c.noise)
	}
}

// rest makes noise what is made up from now on, until the next good sound.
func (c *concealer) rest(level float64, colour predictor) {
	if !c.resting {
		c.resting, c.rested = true, 0
	}
	c.noise.level, c.noise.colour = level, colour
}

// fading is how much is heard of onward, and of the noise beside it, so many samples from now.
func (c *concealer) fading(ahead int) (gain, hush float64) {
	gain = gone(c.made + ahead)
	if c.resting {
		return gain * falling(c.rested+ahead, 0, concealStep), 1
	}
	return gain, falling(c.made+ahead, concealHush, concealSilent)
}

// gone is how much is heard of a sound that ended so many samples ago.
func gone(ago int) float64 { return falling(ago, concealWhole, concealGone) }

// falling is 1 until from, then falls to 0 at to.
func falling(at, from, to int) float64 {
	return max(0, min(1, float64(to-at)/float64(to-from)))
}

// interpolate plans the rest of a gap.
func (c *concealer) interpolate(next []int16, gap int) {
	onward, back, hiss := c.room[:gap], c.other[:gap], c.hiss[:gap]
	c.begin()
	c.onward.next(onward)
	c.noise.next(hiss)
	future := c.future[:min(len(next), len(c.future))]
	for i := range future {
		future[len(future)-1-i] = float64(next[i])
	}
	c.back.begin(future)
	c.back.next(back)
	slices.Reverse(back)
	var cross, e1, e2 float64
	for i, v := range onward {
		cross, e1, e2 = cross+v*back[i], e1+v*v, e2+back[i]*back[i]
	}
	alike := max(0, cross/math.Sqrt(e1*e2+1))
	for i, v := range onward {
		w := (float64(i) + 0.5) / float64(gap)
		// As far as the two are alike their amplitudes add, as far as they are not their powers.
		loud := 1 / math.Sqrt(w*w+(1-w)*(1-w)+2*alike*w*(1-w))
		gain, _ := c.fading(i)
		from, to := loud*(1-w)*gain, loud*w*gone(gap-1-i)
		left := 1 - from*from - to*to - 2*alike*from*to
		onward[i] = v*from + back[i]*to + hiss[i]*math.Sqrt(max(0, left))
	}
	c.plan = onward
}

func (c *concealer) remember(pcm []int16) {
	pcm = pcm[max(0, len(pcm)-len(c.history)):]
	kept := copy(c.history[:], c.history[len(pcm):])
	for i, s := range pcm {
		c.history[kept+i] = float64(s)
	}
}

func clip16(v float64) int16 {
	return int16(math.Max(-32768, math.Min(32767, math.Round(v))))
}
