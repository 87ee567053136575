package dsp_test

import (
	"testing"

	"calla/audio"
	"calla/audio/audiotest"
	"calla/audio/dsp"
)

// TestWhatHasNoSyllablesIsNotSpoken: whoever speaks is softer and louder by turns, and what begins and stays is not,
// though for a while it may be taken for speech.
func TestWhatHasNoSyllablesIsNotSpoken(t *testing.T) {
	const second = 100 // frames
	tone := func(hz ...float64) audio.Source {
		return audio.NewToneSource(audio.Tone{Notes: []audio.Note{{Frequencies: hz, Level: -20}}})
	}
	for _, v := range []struct {
		name        string
		sources     []audio.Source // the first from the beginning on, the others from the third second on
		db          float64        // change of all
		least, most int            // syllables from the third to the eighth second
	}{
		{"a voice", []audio.Source{nil, audiotest.NewSpeech(1)}, 0, 12, 40},
		{"another voice", []audio.Source{nil, audiotest.NewSpeech(2)}, 0, 12, 40},
		{"a soft voice", []audio.Source{nil, audiotest.NewSpeech(1)}, -25, 12, 40},
		{"a voice in the noise of a fan", []audio.Source{audiotest.NewFan(1), audiotest.NewSpeech(1)}, 0, 10, 40},
		{"a fan begins", []audio.Source{nil, audiotest.NewFan(1)}, 0, 0, 1},
		{"a soft fan begins", []audio.Source{nil, audiotest.NewFan(2)}, -20, 0, 1},
		{"a second fan begins", []audio.Source{audiotest.NewFan(1), audiotest.NewFan(2), audiotest.NewFan(3)}, 0, 0, 1},
		{"a tone begins", []audio.Source{nil, tone(440)}, 0, 0, 1},
		{"a deep tone begins", []audio.Source{nil, tone(110)}, 0, 0, 1},
		{"a dial tone begins", []audio.Source{nil, tone(350, 440)}, 0, 0, 1},
		{"a tone begins in the noise of a fan", []audio.Source{audiotest.NewFan(1), tone(440)}, 0, 0, 1},
		{"nothing", []audio.Source{nil}, 0, 0, 0},
	} {
		voice := dsp.NewVoice()
		frame, part := make(audio.Frame, audio.FrameSamples), make(audio.Frame, audio.FrameSamples)
		for i, s := range v.sources {
			if s != nil {
				v.sources[i] = audio.NewVolume(s, v.db)
			}
		}
		before := 0
		for i := range 8 * second {
			clear(frame)
			for k, s := range v.sources {
				if s == nil || k > 0 && i < 3*second {
					continue
				}
				s.Fill(part)
				for n, x := range part {
					frame[n] += x
				}
			}
			if i == 3*second {
				before = voice.Syllables()
			}
			voice.Process(frame)
		}
		if n := voice.Syllables() - before; n < v.least || n > v.most {
			t.Errorf("%s: %d syllables in 5 s", v.name, n)
		}
	}
}
