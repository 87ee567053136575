package peers

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Desktop is an X server without a screen, with a keyboard to type on and a camera.
type Desktop struct {
	t      testing.TB
	Env    []string // for programs that are to show windows on it
	Server *Process // Xvfb
}

// StartDesktop starts Xvfb on a free display number.
func StartDesktop(t testing.TB, width, height int) *Desktop {
	t.Helper()
	Need(t, "Xvfb", "xdotool", "import")
	// Xvfb itself chooses a free display and writes its number.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// Without -noreset it begins anew, and takes nobody meanwhile, whenever its last client goes: after each look of
	// xdotool at a desktop that has no window yet.
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten",
		"tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	xvfb := Start(t, cmd)
	w.Close()
	t.Cleanup(func() { r.Close() })
	if err := r.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	d := &Desktop{t: t, Server: xvfb, Env: []string{
		"DISPLAY=:" + strings.TrimSpace(number), "LIBGL_ALWAYS_SOFTWARE=1",
		"WAYLAND_DISPLAY=",
	}}
	Until(t, 30*time.Second, "Xvfb to take clients",
		func() bool { return d.command("xdotool", "getdisplaygeometry").Run() == nil })
	return d
}

// Window waits for a visible window whose title contains title and returns its X id.
func (d *Desktop) Window(title string, limit time.Duration) string {
	d.t.Helper()
	var id string
	Until(d.t, limit, "a window titled "+title, func() bool {
		out, err := d.command("xdotool", "search", "--onlyvisible", "--name", title).Output()
		ids := strings.Fields(string(out))
		if err != nil || len(ids) == 0 {
			return false
		}
		id = ids[len(ids)-1]
		return true
	})
	return id
}

// Windows returns the X ids of all windows to be seen whose title matches.
func (d *Desktop) Windows(title string) []string {
	out, _ := d.command("xdotool", "search", "--onlyvisible", "--name", title).Output() // fails where there is none
	return strings.Fields(string(out))
}

// Minimized tells whether the window manager has a window with this title that it does not show.
func (d *Desktop) Minimized(title string) bool {
	out, _ := d.command("xdotool", "search", "--name", title).Output()
	for id := range strings.FieldsSeq(string(out)) {
		state, err := d.command("xprop", "-id", id, "_NET_WM_STATE").Output()
		if err == nil && strings.Contains(string(state), "_NET_WM_STATE_HIDDEN") {
			return true
		}
	}
	return false
}

// Activate asks the window manager to bring the window up with the keyboard, as a click in the task bar does.
func (d *Desktop) Activate(window string) { d.run("xdotool", "windowactivate", "--sync", window) }

// Focused returns the X id of the window that has the keyboard.
func (d *Desktop) Focused() string {
	out, _ := d.command("xdotool", "getwindowfocus").Output()
	return strings.TrimSpace(string(out))
}

// Minimize asks the window manager to hide the window.
func (d *Desktop) Minimize(window string) { d.run("xdotool", "windowminimize", "--sync", window) }

// CloseWindow asks the program to close the window, as the button in its frame does.
func (d *Desktop) CloseWindow(window string) {
	d.run("xdotool", "windowactivate", "--sync", window, "key", "--clearmodifiers", "alt+F4")
}

// Geometry returns where on the screen a window is, without its frame, and how large.
func (d *Desktop) Geometry(window string) (x, y, w, h int) {
	d.t.Helper()
	out, err := d.command("xwininfo", "-id", window).Output()
	if err != nil {
		d.t.Fatalf("where is window %s? %v", window, err)
	}
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil {
			continue
		}
		switch name {
		case "Absolute upper-left X":
			x = n
		case "Absolute upper-left Y":
			y = n
		case "Width":
			w = n
		case "Height":
			h = n
		}
	}
	return x, y, w, h
}

// DoubleClick clicks twice at a place relative to the window.
func (d *Desktop) DoubleClick(window string, x, y int) {
	d.run("xdotool", "mousemove", "--window", window, strconv.Itoa(x), strconv.Itoa(y), "click", "--repeat", "2",
		"--delay", "200", "1")
}

// Focus gives the window the keyboard.
func (d *Desktop) Focus(window string) { d.run("xdotool", "windowfocus", "--sync", window) }

// Shut has the X server end its connection to the program that a window belongs to.
func (d *Desktop) Shut(window string) { d.run("xkill", "-id", window) }

// Move puts the window somewhere on the screen, as a user does who takes it by its title.
func (d *Desktop) Move(window string, x, y int) {
	d.run("xdotool", "windowmove", "--sync", window, strconv.Itoa(x), strconv.Itoa(y))
}

// Size resizes the window.
func (d *Desktop) Size(window string, width, height int) {
	d.run("xdotool", "windowsize", window, strconv.Itoa(width), strconv.Itoa(height))
}

// Type types text.
func (d *Desktop) Type(text string) { d.run("xdotool", "type", "--delay", "25", text) }

// Press presses keys by their X names, such as "Tab", "Return", "ctrl+comma".
func (d *Desktop) Press(keys ...string) {
	for _, k := range keys {
		d.run("xdotool", "key", "--delay", "40", k)
	}
}

// Click clicks at a place relative to the window.
func (d *Desktop) Click(window string, x, y int) {
	d.run("xdotool", "mousemove", "--window", window, strconv.Itoa(x), strconv.Itoa(y), "click", "1")
}

// Wheel turns the wheel down by clicks at a place relative to the window.
func (d *Desktop) Wheel(window string, x, y, clicks int) {
	d.run("xdotool", "mousemove", "--window", window, strconv.Itoa(x), strconv.Itoa(y), "click", "--repeat",
		strconv.Itoa(clicks), "--delay", "20", "5")
}

// Screenshot photographs the window ("root" for the whole screen) into a PNG file.
func (d *Desktop) Screenshot(window, file string) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		d.t.Fatal(err)
	}
	d.run("import", "-window", window, file)
}

// Pixels returns the colours of a part of a window, three octets a pixel.
func (d *Desktop) Pixels(window string, x, y, w, h int) []byte {
	d.t.Helper()
	out, err := d.command("import", "-window", window, "-crop", fmt.Sprintf("%dx%d+%d+%d", w, h, x, y), "+repage",
		"-depth", "8", "rgb:-").Output()
	if err != nil {
		d.t.Fatalf("the colours of window %s: %v", window, err)
	}
	return out
}

// ScreenshotAround photographs the part of the screen that windows stand on into a PNG file.
func (d *Desktop) ScreenshotAround(file string, windows ...string) {
	d.t.Helper()
	left, top, right, bottom := 1<<20, 1<<20, 0, 0
	for _, id := range windows {
		x, y, w, h := d.Geometry(id)
		left, top, right, bottom = min(left, x), min(top, y), max(right, x+w), max(bottom, y+h)
	}
	d.run("import", "-window", "root", "-crop", fmt.Sprintf("%dx%d+%d+%d", right-left, bottom-top, left, top),
		"+repage", file)
}

func (d *Desktop) run(name string, args ...string) {
	d.t.Helper()
	if out, err := d.command(name, args...).CombinedOutput(); err != nil {
		d.t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
}

func (d *Desktop) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), d.Env...)
	return cmd
}
