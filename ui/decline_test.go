package ui

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
)

// entryOf finds an entry of a menu, or of a menu in it, by its words.
func entryOf(t *testing.T, m *fyne.Menu, words string) *fyne.MenuItem {
	t.Helper()
	for _, item := range m.Items {
		if strings.HasPrefix(item.Label, words) && item.Action != nil {
			return item
		}
		if item.ChildMenu != nil {
			for _, inner := range item.ChildMenu.Items {
				if strings.HasPrefix(inner.Label, words) {
					return inner
				}
			}
		}
	}
	t.Fatalf("the menu has no %q", words)
	return nil
}

// TestACallIsRefusedByMenu: each entry does what it says, of the call that the menu was opened for.
func TestACallIsRefusedByMenu(t *testing.T) {
	for name, c := range map[string]struct{ entry, typed, told string }{
		"busy":                  {"Busy", "", "busy c1"},
		"a ready text":          {"I am in a meeting", "", "decline c1: I am in a meeting."},
		"a text of one's own":   {"Write a text", " Later, \"please\" ", `decline c1: Later, "please"`},
		"forwarded":             {"Forward", "carol", "forward c1 carol"},
		"forwarded to a number": {"Forward", "(030) 12-34", "forward c1 0301234"},
		"ignored":               {"Ignore", "", "ignore c1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, Options{})
				s := inPhase(phone.PhaseIncoming)
				o.update(s)
				time.Sleep(deadTime)
				entryOf(t, declineMenu(o.app, s.Calls[0]), c.entry).Action()
				if o.main.sheet != nil {
					time.Sleep(time.Second)
					e := o.main.win.Canvas().Focused()
					if e == nil {
						t.Fatal("nothing to type into")
					}
					test.Type(e, c.typed)
					e.(interface{ TypedKey(*fyne.KeyEvent) }).TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
				}
				o.expect(t, c.told)
			})
		})
	}
}

// TestASheetAboutACallLastsAsLongAsWhatItIsFor: to refuse, while it rings; to hand it over, while it is up.
func TestASheetAboutACallLastsAsLongAsWhatItIsFor(t *testing.T) {
	forward := func(o *opened, c phone.CallState) { o.main.openRefusal(c, false) }
	text := func(o *opened, c phone.CallState) { o.main.openRefusal(c, true) }
	transfer := func(o *opened, _ phone.CallState) { o.main.call.openTransfer(false) }
	gone := func(s *phone.State) { s.Calls = nil }
	becomes := func(phase phone.Phase) func(*phone.State) {
		return func(s *phone.State) { s.Calls[0].Phase = phase }
	}
	for _, c := range []struct {
		name   string
		open   func(*opened, phone.CallState)
		phase  phone.Phase
		change func(*phone.State)
		stays  bool
	}{
		{"forward, nothing changes", forward, phone.PhaseIncoming, func(*phone.State) {}, true},
		{"a text, nothing changes", text, phone.PhaseIncoming, func(*phone.State) {}, true},
		{"forward, the caller's name is found", forward, phone.PhaseIncoming, func(s *phone.State) {
			s.Calls[0].Name = "Bob Marsh"
		}, true},
		{"a text, the account goes", text, phone.PhaseIncoming, func(s *phone.State) {
			s.Accounts[0].Status = phone.StatusConnecting
		}, true},
		{"forward, another one calls", forward, phone.PhaseIncoming, func(s *phone.State) {
			s.Calls = append(s.Calls, phone.CallState{
				ID: "c2", AccountID: s.Calls[0].AccountID, Address: "carol",
				Incoming: true, Phase: phone.PhaseIncoming,
			})
		}, true},
		{"hand over, nothing changes", transfer, phone.PhaseEstablished, func(*phone.State) {}, true},
		{"forward, the caller gives up", forward, phone.PhaseIncoming, gone, false},
		{"a text, it is answered", text, phone.PhaseIncoming, becomes(phone.PhaseAnswering), false},
		{"forward, it is answered", forward, phone.PhaseIncoming, becomes(phone.PhaseEstablished), false},
		{"hand over, it ends", transfer, phone.PhaseEstablished, gone, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			s := inPhase(c.phase)
			o.update(s)
			c.open(o, s.Calls[0])
			s.Calls = slices.Clone(s.Calls)
			s.Accounts = slices.Clone(s.Accounts)
			c.change(&s)
			o.update(s)
			if (o.main.sheet != nil) != c.stays {
				t.Errorf("the sheet is open: %v", o.main.sheet != nil)
			}
		})
	}
}

// TestDoNotDisturbIsSetByMenuAndSeen: while it is on, and what the account does by itself.
func TestDoNotDisturbIsSetByMenuAndSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		for _, c := range []struct {
			entry string
			told  string
		}{
			{"For 1 hour", "quiet true"},
			{"Until tomorrow", "quiet true"},
			{"Until switched off", "quiet true"},
			{"Off", "quiet false"},
		} {
			entryOf(t, o.main.head.menu(), c.entry).Action()
			o.expect(t, c.told)
		}
		s := idle()
		if words := standingOrders(s, s.Accounts[0]); words != "" {
			t.Errorf("nothing is set: %q", words)
		}
		s.DoNotDisturb = account.DoNotDisturb{On: true}
		s.Accounts[0].Does = []cause.Cause{{Kind: cause.ForwardBusy, To: "carol"}}
		if words := standingOrders(s, s.Accounts[0]); words != "Do not disturb · Forwards calls to carol when busy" {
			t.Errorf("%q", words)
		}
	})
}

// TestListsOfCallersAreSavedAsTyped: and a line that is none is told.
func TestListsOfCallersAreSavedAsTyped(t *testing.T) {
	o := open(t, Options{})
	p := newCallersPanel(o.app)
	p.blocked.SetText(" +49 900 *\n\nanonymous\n")
	p.through.SetText("boss")
	p.save()
	in := o.phone.settings.Incoming
	if !slices.Equal(in.Blocked, []string{"+49 900 *", "anonymous"}) ||
		!slices.Equal(in.DoNotDisturb.Through, []string{"boss"}) {
		t.Errorf("%+v", in)
	}
	p.blocked.SetText(strings.Repeat("7", account.LongestCaller+1))
	p.save()
	if got := o.phone.settings.Incoming.Blocked; len(got) != 2 {
		t.Errorf("%q", got)
	}
}
