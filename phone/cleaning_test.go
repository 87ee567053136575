package phone

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/audio"
	"calla/audio/audiotest"
)

// late is a source that begins after so many frames.
type late struct {
	source audio.Source
	frames int
}

// Fill implements audio.Source.
func (l *late) Fill(frame audio.Frame) bool {
	if l.frames > 0 {
		l.frames--
		clear(frame)
		return true
	}
	return l.source.Fill(frame)
}

// hearing is how loud what p hears is in the next seconds, in dBFS.
func (p *testPhone) hearing(seconds time.Duration) float64 {
	p.host.TakePlayed(audiotest.Loudspeaker)
	time.Sleep(seconds * time.Second)
	sum, pcm := 0.0, p.host.TakePlayed(audiotest.Loudspeaker)
	for _, s := range pcm {
		sum += float64(s) * float64(s) / float64(len(pcm))
	}
	return 10*math.Log10(sum+1) - 20*math.Log10(32768)
}

// TestTheMicrophoneIsCleanedAsChosen: in a call that is up when the choice is made, and no other choice does it.
func TestTheMicrophoneIsCleanedAsChosen(t *testing.T) {
	hum := func(alice, _ *testPhone) { alice.says(440) } // nobody speaks
	whisper := func(alice, _ *testPhone) {
		alice.host.SetSource(audiotest.Microphone, audio.NewVolume(audiotest.NewSpeech(5), -24))
	}
	// What alice's loudspeaker plays is bob's voice, which her microphone hears 0.3 s after his does.
	echo := func(alice, bob *testPhone) {
		bob.host.SetSource(audiotest.Microphone, audiotest.NewSpeech(6))
		alice.host.SetSource(audiotest.Microphone, &late{audio.NewVolume(audiotest.NewSpeech(6), -12), 30})
	}
	for _, v := range []struct {
		name     string
		cleaning account.Cleaning
		hears    func(alice, bob *testPhone)
		from, to float64 // how much louder bob hears it, in dB
	}{
		{"nothing, of a hum", account.Cleaning{Noise: account.NoiseKept}, hum, -0.5, 0.5},
		{"some noise", account.Cleaning{Noise: account.NoiseModerate}, hum, -40, -6},
		{"most noise", account.Cleaning{Noise: account.NoiseStrong}, hum, -60, -10},
		{"gain, of a whisper", account.Cleaning{Noise: account.NoiseKept, Gain: true}, whisper, 6, 40},
		{"noise, of a whisper", account.Cleaning{Noise: account.NoiseModerate}, whisper, -2, 1},
		{"echo, of a hum", account.Cleaning{Echo: true, Noise: account.NoiseKept}, hum, -1, 1},
		{"echo", account.Cleaning{Echo: true, Noise: account.NoiseKept}, echo, -80, -12},
		{"no echo, of an echo", account.Cleaning{Noise: account.NoiseKept, Gain: false}, echo, -6, 6},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				v.hears(alice, bob)
				alice.talk(bob)
				time.Sleep(4 * time.Second)
				before := bob.hearing(4)
				s := alice.Settings()
				s.Cleaning = v.cleaning
				alice.saveSettings(s)
				time.Sleep(6 * time.Second)
				after := bob.hearing(4)
				t.Logf("%.1f dBFS, then %.1f", before, after)
				if d := after - before; d < v.from || d > v.to {
					t.Errorf("%.1f dB louder", d)
				}
			})
		})
	}
}
