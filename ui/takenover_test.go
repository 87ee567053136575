package ui

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	fynewidget "fyne.io/fyne/v2/widget"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/widget"
)

// TestAMenuAboutACallGoesWithWhatItIsFor: and none stands over the next call.
//
// Holds: window-focus
func TestAMenuAboutACallGoesWithWhatItIsFor(t *testing.T) {
	recorded := inPhase(phone.PhaseEstablished)
	recorded.Calls[0].Recording = &phone.RecordingState{}
	for _, v := range []struct {
		name          string
		before, after phone.State
		opens         func(o *opened)
		stays         bool
	}{
		{
			"decline, it rings on", ringingCalls("c1"), ringingCalls("c1", "c2"),
			func(o *opened) { o.tap(o.main.call.others) }, true,
		},
		{
			"decline, the caller gives up", ringingCalls("c1"), endedOf("c1", nil),
			func(o *opened) { o.tap(o.main.call.others) }, false,
		},
		{
			"decline in a window of its own, another call comes", ringingCalls("c1"), ringingCalls("c2"),
			func(o *opened) { o.tap(o.ringing["c1"].card.others) }, false,
		},
		{
			"the recording, the call goes on", recorded, recorded,
			func(o *opened) { o.tap(o.main.call.record) }, true,
		},
		{
			"the recording, the call ends", recorded, endedOf("c1", nil),
			func(o *opened) { o.tap(o.main.call.record) }, false,
		},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(v.before)
			v.opens(o)
			windows := []fyne.Window{o.main.win}
			for _, w := range o.ringing {
				windows = append(windows, w.win)
			}
			open := func() bool {
				return slices.ContainsFunc(windows,
					func(w fyne.Window) bool { return w.Canvas().Overlays().Top() != nil })
			}
			if !open() {
				t.Fatal("no menu")
			}
			v.after.Serial++
			o.update(v.after)
			if open() != v.stays {
				t.Errorf("the menu is open: %v", open())
			}
		})
	}
	for _, v := range []struct {
		name, want    string
		before, after phone.State
		opens         func(o *opened)
		types         rune
	}{
		{
			"decline", "dtmf c1 5", ringingCalls("c1"), inPhase(phone.PhaseEstablished),
			func(o *opened) { o.tap(o.main.call.others) }, '5',
		},
		{
			"the recording", "", recorded, endedOf("c1", nil),
			func(o *opened) { o.tap(o.main.call.record) }, '5',
		},
	} {
		t.Run("closed before, it takes no keys along: "+v.name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(v.before)
			v.opens(o)
			menus := 0
			for _, w := range fyne.CurrentApp().Driver().AllWindows() {
				if menu, is := w.Canvas().Focused().(*fynewidget.PopUpMenu); is {
					menu.Dismiss() // as Escape, a choice and a press beside it do
					menus++
				}
			}
			if menus != 1 {
				t.Fatalf("%d menus", menus)
			}
			v.after.Serial++
			o.update(v.after)
			o.char(v.types)
			if v.want != "" {
				o.expect(t, v.want)
			} else if o.main.dial.number.Text != string(v.types) {
				t.Errorf("the number is %q", o.main.dial.number.Text)
			}
		})
	}
	t.Run("what was chosen in it too late opens nothing", func(t *testing.T) {
		o := open(t, Options{})
		o.update(ringingCalls("c1"))
		menu := declineMenu(o.app, o.state.Calls[0])
		o.update(ringingCalls("c2"))
		menu.Items[2].Action()
		if o.main.sheet != nil {
			t.Error("a sheet about a call that does not ring")
		}
	})
}

// TestEndBeneathASheetIsOfTheCallThatWasThere.
//
// Holds: window-focus
func TestEndBeneathASheetIsOfTheCallThatWasThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		o.update(twoCalls())
		o.main.openShortcuts()
		time.Sleep(time.Hour)
		after := twoCalls()
		after.Calls = after.Calls[1:]
		o.update(after)
		end := o.main.sheet.layer.end
		test.Tap(end)
		time.Sleep(typingPause - time.Millisecond)
		test.Tap(end)
		o.expect(t)
		time.Sleep(time.Millisecond)
		test.Tap(end)
		o.expect(t, "hang up c2")
	})
}

// TestADigitIsTheOneThatStoodThere: what is told above the keys of a call makes them lower, under the pointer.
//
// Holds: window-focus
func TestADigitIsTheOneThatStoodThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		o.update(inPhase(phone.PhaseEstablished))
		o.main.call.toggleKeypad()
		o.main.call.press('1') // at once: nothing has moved
		time.Sleep(time.Hour)
		told := inPhase(phone.PhaseEstablished)
		told.Calls[0].Problem = &cause.Cause{Kind: cause.MicrophoneSilent, Action: cause.ActionChooseDevice}
		before := o.main.call.keysAt
		o.update(told)
		if o.main.call.keysAt == before {
			t.Fatal("the keys are where they were")
		}
		o.main.call.press('2')
		time.Sleep(deadTime - time.Millisecond)
		o.main.call.press('3')
		o.expect(t, "dtmf c1 1")
		time.Sleep(time.Millisecond)
		o.main.call.press('4')
		o.expect(t, "dtmf c1 4")
	})
}

// TestWhoTypesANumberGoesOnTyping: a call that answers itself stands above it, a call that ends is told above it.
//
// Holds: window-focus
func TestWhoTypesANumberGoesOnTyping(t *testing.T) {
	byItself := func(phase phone.Phase) phone.State {
		s := inPhase(phase)
		s.Calls[0].ByItself, s.Calls[0].Active, s.Calls[0].Incoming = true, true, true
		return s
	}
	missed := endedOf("c1", func(e *phone.EndedCall) { e.Incoming = true })
	for _, v := range []struct {
		name   string
		states []phone.State
		cards  int // above the number
	}{
		{
			"a call answers itself", []phone.State{
				ringingCalls("c1"), byItself(phone.PhaseAnswering), byItself(phone.PhaseEstablished),
			}, 1,
		},
		{"a caller gives up", []phone.State{ringingCalls("c1"), missed}, 1},
		{"one that was answered by itself ends", []phone.State{
			ringingCalls("c1"), byItself(phone.PhaseEstablished), missed,
		}, 1},
		{"how it ended is told no longer", []phone.State{ringingCalls("c1"), missed, idle()}, 0},
	} {
		for _, focused := range []bool{true, false} {
			t.Run(v.name+map[bool]string{true: "", false: ", the keyboard is nowhere"}[focused], func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					o := open(t, Options{})
					o.update(idle())
					if focused {
						o.main.dial.focus()
					}
					o.char('4')
					want := "4"
					for _, s := range v.states {
						time.Sleep(time.Minute)
						o.update(s)
						o.char('5')
						want += "5"
						if got := o.main.dial.number.Text; got != want || !o.main.dial.object.Visible() {
							t.Fatalf("the number is %q, want %q, in sight: %v", got, want, o.main.dial.object.Visible())
						}
					}
					o.expect(t)
					cards := 0
					for _, row := range o.main.others.object.Objects[0].(*fyne.Container).Objects {
						if _, is := row.(*widget.Row); is && row.Visible() && o.main.others.object.Visible() {
							cards++
						}
					}
					if cards != v.cards {
						t.Errorf("%d cards above the number, want %d", cards, v.cards)
					}
					o.key(fyne.KeyReturn)
					o.expect(t, "dial office "+want)
				})
			})
		}
	}
	t.Run("and can leave it", func(t *testing.T) {
		o := open(t, Options{})
		o.update(idle())
		o.main.dial.focus()
		o.char('4')
		o.update(byItself(phone.PhaseEstablished))
		o.key(fyne.KeyEscape)
		o.update(byItself(phone.PhaseEstablished))
		if !o.main.call.object.Visible() {
			t.Error("the call is not shown")
		}
	})
}
