package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/widget"
)

// TestBannerTellsTheProblem: title, why, what to do, and a button that does it.
func TestBannerTellsTheProblem(t *testing.T) {
	o := open(t, Options{})
	s := idle()
	o.update(s)
	if o.main.banner.object.Visible() {
		t.Error("a banner without a problem")
	}
	s.Accounts[0].Problem = &cause.Cause{
		Kind: cause.ServerNoAnswer, Server: "wss://h", After: 5 * time.Second,
		Action: cause.ActionRetry,
	}
	s.Notices = []phone.Notice{{ID: "n1", Cause: cause.Cause{Kind: cause.BegunEmpty, File: "x"}}}
	o.update(s)
	b := o.main.banner
	if got := b.title.Text() + "|" + b.why.Text() + "|" + b.action.Label(); got != "No answer from h:443 in 5 s.|A "+
		"firewall may block this port; many networks only allow 443. "+
		"Ask your provider for an address with port 443.|Try now" {
		t.Errorf("shown: %s", got)
	}
	o.stands()
	test.Tap(b.action)
	o.expect(t, "retry office")
	s.Accounts[0].Problem = nil
	o.update(s)
	o.stands()
	test.Tap(b.dismiss)
	o.expect(t, "dismiss n1")
}

// TestBannerMakesRoom: a banner that comes later covers nothing, and goes without leaving a gap.
func TestBannerMakesRoom(t *testing.T) {
	o := open(t, Options{})
	s := inPhase(phone.PhaseEstablished)
	o.update(s)
	without := fyne.CurrentApp().Driver().AbsolutePositionForObject(o.main.call.object).Y
	s.Notices = []phone.Notice{{ID: "n", Cause: cause.Cause{
		Kind: cause.BegunEmpty, File: "accounts.json.corrupt",
		Folder: "/home/alice",
	}}}
	o.update(s)
	driver := fyne.CurrentApp().Driver()
	b := o.main.banner.object
	below := driver.AbsolutePositionForObject(b).Y + b.MinSize().Height
	if at := driver.AbsolutePositionForObject(o.main.call.object).Y; at < below {
		t.Errorf("the call begins at %v, the banner ends at %v", at, below)
	}
	s.Notices = nil
	o.update(s)
	if at := driver.AbsolutePositionForObject(o.main.call.object).Y; at != without {
		t.Errorf("the call begins at %v, without a banner it began at %v", at, without)
	}
}

// TestPasswordIsAskedFor: the banner's button opens the question, and what is typed goes where the secret
// is kept.
func TestPasswordIsAskedFor(t *testing.T) {
	o := open(t, Options{})
	s := idle()
	s.Accounts[0].Status = phone.StatusNoPassword
	s.Accounts[0].Problem = &cause.Cause{
		Kind: cause.PasswordNeeded, Account: "alice@example.com",
		Action: cause.ActionEnterPassword,
	}
	o.update(s)
	o.stands()
	test.Tap(o.main.banner.action)
	entry, ok := o.main.win.Canvas().Focused().(*widget.Entry)
	if !ok {
		t.Fatal("the password field has no focus")
	}
	test.Type(entry, "s3cret")
	entry.OnSubmitted(entry.Text)
	o.expect(t, "password office s3cret keyring")
}
