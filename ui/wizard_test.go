package ui

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestWizard: address and password, server, check, sound, done; the account is saved after the check.
func TestWizard(t *testing.T) {
	o := open(t, Options{})
	o.update(phone.State{Devices: devices()})
	o.main.openWizardDetails()
	w := o.main.page.(*wizard)
	w.uri.SetText("alice")
	test.Tap(w.next)
	if w.step != stepWho || w.uriField.Bad() == "" {
		t.Fatal("an address without a domain is taken")
	}
	w.uri.SetText("alice@example.com:5060;transport=ws")
	w.password.SetText("s3cret")
	test.Tap(w.next)
	if w.step != stepServer || w.server.Text != "wss://example.com/" {
		t.Fatalf("step %d, server %q", w.step, w.server.Text)
	}
	w.server.SetText("http://example.com")
	test.Tap(w.next)
	if w.step != stepServer || w.serverField.Bad() == "" {
		t.Fatal("a server that is none is taken")
	}
	w.server.SetText("wss://sip.example.com/ws")
	o.phone.steps = someSteps()[:3]
	test.Tap(w.next)
	o.finish()
	if w.step != stepCheck || len(uitest.LaidOut[*widget.Mark](w.checks.Object)) != 3 || w.next.Label() != "Continue" {
		t.Fatalf("step %d, %d rows, %q", w.step, len(uitest.LaidOut[*widget.Mark](w.checks.Object)), w.next.Label())
	}
	o.phone.saveErr = []error{errors.Join(errors.New("save"), account.ErrKeyringAbsent)}
	test.Tap(w.next)
	if b, ok := o.main.win.Canvas().Focused().(*widget.Button); !ok || b.Label() != "For this session only" {
		t.Fatal("the keyring's absence is not asked about")
	}
	o.key(fyne.KeyReturn)
	if w.step != stepSound || o.phone.secret.Of("password") != "s3cret" || o.phone.place != account.SecretSession {
		t.Fatalf("step %d, place %q", w.step, o.phone.place)
	}
	test.Tap(w.next)
	s := idle()
	s.Accounts[0].ID = w.account.ID
	o.update(s)
	if w.status.Text() != "Registered in 118 ms" {
		t.Errorf("status %q", w.status.Text())
	}
	test.Tap(w.next)
	if o.main.page != nil {
		t.Error("the wizard stays open")
	}
}

// TestWizardFailureGoesOn: a failed check does not lock the user out.
func TestWizardFailureGoesOn(t *testing.T) {
	o := open(t, Options{})
	o.phone.steps = someSteps()
	o.main.openWizardWith(uitest.FullConfig(t))
	w := o.main.page.(*wizard)
	o.finish()
	if w.step != stepCheck || w.next.Label() != "Save anyway" || w.next.Disabled() {
		t.Errorf("step %d, %q", w.step, w.next.Label())
	}
	test.Tap(w.back)
	if w.step != stepServer {
		t.Errorf("back leads to %d", w.step)
	}
	test.Tap(w.next)
	if len(w.account.Config.WSServers) != 2 {
		t.Error("an imported list of servers was cut to one")
	}
	w.Close()
	o.finish()
}
