package ui

import (
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// endedOf is the state after a call that c1 was.
func endedOf(id string, change func(*phone.EndedCall)) phone.State {
	s := idle()
	s.Ended = &phone.EndedCall{
		CallID: id, AccountID: "office", Address: "bob@example.com", URI: "sip:bob@example.com",
		Cause: cause.Cause{Kind: cause.Missed},
	}
	if change != nil {
		change(s.Ended)
	}
	return s
}

// TestWhatComesByItselfTakesNoPressMeantForAnother: whatever appears, goes or moves on its own, what stands there then
// is pressed only by who had the time to see it.
//
// Holds: window-focus
func TestWhatComesByItselfTakesNoPressMeantForAnother(t *testing.T) {
	redirected := func(id string) phone.State {
		return endedOf(id, func(e *phone.EndedCall) {
			e.Redirect = []phone.RedirectTarget{{Address: "carol", URI: "sip:carol@example.com"}}
		})
	}
	waiting := func() phone.State {
		s := inPhase(phone.PhaseEstablished)
		s.Calls[0].PostDial = phone.PostDial{Digits: "12", Waits: true}
		return s
	}
	retrying := func() phone.State {
		s := idle()
		s.Accounts[0].Problem = &cause.Cause{Kind: cause.NoConnection, Action: cause.ActionRetry}
		return s
	}
	for _, c := range []struct {
		name   string
		before func(o *opened)
		comes  func(o *opened)
		button func(o *opened) fyne.Tappable
		want   string
	}{
		{
			"the caller gives up, Call back comes in the place of Ignore",
			func(o *opened) { o.update(ringingCalls("c1")) },
			func(o *opened) { o.update(endedOf("c1", func(e *phone.EndedCall) { e.Incoming = true })) },
			func(o *opened) fyne.Tappable { return o.main.ended.again }, "redial office sip:bob@example.com",
		},
		{
			"they hang up, Call again comes", func(o *opened) { o.update(inPhase(phone.PhaseEstablished)) },
			func(o *opened) { o.update(endedOf("c1", nil)) },
			func(o *opened) fyne.Tappable { return o.main.ended.again }, "redial office sip:bob@example.com",
		},
		{
			"they name another, who is offered", func(o *opened) { o.update(inPhase(phone.PhaseCalling)) },
			func(o *opened) { o.update(redirected("c1")) },
			func(o *opened) fyne.Tappable { return o.main.ended.instead[0] }, "redirect sip:carol@example.com",
		},
		{
			"another call ends, the card changes", func(o *opened) { o.update(endedOf("c1", nil)) },
			func(o *opened) { o.update(redirected("c2")) },
			func(o *opened) fyne.Tappable { return o.main.ended.instead[0] }, "redirect sip:carol@example.com",
		},
		{
			"the card goes, Call of the keypad stands there",
			func(o *opened) { o.main.dial.fill("0301234"); o.update(endedOf("c1", nil)) },
			func(o *opened) { o.update(idle()) },
			func(o *opened) fyne.Tappable { return o.main.dial.call }, "dial office 0301234",
		},
		{
			"digits wait, Send comes", func(o *opened) { o.update(inPhase(phone.PhaseEstablished)) },
			func(o *opened) { o.update(waiting()) },
			func(o *opened) fyne.Tappable { return o.main.call.goOn }, "go on c1",
		},
		{
			"a problem comes with its button", func(o *opened) { o.update(idle()) },
			func(o *opened) { o.update(retrying()) },
			func(o *opened) fyne.Tappable { return o.main.banner.action }, "retry office",
		},
		{
			"the window of a call goes from above the keypad",
			func(o *opened) { o.main.dial.fill("0301234"); o.update(ringingCalls("c1")) },
			func(o *opened) { o.update(idle()) },
			func(o *opened) fyne.Tappable { return o.main.dial.call }, "dial office 0301234",
		},
		{
			"a call comes to the front, End stands where Call stood", func(o *opened) { o.update(idle()) },
			func(o *opened) { o.update(inPhase(phone.PhaseCalling)) },
			func(o *opened) fyne.Tappable { return o.main.call.end }, "hang up c1",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, Options{})
				c.before(o)
				time.Sleep(time.Hour)
				o.phone.took()
				c.comes(o)
				o.phone.took()
				c.button(o).Tapped(nil)
				time.Sleep(deadTime - time.Millisecond)
				c.button(o).Tapped(nil)
				o.expect(t)
				time.Sleep(time.Millisecond)
				c.button(o).Tapped(nil)
				o.expect(t, c.want)
			})
		})
	}
}

// TestTheSecondClickDoesNothingElse: what the first click of a double click leads to is not pressed by the second.
//
// Holds: window-focus
func TestTheSecondClickDoesNothingElse(t *testing.T) {
	sheetButton := func(o *opened, label string) *widget.Button {
		for _, b := range uitest.LaidOut[*widget.Button](o.main.win.Canvas().Overlays().Top()) {
			if b.Label() == label {
				return b
			}
		}
		return nil
	}
	for _, c := range []struct {
		name          string
		before        func(o *opened)
		first, second func(o *opened)
		after         phone.State
		want          []string
	}{
		{
			"Ignore, then Call back", func(o *opened) { o.update(ringingCalls("c1")) },
			func(o *opened) { test.Tap(o.main.call.ignore) }, func(o *opened) { test.Tap(o.main.ended.again) },
			endedOf("c1", nil),
			[]string{"ignore c1"},
		},
		{
			"Decline, then Call back", func(o *opened) { o.update(ringingCalls("c1")) },
			func(o *opened) { test.Tap(o.main.call.decline) }, func(o *opened) { test.Tap(o.main.ended.again) },
			endedOf("c1", nil),
			[]string{"decline c1"},
		},
		{
			"End, then Close", func(o *opened) { o.update(inPhase(phone.PhaseEstablished)) },
			func(o *opened) { test.Tap(o.main.call.end) }, func(o *opened) { test.Tap(o.main.ended.close) },
			endedOf("c1", nil),
			[]string{"hang up c1"},
		},
		{
			"Close, then Call", func(o *opened) { o.main.dial.fill("0301234"); o.update(endedOf("c1", nil)) },
			func(o *opened) { test.Tap(o.main.ended.close) }, func(o *opened) { test.Tap(o.main.dial.call) },
			idle(),
			[]string{"dismiss ended"},
		},
		{
			"Call, then End", func(o *opened) { o.main.dial.fill("0301234"); o.update(idle()) },
			func(o *opened) { test.Tap(o.main.dial.call) }, func(o *opened) { test.Tap(o.main.call.end) },
			inPhase(phone.PhaseCalling),
			[]string{"dial office 0301234"},
		},
		{
			"Call in an empty field, then Call", func(o *opened) {
				o.main.dial.last = lastCall{"bob", "office", "Office", "sip:bob@example.com", ""}
				o.update(idle())
			},
			func(o *opened) { test.Tap(o.main.dial.call) }, func(o *opened) { test.Tap(o.main.dial.call) },
			idle(), nil,
		},
		{
			"a question, then its Yes", func(o *opened) { o.update(inPhase(phone.PhaseEstablished)) },
			func(o *opened) {
				o.main.ask("Sure?", "", "Yes", true, func() { o.phone.note("yes") })
			},
			func(o *opened) { test.Tap(sheetButton(o, "Yes")) },
			inPhase(phone.PhaseEstablished), nil,
		},
		{
			"Transfer, then Transfer now", func(o *opened) { o.update(inPhase(phone.PhaseEstablished)) },
			func(o *opened) {
				test.Tap(o.main.call.transfer)
				o.main.win.Canvas().Focused().(*widget.Entry).SetText("carol")
			},
			func(o *opened) { test.Tap(sheetButton(o, "Transfer now")) },
			inPhase(phone.PhaseEstablished), nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, Options{})
				c.before(o)
				time.Sleep(time.Hour)
				o.phone.took()
				c.first(o)
				o.update(c.after)
				for range 5 { // up to 450 ms, the slowest double click
					c.second(o)
					time.Sleep(110 * time.Millisecond)
				}
				o.expect(t, c.want...)
			})
		})
	}
}
