package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/phone/journal"
	"calla/ui/history"
)

// aNumber is a number of the history, of an account that does not dial.
func aNumber() history.Number {
	return history.Number{
		Text: "bob@b.example", AccountID: "private", Account: "Private", URI: "sip:bob@b.example:5070;transport=ws",
		After: ",,12#",
	}
}

// remembers gives the window a history with one call.
func (o *opened) remembers(t *testing.T, c journal.Call) {
	t.Helper()
	o.phone.journal = journal.Open(journal.Options{Dir: t.TempDir()})
	t.Cleanup(o.phone.journal.Close)
	if _, err := o.phone.journal.Record(c); err != nil {
		t.Fatal(err)
	}
	_ = o.phone.journal.SetNote(t.Context(), -1, "") // done after what was put in before it
}

// TestWhomACallWasWithIsCalledWithItsAccount: from the history into the number field, and from there with Enter, unless
// something else is typed.
func TestWhomACallWasWithIsCalledWithItsAccount(t *testing.T) {
	const back = "redial private sip:bob@b.example:5070;transport=ws ,,12#"
	for _, v := range []struct {
		name string
		wide bool
		do   func(o *opened)
		want []string
	}{
		{"at once", false, func(o *opened) { o.main.dialKept(aNumber(), true) }, []string{back}},
		{"at once, wide", true, func(o *opened) { o.main.dialKept(aNumber(), true) }, []string{back}},
		{"filled, and Enter", false, func(o *opened) {
			o.main.dialKept(aNumber(), false)
			o.key(fyne.KeyReturn)
		}, []string{back}},
		{"filled, and Call", true, func(o *opened) {
			o.main.dialKept(aNumber(), false)
			o.tap(o.main.dial.call)
		}, []string{back}},
		{"filled alone", false, func(o *opened) { o.main.dialKept(aNumber(), false) }, nil},
		{"filled, and changed", false, func(o *opened) {
			o.main.dialKept(aNumber(), false)
			o.key(fyne.KeyBackspace)
			o.key(fyne.KeyReturn)
		}, []string{"dial office bob@b.exampl"}},
		{"filled, changed and changed back", false, func(o *opened) {
			o.main.dialKept(aNumber(), false)
			o.key(fyne.KeyBackspace)
			o.char('e')
			o.key(fyne.KeyReturn)
		}, []string{"dial office bob@b.example"}},
		{"another after it", false, func(o *opened) {
			o.main.dialKept(aNumber(), false)
			n := aNumber()
			n.AccountID, n.URI, n.Text, n.After = "office", "sip:carol@example.com", "carol", ""
			o.main.dialKept(n, true)
		}, []string{"redial office sip:carol@example.com"}},
	} {
		t.Run(v.name, func(t *testing.T) {
			options := Options{}
			if v.wide {
				options.Size = account.Size{Width: 1200, Height: 800}
			}
			o := open(t, options)
			o.remembers(t, journal.Call{Address: "x", URI: "sip:x@example.com", Began: time.Now()})
			o.app.update(idle())
			o.main.openHistory()
			o.finish()
			o.phone.took()
			v.do(o)
			o.expect(t, v.want...)
			if (o.main.page != nil) != v.wide {
				t.Errorf("the page is open: %t", o.main.page != nil)
			}
		})
	}
}

// TestARefusedCallOfTheHistoryIsTold: at the number, which is to be seen.
func TestARefusedCallOfTheHistoryIsTold(t *testing.T) {
	o := open(t, Options{})
	o.remembers(t, journal.Call{Address: "x", URI: "sip:x@example.com", Began: time.Now()})
	o.app.update(idle())
	o.main.openHistory()
	o.finish()
	o.main.dialKept(aNumber(), true)
	s := idle()
	s.Refusal = &phone.Refusal{ID: "r1", Command: phone.CommandDial, Text: "bob@b.example"}
	o.app.update(s)
	if o.main.dial.bad == nil || !o.main.dial.object.Visible() || o.main.dial.number.Text != "bob@b.example" {
		t.Error("nobody is told")
	}
}

// TestTheHistoryGoesBackByPages: Esc and the arrow go from the details to the list, and from there to the keypad.
func TestTheHistoryGoesBackByPages(t *testing.T) {
	o := open(t, Options{})
	o.remembers(t, journal.Call{Name: "Bob", Address: "x", URI: "sip:x@example.com", Began: time.Now()})
	o.app.update(idle())
	o.main.openHistory()
	o.finish()
	o.key(fyne.KeyRight)
	o.finish()
	for _, want := range []string{"Bob", "History", ""} {
		title := ""
		if o.main.page != nil {
			title = o.main.page.Title()
		}
		if title != want {
			t.Fatalf("shows %q, want %q", title, want)
		}
		o.key(fyne.KeyEscape)
	}
}

// TestAPhoneThatKeepsNothingHasNoHistory: no page, and nothing that leads to one.
func TestAPhoneThatKeepsNothingHasNoHistory(t *testing.T) {
	o := open(t, Options{})
	o.app.update(idle())
	o.main.openHistory()
	if o.main.page != nil {
		t.Error("a page is open")
	}
	for _, item := range o.main.head.menu().Items {
		if item.Label == "History…" {
			t.Error("the menu has it")
		}
	}
}
