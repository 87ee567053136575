package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	fynewidget "fyne.io/fyne/v2/widget"
)

// passKey hands a key that a focused widget does not use to its window: function keys and Esc must
// work wherever the focus is.
func passKey(o fyne.CanvasObject, ev *fyne.KeyEvent) {
	if c := canvasOf(o); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(ev)
	}
}

// passRune hands a typed character to the window: digits typed anywhere belong to the number field.
func passRune(o fyne.CanvasObject, r rune) {
	if c := canvasOf(o); c != nil && c.OnTypedRune() != nil {
		c.OnTypedRune()(r)
	}
}

func canvasOf(o fyne.CanvasObject) fyne.Canvas {
	return fyne.CurrentApp().Driver().CanvasForObject(o)
}

// spaceBar tells a press of the Space bar from a character that came with somebody else's: the driver gives Space as a
// key and then as a character, each to what has the keyboard then. A menu is closed by the key, and the character goes
// to what has the keyboard after it.
type spaceBar struct{ down bool }

func (s *spaceBar) typedKey(name fyne.KeyName) { s.down = name == fyne.KeySpace }

// typed tells whether a character ends a press.
func (s *spaceBar) typed(r rune) bool {
	pressed := r == ' ' && s.down
	s.down = false
	return pressed
}

// pressable is what all our buttons share: focus, hover, press and the keys that mean a press.
type pressable struct {
	fynewidget.BaseWidget
	OnTapped func()
	Name     string // for screen readers, where it differs from what is written

	focused, hovered, pressed, disabled bool
	space                               spaceBar
}

// Tapped implements fyne.Tappable.
func (p *pressable) Tapped(*fyne.PointEvent) { p.press() }

func (p *pressable) press() {
	if !p.disabled && p.OnTapped != nil {
		p.OnTapped()
	}
}

// Enable makes it answer again.
func (p *pressable) Enable() { p.setDisabled(false) }

// Disable makes it grey and deaf.
func (p *pressable) Disable() { p.setDisabled(true) }

// Disabled implements fyne.Disableable.
func (p *pressable) Disabled() bool { return p.disabled }

// SetEnabled enables or disables.
func (p *pressable) SetEnabled(on bool) { p.setDisabled(!on) }

func (p *pressable) setDisabled(d bool) {
	if p.disabled != d {
		p.disabled = d
		p.Refresh()
	}
}

// gainFocus draws the ring and scrolls o, which p is part of, into view.
func (p *pressable) gainFocus(o fyne.CanvasObject) {
	p.focused, p.space = true, spaceBar{}
	p.Refresh()
	Reveal(o)
}

// FocusLost implements fyne.Focusable.
func (p *pressable) FocusLost() { p.focused = false; p.Refresh() }

// MouseIn implements desktop.Hoverable.
func (p *pressable) MouseIn(*desktop.MouseEvent) { p.hovered = true; p.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (p *pressable) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (p *pressable) MouseOut() { p.hovered, p.pressed = false, false; p.Refresh() }

// Cursor implements desktop.Cursorable.
func (p *pressable) Cursor() desktop.Cursor {
	if p.disabled {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// typedKey presses on Enter and passes every other key on, but for Space: see typedRune. o is the outer widget.
func (p *pressable) typedKey(o fyne.CanvasObject, ev *fyne.KeyEvent) {
	p.space.typedKey(ev.Name)
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		p.press()
	case fyne.KeySpace:
	default:
		passKey(o, ev)
	}
}

// typedRune presses on Space and passes every other character on. The driver gives Space as a key and then as a
// character: pressed at the key, a field that the press puts in charge of the keyboard would have the character typed
// into it.
func (p *pressable) typedRune(o fyne.CanvasObject, r rune) {
	switch {
	case p.space.typed(r):
		p.press()
	case r != ' ':
		passRune(o, r)
	}
}

// AccessibilityRole implements fyne.Accessible.
func (p *pressable) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }
