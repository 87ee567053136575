package ui

import (
	"strings"
	"testing"
	"testing/synctest"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// tryOut is the State of the try-out server's account, with some robots.
func tryOut() phone.State {
	s := idle()
	a := office()
	a.ID, a.Label, a.Address, a.Sandbox = phone.SandboxID, "Try-out server", "you@sandbox.invalid", true
	a.Robots = []phone.Robot{
		{Name: "echo", Does: cause.RobotEcho, Sounds: cause.HearYourself},
		{Name: "tone", Does: cause.RobotTone, Sounds: cause.HearTone},
		{Name: "busy", Does: cause.RobotBusy},
		{Name: "noanswer", Does: cause.RobotNoAnswer},
		{Name: "hold", Does: cause.RobotHold, Sounds: cause.HearYourself},
		{Name: "transfer", Does: cause.RobotTransfer, Sounds: cause.HearYourself},
		{Name: "forward", Does: cause.RobotForward},
		{Name: "message", Does: cause.RobotMessage, Sounds: cause.HearYourself},
	}
	s.Accounts, s.Account = append(s.Accounts, a), a.ID
	return s
}

// withEcho is the State with a call to the echo.
func withEcho() phone.State {
	s, talk := tryOut(), inPhase(phone.PhaseEstablished).Calls[0]
	talk.AccountID, talk.Account, talk.Name, talk.Address = phone.SandboxID, "Try-out server", "", "echo"
	talk.Active, talk.Sounds = true, cause.HearYourself
	s.Calls = []phone.CallState{talk}
	return s
}

// TestRobotsOfTheTryOutServerAreListedAndCalled: where its account is the one to call with they stand in the place of
// the keys, each with its number and what it does, and a press calls.
func TestRobotsOfTheTryOutServerAreListedAndCalled(t *testing.T) {
	row := func(o *opened, name string) *widget.Row {
		for _, r := range uitest.LaidOut[*widget.Row](o.main.dial.object) {
			if r.Title() == name {
				return r
			}
		}
		return nil
	}
	for _, v := range []struct {
		name string
		do   func(t *testing.T, o *opened)
		want []string
	}{
		{"a click", func(t *testing.T, o *opened) { o.tap(row(o, "echo")) }, []string{"dial sandbox echo"}},
		{"Enter", func(t *testing.T, o *opened) {
			o.stands()
			o.main.win.Canvas().Focus(row(o, "tone"))
			o.key(fyne.KeyReturn)
		}, []string{"dial sandbox tone"}},
		{"Space", func(t *testing.T, o *opened) {
			o.stands()
			o.main.win.Canvas().Focus(row(o, "message"))
			o.key(fyne.KeySpace)
		}, []string{"dial sandbox message"}},
		{"Tab leads to each", func(t *testing.T, o *opened) {
			o.stands()
			c := o.main.win.Canvas()
			c.Focus(o.main.dial.number)
			for range 30 {
				c.FocusNext()
				if r, is := c.Focused().(*widget.Row); is && r.Title() == "message" {
					break
				}
			}
			o.key(fyne.KeyReturn)
		}, []string{"dial sandbox message"}},
		{"what was typed gives way", func(t *testing.T, o *opened) {
			o.main.dial.fill("4711")
			o.tap(row(o, "busy"))
		}, []string{"dial sandbox busy"}},
		{"a second click on another", func(t *testing.T, o *opened) {
			o.tap(row(o, "echo"))
			row(o, "tone").Tapped(nil)
		}, []string{"dial sandbox echo"}},
		{"as soon as they are there", func(t *testing.T, o *opened) {
			o.update(phone.State{})
			o.update(tryOut())
			row(o, "echo").Tapped(nil)
		}, nil},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, Options{})
				o.update(tryOut())
				uitest.Settle(o.main.win)
				v.do(t, o)
				o.expect(t, v.want...)
			})
		})
	}
	o := open(t, Options{})
	for i, robot := range tryOut().Accounts[1].Robots {
		o.update(tryOut())
		uitest.Settle(o.main.win)
		r := row(o, robot.Name)
		if r == nil || r.Line() == "" || o.main.dial.keys.Visible() {
			t.Errorf("%d: %s is not listed", i, robot.Name)
		}
		o.update(idle())
		if row(o, robot.Name) != nil || !o.main.dial.keys.Visible() {
			t.Errorf("%s is listed where it cannot be called", robot.Name)
		}
	}
}

// TestACallWithARobotSaysWhatThereIsToHear, while there is.
func TestACallWithARobotSaysWhatThereIsToHear(t *testing.T) {
	const words = "Speak: you hear yourself"
	for _, v := range []struct {
		name  string
		with  func(*phone.CallState)
		after func(*opened)
		want  string
	}{
		{"the echo", func(*phone.CallState) {}, nil, words},
		{"the tone", func(c *phone.CallState) { c.Sounds = cause.HearTone }, nil, "You hear a steady tone"},
		{"calling", func(c *phone.CallState) { c.Phase = phone.PhaseCalling }, nil, ""},
		{"on hold here", func(c *phone.CallState) { c.Held = true }, nil, ""},
		{"on hold there", func(c *phone.CallState) { c.RemoteHeld = true }, nil, ""},
		{"somebody else", func(c *phone.CallState) { c.Sounds = "" }, nil, ""},
		{"with the keypad open", func(*phone.CallState) {}, func(o *opened) { o.main.call.toggleKeypad() }, ""},
		{"with the keypad closed again", func(*phone.CallState) {}, func(o *opened) {
			o.main.call.toggleKeypad()
			o.main.call.toggleKeypad()
		}, words},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := openWith(t, Options{Size: account.Size{Width: minWidth, Height: minHeight}}, nil)
			s := withEcho()
			v.with(&s.Calls[0])
			o.update(s)
			if v.after != nil {
				v.after(o)
			}
			uitest.Settle(o.main.win)
			said := uitest.Texts(o.main.call.object)
			if v.want != "" && !strings.Contains(said, v.want) ||
				v.want == "" && strings.Contains(said, "hear") {
				t.Errorf("says %q, want %q", said, v.want)
			}
		})
	}
}
