package test

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"calla/audio"
	"calla/test/peers"
)

// recorded is what the far end of a call writes to a file while it lasts.
type recorded struct {
	t    *testing.T
	file string
}

// last returns the sound of the last second and how much there is in all.
func (r recorded) last() (tone audio.ToneReading, level float64, samples int) {
	data, err := os.ReadFile(r.file)
	if err != nil || len(data) < 46 {
		return audio.ToneReading{}, audio.Silence, 0
	}
	data = data[44 : len(data)-len(data)%2]
	data = data[max(0, len(data)-2*audio.SampleRate):]
	pcm := make([]int16, len(data)/2)
	sum := 0.0
	for i := range pcm {
		pcm[i] = int16(uint16(data[2*i]) | uint16(data[2*i+1])<<8)
		sum += float64(pcm[i]) * float64(pcm[i])
	}
	info, _ := os.Stat(r.file)
	return audio.MeasureTone(pcm), 10 * math.Log10(sum/float64(len(pcm))/(32768*32768)+1e-12), int(info.Size()-44) / 2
}

// hears waits until the far end hears hz for a second; 0 is silence, also for the two seconds after.
func (r recorded) hears(hz float64) {
	r.t.Helper()
	is := func() bool {
		tone, level, samples := r.last()
		if hz == 0 {
			return samples > audio.SampleRate && level < -60
		}
		return math.Abs(tone.Frequency-hz) < hz*0.02 && level > -40
	}
	var tone audio.ToneReading
	var level float64
	defer func() {
		if r.t.Failed() {
			r.t.Logf("heard %v, %.1f dBFS", tone, level)
		}
	}()
	peers.Until(r.t, 30*time.Second, "the far end to hear what it should", func() bool {
		tone, level, _ = r.last()
		return is()
	})
	_, _, from := r.last()
	for hz == 0 {
		tone, level, samples := r.last()
		if level > -60 {
			r.t.Fatalf("the far end hears %v, %.1f dBFS", tone, level)
		}
		if samples > from+2*audio.SampleRate {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// TestMicrophoneIsNoMonitor: the built program on a real sound server whose loudspeaker plays 700 Hz and whose
// microphone hears 440 Hz. The loudspeaker is sent to nobody unless its monitor was chosen.
//
// Holds: microphone
func TestMicrophoneIsNoMonitor(t *testing.T) {
	p := peers.StartPulse(t)
	dir := t.TempDir()
	play := func(sink string, hz float64) {
		file := filepath.Join(dir, sink+".wav")
		writeTone(t, file, hz, 240)
		p.Play(t, sink, file)
	}
	play(peers.Mouth, 440)
	play(peers.Ear, 700)
	server := peers.Run(t, nil, "sandbox", "--listen", "127.0.0.1:0", "--user", "alice,bob")
	users := server.WaitFor("listening", 30*time.Second)
	config := func(name string) string {
		for _, u := range users["users"].([]any) {
			if u := u.(map[string]any); u["name"] == name {
				return writeJSON(t, map[string]any{
					"uri": u["uri"], "password": u["password"],
					"ws_servers": users["url"], "stun_servers": []string{},
				})
			}
		}
		t.Fatalf("no user %s in %v", name, users)
		return ""
	}
	plug := func() {
		if err := p.Pactl("load-module", "module-remap-source", "source_name=microphone",
			"master="+peers.Mouth+".monitor",
			"source_properties=device.description=Microphone"); err != nil {
			t.Fatal(err)
		}
	}
	far := recorded{t, filepath.Join(dir, "heard.wav")}
	waitRegistered(t, peers.Run(t, nil, "answer", "--config", config("bob"), "--record", far.file))
	p.Unload(t, "source_name=microphone")
	alice := peers.StartConsoleOn(t, p, config("alice"))
	alice.WaitText("No microphone: you can hear but not be heard. What records the loudspeaker is used only when "+
		"you choose it.", 1, 30*time.Second)
	alice.WaitText("Registered", 1, 30*time.Second)
	alice.Say("call bob")
	alice.WaitText("Connected with bob", 1, 30*time.Second)

	for _, step := range []struct {
		name string
		do   func()
		hz   float64
	}{
		{"no source but monitors", func() {}, 0},
		{"the default is a monitor", func() {
			if err := p.Pactl("set-default-source", peers.Ear+".monitor"); err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"a microphone is plugged in", plug, 440},
		{"unplugged in the call", func() { p.Unload(t, "source_name=microphone") }, 0},
		{"the microphone is back", plug, 440},
		{"the monitor is chosen by name", func() {
			alice.Say("devices")
			alice.WaitText("Monitor of Ear (records what is played)", 1, 30*time.Second)
			listed := regexp.MustCompile(`microphone \s*(\d+) Monitor of Ear \(records`)
			m := listed.FindStringSubmatch(alice.Output.String())
			if m == nil {
				t.Fatal("the monitor is not listed")
			}
			alice.Say("microphone " + m[1])
		}, 700},
		{"the system is followed again", func() { alice.Say("microphone 1") }, 440},
	} {
		if !t.Run(step.name, func(t *testing.T) {
			far := recorded{t, far.file}
			step.do()
			far.hears(step.hz)
			if step.hz == 0 && strings.Contains(p.Recorded(), "Calla") {
				t.Errorf("something is recorded: %s", p.Recorded())
			}
		}) {
			return
		}
	}
	alice.Say("quit")
	if err := alice.Wait(t, 30*time.Second); err != nil {
		t.Error(err)
	}
}
