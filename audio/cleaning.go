package audio

import (
	"sync/atomic"
	"time"

	"calla/audio/dsp"
)

// Cleaning says what a Capture does with the sound of the microphone before anybody hears it. The zero value is
// nothing, beside the high-pass.
type Cleaning struct {
	Noise float64 // how much of the noise is taken out, from 0, none, to 1
	Gain  bool    // speech is brought to -18 dBFS
	Echo  bool    // what the loudspeaker plays is taken out
}

// Delay is by how much later what is sent is for it.
func (c Cleaning) Delay() time.Duration {
	late := 0
	if c.Echo {
		late += dsp.EchoLate
	}
	if c.Noise > 0 {
		late += dsp.NoiseLate
	}
	return duration(int64(late))
}

// cleaner is the stages of a Capture that know whether somebody speaks: noise suppression and gain, and what is told of
// that. One goroutine Processes; any may set and ask.
type cleaner struct {
	voice *dsp.Voice
	noise *dsp.NoiseSuppressor
	gain  *dsp.GainControl
	level bool // gain is at work

	wanted    atomic.Pointer[Cleaning]
	spoken    atomic.Int64 // frames in which somebody spoke
	syllables atomic.Int64 // of that
}

func newCleaner() *cleaner {
	voice := dsp.NewVoice()
	c := &cleaner{voice: voice, noise: dsp.NewNoiseSuppressor(voice), gain: dsp.NewGainControl(voice)}
	c.wanted.Store(&Cleaning{})
	return c
}

// Process implements stage.
func (c *cleaner) Process(frame Frame) {
	if c.voice.Process(frame); c.voice.Speaking() {
		c.spoken.Add(1)
		c.syllables.Store(int64(c.voice.Syllables()))
	}
	wanted := c.wanted.Load()
	c.noise.SetStrength(float32(wanted.Noise))
	c.noise.Process(frame)
	if !wanted.Gain {
		c.level = false
		return
	}
	if !c.level {
		c.level = true
		c.gain.Forget()
	}
	c.gain.Process(frame)
}

// SetCleaning changes what is done with the sound from the next frame on.
func (c *Capture) SetCleaning(cleaning Cleaning) { c.cleaner.wanted.Store(&cleaning) }

// Spoken is for how long, and in about how many syllables, somebody has spoken into the microphone since the Capture
// was made, whoever hears it. What takes long and has none was something else.
func (c *Capture) Spoken() (lasted time.Duration, syllables int) {
	return time.Duration(c.cleaner.spoken.Load()) * frameTime, int(c.cleaner.syllables.Load())
}
