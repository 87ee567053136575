package peers

import (
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Pulse is a PulseAudio server with two null sinks: Mouth, whose monitor is the phone's microphone,
// and Ear, the phone's loudspeaker, whose monitor tests record.
type Pulse struct {
	*Process
	Env []string // for programs that are to use this server
	dir string
	t   testing.TB // whose end ends it
}

// The sinks of a Pulse.
const (
	Mouth = "mouth"
	Ear   = "ear"
)

// StartPulse starts the server in a runtime folder of its own.
func StartPulse(t testing.TB) *Pulse {
	t.Helper()
	p := NewPulse(t)
	p.Restart()
	return p
}

// NewPulse is a server that does not run yet.
func NewPulse(t testing.TB) *Pulse {
	t.Helper()
	Need(t, "pulseaudio", "pactl", "paplay", "parec")
	dir, err := os.MkdirTemp("", "pulse") // the socket's path must stay short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return &Pulse{dir: dir, t: t, Env: []string{
		"PULSE_SERVER=unix:" + filepath.Join(dir, "pulse.sock"), "PULSE_RUNTIME_PATH=" + dir,
		"PULSE_COOKIE=" + filepath.Join(dir, "cookie"),
	}}
}

// Kill ends the server as a crash does.
func (p *Pulse) Kill() {
	p.Signal(syscall.SIGKILL)
	_ = p.Wait(p.t, 10*time.Second)
}

// Restart starts the server, again after Kill.
func (p *Pulse) Restart() {
	p.t.Helper()
	socket := filepath.Join(p.dir, "pulse.sock")
	_ = os.Remove(socket)
	cmd := exec.Command("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
		"--disallow-exit",
		"--load=module-native-protocol-unix auth-anonymous=1 socket="+socket,
		"--load=module-null-sink sink_name="+Mouth+" rate=48000 channels=1 sink_properties=device.description=Mouth",
		"--load=module-null-sink sink_name="+Ear+" rate=48000 channels=1 sink_properties=device.description=Ear",
		"--load=module-remap-source source_name=microphone master="+Mouth+".monitor "+
			"source_properties=device.description=Microphone",
	)
	cmd.Env = append(os.Environ(), append(p.Env, "XDG_RUNTIME_DIR="+p.dir, "HOME="+p.dir)...)
	p.Process = Start(p.t, cmd)
	Until(p.t, 30*time.Second, "PulseAudio to answer", func() bool { return p.Pactl("info") == nil })
	for _, args := range [][]string{{"set-default-sink", Ear}, {"set-default-source", "microphone"}} {
		if err := p.Pactl(args...); err != nil {
			p.t.Fatalf("pactl %v: %v", args, err)
		}
	}
}

// Pactl runs pactl against the server.
func (p *Pulse) Pactl(args ...string) error {
	return p.command("pactl", args...).Run()
}

// Unload unloads the modules that were loaded with this argument, as unplugging does, and tells how many they were.
func (p *Pulse) Unload(t testing.TB, argument string) (n int) {
	t.Helper()
	modules, err := p.command("pactl", "list", "short", "modules").Output()
	if err != nil {
		t.Fatalf("pactl list modules: %v", err)
	}
	for line := range strings.Lines(string(modules)) {
		if !strings.Contains(line, argument) {
			continue
		}
		if err := p.Pactl("unload-module", strings.Fields(line)[0]); err != nil {
			t.Fatalf("pactl unload-module: %v", err)
		}
		n++
	}
	return n
}

// Streams are the sinks that something plays into now, or the sources that something records from: by number.
func (p *Pulse) Streams(capture bool) (devices []string) {
	kind := "sink-inputs"
	if capture {
		kind = "source-outputs"
	}
	out, _ := p.command("pactl", "list", "short", kind).Output() // fails where there is no server
	for line := range strings.Lines(string(out)) {
		// Number, device, client; streams of modules, such as a remapped source has, have no client.
		if f := strings.Fields(line); len(f) > 2 && f[2] != "-" {
			devices = append(devices, f[1])
		}
	}
	return devices
}

// Device is the number of a sink, or of a source; "" where there is none of that name.
func (p *Pulse) Device(capture bool, name string) string {
	kind := "sinks"
	if capture {
		kind = "sources"
	}
	out, _ := p.command("pactl", "list", "short", kind).Output()
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) > 1 && f[1] == name {
			return f[0]
		}
	}
	return ""
}

// Recorded lists what is being recorded from: the sources that programs have open.
func (p *Pulse) Recorded() string {
	out, _ := p.command("pactl", "list", "source-outputs").Output()
	return string(out)
}

// Play plays a WAV file into a sink until the test ends or the file does.
func (p *Pulse) Play(t testing.TB, sink, file string) *Process {
	t.Helper()
	return Start(t, p.command("paplay", "--device="+sink, file))
}

// Record records a sink's monitor for as long as the returned stop is not called, into a WAV file.
func (p *Pulse) Record(t testing.TB, sink, file string) (stop func()) {
	t.Helper()
	rec := Start(t, p.command("parec", "--device="+sink+".monitor", "--file-format=wav", "--rate=48000", "--channels=1",
		"--format=s16le", file))
	return rec.Stop
}

// Join has a filter between Ear and Mouth until it is stopped, or the test ends: what is played at Ear goes through it,
// 10 ms at a time, and comes out of the microphone some 40 ms later.
func (p *Pulse) Join(t testing.TB, filter func(frame []int16)) (stop func()) {
	t.Helper()
	format := []string{"--raw", "--rate=48000", "--channels=1", "--format=s16le"}
	rec := p.command("parec", append(format, "--device="+Ear+".monitor", "--latency-msec=10")...)
	play := p.command("pacat", append(format, "--playback", "--device="+Mouth, "--latency-msec=40")...)
	from, err := rec.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	to, err := play.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	ends := []*Process{Start(t, play), Start(t, rec)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		frame := make([]int16, 480)
		data := make([]byte, 2*len(frame))
		for {
			if _, err := io.ReadFull(from, data); err != nil {
				return
			}
			for i := range frame {
				frame[i] = int16(binary.LittleEndian.Uint16(data[2*i:]))
			}
			filter(frame)
			for i, s := range frame {
				binary.LittleEndian.PutUint16(data[2*i:], uint16(s))
			}
			if _, err := to.Write(data); err != nil {
				return
			}
		}
	}()
	return func() {
		for _, end := range ends {
			end.Stop()
		}
		<-done
	}
}

func (p *Pulse) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), p.Env...)
	return cmd
}

// StartKeyring starts a D-Bus session with an unlocked gnome-keyring and returns the environment
// that reaches it, with a home of its own.
func StartKeyring(t testing.TB) (env []string) {
	t.Helper()
	Need(t, "dbus-daemon", "gnome-keyring-daemon", "secret-tool")
	dir := t.TempDir()
	bus := "unix:path=" + filepath.Join(dir, "bus")
	env = []string{
		"HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "XDG_DATA_HOME=" + filepath.Join(dir, "share"),
		"XDG_CONFIG_HOME=" + filepath.Join(dir, "config"), "DBUS_SESSION_BUS_ADDRESS=" + bus,
	}
	// A bus that starts no services by itself: else the first who asks for secrets makes it start a
	// second, locked keyring.
	conf := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(conf, []byte(busConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	Start(t, exec.Command("dbus-daemon", "--config-file="+conf, "--nofork", "--nopidfile", "--address="+bus))
	Until(t, 30*time.Second, "the session bus", func() bool {
		_, err := os.Stat(filepath.Join(dir, "bus"))
		return err == nil
	})
	daemon := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	daemon.Env = append(os.Environ(), env...)
	daemon.Stdin = strings.NewReader("keyring")
	Start(t, daemon)
	Until(t, 30*time.Second, "gnome-keyring to keep a secret", func() bool {
		probe := exec.Command("secret-tool", "store", "--label=probe", "probe", "probe")
		probe.Env = append(os.Environ(), env...)
		probe.Stdin = strings.NewReader("probe")
		return probe.Run() == nil
	})
	return env
}

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`
