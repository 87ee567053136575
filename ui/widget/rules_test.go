package widget

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

// TestWhatIsPressedIsLargeEnough: a button is at least 36 high, as high as it was asked to be, and as wide as its
// words.
func TestWhatIsPressedIsLargeEnough(t *testing.T) {
	for _, c := range []struct {
		name   string
		button func() *Button
		least  float32
	}{
		{"plain", func() *Button { return NewButton("Save", "", Outlined, nil) }, HeightDense},
		{"main", func() *Button { return NewButton("Save", "", Filled, nil).High(HeightMain) }, HeightMain},
		{"dense", func() *Button { return NewButton("Save", "", Quiet, nil).High(HeightDense) }, HeightDense},
		{"tall", func() *Button { return NewButton("Hold", "pause", Outlined, nil).Tall() }, 64},
		{"an icon alone", func() *Button { return NewButton("", "more", Quiet, nil).Named("More") }, HeightDense},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := c.button()
			show(t, b)
			size := b.MinSize()
			if words := fyne.MeasureText(b.Label(), SizeCaption, fyne.TextStyle{}).Width; size.Height < c.least ||
				size.Width < words || size.Width < 32 {
				t.Errorf("%v, want %v high and at least %v wide", size, c.least, words)
			}
		})
	}
}

// TestKeysPressAButton: Enter and the space bar press it, other keys do not, and none does when it cannot be pressed.
func TestKeysPressAButton(t *testing.T) {
	for name, presses := range map[fyne.KeyName]bool{
		fyne.KeyReturn: true, fyne.KeyEnter: true, fyne.KeySpace: true,
		fyne.KeyEscape: false, fyne.KeyTab: false, fyne.KeyA: false, fyne.KeyDown: false,
	} {
		pressed := 0
		b := NewButton("Save", "", Filled, func() { pressed++ })
		w := show(t, b)
		w.Canvas().Focus(b)
		press := func() {
			b.TypedKey(&fyne.KeyEvent{Name: name})
			if name == fyne.KeySpace {
				b.TypedRune(' ')
			}
		}
		press()
		if (pressed == 1) != presses {
			t.Errorf("%s pressed it %d times", name, pressed)
		}
		b.Disable()
		before := pressed
		press()
		if pressed != before {
			t.Errorf("%s pressed a button that is off", name)
		}
	}
}

// TestNamesAreForEars: what takes the keyboard or has a meaning says so to a screen reader; a password is not read out.
func TestNamesAreForEars(t *testing.T) {
	secret := NewPasswordEntry("Password")
	secret.Put("s3cret")
	typed := NewEntry("alice@example.com")
	typed.Put("bob")
	for _, c := range []struct {
		name   string
		object fyne.Accessible
		want   string
	}{
		{"a button", NewButton("Save", "", Filled, nil), "Save"},
		{"an icon", NewButton("", "more", Quiet, nil).Named("More"), "More"},
		{"a switch that is on", NewSwitch("Use it", "", true, nil), "Use it, on"},
		{"a switch that is off", NewSwitch("Use it", "", false, nil), "Use it, off"},
		{"an empty field", NewEntry("alice@example.com"), "alice@example.com"},
		{"a field", typed, "bob"},
		{"a password", secret, "Password"},
		{"a meter", NewMeter("Your level"), "Your level"},
	} {
		if got := c.object.AccessibilityLabel(); !strings.Contains(got, c.want) || strings.Contains(got, "s3cret") {
			t.Errorf("%s says %q, want %q", c.name, got, c.want)
		}
	}
}
