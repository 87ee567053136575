package ui

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone/journal"
	"calla/ui/contacts"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// pressed presses a button of the page that is open.
func (o *opened) pressed(t *testing.T, label string) {
	t.Helper()
	uitest.Settle(o.main.win)
	for _, b := range uitest.LaidOut[*widget.Button](o.main.side) {
		if b.Visible() && b.AccessibilityLabel() == label {
			o.tap(b)
			o.finish()
			return
		}
	}
	t.Fatalf("no button %q", label)
}

// row presses a row of the page that is open.
func (o *opened) row(t *testing.T, title string) {
	t.Helper()
	uitest.Settle(o.main.win)
	for _, r := range uitest.LaidOut[*widget.Row](o.main.side) {
		if r.Visible() && r.Title() == title {
			o.tap(r)
			o.finish()
			return
		}
	}
	t.Fatalf("no row %q", title)
}

// tells draws a State with what the journal counts.
func (o *opened) tells() {
	o.update(o.told(idle()))
	o.finish()
}

// TestBackLeadsToWhereAPageWasOpenedFrom: one page after the other, however deep, and from the last one home.
func TestBackLeadsToWhereAPageWasOpenedFrom(t *testing.T) {
	save := func(t *testing.T, o *opened) {
		o.main.page.(*contacts.Form).Save()
		o.finish()
		o.tells()
	}
	for _, v := range []struct {
		name string
		do   func(t *testing.T, o *opened)
		want []string // titles, from the page that is open
	}{
		{"a contact of the list", func(t *testing.T, o *opened) {
			o.main.openContacts()
			o.tells()
			o.row(t, "Bob Marsh")
		}, []string{"Bob Marsh", "Contacts"}},
		{"its form", func(t *testing.T, o *opened) {
			o.main.openContacts()
			o.tells()
			o.row(t, "Bob Marsh")
			o.pressed(t, "Edit")
		}, []string{"Bob Marsh", "Bob Marsh", "Contacts"}},
		{"once it is saved", func(t *testing.T, o *opened) {
			o.main.openContacts()
			o.tells()
			o.row(t, "Bob Marsh")
			o.pressed(t, "Edit")
			save(t, o)
		}, []string{"Bob Marsh", "Contacts"}},
		{"what is written to a contact", func(t *testing.T, o *opened) {
			o.main.openContacts()
			o.tells()
			o.row(t, "Bob Marsh")
			o.pressed(t, "Write to 4711")
		}, []string{"4711", "Bob Marsh", "Contacts"}},
		{"all contacts", func(t *testing.T, o *opened) {
			o.main.openContacts()
			o.tells()
			o.row(t, "Bob Marsh")
			o.pressed(t, "All contacts")
		}, []string{"Contacts"}},
		{"a contact that is deleted", func(t *testing.T, o *opened) {
			o.main.openContacts()
			o.tells()
			o.row(t, "Zoë Berg")
			o.main.page.(*contacts.Card).AskDelete()
			o.stands()
			uitest.Press(t, o.main.sheet.layer.object, "Delete the contact")
			o.finish()
		}, []string{"Contacts"}},
		{"a new contact", func(t *testing.T, o *opened) {
			o.main.openContacts()
			o.tells()
			o.pressed(t, "Add a contact")
		}, []string{"New contact", "Contacts"}},
		{"a call", func(_ *testing.T, o *opened) {
			o.main.openHistory()
			o.tells()
			o.key(fyne.KeyRight)
			o.finish()
		}, []string{"dave", "History"}},
		{"who called, as a new contact", func(t *testing.T, o *opened) {
			o.main.openHistory()
			o.tells()
			o.key(fyne.KeyRight)
			o.finish()
			o.pressed(t, "Add to contacts")
		}, []string{"New contact", "dave", "History"}},
		{"who called, kept", func(t *testing.T, o *opened) {
			o.main.openHistory()
			o.tells()
			o.key(fyne.KeyRight)
			o.finish()
			o.pressed(t, "Add to contacts")
			o.typed("Dave")
			save(t, o)
		}, []string{"Dave", "dave", "History"}},
		{"what is written to who called", func(t *testing.T, o *opened) {
			o.main.openHistory()
			o.tells()
			o.key(fyne.KeyRight)
			o.finish()
			o.pressed(t, "Message")
		}, []string{"dave@gone.example", "dave", "History"}},
		{"a conversation of the list", func(t *testing.T, o *opened) {
			o.main.openMessages()
			o.tells()
			o.row(t, "Bob Marsh")
		}, []string{"Bob Marsh", "Messages"}},
		{"another page in the place of all", func(t *testing.T, o *opened) {
			o.main.openContacts()
			o.tells()
			o.row(t, "Bob Marsh")
			o.main.openAbout()
		}, []string{"About and diagnostics"}},
	} {
		for _, wide := range []bool{false, true} {
			t.Run(fmt.Sprint(v.name, ", wide: ", wide), func(t *testing.T) {
				size := account.Size{Width: 360, Height: 560}
				if wide {
					size.Width = 1000
				}
				o := openWith(t, Options{Size: size}, knowing(t, "Bob Marsh"))
				o.tells()
				v.do(t, o)
				var got []string
				for o.main.page != nil && len(got) < 9 {
					got = append(got, o.main.page.Title())
					o.key(fyne.KeyEscape)
					o.finish()
				}
				if !slices.Equal(got, v.want) {
					t.Errorf("%q, want %q", got, v.want)
				}
			})
		}
	}
}

// typed types a text.
func (o *opened) typed(text string) {
	for _, r := range text {
		o.char(r)
	}
	o.finish()
}

// TestBackAsksBeforeWhatWasTypedIsThrownAway, and leads to the page before once it may be; home is home, from however
// deep.
func TestBackAsksBeforeWhatWasTypedIsThrownAway(t *testing.T) {
	o := openWith(t, Options{}, knowing(t, "Bob Marsh"))
	o.tells()
	o.main.openContacts()
	o.tells()
	o.pressed(t, "Add a contact")
	o.typed("Carol")
	o.key(fyne.KeyEscape)
	if o.main.sheet == nil || o.main.page.Title() != "New contact" {
		t.Fatal("nobody is asked")
	}
	o.stands()
	uitest.Press(t, o.main.sheet.layer.object, "Discard")
	if o.main.page == nil || o.main.page.Title() != "Contacts" {
		t.Fatal("not back at the list")
	}
	o.row(t, "Bob Marsh")
	o.main.closePage()
	if o.main.page != nil || len(o.main.beneath) != 0 {
		t.Error("not at home")
	}
}

// TestWhoCalledIsToldToBeAContactOnceKept: the call that led to the form says so when one comes back to it.
func TestWhoCalledIsToldToBeAContactOnceKept(t *testing.T) {
	j := journalOf(t)
	if _, err := j.Record(journal.Call{
		Name: "Dave", Address: "4712", URI: "sip:4712@gw.example", AccountID: "office", Began: time.Now(),
	}); err != nil {
		t.Fatal(err)
	}
	_ = j.SetNote(t.Context(), -1, "") // done after what was put in before it
	o := openWith(t, Options{}, j)
	o.tells()
	o.main.openHistory()
	o.tells()
	o.key(fyne.KeyRight)
	o.finish()
	o.pressed(t, "Add to contacts")
	o.main.page.(*contacts.Form).Save()
	o.finish()
	o.key(fyne.KeyEscape)
	o.tells()
	uitest.Settle(o.main.win)
	for _, b := range uitest.LaidOut[*widget.Button](o.main.side) {
		if b.Label() == "In your contacts as Dave" {
			return
		}
	}
	t.Error("the call does not say it")
}
