//go:build cgo

package malgo

import (
	"cmp"
	"encoding/hex"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"calla/audio"
)

// soundServer is a PulseAudio server of the test's own, with two null sinks.
type soundServer struct {
	t     *testing.T
	ended func() // waits until the server has
}

func startPulse(t *testing.T) *soundServer {
	t.Helper()
	for _, program := range []string{"pulseaudio", "pactl"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CALLA_E2E") == "1" {
				t.Fatal(err)
			}
			t.Skip("PulseAudio: ", err)
		}
	}
	// The socket's path must stay short.
	dir, err := os.MkdirTemp("", "calla-pulse")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, name := range []string{"XDG_RUNTIME_DIR", "HOME", "XDG_CONFIG_HOME"} {
		t.Setenv(name, dir)
	}
	t.Setenv("PULSE_SERVER", "unix:"+filepath.Join(dir, "native"))
	p := &soundServer{t: t}
	p.start(dir)
	return p
}

// start runs the server until the test ends, or stop.
func (p *soundServer) start(dir string) (stop func()) {
	p.t.Helper()
	cmd := exec.Command("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
		"--load=module-native-protocol-unix auth-anonymous=1 socket="+filepath.Join(dir, "native"),
		"--load=module-null-sink sink_name=first sink_properties=device.description=First",
		"--load=module-null-sink sink_name=second sink_properties=device.description=Second")
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.ended = sync.OnceFunc(func() { _ = cmd.Wait() })
	ended := p.ended
	stop = func() {
		_ = cmd.Process.Kill()
		ended()
	}
	p.t.Cleanup(stop)
	for deadline := time.Now().Add(patience); ; {
		if exec.Command("pactl", "info").Run() == nil {
			return stop
		}
		if time.Now().After(deadline) {
			p.t.Fatal("PulseAudio does not start")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// exit has the server end by itself. It is gone then: another one can have its socket.
func (p *soundServer) exit() {
	p.t.Helper()
	p.pactl("exit")
	p.ended()
}

func (p *soundServer) pactl(args ...string) string {
	p.t.Helper()
	out, err := exec.Command("pactl", args...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("pactl %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// plugMicrophone makes a source that is no monitor.
func (p *soundServer) plugMicrophone() {
	p.t.Helper()
	p.pactl("load-module", "module-remap-source", "source_name=microphone", "master=first.monitor",
		"source_properties=device.description=Microphone")
}

// unload unplugs what the modules with this argument made.
func (p *soundServer) unload(argument string) {
	p.t.Helper()
	for _, line := range strings.Split(p.pactl("list", "short", "modules"), "\n") {
		if strings.Contains(line, argument) {
			p.pactl("unload-module", strings.Fields(line)[0])
		}
	}
}

func find(t *testing.T, list []audio.Device, id string) audio.Device {
	t.Helper()
	for _, d := range list {
		if strings.HasPrefix(d.ID, hex.EncodeToString([]byte(id))) {
			return d
		}
	}
	t.Fatalf("no %s in %+v", id, list)
	return audio.Device{}
}

func TestToneGoesThroughPulseAudio(t *testing.T) {
	p := startPulse(t)
	h := newHost(t, "pulseaudio")
	ctx := within(t)
	list, err := h.Devices(ctx)
	if err != nil {
		t.Fatal(err)
	}
	speaker := find(t, list.Playback, "second")
	monitor := find(t, list.Capture, "second.monitor")
	if speaker.Name != "Second" {
		t.Errorf("the sink is called %q", speaker.Name)
	}
	in, out := audio.NewRing(20), audio.NewRing(8)
	playback, err := h.OpenPlayback(ctx, speaker.ID, out)
	if err != nil {
		t.Fatal(err)
	}
	defer playback.Close()
	capture, err := h.OpenCapture(ctx, monitor.ID, in)
	if err != nil {
		t.Fatal(err)
	}
	defer capture.Close()
	if d := capture.Device(); d != monitor {
		t.Errorf("opened %+v", d)
	}
	playout := audio.NewPlayout(out)
	defer playout.Close()
	playout.Add(audio.NewToneSource(audio.Sine(440, -12)))
	// Each window by itself: where the machine is too busy for the sound, a break makes the window that it falls into
	// quieter, and puts its phase and so its frequency out. Those are not counted; a wrong rate would be in all of
	// them.
	var heard, whole []audio.ToneReading
	frame := make(audio.Frame, audio.FrameSamples)
	for meter := audio.NewToneMeter(); len(whole) < 7; {
		if err := in.Wait(ctx, audio.FrameSamples); err != nil {
			t.Fatalf("heard only %v: %v", heard, err)
		}
		in.Read(frame)
		meter.Add(frame)
		if m := meter.Reading(); m.Seconds > 0 {
			heard, meter = append(heard, m), audio.NewToneMeter()
			if math.Abs(m.Level+15) < 0.2 {
				whole = append(whole, m)
			}
		}
	}
	slices.SortFunc(whole, func(a, b audio.ToneReading) int { return cmp.Compare(a.Frequency, b.Frequency) })
	if m := whole[len(whole)/2]; math.Abs(m.Frequency-440) > 0.5 {
		t.Errorf("heard %v", heard)
	} else {
		t.Logf("heard %v, purity %.5f", m, m.Purity)
	}
	if clients := p.pactl("list", "clients"); !strings.Contains(clients, `application.name = "Calla"`) {
		t.Errorf("PulseAudio does not know Calla:\n%s", clients)
	}
}

// TestUnpluggedMicrophoneIsNoMonitor: PulseAudio makes a monitor of the loudspeaker the default source when there is no
// other, and moves to it whoever follows the default.
//
// Holds: microphone
func TestUnpluggedMicrophoneIsNoMonitor(t *testing.T) {
	p := startPulse(t)
	h := newHost(t, "pulseaudio")
	ctx := within(t)
	p.plugMicrophone()
	p.pactl("set-default-source", "microphone")
	open := func(id string) (audio.Stream, error) { return h.OpenCapture(ctx, id, audio.NewRing(4)) }
	s, err := open("")
	if err != nil || s.Device().Name != "Microphone" || s.Device().Loopback {
		t.Fatalf("%+v %v", s, err)
	}
	for _, v := range []struct {
		name  string
		after func()
		want  string
	}{
		{"default is a monitor", func() { p.pactl("set-default-source", "second.monitor") }, "Microphone"},
		{"no source but monitors", func() { p.unload("source_name=microphone") }, ""},
		{"no loudspeaker either", func() { p.unload("sink_name=") }, ""},
		{"a loudspeaker again", func() { p.pactl("load-module", "module-null-sink", "sink_name=first") }, ""},
		{"the source is back", func() {
			p.pactl("load-module", "module-remap-source", "source_name=again", "master=first.monitor",
				"source_properties=device.description=Again")
		}, "Again"},
	} {
		t.Run(v.name, func(t *testing.T) {
			v.after()
			again, err := open("")
			switch {
			case err == nil && v.want == "":
				t.Errorf("opened %+v", again.Device())
			case v.want != "" && (err != nil || again.Device().Name != v.want):
				t.Errorf("%v %v", again, err)
			}
			if err == nil {
				if out := p.pactl("list", "short", "source-outputs"); v.want == "" && out != "" {
					t.Errorf("something is recorded: %s", out)
				}
				if err := again.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	select {
	case <-s.Lost():
	case <-ctx.Done():
		t.Error("the stream goes on without its microphone")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	list, err := h.Devices(ctx)
	if err != nil {
		t.Fatal(err)
	}
	monitor := find(t, list.Capture, "first.monitor")
	if !monitor.Loopback || monitor.Default {
		t.Errorf("%+v", monitor)
	}
	chosen, err := open(monitor.ID)
	if err != nil {
		t.Fatalf("chosen by name: %v", err)
	}
	if err := chosen.Close(); err != nil {
		t.Error(err)
	}
}

// TestIdleSinkIsGivenTimeToStart: PulseAudio takes a period at once and the next only when it has played the silence
// that an idle sink has prepared.
func TestIdleSinkIsGivenTimeToStart(t *testing.T) {
	p := startPulse(t)
	h := newHost(t, "pulseaudio")
	ctx := within(t)
	list, err := h.Devices(ctx)
	if err != nil {
		t.Fatal(err)
	}
	prepared := regexp.MustCompile(`(?s)Name: second\n.*?Latency: (\d+) usec`)
	for idle := 0; idle < 800_000; {
		m := prepared.FindStringSubmatch(p.pactl("list", "sinks"))
		if m == nil || ctx.Err() != nil {
			t.Fatalf("the sink does not idle: %v", m)
		}
		idle, _ = strconv.Atoi(m[1])
	}
	ring := audio.NewRing(40)
	ring.Write(make([]int16, 40*audio.FrameSamples))
	s, err := h.OpenPlayback(ctx, find(t, list.Playback, "second").ID, ring)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	played := make(chan error, 1)
	go func() { played <- ring.WaitDrained(ctx, 0) }()
	select {
	case err := <-played:
		t.Logf("played after %v: %v", time.Since(start), err)
	case <-s.Lost():
		t.Errorf("lost after %v, before it played", time.Since(start))
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
