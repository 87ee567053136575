package widget

import (
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

func count(s string) fyne.Size { return fyne.NewSize(float32(len([]rune(s))), 1) }

// TestEllipsis: what has no room ends in "…", and what has is left alone.
func TestEllipsis(t *testing.T) {
	for _, c := range []struct {
		in    string
		width float32
		want  string
	}{
		{"alice@example.com", 17, "alice@example.com"},
		{"alice@example.com", 8, "alice@e…"},
		{"a bb", 3, "a…"},
		{"alice", 0, "alice"},
		{"äöü€", 3, "äö…"},
	} {
		if got := ellipsis(c.in, c.width, count); got != c.want {
			t.Errorf("%q in %v: %q, want %q", c.in, c.width, got, c.want)
		}
	}
}

// TestWrapWords: paragraphs break between words, and inside those wider than a line; nothing is lost.
func TestWrapWords(t *testing.T) {
	for _, c := range []struct {
		in    string
		width float32
		want  []string
	}{
		{"one two three", 7, []string{"one two", "three"}},
		{"one", 7, []string{"one"}},
		{"", 7, []string{""}},
		{"a wss://example.com b", 8, []string{"a", "wss://ex", "ample.co", "m b"}},
	} {
		got := wrapWords(c.in, c.width, count)
		if len(got) != len(c.want) {
			t.Errorf("%q in %v: %q, want %q", c.in, c.width, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%q in %v: %q, want %q", c.in, c.width, got, c.want)
			}
		}
	}
}

// TestParagraphGrows: a paragraph asks for the height that its words need at its width.
func TestParagraphGrows(t *testing.T) {
	p := NewParagraph("one two three four five six seven eight nine ten")
	show(t, p)
	p.Resize(fyne.NewSize(400, 100))
	wide := p.MinSize().Height
	p.Resize(fyne.NewSize(90, 100))
	if narrow := p.MinSize().Height; narrow <= wide {
		t.Errorf("height %v at 90, %v at 400", narrow, wide)
	}
}

// TestMeter: a louder level shows at once, a softer one falls step by step, silence is empty.
func TestMeter(t *testing.T) {
	m := NewMeter("You")
	show(t, m)
	m.SetLevel(-120)
	if m.Fraction() != 0 {
		t.Errorf("silence: %v", m.Fraction())
	}
	m.SetLevel(-30)
	if m.Fraction() != 0.5 {
		t.Errorf("-30 dBFS: %v", m.Fraction())
	}
	m.SetLevel(-120)
	if f := m.Fraction(); f <= 0 || f >= 0.5 {
		t.Errorf("just after: %v", f)
	}
	for range meterSteps {
		m.SetLevel(-120)
	}
	if m.Fraction() != 0 {
		t.Errorf("long after: %v", m.Fraction())
	}
	m.SetLevel(20)
	if m.Fraction() != 1 {
		t.Errorf("above full scale: %v", m.Fraction())
	}
}

// TestKeyHeldWritesItsSecond: held for half a second, 0 writes + and not 0.
func TestKeyHeldWritesItsSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		typed := ""
		k := NewKey('0', "+", func(r rune) { typed += string(r) })
		k.Second = '+'
		show(t, k)
		press := func(hold time.Duration) {
			ev := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
			k.MouseDown(ev)
			time.Sleep(hold)
			k.MouseUp(ev)
			k.Tapped(nil)
		}
		press(100 * time.Millisecond)
		press(longPress)
		press(100 * time.Millisecond)
		if typed != "0+0" {
			t.Errorf("typed %q", typed)
		}
	})
}

// TestDisabledButtonIsDeaf: neither a tap nor a key presses it.
func TestDisabledButtonIsDeaf(t *testing.T) {
	n := 0
	b := NewButton("Call", "", Call, func() { n++ })
	show(t, b)
	b.Disable()
	test.Tap(b)
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if n != 0 {
		t.Error("pressed while disabled")
	}
	b.Enable()
	test.Tap(b)
	typeKey(b, fyne.KeySpace)
	if n != 2 {
		t.Errorf("pressed %d times, want 2", n)
	}
}

// TestKeysPassOn: a focused widget hands the keys it does not use to its window.
func TestKeysPassOn(t *testing.T) {
	for _, o := range []interface {
		fyne.Focusable
		fyne.CanvasObject
	}{
		NewButton("A", "", Outlined, nil), NewKey('1', "", func(rune) {}), NewPill(nil), NewEntry(""),
		NewSwitch("A", "", false, nil), NewSelect([]string{"A"}, 0, "", nil), NewSlider("A", nil),
	} {
		w := show(t, o)
		got := fyne.KeyName("")
		w.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) { got = ev.Name })
		w.Canvas().Focus(o)
		o.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF4})
		if got != fyne.KeyF4 {
			t.Errorf("%T keeps F4", o)
		}
	}
}

// TestSwitch: a press turns it and tells; setting it does not tell.
func TestSwitch(t *testing.T) {
	var told []bool
	s := NewSwitch("Register", "register", true, func(on bool) { told = append(told, on) })
	show(t, s)
	s.SetOn(false)
	test.Tap(s)
	if len(told) != 1 || !told[0] || !s.On() {
		t.Errorf("told %v, on %t", told, s.On())
	}
}

// TestPutTellsNobody: a field filled by the program does not count as typing.
func TestPutTellsNobody(t *testing.T) {
	n := 0
	e := NewEntry("")
	e.OnChanged = func(string) { n++ }
	show(t, e)
	e.Put("x")
	if n != 0 || e.Text != "x" {
		t.Errorf("told %d times, text %q", n, e.Text)
	}
	e.SetText("y")
	if n != 1 {
		t.Errorf("told %d times of typing", n)
	}
}

// TestPasswordIsNotRead: a screen reader is not given what is typed into a password field.
func TestPasswordIsNotRead(t *testing.T) {
	e := NewPasswordEntry("Password")
	show(t, e)
	e.SetText("s3cret")
	if got := e.AccessibilityLabel(); got != "Password" {
		t.Errorf("reads %q", got)
	}
}
