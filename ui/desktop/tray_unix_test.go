//go:build !windows && !darwin

package desktop

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// ownProcess runs a test in a process of its own: there is one tray in each.
func ownProcess(t *testing.T, body func(t *testing.T)) {
	t.Helper()
	const mark = "CALLA_TEST_OWN_PROCESS"
	if os.Getenv(mark) == t.Name() {
		body(t)
		return
	}
	var pattern []string
	for part := range strings.SplitSeq(t.Name(), "/") {
		pattern = append(pattern, "^"+regexp.QuoteMeta(part)+"$")
	}
	cmd := exec.Command(os.Args[0], "-test.run="+strings.Join(pattern, "/"), "-test.v", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), mark+"="+t.Name())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	if strings.Contains(string(out), "--- SKIP") {
		t.Skip("it was skipped in its own process")
	}
}

// fakeWatcher is a tray.
type fakeWatcher struct {
	t     *testing.T
	conn  *dbus.Conn
	props *prop.Properties

	mu    sync.Mutex
	items []dbus.Sender
}

// startWatcher starts a tray; says: "" = it does not tell whether it is shown, "yes", "no", "hangs".
func startWatcher(t *testing.T, says string) *fakeWatcher {
	t.Helper()
	w := &fakeWatcher{t: t, conn: connected(t)}
	if err := w.conn.Export(w, watcherPath, watcherName); err != nil {
		t.Fatal(err)
	}
	var err error
	switch says {
	case "yes", "no":
		w.props, err = prop.Export(w.conn, watcherPath, prop.Map{watcherName: {
			"IsStatusNotifierHostRegistered": {Value: says == "yes", Emit: prop.EmitTrue},
		}})
	case "hangs":
		err = w.conn.Export(hanging{}, watcherPath, "org.freedesktop.DBus.Properties")
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.conn.RequestName(watcherName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return w
}

// hanging answers no question.
type hanging struct{}

// Get is of org.freedesktop.DBus.Properties.
func (hanging) Get(string, string) (dbus.Variant, *dbus.Error) { select {} }

// RegisterStatusNotifierItem takes an item.
func (w *fakeWatcher) RegisterStatusNotifierItem(sender dbus.Sender, _ string) *dbus.Error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.items = append(w.items, sender)
	return nil
}

// item waits for the item.
func (w *fakeWatcher) item() dbus.BusObject {
	w.t.Helper()
	var at dbus.Sender
	until(w.t, "an item in the tray", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.items) > 0 {
			at = w.items[len(w.items)-1]
		}
		return at != ""
	})
	return w.conn.Object(string(at), "/StatusNotifierItem")
}

// takesWithin tells whether an item comes in time.
func (w *fakeWatcher) takesWithin(limit time.Duration) bool {
	for began := time.Now(); ; time.Sleep(2 * time.Millisecond) {
		w.mu.Lock()
		n := len(w.items)
		w.mu.Unlock()
		if n > 0 || time.Since(began) > limit {
			return n > 0
		}
	}
}

// hosted says whether somebody shows what the tray takes.
func (w *fakeWatcher) hosted(is bool) {
	w.props.SetMust(watcherName, "IsStatusNotifierHostRegistered", is)
	name := ".StatusNotifierHostUnregistered"
	if is {
		name = ".StatusNotifierHostRegistered"
	}
	if err := w.conn.Emit(watcherPath, watcherName+name); err != nil {
		w.t.Error(err)
	}
}

// inTray is a tray with what it told.
type inTray struct {
	*Tray
	mu    sync.Mutex
	did   []TrayPress
	there []bool
	icons []Shape
}

func openTray(t *testing.T) *inTray {
	t.Helper()
	in := &inTray{}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewNRGBA(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	in.Tray = OpenTray(TrayOptions{
		Do:    func(p TrayPress) { in.mu.Lock(); in.did = append(in.did, p); in.mu.Unlock() },
		There: func(is bool) { in.mu.Lock(); in.there = append(in.there, is); in.mu.Unlock() },
		Icon: func(s Shape, _ bool) []byte {
			in.mu.Lock()
			in.icons = append(in.icons, s)
			in.mu.Unlock()
			return picture.Bytes()
		},
	})
	t.Cleanup(in.Close)
	return in
}

func (in *inTray) told() []bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.there)
}

// waitThere waits for what was told last.
func (in *inTray) waitThere(t *testing.T, is bool) {
	t.Helper()
	until(t, fmt.Sprint("the tray to be there: ", is), func() bool {
		told := in.told()
		return len(told) > 0 && told[len(told)-1] == is
	})
}

// TestATrayIsFoundAndNotGuessed: where nobody shows the icon there is no tray; one that comes, goes and comes again is
// followed, and has the icon each time.
func TestATrayIsFoundAndNotGuessed(t *testing.T) {
	for _, c := range []struct {
		name   string
		follow func(t *testing.T, in func() *inTray)
	}{
		{"no bus", func(t *testing.T, in func() *inTray) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
			in().waitThere(t, false)
		}},
		{"a bus that answers nobody", func(t *testing.T, in func() *inTray) {
			deafBus(t)
			tray := in()
			tray.Close()
			if told := tray.told(); slices.Contains(told, true) {
				t.Errorf("%v", told)
			}
		}},
		{"none", func(t *testing.T, in func() *inTray) {
			ownBus(t)
			in().waitThere(t, false)
		}},
		{"one that says nothing of who shows it", func(t *testing.T, in func() *inTray) {
			ownBus(t)
			w := startWatcher(t, "")
			in().waitThere(t, true)
			w.item()
		}},
		{"one that nobody shows", func(t *testing.T, in func() *inTray) {
			ownBus(t)
			w := startWatcher(t, "no")
			tray := in()
			tray.waitThere(t, false)
			w.hosted(true)
			tray.waitThere(t, true)
			w.item()
			w.hosted(false)
			tray.waitThere(t, false)
		}},
		{"one that hangs", func(t *testing.T, in func() *inTray) {
			ownBus(t)
			startWatcher(t, "hangs")
			in().waitThere(t, false)
		}},
		{"one that comes, goes and comes again", func(t *testing.T, in func() *inTray) {
			ownBus(t)
			tray := in()
			tray.waitThere(t, false)
			w := startWatcher(t, "yes")
			tray.waitThere(t, true)
			w.item()
			// The library begins to listen for the next one when this one has its item already, and misses one that
			// comes in that moment.
			for began := time.Now(); ; {
				_ = w.conn.Close()
				tray.waitThere(t, false)
				w = startWatcher(t, "")
				tray.waitThere(t, true)
				if w.takesWithin(time.Second) {
					return
				}
				if time.Since(began) > patience {
					t.Fatal("the next tray gets no item")
				}
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ownProcess(t, func(t *testing.T) { c.follow(t, func() *inTray { return openTray(t) }) })
		})
	}
}
