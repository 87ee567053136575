package widget

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// TestSpaceOfSomebodyElsePressesNothing: the driver gives Space as a key and then as a character. A menu is closed by
// the key, and what opened it gets the character: it is not opened again.
func TestSpaceOfSomebodyElsePressesNothing(t *testing.T) {
	for name, make := range map[string]func(press func()) fyne.CanvasObject{
		"Button": func(press func()) fyne.CanvasObject { return NewButton("Menu", "", Quiet, press) },
		"Switch": func(press func()) fyne.CanvasObject {
			return NewSwitch("Mute", "", false, func(bool) { press() })
		},
		"Select": func(press func()) fyne.CanvasObject {
			s := NewSelect([]string{"a", "b"}, 0, "", nil)
			s.OnTapped = press
			return s
		},
		"Key":  func(press func()) fyne.CanvasObject { return NewKey('1', "", func(rune) { press() }) },
		"Pill": func(press func()) fyne.CanvasObject { return NewPill(press) },
		"List": func(press func()) fyne.CanvasObject {
			l := NewList(func() int { return 3 }, func() fyne.CanvasObject { return NewText("row") },
				func(int, fyne.CanvasObject, bool) {})
			l.OnPressed = func(int) { press() }
			l.GoTo(1)
			return l
		},
	} {
		t.Run(name, func(t *testing.T) {
			pressed := 0
			o := make(func() { pressed++ })
			other := NewButton("Other", "", Quiet, nil)
			w := show(t, container.NewVBox(o, other))
			f := o.(fyne.Focusable)
			w.Canvas().Focus(f)
			want := func(n int, what string) {
				t.Helper()
				if pressed != n {
					t.Errorf("%s: pressed %d times, want %d", what, pressed, n)
				}
				pressed = 0
			}
			f.TypedRune(' ')
			want(0, "the character alone")
			typeKey(f, fyne.KeySpace)
			want(1, "the bar")
			typeKey(f, fyne.KeySpace)
			typeKey(f, fyne.KeySpace)
			want(2, "the bar, held")
			f.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
			w.Canvas().Focus(other)
			w.Canvas().Focus(f)
			f.TypedRune(' ')
			want(0, "the character, once the keyboard came back")
			f.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
			f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
			f.TypedRune(' ')
			want(0, "the character after another key")
		})
	}
}
