package ui

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// mutedTalking is the State of a call that is muted, while somebody talks or not.
func mutedTalking(talks bool) phone.State {
	s := inPhase(phone.PhaseEstablished)
	s.Calls[0].Muted, s.Calls[0].MutedTalking = true, talks
	return s
}

// TestTalkingWhileMutedIsToldAndMovesNothing: in windows of every size, with the keypad and without, all but the line
// at the head stays where it was, and the key that unmutes says so.
func TestTalkingWhileMutedIsToldAndMovesNothing(t *testing.T) {
	for _, size := range []account.Size{
		{Width: 360, Height: 560},
		{Width: 380, Height: 640},
		{Width: 1100, Height: 700},
	} {
		for _, percent := range []int{100, 200} {
			for _, keys := range []bool{false, true} {
				o := open(t, Options{Size: size, TextSize: percent})
				o.update(mutedTalking(false))
				if keys {
					o.main.call.toggleKeypad()
				}
				uitest.Settle(o.main.win)
				p := o.main.call
				places := func() (all []fyne.CanvasObject, at []area) {
					for _, obj := range []fyne.CanvasObject{
						p.name, p.below, p.state, p.avatar, p.meters, p.pad, p.more, p.toggles, p.mute, p.actions,
					} {
						where := area{}
						if obj.Visible() {
							where = seen{obj, fyne.CurrentApp().Driver().AbsolutePositionForObject(obj)}.area()
						}
						all, at = append(all, obj), append(at, where)
					}
					return all, at
				}
				_, before := places()
				if label := p.mute.Label(); label != "Muted" || p.talking.object.Visible() {
					t.Errorf("%v: before: %q", size, label)
				}
				headed := p.head.Visible()
				o.update(mutedTalking(true))
				uitest.Settle(o.main.win)
				objects, after := places()
				for i := range objects {
					if before[i] != after[i] {
						t.Errorf("%v, %d %%, keypad %t: %T moved from %+v to %+v", size, percent, keys, objects[i],
							before[i], after[i])
					}
				}
				if p.mute.Label() != "Unmute" {
					t.Errorf("%v: the key says %q", size, p.mute.Label())
				}
				if p.talking.object.Visible() != headed || p.head.Visible() {
					t.Errorf("%v: told %t, the head is seen %t", size, p.talking.object.Visible(), p.head.Visible())
				}
				told, room := p.talking.text.Text(), p.talking.text.Size().Width
				whole := widget.FittingSize(told, room, false, 13) > 0
				if headed && (!whole || !strings.Contains(told, "You are muted")) {
					t.Errorf("%v, %d %%: told %q in %.0f", size, percent, told, room)
				}
				o.update(mutedTalking(false))
				uitest.Settle(o.main.win)
				if p.talking.object.Visible() || p.head.Visible() != headed || p.mute.Label() != "Muted" {
					t.Errorf("%v: still told", size)
				}
			}
		}
	}
}

// TestTheStripOfTheMutedUnmutes, and so does the key of the call.
func TestTheStripOfTheMutedUnmutes(t *testing.T) {
	for name, press := range map[string]func(*opened){
		"the strip": func(o *opened) { o.main.call.talking.unmute.Tapped(nil) },
		"the key":   func(o *opened) { o.main.call.mute.Tapped(nil) },
		"M":         func(o *opened) { o.char('m') },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, Options{})
				o.update(mutedTalking(true))
				time.Sleep(time.Second)
				o.phone.took()
				press(o)
				o.expect(t, "mute c1 false")
			})
		})
	}
}
