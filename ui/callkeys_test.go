package ui

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestTheKeysOfACallKeepTheirHeight: whatever there is to tell, however large text is and however low the window, each
// key of a call is high enough to be hit and to show its digit whole, and nothing lies upon it. What is told is seen in
// every window that is as high as it may be made, and scrolls in a lower one.
func TestTheKeysOfACallKeepTheirHeight(t *testing.T) {
	silent := inPhase(phone.PhaseEstablished)
	silent.Calls[0].Problem = &cause.Cause{Kind: cause.MicrophoneSilent, Action: cause.ActionChooseDevice}
	dialled := inPhase(phone.PhaseEstablished)
	dialled.Calls[0].Problem = silent.Calls[0].Problem
	dialled.Calls[0].Digits = "4711#"
	waits := inPhase(phone.PhaseEstablished)
	waits.Calls[0].PostDial = phone.PostDial{Digits: "987654#", Waits: true}
	for _, v := range []struct {
		name  string
		state phone.State
		told  bool // one problem, and no more: it is to be seen
	}{
		{"nothing to tell", inPhase(phone.PhaseEstablished), false},
		{"a silent microphone", silent, true},
		{"digits that were sent", dialled, true},
		{"digits that wait", waits, false},
		{"all of it", reconnecting(true, true), false},
		{"two calls", twoCalls(), false},
	} {
		for _, size := range []fyne.Size{fyne.NewSize(360, 560), fyne.NewSize(380, 640), fyne.NewSize(500, 500)} {
			for _, percent := range []int{100, 150, 200} {
				name := fmt.Sprintf("%s, %.0f×%.0f, %d %%", v.name, size.Width, size.Height, percent)
				t.Run(name, func(t *testing.T) {
					o := open(t, Options{TextSize: percent, Size: account.Size{Width: size.Width, Height: size.Height}})
					o.main.win.Resize(size) // lower than it may be made, as a desktop that tiles windows does
					o.update(v.state)
					o.main.call.toggleKeypad()
					uitest.Settle(o.main.win)
					if got := o.main.win.Content().Size(); got != size {
						t.Fatalf("the window is of %v", got)
					}
					keysAreWhole(t, o)
					if p := o.main.call; v.told && size.Height >= minHeight {
						place := fyne.CurrentApp().Driver().AbsolutePositionForObject
						top, end := place(p.problem.object).Y, place(p.problem.object).Y+p.problem.object.Size().Height
						if from := place(p.middle).Y; top < from-1 || end > from+p.middle.Size().Height+1 {
							t.Errorf("the problem goes from %.0f to %.0f, seen is %.0f to %.0f", top, end, from,
								from+p.middle.Size().Height)
						}
					}
				})
			}
		}
	}
}

// keysAreWhole looks at the twelve keys of the call that is shown.
func keysAreWhole(t *testing.T, o *opened) {
	t.Helper()
	p := o.main.call
	at := func(obj fyne.CanvasObject) area {
		return seen{obj, fyne.CurrentApp().Driver().AbsolutePositionForObject(obj)}.area()
	}
	window := at(o.main.win.Content())
	keys := 0
	for _, in := range inSight(p.pad, fyne.Position{}) {
		key, is := in.CanvasObject.(*widget.Key)
		if !is {
			continue
		}
		keys++
		own := at(key)
		if key.Size().Height < leastKey {
			t.Errorf("a key is %.1f high", key.Size().Height)
		}
		for _, obj := range test.WidgetRenderer(key).Objects() {
			text, is := obj.(*canvas.Text)
			if is && text.Text != "" && text.Visible() && text.MinSize().Height > key.Size().Height {
				t.Errorf("%q of %.0f is higher than its key of %.1f", text.Text, text.TextSize, key.Size().Height)
			}
		}
		if own.and(window) != own {
			t.Errorf("a key at %+v, the window at %+v", own, window)
		}
		for _, other := range []fyne.CanvasObject{o.main.top, p.head, p.middle, p.more, p.toggles, p.actions} {
			if other.Visible() && !own.and(at(other)).empty() {
				t.Errorf("a key at %+v, and %T at %+v", own, other, at(other))
			}
		}
	}
	if keys != 12 {
		t.Errorf("%d keys", keys)
	}
}
