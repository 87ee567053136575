package dsp_test

import (
	"fmt"
	"math"
	"testing"

	"calla/audio"
	"calla/audio/audiotest"
	"calla/audio/dsp"
)

// levelled is pcm after gain control, alone.
func levelled(pcm []int16) []int16 {
	voice := dsp.NewVoice()
	gain := dsp.NewGainControl(voice)
	out := append([]int16(nil), pcm...)
	for i := 0; i+frame <= len(out); i += frame {
		voice.Process(out[i : i+frame])
		gain.Process(out[i : i+frame])
	}
	return out
}

// TestWhisperAndShoutAreAsLoud: from two seconds of speech on, at whatever level, and after another.
func TestWhisperAndShoutAreAsLoud(t *testing.T) {
	voice, noise := take(audiotest.NewSpeech(5), 6), append(white(6), white(6)...)
	noise = at(noise, -80)
	for _, c := range []struct{ first, then float64 }{
		{-50, -50}, {-40, -40}, {-30, -30}, {-18, -18}, {-10, -10}, {-50, -10}, {-10, -50}, {-40, -20},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			out := levelled(sum(append(at(voice, c.first), at(voice, c.then)...), noise))
			for _, from := range []float64{2, 8} {
				if got := level(between(out, from, from+4)); math.Abs(got+18) > 3 {
					t.Errorf("%.1f dBFS after %v s", got, from)
				}
			}
			for i, s := range out {
				if s > 29205 || s < -29205 {
					t.Fatalf("sample %d is %d", i, s)
				}
			}
		})
	}
}

// TestNoiseIsNeverLifted by more than 6 dB, however quiet the voice was before it.
func TestNoiseIsNeverLifted(t *testing.T) {
	for kind, source := range noises() {
		if kind == "cafe" {
			continue // whose voices are as good as any where nobody is nearer
		}
		noise := take(source, 8)
		for _, c := range []struct{ speech, noise float64 }{{-100, -50}, {-40, -55}, {-30, -50}} {
			t.Run(fmt.Sprintf("%s %v", kind, c), func(t *testing.T) {
				pcm := sum(at(spoken(4), c.speech), at(noise, c.noise))
				out := levelled(pcm)
				for _, s := range [][2]float64{{0, 2}, {6.2, 8}} {
					before, after := level(between(pcm, s[0], s[1])), level(between(out, s[0], s[1]))
					if after-before > 6.1 {
						t.Errorf("from %v s on: %.1f dBFS, was %.1f", s[0], after, before)
					}
				}
			})
		}
	}
}

// TestVoiceIsToldFromNoise counts the frames of a voice that are taken for one, and those of noise that are.
func TestVoiceIsToldFromNoise(t *testing.T) {
	for kind, source := range noises() {
		noise := take(source, 8)
		for _, loud := range []float64{-26, -46} {
			t.Run(fmt.Sprintf("%s, %v dBFS", kind, loud), func(t *testing.T) {
				pcm := sum(at(spoken(6), loud), at(noise, loud-10))
				voice := dsp.NewVoice()
				var hits, alarms, talk, pause float64
				for i := 0; i+frame <= len(pcm); i += frame {
					voice.Process(pcm[i : i+frame])
					switch second := float64(i) / audio.SampleRate; {
					case second >= 2.1 && second < 6:
						talk++
						if voice.Speaking() {
							hits++
						}
					case second >= 0.5 && second < 2 || second >= 6.3:
						pause++
						if voice.Speaking() {
							alarms++
						}
					}
				}
				t.Logf("%.2f hits, %.2f false alarms", hits/talk, alarms/pause)
				// Those in a cafe are voices, which have to be learned.
				if hits/talk < 0.8 || alarms/pause > 0.2 && kind != "cafe" || alarms/pause > 0.55 {
					t.Errorf("%.2f hits, %.2f false alarms", hits/talk, alarms/pause)
				}
			})
		}
	}
}
