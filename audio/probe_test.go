package audio_test

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
)

// listener is a Probe that keeps what it gets and sends nothing.
type listener struct{ played, heard []int16 }

func (l *listener) Reference(pcm []int16) { l.played = append(l.played, pcm...) }

func (l *listener) Process(frame []int16) {
	l.heard = append(l.heard, frame...)
	clear(frame)
}

// TestAProbeHearsInThePlaceOfTheCanceller both what is played and what the microphone hears, all of it while it is
// there, and then the canceller is at work again.
func TestAProbeHearsInThePlaceOfTheCanceller(t *testing.T) {
	laptop := audiotest.Acoustics{
		Delay: 40 * time.Millisecond, Gain: -6, Reverb: 60 * time.Millisecond, Direct: 6, Noise: -75,
	}
	for name, echo := range map[string]bool{"wanted": true, "not wanted": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSpeakerphone(audiotest.NewRoom(3, laptop))
				defer s.close()
				s.capture.SetCleaning(audio.Cleaning{Echo: echo})
				s.playout.Add(audiotest.NewSpeech(1))
				s.run(time.Second, 1)
				var l listener
				s.capture.SetProbe(&l)
				s.run(time.Second, 1)
				s.capture.SetProbe(&l) // again, which changes nothing
				s.run(time.Second, 1)
				s.capture.SetProbe(nil)
				s.run(20*time.Millisecond, 1)
				played, heard := l.played, l.heard
				if off := len(played) - len(heard); len(heard) < 2*audio.SampleRate-960 || off < -960 || off > 960 {
					t.Errorf("heard %d samples and %d of what was played", len(heard), len(played))
				}
				if late := audiotest.Delay(played, heard, audio.SampleRate/2); late < 30*48 || late > 60*48 {
					t.Errorf("what is heard comes %d samples after what is played", late)
				}
				sent := s.sent.pcm[len(s.sent.pcm)-3*audio.SampleRate/2:]
				for i, v := range sent[:audio.SampleRate] {
					if v != 0 {
						t.Fatalf("sample %d is sent as %d while a probe is there", i, v)
					}
				}
				s.run(3*time.Second, 1)
				if got := s.less(); echo && got < 20 || !echo && (got < -3 || got > 3) {
					t.Errorf("taken down by %.1f dB afterwards", got)
				}
				if len(l.heard) != len(heard) {
					t.Error("it hears on")
				}
			})
		})
	}
}
