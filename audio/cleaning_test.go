package audio_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// TestSoundPassesAsItIsWithoutCleaning: bit for bit, before anything was switched on and after it is off again.
func TestSoundPassesAsItIsWithoutCleaning(t *testing.T) {
	pcm := make([]int16, 0, 4*audio.SampleRate)
	voice, frame := audiotest.NewSpeech(1), make(audio.Frame, audio.FrameSamples)
	for len(pcm) < cap(pcm) {
		voice.Fill(frame)
		pcm = append(pcm, frame...)
	}
	const from, to = 20, 300 // frames between which something is on
	for name, cleaning := range map[string]audio.Cleaning{
		"nothing": {}, "noise": {Noise: 0.7}, "gain": {Gain: true}, "both": {Noise: 1, Gain: true},
	} {
		out := audio.Cleaned(pcm, func(frame int) audio.Cleaning {
			if frame < from || frame >= to {
				return audio.Cleaning{}
			}
			return cleaning
		})
		before, after := from*audio.FrameSamples, (to+1)*audio.FrameSamples // one frame fades
		if !slices.Equal(out[:before], pcm[:before]) || !slices.Equal(out[after:], pcm[after:]) {
			t.Errorf("%s: what is heard while it is off is changed", name)
		}
		if same := slices.Equal(out, pcm); same != (name == "nothing") {
			t.Errorf("%s: all is the same: %v", name, same)
		}
	}
}

// TestTheMicrophoneIsToldOf: whether somebody speaks, and whether it gives anything at all, also to a call that is
// muted.
func TestTheMicrophoneIsToldOf(t *testing.T) {
	faint := func(amplitude int16) audio.Source {
		pcm := make([]int16, audio.SampleRate)
		for i := range pcm {
			pcm[i] = amplitude * int16(1-2*(i/24%2)) // 1 kHz
		}
		return audio.NewRecording(pcm, true)
	}
	for _, c := range []struct {
		name     string
		hears    audio.Source
		do       func(d *desk)
		speaking bool          // within the last second
		silent   time.Duration // about; 0 = it is not
		none     bool          // there is no microphone
	}{
		{name: "a voice", hears: audiotest.NewSpeech(1), speaking: true},
		{name: "a fan", hears: audiotest.NewFan(1)},
		{name: "the air of a quiet room", hears: faint(12)},
		{name: "nothing", silent: 5 * time.Second},
		{name: "the last bit", hears: faint(1), silent: 5 * time.Second},
		{name: "a device that stands still", hears: audiotest.NewSpeech(1), do: func(d *desk) {
			d.host.Stall(audiotest.Microphone, true)
			time.Sleep(3 * time.Second)
		}, silent: 3 * time.Second},
		{name: "another silent microphone", do: func(d *desk) {
			d.host.AddCapture("headset", "Headset")
			d.capture.SetInput(d.open("headset"))
			time.Sleep(2 * time.Second)
		}, silent: 2 * time.Second},
		{name: "nothing any more", hears: audiotest.NewSpeech(1), do: func(d *desk) {
			d.host.SetSource(audiotest.Microphone, nil)
			time.Sleep(2 * time.Second)
		}, silent: 2 * time.Second},
		{name: "a voice again", do: func(d *desk) {
			d.host.SetSource(audiotest.Microphone, audiotest.NewSpeech(1))
			time.Sleep(2 * time.Second)
		}, speaking: true},
		{
			name: "no microphone any more", hears: audiotest.NewSpeech(1),
			do: func(d *desk) { d.capture.SetInput(nil) }, none: true,
		},
		{name: "no silent microphone any more", do: func(d *desk) { d.capture.SetInput(nil) }, none: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t)
				defer d.close()
				d.host.SetSource(audiotest.Microphone, c.hears)
				d.call().sender.SetMuted(true)
				d.capture.SetCleaning(audio.Cleaning{Noise: 1, Gain: true})
				time.Sleep(5 * time.Second)
				if c.do != nil {
					c.do(d)
				}
				before, _ := d.capture.Spoken()
				heard := d.capture.Heard()
				if heard.IsZero() != c.none {
					t.Fatalf("heard at %v", heard)
				}
				if off := time.Since(heard) - c.silent; !c.none && off.Abs() > 200*time.Millisecond {
					t.Errorf("silent for %v longer than %v", off, c.silent)
				}
				time.Sleep(time.Second)
				spoken, _ := d.capture.Spoken()
				spoken -= before
				if c.speaking != (spoken > 400*time.Millisecond) {
					t.Errorf("somebody spoke for %v of a second", spoken)
				}
			})
		})
	}
}
