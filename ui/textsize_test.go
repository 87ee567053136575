package ui

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestEveryScreenIsUsableWithLargeText: in the narrowest window, with text at twice its size, nothing to read or to
// press stands beyond the edge, nothing to press is too small for it, and End is not covered.
func TestEveryScreenIsUsableWithLargeText(t *testing.T) {
	oneGoroutine(t)
	dir := os.Getenv("CALLA_SCREENS") // the pictures are kept there
	people := knowing(t, "Bob Marsh")
	for name, draw := range screens() {
		t.Run(name, func(t *testing.T) {
			o := openWith(t, Options{
				TextSize: 200, Size: account.Size{Width: minWidth, Height: minHeight}, Version: "0.1.0",
			}, people)
			o.update(idle())
			win := draw(o)
			if win == nil {
				win = o.main.win
			}
			uitest.Settle(win)
			withinWindow(t, win)
			if win == o.main.win {
				endIsFree(t, o)
			}
			if dir == "" {
				return
			}
			f, err := os.Create(filepath.Join(dir, name+"-large.png"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := png.Encode(f, win.Canvas().Capture()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// withinWindow looks for what cannot be seen whole from side to side.
func withinWindow(t *testing.T, win fyne.Window) {
	t.Helper()
	width := win.Canvas().Size().Width
	for _, obj := range inSight(win.Content(), fyne.Position{}) {
		words, pressable := "", false
		switch obj := obj.CanvasObject.(type) {
		case *widget.Text:
			words = obj.Text()
		case *widget.Button:
			words, pressable = obj.AccessibilityLabel(), true
		case *widget.Entry:
			words, pressable = obj.AccessibilityLabel(), true
		}
		if words == "" || obj.Size().Width == 0 {
			continue
		}
		if right := obj.at.X + obj.Size().Width; obj.at.X < -1 || right > width+1 {
			t.Errorf("%q goes from %.0f to %.0f of %.0f", words, obj.at.X, right, width)
		}
		if least := float32(20); pressable && (obj.Size().Width < least || obj.Size().Height < least) {
			t.Errorf("%q is of %v", words, obj.Size())
		}
	}
}

// seen is an object of a window and where it stands.
type seen struct {
	fyne.CanvasObject
	at fyne.Position
}

func (s seen) area() area {
	return area{int(s.at.X), int(s.at.Y), int(s.Size().Width), int(s.Size().Height)}
}

// inSight lists an object and all in it that is not hidden, nor in what is.
func inSight(o fyne.CanvasObject, at fyne.Position) []seen {
	if !o.Visible() {
		return nil
	}
	at = at.Add(o.Position())
	all, within := []seen{{o, at}}, []fyne.CanvasObject(nil)
	switch o := o.(type) {
	case *fyne.Container:
		within = o.Objects
	case fyne.Widget:
		within = test.WidgetRenderer(o).Objects()
	}
	for _, child := range within {
		all = append(all, inSight(child, at)...)
	}
	return all
}

// endIsFree looks at the button that ends a call, where the call is shown.
func endIsFree(t *testing.T, o *opened) {
	t.Helper()
	size := o.main.win.Canvas().Size()
	var end, others []seen
	for _, s := range inSight(o.main.home, fyne.Position{}) {
		switch b, is := s.CanvasObject.(*widget.Button); {
		case is && b == o.main.call.end:
			end = append(end, s)
		case is:
			others = append(others, s)
		}
	}
	if len(end) == 0 {
		return
	}
	own, whole := end[0].area(), area{0, 0, int(size.Width), int(size.Height)}
	if own.and(whole) != own || own.h < 40 {
		t.Errorf("End is at %+v", own)
	}
	for _, b := range others {
		if !own.and(b.area()).empty() {
			t.Errorf("%q at %+v covers End", b.CanvasObject.(*widget.Button).AccessibilityLabel(), b.area())
		}
	}
}

// TestTextSizeChangesAtOnce: by keys and by buttons, within its bounds, everywhere, and it is kept.
func TestTextSizeChangesAtOnce(t *testing.T) {
	oneGoroutine(t)
	mod := fyne.KeyModifierShortcutDefault
	shift := mod | fyne.KeyModifierShift
	press := func(name fyne.KeyName, m fyne.KeyModifier) func(*opened) {
		return func(o *opened) {
			o.main.keys.combos.TypedShortcut(&desktop.CustomShortcut{KeyName: name, Modifier: m})
		}
	}
	for _, c := range []struct {
		name        string
		before      int
		do          func(o *opened)
		times, want int
	}{
		{"larger", 100, press(fyne.KeyPlus, mod), 1, 110},
		{"larger, + above =", 100, press(fyne.KeyEqual, shift), 1, 110},
		{"larger, = alone", 100, press(fyne.KeyEqual, mod), 2, 125},
		{"as large as it goes", 100, press(fyne.KeyPlus, mod), 20, 200},
		{"smaller", 100, press(fyne.KeyMinus, mod), 1, 90},
		{"as small as it goes", 200, press(fyne.KeyMinus, mod), 20, 80},
		{"the usual size", 175, press(fyne.Key0, mod), 1, 100},
		{"from a size of one's own", 137, press(fyne.KeyPlus, mod), 1, 150},
		{"by the button", 100, func(o *opened) {
			o.main.openSettings()
			test.Tap(o.main.page.(*settingsPage).text.larger)
		}, 1, 110},
		{"by the other button", 100, func(o *opened) {
			o.main.openSettings()
			test.Tap(o.main.page.(*settingsPage).text.smaller)
		}, 1, 90},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{TextSize: c.before})
			o.update(inPhase(phone.PhaseEstablished))
			before := o.main.call.name.MinSize().Height
			for range c.times {
				c.do(o)
			}
			if o.app.textSize != c.want || o.phone.settings.TextSize != c.want {
				t.Errorf("%d %%, kept %d", o.app.textSize, o.phone.settings.TextSize)
			}
			grown := o.main.call.name.MinSize().Height / before
			if want := float32(c.want) / float32(c.before); grown < want*0.9 || grown > want*1.1 {
				t.Errorf("type has grown by %.2f, want %.2f", grown, want)
			}
		})
	}
}
