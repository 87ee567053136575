package ui

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/tell"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// talking are the phases of a call that can be ended.
func talking() []phone.Phase {
	return []phone.Phase{
		phone.PhaseCalling, phone.PhaseRinging, phone.PhaseAnswering, phone.PhaseEstablished,
		phone.PhaseEnding,
	}
}

// TestEndStaysInPlace: End is at the same place and of the same size in every phase, whatever else is
// shown, and what stands there after the call does no harm.
func TestEndStaysInPlace(t *testing.T) {
	for _, size := range []account.Size{
		{Width: 360, Height: 560},
		{Width: 380, Height: 640},
		{Width: 1000, Height: 700},
	} {
		o := open(t, Options{Size: size})
		var place fyne.Position
		var extent fyne.Size
		check := func(b *widget.Button, what string) {
			t.Helper()
			uitest.Settle(o.main.win)
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
			if !b.Visible() {
				t.Fatalf("%v, %s: not to be seen", size, what)
			}
			if extent == (fyne.Size{}) {
				place, extent = at, b.Size()
			}
			if at != place || b.Size() != extent {
				t.Errorf("%v, %s: at %v, size %v; want %v, %v", size, what, at, b.Size(), place, extent)
			}
		}
		for _, p := range talking() {
			o.update(inPhase(p))
			check(o.main.call.end, tell.Phase(inPhase(p).Calls[0]))
		}
		s := inPhase(phone.PhaseEstablished)
		s.Calls[0].Problem = &cause.Cause{Kind: cause.NoMicrophone, Action: cause.ActionChooseDevice}
		s.Calls[0].Muted = true
		o.update(s)
		check(o.main.call.end, "problem")
		o.main.call.toggleKeypad()
		check(o.main.call.end, "keypad")
		s = idle()
		s.Ended = &phone.EndedCall{CallID: "c1", Address: "bob@example.com", Cause: cause.Cause{Kind: cause.HungUpHere}}
		o.update(s)
		check(o.main.ended.close, "ended")
	}
}

// TestEscNeverHangsUp: in no phase and with nothing open or focused does Esc end or refuse a call.
func TestEscNeverHangsUp(t *testing.T) {
	for _, p := range append([]phone.Phase{phone.PhaseIncoming}, talking()...) {
		o := open(t, Options{})
		o.update(inPhase(p))
		o.key(fyne.KeyEscape)
		o.main.win.Canvas().Focus(o.main.call.end)
		o.key(fyne.KeyEscape)
		o.main.openQuality()
		o.key(fyne.KeyEscape)
		if o.main.sheet != nil {
			t.Error("Esc left the sheet open")
		}
		o.main.openSettings()
		o.key(fyne.KeyEscape)
		if o.main.page != nil {
			t.Error("Esc left the page open")
		}
		o.main.call.toggleKeypad()
		o.key(fyne.KeyEscape)
		if o.main.call.keys {
			t.Error("Esc left the keypad open")
		}
		if w := o.ringing["c1"]; w != nil {
			w.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
		}
		o.expect(t)
	}
}

// TestIncomingDeadTime: for 300 ms after a call begins to ring no click answers or declines it, in
// either window.
func TestIncomingDeadTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		o.update(inPhase(phone.PhaseIncoming))
		card, pane := o.ringing["c1"].card, o.main.call
		press := func() {
			for _, b := range []*widget.Button{
				card.answer, card.decline, card.ignore, pane.answer, pane.decline,
				pane.ignore,
			} {
				test.Tap(b)
			}
		}
		press()
		time.Sleep(deadTime - time.Millisecond)
		o.update(inPhase(phone.PhaseIncoming)) // a new State does not begin it anew
		press()
		o.expect(t)
		time.Sleep(time.Millisecond)
		press()
		o.expect(t, "answer c1", "decline c1", "ignore c1", "answer c1", "decline c1", "ignore c1")
	})
}

// TestIncomingWindow: it tells who, the address and the account, counts down, and goes when the call does.
func TestIncomingWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		o.update(inPhase(phone.PhaseIncoming))
		w := o.ringing["c1"]
		if w == nil {
			t.Fatal("no window")
		}
		if got := w.card.name.Text() + "|" + w.card.address.Text() + "|" +
			w.card.account.Text(); got != "Maria Ortiz|+34 91 555 0142|" {
			t.Errorf("shown: %s", got)
		}
		if got := w.card.countdown.Left(); got != 47 {
			t.Errorf("count-down at %d, want 47", got)
		}
		w.card.tick(time.Now().Add(10 * time.Second))
		if got := w.card.countdown.Left(); got != 37 {
			t.Errorf("count-down ten seconds later at %d, want 37", got)
		}
		o.update(idle())
		if len(o.ringing) != 0 {
			t.Error("the window stays after the call")
		}
	})
}

// TestClosingIncomingIgnores: the window's close button only stops the ringing.
func TestClosingIncomingIgnores(t *testing.T) {
	o := open(t, Options{})
	o.update(inPhase(phone.PhaseIncoming))
	o.ringing["c1"].closed()
	o.expect(t, "ignore c1")
}

// TestAddressAlwaysVisible: a name cannot take the place of the address.
func TestAddressAlwaysVisible(t *testing.T) {
	s := inPhase(phone.PhaseIncoming)
	s.Calls[0].Name, s.Calls[0].Address = "Your Bank\u202e 123\n<b>", "sip:mallory@evil.example"
	o := open(t, Options{})
	o.update(s)
	for _, shown := range []string{o.main.call.address.Text(), o.ringing["c1"].card.address.Text()} {
		if shown != "mallory@evil.example" {
			t.Errorf("address shown: %q", shown)
		}
	}
	if got := o.main.call.name.Text(); got != "Your Bank 123 <b>" {
		t.Errorf("name shown: %q", got)
	}
}

// TestMute: the button asks for the other state, and is filled and worded by State alone.
func TestMute(t *testing.T) {
	o := open(t, Options{})
	s := inPhase(phone.PhaseEstablished)
	o.update(s)
	test.Tap(o.main.call.mute)
	o.expect(t, "mute c1 true")
	if o.main.call.mute.On() {
		t.Error("filled before State says so")
	}
	s.Calls[0].Muted = true
	o.update(s)
	if b := o.main.call.mute; !b.On() || b.Label() != "Muted" {
		t.Errorf("on %t, %q", b.On(), b.Label())
	}
	o.char('m')
	o.expect(t, "mute c1 false")
}

// TestDTMFByKeyboard: digits typed during a call go to the far end and open the keypad.
func TestDTMFByKeyboard(t *testing.T) {
	o := open(t, Options{})
	o.update(inPhase(phone.PhaseEstablished))
	for _, r := range "1*#" {
		o.char(r)
	}
	o.expect(t, "dtmf c1 1", "dtmf c1 *", "dtmf c1 #")
	if !o.main.call.keys {
		t.Error("the keypad is not open")
	}
	if o.main.dial.number.Text != "" {
		t.Error("digits went to the number field")
	}
	o.update(inPhase(phone.PhaseRinging))
	o.char('5')
	o.expect(t)
}

// TestShortcutsOfACall: each key does its one thing, wherever the focus is.
func TestShortcutsOfACall(t *testing.T) {
	ctrlShift := func(k fyne.KeyName) fyne.Shortcut {
		return &desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift}
	}
	for _, c := range []struct {
		phase phone.Phase
		key   fyne.KeyName
		short fyne.Shortcut
		want  string
	}{
		{phone.PhaseIncoming, fyne.KeyF2, ctrlShift(fyne.KeyA), "answer c1"},
		{phone.PhaseIncoming, fyne.KeyF8, ctrlShift(fyne.KeyD), "decline c1"},
		{phone.PhaseEstablished, fyne.KeyF4, ctrlShift(fyne.KeyH), "hang up c1"},
		{phone.PhaseCalling, fyne.KeyF4, ctrlShift(fyne.KeyH), "hang up c1"},
		{phone.PhaseEstablished, "", ctrlShift(fyne.KeyM), "mute c1 true"},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := open(t, Options{})
			o.update(inPhase(c.phase))
			time.Sleep(deadTime)
			if c.key != "" {
				o.key(c.key)
				o.expect(t, c.want)
				o.main.openWizardDetails() // its first field has the focus
				o.key(c.key)
				o.expect(t, c.want)
			}
			o.main.keys.combos.TypedShortcut(c.short)
			o.expect(t, c.want)
		})
	}
}

// TestHangUpKeyDeclinesNothing: F4 during ringing is not Decline.
func TestHangUpKeyDeclinesNothing(t *testing.T) {
	o := open(t, Options{})
	o.update(inPhase(phone.PhaseIncoming))
	o.key(fyne.KeyF4)
	o.expect(t)
}

// TestLevelsOnlyWhileShown: meters are polled while a call is established and its pane is shown.
func TestLevelsOnlyWhileShown(t *testing.T) {
	o := open(t, Options{})
	on := func() bool { return o.pace.tempo.beats > 1 }
	for _, c := range []struct {
		what  string
		do    func()
		meter bool
	}{
		{"idle", func() { o.update(idle()) }, false},
		{"ringing", func() { o.update(inPhase(phone.PhaseRinging)) }, false},
		{"established", func() { o.update(inPhase(phone.PhaseEstablished)) }, true},
		{"settings over it", func() { o.main.openSettings() }, false},
		{"back", func() { o.main.closePage() }, true},
		{"ended", func() { o.update(idle()) }, false},
	} {
		if c.do(); on() != c.meter {
			t.Errorf("%s: polled %t, want %t", c.what, on(), c.meter)
		}
	}
}

// TestIdleDrawsNothing: in a registered phone without a call nothing moves by itself.
func TestIdleDrawsNothing(t *testing.T) {
	o := open(t, Options{})
	o.update(inPhase(phone.PhaseEstablished))
	if o.pace.tempo.beats == 0 {
		t.Fatal("the timer of a call does not run")
	}
	o.update(idle())
	if o.pace.stop != nil {
		t.Error("something moves while nothing happens")
	}
}

// TestTimerFollowsTime: the timer is Connected to now, not a count of ticks.
func TestTimerFollowsTime(t *testing.T) {
	o := open(t, Options{})
	s := inPhase(phone.PhaseEstablished)
	o.update(s)
	o.main.tick(s.Calls[0].Connected.Add(time.Hour + 2*time.Minute + 3*time.Second))
	if got := o.main.call.state.Text(); got != "1:02:03" {
		t.Errorf("timer %q", got)
	}
}

// TestEndedCard: the words, and Call again with the address that was called.
func TestEndedCard(t *testing.T) {
	o := open(t, Options{})
	s := idle()
	s.Ended = &phone.EndedCall{
		CallID: "c1", Name: "Bob Marsh", Address: "bob@example.com",
		Cause: cause.Cause{Kind: cause.NotReachedJustNow, Party: "Bob Marsh"}, Duration: 133 * time.Second,
		Account:   "Office",
		AccountID: "office", URI: "sip:bob@example.com:5070",
	}
	o.update(s)
	if !o.main.ended.object.Visible() || o.main.dial.object.Visible() {
		t.Error("the card is not shown")
	}
	if got := o.main.ended.words.Text() + "|" + o.main.ended.note.Text() + "|" +
		o.main.ended.long.Text(); got != "Bob Marsh could not be reached|The other side's connection has just "+
		"failed. Call again in a moment.|02:13" {
		t.Errorf("shown: %s", got)
	}
	o.stands()
	test.Tap(o.main.ended.again)
	o.stands()
	test.Tap(o.main.ended.close)
	o.expect(t, "redial office sip:bob@example.com:5070", "dismiss ended")
	o.update(idle())
	if !o.main.dial.object.Visible() {
		t.Error("the keypad does not come back")
	}
}

// TestQuitAsksInACall: Ctrl+Q and the window's close button ask while a call is up.
func TestQuitAsksInACall(t *testing.T) {
	o := open(t, Options{})
	o.update(inPhase(phone.PhaseEstablished))
	o.askQuit()
	if o.main.sheet == nil {
		t.Fatal("no question")
	}
	o.key(fyne.KeyEscape)
	o.expect(t)
}

// TestQuitSaysWhatEndsWithIt: who is called, calls or is talked with, or how many calls there are.
func TestQuitSaysWhatEndsWithIt(t *testing.T) {
	for name, c := range map[string]struct {
		state phone.State
		says  string
	}{
		"in a call":      {inPhase(phone.PhaseEstablished), "You are in a call with Bob Marsh."},
		"being answered": {inPhase(phone.PhaseAnswering), "You are in a call with Maria Ortiz."},
		"calling":        {inPhase(phone.PhaseCalling), "You are calling Bob Marsh."},
		"ringing there":  {inPhase(phone.PhaseRinging), "You are calling Bob Marsh."},
		"ringing here":   {inPhase(phone.PhaseIncoming), "Maria Ortiz is calling, and will not ring here any more."},
		"three calls":    {threeCalls(), "Quit and end 3 calls?"},
		"a conference":   {conferenceOfFour(), "Quit and end 4 calls?"},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, Options{})
			o.update(c.state)
			o.askQuit()
			var said []string
			for _, text := range uitest.LaidOut[*widget.Text](o.main.sheet.layer.object) {
				said = append(said, text.Text())
			}
			if !slices.Contains(said, c.says) {
				t.Errorf("says %q, not %q", said, c.says)
			}
		})
	}
}

// TestIncomingCardOverPages: a page does not hide a call that rings, nor the way back to one.
func TestIncomingCardOverPages(t *testing.T) {
	o := open(t, Options{})
	o.main.openSettings()
	o.update(inPhase(phone.PhaseIncoming))
	if !o.main.overlay.Visible() {
		t.Error("no card over the page")
	}
	o.update(inPhase(phone.PhaseEstablished))
	if o.main.overlay.Visible() || !o.main.callBar.object.Visible() {
		t.Error("no bar that leads back to the call")
	}
	if got := o.main.callBar.name.Text(); got != "Bob Marsh" {
		t.Errorf("the bar leads back to %q", got)
	}
	o.update(conference())
	if got := o.main.callBar.name.Text(); got != "Conference" {
		t.Errorf("with a conference, the bar leads back to %q", got)
	}
	o.main.closePage()
	o.update(inPhase(phone.PhaseIncoming))
	if o.main.overlay.Visible() {
		t.Error("the card doubles the pane that shows the call")
	}
}
