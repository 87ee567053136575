package dsp

import "math"

const (
	// gainTarget is the level of speech that is aimed at, in dBFS: the mean power while somebody speaks.
	gainTarget = -18
	// gainLeast and gainMost bound the gain in dB: from a shout to a whisper.
	gainLeast, gainMost = -14, 36
	// gainNoise is by how much at most, in dB, what is no speech is made louder.
	gainNoise = 6
	// gainWindow is how much speech a level is taken over, in frames.
	gainWindow = 80
	// gainFirst is after how many frames at all speech counts: before, the noise is not known.
	gainFirst = 100
	// gainKnown is after how many frames of speech the level is known well enough to act on it.
	gainKnown = 10
	// gainApart is by how many dB the speech of the window must differ from the level for somebody else to speak, or
	// the same one elsewhere: then the level follows at once, to within gainNear.
	gainApart, gainNear = 4, 0.5
	// gainCalm and gainHurry are how much of the difference each frame of speech takes away otherwise and then: within
	// seconds, within a tenth of one.
	gainCalm, gainHurry = 0.004, 0.12
	// gainHold is for how many frames after speech its gain stays: the end of a word.
	gainHold = 10
	// gainClose is by how many dB in a frame the gain falls after speech.
	gainClose = 4
	// gainFaint and gainClear are by how many dB a frame of speech is louder than the noise where it gets no more gain
	// than noise, and all. A room full of people is speech, too, but never far above itself.
	gainFaint, gainClear = 5, 15
	// gainCeiling is the loudest sample that comes out: -1 dBFS. gainSudden is how many samples the gain takes down.
	gainCeiling, gainSudden = 29204, voiceRate / 1000
	// gainRelease is by how much the gain comes back in each frame after what was too loud: 0.05 dB.
	gainRelease = 1.006
)

// GainControl brings the speech in sound at 48 kHz, in frames of 10 ms, to -18 dBFS, from -50 to -10, within two
// seconds of it. It learns from speech alone, and keeps what it has learned in pauses: noise is made louder by 6 dB at
// most. What would be too loud is limited, not cut off. It has no delay. One goroutine uses it.
type GainControl struct {
	voice  *Voice
	powers [gainWindow]float32 // of frames of speech, in turn
	sum    float64
	next   int
	frames int     // so far, up to gainFirst
	known  int     // frames of speech in powers
	level  float32 // of speech, in dBFS
	apart  bool    // level is on its way to another one
	hold   int
	db     float32 // of the frame before
	factor float32 // reached at its end
	limit  float32 // part of the factor that is left by what was too loud
}

// NewGainControl returns a GainControl of the sound that voice hears: each frame goes to voice first.
func NewGainControl(voice *Voice) *GainControl {
	g := &GainControl{voice: voice}
	g.Forget()
	return g
}

// Forget begins again, without any gain: as after a change of the microphone.
func (g *GainControl) Forget() { *g = GainControl{voice: g.voice, factor: 1, limit: 1} }

// Process changes the loudness of a frame in place. What voice knows may be of a frame later.
func (g *GainControl) Process(pcm []int16) {
	square, peak := float64(0), float32(0)
	for _, s := range pcm {
		square += float64(s) * float64(s)
		peak = max(peak, float32(s), -float32(s))
	}
	g.frames = min(gainFirst, g.frames+1)
	g.learn(float32(square / float64(len(pcm))))
	g.db = g.wanted()
	want := exp2(log2of10 / 20 * g.db)
	g.limit = min(1, g.limit*gainRelease)
	ramp := len(pcm)
	if loudest := peak * max(g.factor, want*g.limit); loudest > gainCeiling {
		g.limit = min(g.limit, gainCeiling/(peak*want))
		ramp = gainSudden
	}
	g.ramp(pcm, want*g.limit, ramp)
}

// learn takes the power of a frame.
func (g *GainControl) learn(power float32) {
	if g.frames < gainFirst || g.voice.likely < 0.9 || g.voice.clear < (gainFaint+gainClear)/2 || power < 1 {
		return
	}
	g.sum += float64(power - g.powers[g.next])
	g.powers[g.next] = power
	g.next = (g.next + 1) % gainWindow
	g.known++
	if g.known < gainKnown {
		return
	}
	lately := 10 * float32(math.Log10(max(1, g.sum)/float64(min(g.known, gainWindow))/(32768*32768)))
	apart := lately - g.level
	g.apart = max(apart, -apart) > gainApart || g.apart && max(apart, -apart) > gainNear
	switch {
	case g.known < gainWindow: // the first words
		g.level = lately
	case g.apart:
		g.level += gainHurry * apart
	default:
		g.level += gainCalm * apart
	}
}

// wanted is the gain of a frame in dB.
func (g *GainControl) wanted() float32 {
	if g.known < gainKnown {
		return 0
	}
	db := max(gainLeast, min(gainMost, gainTarget-g.level))
	if db <= gainNoise {
		return db
	}
	if g.hold = max(0, g.hold-1); g.voice.likely > voiceCertain {
		g.hold = gainHold
	}
	open := float32(0)
	if g.hold > 0 {
		open = max(0, min(1, (g.voice.clear-gainFaint)*(1.0/(gainClear-gainFaint))))
	}
	return max(gainNoise+(db-gainNoise)*open, min(g.db, db)-gainClose)
}

// ramp multiplies pcm by what leads from the factor of the frame before to this one within so many samples, or as many
// as there are before the first one that would be too loud.
func (g *GainControl) ramp(pcm []int16, factor float32, samples int) {
	if factor < g.factor {
		for i, s := range pcm[:samples] {
			if x := float32(s) * g.factor; x > gainCeiling || x < -gainCeiling {
				samples = i
				break
			}
		}
	}
	now, step := g.factor, (factor-g.factor)/float32(max(1, samples))
	if factor == 1 && now == 1 {
		return
	}
	for i, s := range pcm {
		if i < samples {
			now += step
		} else {
			now = factor
		}
		pcm[i] = Round16(float32(s) * now)
	}
	g.factor = factor
}
