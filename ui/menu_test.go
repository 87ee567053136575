package ui

import (
	"testing"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/phone/cause"
)

// TestAnOpenMenuKeepsItsKeys: what comes and goes by itself beneath an open menu takes the keyboard from it no more
// than from another program: Return chooses what is marked in the menu, and calls nobody.
//
// Holds: window-focus
func TestAnOpenMenuKeepsItsKeys(t *testing.T) {
	ended := idle()
	ended.Ended = &phone.EndedCall{CallID: "7", AccountID: "office", URI: "sip:bob@example.com", Cause: cause.Cause{
		Kind: cause.HungUpHere,
	}}
	for _, c := range []struct {
		name           string
		before, after  phone.State
		focused, which func(o *opened) // what has the keyboard before the menu opens; the menu
	}{
		{"the card of an ended call goes", ended, idle(), nil, (*opened).openMore},
		{"the card goes beneath the accounts", ended, idle(), nil, (*opened).openAccountsMenu},
		{"its button has the keyboard", ended, idle(), (*opened).focusAgain, (*opened).openMore},
		{"a call rings", idle(), inPhase(phone.PhaseIncoming), nil, (*opened).openMore},
		{"nobody answers", inPhase(phone.PhaseRinging), ended, nil, (*opened).openMore},
		{"a call ends", inPhase(phone.PhaseEstablished), ended, nil, (*opened).openMore},
		{"a call is answered", inPhase(phone.PhaseRinging), inPhase(phone.PhaseEstablished), nil, (*opened).openMore},
		{
			"the number field has the keyboard", idle(), inPhase(phone.PhaseIncoming), (*opened).focusField,
			(*opened).openMore,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(c.before)
			if c.focused != nil {
				c.focused(o)
			}
			c.which(o)
			canvas := o.main.win.Canvas()
			menu := canvas.Focused()
			if menu == nil || canvas.Overlays().Top() == nil {
				t.Fatal("no menu is open")
			}
			o.update(c.after)
			if canvas.Focused() != menu {
				t.Fatalf("%T has the keyboard", canvas.Focused())
			}
			o.phone.took()
			o.key(fyne.KeyEscape)
			if canvas.Overlays().Top() != nil {
				t.Error("Escape did not close the menu")
			}
			o.key(fyne.KeyReturn)
			o.key(fyne.KeySpace)
			o.expect(t)
		})
	}
}

// TestDoNotDisturbIsSetByTheKeyboard: the first entry of the menu leads to how long, its first to switch it off.
func TestDoNotDisturbIsSetByTheKeyboard(t *testing.T) {
	for _, c := range []struct {
		name string
		down int
		told string
	}{
		{"off", 0, "quiet false"},
		{"for an hour", 1, "quiet true"},
		{"until it is switched off", 3, "quiet true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(idle())
			o.openMore()
			o.key(fyne.KeyDown)
			o.key(fyne.KeyRight)
			for range c.down {
				o.key(fyne.KeyDown)
			}
			o.key(fyne.KeySpace)
			o.expect(t, c.told)
			if o.main.win.Canvas().Overlays().Top() != nil {
				t.Error("the menu stays open")
			}
		})
	}
}

func (o *opened) openMore()         { o.main.head.openMenu() }
func (o *opened) openAccountsMenu() { o.main.head.openAccounts() }
func (o *opened) focusAgain()       { o.main.win.Canvas().Focus(o.main.ended.again) }
func (o *opened) focusField()       { o.main.dial.focus() }
