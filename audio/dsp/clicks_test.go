package dsp_test

import (
	"fmt"
	"math"
	"testing"

	"calla/audio"
	"calla/audio/audiotest"
)

// TestKeysAreTakenOut of pauses and of speech: who types is understood better than by what the microphone heard.
func TestKeysAreTakenOut(t *testing.T) {
	for seed := range uint64(2) {
		for _, snr := range []float64{5, 15} {
			t.Run(fmt.Sprintf("keys %d at %v dB", seed, snr), func(t *testing.T) {
				speech := at(spoken(seed), -26)
				clean, noisy := sum(speech), sum(speech, at(take(audiotest.NewKeyboard(seed), 8), -26-snr))
				out := cleaned(noisy, 1)
				lost := level(between(noisy, 6.5, 7.9)) - level(between(out, 6.5, 7.9))
				before := audiotest.ESTOI(between(clean, 2, 6), between(noisy, 2, 6))
				after := audiotest.ESTOI(between(clean, 2, 6), between(out, 2, 6))
				t.Logf("%.1f dB, ESTOI %.3f, was %.3f", lost, after, before)
				if lost < 15 {
					t.Errorf("keys lost %.1f dB in a pause", lost)
				}
				if after < before+0.02 {
					t.Errorf("ESTOI is %.3f, was %.3f", after, before)
				}
			})
		}
	}
}

// TestPlosivesStay: bursts as short as a key's are left alone in speech where those after pauses were the beginning of
// it, and taken out where those were heard alone.
func TestPlosivesStay(t *testing.T) {
	const long, after, apart, soon = 0.005, 0.02, 0.9, 0.4
	burst := white(1)
	for _, typing := range []bool{false, true} {
		sound := make([]float64, 14*audio.SampleRate)
		strike := func(at float64, speaks bool) {
			from := int(at * audio.SampleRate)
			for i := range int(long * audio.SampleRate) {
				sound[from+i] = burst[i] / 20000
			}
			from += int(after * audio.SampleRate)
			for i := from; i < from+int(0.3*audio.SampleRate) && speaks; i++ {
				for k := range 25 {
					sound[i] += 2500 / float64(k+1) * math.Sin(2*math.Pi*130*float64((k+1)*(i-from))/audio.SampleRate)
				}
			}
		}
		for i := range 10 {
			strike(2+apart*float64(i), !typing)
		}
		for at := 2.0; at < 11 && typing; at += 0.2 {
			strike(at, false)
		}
		for i := range 6 {
			strike(11+soon*float64(i), true)
		}
		pcm := sum(sound)
		out := cleaned(pcm, 1)
		least, most := math.Inf(1), 0.0
		for i := 1; i < 6; i++ { // the first one is in a pause
			at := 11 + soon*float64(i)
			lost := level(between(pcm, at, at+long)) - level(between(out, at, at+long))
			least, most = min(least, lost), max(most, lost)
		}
		t.Logf("typing: %v: %.1f to %.1f dB taken", typing, least, most)
		if !typing && most > 3 {
			t.Errorf("%.1f dB of a plosive were taken", most)
		}
		if typing && least < 6 {
			t.Errorf("%.1f dB of a key were taken", least)
		}
	}
}
