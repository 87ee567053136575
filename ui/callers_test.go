package ui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"calla/ui/widget"
)

// TestListsOfCallersSuggestPeople: whom the line may mean that is being typed, as the list has them; the other lines
// stay as they are.
func TestListsOfCallersSuggestPeople(t *testing.T) {
	for _, c := range []struct {
		name, before string
		up           int // lines that the cursor goes up before it is typed
		typed        string
		keys         []fyne.KeyName
		want         string
	}{
		{"a contact", "", 0, "bo", []fyne.KeyName{"Down", "Return"}, "4711\n"},
		{"by Tab", "", 0, "bo", []fyne.KeyName{"Down", "Down", "Tab"}, "bob@example.org"},
		{"by Up", "", 0, "bo", []fyne.KeyName{"Up", "Tab"}, "bob@example.org"},
		{"of the history, with its host", "", 0, "car", []fyne.KeyName{"Down", "Tab"}, "carol@other.example"},
		{"nobody", "", 0, "bo", []fyne.KeyName{"Escape", "Return"}, "bo\n"},
		{"Enter alone", "", 0, "bo", []fyne.KeyName{"Return"}, "bo\n"},
		{
			"below others", "+49 900 *\nanonymous\n", 0, "bo",
			[]fyne.KeyName{"Down", "Tab"},
			"+49 900 *\nanonymous\n4711",
		},
		{"above others", "\nanonymous", 1, "bo", []fyne.KeyName{"Down", "Tab"}, "4711\nanonymous"},
		{"between others", "one\n\ntwo", 1, "bo", []fyne.KeyName{"Down", "Tab"}, "one\n4711\ntwo"},
		{"a pattern", "", 0, "+49 900 *", []fyne.KeyName{"Down", "Return"}, "+49 900 *\n"},
	} {
		for _, list := range []string{"blocked", "through"} {
			t.Run(c.name+", "+list, func(t *testing.T) {
				o := openKnowing(t, "Bob Marsh")
				o.phone.settings.Incoming.Blocked = strings.Split(c.before, "\n")
				o.phone.settings.Incoming.DoNotDisturb.Through = strings.Split(c.before, "\n")
				o.main.openSettings()
				o.finish()
				p := o.main.page.(*settingsPage).callers
				entry := map[string]*widget.Entry{"blocked": p.blocked, "through": p.through}[list]
				o.main.win.Canvas().Focus(entry)
				for range 9 {
					o.key(fyne.KeyDown)
				}
				for range c.up {
					o.key(fyne.KeyUp)
				}
				for _, r := range c.typed {
					o.char(r)
				}
				o.finish()
				for _, key := range c.keys {
					o.key(key)
				}
				o.finish()
				if entry.Text != c.want || o.main.win.Canvas().Focused() != fyne.Focusable(entry) {
					t.Errorf("the list has %q, want %q; the keyboard is in %T", entry.Text, c.want,
						o.main.win.Canvas().Focused())
				}
				if got := entry.CursorTextOffset(); c.up == 0 && got != len([]rune(entry.Text)) {
					t.Errorf("the cursor is at %d of %q", got, entry.Text)
				}
			})
		}
	}
}

// TestALineOfAListIsFoundWhereItWraps: a long line that is shown in two is one all the same.
func TestALineOfAListIsFoundWhereItWraps(t *testing.T) {
	long := strings.Repeat("7 ", 60) + "end"
	for _, c := range []struct {
		name, before string
		keys         []fyne.KeyName
		want         string
	}{
		{"the long one", long, nil, "new"},
		{"the one below", long + "\nbo", nil, long + "\nnew"},
		{"the one above", "bo\n" + long, slices.Repeat([]fyne.KeyName{fyne.KeyUp}, 4), "new\n" + long},
		{"none", "", nil, "new"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			o.phone.settings.Incoming.Blocked = slices.DeleteFunc(strings.Split(c.before, "\n"),
				func(s string) bool { return s == "" })
			o.main.openSettings()
			entry := o.main.page.(*settingsPage).callers.blocked
			o.main.win.Canvas().Focus(entry)
			for range 9 {
				o.key(fyne.KeyDown)
			}
			o.key(fyne.KeyEnd)
			for _, key := range c.keys {
				o.key(key)
			}
			entry.FillLine("new")
			if entry.Text != c.want {
				t.Errorf("%q, want %q", entry.Text, c.want)
			}
		})
	}
}
