package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// StartWindowManager starts a window manager on the desktop by the name of its program: "openbox",
// "metacity", "xfwm4".
func (d *Desktop) StartWindowManager(t testing.TB, name string) {
	t.Helper()
	Need(t, name, "xprop", "xwininfo")
	cmd := exec.Command(name)
	if name == "xfwm4" { // keeps its settings by a service of the session bus
		Need(t, "dbus-run-session")
		cmd = exec.Command("dbus-run-session", "--", name, "--compositor=off")
	}
	home := t.TempDir()
	cmd.Env = append(append(os.Environ(), d.Env...), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_RUNTIME_DIR="+home,
		"NO_AT_BRIDGE=1")
	Start(t, cmd)
	Until(t, 30*time.Second, name+" to manage windows", func() bool {
		out, err := d.command("xprop", "-root", "_NET_SUPPORTING_WM_CHECK").Output()
		return err == nil && strings.Contains(string(out), "window id")
	})
}

// Property returns what xprop prints of a property of a window, after its name.
func (d *Desktop) Property(window, name string) string {
	d.t.Helper()
	out, err := d.command("xprop", "-id", window, name).Output()
	if err != nil {
		d.t.Fatalf("xprop of %s: %v", name, err)
	}
	_, value, _ := strings.Cut(strings.TrimSpace(string(out)), "= ")
	return value
}

// Terminal is another program that takes keys: all that is typed into it is in a file.
type Terminal struct {
	d *Desktop
	*Process
	window string
	file   string
}

// StartTerminal starts one at the top left and gives it the keyboard, by a click as users do.
func (d *Desktop) StartTerminal(t testing.TB, title string) *Terminal {
	t.Helper()
	Need(t, "xterm")
	term := &Terminal{d: d, file: filepath.Join(t.TempDir(), "typed")}
	cmd := exec.Command("xterm", "-T", title, "-geometry", "60x8+20+20", "-e", "sh", "-c",
		`stty raw -echo; exec cat >"$0"`, term.file)
	cmd.Env = append(os.Environ(), d.Env...)
	term.Process = Start(t, cmd)
	term.window = d.Window("^"+title+"$", 30*time.Second)
	Until(t, 30*time.Second, "the terminal to take keys", func() bool {
		d.Click(term.window, 60, 60)
		d.Press("x")
		return term.Typed() != ""
	})
	d.Press("y") // which comes after all of these
	Until(t, 30*time.Second, "the terminal to have taken them",
		func() bool { return strings.HasSuffix(term.Typed(), "y") })
	return term
}

// Click clicks into the terminal.
func (t *Terminal) Click() { t.d.Click(t.window, 60, 60) }

// Typed returns the keys that came, in raw mode: Return is "\r".
func (t *Terminal) Typed() string {
	data, _ := os.ReadFile(t.file)
	return string(data)
}
