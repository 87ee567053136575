package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"
)

// List shows rows of one height, of which only those in view are drawn. The keyboard goes through it with the arrows,
// Page Up and Down, Home and End; what it does not use is the window's. It belongs to Fyne's goroutine, as all here.
type List struct {
	fynewidget.List
	Name      string                    // for screen readers
	OnPressed func(i int)               // a click, or Space
	OnEntered func(i int)               // Enter
	OnKey     func(*fyne.KeyEvent) bool // sees each key first; true: taken
	OnRune    func(rune)                // what is typed; nil = the window's
	count     func() int
	at        int // that the keyboard is at
	focused   bool
	space     spaceBar
	still     Still
	row       func() fyne.CanvasObject
}

// NewList returns a list of count rows, drawn by draw on what row makes; at tells whether the keyboard is at that row.
func NewList(count func() int, row func() fyne.CanvasObject, draw func(i int, o fyne.CanvasObject, at bool)) *List {
	l := &List{count: count, row: row}
	l.HideSeparators = true
	l.Length = count
	l.CreateItem = row
	l.UpdateItem = func(i int, o fyne.CanvasObject) {
		if i < count() { // it may have become shorter since
			draw(i, o, l.focused && i == l.at)
		}
	}
	l.OnSelected = func(i int) {
		l.UnselectAll()
		if l.still.Is() {
			l.at = i
			l.press(l.OnPressed)
		}
	}
	l.ExtendBaseWidget(l)
	return l
}

// At returns the row that the keyboard is at.
func (l *List) At() int { return l.at }

// GoTo moves the keyboard to a row, and brings it into view.
func (l *List) GoTo(i int) {
	l.at = max(0, min(i, l.count()-1))
	if l.count() > 0 {
		l.ScrollTo(l.at)
	}
	l.Refresh()
}

// Moved says that other rows than before stand at their places: a click that comes right after was meant for those.
func (l *List) Moved() { l.still.Moved() }

// Shift keeps in view what is there, and the keyboard at its row, when n rows have come above it; with n < 0 when so
// many have gone.
func (l *List) Shift(n int) {
	l.at = max(0, min(l.at+n, l.count()-1))
	l.Refresh()
	l.ScrollToOffset(max(0, l.GetScrollOffset()+float32(n)*l.step()))
}

// step is from the top of a row to that of the next: other text makes other rows.
func (l *List) step() float32 {
	return l.row().MinSize().Height + l.Theme().Size(theme.SizeNamePadding)
}

func (l *List) press(do func(int)) {
	if do != nil && l.at < l.count() {
		do(l.at)
	}
}

// FocusGained implements fyne.Focusable.
func (l *List) FocusGained() { l.space = spaceBar{}; l.setFocused(true) }

// FocusLost implements fyne.Focusable.
func (l *List) FocusLost() { l.setFocused(false) }

func (l *List) setFocused(on bool) {
	if l.focused != on {
		l.focused = on
		l.Refresh()
	}
}

// TypedKey implements fyne.Focusable.
func (l *List) TypedKey(ev *fyne.KeyEvent) {
	l.space.typedKey(ev.Name)
	if l.OnKey != nil && l.OnKey(ev) {
		return
	}
	page := max(1, int(l.Size().Height/l.step())-1)
	switch ev.Name {
	case fyne.KeyDown:
		l.GoTo(l.at + 1)
	case fyne.KeyUp:
		l.GoTo(l.at - 1)
	case fyne.KeyPageDown:
		l.GoTo(l.at + page)
	case fyne.KeyPageUp:
		l.GoTo(l.at - page)
	case fyne.KeyHome:
		l.GoTo(0)
	case fyne.KeyEnd:
		l.GoTo(l.count() - 1)
	case fyne.KeyReturn, fyne.KeyEnter:
		l.press(l.OnEntered)
	case fyne.KeySpace: // comes as a character, too
	default:
		passKey(l, ev)
	}
}

// TypedRune implements fyne.Focusable.
func (l *List) TypedRune(r rune) {
	switch {
	case l.space.typed(r):
		l.press(l.OnPressed)
	case r == ' ':
	case l.OnRune != nil:
		l.OnRune(r)
	default:
		passRune(l, r)
	}
}

// TypedShortcut implements fyne.Shortcutable: combinations are the window's.
func (l *List) TypedShortcut(s fyne.Shortcut) {
	if c, ok := canvasOf(l).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (l *List) AccessibilityLabel() string { return l.Name }

// AccessibilityRole implements fyne.Accessible.
func (l *List) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
