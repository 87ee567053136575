//go:build !windows && !darwin

package desktop

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// The tray by KDE's and freedesktop's StatusNotifierItem specification: a watcher takes items, hosts show them.
const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"

	hostTime = 2 * time.Second // that a watcher is waited for; one that hangs is no tray
)

// watcher is the tray as it is now. It belongs to followTray's goroutine.
type watcher struct {
	conn    *dbus.Conn
	object  dbus.BusObject
	replies chan *dbus.Call
	asked   *dbus.Call // whether somebody shows what the watcher takes; nil = no question is open
	again   bool       // and is to be asked once more: something has changed meanwhile
	late    <-chan time.Time
	is      bool
	told    bool
	there   func(bool)
}

// followTray tells when a tray comes and when it goes, until ctx ends.
func followTray(ctx context.Context, there func(bool), log *slog.Logger) {
	w, signals, err := newWatcher(ctx, there)
	if err != nil {
		log.Info("no tray", "error", err)
		there(false)
		return
	}
	defer func() { _ = w.conn.Close() }()
	for {
		select {
		case <-ctx.Done():
			return
		case call := <-w.replies:
			w.reply(call)
		case <-w.late:
			w.late = nil
			w.tell(false)
		case sig, ok := <-signals:
			if !ok { // the bus has gone, and everything on it
				w.tell(false)
				return
			}
			w.signal(sig)
		}
	}
}

func newWatcher(ctx context.Context, there func(bool)) (*watcher, <-chan *dbus.Signal, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx),
		dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err != nil {
		return nil, nil, err
	}
	w := &watcher{
		conn: conn, object: conn.Object(watcherName, watcherPath), replies: make(chan *dbus.Call, 8), there: there,
	}
	signals := make(chan *dbus.Signal, mostKept)
	conn.Signal(signals)
	err = errors.Join(conn.Auth(nil), conn.Hello())
	var runs bool
	if err == nil {
		err = errors.Join(
			conn.AddMatchSignalContext(ctx, dbus.WithMatchSender("org.freedesktop.DBus"),
				dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"),
				dbus.WithMatchArg(0, watcherName)),
			conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(watcherName), dbus.WithMatchInterface(watcherName)),
			conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcherName).Store(&runs),
		)
	}
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	if runs {
		w.ask()
	} else {
		w.tell(false)
	}
	return w, signals, nil
}

// ask finds out whether somebody shows what the watcher takes.
func (w *watcher) ask() {
	w.again = w.asked != nil
	if w.asked == nil {
		w.asked = w.object.Go("org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, w.replies, watcherName,
			"IsStatusNotifierHostRegistered")
		w.late = time.After(hostTime)
	}
}

// reply takes the answer. A watcher that does not say, though it is there, shows them itself.
func (w *watcher) reply(call *dbus.Call) {
	if call != w.asked {
		return
	}
	w.asked, w.late = nil, nil
	if w.again {
		w.ask()
		return
	}
	var shown bool
	var failed dbus.Error
	switch err := call.Store(&shown); {
	case err == nil:
		w.tell(shown)
	case errors.As(err, &failed):
		w.tell(strings.HasPrefix(failed.Name, "org.freedesktop.DBus.Error.Unknown") ||
			strings.HasPrefix(failed.Name, "org.freedesktop.DBus.Error.InvalidArgs") ||
			strings.HasPrefix(failed.Name, "org.freedesktop.DBus.Properties.Error."))
	default:
		w.tell(true)
	}
}

func (w *watcher) signal(sig *dbus.Signal) {
	switch sig.Name {
	case "org.freedesktop.DBus.NameOwnerChanged":
		var name, before, now string
		if dbus.Store(sig.Body, &name, &before, &now) != nil || name != watcherName {
			return
		}
		w.asked, w.late = nil, nil
		if now == "" {
			w.tell(false)
		} else {
			w.ask()
		}
	case watcherName + ".StatusNotifierHostRegistered", watcherName + ".StatusNotifierHostUnregistered":
		w.ask()
	}
}

// tell tells what is new.
func (w *watcher) tell(is bool) {
	if !w.told || is != w.is {
		w.told, w.is = true, is
		w.there(is)
	}
}

// itemText is a text as an item of the menu shows it: an underscore would mark the letter behind it.
func itemText(s string) string { return strings.ReplaceAll(s, "_", "__") }
