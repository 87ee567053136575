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
	for i, v := range []struct {
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
			alike(t, i)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				v.hears(alice, bob)
				alice.talk(bob)
				time.Sleep(4 * time.Second)
				before := bob.hearing(4)
				alice.SetCleaning(v.cleaning)
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

// TestCleaningIsGuessedByTheDevices: the echo of a loudspeaker is taken out by Calla, unless the system does that; a
// headset has none, and what records the loudspeaker is no voice. Nothing else is done unasked.
func TestCleaningIsGuessedByTheDevices(t *testing.T) {
	microphone := func(name string) func(h *audiotest.Host) {
		return func(h *audiotest.Host) { h.AddCapture("mic", name) }
	}
	for _, v := range []struct {
		name    string
		mic     func(h *audiotest.Host)
		speaker string
		want    CleaningState
	}{
		{"a loudspeaker", microphone("Webcam"), "Built-in Audio Analog Stereo", CleaningState{
			Cleaning: account.Cleaning{Echo: true, Noise: account.NoiseKept}, Microphone: "Webcam",
			Speaker: "Built-in Audio Analog Stereo",
		}},
		{"a headset", microphone("Headset"), "Headset Earphone (Jabra)", CleaningState{
			Cleaning: account.DefaultCleaning(), Microphone: "Headset", Speaker: "Headset Earphone (Jabra)",
			Headset: true,
		}},
		{"a headset's microphone and a loudspeaker", microphone("Headset"), "HDMI", CleaningState{
			Cleaning: account.Cleaning{Echo: true, Noise: account.NoiseKept}, Microphone: "Headset", Speaker: "HDMI",
		}},
		{"headphones and a webcam", microphone("Webcam"), "Kopfhörer (Realtek)", CleaningState{
			Cleaning: account.DefaultCleaning(), Microphone: "Webcam", Speaker: "Kopfhörer (Realtek)", Headset: true,
		}},
		{"a speakerphone", microphone("Jabra Speak 510"), "Jabra Speak 510", CleaningState{
			Cleaning: account.Cleaning{Echo: true, Noise: account.NoiseKept}, Microphone: "Jabra Speak 510",
			Speaker: "Jabra Speak 510",
		}},
		{"a monitor", func(h *audiotest.Host) { h.AddLoopback("mic", "Monitor") }, "HDMI", CleaningState{
			Cleaning: account.DefaultCleaning(), Microphone: "Monitor", Speaker: "HDMI",
		}},
		{"one that the system cleans", func(h *audiotest.Host) {
			h.AddCapture("mic", "Echo-Cancel Source")
			h.TakeOutEcho("mic")
		}, "HDMI", CleaningState{
			Cleaning: account.Cleaning{Echo: true, Noise: account.NoiseKept}, Microphone: "Echo-Cancel Source",
			Speaker: "HDMI", EchoFree: true,
		}},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				alice := newWorld(t).bare("alice")
				v.mic(alice.host)
				alice.host.AddPlayback("out", v.speaker)
				alice.SetDevice(account.RoleMicrophone, account.DeviceChoice{ID: "mic"})
				alice.SetDevice(account.RoleSpeaker, account.DeviceChoice{ID: "out"})
				time.Sleep(2 * pollTime)
				if got := alice.State().Devices.Cleaning; got != v.want {
					t.Errorf("%+v, want %+v", got, v.want)
				}
			})
		})
	}
}

// TestAChoiceOfCleaningIsForItsDevices: other devices have what was chosen for them, or what is guessed, and those of
// the choice have it whenever they are used again, in a call too.
func TestAChoiceOfCleaningIsForItsDevices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.host.AddPlayback("headset", "Headset")
		headset := account.DeviceChoice{ID: "headset", Name: "Headset"}
		boxes := account.DeviceChoice{ID: audiotest.Loudspeaker, Name: "Loudspeaker"}
		use := func(speaker account.DeviceChoice, want account.Cleaning, chosen bool) {
			t.Helper()
			alice.SetDevice(account.RoleSpeaker, speaker)
			alice.until("cleaned", func(s State) bool {
				c := s.Devices.Cleaning
				return c.Speaker == speaker.Name && c.Cleaning == want && c.Chosen == chosen
			})
		}
		time.Sleep(2 * pollTime)
		alice.talk(bob)
		most := account.Cleaning{Noise: account.NoiseStrong}
		use(boxes, account.DefaultCleaning(), true) // as all phones of these tests have it
		use(headset, account.DefaultCleaning(), false)
		alice.SetCleaning(most)
		use(headset, most, true)
		use(boxes, account.DefaultCleaning(), true)
		alice.SetCleaning(account.Cleaning{Echo: true, Noise: account.NoiseKept})
		use(boxes, account.Cleaning{Echo: true, Noise: account.NoiseKept}, true)
		use(headset, most, true)
		alice.host.Remove("headset")
		alice.until("on the other one", func(s State) bool {
			return s.Devices.Cleaning.Speaker == "Loudspeaker" && s.Devices.Cleaning.Echo
		})
		alice.host.AddPlayback("again", "Headset")
		alice.until("back", func(s State) bool {
			return s.Devices.Cleaning.Speaker == "Headset" && s.Devices.Cleaning.Cleaning == most
		})
	})
}

// TestTwoCancellersNeverRun: where the system takes the echo out of the microphone, Calla leaves its sound alone.
func TestTwoCancellersNeverRun(t *testing.T) {
	for i, v := range []struct {
		name     string
		by       bool // the system does it
		from, to float64
	}{
		{"by the system", true, -6, 6},
		{"by nobody else", false, -80, -12},
	} {
		t.Run(v.name, func(t *testing.T) {
			alike(t, i)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				if v.by {
					alice.host.TakeOutEcho(audiotest.Microphone)
				}
				bob.host.SetSource(audiotest.Microphone, audiotest.NewSpeech(6))
				alice.host.SetSource(audiotest.Microphone, &late{audio.NewVolume(audiotest.NewSpeech(6), -12), 30})
				time.Sleep(2 * pollTime)
				alice.talk(bob)
				time.Sleep(4 * time.Second)
				before := bob.hearing(4)
				alice.SetCleaning(account.Cleaning{Echo: true, Noise: account.NoiseKept})
				time.Sleep(6 * time.Second)
				if d := bob.hearing(4) - before; d < v.from || d > v.to {
					t.Errorf("%.1f dB louder", d)
				}
			})
		})
	}
}
