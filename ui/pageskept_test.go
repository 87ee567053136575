package ui

import (
	"testing"
	"testing/synctest"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/contacts"
	"calla/ui/desktop"
	"calla/ui/messages"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestTheListOfAccountsStaysUnderHand: while the connection comes and goes, the keyboard stays where it is, and a press
// that has begun ends on the same account.
func TestTheListOfAccountsStaysUnderHand(t *testing.T) {
	o := open(t, Options{})
	s := idle()
	o.update(s)
	o.main.openAccounts()
	pill := uitest.LaidOut[*widget.Pill](o.main.page.Object())[0]
	o.main.win.Canvas().Focus(pill)
	for _, status := range []phone.RegistrationStatus{
		phone.StatusRetrying, phone.StatusConnecting, phone.StatusRegistered,
	} {
		s = idle()
		s.Accounts[0].Status = status
		o.update(s)
		if now := uitest.LaidOut[*widget.Pill](o.main.page.Object())[0]; now != pill ||
			o.main.win.Canvas().Focused() != pill {
			t.Fatalf("%v: another row, or the keyboard is elsewhere", status)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		first := office()
		first.ID, first.Label = "first", "First"
		s.Accounts = append([]phone.AccountState{first}, s.Accounts...)
		o.update(s)
		rows := uitest.LaidOut[*widget.Pill](o.main.page.Object())
		rows[0].Tapped(nil) // where the other one was
		if _, is := o.main.page.(*accountsPage); !is {
			t.Error("another account is opened")
		}
	})
}

// TestAPageThatWasLeftDoesNotComeBack: what it had begun ends while something else is open.
func TestAPageThatWasLeftDoesNotComeBack(t *testing.T) {
	t.Run("a conversation that is deleted", func(t *testing.T) {
		o := open(t, Options{})
		o.update(chat())
		o.main.openConversation("office", "bob@example.com", o.main.open)
		left := o.main.page.(*messages.Talk)
		o.main.openSettings()
		pageWindow{o.main}.Leave(left)
		if _, is := o.main.page.(*settingsPage); !is {
			t.Error("another page is closed")
		}
	})
	t.Run("a wizard that has saved", func(t *testing.T) {
		o := open(t, Options{})
		o.update(idle())
		o.main.openWizard()
		w := o.main.page.(*wizard)
		o.main.openSettings()
		o.phone.took()
		w.kept(nil)
		o.expect(t) // no sound check: the microphone stays closed
	})
	t.Run("contacts", func(t *testing.T) {
		j := journalOf(t)
		o := openWith(t, Options{}, j)
		o.update(idle())
		w := contactWindow{pageWindow{o.main}}
		left := contacts.NewImport(w, j, "nowhere")
		o.main.openSettings()
		if w.Shows(left) {
			t.Error("it is told to be open")
		}
	})
}

// TestTheWizardAsksBeforeItForgets what was typed; a call that is answered beside it leaves it as it is.
func TestTheWizardAsksBeforeItForgets(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	o.main.openWizardDetails()
	o.main.escape()
	if o.main.page != nil {
		t.Fatal("nothing was typed, and it stays")
	}
	o.main.openWizardDetails()
	w := o.main.page.(*wizard)
	for _, r := range "alice" {
		o.char(r)
	}
	o.update(ringingCalls("c1"))
	o.app.pressed(desktop.Press{Deed: desktop.Answer, Call: "c1"})
	if o.main.page != page(w) || w.uri.Text != "alice" || o.main.sheet != nil {
		t.Fatalf("after a call was answered: %q", w.uri.Text)
	}
	o.main.escape()
	if o.main.page != page(w) || o.main.sheet == nil {
		t.Fatal("it is not asked")
	}
	o.stands()
	uitest.Press(t, o.main.win.Canvas().Overlays().Top(), "Discard")
	if o.main.page != nil {
		t.Error("it stays")
	}
}

// TestAPasswordThatIsTypedStays: the connection comes and goes while another one is typed on the wizard's last page.
func TestAPasswordThatIsTypedStays(t *testing.T) {
	o, w := lastPage(t, phone.StatusNoPassword, &cause.Cause{
		Kind: cause.WrongPassword, Action: cause.ActionEnterPassword,
	})
	o.main.win.Canvas().Focus(w.entered)
	o.char('s')
	for _, problem := range []*cause.Cause{
		{Kind: cause.NoConnection, Action: cause.ActionRetry},
		nil,
		{Kind: cause.WrongPassword, Action: cause.ActionEnterPassword},
	} {
		s := idle()
		s.Accounts[0].ID, s.Accounts[0].Problem, s.Accounts[0].Status = w.account.ID, problem, phone.StatusRetrying
		o.update(s)
		o.char('x')
		if !w.enteredBox.Visible() || o.main.win.Canvas().Focused() != w.entered {
			t.Fatalf("%+v: the field is gone", problem)
		}
	}
	if w.entered.Text != "sxxx" {
		t.Errorf("typed %q", w.entered.Text)
	}
}
