package widget

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
)

// longPress is how long a key is held for its second character.
const longPress = 500 * time.Millisecond

// Key is one key of the telephone's keypad: a digit, its letters, and for 0 a second character ("+")
// by holding it or by the other mouse button.
type Key struct {
	pressable
	Digit   rune
	Letters string
	Second  rune // 0 = none
	OnDigit func(rune)

	down time.Time
	long bool
}

// NewKey returns the key for a digit.
func NewKey(digit rune, letters string, onDigit func(rune)) *Key {
	k := &Key{Digit: digit, Letters: letters, OnDigit: onDigit}
	k.OnTapped = func() { k.OnDigit(k.Digit) }
	k.ExtendBaseWidget(k)
	return k
}

// Tapped implements fyne.Tappable.
func (k *Key) Tapped(*fyne.PointEvent) {
	if k.long {
		k.long = false
		return
	}
	k.press()
}

// TappedSecondary implements fyne.SecondaryTappable.
func (k *Key) TappedSecondary(*fyne.PointEvent) { k.second() }

func (k *Key) second() {
	if k.Second != 0 && !k.disabled {
		k.OnDigit(k.Second)
	}
}

// MouseDown implements desktop.Mouseable.
func (k *Key) MouseDown(ev *desktop.MouseEvent) {
	k.pressed, k.long = true, false
	if ev.Button == desktop.MouseButtonPrimary {
		k.down = time.Now()
	}
	k.Refresh()
}

// MouseUp implements desktop.Mouseable.
func (k *Key) MouseUp(ev *desktop.MouseEvent) {
	k.pressed = false
	if ev.Button == desktop.MouseButtonPrimary && k.Second != 0 && time.Since(k.down) >= longPress {
		k.long = true
		k.second()
	}
	k.Refresh()
}

// FocusGained implements fyne.Focusable.
func (k *Key) FocusGained() { k.gainFocus(k) }

// TypedKey implements fyne.Focusable.
func (k *Key) TypedKey(ev *fyne.KeyEvent) { k.typedKey(k, ev) }

// TypedRune implements fyne.Focusable.
func (k *Key) TypedRune(r rune) { k.typedRune(k, r) }

// AccessibilityLabel implements fyne.Accessible.
func (k *Key) AccessibilityLabel() string {
	switch k.Digit {
	case '*':
		return "star"
	case '#':
		return "hash"
	}
	return string(k.Digit)
}

// CreateRenderer implements fyne.Widget.
func (k *Key) CreateRenderer() fyne.WidgetRenderer {
	r := &keyRenderer{
		k: k, box: newBox(RadiusButton),
		digit:   canvas.NewText(string(k.Digit), theme.Color(ColorText)),
		letters: canvas.NewText(spaced(k.Letters), theme.Color(ColorMuted)),
	}
	if k.Digit == '*' {
		r.digit.Text = "∗"
	}
	r.Refresh()
	return r
}

// spaced sets small capitals apart, as keypads do.
func spaced(s string) string {
	out := ""
	for i, r := range s {
		if i > 0 {
			out += "\u200a"
		}
		out += string(r)
	}
	return out
}

type keyRenderer struct {
	k              *Key
	box            *box
	digit, letters *canvas.Text
}

func (r *keyRenderer) Destroy()           {}
func (r *keyRenderer) MinSize() fyne.Size { return fyne.NewSize(56, 42) }

func (r *keyRenderer) Objects() []fyne.CanvasObject {
	return append(r.box.objects(), r.digit, r.letters)
}

func (r *keyRenderer) Layout(size fyne.Size) {
	r.box.resize(size)
	large := min(TextFactor(), max(1, size.Height/46)) // a key stays within its row
	r.digit.TextSize, r.letters.TextSize = 22*large, 10*large
	digit, letters := r.digit.MinSize(), r.letters.MinSize()
	// Type has air above and below its line; the pair looks right a little overlapped.
	overlap := 6 * large
	y := (size.Height - digit.Height - letters.Height + overlap) / 2
	r.letters.Hidden = size.Height < 38*large // there is no room for two lines
	if r.k.Letters == "" || r.letters.Hidden {
		y = (size.Height - digit.Height) / 2
	}
	r.digit.Resize(fyne.NewSize(size.Width, digit.Height))
	r.digit.Move(fyne.NewPos(0, y))
	r.letters.Resize(fyne.NewSize(size.Width, letters.Height))
	r.letters.Move(fyne.NewPos(0, y+digit.Height-overlap+1))
}

func (r *keyRenderer) Refresh() {
	r.box.paint(&r.k.pressable, ColorSurface, ColorOutline)
	r.digit.Color, r.digit.Alignment = theme.Color(ColorText), fyne.TextAlignCenter
	r.letters.Color, r.letters.Alignment = theme.Color(ColorMuted), fyne.TextAlignCenter
	if r.k.disabled {
		r.digit.Color = theme.Color(ColorMuted)
	}
	r.Layout(r.k.BaseWidget.Size())
	r.digit.Refresh()
	r.letters.Refresh()
	canvas.Refresh(r.k)
}
