package faults

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/netsip/sandbox"
	"calla/test/peers"
)

// windowed is the built program's window on a desktop of its own, in a call with bob.
type windowed struct {
	*peers.Process
	t       *testing.T
	server  *server
	desktop *peers.Desktop
	far     *peers.Calla
	id      string
}

// startWindowed has alice's window call bob.
func startWindowed(t *testing.T) *windowed {
	t.Helper()
	w := &windowed{t: t, server: startServer(t, "127.0.0.1:0"), desktop: peers.StartDesktop(t, 700, 700)}
	w.far = w.server.answering(t, "bob", "--tone", "440")
	home := t.TempDir()
	env := append(append(os.Environ(), w.desktop.Env...), "HOME="+home, "XDG_CONFIG_HOME="+home,
		"XDG_RUNTIME_DIR="+home, "PULSE_SERVER=unix:"+filepath.Join(home, "none"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
	command := func(args ...string) *exec.Cmd {
		cmd := exec.Command(peers.Binary(t), append([]string{"--profile", filepath.Join(home, "profile")}, args...)...)
		cmd.Env = env
		return cmd
	}
	add := command("account", "add", "--config", w.server.config(t, "alice", nil), "--secret", "file")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("account add: %v: %s", err, out)
	}
	w.Process = peers.Start(t, command("--log", "info", "bob"))
	w.id = w.desktop.Window("Calla$", 60*time.Second)
	w.server.registered(t, "alice", true)
	began, pressed := time.Now(), time.Time{}
	peers.Until(t, patience, "the call", func() bool {
		if _, called := w.server.when(began, sandbox.Received("INVITE")); called {
			return true
		}
		if time.Since(pressed) > 3*time.Second { // the number may come after the window
			pressed = time.Now()
			w.desktop.Focus(w.id)
			w.desktop.Press("Return")
		}
		return false
	})
	w.server.until(t, began, "the answer", sandbox.Received("ACK"))
	return w
}

// ends waits for the end of the program and judges it: the far end was told, and the registrar.
func (w *windowed) ends(since time.Time) time.Duration {
	w.t.Helper()
	bye := w.server.until(w.t, since, "a BYE", sandbox.Received("BYE"))
	w.server.registered(w.t, "alice", false)
	gone := time.Since(since)
	w.far.WaitFor("ended", patience)
	_ = w.Wait(w.t, patience)
	if code := w.ExitCode(); code < 0 || strings.Contains(w.Output.String(), "goroutine ") {
		w.t.Errorf("ended with %d: %s", code, w.Output)
	}
	return max(bye, gone)
}

// TestF21 is that the X server or the Wayland compositor ends, shuts the program out or hangs, and that the session
// ends.
//
// Holds: faults
// Holds: ends-on-its-own
func TestF21TheDisplayEndsInACall(t *testing.T) {
	peers.Need(t, "Xvfb", "xdotool")
	for _, v := range []struct {
		name  string
		quick int
		do    func(w *windowed)
	}{
		{"the X server is killed", 3, func(w *windowed) { w.desktop.Server.Signal(syscall.SIGKILL) }},
		{"the X server ends", 1, func(w *windowed) { w.desktop.Server.Signal(syscall.SIGTERM) }},
		{"the X server shuts the program out", 1, func(w *windowed) { w.desktop.Shut(w.id) }},
		{"SIGTERM", 1, func(w *windowed) { w.Signal(syscall.SIGTERM) }},
		{"SIGHUP twice", 1, func(w *windowed) {
			w.Signal(syscall.SIGHUP)
			time.Sleep(20 * time.Millisecond)
			w.Signal(syscall.SIGHUP)
		}},
		{"SIGTERM while the X server hangs", 1, func(w *windowed) {
			w.desktop.Server.Signal(syscall.SIGSTOP)
			time.Sleep(200 * time.Millisecond)
			w.Signal(syscall.SIGTERM)
		}},
	} {
		fault{
			name: "F21", done: v.name + ", in a call",
			required: "BYE and un-REGISTER within 2 s, and the program ends",
			figure:   "until both were there", limit: 2 * time.Second, quick: v.quick,
		}.try(t, func(t *testing.T) time.Duration {
			w := startWindowed(t)
			began := time.Now()
			v.do(w)
			return w.ends(began)
		})
	}
}

// TestF21CallsGoOnWhileTheWindowHangs: nothing of a call waits for the window.
//
// Holds: faults
func TestF21CallsGoOnWhileTheWindowHangs(t *testing.T) {
	fault{
		name: "F21", done: "the X server hangs for 5 s, in a call",
		required: "the call goes on, and the sound with it", quick: 1,
	}.try(t, func(t *testing.T) time.Duration {
		w := startWindowed(t)
		w.desktop.Server.Signal(syscall.SIGSTOP)
		began := time.Now()
		time.Sleep(5 * time.Second)
		if _, ended := w.server.when(began, sandbox.Received("BYE")); ended {
			t.Error("the call ended")
		}
		w.desktop.Server.Signal(syscall.SIGCONT)
		w.Signal(syscall.SIGTERM)
		w.ends(began)
		result, _ := w.far.Result(patience)
		if lost, _ := result["lost"].(float64); lost > 0 {
			t.Errorf("packets lost: %v", result)
		}
		return 0
	})
}
