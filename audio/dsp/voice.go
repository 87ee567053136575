package dsp

import "math"

const (
	voiceRate   = 48000
	voiceFrame  = voiceRate / 100 // samples that come at a time
	voiceWindow = 1024            // samples that are looked at together: 21 ms, of which the last 10 are new
	voiceBins   = voiceWindow/2 + 1

	voiceLow, voiceHigh = 4, 86 // the bins of speech: 190 Hz to 4 kHz
	pitchHigh           = 54    // the bin above which nothing is asked for its pitch: 2.5 kHz
	pitchShort          = voiceRate / 400
	pitchLong           = voiceRate / 68

	// voiceHang is for how many frames somebody still speaks after the last one that says so: 0.2 s.
	voiceHang = 20
	// voiceSwing is by how many dB speech becomes softer and louder from one syllable to the next, at least.
	voiceSwing = 6
	// voiceCertain is how likely speech must be for Likely to count as somebody who speaks.
	voiceCertain = 0.5

	// babbleNone and babbleSure are by how much, in doublings of power, pauses differ from frame to frame in the mean
	// of a noise that is steady, and of people who talk: a fan's and a street's by 0.13 to 0.2, a cafe's by 0.3 to 0.6.
	babbleNone, babbleSure = 0.2, 0.26
	// babbleFar is how many dB the loudest speech is above what is no babble any more, as breath and rooms are uneven,
	// too; 10 dB before, all of it is.
	babbleFar = 40
	// babbleMean and babbleLearns are how fast what is usual in pauses, and how much they differ from it, are followed.
	babbleMean, babbleLearns = 0.1, 0.02
	// babbleDoubt is how much more must speak for speech where there is babble.
	babbleDoubt = 0.7
)

// Voice tells whether somebody speaks, by sound at 48 kHz in frames of 10 ms: by how far it stands out of the noise, by
// its pitch, which has neither the air nor a key that is struck, and by how loud it is beside what was spoken before,
// by which whoever is near the microphone differs from a room full of people. Where pauses are as uneven as people are
// who talk, it is harder to convince, and its noise is the mean of such a room instead of what is between the words: it
// takes some pauses until this is known. Weak words that are no louder than the room are lost by it, at 0 dB half of
// all frames. It has no delay, and does not ask how loud the microphone is. One goroutine uses it.
type Voice struct {
	fft      *RealFFT
	window   []float32
	past     []float32 // what was heard last, voiceWindow long
	shaped   []float32
	spectrum []complex64 // of past under window
	power    []float32   // of spectrum, without the clicks of keys
	floor    noiseFloor
	clicks   clicks

	products []complex64 // for the pitch
	lags     []float32

	lately  [2]float32 // how far the last two frames stood out
	pitched float32    // smoothed share of the power that has one pitch
	loudest float32    // dB: the speech heard lately
	clear   float32    // dB: by how much the frame is louder than the noise, between voiceLow and voiceHigh
	usual   float32    // doublings of power by which a pause is above the noise
	uneven  float32    // … and by how many the frames of pauses differ from that
	babble  float32    // how much this is like people who talk, 0 to 1
	likely  float32
	steady  float32 // likely, smoothed
	loud    float32 // dB: the frame between voiceLow and voiceHigh, smoothed over some 30 ms
	swing   swing   // of that
	hang    int     // frames for which somebody still speaks
	idle    int     // frames for which nobody has
}

// NewVoice returns a Voice that has heard nothing.
func NewVoice() *Voice {
	v := &Voice{
		fft: NewRealFFT(voiceWindow), window: make([]float32, voiceWindow), past: make([]float32, voiceWindow),
		shaped: make([]float32, voiceWindow), spectrum: make([]complex64, voiceBins),
		power: make([]float32, voiceBins), products: make([]complex64, voiceBins),
		lags: make([]float32, voiceWindow), floor: newNoiseFloor(), clicks: newClicks(),
	}
	// The window falls over the new frame alone: what comes back of it can be played 10 ms late, and yet the notes of a
	// voice are told apart by more than those.
	const rise = voiceWindow - voiceFrame
	for i := range v.window {
		if i < rise {
			v.window[i] = float32(math.Sin(math.Pi / 2 * (float64(i) + 0.5) / rise))
		} else {
			v.window[i] = float32(math.Cos(math.Pi / 2 * (float64(i-rise) + 0.5) / voiceFrame))
		}
	}
	return v
}

// Process hears the next 10 ms.
func (v *Voice) Process(pcm []int16) {
	copy(v.past, v.past[voiceFrame:])
	fresh := v.past[voiceWindow-voiceFrame:]
	for i, s := range pcm[:voiceFrame] {
		fresh[i] = float32(s)
	}
	for i, x := range v.past {
		v.shaped[i] = x * v.window[i]
	}
	v.fft.Forward(v.spectrum, v.shaped)
	for k, c := range v.spectrum {
		v.power[k] = real(c)*real(c) + imag(c)*imag(c) + 1 // never nothing: there is always a half of a step
	}
	v.clicks.hear(fresh, v.idle)
	v.clicks.limit(v.power)
	v.floor.follow(v.power, v.steady, v.babble)
	v.judge()
}

// Speaking tells whether somebody speaks, or has spoken within the last 0.2 s.
func (v *Voice) Speaking() bool { return v.hang > 0 }

// Likely is how likely the last frame is speech, 0 to 1.
func (v *Voice) Likely() float32 { return v.likely }

// Syllables counts how often speech has become softer after it was louder: some four times a second while somebody
// speaks. What begins and stays, a fan or a tone, may be taken for speech until it is known for noise, but has no
// syllables.
func (v *Voice) Syllables() int { return v.swing.falls }

// swing counts how often a level falls by voiceSwing, after it has risen by as much.
type swing struct {
	extreme float32 // dB: the most since it rose, the least since it fell
	low     bool    // it has fallen
	falls   int
}

// follow takes the level on, which counts or does not.
func (s *swing) follow(db float32, counts bool) {
	switch {
	case s.low && db < s.extreme, !s.low && db > s.extreme:
		s.extreme = db
	case s.low && db > s.extreme+voiceSwing:
		s.low, s.extreme = false, db
	case !s.low && db < s.extreme-voiceSwing:
		s.low, s.extreme = true, db
		if counts {
			s.falls++
		}
	}
}

// judge weighs the frame. The weights are those of a logistic regression over real speech of two women in a fan's, a
// street's, a keyboard's and a cafe's noise at 0 to 15 dB, one of them; they do as well with the other, and with a
// voice of a man's pitch.
func (v *Voice) judge() {
	out := v.standsOut()
	pitched := v.pitch()
	v.pitched += 0.1 * (pitched - v.pitched)
	level, noise := float32(1000), float32(1000)
	for k := voiceLow; k < voiceHigh; k++ {
		noise += v.floor.noise[k]
		level += max(0, v.power[k]-v.floor.noise[k])
	}
	db := 10 / log2of10 * log2(level)
	// Speech is forgotten by 2 dB a second, and never taken to be less than 10 dB above the noise.
	around := 10 / log2of10 * log2(noise)
	v.loudest = max(v.loudest-0.02, db, 10+around)
	v.babble = max(0, min(1, (v.uneven-babbleNone)/(babbleSure-babbleNone))) *
		max(0, min(1, (babbleFar-v.loudest+around)*0.1))
	weight := -0.188*out + 0.896*pitched + 0.26*max(-30, db-v.loudest) + 1.136*min(out, v.lately[0], v.lately[1]) +
		7.24*v.pitched - 0.4 - babbleDoubt*v.babble
	v.lately[0], v.lately[1] = out, v.lately[0]

	// Two states that seldom change, so that one frame does not decide.
	const begins, ends, trust = 0.02, 0.03, 0.5 // neighbours are alike: each counts half
	before := v.likely*(1-ends) + (1-v.likely)*begins
	odds := before / (1 - before) * exp2(log2ofE*trust*max(-6, min(6, weight)))
	v.likely = odds / (1 + odds)
	if v.likely > v.steady {
		v.steady += 0.8 * (v.likely - v.steady)
	} else {
		v.steady += 0.15 * (v.likely - v.steady)
	}
	v.hang, v.idle = max(0, v.hang-1), v.idle+1
	if v.likely > voiceCertain {
		v.hang = voiceHang
	}
	if v.hang > 0 {
		v.idle = 0
	}
	v.swing.follow(v.loud, v.hang > 0)
}

// standsOut is how far the frame is above the noise, in doublings of power, over the bins of speech. In pauses it
// learns how uneven they are.
func (v *Voice) standsOut() float32 {
	sum, all, heard, noise := float32(0), float32(0), float32(0), float32(0)
	p, n := v.power, &v.floor.noise
	for k := voiceLow; k < voiceHigh; k++ {
		heard, noise = heard+p[k], noise+n[k]
		out := log2((p[k-1] + p[k] + p[k+1]) / (n[k-1] + n[k] + n[k+1]))
		sum, all = sum+max(0, min(5, out)), all+out
	}
	if all /= voiceHigh - voiceLow; v.hang == 0 {
		v.usual += babbleMean * (all - v.usual)
		v.uneven += babbleLearns * (max(all-v.usual, v.usual-all) - v.uneven)
	}
	v.clear = 10 / log2of10 * log2(heard/noise)
	v.loud += 0.3 * (10/log2of10*log2(heard) - v.loud)
	return sum / (voiceHigh - voiceLow)
}

// pitch is the share of the power that comes again after one period of 68 to 400 Hz and is not the noise's.
func (v *Voice) pitch() float32 {
	clear(v.products)
	all := float32(1000)
	for k := 2; k < pitchHigh; k++ {
		all += v.power[k]
		v.products[k] = complex(max(0, v.power[k]-2*v.floor.noise[k]), 0)
	}
	v.fft.Inverse(v.lags, v.products)
	best := float32(0)
	for lag := pitchShort; lag < pitchLong; lag++ {
		// The window is shorter than the sound, and so the longer periods seem less.
		best = max(best, v.lags[lag]/(1-float32(lag)*(1.0/1100)))
	}
	return min(1.5, best*(voiceWindow/2)/all)
}
