package audio_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// spoken is so many seconds of a voice.
func spoken(seconds int) []int16 {
	var pcm []int16
	voice, frame := audiotest.NewSpeech(3), make(audio.Frame, audio.FrameSamples)
	for range seconds * 100 {
		voice.Fill(frame)
		pcm = append(pcm, frame...)
	}
	return pcm
}

// late is a network that delays each packet by what the function says, in milliseconds, and keeps the order or not.
func late(ordered bool, by func(i int) float64) func(time.Duration, int) []time.Duration {
	i, last := 0, time.Duration(0)
	return func(at time.Duration, _ int) []time.Duration {
		at += time.Duration(by(i) * float64(time.Millisecond))
		i++
		if ordered {
			at = max(at, last)
			last = at
		}
		return []time.Duration{at}
	}
}

// TestBadNetworksAreHeardThrough: on each kind of network speech stays what it was, on one timeline, with no more delay
// than the network needs.
func TestBadNetworksAreHeardThrough(t *testing.T) {
	const ms = time.Millisecond
	said := spoken(16)
	best := 0.0 // ESTOI of the first
	r := rand.New(rand.NewPCG(5, 9))
	normal := func(sigma float64) func(int) float64 {
		return func(int) float64 { return math.Abs(r.NormFloat64()) * sigma }
	}
	for _, v := range []struct {
		name    string
		network func(time.Duration, int) []time.Duration
		drift   float64
		less    float64 // ESTOI than of the calm one
		delay   time.Duration
		made    float64       // share of what is heard
		moved   time.Duration // sound taken out and put in
	}{
		{"calm", nil, 0, 0, 30 * ms, 0.01, 15 * ms},
		{"jitter of 30 ms", late(true, normal(30)), 0, 0.03, 110 * ms, 0.02, 120 * ms},
		{"jitter of 60 ms", late(true, normal(60)), 0, 0.06, 190 * ms, 0.03, 200 * ms},
		{"packets pass each other", late(false, func(int) float64 {
			return min(12*(1/math.Sqrt(1-r.Float64())-1), 500)
		}), 0, 0.28, 100 * ms, 0.05, 100 * ms}, // most of it in the first three seconds
		{"300 ms of nothing, twice", late(true, func(i int) float64 {
			return math.Max(0, 300-float64((i+200)%400)*20)
		}), 0, 0.12, 40 * ms, 0.06, 30 * ms},
		{"a slow clock", nil, 200, 0.02, 30 * ms, 0.01, 30 * ms},
		{"a fast clock", nil, -200, 0.02, 30 * ms, 0.01, 30 * ms},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := must(audiotest.Passage{Codec: audio.PCMU(), Network: v.network, Drift: v.drift}.Carry(said))
			lag := audiotest.Delay(said[:6*audio.SampleRate], h.PCM[:7*audio.SampleRate], audio.SampleRate/2)
			estoi := audiotest.ESTOI(said, h.PCM[lag:])
			made := float64(h.Stats.Concealed) / float64(h.Stats.Played)
			moved := time.Duration(h.Stats.Removed+h.Stats.Inserted) * time.Second / audio.SampleRate
			t.Logf("%s: ESTOI %.3f, delay %v, made up %.2f %%, moved %v", v.name, estoi, h.Median(), 100*made, moved)
			best = max(best, estoi)
			if estoi < best-v.less || h.Median() > v.delay || made > v.made || moved > v.moved {
				t.Errorf("%s: too little ESTOI, or too much of the rest", v.name)
			}
		})
	}
}
