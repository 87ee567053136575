package audio

import (
	"math"
	"testing"
)

// TestLevelsOfSpeechAndPausesAreTold: once both have been heard for a while, and of the last minute.
func TestLevelsOfSpeechAndPausesAreTold(t *testing.T) {
	type part struct {
		level   float64 // dBFS
		packets int
	}
	talk := func(speech, pauses float64) []part {
		return []part{{speech, 40}, {speech - 8, 30}, {speech - 25, 10}, {pauses, 70}}
	}
	for _, v := range []struct {
		name           string
		first, then    []part
		times          int     // that then is heard
		speech, pauses float64 // 0: not known
	}{
		{"nothing", nil, nil, 0, 0, 0},
		{"a word", nil, talk(-20, -60), 1, 0, 0},
		{"talk", nil, talk(-20, -60), 4, -22, -60},
		{"soft talk", nil, talk(-45, -75), 4, -47, -75},
		{"noise alone", nil, []part{{-40, 100}, {-41, 100}}, 5, 0, 0},
		{"talk without pauses", nil, []part{{-20, 40}, {-28, 30}, {-35, 30}}, 20, 0, 0},
		{"talk, and muted for long", nil, append(talk(-20, -60), part{Silence, 1000}), 4, -22, -60},
		{"muted", nil, []part{{Silence, 100}}, 50, 0, 0},
		{"of another loudness some minutes ago", []part{{-30, 2000}, {-70, 2000}}, talk(-15, -50), 80, -17, -50},
	} {
		var l levels
		hear := func(parts []part) {
			for _, p := range parts {
				square := math.Pow(amplitude(p.level), 2)
				if p.level == Silence {
					square = 0
				}
				for range p.packets {
					l.hear(square)
				}
			}
		}
		hear(v.first)
		for range v.times {
			hear(v.then)
		}
		speech, pauses := l.tell()
		if math.Abs(speech-v.speech) > 1.5 || math.Abs(pauses-v.pauses) > 1.5 ||
			(speech == 0) != (v.speech == 0) || (pauses == 0) != (v.pauses == 0) {
			t.Errorf("%s: speech %.1f, pauses %.1f, not %.1f and %.1f", v.name, speech, pauses, v.speech, v.pauses)
		}
	}
}
