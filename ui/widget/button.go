package widget

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"

	"calla/phone/cause"
)

// ButtonKind is what a button looks like, and by that what it is for.
type ButtonKind int

// The kinds of buttons. Green and red mean call and end alone.
const (
	Outlined ButtonKind = iota // one of several things to do
	Filled                     // the main action of a screen
	Call                       // call, answer
	End                        // end, decline
	Quiet                      // a thing beside the point: no border
	Danger                     // deletes something: red words, no red fill
)

// Button is something to press: words, an icon, or both, beside or above each other.
type Button struct {
	pressable
	label    string
	icon     string
	kind     ButtonKind
	height   float32
	tall     bool // icon above the words
	on       bool // a toggle that is on
	trailing bool // icon after the words
	leading  bool // content at the left edge instead of the middle
	heading  bool // strong words in the colour of text
	count    int  // at the corner of an icon: how many are new
	urgent   bool // the count is red
	tip      tip
}

// NewButton returns a button of ordinary height. Icon may be "".
func NewButton(label, icon string, kind ButtonKind, tapped func()) *Button {
	b := &Button{label: label, icon: icon, kind: kind, height: HeightTarget}
	b.OnTapped = tapped
	b.ExtendBaseWidget(b)
	return b
}

// High sets the height and returns b.
func (b *Button) High(h float32) *Button { b.height = h; return b }

// Tall puts the icon above the words and returns b.
func (b *Button) Tall() *Button { b.tall, b.height = true, 64; return b }

// Trailing puts the icon after the words and returns b.
func (b *Button) Trailing() *Button { b.trailing = true; return b }

// Leading puts words and icon at the left edge and returns b.
func (b *Button) Leading() *Button { b.leading = true; return b }

// Heading makes it the title of what it folds and returns b.
func (b *Button) Heading() *Button { b.heading = true; return b }

// Urgent has the count red and returns b.
func (b *Button) Urgent() *Button { b.urgent = true; return b }

// Named gives an icon button a name for screen readers and returns b.
func (b *Button) Named(name string) *Button { b.Name = name; return b }

// Label returns the words on it.
func (b *Button) Label() string { return b.label }

// On tells whether a toggle is on.
func (b *Button) On() bool { return b.on }

// Set changes words and icon.
func (b *Button) Set(label, icon string) {
	if b.label != label || b.icon != icon {
		b.label, b.icon = label, icon
		b.Refresh()
	}
}

// SetKind makes it a button of another kind.
func (b *Button) SetKind(kind ButtonKind) {
	if b.kind != kind {
		b.kind = kind
		b.Refresh()
	}
}

// SetOn fills a toggle with the accent, or empties it.
func (b *Button) SetOn(on bool) {
	if b.on != on {
		b.on = on
		b.Refresh()
	}
}

// SetCount shows at the corner how many are new.
func (b *Button) SetCount(n int) {
	if b.count != n {
		b.count = n
		b.Refresh()
	}
}

// Count returns how many are shown as new.
func (b *Button) Count() int { return b.count }

// HasKeyboard tells whether keys go to it: it has the focus of its window, and that has the keyboard.
func (b *Button) HasKeyboard() bool { return b.focused }

// MouseIn implements desktop.Hoverable: where no words stand on it, they are told after a while.
func (b *Button) MouseIn(ev *desktop.MouseEvent) {
	b.pressable.MouseIn(ev)
	if b.label == "" {
		b.tip.rest(b.AccessibilityLabel(), b)
	}
}

// MouseOut implements desktop.Hoverable.
func (b *Button) MouseOut() {
	b.pressable.MouseOut()
	b.tip.leave()
}

// Tapped implements fyne.Tappable.
func (b *Button) Tapped(ev *fyne.PointEvent) {
	b.tip.leave()
	b.pressable.Tapped(ev)
}

// FocusGained implements fyne.Focusable.
func (b *Button) FocusGained() { b.gainFocus(b) }

// TypedKey implements fyne.Focusable.
func (b *Button) TypedKey(ev *fyne.KeyEvent) { b.typedKey(b, ev) }

// TypedRune implements fyne.Focusable.
func (b *Button) TypedRune(r rune) { b.typedRune(b, r) }

// AccessibilityLabel implements fyne.Accessible.
func (b *Button) AccessibilityLabel() string {
	name := b.label
	if b.Name != "" {
		name = b.Name
	}
	if b.on {
		name += ", " + word(cause.WidgetOn)
	}
	if b.count > 0 {
		name += ", " + counted(cause.WidgetNew, b.count)
	}
	return name
}

// CreateRenderer implements fyne.Widget.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{
		b:     b,
		box:   newBox(b.radius()),
		label: canvas.NewText("", theme.Color(ColorText)),
		icon:  NewIcon(b.icon, ColorText, 20),
		count: newCounter(),
	}
	r.Refresh()
	return r
}

func (b *Button) radius() float32 {
	if b.height < HeightTarget {
		return RadiusInput
	}
	return RadiusButton
}

// colors returns fill, border and text.
func (b *Button) colors() (fill, line, text fyne.ThemeColorName) {
	switch {
	case b.disabled && b.kind == Quiet:
		return "", "", ColorMuted
	case b.disabled:
		return ColorSurface2, "", ColorMuted
	case b.on, b.kind == Filled:
		return ColorAccent, "", ColorOnAccent
	case b.kind == Call:
		return ColorCall, "", ColorOnCall
	case b.kind == End:
		return ColorEnd, "", ColorOnEnd
	case b.heading:
		return "", "", ColorText
	case b.kind == Quiet:
		return "", "", ColorAccent
	case b.kind == Danger:
		return ColorSurface, ColorOutline, ColorBad
	}
	return ColorSurface, ColorOutline, ColorText
}

type buttonRenderer struct {
	b     *Button
	size  float32 // of its words, before they are scaled
	style fyne.TextStyle
	box   *box
	label *canvas.Text
	icon  *Icon
	count *counter
}

func (r *buttonRenderer) Destroy() {}

func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return append(append(r.box.objects(), r.icon, r.label), r.count.objects()...)
}

func (r *buttonRenderer) MinSize() fyne.Size {
	b := r.b
	if b.label == "" {
		return fyne.NewSquareSize(b.height)
	}
	text := b.label
	if b.leading {
		text = r.label.Text // as it has been cut
	}
	words := measureText(text, r.size*min(TextFactor(), widestText), r.style)
	w, h := words.Width+24, max(b.height, measureText("M", Scaled(r.size), r.style).Height+4)
	if b.tall {
		h = max(b.height, words.Height+20+4+8)
	}
	if b.kind == Quiet {
		w -= 8
	}
	if b.icon != "" && !b.tall {
		w += 28
	}
	return fyne.NewSize(max(w, b.height), h)
}

func (r *buttonRenderer) Layout(size fyne.Size) {
	r.box.resize(size)
	b := r.b
	r.fit(size)
	text := r.label.MinSize()
	r.label.Resize(text)
	icon := float32(20)
	if b.label == "" && b.height >= HeightTarget {
		icon = 22
	}
	r.icon.size = icon
	r.icon.Resize(fyne.NewSquareSize(icon))
	r.count.place(fyne.NewPos(size.Width/2+2, size.Height/2-icon/2-7))
	switch {
	case b.tall:
		y := (size.Height - icon - 4 - text.Height) / 2
		r.icon.Move(fyne.NewPos((size.Width-icon)/2, y))
		r.label.Move(fyne.NewPos((size.Width-text.Width)/2, y+icon+4))
	case b.label == "":
		r.icon.Move(fyne.NewPos((size.Width-icon)/2, (size.Height-icon)/2))
	default:
		width := text.Width
		if b.icon != "" {
			width += icon + 8
		}
		x := (size.Width - width) / 2
		if b.leading {
			x = 12
		}
		ix, tx := x, x
		if b.icon != "" && b.trailing {
			ix = x + text.Width + 8
			if b.leading {
				ix = size.Width - icon - 12
			}
		} else if b.icon != "" {
			tx = x + icon + 8
		}
		r.icon.Move(fyne.NewPos(ix, (size.Height-icon)/2))
		r.label.Move(fyne.NewPos(tx, (size.Height-text.Height)/2))
	}
}

// fit sets the words as large as the user wants them, smaller where there is no room for that, but never smaller than
// usual.
func (r *buttonRenderer) fit(size fyne.Size) {
	b := r.b
	room := size.Width - 24
	switch {
	case b.tall:
		room = size.Width - 8
	case b.icon != "":
		room -= 28
	}
	if b.kind == Quiet {
		room += 8
	}
	measure := func(s string) fyne.Size { return measureText(s, r.label.TextSize, r.style) }
	words := b.label
	r.label.TextSize = Scaled(r.size)
	least := min(r.size, r.label.TextSize)
	if wide := measure(b.label).Width; wide > room && room > 0 {
		r.label.TextSize = max(least, r.label.TextSize*room/wide)
	}
	if b.leading { // the others are as wide as their words
		words = ellipsis(b.label, room, measure)
	}
	setText(r.label, words, r.style)
}

func (r *buttonRenderer) Refresh() {
	b := r.b
	fill, line, text := b.colors()
	r.box.paint(&b.pressable, fill, line)
	r.label.Color = theme.Color(text)
	r.size = SizeBody
	switch {
	case b.heading, b.height >= HeightMain && !b.tall:
		r.size = SizeStrong
	case b.tall, b.height < HeightDense:
		r.size = SizeCaption
	}
	r.style.Bold = b.heading || b.height >= HeightMain && !b.tall || b.kind == Filled || b.kind == Call ||
		b.kind == End
	r.icon.Hidden = b.icon == ""
	if b.icon != "" {
		r.icon.Set(b.icon, text)
		r.icon.Refresh()
	}
	r.count.urgent = b.urgent
	r.count.set(b.count)
	r.label.Refresh()
	r.Layout(b.BaseWidget.Size())
}
