package ui

import (
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/ui/widget"
)

// ringingCalls is the State with a call that rings for each ID, or with none.
func ringingCalls(ids ...string) phone.State {
	s := idle()
	for _, id := range ids {
		c := inPhase(phone.PhaseIncoming).Calls[0]
		c.ID, c.Name = id, "Caller "+id
		s.Calls = append(s.Calls, c)
	}
	return s
}

// typeIn presses a key in a window as the driver does: what has the focus gets it, else the window.
func typeIn(w fyne.Window, name fyne.KeyName) {
	c := w.Canvas()
	key, char := c.OnTypedKey(), c.OnTypedRune()
	if f := c.Focused(); f != nil {
		key, char = f.TypedKey, f.TypedRune
	}
	key(&fyne.KeyEvent{Name: name})
	if name == fyne.KeySpace {
		char(' ')
	}
}

// tapBeside clicks into a ringing window where no button is.
func tapBeside(w *incomingWindow) {
	test.TapCanvas(w.win.Canvas(), fyne.NewPos(incomingWidth/2, 4))
}

// TestPlainKeysOfARingingWindow: what is typed into it does nothing before somebody clicked or tabbed into
// it, even where a window manager gave it the keyboard; F2, F8 and their like always do.
//
// Holds: window-focus
func TestPlainKeysOfARingingWindow(t *testing.T) {
	combo := func(o *opened, k fyne.KeyName) {
		keys := &shortcuts{app: o.app, canvas: o.ringing["c1"].win.Canvas(), popup: o.ringing["c1"]}
		keys.install()
		keys.combos.TypedShortcut(&desktop.CustomShortcut{
			KeyName:  k,
			Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift,
		})
	}
	plain := []fyne.KeyName{
		fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace, fyne.KeyEscape, fyne.Key1, fyne.KeyA,
		fyne.KeyM, fyne.KeyBackspace,
	}
	for _, c := range []struct {
		name string
		do   func(o *opened, w *incomingWindow)
		want []string
	}{
		{"nothing was clicked", func(_ *opened, w *incomingWindow) {
			for _, k := range plain {
				typeIn(w.win, k)
			}
			for _, r := range "1 am*#" {
				w.win.Canvas().OnTypedRune()(r)
			}
		}, nil},
		{"clicked into, Enter", func(_ *opened, w *incomingWindow) {
			tapBeside(w)
			typeIn(w.win, fyne.KeyReturn)
		}, []string{"answer c1"}},
		{"tabbed into, Space", func(_ *opened, w *incomingWindow) {
			w.win.Canvas().(interface{ FocusNext() }).FocusNext()
			typeIn(w.win, fyne.KeySpace)
		}, []string{"decline c1"}},
		{"clicked into, then the keyboard went and came back", func(o *opened, w *incomingWindow) {
			tapBeside(w)
			w.win.Canvas().Focused().FocusLost() // as Fyne says that the window has lost the keyboard
			o.leave()
			for _, k := range plain {
				typeIn(w.win, k)
			}
		}, nil},
		{"clicked into, while another window lost the keyboard", func(o *opened, w *incomingWindow) {
			tapBeside(w)
			o.leave()
			typeIn(w.win, fyne.KeyReturn)
		}, []string{"answer c1"}},
		{"clicked into, Esc and digits", func(_ *opened, w *incomingWindow) {
			tapBeside(w)
			typeIn(w.win, fyne.KeyEscape)
			typeIn(w.win, fyne.Key1)
		}, nil},
		{"clicked into, another call there later", func(o *opened, w *incomingWindow) {
			tapBeside(w)
			o.update(ringingCalls())
			o.update(ringingCalls("c2"))
			time.Sleep(time.Second)
			typeIn(o.ringing["c2"].win, fyne.KeyReturn)
		}, nil},
		{"F2", func(_ *opened, w *incomingWindow) { typeIn(w.win, fyne.KeyF2) }, []string{"answer c1"}},
		{"F8", func(_ *opened, w *incomingWindow) { typeIn(w.win, fyne.KeyF8) }, []string{"decline c1"}},
		{"Ctrl+Shift+A", func(o *opened, _ *incomingWindow) { combo(o, fyne.KeyA) }, []string{"answer c1"}},
		{"Ctrl+Shift+D", func(o *opened, _ *incomingWindow) { combo(o, fyne.KeyD) }, []string{"decline c1"}},
		{"F2 with a button in charge", func(_ *opened, w *incomingWindow) {
			w.win.Canvas().Focus(w.card.decline)
			typeIn(w.win, fyne.KeyF2)
		}, []string{"answer c1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, Options{})
				o.update(ringingCalls("c1"))
				if c.name[0] != 'F' && c.name[:4] != "Ctrl" { // those need no dead time to be over
					time.Sleep(deadTime)
				}
				c.do(o, o.ringing["c1"])
				o.expect(t, c.want...)
			})
		})
	}
}

// TestTypingGoesOnWhileItRings: in the main window, who types goes on typing whatever rings, stops ringing or
// is asked, and nothing typed answers.
//
// Holds: window-focus
func TestTypingGoesOnWhileItRings(t *testing.T) {
	referral := phone.Referral{
		ID: "r1", From: "Bob Marsh", Address: "carol@example.com",
		Until: time.Now().Add(time.Minute),
	}
	for _, c := range []struct {
		name  string
		size  account.Size
		field func(o *opened) *widget.Entry
	}{
		{"the number field", account.Size{Width: 360, Height: 560}, func(o *opened) *widget.Entry {
			o.main.dial.focus()
			return o.main.dial.number
		}},
		{"the number field of a wide window", account.Size{Width: 1000, Height: 700}, func(o *opened) *widget.Entry {
			o.main.dial.focus()
			return o.main.dial.number
		}},
		{"a message", account.Size{Width: 360, Height: 560}, openMessageTo},
		{"a message in a wide window", account.Size{Width: 1000, Height: 700}, openMessageTo},
		{"the form of an account", account.Size{Width: 360, Height: 560}, func(o *opened) *widget.Entry {
			o.main.openWizardDetails()
			return o.main.win.Canvas().Focused().(*widget.Entry)
		}},
		{"a password in a sheet", account.Size{Width: 360, Height: 560}, func(o *opened) *widget.Entry {
			o.main.askPassword("office")
			return o.main.win.Canvas().Focused().(*widget.Entry)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{Size: c.size})
			o.update(idle())
			field := c.field(o)
			asked := ringingCalls("c2")
			asked.Referrals = []phone.Referral{referral}
			for i, s := range []phone.State{
				ringingCalls("c1"), ringingCalls("c1", "c2"), ringingCalls("c2"), asked,
				ringingCalls(),
			} {
				o.char('x')
				o.update(s)
				if o.main.win.Canvas().Focused() != field {
					t.Fatalf("after %d changes the keyboard is elsewhere", i+1)
				}
				o.char('y')
				if field == o.main.dial.number && o.main.floating.Visible() {
					t.Error("a card stands over the number that is typed")
				}
			}
			if field.Text != "xyxyxyxyxy" {
				t.Errorf("of what was typed there is %q", field.Text)
			}
			for _, command := range o.phone.took() {
				if command != "prepare office" && command != "levels" {
					t.Errorf("typing did %q", command)
				}
			}
		})
	}
}

func openMessageTo(o *opened) *widget.Entry {
	o.main.openConversation("office", "bob", o.main.open)
	return o.main.win.Canvas().Focused().(*widget.Entry)
}

// TestADoubleClickIsOneDeed: whatever moves under the pointer after a click, the second one does nothing to
// it; a click of its own, later, does.
//
// Holds: window-focus
func TestADoubleClickIsOneDeed(t *testing.T) {
	tap := func(b *widget.Button) { test.Tap(b) }
	for _, c := range []struct {
		name          string
		first, second func(o *opened)
		after         phone.State // what the first click leads to
		want, later   string
	}{
		{
			"Decline in one window, Decline in another",
			func(o *opened) { tap(o.ringing["c1"].card.decline) },
			func(o *opened) { tap(o.ringing["c2"].card.decline) },
			ringingCalls("c2"), "decline c1", "decline c2",
		},
		{
			"Answer in a window, Answer in the main window",
			func(o *opened) { tap(o.ringing["c1"].card.answer) }, func(o *opened) { tap(o.main.call.answer) },
			ringingCalls("c2"), "answer c1", "answer c2",
		},
		{
			"Decline in the main window, where the next caller comes",
			func(o *opened) { tap(o.main.call.decline) }, func(o *opened) { tap(o.main.call.decline) },
			ringingCalls("c2"), "decline c1", "decline c2",
		},
		{
			"Ignore, where the next caller's stands",
			func(o *opened) { tap(o.main.call.ignore) }, func(o *opened) { tap(o.main.call.ignore) },
			ringingCalls("c2"), "ignore c1", "ignore c2",
		},
		{
			"Answer, where End comes",
			func(o *opened) { tap(o.main.call.answer) }, func(o *opened) { tap(o.main.call.end) },
			inPhase(phone.PhaseAnswering), "answer c1", "hang up c1",
		},
		{
			"Enter on Answer, held",
			func(o *opened) {
				o.main.win.Canvas().Focus(o.main.call.answer)
				o.key(fyne.KeyReturn)
			},
			func(o *opened) { o.key(fyne.KeyReturn) },
			ringingCalls("c2"), "answer c1", "",
		},
		{
			"F2, held",
			func(o *opened) { o.key(fyne.KeyF2) }, func(o *opened) { o.key(fyne.KeyF2) },
			ringingCalls("c2"), "answer c1", "answer c2",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, Options{})
				o.update(ringingCalls("c1", "c2"))
				time.Sleep(deadTime)
				c.first(o)
				o.update(c.after)
				for range 4 { // up to 450 ms, the slowest double click
					c.second(o)
					time.Sleep(110 * time.Millisecond)
				}
				c.second(o)
				o.expect(t, c.want)
				time.Sleep(keyRepeat)
				c.second(o)
				if c.later == "" {
					o.expect(t)
					return
				}
				o.expect(t, c.later)
			})
		})
	}
}

// TestDeadTimeBeginsWhenItCanBeReached: not with the call, but when its buttons are on the screen, and anew
// when what covered them goes.
//
// Holds: window-focus
func TestDeadTimeBeginsWhenItCanBeReached(t *testing.T) {
	for _, c := range []struct {
		name   string
		button func(o *opened) *widget.Button
		cover  func(o *opened)
		bare   func(o *opened)
	}{
		{
			"a page over the call", func(o *opened) *widget.Button { return o.main.call.decline },
			func(o *opened) { o.main.openSettings() }, func(o *opened) { o.main.closePage() },
		},
		{
			"a sheet over the call", func(o *opened) *widget.Button { return o.main.call.answer },
			func(o *opened) { o.main.openShortcuts() }, func(o *opened) { o.main.closeSheet() },
		},
		{
			"a sheet over the card", func(o *opened) *widget.Button { return o.main.float.decline },
			func(o *opened) { o.main.openSettings(); o.main.openShortcuts() }, func(o *opened) { o.main.closeSheet() },
		},
		{
			"a page that is opened, which brings the card",
			func(o *opened) *widget.Button { return o.main.float.answer },
			func(*opened) {}, func(o *opened) { o.main.openSettings() },
		},
		{
			"a number that is deleted, which brings the call",
			func(o *opened) *widget.Button { return o.main.call.answer },
			func(o *opened) { o.main.dial.fill("12"); o.update(ringingCalls("c1")) },
			func(o *opened) { o.main.dial.fill(""); o.update(ringingCalls("c1")) },
		},
		{
			"a window that took its time", func(o *opened) *widget.Button { return o.ringing["c1"].card.answer },
			func(o *opened) { o.ringing["c1"].card.dead = deadSpell{} },
			func(o *opened) { o.reached(time.Now(), time.Now()) },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, Options{})
				o.update(ringingCalls("c1"))
				c.cover(o)
				time.Sleep(time.Hour) // the call has rung for long
				c.bare(o)
				test.Tap(c.button(o))
				time.Sleep(deadTime - time.Millisecond)
				o.update(ringingCalls("c1"))
				test.Tap(c.button(o))
				o.expect(t)
				time.Sleep(time.Millisecond)
				test.Tap(c.button(o))
				if got := o.phone.took(); len(got) != 1 {
					t.Errorf("after the dead time a click did %q", got)
				}
			})
		})
	}
}

// TestClicksOfTheTimeItOpened: while a window is made nothing else is done, and what was clicked meanwhile on
// one whose dead time was not over comes only then; it is too early all the same.
func TestClicksOfTheTimeItOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		o.update(ringingCalls("c1"))
		time.Sleep(deadTime / 2)
		began := time.Now()
		o.update(ringingCalls("c1", "c2"))
		time.Sleep(time.Second) // so long it took
		o.reached(began, time.Now())
		test.Tap(o.ringing["c1"].card.answer)
		test.Tap(o.ringing["c2"].card.answer)
		o.expect(t)
		time.Sleep(deadTime)
		test.Tap(o.ringing["c1"].card.answer)
		o.expect(t, "answer c1")
	})
}

// TestFreePlace: bottom right, then upwards, then to the left, never over another and never off the screen.
func TestFreePlace(t *testing.T) {
	for _, c := range []struct {
		name   string
		screen area
		fit    int // how many of 400 by 230 have room
	}{
		{"one screen", area{0, 0, 1920, 1080}, 4 * 4},
		{"a panel at the top and a dock at the left", area{64, 28, 1280 - 64, 800 - 28}, 2 * 3},
		{"the right one of two", area{1920, 0, 1280, 1024}, 3 * 4},
		{"one left of the first", area{-1280, 200, 1280, 720}, 3 * 3},
		{"a small one", area{0, 0, 1024, 600}, 2 * 2},
		{"smaller than the window", area{0, 0, 320, 200}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var taken []area
			for {
				p, ok := freePlace(c.screen, 400, 230, taken)
				if !ok {
					break
				}
				if meets(p, taken) {
					t.Fatalf("%v is over one of %v", p, taken)
				}
				if c.fit > 1 && p.and(c.screen) != p {
					t.Fatalf("%v is not on the screen %v", p, c.screen)
				}
				taken = append(taken, p)
			}
			if len(taken) != c.fit {
				t.Errorf("room for %d, want %d", len(taken), c.fit)
			}
			first := taken[0]
			if c.fit > 1 && (first.right() != c.screen.right()-gap || first.bottom() != c.screen.bottom()-gap) {
				t.Errorf("the first is at %v of %v", first, c.screen)
			}
			if c.fit > 1 {
				again, _ := freePlace(c.screen, 400, 230, taken[1:])
				if again != first {
					t.Errorf("what is free again is not used: %v, want %v", again, first)
				}
			}
		})
	}
}

// TestRingingWindowsKeepTheirPlaces: who goes leaves the others where they are, and the one who comes takes
// what is free.
func TestRingingWindowsKeepTheirPlaces(t *testing.T) {
	o := open(t, Options{})
	o.update(ringingCalls("c1", "c2", "c3"))
	where := map[string]area{}
	for id, w := range o.ringing {
		where[id] = w.at
	}
	o.update(ringingCalls("c1", "c3"))
	for _, id := range []string{"c1", "c3"} {
		if o.ringing[id].at != where[id] {
			t.Errorf("%s went from %v to %v", id, where[id], o.ringing[id].at)
		}
	}
	o.update(ringingCalls("c1", "c3", "c4"))
	if got := o.ringing["c4"].at; got != where["c2"] {
		t.Errorf("the next is at %v, not where there is room, %v", got, where["c2"])
	}
	if got := o.ringing["c4"].card.name.Text(); got != "Caller c4" {
		t.Errorf("a window that is used again shows %q", got)
	}
}

// TestTitleOfARingingWindow: what a caller calls himself is one line of words there, and not long.
func TestTitleOfARingingWindow(t *testing.T) {
	o := open(t, Options{})
	s := ringingCalls("c1")
	s.Calls[0].Name = "Your\nBank\u202e \x1b]0;x\a"
	o.update(s)
	for _, r := range o.ringing["c1"].win.Title() {
		if r < ' ' || r == '\u202e' || r == '\x7f' {
			t.Errorf("the title is %q", o.ringing["c1"].win.Title())
			break
		}
	}
}
