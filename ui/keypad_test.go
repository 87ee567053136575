package ui

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestDigitsTypedAnywhere: they go to the number field without a click, and Enter calls.
func TestDigitsTypedAnywhere(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	for _, r := range "+49301" {
		o.char(r)
	}
	o.key(fyne.KeyBackspace)
	if got := o.main.dial.number.Text; got != "+4930" {
		t.Errorf("number %q", got)
	}
	o.main.win.Canvas().Focus(o.main.dial.call)
	o.char('5')
	if got := o.main.dial.number.Text; got != "+49305" {
		t.Errorf("number, typed on a button: %q", got)
	}
	o.main.win.Canvas().Unfocus()
	o.key(fyne.KeyReturn)
	o.expect(t, "dial office +49305")
}

// TestEmptyEnterRecalls: Enter in an empty field brings the last number back; only the second one dials.
func TestEmptyEnterRecalls(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.key(fyne.KeyReturn)
	o.expect(t)
	o.main.dial.fill("bob@example.com")
	o.key(fyne.KeyReturn)
	o.expect(t, "dial office bob")
	s := inPhase(phone.PhaseCalling)
	s.Calls[0].URI = "sip:bob@example.com;x=1"
	o.update(s)
	o.update(idle())
	o.key(fyne.KeyReturn)
	o.expect(t)
	if got := o.main.dial.number.Text; got != "bob@example.com" {
		t.Errorf("brought back %q", got)
	}
	o.key(fyne.KeyReturn)
	o.expect(t, "redial office sip:bob@example.com;x=1")
}

// TestKeypadTypes: the keys write digits, and 0 a plus by the other button.
func TestKeypadTypes(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	for _, k := range uitest.LaidOut[*widget.Key](o.main.dial.object) {
		test.Tap(k)
		if k.Second != 0 {
			test.TapSecondary(k)
		}
	}
	if got := o.main.dial.number.Text; got != "123456789*0+#" {
		t.Errorf("typed %q", got)
	}
	test.Tap(o.main.dial.back)
	if got := o.main.dial.number.Text; got != "123456789*0+" {
		t.Errorf("after backspace %q", got)
	}
}

// TestPastedJunk: line ends and invisible characters around a number go; nothing is dialled by itself.
func TestPastedJunk(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.main.dial.number.SetText("\u202d+49 (30) 90\u00a01820\u202c\r\n")
	if got := o.main.dial.number.Text; got != "+49 (30) 90 1820" {
		t.Errorf("kept %q", got)
	}
	o.expect(t)
}

// TestNoCallWithoutConnection: Call is off and says why while the account cannot dial.
func TestNoCallWithoutConnection(t *testing.T) {
	o := open(t, Options{})
	for _, status := range []phone.RegistrationStatus{
		phone.StatusOff, phone.StatusConnecting, phone.StatusRegistering, phone.StatusRetrying, phone.StatusFailed,
		phone.StatusNoPassword,
	} {
		s := idle()
		s.Accounts[0].Status = status
		o.update(s)
		o.main.dial.fill("123")
		if !o.main.dial.call.Disabled() || o.main.dial.note.Text() == "" {
			t.Errorf("status %d: off %t, said %q", status, o.main.dial.call.Disabled(), o.main.dial.note.Text())
		}
		o.key(fyne.KeyReturn)
		o.expect(t, "dial office 123") // the phone says why not
		s.Refusal = &phone.Refusal{
			ID: fmt.Sprint(status), Command: phone.CommandDial,
			Cause: cause.Cause{Kind: cause.MessageEmpty},
		}
		o.update(s)
		if got := o.main.dial.note.Text() +
			o.main.dial.number.Text; got != "The message is empty. Write something.123" {
			t.Errorf("status %d: shown %q", status, got)
		}
		o.main.dial.fill("")
	}
}

// TestNumberFieldByShortcut: Ctrl+L leads to the number field from everywhere.
func TestNumberFieldByShortcut(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.main.openSettings()
	o.main.keys.combos.TypedShortcut(&desktop.CustomShortcut{
		KeyName:  fyne.KeyL,
		Modifier: fyne.KeyModifierShortcutDefault,
	})
	if o.main.page != nil || o.main.win.Canvas().Focused() != o.main.dial.number {
		t.Error("the number field has no focus")
	}
}
