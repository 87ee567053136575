package bench

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"calla/test/peers"
)

// trayServer is a tray that takes items.
type trayServer struct{ items atomic.Int32 }

// RegisterStatusNotifierItem is of org.kde.StatusNotifierWatcher.
func (s *trayServer) RegisterStatusNotifierItem(dbus.Sender, string) *dbus.Error {
	s.items.Add(1)
	return nil
}

// bob is a window that a headless Calla calls, on a desktop with a window manager and a tray.
type bob struct {
	*program
	t       *testing.T
	k       *peers.Kamailio
	profile string
	d       *peers.Desktop
	alice   *program
}

// answering is a profile of bob's that answers calls after a second.
func answering(t *testing.T, k *peers.Kamailio) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "profile")
	add := command(t, nil, built(t, "calla"), "--profile", dir, "account", "add", "--config",
		writeConfig(t, map[string]any{
			"uri": "sip:bob@" + k.Domain, "password": k.Password, "ws_servers": k.URL, "stun_servers": []string{},
			"calla": map[string]any{"auto_answer": 1},
		}), "--secret", "file", "--trust-config")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("account add: %v: %s", err, out)
	}
	return dir
}

// startBob starts the window; hidden: without showing it, in the tray.
func startBob(t *testing.T, hidden bool) *bob {
	t.Helper()
	k, d, sound, bus := peers.StartKamailio(t), peers.StartDesktop(t, 1600, 1000), peers.StartPulse(t),
		peers.StartBus(t)
	tray := &trayServer{}
	bus.Connect("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", tray)
	d.StartWindowManager(t, "openbox")
	sound.Play(t, peers.Mouth, tone(t, 1000, 300*time.Second))
	dir := answering(t, k)
	args := []string{"--profile", dir, "--log", "info"}
	if hidden {
		args = append(args, "--hidden")
	}
	env := append(append(d.Env, sound.Env...), bus.Env...)
	b := &bob{t: t, k: k, d: d, profile: dir, program: run(t, command(t, env, built(t, "calla"), args...))}
	b.until(t, startLimit, "registration", holding("msg=registered"))
	peers.Until(t, startLimit, "the icon in the tray", func() bool { return tray.items.Load() > 0 })
	return b
}

// window is the X id of the main window, once it is to be seen.
func (b *bob) window() string { return b.d.Window("Calla$", startLimit) }

// call has alice call, and waits for sound.
func (b *bob) call(length string) {
	b.t.Helper()
	b.alice = run(b.t, command(b.t, nil, built(b.t, "calla-headless"), "call", "bob", "--config",
		configFile(b.t, b.k, "alice"), "--tone", "440", "--duration", length, "--json"))
	b.alice.until(b.t, startLimit, "sound", holding(`"event":"media"`))
}

// hangUp ends the call.
func (b *bob) hangUp() { b.alice.end(b.t) }

// windowSizes are those that the window is measured in.
func windowSizes() [][2]int { return [][2]int{{380, 640}, {1400, 900}} }

// measureWindowUse measures what the window holds and uses, seen and not.
func measureWindowUse(t *testing.T, memory, cpu *row) {
	b := startBob(t, false)
	id := b.window()
	measure := func(what string) {
		t.Helper()
		u := watch(b.usage)[0]
		t.Logf("%s: %s, %s, load %s", what, u.load(), u.memory(), found("/proc/loadavg", `^(\S+)`))
		cpu.add("window, %s: %s", what, u.load())
		memory.add("window, %s: %s", what, u.memory())
	}
	measure("idle")
	b.d.CloseWindow(id)
	time.Sleep(2 * time.Second) // the sheet that tells where it goes
	b.d.Activate(id)
	b.d.Press("Tab", "Tab", "Return")
	peers.Until(t, startLimit, "the window to go", func() bool { return len(b.d.Windows("Calla$")) == 0 })
	measure("idle, in the tray")
	b.call("300s")
	measure("in a call, in the tray")
	second := exec.Command(b.Cmd.Path, "--profile", b.profile)
	second.Env = b.Cmd.Env
	again := run(t, second)
	id = b.window()
	again.end(t)
	for _, s := range windowSizes() {
		b.d.Size(id, s[0], s[1])
		measure(fmt.Sprintf("in a call, %d×%d", s[0], s[1]))
	}
	b.d.Minimize(id)
	measure("in a call, minimised")
	b.hangUp()
}
