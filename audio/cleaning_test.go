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
	for _, c := range []struct {
		name     string
		hears    audio.Source
		do       func(d *desk)
		speaking bool
		silent   time.Duration // about; 0 = it is not
	}{
		{name: "a voice", hears: audiotest.NewSpeech(1), speaking: true},
		{name: "a fan", hears: audiotest.NewFan(1)},
		{name: "nothing", silent: 5 * time.Second},
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
			do: func(d *desk) { d.capture.SetInput(nil) },
		},
		{name: "no silent microphone any more", do: func(d *desk) { d.capture.SetInput(nil) }},
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
				synctest.Wait()
				if got := d.capture.Speaking(); got != c.speaking {
					t.Errorf("somebody speaks: %v", got)
				}
				since := d.capture.SilentSince()
				if since.IsZero() != (c.silent == 0) {
					t.Fatalf("silent since %v", since)
				}
				if off := time.Since(since) - c.silent; c.silent > 0 && off.Abs() > 200*time.Millisecond {
					t.Errorf("silent for %v longer than %v", off, c.silent)
				}
			})
		})
	}
}
