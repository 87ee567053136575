package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/netsip/config"
	"calla/ui/form"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// openForm opens the form of an account in the window.
func openForm(t *testing.T, c config.Config) (*opened, *form.Page) {
	t.Helper()
	o := open(t, Options{})
	a := officeAccount(t)
	a.Config = c
	o.phone.accounts["office"] = a
	o.update(idle())
	o.main.editAccount("office")
	return o, o.main.page.(*form.Page)
}

// TestKeyringUnavailableAsks: nothing is written elsewhere without a choice; the first is this session.
func TestKeyringUnavailableAsks(t *testing.T) {
	for _, err := range []error{account.ErrKeyringAbsent, account.ErrKeyringLocked, account.ErrKeyringStuck} {
		o, f := openForm(t, uitest.FullConfig(t))
		o.phone.saveErr = []error{err}
		f.Save()
		o.expect(t, "save sip:alice@example.com keyring")
		b, ok := o.main.win.Canvas().Focused().(*widget.Button)
		if !ok || b.Label() != "For this session only" {
			t.Fatalf("%v: the first choice is not this session", err)
		}
		o.key(fyne.KeyReturn)
		o.expect(t, "save sip:alice@example.com session")
	}
}

// TestDeleteAsks: an account is deleted only after a question.
func TestDeleteAsks(t *testing.T) {
	o, f := openForm(t, uitest.FullConfig(t))
	f.AskDelete()
	o.expect(t)
	o.stands()
	for _, b := range uitest.LaidOut[*widget.Button](o.main.win.Canvas().Overlays().Top()) {
		if b.Label() == "Delete the account" {
			test.Tap(b)
		}
	}
	o.expect(t, "delete office")
}

// TestUnsavedChangesAsk: Back and Esc do not throw away what was typed.
func TestUnsavedChangesAsk(t *testing.T) {
	o, f := openForm(t, uitest.FullConfig(t))
	uitest.Type(t, f.Object(), "display_name", "Al")
	o.main.win.Canvas().Unfocus()
	o.key(fyne.KeyEscape)
	if o.main.page == nil || o.main.sheet == nil {
		t.Fatal("the form went without a question")
	}
	o.key(fyne.KeyEscape)
	if o.main.page == nil {
		t.Error("Esc on the question threw the changes away")
	}
}

// TestExportHasNoPassword: what is copied has no secret in it.
func TestExportHasNoPassword(t *testing.T) {
	o, f := openForm(t, uitest.FullConfig(t))
	f.Export()
	for _, b := range uitest.LaidOut[*widget.Button](o.main.win.Canvas().Overlays().Top()) {
		if b.Label() == "Copy" {
			test.Tap(b)
		}
	}
	text := o.fyne.Clipboard().Content()
	if !strings.Contains(text, "alice@example.com") || strings.Contains(text, "s3cret") {
		t.Errorf("copied %d characters; names the address %t", len(text), strings.Contains(text, "alice@example.com"))
	}
	// Who asks for them gets them, the kept ones too.
	bare := uitest.FullConfig(t)
	bare, _ = account.SplitSecret(bare)
	o, f = openForm(t, bare)
	o.phone.kept = account.Secret{}.With("password", "k3pt")
	f.Export()
	test.Tap(uitest.LaidOut[*widget.Switch](o.main.win.Canvas().Overlays().Top())[0])
	uitest.Press(t, o.main.win.Canvas().Overlays().Top(), "Copy")
	if !strings.Contains(o.fyne.Clipboard().Content(), "k3pt") {
		t.Error("the password is not in what was asked for")
	}
}
