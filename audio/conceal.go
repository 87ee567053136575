package audio

import (
	"errors"
	"math"
)

// errPacketLength is the refusal of an RTP payload of no sound or of too much.
var errPacketLength = errors.New("decode: payload of impossible length")

// The figures of ITU-T G.711 appendix I, in samples at 8 kHz.
const (
	concealHistory = 390 // three of the longest pitch periods, and an overlap
	pitchShortest  = 40  // 5 ms: 200 Hz; higher voices repeat after several periods
	pitchLongest   = 120 // 15 ms: 66 Hz
	pitchWindow    = 160 // compared to find the pitch: 20 ms
	concealFrame   = 80  // 10 ms, after which the picture changes
	concealSilent  = 6   // frames until what is made up has faded away
)

// concealer makes up lost sound at 8 kHz from what came before: it repeats the last pitch period,
// from the second 10 ms on the last two and then the last three, ever more softly, and joins the sound
// that follows by a cross-fade (after ITU-T G.711 appendix I).
type concealer struct {
	history [concealHistory]int16 // the newest last
	period  [pitchLongest * 3]float64
	pitch   int
	length  int // of period that is repeated
	at      int // in period
	made    int // samples made up since the last good one
	blend   [concealFrame]float64
}

func newConcealer() *concealer { return new(concealer) }

// good takes decoded sound; after a loss it cross-fades its beginning in place.
func (c *concealer) good(pcm []int16) {
	if c.made > 0 {
		// 4 ms, and 4 ms more for every 10 ms made up, at most 10 ms.
		n := min(len(pcm), concealFrame, 32+32*(c.made/concealFrame))
		c.synthesise(c.blend[:n])
		for i := range n {
			w := float64(i+1) / float64(n+1)
			pcm[i] = clip16(c.blend[i]*(1-w) + float64(pcm[i])*w)
		}
		c.made = 0
	}
	c.remember(pcm)
}

// lost fills pcm with made-up sound.
func (c *concealer) lost(pcm []int16) {
	for len(pcm) > 0 {
		n := min(len(pcm), concealFrame-c.made%concealFrame)
		if c.made%concealFrame == 0 {
			c.choose(c.made / concealFrame)
		}
		c.synthesise(c.blend[:n])
		for i := range n {
			pcm[i] = clip16(c.blend[i])
		}
		c.remember(pcm[:n])
		c.made += n
		pcm = pcm[n:]
	}
}

// choose sets what is repeated in this frame of the loss.
func (c *concealer) choose(frame int) {
	switch {
	case frame == 0:
		c.pitch = c.findPitch()
		for i, s := range c.history[concealHistory-3*c.pitch:] {
			c.period[i] = float64(s)
		}
		c.smooth(3 * c.pitch)
		c.length, c.at = c.pitch, 0
	case frame <= 2:
		// The longer stretch goes on where the shorter one was in its period.
		c.length = (frame + 1) * c.pitch
		c.at %= c.pitch
	}
}

// smooth makes the end of each stretch of whole periods run into its beginning: over a quarter period
// the end fades into what came before the beginning. All three stretches end in the same place.
func (c *concealer) smooth(n int) {
	quarter := c.pitch / 4
	for i := range quarter {
		w := float64(i+1) / float64(quarter+1)
		end := n - quarter + i
		c.period[end] = c.period[end]*(1-w) + c.period[end-c.pitch]*w
	}
}

// synthesise continues the repetition, faded for how long the loss has lasted.
func (c *concealer) synthesise(out []float64) {
	base := 3*c.pitch - c.length
	for i := range out {
		v := 0.0
		if c.pitch > 0 && c.made+i < concealSilent*concealFrame {
			v = c.period[base+c.at]
			c.at = (c.at + 1) % c.length
			// Full for 10 ms, then down to nothing by 60 ms.
			if late := c.made + i - concealFrame; late > 0 {
				v *= 1 - float64(late)/((concealSilent-1)*concealFrame)
			}
		}
		out[i] = v
	}
}

// findPitch finds the lag at which the last 20 ms are most like what came before.
func (c *concealer) findPitch() int {
	recent := c.history[concealHistory-pitchWindow:]
	best, bestLag := math.Inf(-1), pitchLongest
	for lag := pitchShortest; lag <= pitchLongest; lag++ {
		before := c.history[concealHistory-pitchWindow-lag:]
		var cross, energy float64
		for i, s := range recent {
			cross += float64(s) * float64(before[i])
			energy += float64(before[i]) * float64(before[i])
		}
		if like := cross / math.Sqrt(math.Max(energy, 1)); like > best {
			best, bestLag = like, lag
		}
	}
	return bestLag
}

func (c *concealer) remember(pcm []int16) {
	if len(pcm) >= concealHistory {
		copy(c.history[:], pcm[len(pcm)-concealHistory:])
		return
	}
	copy(c.history[:], c.history[len(pcm):])
	copy(c.history[concealHistory-len(pcm):], pcm)
}

func clip16(v float64) int16 {
	return int16(math.Max(-32768, math.Min(32767, math.Round(v))))
}
