package audio

import (
	"math"
	"time"

	"calla/audio/dsp"
)

// Pauses says what becomes of the time in which nobody speaks.
type Pauses int

// What may become of pauses.
const (
	PausesSent Pauses = iota // sent like speech
	PausesLeft               // left out, but for a packet now and then: the format has noise of its own for them (Opus)
	PausesTold               // left out, and told as comfort noise (RFC 3389)
)

const (
	// pauseBegins is after how long without speech a pause begins: dsp.Voice has waited as long before it says that
	// nobody speaks.
	pauseBegins = 200 * time.Millisecond
	// pauseNews is how often the far end is told what there is in a pause: as often as libopus does it.
	pauseNews = 400 * time.Millisecond
	// pauseEnds is how much louder, in power, than its noise a pause can be: no beginning of a word is to wait for
	// dsp.Voice.
	pauseEnds = 4
	// pauseFollows is how fast the noise of a pause is followed, as the share that 20 ms have.
	pauseFollows = 0.1
	// comfortOrder is how many reflection coefficients comfort noise of ours has.
	comfortOrder = 10
)

// pausing finds the pauses in what is sent, and knows what noise there is in them: as it is measured, at the rate of
// G.711.
type pausing struct {
	down   *dsp.Resampler
	narrow []int16
	past   [predictorWindow]float64
	known  bool                        // what follows is
	like   [predictorOrder + 1]float64 // autocorrelation of the noise
	power  float64                     // its mean square
	quiet  time.Duration               // since somebody spoke
	told   time.Duration               // since the far end was told what there is in the pause; 0 = it was not
}

func newPausing() *pausing {
	down, _ := dsp.NewResampler(SampleRate, concealRate) // rates that there are
	return &pausing{down: down, narrow: make([]int16, 0, longestSent*concealRate/SampleRate)}
}

// hear takes the sound of a packet, and whether somebody is known to speak in it. It tells whether the packet is part
// of a pause, and if so whether the far end is to be told what there is in it.
func (p *pausing) hear(pcm []int16, spoken bool) (pause, news bool) {
	p.narrow = p.down.Process(p.narrow[:0], pcm)
	kept := copy(p.past[:], p.past[min(len(p.narrow), len(p.past)):])
	square := 0.0
	for i, s := range p.narrow {
		square += float64(s) * float64(s)
		if at := kept + i - max(0, len(p.narrow)-len(p.past)); at >= kept {
			p.past[at] = float64(s)
		}
	}
	square /= float64(len(p.narrow))
	lasts := duration(int64(len(pcm)))
	switch {
	case square > 0 && (spoken || p.known && square > pauseEnds*p.power):
		p.quiet, p.told = 0, 0
	default:
		p.quiet += lasts
	}
	if !spoken || square == 0 {
		p.learn(square, lasts)
	}
	if p.quiet <= pauseBegins {
		return false, false
	}
	news = p.told == 0 || p.told >= pauseNews
	if news {
		p.told = 0
	}
	p.told += lasts
	return true, news
}

// learn takes what is no speech, of that power, for the noise: the less the louder it is, so that one clap does not
// change it, and at once what is nothing at all.
func (p *pausing) learn(square float64, lasts time.Duration) {
	var like [predictorOrder + 1]float64
	autocorrelate(&like, p.past[:])
	share := min(1, pauseFollows*lasts.Seconds()/packetTime.Seconds())
	switch {
	case !p.known || square == 0:
		share, p.known = 1, true
	case square > pauseEnds*p.power:
		share *= max(1, pauseEnds*p.power) / square
	}
	p.power += share * (square - p.power)
	for k := range like {
		p.like[k] += share * (like[k] - p.like[k])
	}
}

// comfort appends a payload of comfort noise (RFC 3389 section 3): the level, then the reflection coefficients.
func (p *pausing) comfort(dst []byte) []byte {
	level := 127.0
	if p.power > 0 {
		level = min(127, max(0, math.Round(-20*math.Log10(math.Sqrt(p.power)/comfortZero))))
	}
	dst = append(dst, byte(level))
	var colour predictor
	colour.solve(p.like)
	for _, k := range colour.k[:comfortOrder] {
		dst = append(dst, byte(127+math.Round(max(-0.99, min(0.99, k))*32768/258)))
	}
	return dst
}
