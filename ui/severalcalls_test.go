package ui

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/uitest"
	"calla/ui/widget"
)

func shortcut(o *opened, name fyne.KeyName, m fyne.KeyModifier) {
	o.main.keys.combos.TypedShortcut(&desktop.CustomShortcut{KeyName: name, Modifier: m})
}

const (
	ctrl  = fyne.KeyModifierShortcutDefault
	shift = fyne.KeyModifierShift
)

// TestHold: the button asks for the other state; words and fill follow State alone, and while the far end
// has not confirmed it is deaf.
func TestHold(t *testing.T) {
	o := open(t, Options{})
	s := inPhase(phone.PhaseEstablished)
	o.update(s)
	test.Tap(o.main.call.hold)
	o.expect(t, "hold c1 true")
	for _, c := range []struct {
		held, holding, remote bool
		label, words          string
	}{
		{true, true, false, "Resume", "Putting on hold…"},
		{true, false, false, "Resume", "On hold"},
		{true, false, true, "Resume", "On hold at both ends"},
		{false, true, false, "Hold", "Resuming…"},
		{false, false, true, "Hold", "Held by the other side"},
	} {
		s.Calls[0].Held, s.Calls[0].Holding, s.Calls[0].RemoteHeld = c.held, c.holding, c.remote
		o.update(s)
		b := o.main.call.hold
		if words := o.main.call.state.Text(); b.Label() != c.label || b.On() != c.held || b.Disabled() != c.holding ||
			!strings.HasPrefix(words, c.words+" · ") {
			t.Errorf("held %t, changing %t, remote %t: %q, filled %t, %q", c.held, c.holding, c.remote, b.Label(),
				b.On(), words)
		}
	}
	s.Calls[0].Held, s.Calls[0].Holding = true, false
	o.update(s)
	o.char('h')
	shortcut(o, fyne.KeyP, ctrl|shift)
	o.expect(t, "hold c1 false", "hold c1 false")
}

// TestShownCallHasTheSound: of several calls the one with the sound is shown, and with none the one that
// was; the others are cards.
func TestShownCallHasTheSound(t *testing.T) {
	o := open(t, Options{})
	s := twoCalls()
	o.update(s)
	o.main.tick(s.Calls[1].Connected.Add(290 * time.Second)) // however long it took to draw it
	if got := o.main.call.name.Text(); got != "Bob Marsh" {
		t.Errorf("shown %q", got)
	}
	card := o.main.others.cards[0].row
	if got := card.Title() + "|" + card.Line() + "|" + card.End(); got != "Maria Ortiz|On hold · 04:50 · Office|Swap" {
		t.Errorf("card: %s", got)
	}
	o.tap(card)
	o.expect(t, "swap c2")
	s.Calls[0].Active, s.Calls[0].Held, s.Calls[1].Active, s.Calls[1].Held = false, true, true, false
	o.update(s)
	if got := o.main.call.name.Text(); got != "Maria Ortiz" || o.main.others.cards[0].row.Title() != "Bob Marsh" {
		t.Errorf("after the swap %q is shown", got)
	}
	s.Calls[1].Active, s.Calls[1].Held = false, true
	o.update(s)
	if got := o.main.call.name.Text(); got != "Maria Ortiz" || o.main.others.cards[0].row.End() != "Resume" {
		t.Errorf("with both on hold %q is shown", got)
	}
	s.Calls = s.Calls[:1]
	s.Ended = &phone.EndedCall{CallID: "c2", Name: "Maria Ortiz", Cause: cause.Cause{Kind: cause.HungUpThere}}
	o.update(s)
	if row := o.main.others.ended; !row.Visible() || row.Line() != "The other side hung up" ||
		o.main.ended.object.Visible() {
		t.Error("how the other call ended is not told")
	}
	o.tap(o.main.others.ended)
	o.expect(t, "dismiss ended")
	s.Ended.Redirect = []phone.RedirectTarget{
		{Address: "carol", URI: "carol"},
		{Name: "Dave", Address: "dave", URI: "dave"},
	}
	o.update(s)
	rows := uitest.LaidOut[*widget.Row](o.main.others.object)
	if len(rows) != 3 || rows[2].Title() != "Dave" || rows[2].Line() != "Instead of Maria Ortiz" {
		t.Fatalf("%d rows", len(rows))
	}
	o.tap(rows[2])
	o.expect(t, "redirect dave")
}

// TestKeysOfSeveralCalls: swap, pick and hang up without a mouse.
func TestKeysOfSeveralCalls(t *testing.T) {
	o := open(t, Options{})
	s := twoCalls()
	o.update(s)
	shortcut(o, fyne.KeyTab, fyne.KeyModifierControl)
	shortcut(o, fyne.Key2, fyne.KeyModifierAlt)
	o.main.openSettings()
	shortcut(o, fyne.Key2, fyne.KeyModifierAlt)
	if o.main.page != nil {
		t.Error("the call that was asked for is hidden by a page")
	}
	o.key(fyne.KeyF4)
	o.expect(t, "swap c2", "swap c2", "swap c2", "hang up c1")
	shortcut(o, fyne.Key1, fyne.KeyModifierAlt)
	shortcut(o, fyne.Key4, fyne.KeyModifierAlt)
	o.expect(t)
	o.update(inPhase(phone.PhaseEstablished))
	shortcut(o, fyne.KeyTab, fyne.KeyModifierControl)
	o.expect(t)
}

// TestAddCall: the keypad opens over the call, its number is dialled, and Esc or the card lead back.
func TestAddCall(t *testing.T) {
	o := open(t, Options{})
	s := inPhase(phone.PhaseEstablished)
	s.Calls[0].Active = true
	o.update(s)
	test.Tap(o.main.call.add)
	if !o.main.dial.object.Visible() || o.main.win.Canvas().Focused() != o.main.dial.number {
		t.Fatal("no keypad")
	}
	o.key(fyne.KeyEscape)
	if !o.main.call.object.Visible() {
		t.Error("Esc does not lead back")
	}
	shortcut(o, fyne.KeyL, ctrl)
	o.tap(o.main.others.cards[0].row)
	if !o.main.call.object.Visible() {
		t.Error("the card does not lead back")
	}
	shortcut(o, fyne.KeyL, ctrl)
	for _, r := range "carol" {
		o.char(r)
	}
	o.main.dial.number.OnSubmitted("")
	o.expect(t, "dial office carol")
	added := inPhase(phone.PhaseEstablished)
	added.Calls = append(added.Calls, phone.CallState{
		ID: "c9", AccountID: "office", Phase: phone.PhaseCalling,
		Address: "carol", Active: true,
	})
	o.update(added)
	o.update(inPhase(phone.PhaseEstablished))
	if o.main.adding {
		t.Error("the keypad stays")
	}
	shortcut(o, fyne.KeyL, ctrl)
	o.update(idle())
	if o.main.adding {
		t.Error("a call is added to none")
	}
}

// TestCallWaiting: a call that comes in during another is told above it, and offers to hold or to end that.
func TestCallWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		s := inPhase(phone.PhaseEstablished)
		s.Calls[0].Active = true
		in := inPhase(phone.PhaseIncoming).Calls[0]
		in.ID, in.Waiting = "c3", true
		s.Calls = append(s.Calls, in)
		o.update(s)
		time.Sleep(deadTime)
		if !o.main.floating.Visible() || o.main.call.name.Text() != "Bob Marsh" {
			t.Fatal("the call that comes in is not told, or hides the one that is up")
		}
		for _, card := range []*incomingCard{o.main.float, o.ringing["c3"].card} {
			if card.answer.Label() != "Hold & answer" || !card.instead.Visible() {
				t.Errorf("offers %q", card.answer.Label())
			}
			test.Tap(card.answer)
			test.Tap(card.instead)
			o.expect(t, "answer c3", "hang up c1", "answer c3")
		}
		s.Calls = s.Calls[1:]
		o.update(s)
		if card := o.ringing["c3"].card; card.answer.Label() != "Answer" || card.instead.Visible() {
			t.Errorf("alone it offers %q", card.answer.Label())
		}
	})
}

// TestTransferSheet: Enter does what the key that opened it said, an empty field is not taken, and the
// sheet goes with its call.
func TestTransferSheet(t *testing.T) {
	for _, c := range []struct {
		shift fyne.KeyModifier
		want  string
	}{{0, "transfer c1 carol"}, {shift, "ask first c1 carol"}} {
		o := open(t, Options{})
		s := inPhase(phone.PhaseEstablished)
		o.update(s)
		shortcut(o, fyne.KeyT, ctrl|c.shift)
		entry, ok := o.main.win.Canvas().Focused().(*widget.Entry)
		if !ok {
			t.Fatal("the keyboard is not in the sheet")
		}
		entry.OnSubmitted("")
		if o.main.sheet == nil {
			t.Fatal("an empty field is taken")
		}
		entry.SetText("carol")
		entry.OnSubmitted("carol")
		o.expect(t, c.want)
		if o.main.sheet == nil {
			t.Error("the sheet is closed before the transfer is under way")
		}
		begun := inPhase(phone.PhaseEstablished)
		begun.Calls[0].Transfer = &phone.TransferState{
			To:    "carol",
			Cause: cause.Cause{Kind: cause.TransferAsking, To: "carol"},
		}
		o.update(begun)
		if o.main.sheet != nil {
			t.Error("the sheet stays")
		}
		o.update(s)
		test.Tap(o.main.call.transfer)
		o.main.win.Canvas().Focused().(*widget.Entry).SetText("dave\n")
		o.stands()
		uitest.Press(t, o.main.win.Canvas().Overlays().Top(), "Ask first")
		o.expect(t, "ask first c1 dave")
		asked := inPhase(phone.PhaseEstablished)
		asked.Calls = append(asked.Calls, phone.CallState{ID: "c2", Phase: phone.PhaseCalling, ConsultFor: "c1"})
		o.update(asked)
		if o.main.sheet != nil {
			t.Error("the sheet stays while somebody is asked")
		}
		o.update(s)
		test.Tap(o.main.call.transfer)
		o.update(idle())
		if o.main.sheet != nil {
			t.Error("the sheet stays after its call")
		}
	}
}

// TestTransferProgress: how a transfer goes is told in words; while it goes no second one is begun.
func TestTransferProgress(t *testing.T) {
	o := open(t, Options{})
	s := inPhase(phone.PhaseEstablished)
	s.Calls[0].Transfer = &phone.TransferState{
		To:    "carol",
		Cause: cause.Cause{Kind: cause.TransferRinging, To: "carol"},
	}
	o.update(s)
	p := o.main.call
	if got := p.handing.text.Text(); got != "carol rings…" || !p.handing.object.Visible() || !p.transfer.Disabled() {
		t.Errorf("told %q, another one can be begun: %t", got, !p.transfer.Disabled())
	}
	shortcut(o, fyne.KeyT, ctrl)
	if o.main.sheet != nil {
		t.Error("a second transfer is begun")
	}
	s.Calls[0].Transfer = &phone.TransferState{
		To: "carol", Cause: cause.Cause{Kind: cause.TransferBusy, To: "carol"},
		Failed: true,
	}
	o.update(s)
	if p.handing.mark.Shape() != widget.Cross || p.transfer.Disabled() {
		t.Error("a failed transfer looks like one under way")
	}
	s.Calls[0].Transfer = nil
	o.update(s)
	if p.handing.object.Visible() {
		t.Error("it stays after it is over")
	}
}

// TestConsultation: while somebody is asked it is told who waits; the two can be connected once both are
// there, and it can be given up at any time, whichever of the two is shown.
func TestConsultation(t *testing.T) {
	o := open(t, Options{})
	s := asking()
	s.Calls[0].Phase = phone.PhaseRinging
	o.update(s)
	p := o.main.call
	if !p.consult.object.Visible() || !p.connect.Disabled() || p.abandon.Label() != "Back to Maria" {
		t.Errorf("ringing: told %q, can be connected %t, %q", p.consult.text.Text(), !p.connect.Disabled(),
			p.abandon.Label())
	}
	shortcut(o, fyne.KeyK, ctrl|shift)
	o.tap(p.abandon)
	o.expect(t, "cancel c1")
	s.Calls[0].Phase = phone.PhaseEstablished
	for range 2 {
		o.update(s)
		o.tap(p.connect)
		shortcut(o, fyne.KeyK, ctrl|shift)
		o.tap(p.abandon)
		o.expect(t, "complete c1", "complete c1", "cancel c1")
		s.Calls[0].Active, s.Calls[1].Active = false, true // back at the first for a word
	}
	o.update(twoCalls())
	if p.consult.object.Visible() {
		t.Error("two calls of their own are taken for a consultation")
	}
}

// TestReferral: who wants whom called is told with a count-down, no is the answer that stands first, and
// nothing is answered by a click meant for something else.
func TestReferral(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, Options{})
		o.update(referred())
		card := o.main.refer
		if !o.main.overlay.Visible() || !o.main.asking.Visible() || o.main.floating.Visible() {
			t.Fatal("not shown")
		}
		if got := card.title.Text() + "|" + card.name.Text() + "|" + card.address.Text() + "|" +
			card.yes.Label(); got != "Bob Marsh asks you to call|Carol Jones|carol@example.com|Call Carol" {
			t.Errorf("shown: %s", got)
		}
		test.Tap(card.yes)
		test.Tap(card.no)
		o.expect(t)
		time.Sleep(deadTime)
		test.Tap(card.yes)
		test.Tap(card.no)
		o.key(fyne.KeyF2)
		o.key(fyne.KeyF8)
		o.expect(t, "accept r1", "refuse r1", "accept r1", "refuse r1")
		o.key(fyne.KeyReturn)
		o.key(fyne.KeyEscape)
		o.expect(t)
		if left := card.countdown.Left(); left != 14 {
			t.Errorf("count-down at %d", left)
		}
		o.main.tick(time.Now().Add(10 * time.Second))
		if left := card.countdown.Left(); left != 4 {
			t.Errorf("ten seconds later at %d", left)
		}
		o.update(inPhase(phone.PhaseEstablished))
		if o.main.overlay.Visible() {
			t.Error("it stays")
		}
	})
}

// TestCallInstead: whom the far end names in its place can be called from the card of the call that ended.
func TestCallInstead(t *testing.T) {
	o := open(t, Options{})
	callScreens()["moved"](o)
	e := o.main.ended
	if e.again.Visible() || e.instead[0].Label() != "Call Carol Jones instead" ||
		e.instead[1].Label() != "Call +49 30 901820 instead" || e.instead[2].Visible() {
		t.Errorf("offered: %q, %q", e.instead[0].Label(), e.instead[1].Label())
	}
	o.stands()
	test.Tap(e.instead[0])
	o.expect(t, "redirect carol@example.com")
	s := o.state
	s.Ended = &phone.EndedCall{
		CallID: "c9", Address: "bob@example.com", URI: "sip:bob@example.com",
		Cause: cause.Cause{Kind: cause.Busy},
	}
	o.update(s)
	if !e.again.Visible() || e.instead[0].Visible() {
		t.Error("the offer stays for the next call")
	}
}

// TestNothingCoversAnything: in the smallest window, whatever a call has to tell, no two things of its pane
// lie upon each other and End stays where it is.
func TestNothingCoversAnything(t *testing.T) {
	problem := &cause.Cause{Kind: cause.NoMicrophone, Action: cause.ActionChooseDevice}
	for what, change := range map[string]func(*phone.State){
		"one":          func(*phone.State) {},
		"problem":      func(s *phone.State) { s.Calls[0].Problem = problem },
		"two":          func(s *phone.State) { *s = twoCalls() },
		"two, problem": func(s *phone.State) { *s = twoCalls(); s.Calls[0].Problem = problem },
		"consult":      func(s *phone.State) { *s = asking() },
		"consult fails": func(s *phone.State) {
			*s = asking()
			s.Calls[1].Transfer = &phone.TransferState{
				To:    "Bob",
				Cause: cause.Cause{Kind: cause.TransferBusy, To: "Bob"}, Failed: true,
			}
		},
	} {
		for _, keys := range []bool{false, true} {
			o := open(t, Options{Size: account.Size{Width: minWidth, Height: minHeight}})
			s := inPhase(phone.PhaseEstablished)
			change(&s)
			o.update(s)
			if keys {
				o.main.call.toggleKeypad()
			}
			uitest.Settle(o.main.win)
			p := o.main.call
			apart(t, what, keys, p.head, p.middle, p.pad, p.more, p.toggles, p.actions)
			apart(t, what, keys, p.person, p.meters, p.consult.object, p.handing.object, p.problem.object)
		}
	}
}

// apart looks whether what is shown of objects of one container lies upon nothing else of them.
func apart(t *testing.T, what string, keys bool, objects ...fyne.CanvasObject) {
	t.Helper()
	for i, a := range objects {
		for _, b := range objects[:i] {
			if a.Visible() && b.Visible() && a.Position().Y < b.Position().Y+b.Size().Height-0.5 &&
				b.Position().Y < a.Position().Y+a.Size().Height-0.5 {
				t.Errorf("%s, keypad %t: %T at %v, %v high, lies upon %T at %v, %v high", what, keys, a,
					a.Position().Y, a.Size().Height, b, b.Position().Y, b.Size().Height)
			}
		}
	}
}

// TestNextCallAtOnce: the card of a call that ended does not keep anybody from typing the next number.
func TestNextCallAtOnce(t *testing.T) {
	for _, withKey := range []bool{false, true} {
		o := open(t, Options{})
		s := idle()
		s.Ended = &phone.EndedCall{CallID: "c1", Address: "bob@example.com", Cause: cause.Cause{Kind: cause.Busy}}
		o.update(s)
		if withKey {
			shortcut(o, fyne.KeyL, ctrl)
		}
		for _, r := range "42" {
			o.char(r)
		}
		o.update(s) // the phone has not yet forgotten it
		if !o.main.dial.object.Visible() || o.main.dial.number.Text != "42" {
			t.Errorf("typed %q", o.main.dial.number.Text)
		}
		o.expect(t, "dismiss ended")
		s.Ended = &phone.EndedCall{CallID: "c2", Address: "bob@example.com", Cause: cause.Cause{Kind: cause.Busy}}
		o.update(s)
		if row := o.main.others.ended; !o.main.dial.object.Visible() || o.main.dial.number.Text != "42" ||
			!row.Visible() || !o.main.others.object.Visible() {
			t.Error("the next one is not told above the number")
		}
		o.update(idle())
		o.main.dial.number.SetText("")
		s.Ended = &phone.EndedCall{CallID: "c3", Address: "bob@example.com", Cause: cause.Cause{Kind: cause.Busy}}
		o.update(s)
		if !o.main.ended.object.Visible() {
			t.Error("one that comes while nothing is typed is not told")
		}
	}
}
