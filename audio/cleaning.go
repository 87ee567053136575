package audio

import (
	"sync/atomic"
	"time"

	"calla/audio/dsp"
)

// Cleaning says what a Capture does with the sound of the microphone before anybody hears it. The zero value is
// nothing, beside the high-pass.
type Cleaning struct {
	Noise float64 // how much of the noise is taken out, from 0, none, to 1; what is sent is then 10 ms later
	Gain  bool    // speech is brought to -18 dBFS
	Echo  bool    // what the loudspeaker plays is taken out; what is sent is then 11.5 ms later
}

// cleaner is the stages of a Capture that know whether somebody speaks: noise suppression and gain, and what is told of
// the microphone. One goroutine Processes; any may set and ask.
type cleaner struct {
	voice *dsp.Voice
	noise *dsp.NoiseSuppressor
	gain  *dsp.GainControl
	level bool // gain is at work

	wanted   atomic.Pointer[Cleaning]
	speaking atomic.Bool
	silent   atomic.Int64 // since when, in nanoseconds of Unix time; 0 = it is not
}

func newCleaner() *cleaner {
	voice := dsp.NewVoice()
	c := &cleaner{voice: voice, noise: dsp.NewNoiseSuppressor(voice), gain: dsp.NewGainControl(voice)}
	c.wanted.Store(&Cleaning{})
	return c
}

// Process implements stage.
func (c *cleaner) Process(frame Frame) {
	c.listen(frame)
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

// listen takes notice of what the microphone gives.
func (c *cleaner) listen(frame Frame) {
	c.voice.Process(frame)
	c.speaking.Store(c.voice.Speaking())
	for _, s := range frame {
		if s != 0 {
			c.silent.Store(0)
			return
		}
	}
	c.silent.CompareAndSwap(0, time.Now().UnixNano())
}

// rest is told that there is no microphone any more, or another one.
func (c *cleaner) rest() {
	c.speaking.Store(false)
	c.silent.Store(0)
}

// SetCleaning changes what is done with the sound from the next frame on.
func (c *Capture) SetCleaning(cleaning Cleaning) { c.cleaner.wanted.Store(&cleaning) }

// Speaking tells whether somebody speaks into the microphone now, or has within the last 0.2 s, whoever hears it.
func (c *Capture) Speaking() bool { return c.cleaner.speaking.Load() }

// SilentSince is since when the microphone has given nothing but digital silence, which no room has: one that is
// switched off, or that the system keeps from us, does so. It is zero while the microphone gives sound, or gives
// nothing at all.
func (c *Capture) SilentSince() time.Time {
	at := c.cleaner.silent.Load()
	if at == 0 {
		return time.Time{}
	}
	return time.Unix(0, at)
}
