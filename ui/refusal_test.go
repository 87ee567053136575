package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/uitest"
	"calla/ui/widget"
)

func refusing(s phone.State, id string, command phone.Command, call string) phone.State {
	s.Refusal = &phone.Refusal{
		ID: id, Command: command, AccountID: "office", CallID: call,
		Cause: cause.Cause{Kind: cause.AccountConnecting, Account: "Office"},
	}
	return s
}

const refusedWords = "The account Office is still connecting. Try again in a moment."

// Holds: told-refusals
func TestARefusedNumberStaysWithTheReasonBelow(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		press func(o *opened)
		state phone.State // in which it is dialled
	}{
		"Enter":             {"bob", func(o *opened) { o.key(fyne.KeyReturn) }, idle()},
		"button":            {"+49 30 123", func(o *opened) { test.Tap(o.main.dial.call) }, idle()},
		"right after start": {"bob", func(o *opened) { o.main.dial.dial() }, phone.State{}},
		"twice":             {"bob", func(o *opened) { o.key(fyne.KeyReturn); o.key(fyne.KeyReturn) }, idle()},
		"still connecting": {
			"bob", func(o *opened) { o.key(fyne.KeyReturn) },
			withStatus(phone.StatusConnecting),
		},
		"wrong password": {"bob", func(o *opened) { o.key(fyne.KeyReturn) }, withStatus(phone.StatusFailed)},
		"beside another refusal": {
			"bob", func(o *opened) { o.key(fyne.KeyReturn) },
			refusing(idle(), "old", phone.CommandDial, ""),
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(c.state)
			o.main.dial.fill(c.text)
			o.stands()
			c.press(o)
			if got := o.main.dial.number.Text; got != c.text {
				t.Errorf("before the phone has said anything the field holds %q", got)
			}
			if n := len(o.phone.took()); n != 1 {
				t.Errorf("%d commands", n)
			}
			o.update(refusing(c.state, "new", phone.CommandDial, ""))
			if got := o.main.dial.number.Text; got != c.text {
				t.Errorf("refused, the field holds %q", got)
			}
			if got := o.main.dial.note.Text(); got != refusedWords {
				t.Errorf("told %q", got)
			}
			if o.main.banner.object.Visible() &&
				o.main.banner.title.Text() == "The account Office is still connecting." {
				t.Error("told twice")
			}
			o.main.dial.typed("1")
			if o.main.dial.note.Text() == refusedWords {
				t.Error("told of another number")
			}
		})
	}
}

func withStatus(status phone.RegistrationStatus) phone.State {
	s := idle()
	s.Accounts[0].Status = status
	return s
}

// Holds: told-refusals
func TestRefusalsAreToldWhereTheyArePressed(t *testing.T) {
	ended := idle()
	ended.Ended = &phone.EndedCall{
		CallID: "c1", AccountID: "office", URI: "sip:bob@x", Address: "bob",
		Cause: cause.Cause{Kind: cause.Busy},
	}
	up := inPhase(phone.PhaseEstablished)
	for name, c := range map[string]struct {
		state phone.State
		press func(o *opened)
		told  phone.State
		words func(o *opened) string
	}{
		"call again": {
			ended, func(o *opened) { o.main.ended.callAgain() }, refusing(ended, "1", phone.CommandDial, ""),
			func(o *opened) string { return o.main.ended.note.Text() },
		},
		"digits": {
			up, func(o *opened) { o.main.call.send("1") }, refusing(up, "1", phone.CommandDigits, "c1"),
			func(o *opened) string { return o.main.call.handing.text.Text() },
		},
		"hold": {
			up, func(o *opened) { o.main.call.toggleHold() }, refusing(up, "1", phone.CommandHold, "c1"),
			func(o *opened) string { return o.main.call.handing.text.Text() },
		},
		"transfer": {
			up, func(o *opened) { transferTo(o, "carol") }, refusing(up, "1", phone.CommandTransfer, "c1"),
			func(o *opened) string { return badOf(o) },
		},
		"no place of its own": {
			idle(), func(*opened) {}, refusing(idle(), "1", phone.CommandAccount, ""),
			func(o *opened) string { return o.main.banner.title.Text() + " " + o.main.banner.why.Text() },
		},
		"over a page": {
			idle(), func(o *opened) { o.main.openSettings() }, refusing(idle(), "1", phone.CommandDial, ""),
			func(o *opened) string {
				for _, text := range uitest.LaidOut[*widget.Text](o.main.win.Canvas().Overlays().Top()) {
					if text.Text() == "Try again in a moment." {
						return refusedWords
					}
				}
				return ""
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(c.state)
			c.press(o)
			o.update(c.told)
			if got := c.words(o); got != refusedWords {
				t.Errorf("told %q", got)
			}
		})
	}
}

// transferTo asks in the sheet for a transfer.
func transferTo(o *opened, to string) {
	o.main.call.openTransfer(false)
	for _, e := range uitest.LaidOut[*widget.Entry](o.main.win.Canvas().Overlays().Top()) {
		e.SetText(to)
		e.OnSubmitted(to)
	}
}

// badOf is what stands under the field of the open sheet.
func badOf(o *opened) string {
	if o.main.sheet == nil {
		return "the sheet is closed"
	}
	for _, text := range uitest.LaidOut[*widget.Text](o.main.win.Canvas().Overlays().Top()) {
		if text.Text() == refusedWords {
			return refusedWords
		}
	}
	return ""
}

func TestATextThatIsRefusedStays(t *testing.T) {
	o := open(t, Options{})
	o.update(idle())
	field := openMessageTo(o)
	field.SetText("Hello")
	o.key(fyne.KeyReturn)
	if field.Text != "" {
		t.Error("nothing was sent")
	}
	o.update(refusing(idle(), "1", phone.CommandMessage, ""))
	if field.Text != "Hello" {
		t.Errorf("the field holds %q", field.Text)
	}
}

// Holds: call-again
func TestWhatEndedOrWasTypedIsCalledAgainWithItsAccount(t *testing.T) {
	other := idle()
	second := office()
	second.ID, second.Label, second.Address = "private", "Private", "alice@other.example"
	other.Accounts = append(other.Accounts, second)
	other.Account = "private"
	for name, c := range map[string]struct {
		ended phone.EndedCall
		press func(o *opened)
		want  string // "" = there is nothing to press
	}{
		"ended": {
			phone.EndedCall{AccountID: "office", URI: "sip:bob@example.com"},
			func(o *opened) { o.tap(o.main.ended.again) }, "redial office sip:bob@example.com",
		},
		"missed": {
			phone.EndedCall{AccountID: "office", URI: "sips:bob@example.com;x=y", Incoming: true},
			func(o *opened) { o.tap(o.main.ended.again) },
			"redial office sips:bob@example.com;x=y",
		},
		"anonymous": {phone.EndedCall{AccountID: "office", Incoming: true}, func(*opened) {}, ""},
		"redirected": {
			phone.EndedCall{
				AccountID: "office", URI: "sip:a@b",
				Redirect: []phone.RedirectTarget{{Address: "carol", URI: "sip:carol@c;p=1"}},
			},
			func(o *opened) { o.main.ended.callInstead(0) }, "redirect sip:carol@c;p=1",
		},
		"typed": {phone.EndedCall{AccountID: "office", URI: "sip:bob@example.com"}, func(o *opened) {
			o.main.leaveEnded()
			o.main.dial.last = lastCall{"bob", "office", "Office", "sip:bob@example.com", ""}
			o.main.dial.dial()
			o.main.dial.dial()
		}, "redial office sip:bob@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, Options{})
			s := other
			c.ended.CallID, c.ended.Address, c.ended.Cause.Kind = "c1", "bob", cause.Busy
			s.Ended = &c.ended
			o.update(s)
			if c.want == "" {
				if o.main.ended.again.Visible() {
					t.Error("nobody can be called back, and is offered")
				}
				return
			}
			c.press(o)
			var got string
			for _, call := range o.phone.took() {
				if call != "dismiss ended" {
					got += call
				}
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
