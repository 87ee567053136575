//go:build !windows && !darwin && !race

// Not with -race: systray counts the first reading of its menu on two goroutines without a lock.

package desktop

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/journal"
)

// entry is an item of the menu that is to be seen.
type entry struct {
	id      int32
	label   string
	enabled bool
	checked bool
	below   []entry
}

type layout struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

// menu reads the menu as a desktop does.
func (w *fakeWatcher) menu() []entry {
	w.t.Helper()
	item := w.item()
	object := w.conn.Object(item.Destination(), "/StatusNotifierItem/menu")
	var revision uint32
	var root layout
	call := object.Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{})
	if err := call.Store(&revision, &root); err != nil {
		w.t.Fatal(err)
	}
	return entries(w.t, root.Children)
}

func entries(t *testing.T, from []dbus.Variant) (all []entry) {
	t.Helper()
	for _, v := range from {
		var l layout
		if err := dbus.Store([]any{v.Value()}, &l); err != nil {
			t.Fatal(err)
		}
		if seen, is := l.Props["visible"].Value().(bool); is && !seen {
			continue
		}
		e := entry{id: l.ID, enabled: true, below: entries(t, l.Children)}
		e.label, _ = l.Props["label"].Value().(string)
		if on, is := l.Props["enabled"].Value().(bool); is {
			e.enabled = on
		}
		state, _ := l.Props["toggle-state"].Value().(int32)
		e.checked = state == 1
		all = append(all, e)
	}
	return all
}

// labels are the menu in words.
func labels(all []entry) string {
	var words []string
	for _, e := range all {
		word := e.label
		if e.label == "" {
			word = "-"
		}
		if e.checked {
			word += "*"
		}
		if len(e.below) > 0 {
			word += "(" + labels(e.below) + ")"
		}
		words = append(words, word)
	}
	return strings.Join(words, "|")
}

// choose clicks an item of the menu.
func (w *fakeWatcher) choose(label string) {
	w.t.Helper()
	all := w.menu()
	for _, e := range all {
		all = append(all, e.below...)
	}
	i := slices.IndexFunc(all, func(e entry) bool { return e.label == label })
	if i < 0 {
		w.t.Fatalf("no %q in %s", label, labels(all))
	}
	object := w.conn.Object(w.item().Destination(), "/StatusNotifierItem/menu")
	call := object.Call("com.canonical.dbusmenu.Event", 0, all[i].id, "clicked", dbus.MakeVariant(""), uint32(0))
	if call.Err != nil {
		w.t.Error(call.Err)
	}
}

// TestTheTrayShowsHowThingsStand: by the form of the mark and the first line of the menu, and does what is chosen
// there. Names of others are one line, and no letter of them is a key of the menu.
func TestTheTrayShowsHowThingsStand(t *testing.T) {
	ownProcess(t, func(t *testing.T) {
		ownBus(t)
		w := startWatcher(t, "yes")
		tray := openTray(t)
		one := phone.AccountState{
			ID: "a1", Label: "Work", Status: phone.StatusRegistered, Standing: cause.Cause{Kind: cause.Registered},
		}
		two := phone.AccountState{ID: "a2", Label: "my_home\nphone", Standing: cause.Cause{Kind: cause.Off}}
		talking := phone.CallState{ID: "c", Phase: phone.PhaseEstablished, Name: "B_ob\u202e", Active: true}
		tray.waitThere(t, true)
		for _, c := range []struct {
			name  string
			s     phone.State
			shape Shape
			menu  string
		}{
			{"no account", phone.State{}, ShapeUnregistered, "No account|Show Calla|-|Do not disturb|-|Quit"},
			{
				"registered",
				phone.State{Accounts: []phone.AccountState{one}, Account: "a1"},
				ShapeRegistered,
				"Registered|Show Calla|-|Do not disturb|-|Quit",
			},
			{
				"missed calls", phone.State{
					Accounts: []phone.AccountState{one}, Account: "a1", Journal: journal.Counts{Missed: 2},
				}, ShapeRegistered, "2 missed calls|Show Calla|-|Do not disturb|-|Quit",
			},
			{
				"do not disturb", phone.State{
					Accounts: []phone.AccountState{one}, Account: "a1", DoNotDisturb: account.DoNotDisturb{On: true},
				}, ShapeRegistered, "Registered|Show Calla|-|Do not disturb*|-|Quit",
			},
			{
				"several accounts",
				phone.State{Accounts: []phone.AccountState{one, two}, Account: "a2"},
				ShapeUnregistered,
				"my__home phone: Off|Show Calla|-|Do not disturb|Account(Work|my__home phone*)|-|Quit",
			},
			{
				"a call that rings",
				phone.State{Calls: []phone.CallState{{Phase: phone.PhaseIncoming, Address: "sip:4711"}}},
				ShapeUnregistered, "4711 is calling|Show Calla|-|Do not disturb|-|Quit",
			},
			{
				"in a call",
				phone.State{Calls: []phone.CallState{talking}},
				ShapeCall,
				"In a call with B__ob|Show Calla|-|Do not disturb|-|Quit",
			},
			{
				"in two calls",
				phone.State{Calls: []phone.CallState{talking, {Phase: phone.PhaseIncoming}}},
				ShapeCall,
				"In 2 calls|Show Calla|-|Do not disturb|-|Quit",
			},
			{
				"100 accounts",
				phone.State{Accounts: slices.Repeat([]phone.AccountState{two}, 100), Account: "a2"},
				ShapeUnregistered, "my__home phone: Off|Show Calla|-|Do not disturb|Account(" +
					strings.TrimSuffix(strings.Repeat("my__home phone*|", mostAccounts), "|") + ")|-|Quit",
			},
		} {
			tray.Follow(c.s)
			got := ""
			for began := time.Now(); got != c.menu && time.Since(began) < patience; {
				got = labels(w.menu())
			}
			tray.mu.Lock()
			if got != c.menu || tray.icons[len(tray.icons)-1] != c.shape {
				t.Errorf("%s: %s, %q; want %s", c.name, got, tray.icons, c.menu)
			}
			tray.mu.Unlock()
		}

		tray.Follow(phone.State{Accounts: []phone.AccountState{one, two}, Account: "a2"})
		until(t, "both accounts", func() bool { return strings.Contains(labels(w.menu()), "(Work|") })
		for _, c := range []struct {
			label string
			want  TrayPress
		}{
			{"Show Calla", TrayPress{Deed: TrayShow}},
			{"Do not disturb", TrayPress{Deed: TrayQuiet, On: true}},
			{"Work", TrayPress{Deed: TrayAccount, Account: "a1"}},
			{"my__home phone", TrayPress{Deed: TrayAccount, Account: "a2"}},
			{"Quit", TrayPress{Deed: TrayQuit}},
		} {
			// A menu that is drawn anew as it is clicked loses the click, as the desktop's would.
			until(t, c.label, func() bool {
				w.choose(c.label)
				tray.mu.Lock()
				defer tray.mu.Unlock()
				return slices.Contains(tray.did, c.want)
			})
		}
		bob := Recent{Name: "B_\nob\u202e", AccountID: "a1", URI: "sip:bob@example.com", After: ",1"}
		tray.SetRecent(slices.Insert(slices.Repeat([]Recent{{Name: "Carol"}}, 9), 0, bob))
		until(t, "whom the last calls were with", func() bool {
			return strings.Contains(labels(w.menu()), "Last calls(B__ ob|Carol|Carol|Carol|Carol)")
		})
		until(t, "a call", func() bool {
			w.choose("B__ ob")
			tray.mu.Lock()
			defer tray.mu.Unlock()
			return slices.Contains(tray.did, TrayPress{Deed: TrayCall, To: bob})
		})
		if call := w.item().Call("org.kde.StatusNotifierItem.Activate", 0, int32(0), int32(0)); call.Err != nil {
			t.Error(call.Err)
		}
	})
}
