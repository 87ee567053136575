package widget

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	fynewidget "fyne.io/fyne/v2/widget"
)

// menuOf is the menu that is open above a window.
func menuOf(w fyne.Window) *fynewidget.PopUpMenu {
	if top := w.Canvas().Overlays().Top(); top != nil {
		for _, o := range test.LaidOutObjects(top) {
			if menu, ok := o.(*fynewidget.PopUpMenu); ok {
				return menu
			}
		}
	}
	return nil
}

// TestChoiceOpensItsMenu: by a tap, by Enter, Space and the arrow down; not by another key, not when it is off, and not
// when there is nothing to choose.
func TestChoiceOpensItsMenu(t *testing.T) {
	open := func(s *Select) (down func(fyne.KeyName) bool, tap func() bool) {
		w := show(t, column(s))
		isOpen := func() bool {
			menu := menuOf(w)
			if menu == nil {
				return false
			}
			menu.Hide()
			return true
		}
		return func(key fyne.KeyName) bool { typeKey(s, key); return isOpen() },
			func() bool { test.Tap(s); return isOpen() }
	}
	options := []string{"one", "two", "three"}
	key, tap := open(NewSelect(options, 0, "", nil))
	for name, want := range map[fyne.KeyName]bool{
		fyne.KeyReturn: true, fyne.KeySpace: true, fyne.KeyDown: true, fyne.KeyUp: false, fyne.KeyEscape: false,
	} {
		if key(name) != want {
			t.Errorf("%s opens it: %t", name, !want)
		}
	}
	if !tap() {
		t.Error("a tap does not open it")
	}
	off := NewSelect(options, 0, "", nil)
	off.Disable()
	if key, tap = open(off); key(fyne.KeyDown) || key(fyne.KeyReturn) || tap() {
		t.Error("it opens while it is off")
	}
	if key, tap = open(NewSelect(nil, -1, "No device", nil)); key(fyne.KeyDown) || tap() {
		t.Error("a menu of nothing opens")
	}
}

// TestChoiceIsToldOnce: when a person chooses; what the program sets is shown and not told.
func TestChoiceIsToldOnce(t *testing.T) {
	var told []int
	s := NewSelect([]string{"one", "two"}, -1, "Choose one", func(i int) { told = append(told, i) })
	s.Name = "Device"
	w := show(t, column(s))
	if s.Label() != "Choose one" || s.AccessibilityLabel() != "Device, Choose one" {
		t.Errorf("before: %q, %q", s.Label(), s.AccessibilityLabel())
	}
	test.Tap(s)
	menu := menuOf(w)
	var words []string
	for _, item := range menu.Items {
		if i, ok := item.(interface{ Tapped(*fyne.PointEvent) }); ok {
			words = append(words, "")
			if len(words) == 2 {
				i.Tapped(&fyne.PointEvent{})
			}
		}
	}
	if len(words) != 2 || !slices.Equal(told, []int{1}) || s.Chosen() != 1 || s.AccessibilityLabel() != "Device, two" {
		t.Errorf("%d entries; told %v, chosen %d, says %q", len(words), told, s.Chosen(), s.AccessibilityLabel())
	}
	s.SetChoices([]string{"a", "b", "c"}, 2)
	if len(told) != 1 || s.Label() != "c" {
		t.Errorf("told %v, shows %q", told, s.Label())
	}
	for _, out := range []int{-1, 3, 99} {
		if s.SetChoices([]string{"a", "b", "c"}, out); s.Label() != "Choose one" {
			t.Errorf("%d of three shows %q", out, s.Label())
		}
	}
}

// TestSwitchShowsHowItStands: by the place of its knob and in words, for eyes and ears.
func TestSwitchShowsHowItStands(t *testing.T) {
	s := NewSwitch("Register", "register", false, nil)
	show(t, s)
	s.Resize(fyne.NewSize(narrow, HeightTarget))
	r := test.WidgetRenderer(s).(*switchRenderer)
	off := r.knob.Position().X
	if r.state.Text() != "Off" || s.AccessibilityLabel() != "Register, off" || s.Page() != "register" {
		t.Errorf("off: %q, %q", r.state.Text(), s.AccessibilityLabel())
	}
	test.Tap(s)
	if r.knob.Position().X <= off || r.state.Text() != "On" || s.AccessibilityLabel() != "Register, on" {
		t.Errorf("on: knob from %v to %v, %q", off, r.knob.Position().X, r.state.Text())
	}
	inside := func(o fyne.CanvasObject) bool {
		return o.Position().X >= r.track.Position().X &&
			o.Position().X+o.Size().Width <= r.track.Position().X+r.track.Size().Width
	}
	if !inside(r.knob) {
		t.Error("the knob is beside its track")
	}
	if s.SetLabel("Do not register"); r.label.Text() != "Do not register" {
		t.Errorf("says %q", r.label.Text())
	}
	if r.state.Position().X < r.label.Position().X+r.label.Size().Width {
		t.Error("how it stands is written over its words")
	}
}

// TestSliderMovesByTheArrows: and its name and place are for those who do not see it.
func TestSliderMovesByTheArrows(t *testing.T) {
	var told []float64
	s := NewSlider("Ringtone volume", func(v float64) { told = append(told, v) })
	w := show(t, s)
	w.Canvas().Focus(s)
	for _, key := range []fyne.KeyName{fyne.KeyRight, fyne.KeyRight, fyne.KeyLeft} {
		s.TypedKey(&fyne.KeyEvent{Name: key})
	}
	if s.Value != 5 || len(told) == 0 || told[len(told)-1] != 5 {
		t.Errorf("at %v, told %v", s.Value, told)
	}
	for range 30 {
		s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	}
	if s.Value != 100 {
		t.Errorf("the far end is %v", s.Value)
	}
	if s.AccessibilityLabel() != "Ringtone volume" {
		t.Errorf("says %q", s.AccessibilityLabel())
	}
}

// TestMenuOpensUnderWhatOpensIt: at its left or its right edge, inside the window, and with the keyboard in it.
func TestMenuOpensUnderWhatOpensIt(t *testing.T) {
	for _, right := range []bool{false, true} {
		b := NewButton("", "more", Quiet, nil).Named("More")
		w := show(t, column(b))
		w.Resize(fyne.NewSize(360, 560))
		ran := ""
		ShowMenuUnder(fyne.NewMenu("", fyne.NewMenuItem("First", func() { ran = "first" }),
			fyne.NewMenuItem("Second", func() { ran = "second" })), b, right)
		menu := menuOf(w)
		if menu == nil {
			t.Fatal("no menu")
		}
		driver := fyne.CurrentApp().Driver()
		at, from := driver.AbsolutePositionForObject(menu), driver.AbsolutePositionForObject(b)
		if at.Y < from.Y+b.Size().Height || at.X < 0 || at.X+menu.Size().Width > 360 {
			t.Errorf("right %t: a menu of %v at %v under a button at %v", right, menu.Size(), at, from)
		}
		if w.Canvas().Focused() != fyne.Focusable(menu) {
			t.Errorf("the keyboard is in %T", w.Canvas().Focused())
		}
		menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		if menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}); ran != "second" {
			t.Errorf("two steps down is %q", ran)
		}
	}
	ShowMenuUnder(fyne.NewMenu(""), NewButton("in no window", "", Quiet, nil), true) // does not fall over
}
