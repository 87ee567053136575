package test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calla/netsip/sandbox"
	"calla/test/peers"
)

// rungUp is the built program on a desktop with a window manager and another program that somebody types
// into, and a server over which it is called.
type rungUp struct {
	t       *testing.T
	d       *peers.Desktop
	other   *peers.Terminal
	server  *sandbox.Server
	id      string       // our main window
	decided atomic.Int32 // answers to INVITE that end the ringing: 200, or a refusal
}

// typing is what somebody types all the while: every kind of key that could do something in a window of ours.
const typing = "abcdefghijklmnopqrstuvwxyz0123456789"

func startRungUp(t *testing.T, manager string) *rungUp {
	t.Helper()
	return startRungUpOn(t, manager, []string{"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"})
}

// startRungUpOn does so with a desktop that env says how to find.
func startRungUpOn(t *testing.T, manager string, env []string) *rungUp {
	t.Helper()
	f := &rungUp{t: t, d: peers.StartDesktop(t, 1280, 900)}
	users := map[string]string{"alice": "s3cret", "bob": "s3cret", "carol": "s3cret", "dave": "s3cret"}
	f.server = sandbox.New(sandbox.Options{Users: users})
	t.Cleanup(f.server.Close)
	if _, err := f.server.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	answers := sandbox.ReceivedStatus("INVITE", 0)
	t.Cleanup(f.server.Observe(func(e sandbox.Event) {
		if answers(e) && e.User == "alice" && e.Message.StatusCode >= 200 && e.Message.StatusCode != 487 {
			f.decided.Add(1)
		}
	}))
	f.d.StartWindowManager(t, manager)
	f.other = f.d.StartTerminal(t, "Another program")
	profile := filepath.Join(t.TempDir(), "profile")
	add := peers.Run(t, nil, "account", "add", "--profile", profile, "--config", f.config("alice"), "--secret", "file")
	if err := add.Wait(t, 30*time.Second); err != nil {
		t.Fatalf("the account is not stored: %v", err)
	}
	cmd := exec.Command(peers.Binary(t), "--profile", profile, "--log", "info")
	cmd.Env = append(append(os.Environ(), f.d.Env...), env...)
	program := peers.Start(t, cmd)
	f.id = f.d.Window("Calla$", 60*time.Second)
	peers.Until(t, 30*time.Second, "the program to register",
		func() bool { return strings.Contains(program.Output.String(), "msg=registered") })
	f.other.Click()
	return f
}

// config writes the configuration of a user of the server.
func (f *rungUp) config(user string) string {
	f.t.Helper()
	data, err := json.Marshal(map[string]any{
		"uri": "sip:" + user + "@" + f.server.Domain(), "password": "s3cret", "ws_servers": f.server.URL(),
		"stun_servers": []string{},
		"display_name": strings.ToUpper(user[:1]) + user[1:],
	})
	if err != nil {
		f.t.Fatal(err)
	}
	file := filepath.Join(f.t.TempDir(), user+".json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		f.t.Fatal(err)
	}
	return file
}

// call has a user call until the window of it is open, whose X id it returns.
func (f *rungUp) call(user string) (*peers.Calla, string) {
	f.t.Helper()
	c := peers.Run(f.t, nil, "call", "alice", "--config", f.config(user))
	return c, f.d.Window("^"+strings.ToUpper(user[:1])+user[1:]+" is calling$", 30*time.Second)
}

// giveUp ends calls that ring, and waits for their windows to go.
func (f *rungUp) giveUp(calls ...*peers.Calla) {
	f.t.Helper()
	for _, c := range calls {
		c.Interrupt()
	}
	f.gone("is calling$")
}

// established waits until a call has been answered.
func established(t *testing.T, c *peers.Calla) {
	t.Helper()
	peers.Until(t, 30*time.Second, "the call to be answered", func() bool { return answered(c) })
}

func answered(c *peers.Calla) bool {
	return slices.ContainsFunc(c.Events(), func(e map[string]any) bool { return e["phase"] == "established" })
}

// gone waits until no window with this title can be seen.
func (f *rungUp) gone(title string) {
	f.t.Helper()
	peers.Until(f.t, 30*time.Second, "the windows to go", func() bool { return len(f.d.Windows(title)) == 0 })
}

// typeOn types on in the other program and fails unless it gets all.
func (f *rungUp) typeOn(text string) {
	f.t.Helper()
	before := f.other.Typed()
	f.d.Type(text)
	f.d.Press("space", "Return", "KP_Enter", "BackSpace", "Return")
	want := text + " \r\r\x7f\r" // behind what was pressed before and has come since
	var got string
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if got = strings.TrimPrefix(f.other.Typed(), before); strings.HasSuffix(got, want) {
			return
		}
	}
	f.t.Errorf("the other program got %q, want %q", got, want)
}

// TestAnotherProgramKeepsItsKeys: a call that rings takes the keyboard from nobody, under window managers that
// give it to every window that opens without more ado, and no key that is typed elsewhere answers or declines.
//
// Holds: window-focus
func TestAnotherProgramKeepsItsKeys(t *testing.T) {
	for _, manager := range []string{"openbox", "metacity", "xfwm4"} {
		t.Run(manager, func(t *testing.T) {
			f := startRungUp(t, manager)
			for _, c := range []struct {
				name string
				do   func(f *rungUp)
			}{
				{"one call rings", func(f *rungUp) {
					bob, _ := f.call("bob")
					f.typeOn(typing)
					f.giveUp(bob)
				}},
				{"two calls ring", func(f *rungUp) {
					bob, _ := f.call("bob")
					carol, _ := f.call("carol")
					f.typeOn(typing)
					f.giveUp(bob, carol)
				}},
				{"a call comes while somebody types", func(f *rungUp) {
					bob := peers.Run(f.t, nil, "call", "alice", "--config", f.config("bob"))
					for range 8 {
						f.typeOn(typing)
						if len(f.d.Windows("^Bob is calling$")) > 0 {
							break
						}
					}
					f.d.Window("^Bob is calling$", 30*time.Second)
					f.typeOn(typing)
					f.giveUp(bob)
				}},
				{"callers give up while somebody types", func(f *rungUp) {
					bob, _ := f.call("bob")
					carol, _ := f.call("carol")
					bob.Interrupt()
					f.typeOn(typing)
					f.gone("^Bob is calling$")
					carol.Interrupt()
					f.typeOn(typing)
					f.gone("is calling$")
				}},
				{"a call goes and another comes", func(f *rungUp) {
					bob, _ := f.call("bob")
					f.giveUp(bob)
					f.typeOn("x")
					carol, _ := f.call("carol")
					f.typeOn(typing)
					f.giveUp(carol)
				}},
				{"the telephone stands on another page", func(f *rungUp) {
					f.d.Activate(f.id)
					f.d.Press("ctrl+comma")
					f.other.Click()
					bob, _ := f.call("bob")
					carol, _ := f.call("carol")
					f.typeOn(typing)
					f.giveUp(bob, carol)
					f.d.Activate(f.id)
					f.d.Press("Escape")
					f.other.Click()
				}},
				{"the telephone is minimised", func(f *rungUp) {
					f.d.Minimize(f.id)
					f.other.Click()
					bob, _ := f.call("bob")
					carol, _ := f.call("carol")
					f.typeOn(typing)
					f.giveUp(bob, carol)
					f.d.Activate(f.id)
					f.other.Click()
				}},
				{"the program that had the keyboard goes", func(f *rungUp) {
					third := f.d.StartTerminal(f.t, "A third program")
					bob, _ := f.call("bob")
					carol, _ := f.call("carol")
					third.Stop()
					f.gone("^A third program$")
					f.d.Press("Return", "space", "Escape", "a", "1", "KP_Enter") // whoever gets them
					f.other.Click()
					f.typeOn(typing)
					f.giveUp(bob, carol)
				}},
			} {
				t.Run(c.name, func(t *testing.T) {
					f.t = t
					f.decided.Store(0)
					c.do(f)
					if n := f.decided.Load(); n != 0 {
						t.Errorf("%d calls were answered or declined by keys typed elsewhere", n)
					}
				})
			}
		})
	}
}

// place is where a window stands on the screen.
type place struct{ x, y, w, h int }

func (f *rungUp) place(window string) place {
	f.t.Helper()
	x, y, w, h := f.d.Geometry(window)
	return place{x, y, w, h}
}

func (p place) String() string { return fmt.Sprintf("%dx%d at %d,%d", p.w, p.h, p.x, p.y) }

func (p place) meets(q place) bool {
	return p.x < q.x+q.w && q.x < p.x+p.w && p.y < q.y+q.h && q.y < p.y+p.h
}

// TestRingingWindows: they stand bottom right, never over each other, stay where they are when another goes,
// and are Calla's, whoever calls. The second click of a double click does nothing to the next caller.
//
// Holds: window-focus
func TestRingingWindows(t *testing.T) {
	f := startRungUp(t, "openbox")
	names := []string{"bob", "carol", "dave"}
	var calls []*peers.Calla
	windows, places := map[string]string{}, map[string]place{}
	for _, name := range names {
		c, window := f.call(name)
		calls, windows[name] = append(calls, c), window
		places[name] = f.place(window)
		for other, p := range places {
			if other != name && p.meets(places[name]) {
				t.Errorf("%s's window, %v, is over %s's, %v", name, places[name], other, p)
			}
		}
		if class := f.d.Property(window, "WM_CLASS"); class != `"Calla", "Calla"` {
			t.Errorf("the class of the window of %s is %s", name, class)
		}
		if at := f.d.Property(window, "_NET_WM_USER_TIME"); at != "0" {
			t.Errorf("the window of %s says that the user opened it, at %s", name, at)
		}
	}
	if class := f.d.Property(f.id, "WM_CLASS"); class != `"Calla", "Calla"` {
		t.Errorf("the class of the main window is %s", class)
	}
	if p := places["bob"]; p.x+p.w < 1280-40 || p.x+p.w > 1280 || p.y+p.h < 900-40 || p.y+p.h > 900 {
		t.Errorf("the first window is %v: not bottom right", p)
	}

	t.Run("a double click on Decline", func(t *testing.T) {
		p := places["bob"]
		peers.Until(t, 30*time.Second, "Bob's window to go", func() bool {
			f.d.DoubleClick(windows["bob"], p.w/4, p.h-80) // does nothing while a window has only just opened
			for end := time.Now().Add(2 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				if len(f.d.Windows("^Bob is calling$")) == 0 {
					return true
				}
			}
			return false
		})
		peers.Until(t, 30*time.Second, "the server to be told", func() bool { return f.decided.Load() > 0 })
		settle()
		if n := f.decided.Load(); n != 1 {
			t.Errorf("a double click declined %d calls", n)
		}
		for _, name := range names[1:] {
			if p := f.place(windows[name]); p != places[name] {
				t.Errorf("%s's window went from %v to %v", name, places[name], p)
			}
		}
	})
	t.Run("Enter after a click into the window", func(t *testing.T) {
		p := places["carol"]
		f.d.Click(windows["carol"], p.w/2, 12) // beside the buttons
		peers.Until(t, 30*time.Second, "the window to have the keyboard",
			func() bool { return f.d.Focused() == windows["carol"] })
		f.d.Press("Return")
		established(t, calls[1])
	})
	t.Run("F2 while the main window has the keyboard", func(t *testing.T) {
		f.d.Activate(f.id)
		var pressed time.Time
		peers.Until(t, 30*time.Second, "the call to be answered", func() bool {
			if time.Since(pressed) > time.Second { // it does nothing right after somebody else was answered
				f.d.Press("F2")
				pressed = time.Now()
			}
			return answered(calls[2])
		})
	})
}
