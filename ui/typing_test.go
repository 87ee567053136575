package ui

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
)

// pressedInCall is all that can be pressed or typed about the call that is shown, and what it does to c2, on hold.
func pressedInCall() map[string]struct {
	press func(o *opened)
	want  string
} {
	type press = struct {
		press func(o *opened)
		want  string
	}
	char := func(r rune, want string) press { return press{func(o *opened) { o.char(r) }, want} }
	combo := func(name fyne.KeyName, m fyne.KeyModifier, want string) press {
		return press{func(o *opened) { shortcut(o, name, m) }, want}
	}
	click := func(of func(p *callPane) fyne.Tappable, want string) press {
		return press{func(o *opened) { of(o.main.call).Tapped(nil) }, want}
	}
	return map[string]press{
		"a digit":      char('5', "dtmf c2 5"),
		"H":            char('h', "hold c2 false"),
		"M":            char('m', "mute c2 true"),
		"F4":           {func(o *opened) { o.key(fyne.KeyF4) }, "hang up c2"},
		"Ctrl+Shift+H": combo(fyne.KeyH, ctrl|shift, "hang up c2"),
		"Ctrl+Shift+M": combo(fyne.KeyM, ctrl|shift, "mute c2 true"),
		"Ctrl+Shift+P": combo(fyne.KeyP, ctrl|shift, "hold c2 false"),
		"Ctrl+Shift+R": combo(fyne.KeyR, ctrl|shift, "record c2 true"),
		"End":          click(func(p *callPane) fyne.Tappable { return p.end }, "hang up c2"),
		"Hold":         click(func(p *callPane) fyne.Tappable { return p.hold }, "hold c2 false"),
		"Mute":         click(func(p *callPane) fyne.Tappable { return p.mute }, "mute c2 true"),
		"Record":       click(func(p *callPane) fyne.Tappable { return p.record }, "record c2 true"),
		"a key": {func(o *opened) {
			if !o.main.call.keys {
				o.main.call.toggleKeypad()
			}
			o.main.call.press('7')
		}, "dtmf c2 7"},
	}
}

// TestACallThatComesToTheFrontTakesNoKeyMeantForAnother: the call that was shown ends, and the one on hold stands
// there: for a while nothing that is pressed or typed reaches it.
//
// Holds: window-focus
func TestACallThatComesToTheFrontTakesNoKeyMeantForAnother(t *testing.T) {
	for name, v := range pressedInCall() {
		for how, ends := range map[string]func(s *phone.State){
			"is gone": func(s *phone.State) {
				s.Calls = s.Calls[1:]
				s.Ended = &phone.EndedCall{CallID: "c1", Cause: cause.Cause{Kind: cause.HungUpThere}}
			},
			"ends": func(s *phone.State) { s.Calls[0].Phase, s.Calls[0].Active = phone.PhaseEnding, false },
		} {
			t.Run(name+", it "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					o := open(t, Options{})
					o.update(twoCalls())
					time.Sleep(time.Hour)
					after := twoCalls()
					ends(&after)
					o.update(after)
					if o.main.call.call.ID != "c2" {
						t.Fatal("the other one is not shown")
					}
					v.press(o)
					time.Sleep(typingPause - time.Millisecond)
					v.press(o)
					o.expect(t)
					time.Sleep(2 * typingPause)
					v.press(o)
					o.expect(t, v.want)
				})
			})
		}
	}
}

// TestACallThatTheUserBroughtToTheFrontIsHisAtOnce: he has ended the one before, gone over to it, or made it.
//
// Holds: window-focus
func TestACallThatTheUserBroughtToTheFrontIsHisAtOnce(t *testing.T) {
	swapped := twoCalls()
	swapped.Calls[0].Active, swapped.Calls[0].Held, swapped.Calls[1].Active, swapped.Calls[1].Held =
		false, true, true, false
	ended := twoCalls()
	ended.Calls = ended.Calls[1:]
	dialled := twoCalls()
	dialled.Calls = append(dialled.Calls, phone.CallState{
		ID: "c3", AccountID: "office", Phase: phone.PhaseCalling, Address: "carol", Active: true,
	})
	dialled.Calls[0].Active, dialled.Calls[0].Held = false, true
	for _, v := range []struct {
		name   string
		before func(o *opened)
		after  phone.State
		press  func(o *opened)
		want   string
	}{
		{"swapped, H", func(*opened) {}, swapped, func(o *opened) { o.char('h') }, "hold c2 true"},
		{"swapped, a digit", func(*opened) {}, swapped, func(o *opened) { o.char('5') }, "dtmf c2 5"},
		{"swapped, F4", func(*opened) {}, swapped, func(o *opened) { o.key(fyne.KeyF4) }, "hang up c2"},
		{
			"ended, Resume", func(o *opened) { test.Tap(o.main.call.end) }, ended,
			func(o *opened) { test.Tap(o.main.call.hold) }, "hold c2 false",
		},
		{
			"ended by a key, H", func(o *opened) { o.key(fyne.KeyF4) }, ended, func(o *opened) { o.char('h') },
			"hold c2 false",
		},
		{"dialled, F4", func(*opened) {}, dialled, func(o *opened) { o.key(fyne.KeyF4) }, "hang up c3"},
		{"dialled, M", func(*opened) {}, dialled, func(o *opened) { o.char('m') }, "mute c3 true"},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, Options{})
				o.update(twoCalls())
				time.Sleep(time.Hour)
				v.before(o)
				o.phone.took()
				o.update(v.after)
				v.press(o)
				o.expect(t, v.want)
			})
		})
	}
}

// TestAKeyThatIsHeldEndsOneCall: F4 repeats while it is down, and the next call comes to the front meanwhile.
//
// Holds: window-focus
func TestAKeyThatIsHeldEndsOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		o.update(twoCalls())
		o.key(fyne.KeyF4)
		after := twoCalls()
		after.Calls = after.Calls[1:]
		o.update(after)
		for range 40 {
			time.Sleep(30 * time.Millisecond)
			o.key(fyne.KeyF4)
		}
		o.expect(t, "hang up c1")
		time.Sleep(keyRepeat)
		o.key(fyne.KeyF4)
		o.expect(t, "hang up c2")
	})
}

// TestDigitsForACallThatEndedGoNowhere: who types them goes on for a while. How the call ended stays told, and they are
// no number to be called.
//
// Holds: window-focus
func TestDigitsForACallThatEndedGoNowhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		o.update(inPhase(phone.PhaseEstablished))
		time.Sleep(time.Hour)
		o.char('4')
		o.char('7')
		o.expect(t, "dtmf c1 4", "dtmf c1 7")
		o.update(endedOf("c1", nil))
		for _, r := range "11#" {
			time.Sleep(300 * time.Millisecond)
			o.char(r)
		}
		o.key(fyne.KeyReturn)
		if !o.main.ended.object.Visible() || o.main.dial.number.Text != "" {
			t.Errorf("the number is %q, how it ended is told: %v", o.main.dial.number.Text,
				o.main.ended.object.Visible())
		}
		o.expect(t)
		time.Sleep(typingPause)
		o.char('9')
		if o.main.dial.number.Text != "9" {
			t.Errorf("the next number is %q", o.main.dial.number.Text)
		}
	})
}

// TestASheetThatGoesTakesItsKeysAlong: what one goes on typing reaches neither another call nor a field beneath.
//
// Holds: window-focus
func TestASheetThatGoesTakesItsKeysAlong(t *testing.T) {
	two := twoCalls()
	rest := twoCalls()
	rest.Calls = rest.Calls[1:]
	transfer := func(o *opened) { shortcut(o, fyne.KeyT, ctrl) }
	for _, v := range []struct {
		name          string
		before, after phone.State
		opens         func(o *opened)
		size          account.Size
	}{
		{"transfer, another call is on hold", two, rest, transfer, account.Size{}},
		{
			"transfer, there is no other call", inPhase(phone.PhaseEstablished), endedOf("c1", nil), transfer,
			account.Size{},
		},
		{"transfer, a message is written beside", two, rest, func(o *opened) {
			openMessageTo(o)
			transfer(o)
		}, account.Size{Width: 1000, Height: 700}},
		{"a text for a caller", ringingCalls("c1"), endedOf("c1", nil), func(o *opened) {
			o.main.openRefusal(o.state.Calls[0], true)
		}, account.Size{}},
		{"a text for a caller, in the place of a number", ringingCalls("c1"), idle(), func(o *opened) {
			o.main.dial.focus()
			o.main.openRefusal(o.state.Calls[0], true)
		}, account.Size{}},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, Options{Size: v.size})
				o.update(v.before)
				v.opens(o)
				time.Sleep(time.Hour)
				if o.main.sheet == nil {
					t.Fatal("no sheet")
				}
				o.char('H')
				o.phone.took()
				o.update(v.after)
				if o.main.sheet != nil {
					t.Fatal("the sheet stays")
				}
				for _, r := range "ham*9#" {
					o.char(r)
					time.Sleep(200 * time.Millisecond)
				}
				o.key(fyne.KeyReturn)
				o.key(fyne.KeyBackspace)
				if got := o.main.dial.number.Text; got != "" {
					t.Errorf("the number is %q", got)
				}
				for _, command := range o.phone.took() {
					if !strings.HasPrefix(command, "prepare") && command != "levels" {
						t.Errorf("typing did %q", command)
					}
				}
			})
		})
	}
}

// TestTheKeysThatAnswerAreForWhoWasThere: the oldest caller gives up, or somebody else calls before what is asked is
// answered: the keys do nothing to another one at once.
//
// Holds: window-focus
func TestTheKeysThatAnswerAreForWhoWasThere(t *testing.T) {
	asked := idle()
	asked.Referrals = []phone.Referral{{ID: "r1", Address: "carol", Until: time.Now().Add(time.Hour)}}
	askedAndRings := ringingCalls("c2")
	askedAndRings.Referrals = asked.Referrals
	for _, v := range []struct {
		name          string
		before, after phone.State
		key           fyne.KeyName
		want          string
	}{
		{"F2, the first gives up", ringingCalls("c1", "c2"), ringingCalls("c2"), fyne.KeyF2, "answer c2"},
		{"F8, the first gives up", ringingCalls("c1", "c2"), ringingCalls("c2"), fyne.KeyF8, "decline c2"},
		{"F2, the caller gives up, a request is there", askedAndRings, asked, fyne.KeyF2, "accept r1"},
		{"F8, somebody calls while it is asked", asked, askedAndRings, fyne.KeyF8, "decline c2"},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, Options{})
				o.update(v.before)
				time.Sleep(time.Hour)
				o.update(v.after)
				o.key(v.key)
				time.Sleep(deadTime - time.Millisecond)
				o.key(v.key)
				o.expect(t)
				time.Sleep(time.Millisecond)
				o.key(v.key)
				o.expect(t, v.want)
			})
		})
	}
	t.Run("who calls first is answered at once", func(t *testing.T) {
		o := open(t, Options{})
		o.update(idle())
		o.update(ringingCalls("c1"))
		o.key(fyne.KeyF2)
		o.expect(t, "answer c1")
	})
}

// TestTheNthCallIsTheOneThatWasThere: one ends, and those behind it have other numbers.
//
// Holds: window-focus
func TestTheNthCallIsTheOneThatWasThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		three := twoCalls()
		third := three.Calls[1]
		third.ID, third.Name = "c3", "Carol Jones"
		three.Calls = append(three.Calls, third)
		o.update(three)
		after := three
		after.Calls = slices.Delete(slices.Clone(three.Calls), 1, 2)
		o.update(after)
		shortcut(o, fyne.Key2, fyne.KeyModifierAlt)
		o.expect(t)
		time.Sleep(typingPause)
		shortcut(o, fyne.Key2, fyne.KeyModifierAlt)
		o.expect(t, "swap c3")
	})
}
