// Package latency measures how late a microphone delivers what a loudspeaker plays, and how much of it: sweeps of tone
// are played, and found again in what is heard by a matched filter. It tells a figure that all sweeps agree on, or why
// there is none.
package latency

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"calla/audio"
)

const (
	sweeps      = 6
	sweepLength = audio.SampleRate / 10
	sweepLow    = 500.0 // hertz that it begins and …
	sweepHigh   = 6000.0
	sweepFade   = sweepLength * 3 / 10
	sweepLevel  = 0.2 // of the amplitude: -14 dBFS

	quietBefore = audio.SampleRate * 3 / 10 // the first sweep, in samples, as what follows
	longest     = audio.SampleRate * 6 / 10 // delay that is looked for
	// From sweep to sweep it is so long, and up to so much longer, at random: the echo of one that is later than
	// longest is not at the same place after the next, nor are the sweeps of another phone in the room.
	gapLeast  = longest + sweepLength + audio.SampleRate/50
	gapSpread = audio.SampleRate * 3 / 20
	waiting   = audio.SampleRate / 2 // for the first sound to come to the device
)

// Failure is why there is no figure.
type Failure string

// The failures.
const (
	Silent   Failure = "the microphone gives digital silence"
	Unheard  Failure = "the microphone does not hear the loudspeaker"
	Noisy    Failure = "it is too noisy"
	Unsteady Failure = "the delay changes all the time"
	Unplayed Failure = "the loudspeaker's device did not play the sound as it was"
)

func (f Failure) Error() string { return string(f) }

// Reading is what was measured.
type Reading struct {
	// Delay is from when the loudspeaker's device takes a sound until the microphone's has delivered it: both devices'
	// buffers and the way through the air. It is what dsp.EchoCanceller takes for the delay of the echo.
	Delay    time.Duration
	Spread   time.Duration // of the delays of single sweeps
	EchoLoss float64       // by how many dB what is heard is less than what was played, from 500 to 6,000 Hz
}

// Meter is a Probe of a Capture that hears what is played (Source) and what a microphone hears meanwhile, once. One
// goroutine calls Reference and Process; it is read when Done is closed.
type Meter struct {
	starts []int // of the sweeps, in the sound that is played
	sound  []int16
	played []int16
	heard  []int16
	leads  []int // for each Frame heard: by how much more had been played by then
	taken  int   // played, more than there is room for too
	length int   // of what is to be heard
	done   chan struct{}
}

// NewMeter returns a Meter whose sweeps come at times drawn with this seed.
func NewMeter(seed uint64) *Meter {
	random := rand.New(rand.NewPCG(seed, 1))
	m := &Meter{done: make(chan struct{})}
	at := quietBefore
	for range sweeps {
		m.starts = append(m.starts, at)
		at += gapLeast + random.IntN(gapSpread)
	}
	m.sound = make([]int16, at)
	shape := sweep()
	for _, at := range m.starts {
		for i, v := range shape {
			m.sound[at+i] = int16(math.Round(32767 * sweepLevel * float64(v)))
		}
	}
	length := len(m.sound) + waiting
	length -= length % audio.FrameSamples
	m.length, m.heard = length, make([]int16, 0, length)
	m.played = make([]int16, 0, length+waiting)
	m.leads = make([]int, 0, length/audio.FrameSamples)
	return m
}

// sweep is one sweep, between -1 and 1: a sine that rises evenly and comes and goes softly, so that its matched filter
// answers to it within a fifth of a millisecond.
func sweep() []float32 {
	x := make([]float32, sweepLength)
	for i := range x {
		t, length := float64(i)/audio.SampleRate, float64(sweepLength)/audio.SampleRate
		turns := sweepLow*t + (sweepHigh-sweepLow)*t*t/(2*length)
		fade := 1.0
		if edge := min(i, sweepLength-1-i); edge < sweepFade {
			fade = 0.5 - 0.5*math.Cos(math.Pi*(float64(edge)+0.5)/sweepFade)
		}
		x[i] = float32(fade * math.Sin(2*math.Pi*turns))
	}
	return x
}

// Source is what is to be played, from its beginning.
func (m *Meter) Source() audio.Source { return audio.NewRecording(m.sound, false) }

// Length is how long the measurement takes from when the devices run. It may be called on any goroutine.
func (m *Meter) Length() time.Duration {
	return time.Duration(m.length) * time.Second / audio.SampleRate
}

// Done is closed when enough has been heard.
func (m *Meter) Done() <-chan struct{} { return m.done }

// Reference takes what the loudspeaker's device has taken.
func (m *Meter) Reference(pcm []int16) {
	if len(m.heard) == cap(m.heard) {
		return
	}
	m.taken += len(pcm)
	m.played = append(m.played, pcm[:min(len(pcm), cap(m.played)-len(m.played))]...)
}

// Process takes a Frame of the microphone, of which nothing is to be sent: it becomes silence.
func (m *Meter) Process(frame []int16) {
	if len(m.heard) < cap(m.heard) {
		m.heard = append(m.heard, frame...)
		m.leads = append(m.leads, m.taken-len(m.heard))
		if len(m.heard) == cap(m.heard) {
			close(m.done)
		}
	}
	clear(frame)
}

// lead is by how much more was played than heard by the time of a Frame, at the most; as the echo canceller reckons,
// for which what comes early in a burst counts as there from then on. A moment in which the machine held all up does
// not count.
func (m *Meter) lead() int {
	n := len(m.leads) / sweeps
	var most []int
	for i := range sweeps {
		most = append(most, slices.Max(m.leads[i*n:][:n]))
	}
	return median(most)
}

func median[T int | float64](all []T) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
