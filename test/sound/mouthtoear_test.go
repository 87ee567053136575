package sound

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"calla/audio"
	"calla/audio/audiotest"
	"calla/test/peers"
)

const (
	said       = 50                          // sweeps of tone that are said in each call
	calls      = 3                           // of each phone: when packets come and when they are wanted is chance
	saidLength = audio.SampleRate / 10       // of one, in samples
	saidApart  = audio.SampleRate * 65 / 100 // from one to the next, and up to a tenth of a second more
	longestWay = audio.SampleRate * 55 / 100
	enough     = 33 // that have to arrive
)

// mouth is a PulseAudio server with one sink that has a channel for the mouth of who calls and one for the ear of who
// is called: its monitor records both at once. What the one says is played to the sink "lips" and comes from the
// source "microphone"; what the other hears goes to the sink "drum".
type mouth struct {
	*peers.Pulse
	pcm    []int16 // what is said
	starts []int
	file   string
}

func openMouth(t *testing.T) *mouth {
	t.Helper()
	m := &mouth{Pulse: peers.StartPulse(t)}
	m.Unload(t, "source_name=microphone")
	side := func(name string) string {
		return "channels=1 channel_map=mono remix=no master_channel_map=front-" + name
	}
	for _, args := range [][]string{
		{"module-null-sink", "sink_name=both rate=48000 channels=2 channel_map=front-left,front-right"},
		{"module-null-sink", "sink_name=away rate=48000 channels=1"},
		{"module-remap-sink", "sink_name=lips master=both " + side("left")},
		// By its name it is worn: nothing is taken out for it from what the microphone hears.
		{"module-remap-sink", "sink_name=drum sink_properties=device.description=Headset master=both " + side("right")},
		{"module-remap-source", "source_name=microphone master=both.monitor " + side("left")},
	} {
		if err := m.Pactl("load-module", args[0], args[1]); err != nil {
			t.Fatalf("pactl load-module %v: %v", args, err)
		}
	}
	for _, args := range [][]string{{"set-default-sink", "drum"}, {"set-default-source", "microphone"}} {
		if err := m.Pactl(args...); err != nil {
			t.Fatalf("pactl %v: %v", args, err)
		}
	}
	random := rand.New(rand.NewPCG(1, 1))
	for at := audio.SampleRate / 2; len(m.starts) < said; at += saidApart + random.IntN(audio.SampleRate/10) {
		m.starts = append(m.starts, at)
	}
	m.pcm = make([]int16, m.starts[said-1]+audio.SampleRate)
	for k, at := range m.starts {
		// Up or down between 500 to 1,400 and 2,000 to 2,900 Hz: none is like the one before or after it, so that a way
		// longer than is looked for is not taken for a short one.
		from, by := 500+300*float64(k%4), 1500.0
		if k/4%2 == 1 {
			from, by = from+by, -by
		}
		for i := range saidLength {
			part := float64(i) / saidLength
			turns := (from + by*part/2) * part / 10
			m.pcm[at+i] = int16(9000 * math.Sin(math.Pi*part) * math.Sin(2*math.Pi*turns))
		}
	}
	m.file = write(t, m.pcm)
	return m
}

// ways says all there is to say and returns how long each sweep was on its way to the ear, in milliseconds.
func (m *mouth) ways(t *testing.T) []float64 {
	t.Helper()
	file := filepath.Join(t.TempDir(), "both.raw")
	record := exec.Command("parec", "--device=both.monitor", "--raw", "--rate=48000", "--channels=2", "--format=s16le",
		"--channel-map=front-left,front-right", "--latency-msec=20", file)
	record.Env = append(os.Environ(), m.Env...)
	r := peers.Start(t, record)
	time.Sleep(500 * time.Millisecond)
	saying := m.Play(t, "lips", m.file)
	_ = saying.Wait(t, time.Duration(len(m.pcm)/audio.SampleRate)*time.Second+patience)
	time.Sleep(time.Second)
	r.Stop()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sides := [2][]int16{}
	for i := 0; i+3 < len(raw); i += 4 {
		for k := range sides {
			sides[k] = append(sides[k], int16(binary.LittleEndian.Uint16(raw[i+2*k:])))
		}
	}
	begin := m.starts[0]
	first := audiotest.Delay(m.pcm[begin:begin+10*audio.SampleRate], sides[0][min(begin, len(sides[0])):],
		3*audio.SampleRate)
	var ways []float64
	var astray []string
	for _, at := range m.starts {
		at += first
		if at < 0 || at+saidLength+longestWay > len(sides[0]) {
			continue
		}
		from, to := sides[0][at:at+saidLength], sides[1][at:at+saidLength+longestWay]
		late := audiotest.Delay(from, to, longestWay)
		likeness := 0.0
		if late >= 0 && late+saidLength <= len(to) {
			likeness = alike(from, to[late:])
		}
		if likeness > 0.5 {
			ways = append(ways, float64(late)*1000/audio.SampleRate)
		} else {
			astray = append(astray, fmt.Sprintf("%d: %d, %.2f alike", at, late, likeness))
		}
	}
	if len(ways) < enough {
		t.Fatalf("%d of %d sweeps arrived; the mouth begins at %d; ways %.0f; others %v", len(ways), said, first, ways,
			astray)
	}
	t.Logf("one after the other, ms: %.1f", ways)
	return ways
}

// alike is how alike two sounds are, from 0 to 1.
func alike(x, y []int16) float64 {
	var both, one, other float64
	for i, v := range x {
		both += float64(v) * float64(y[i])
		one += float64(v) * float64(v)
		other += float64(y[i]) * float64(y[i])
	}
	return both / math.Sqrt(one*other+1)
}

// TestMouthToEar measures how long a word takes from a microphone to a loudspeaker of another phone on the same
// machine: devices of PulseAudio that are null sinks, no network to speak of. It takes six minutes.
func TestMouthToEar(t *testing.T) {
	measuring(t)
	m := openMouth(t)
	table := Table{
		Title: "Mouth to ear",
		Text: fmt.Sprintf("From the microphone of one phone to the loudspeaker of another, both on this machine: null "+
			"sinks of one PulseAudio, of which one monitor records mouth and ear at once; a call with Opus over "+
			"loopback, nothing done to the sound. %d calls of %d sweeps of tone each. To be reached: 60 ms in the "+
			"median, 80 ms for 95 of 100. Debian's baresip plays and records by ALSA's plugin for PulseAudio.",
			calls, said),
		Head: []string{"phone", "median, ms", "95 of 100, ms", "least, ms", "most, ms", "arrived"},
	}
	for _, phone := range []struct {
		name string
		call func(*testing.T, *mouth)
	}{
		{"Calla", byCallas}, {"JsSIP in Chromium", byPages}, {"baresip", byBaresips},
	} {
		t.Run(phone.name, func(t *testing.T) {
			var ways []float64
			for i := range calls {
				t.Run(fmt.Sprint(i+1), func(t *testing.T) {
					phone.call(t, m)
					time.Sleep(5 * time.Second) // buffers become what they are
					ways = append(ways, m.ways(t)...)
				})
			}
			if t.Failed() {
				return
			}
			slices.Sort(ways)
			at := func(part float64) string { return fmt.Sprintf("%.1f", ways[int(part*float64(len(ways)-1))]) }
			table.Rows = append(table.Rows, []string{
				phone.name, at(0.5), at(0.95), at(0), at(1), fmt.Sprint(len(ways)),
			})
		})
	}
	if len(table.Rows) > 0 {
		record(t, table)
	}
}

// byCallas has one Calla call another.
func byCallas(t *testing.T, m *mouth) {
	r := localServer(t)
	quiet := write(t, make([]int16, audio.SampleRate))
	far := peers.Run(t, m.Env, "answer", "--config", r.config(t, "far"), "--codec", "opus", "--sound", "--play", quiet)
	for far.WaitFor("account", patience)["status"] != "registered" {
	}
	near := peers.Run(t, append(slices.Clone(m.Env), "PULSE_SINK=away"), "call", "far", "--config", r.config(t, "near"),
		"--codec", "opus", "--sound", "--duration", "5m")
	for near.WaitFor("call", patience)["phase"] != "established" {
	}
	t.Cleanup(func() {
		near.Interrupt()
		near.Result(patience)
		figures, _ := far.Result(patience)
		t.Logf("jitter buffer %v ms", figures["buffer_ms"])
	})
}

// localServer is a sandbox with users for all.
func localServer(t *testing.T) *room {
	t.Helper()
	r := &room{passwords: map[string]string{}}
	server := peers.Run(t, nil, "sandbox", "--listen", "127.0.0.1:0", "--user", "near,far", "--any-origin")
	told := server.WaitFor("listening", patience)
	for _, u := range told["users"].([]any) {
		u := u.(map[string]any)
		r.passwords[u["name"].(string)] = u["password"].(string)
	}
	r.url, r.domain = told["url"].(string), told["domain"].(string)
	return r
}

// byPages has one page of Chromium call another, with real devices and nothing done to the sound.
func byPages(t *testing.T, m *mouth) {
	r := localServer(t)
	c := peers.StartChromiumOn(t, m.Pulse)
	far, near := c.Open(t, "far"), c.Open(t, "near")
	far.Do("plain", nil)
	near.Do("useDevices", map[string]any{"constraints": map[string]any{
		"echoCancellation": false, "noiseSuppression": false, "autoGainControl": false,
	}})
	far.Register(r.url, "far", r.domain, r.passwords["far"], nil)
	near.Register(r.url, "near", r.domain, r.passwords["near"], nil)
	near.Do("call", map[string]any{"target": "sip:far@" + r.domain, "hz": 0})
	far.Wait("incoming", patience)
	far.Do("answer", map[string]any{"hz": 0})
	far.Wait("confirmed", patience)
}

const baresipMouth = `poll_method epoll
sip_listen 127.0.0.1:%d
net_interface 127.0.0.1
module_path %s
module alsa.so
module ausine.so
module opus.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
audio_source %s
audio_player alsa,%s
audio_alert alsa,away
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 2
auplay_channels 2
statmode_default off
`

// byBaresips has one baresip call another, over UDP and with no server between them.
func byBaresips(t *testing.T, m *mouth) {
	peers.Need(t, "baresip")
	modules, err := filepath.Glob("/usr/lib*/baresip/modules")
	if err != nil || len(modules) == 0 {
		peers.Missing(t, "baresip's modules are not installed")
	}
	port := peers.FreePort(t)
	start := func(user string, at int, source, player, account string, args ...string) *peers.Process {
		dir := t.TempDir()
		devices := ""
		for _, name := range []string{"drum", "away", "microphone"} {
			devices += fmt.Sprintf("pcm.%s { type pulse device %q }\n", name, name)
		}
		for name, text := range map[string]string{
			"config":   fmt.Sprintf(baresipMouth, at, modules[0], source, player),
			"accounts": fmt.Sprintf("<sip:%s@127.0.0.1:%d>;regint=0;audio_codecs=opus/48000/2%s\n", user, at, account),
			"contacts": "", ".asoundrc": devices,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("baresip", append([]string{"-f", dir}, args...)...)
		cmd.Dir, cmd.Env = dir, append(append(os.Environ(), m.Env...), "HOME="+dir)
		return peers.Start(t, cmd)
	}
	far := start("far", port, "ausine,440", "drum", ";answermode=auto")
	time.Sleep(time.Second)
	near := start("near", peers.FreePort(t), "alsa,microphone", "away", "", "-e",
		fmt.Sprintf("/dial sip:far@127.0.0.1:%d", port))
	peers.Until(t, patience, "the call of the baresips", func() bool {
		if far.Exited() || near.Exited() {
			t.Fatalf("baresip ended: %s\n%s", far.Output, near.Output)
		}
		return len(m.Streams(false)) >= 2 && len(m.Streams(true)) >= 1
	})
}
