package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"calla/phone/cause"
)

// heightRow is the height of a row with two lines.
const heightRow float32 = 52

// Row is an entry of a list that can be pressed: an icon, a name with a line below it, and at the end what
// a press does, or a time, and a count.
type Row struct {
	pressable
	icon             string
	title, line, end string
	count            int
	does             bool   // end tells what a press does
	who              bool   // initials stand in the place of the icon
	initials         string // "" = a person
}

// NewRow returns an empty row.
func NewRow(icon string, tapped func()) *Row {
	r := &Row{icon: icon}
	r.OnTapped = tapped
	r.ExtendBaseWidget(r)
	return r
}

// Does says that the word at the end is what a press does, and returns r.
func (r *Row) Does() *Row { r.does = true; return r }

// Set changes what it shows; a count of 0 is not shown.
func (r *Row) Set(icon, title, line, end string, count int) {
	if r.icon != icon || r.title != title || r.line != line || r.end != end || r.count != count {
		r.icon, r.title, r.line, r.end, r.count = icon, title, line, end, count
		r.Refresh()
	}
}

// SetInitials shows a disc with initials in the place of the icon; "" shows a person there.
func (r *Row) SetInitials(initials string) {
	if !r.who || r.initials != initials {
		r.who, r.initials = true, initials
		r.Refresh()
	}
}

// Initials returns the initials shown.
func (r *Row) Initials() string { return r.initials }

// Title returns the name shown.
func (r *Row) Title() string { return r.title }

// Line returns the line under the name.
func (r *Row) Line() string { return r.line }

// End returns the word at the end.
func (r *Row) End() string { return r.end }

// Count returns the count shown.
func (r *Row) Count() int { return r.count }

// FocusGained implements fyne.Focusable.
func (r *Row) FocusGained() { r.gainFocus(r) }

// TypedKey implements fyne.Focusable.
func (r *Row) TypedKey(ev *fyne.KeyEvent) { r.typedKey(r, ev) }

// TypedRune implements fyne.Focusable.
func (r *Row) TypedRune(c rune) { r.typedRune(r, c) }

// AccessibilityLabel implements fyne.Accessible.
func (r *Row) AccessibilityLabel() string {
	s := r.title + ", " + r.line
	if r.count > 0 {
		s += ", " + counted(cause.WidgetNew, r.count)
	}
	if r.end != "" {
		s += ", " + r.end
	}
	return s
}

// CreateRenderer implements fyne.Widget.
func (r *Row) CreateRenderer() fyne.WidgetRenderer {
	w := &rowRenderer{
		r: r, box: newBox(RadiusCard), icon: NewIcon(r.icon, ColorMuted, 20),
		title: NewText("").Bold(), line: NewText("").Color(ColorMuted).Sized(13),
		end: NewText("").Color(ColorMuted).Sized(SizeCaption), count: newCounter(),
		avatar: NewAvatar(32, 32),
	}
	w.Refresh()
	return w
}

type rowRenderer struct {
	r                *Row
	box              *box
	icon             *Icon
	avatar           *Avatar
	title, line, end *Text
	count            *counter
}

func (w *rowRenderer) Destroy() {}
func (w *rowRenderer) MinSize() fyne.Size {
	return fyne.NewSize(160, max(heightRow, w.title.MinSize().Height+w.line.MinSize().Height+12))
}

func (w *rowRenderer) Objects() []fyne.CanvasObject {
	return append(append(w.box.objects(), w.icon, w.avatar, w.title, w.line, w.end), w.count.objects()...)
}

func (w *rowRenderer) Layout(size fyne.Size) {
	w.box.resize(size)
	w.icon.Resize(fyne.NewSquareSize(20))
	w.icon.Move(fyne.NewPos(14, (size.Height-20)/2))
	w.avatar.Resize(fyne.NewSquareSize(32))
	w.avatar.Move(fyne.NewPos(8, (size.Height-32)/2))
	const left float32 = 46
	right := size.Width - 14
	if w.r.count > 0 {
		s := w.count.size()
		right -= s.Width
		w.count.place(fyne.NewPos(right, (size.Height-s.Height)/2))
		right -= 8
	}
	if w.r.end != "" {
		end := w.end.MinSize()
		end.Width = min(end.Width, max(0, (right-left)/2))
		right -= end.Width
		w.end.Move(fyne.NewPos(right, (size.Height-end.Height)/2))
		w.end.Resize(end)
		right -= 8
	}
	room := max(0, right-left)
	title, line := w.title.MinSize().Height, w.line.MinSize().Height
	y := (size.Height - title - line + 2) / 2
	if w.r.line == "" {
		y = (size.Height - title) / 2
	}
	w.title.Move(fyne.NewPos(left, y))
	w.title.Resize(fyne.NewSize(room, title))
	w.line.Move(fyne.NewPos(left, y+title-2))
	w.line.Resize(fyne.NewSize(room, line))
}

func (w *rowRenderer) Refresh() {
	w.box.paint(&w.r.pressable, ColorSurface, ColorOutline)
	w.icon.Set(w.r.icon, ColorAccent)
	w.icon.Hidden, w.avatar.Hidden = w.r.who, !w.r.who
	w.avatar.SetInitials(w.r.initials)
	w.title.SetText(w.r.title)
	w.line.SetText(w.r.line)
	w.end.SetText(w.r.end)
	w.end.Hidden = w.r.end == ""
	w.end.SetColor(ColorMuted)
	if w.r.does {
		w.end.SetColor(ColorAccent)
		w.end.Bold()
	}
	w.count.set(w.r.count)
	w.Layout(w.r.BaseWidget.Size())
	canvas.Refresh(w.r)
}
