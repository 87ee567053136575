package test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"calla/test/peers"
)

// bubbles is a server of notifications.
type bubbles struct {
	mu    sync.Mutex
	last  uint32
	shown map[uint32]string // title
}

// GetCapabilities is of org.freedesktop.Notifications, as the others are.
func (*bubbles) GetCapabilities() ([]string, *dbus.Error) { return []string{"actions", "body"}, nil }

// Notify shows one.
func (b *bubbles) Notify(_ string, replaces uint32, _, title, _ string, _ []string, _ map[string]dbus.Variant,
	_ int32,
) (uint32, *dbus.Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if replaces == 0 {
		b.last++
		replaces = b.last
	}
	b.shown[replaces] = title
	return replaces, nil
}

// CloseNotification takes one away.
func (b *bubbles) CloseNotification(number uint32) *dbus.Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.shown, number)
	return nil
}

// number waits for a notification with a title.
func (b *bubbles) number(t *testing.T, title string) (number uint32) {
	t.Helper()
	peers.Until(t, 30*time.Second, "the notification "+title, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		for n, shown := range b.shown {
			if strings.Contains(shown, title) {
				number = n
			}
		}
		return number != 0
	})
	return number
}

// trayed is a tray that takes items.
type trayed struct {
	mu   sync.Mutex
	item dbus.Sender
}

// RegisterStatusNotifierItem is of org.kde.StatusNotifierWatcher.
func (w *trayed) RegisterStatusNotifierItem(sender dbus.Sender, _ string) *dbus.Error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.item = sender
	return nil
}

func (w *trayed) has() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.item)
}

// TestCallaLivesInTheTray: closed, the window goes into the tray, where calls still ring and are answered from a
// notification, which brings the window back; it comes back by the icon, by a call that is answered, and when the tray
// goes. A missed call is called back from its notification.
func TestCallaLivesInTheTray(t *testing.T) {
	bus := peers.StartBus(t)
	shown := &bubbles{shown: map[uint32]string{}}
	server := bus.Connect("org.freedesktop.Notifications", "/org/freedesktop/Notifications", shown)
	tray := &trayed{}
	watcher := bus.Connect("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", tray)
	f := startRungUpOn(t, "openbox", bus.Env)
	peers.Until(t, 30*time.Second, "the icon in the tray", func() bool { return tray.has() != "" })
	press := func(title, deed string) {
		t.Helper()
		if err := server.Emit("/org/freedesktop/Notifications", "org.freedesktop.Notifications.ActionInvoked",
			shown.number(t, title), deed); err != nil {
			t.Fatal(err)
		}
	}
	visible := func(is bool, why string) {
		t.Helper()
		peers.Until(t, 30*time.Second, why, func() bool { return len(f.d.Windows("Calla$")) == 1 == is })
	}
	shots := filepath.Join(peers.Root(t), "build", "e2e")

	opens(t, f.d, f.id, "where the window goes to be told", func() { f.d.CloseWindow(f.id) })
	f.d.Screenshot(f.id, filepath.Join(shots, "tray-told.png"))
	f.d.Activate(f.id)
	f.d.Press("Tab", "Tab", "Return") // past the cross of the sheet, to the main one of its buttons
	settle()
	f.d.Screenshot("root", filepath.Join(shots, "tray-hidden.png"))
	visible(false, "the window to go into the tray")

	bob := peers.Run(t, nil, "call", "alice", "--config", f.config("bob"))
	press("Bob is calling", "answer")
	established(t, bob)
	visible(true, "the window to come back with the call")
	settle()
	f.d.Screenshot("root", filepath.Join(shots, "tray-answered.png"))
	f.d.CloseWindow(f.id)
	settle()
	f.d.Screenshot("root", filepath.Join(shots, "tray-in-call.png"))
	visible(true, "the window to stay during a call")
	f.d.Activate(f.id)
	f.d.Press("Escape")
	bob.Interrupt()
	_ = bob.Wait(t, 30*time.Second)

	f.d.CloseWindow(f.id)
	visible(false, "the window to go at once, now that it is known where")
	if call := watcher.Object(tray.has(), "/StatusNotifierItem").Call(
		"org.kde.StatusNotifierItem.Activate", 0, int32(0), int32(0)); call.Err != nil {
		t.Error(call.Err)
	}
	visible(true, "the window to come back by its icon")
	f.d.CloseWindow(f.id)
	visible(false, "the window to go again")
	_ = watcher.Close()
	visible(true, "the window to come back as the tray goes")

	carol := peers.Run(t, nil, "call", "alice", "--config", f.config("carol"))
	shown.number(t, "Carol is calling")
	carol.Interrupt()
	_ = carol.Wait(t, 30*time.Second)
	waiting := peers.Run(t, nil, "answer", "--config", f.config("carol"))
	waitRegistered(t, waiting)
	press("You missed a call from Carol", "call-back")
	established(t, waiting)
}

// TestStartedHiddenItCanBeFound: started without its window, Calla is in the tray, whenever that comes; where none
// comes it is minimised. A second start brings the window up wherever it is.
func TestStartedHiddenItCanBeFound(t *testing.T) {
	for _, c := range []struct {
		name  string // short: it is in the path of a socket
		tray  bool   // a tray is there as the program starts
		later bool   // one comes after it
	}{
		{name: "tray", tray: true},
		{name: "late tray", later: true},
		{name: "no tray"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := prepareRunning(t)
			r.d.StartWindowManager(t, "openbox")
			tray, bus := &trayed{}, peers.StartBus(t)
			r.env = append(r.env, bus.Env...)
			come := func() { bus.Connect("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", tray) }
			if c.tray {
				come()
			}
			r.Process = peers.Start(t, r.command("--log", "info", "--hidden"))
			peers.Until(t, 60*time.Second, "the program to start",
				func() bool { return strings.Contains(r.Output.String(), "started without its window") })
			if n := len(r.d.Windows("Calla$")); n > 0 {
				t.Errorf("it has started with %d windows", n)
			}
			if c.later {
				come()
			}
			if c.tray || c.later {
				peers.Until(t, 30*time.Second, "the icon", func() bool { return tray.has() != "" })
			} else {
				peers.Until(t, 30*time.Second, "the window to be minimised",
					func() bool { return r.d.Minimized("Calla$") })
			}
			if n := len(r.d.Windows("Calla$")); n > 0 {
				t.Errorf("%d windows are to be seen", n)
			}
			peers.Until(t, 30*time.Second, "a second start that is answered", func() bool {
				_, code, _ := r.second()
				return code == 0
			})
			r.d.Window("Calla$", 30*time.Second)
		})
	}
}
