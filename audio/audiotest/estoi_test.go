package audiotest_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"calla/audio"
	"calla/audio/audiotest"
)

func speech(seed uint64, seconds int) []int16 {
	voice := audiotest.NewSpeech(seed)
	pcm := make([]int16, 0, seconds*audio.SampleRate)
	frame := make(audio.Frame, audio.FrameSamples)
	for len(pcm) < cap(pcm) {
		voice.Fill(frame)
		pcm = append(pcm, frame...)
	}
	return pcm
}

// with is pcm with noise of the same power in all its length, and that much less of it in dB.
func with(pcm []int16, snr float64) []int16 {
	random := rand.New(rand.NewPCG(7, 7))
	power := 0.0
	for _, s := range pcm {
		power += float64(s) * float64(s) / float64(len(pcm))
	}
	sigma := math.Sqrt(power) * math.Pow(10, -snr/20)
	noisy := make([]int16, len(pcm))
	for i, s := range pcm {
		noisy[i] = int16(math.Max(-32768, math.Min(32767, float64(s)+sigma*random.NormFloat64())))
	}
	return noisy
}

func TestESTOIFallsAsSpeechIsSpoiled(t *testing.T) {
	clean := speech(1, 10)
	if d := audiotest.ESTOI(clean, clean); d < 0.9999 || d > 1.0001 {
		t.Errorf("the same sound: %v", d)
	}
	quieter := make([]int16, len(clean))
	for i, s := range clean {
		quieter[i] = s / 4
	}
	if d := audiotest.ESTOI(clean, quieter); d < 0.999 {
		t.Errorf("the same sound, 12 dB quieter: %v", d)
	}
	last := 1.0
	for _, snr := range []float64{30, 20, 10, 5, 0, -5} {
		d := audiotest.ESTOI(clean, with(clean, snr))
		if d >= last {
			t.Errorf("noise at %v dB: %.3f, and %.3f with less of it", snr, d, last)
		}
		t.Logf("noise at %v dB: %.3f", snr, d)
		last = d
	}
	if d := audiotest.ESTOI(clean, speech(2, 10)); math.Abs(d) > 0.25 {
		t.Errorf("another sound: %.3f", d)
	}
	if d := audiotest.ESTOI(make([]int16, 48000), make([]int16, 48000)); !math.IsNaN(d) {
		t.Errorf("silence: %v", d)
	}
}

func TestDelayIsFound(t *testing.T) {
	clean := speech(3, 4)
	for _, d := range []int{0, 1, 47, 480, 12345, -2000} {
		late := make([]int16, len(clean))
		for i := range late {
			if j := i - d; j >= 0 && j < len(clean) {
				late[i] = clean[j]
			}
		}
		if got := audiotest.Delay(clean, with(late, 15), audio.SampleRate/2); got != d {
			t.Errorf("%d samples were taken for %d", d, got)
		}
	}
}
