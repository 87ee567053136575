package widget

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"
)

// TestTabVisitsAllInOrder: what takes the keyboard is visited as it is shown, from top to bottom and back, and what is
// off or hidden is passed over.
func TestTabVisitsAllInOrder(t *testing.T) {
	off, hidden := NewButton("Off", "", Outlined, nil), NewButton("Hidden", "", Outlined, nil)
	off.Disable()
	hidden.Hide()
	area := NewTextArea("Message", 3)
	order := []focusable{
		NewButton("Save", "", Filled, nil), NewSwitch("Register", "", true, nil), NewEntry("Address"), area,
		NewSelect([]string{"one"}, 0, "", nil), NewSlider("Volume", nil), NewRow("person", nil), NewPill(nil),
		NewKey('1', "", func(rune) {}),
	}
	all := column(off)
	for _, o := range order {
		all.Add(NewCard(o))
	}
	all.Add(hidden)
	w := show(t, container.NewVScroll(all))
	w.Resize(fyne.NewSize(360, 560))
	for n, want := range append(order, order[0]) {
		w.Canvas().FocusNext()
		if got := w.Canvas().Focused(); got != fyne.Focusable(want) {
			t.Fatalf("Tab %d: %T, want %T", n+1, got, want)
		}
	}
	for n := len(order) - 1; n >= 0; n-- {
		w.Canvas().FocusPrevious()
		if got := w.Canvas().Focused(); got != fyne.Focusable(order[n]) {
			t.Fatalf("Shift+Tab to %d: %T, want %T", n, got, order[n])
		}
	}
	if area.AcceptsTab() {
		t.Error("the keyboard is caught in a field of several lines")
	}
}

// TestEnterAndSpacePressWhatHasTheFocus: once each, and nothing that is off; Escape and Tab never do.
func TestEnterAndSpacePressWhatHasTheFocus(t *testing.T) {
	pressed := 0
	all := pressables(func() { pressed++ })
	for _, name := range names(all) {
		o := all[name]
		w := show(t, o)
		w.Canvas().Focus(o)
		for key, want := range map[fyne.KeyName]int{
			fyne.KeyReturn: 1, fyne.KeyEnter: 1, fyne.KeySpace: 1, fyne.KeyEscape: 0, fyne.KeyTab: 0, fyne.KeyUp: 0,
		} {
			pressed = 0
			typeKey(o, key)
			if pressed != want {
				t.Errorf("%s: %s presses %d times, want %d", name, key, pressed, want)
			}
			pressedBy(t, o).Disable()
			pressed = 0
			typeKey(o, key)
			test.Tap(o.(fyne.Tappable))
			if pressed != 0 {
				t.Errorf("%s: %s or a tap presses what is off", name, key)
			}
			pressedBy(t, o).Enable()
		}
	}
}

// TestWhatIsNotUsedGoesToTheWindow: Esc, function keys and characters work wherever the focus is.
func TestWhatIsNotUsedGoesToTheWindow(t *testing.T) {
	all := pressables(func() {})
	all["field"], all["slider"] = NewEntry(""), NewSlider("Volume", nil)
	for _, name := range names(all) {
		o := all[name]
		w := show(t, o)
		var keys []fyne.KeyName
		typed := ""
		w.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { keys = append(keys, ev.Name) })
		w.Canvas().SetOnTypedRune(func(r rune) { typed += string(r) })
		w.Canvas().Focus(o)
		for _, key := range []fyne.KeyName{fyne.KeyEscape, fyne.KeyF2, fyne.KeyF12} {
			o.TypedKey(&fyne.KeyEvent{Name: key})
		}
		if len(keys) != 3 {
			t.Errorf("%s passes %v on", name, keys)
		}
		switch o.(type) {
		case *Button, *Row, *Pill, *Key: // they stand beside the number field
			if o.TypedRune('7'); typed != "7" {
				t.Errorf("%s keeps a digit", name)
			}
		}
	}
}

// TestFocusIsSeen: a ring of 2 px in the accent's colour is around what has the keyboard, and around nothing else; it
// has the 3:1 of WCAG 1.4.11 on each ground that it may lie on.
func TestFocusIsSeen(t *testing.T) {
	for _, variant := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
		look := Look{Fixed: true, Variant: variant}
		all := pressables(func() {})
		for _, name := range names(all) {
			o := all[name]
			w := showIn(t, variant, column(o, NewEntry("")))
			ring := boxOf(t, o).ring
			if ring.StrokeWidth != 0 {
				t.Errorf("%s has a ring before it has the keyboard", name)
			}
			w.Canvas().Focus(o)
			if ring.StrokeWidth != 2 || ring.StrokeColor != look.Color(ColorAccent, variant) {
				t.Errorf("%s: %v px of %v", name, ring.StrokeWidth, ring.StrokeColor)
			}
			if size := o.Size(); ring.Position().X >= 0 || ring.Size().Width <= size.Width ||
				ring.Size().Height <= size.Height {
				t.Errorf("%s: the ring is hidden behind it: %v at %v", name, ring.Size(), ring.Position())
			}
			w.Canvas().FocusNext()
			if ring.StrokeWidth != 0 {
				t.Errorf("%s keeps its ring", name)
			}
		}
		for _, ground := range []fyne.ThemeColorName{theme.ColorNameBackground, ColorSurface, ColorSurface2} {
			if got := contrast(look.Color(ColorAccent, variant), look.Color(ground, variant)); got < 3 {
				t.Errorf("variant %d: the ring on %s has a contrast of %.2f", variant, ground, got)
			}
		}
	}
}

// TestHoverAndPressAreSeen: what would be pressed is veiled while the pointer is on it, but not when it is off.
func TestHoverAndPressAreSeen(t *testing.T) {
	all := pressables(func() {})
	delete(all, "switch") // its track moves instead
	for _, name := range names(all) {
		o := all[name]
		show(t, o)
		veil, p := boxOf(t, o).veil, pressedBy(t, o)
		hover := o.(desktop.Hoverable)
		if veil.FillColor != color.Transparent {
			t.Errorf("%s is veiled without a pointer", name)
		}
		hover.MouseIn(&desktop.MouseEvent{})
		if veil.FillColor != theme.Color(theme.ColorNameHover) {
			t.Errorf("%s: %v under the pointer", name, veil.FillColor)
		}
		if p.Cursor() != desktop.PointerCursor {
			t.Errorf("%s has no pointer's hand", name)
		}
		p.Disable()
		if veil.FillColor != color.Transparent || p.Cursor() != desktop.DefaultCursor {
			t.Errorf("%s looks as if it could be pressed", name)
		}
		p.Enable()
		hover.MouseOut()
		if veil.FillColor != color.Transparent {
			t.Errorf("%s stays veiled", name)
		}
	}
	k := NewKey('1', "", func(rune) {})
	show(t, k)
	k.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	if boxOf(t, k).veil.FillColor != theme.Color(theme.ColorNamePressed) {
		t.Error("a key that is held down looks as if it were not")
	}
	k.MouseOut()
	if boxOf(t, k).veil.FillColor != color.Transparent {
		t.Error("a key stays down when the pointer has left it")
	}
}

// TestFocusScrollsIntoView: whoever goes by Tab sees where they are, in a page, in a card and in a sheet.
func TestFocusScrollsIntoView(t *testing.T) {
	const many = 30
	for name, around := range map[string]func(o fyne.CanvasObject) fyne.CanvasObject{
		"a page": func(o fyne.CanvasObject) fyne.CanvasObject { return o },
		"a card": func(o fyne.CanvasObject) fyne.CanvasObject { return NewCard(o) },
		"a card in a column": func(o fyne.CanvasObject) fyne.CanvasObject {
			return column(NewText("above"), NewCard(o), NewText("below"))
		},
	} {
		for _, sheet := range []bool{false, true} {
			buttons := column()
			for range many {
				buttons.Add(NewButton("One of many", "", Outlined, nil))
			}
			scroll := container.NewVScroll(around(buttons))
			w := show(t, column())
			if sheet {
				w.Resize(fyne.NewSize(360, 560))
				pop := fynewidget.NewModalPopUp(scroll, w.Canvas())
				pop.Resize(fyne.NewSize(320, 400))
				pop.Show()
			} else {
				w.SetContent(scroll)
				w.Resize(fyne.NewSize(360, 400))
			}
			seen := func(o fyne.CanvasObject) bool {
				driver := fyne.CurrentApp().Driver()
				top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(scroll).Y
				return top >= 0 && top+o.Size().Height <= scroll.Size().Height
			}
			for n, o := range buttons.Objects {
				w.Canvas().Focus(o.(fyne.Focusable))
				if !seen(o) {
					t.Errorf("%s, in a sheet %t: button %d has the keyboard and is not seen", name, sheet, n)
				}
			}
			if n := many - 1; seen(buttons.Objects[0]) || !seen(buttons.Objects[n]) {
				t.Errorf("%s: all is in view, nothing was scrolled", name)
			}
		}
	}
}

// TestFocusOfAWindowIsTold: a button knows whether keys go to it.
func TestFocusOfAWindowIsTold(t *testing.T) {
	b := NewButton("Answer", "", Call, nil)
	w := show(t, b)
	if b.HasKeyboard() {
		t.Error("it has the keyboard before anybody gave it")
	}
	if w.Canvas().Focus(b); !b.HasKeyboard() {
		t.Error("it does not know that keys go to it")
	}
	if w.Canvas().Unfocus(); b.HasKeyboard() {
		t.Error("it still has the keyboard")
	}
}
