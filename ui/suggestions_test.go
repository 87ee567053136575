package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/phone"
	"calla/phone/journal"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// knowing is a journal that knows people: a contact with two addresses, and whom calls were with.
func knowing(t *testing.T, name string) *journal.Journal {
	t.Helper()
	j := journal.Open(journal.Options{Dir: t.TempDir()})
	t.Cleanup(j.Close)
	for _, c := range []journal.Call{
		{Address: "carol", URI: "sip:carol@other.example;transport=wss", AccountID: "home", Name: "Carol"},
		{Address: "dave", URI: "sip:dave@gone.example", AccountID: "gone"},
	} {
		c.Began = time.Now()
		if _, err := j.Record(c); err != nil {
			t.Fatal(err)
		}
	}
	_, err := j.SaveContacts(t.Context(), []journal.Contact{
		{
			Name: name, Favourite: true, Organisation: "Marsh & Sons", Note: "At the desk until four.",
			Addresses: []journal.ContactAddress{
				{Address: "4711", Label: "work"}, {Address: "bob@example.org", Label: "home"},
			},
		},
		{Name: "Zoë Berg", Addresses: []journal.ContactAddress{{Address: "+49 171 99887766", Label: "mobile"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// openKnowing is a window of a phone with two accounts that knows people.
func openKnowing(t *testing.T, name string) *opened {
	t.Helper()
	o := openWith(t, Options{}, knowing(t, name))
	s := idle()
	home := office()
	home.ID, home.Label, home.Address = "home", "Home", "alice@other.example"
	s.Accounts = append(s.Accounts, home)
	o.update(s)
	return o
}

// TestSuggestedPeopleAreCalled: a contact by the account that dials, whom an earlier call was with in full and by the
// account of that call, and what is typed where nobody is chosen.
func TestSuggestedPeopleAreCalled(t *testing.T) {
	for _, c := range []struct {
		name, typed string
		keys        []fyne.KeyName
		want        string
		shows       string // in the field, once chosen by Tab
	}{
		{"a contact", "bo", []fyne.KeyName{"Down", "Return"}, "dial office 4711", "4711"},
		{"another address of it", "bo", []fyne.KeyName{"Down", "Down", "Return"}, "dial office bob@example.org", ""},
		{"by its number", "471", []fyne.KeyName{"Down", "Return"}, "dial office 4711", ""},
		{
			"somebody of the history", "car",
			[]fyne.KeyName{"Down", "Return"},
			"redial home sip:carol@other.example;transport=wss", "carol",
		},
		{
			"of an account that is gone", "dav",
			[]fyne.KeyName{"Down", "Return"},
			"dial office dave@gone.example",
			"sip:dave@gone.example",
		},
		{"nobody", "bo", []fyne.KeyName{"Return"}, "dial office bo", ""},
		{"closed by Escape", "bo", []fyne.KeyName{"Down", "Escape", "Return"}, "dial office bo", ""},
	} {
		for _, focused := range []bool{true, false} {
			t.Run(fmt.Sprint(c.name, ", in the field: ", focused), func(t *testing.T) {
				o := openKnowing(t, "Bob Marsh")
				if focused {
					o.main.dial.focus()
				}
				for _, r := range c.typed {
					o.char(r)
				}
				o.finish()
				for _, key := range c.keys {
					o.key(key)
				}
				o.finish()
				o.expect(t, c.want)
				if o.main.dial.people.Rows() > 0 {
					t.Error("the list stays open")
				}
			})
		}
		if c.shows == "" {
			continue
		}
		t.Run(c.name+", taken first", func(t *testing.T) {
			o := openKnowing(t, "Bob Marsh")
			o.main.dial.focus()
			o.main.dial.number.SetText(c.typed)
			o.finish()
			o.key(fyne.KeyDown)
			o.key(fyne.KeyTab)
			if got := o.main.dial.number.Text; got != c.shows {
				t.Errorf("the field has %q, want %q", got, c.shows)
			}
			o.expect(t)
			o.key(fyne.KeyReturn)
			o.expect(t, c.want)
		})
	}
}

// TestWhoIsChosenIsToldUntilItIsChanged: below the number, with the account; what is changed means what it says.
func TestWhoIsChosenIsToldUntilItIsChanged(t *testing.T) {
	for _, c := range []struct{ name, typed, told string }{
		{"a contact", "bo", "Calls Bob Marsh · work"},
		{"somebody of the history", "car", "Calls Carol, with the account Home, as before."},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := openKnowing(t, "Bob Marsh")
			d := o.main.dial
			d.focus()
			d.number.SetText(c.typed)
			o.finish()
			o.key(fyne.KeyDown)
			o.key(fyne.KeyTab)
			if got := d.note.Text(); got != c.told {
				t.Errorf("tells %q, want %q", got, c.told)
			}
			d.number.SetText("dana")
			o.finish()
			if got := d.note.Text(); got != "" {
				t.Errorf("tells %q of another", got)
			}
			o.key(fyne.KeyReturn)
			o.expect(t, "dial office dana")
		})
	}
}

// TestSuggestionsLeaveTheKeysFree that are being pressed by pointer; what is typed at the keyboard has all the room.
func TestSuggestionsLeaveTheKeysFree(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 360, Height: 560}, {Width: 380, Height: 640}, {Width: 360, Height: 900}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			o := openKnowing(t, "4711")
			o.main.win.Resize(size)
			d := o.main.dial
			keys := uitest.LaidOut[*widget.Key](d.object)
			for _, i := range []int{3, 6} { // 4, 7
				test.Tap(keys[i])
			}
			o.finish()
			list := d.people.Object
			driver := fyne.CurrentApp().Driver()
			bottom := driver.AbsolutePositionForObject(list).Y + list.Size().Height
			if top := driver.AbsolutePositionForObject(keys[0]).Y; d.people.Rows() > 0 && bottom > top {
				t.Errorf("reaches to %v, the keys begin at %v", bottom, top)
			}
			d.number.SetText("471")
			o.finish()
			if d.people.Rows() == 0 {
				t.Error("nobody is shown to who types")
			}
		})
	}
}

// TestSuggestedPeopleAreTransferredTo, in full, and the sheet makes room for them.
func TestSuggestedPeopleAreTransferredTo(t *testing.T) {
	for _, c := range []struct {
		name, typed string
		ask         bool
		keys        []fyne.KeyName
		want        string
	}{
		{"a contact", "bo", false, []fyne.KeyName{"Down", "Return"}, "transfer c1 4711"},
		{"asked first", "bo", true, []fyne.KeyName{"Down", "Down", "Return"}, "ask first c1 bob@example.org"},
		{
			"somebody of the history", "car", false,
			[]fyne.KeyName{"Down", "Tab", "Return"},
			"transfer c1 sip:carol@other.example;transport=wss",
		},
		{"of an account that is gone", "dav", false, []fyne.KeyName{"Down", "Return"}, "transfer c1 dave@gone.example"},
		{"what is typed", "bo", false, []fyne.KeyName{"Return"}, "transfer c1 bo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := openKnowing(t, "Bob Marsh")
			s := inPhase(phone.PhaseEstablished)
			o.update(s)
			o.main.call.openTransfer(c.ask)
			o.phone.took()
			before := o.main.sheet.layer.card.Size().Height
			for _, r := range c.typed {
				o.char(r)
			}
			o.finish()
			if after := o.main.sheet.layer.card.Size().Height; after <= before {
				t.Errorf("the sheet is %v high, and was %v", after, before)
			}
			for _, key := range c.keys {
				o.key(key)
			}
			o.finish()
			o.expect(t, c.want)
		})
	}
}

// TestSuggestedPeopleAreForwardedTo, in full.
func TestSuggestedPeopleAreForwardedTo(t *testing.T) {
	for _, c := range []struct {
		name, typed string
		keys        []fyne.KeyName
		want        string
	}{
		{"a contact", "bo", []fyne.KeyName{"Down", "Return"}, "forward c1 4711"},
		{
			"somebody of the history", "car",
			[]fyne.KeyName{"Down", "Tab", "Return"},
			"forward c1 sip:carol@other.example;transport=wss",
		},
		{"what is typed", "bo", []fyne.KeyName{"Return"}, "forward c1 bo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := openKnowing(t, "Bob Marsh")
			s := inPhase(phone.PhaseIncoming)
			o.update(s)
			o.main.openRefusal(s.Calls[0], false)
			o.phone.took()
			for _, r := range c.typed {
				o.char(r)
			}
			o.finish()
			for _, key := range c.keys {
				o.key(key)
			}
			o.finish()
			o.expect(t, c.want)
		})
	}
}

// TestSuggestionsOfHostileNames do not break the keypad, and typing goes on.
func TestSuggestionsOfHostileNames(t *testing.T) {
	for name, hostile := range map[string]string{
		"long": strings.Repeat("471 ", 50), "right to left": "\u202e4711\u202c", "lines": "4711\n4711",
		"marks": "4711\u0351\u0352",
		"emoji": strings.Repeat("👩‍👩‍👧‍👦4711", 9),
	} {
		t.Run(name, func(t *testing.T) {
			o := openKnowing(t, hostile)
			o.main.dial.focus()
			o.main.dial.number.SetText("471")
			o.finish()
			for _, row := range uitest.LaidOut[*widget.Option](o.main.dial.people.Object) {
				if row.Size().Width > 360 || strings.ContainsAny(row.Title(), "\n\u202e") {
					t.Errorf("%v wide: %q", row.Size().Width, row.Title())
				}
			}
			if o.main.dial.people.Rows() == 0 {
				t.Error("nobody is shown")
			}
			o.char('1')
			if got := o.main.dial.number.Text; !strings.Contains(got, "1471") && !strings.Contains(got, "4711") {
				t.Errorf("the field has %q", got)
			}
		})
	}
}
