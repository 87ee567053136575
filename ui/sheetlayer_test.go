package ui

import (
	"testing"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestASheetDoesNotCoverEnd: whatever sheet is open above a call, End is where it is without, and ends the call.
func TestASheetDoesNotCoverEnd(t *testing.T) {
	for _, v := range []struct {
		name  string
		state phone.State
		open  func(*opened)
	}{
		{"quality", inPhase(phone.PhaseEstablished), func(o *opened) { o.main.openQuality() }},
		{"transfer", inPhase(phone.PhaseEstablished), func(o *opened) { o.main.call.openTransfer(false) }},
		{"transfer with others", threeCalls(), func(o *opened) { o.main.call.openTransfer(true) }},
		{"shortcuts", inPhase(phone.PhaseRinging), func(o *opened) { o.main.openShortcuts() }},
		{"a question", inPhase(phone.PhaseCalling), func(o *opened) { o.askQuit() }},
		{"a password", inPhase(phone.PhaseEstablished), func(o *opened) { o.main.askPassword("office") }},
		{"twenty accounts", func() phone.State {
			s := inPhase(phone.PhaseEstablished)
			s.Accounts = many(20, 2).Accounts
			return s
		}(), func(o *opened) { o.main.chooseAccount() }},
		{"in a conference", conference(), func(o *opened) { o.main.openShortcuts() }},
	} {
		t.Run(v.name, func(t *testing.T) {
			for _, size := range []account.Size{{Width: 360, Height: 560}, {Width: 1200, Height: 800}} {
				o := open(t, Options{Size: size})
				o.update(v.state)
				uitest.Settle(o.main.win)
				place := fyne.CurrentApp().Driver().AbsolutePositionForObject
				at, large := place(o.main.call.end), o.main.call.end.Size()
				v.open(o)
				uitest.Settle(o.main.win)
				layer := o.main.sheet.layer
				if place(layer.end) != at || layer.end.Size() != large || layer.end.Hidden ||
					layer.end.Label() != o.main.call.end.Label() {
					t.Errorf("%v: End is at %v %v, was at %v %v", size, place(layer.end), layer.end.Size(), at, large)
				}
				card := place(layer.card)
				if bottom := card.Y + layer.card.Size().Height; card.Y < 0 || bottom > at.Y {
					t.Errorf("%v: the sheet goes from %.0f to %.0f, and End begins at %.0f", size, card.Y, bottom, at.Y)
				}
				if h := layer.scroll.Size().Height; h < min(60, layer.content.MinSize().Height) {
					t.Errorf("%v: what is in the sheet has but %.0f", size, h)
				}
				o.phone.took()
				o.tap(layer.end)
				if len(o.phone.took()) == 0 {
					t.Errorf("%v: End does nothing", size)
				}
			}
		})
	}
	t.Run("the call has ended", func(t *testing.T) {
		o := open(t, Options{})
		o.update(inPhase(phone.PhaseEstablished))
		o.main.openShortcuts()
		o.update(idle())
		if layer := o.main.sheet.layer; layer.end.Visible() {
			t.Error("End stays")
		}
	})
	t.Run("a call that comes", func(t *testing.T) {
		o := open(t, Options{})
		o.update(idle())
		o.main.openShortcuts()
		o.update(inPhase(phone.PhaseEstablished))
		uitest.Settle(o.main.win)
		if layer := o.main.sheet.layer; layer.end.Hidden {
			t.Error("there is no End")
		}
		if n := len(uitest.LaidOut[*widget.Button](o.main.sheet.layer.object)); n < 2 {
			t.Errorf("%d buttons", n)
		}
	})
}
