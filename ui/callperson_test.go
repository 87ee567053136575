package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/ui/tell"
	"calla/ui/uitest"
)

// TestTheWholeAddressIsSeenInACall: an address of any length is there in full, and what has no room scrolls; the timer,
// the name and the buttons keep theirs.
func TestTheWholeAddressIsSeenInACall(t *testing.T) {
	long := strings.Repeat("reception.of.the.northern.building.", 3) + "@very.long.domain.example.com"
	for _, v := range []struct{ name, party, address, uri string }{
		{"short", "Bob Marsh", "bob@example.com", "sip:bob@example.com"},
		{"long", "Bob Marsh", long, "sip:" + long},
		{"shortened by the phone", "Bob Marsh", long[:128] + "…", "sip:" + strings.Repeat("a", 300) + "@example.com"},
		{"without a name", "", long, "sip:" + long},
		{"as long as can be", "", strings.Repeat("x", 127) + "…", "sip:" + strings.Repeat("x", 900) + "@example.com"},
		{"right to left", "بوب", strings.Repeat("بوب", 40) + "@example.com", ""},
		{"emoji", "👩‍👩‍👧‍👦", strings.Repeat("👩‍👩‍👧‍👦", 20) + "@example.com", ""},
		{"words", "Bob", strings.Repeat("a ", 60) + "@example.com", ""},
	} {
		t.Run(v.name, func(t *testing.T) {
			for _, size := range []account.Size{{Width: 360, Height: 560}, {Width: 1200, Height: 800}} {
				for _, state := range []struct {
					phone.State
					keys bool
				}{
					{inPhase(phone.PhaseEstablished), true},
					{inPhase(phone.PhaseIncoming), false},
					{reconnecting(true, true), false},
				} {
					o := open(t, Options{Size: size})
					c := &state.Calls[0]
					c.Name, c.Address, c.URI = v.party, v.address, v.uri
					o.update(state.State)
					p := o.main.call
					if state.keys {
						p.toggleKeypad()
					}
					uitest.Settle(o.main.win)
					whole := tell.WholeAddress(v.address, v.uri)
					if !strings.Contains(p.name.Text()+" "+p.address.Text(), whole) {
						t.Errorf("%v: %q and %q are not all of %q", size, p.name.Text(), p.address.Text(), whole)
					}
					personHasRoom(t, p)
				}
			}
		})
	}
}

// personHasRoom looks whether the words of who it is lie between the top and whatever is below them.
func personHasRoom(t *testing.T, p *callPane) {
	t.Helper()
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject
	top, bottom := place(p.person).Y, place(p.person).Y+p.person.MinSize().Height
	if pane := place(p.object).Y; top < pane {
		t.Errorf("the name begins %.0f above its pane", pane-top)
	}
	for _, other := range append(p.strips(p.toggles.Size().Width), p.toggles, p.pad, p.meters, p.actions) {
		if y := place(other).Y; other.Visible() && bottom > y+1 && top < y {
			t.Errorf("the words end at %.0f, and %T begins at %.0f", bottom, other, y)
		}
	}
}

// TestTheDigitsDoNotMoveTheKeys: the line above the keypad of a call is as high without digits as with many, and the
// last ones are seen.
func TestTheDigitsDoNotMoveTheKeys(t *testing.T) {
	o := open(t, Options{})
	s := inPhase(phone.PhaseEstablished)
	o.update(s)
	o.main.call.toggleKeypad()
	uitest.Settle(o.main.win)
	keys := o.main.call.pad.(*fyne.Container).Objects[1]
	at, size := fyne.CurrentApp().Driver().AbsolutePositionForObject(keys), keys.Size()
	for _, v := range []struct{ name, digits, end string }{
		{"one", "1", "1"},
		{"some", "1234#", "1234#"},
		{"as many as have room", strings.Repeat("8", digitsShown), strings.Repeat("8", digitsShown)},
		{"more", strings.Repeat("8", 40) + "90#", "90#"},
		{"very many", strings.Repeat("12345", 1000) + "*", "45*"},
		{"none again", "", "Type or press digits"},
	} {
		t.Run(v.name, func(t *testing.T) {
			s.Calls[0].Digits = v.digits
			o.update(s)
			uitest.Settle(o.main.win)
			if now := fyne.CurrentApp().Driver().AbsolutePositionForObject(keys); now != at || keys.Size() != size {
				t.Errorf("the keys moved from %v %v to %v %v", at, size, now, keys.Size())
			}
			if got := uitest.Texts(o.main.call.digits); !strings.HasSuffix(got, v.end) {
				t.Errorf("%q does not end with %q", got, v.end)
			}
		})
	}
}
