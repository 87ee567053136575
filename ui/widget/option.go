package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"

	"calla/phone/cause"
)

// OptionHeight is the height of an Option: of its two lines, and of what a pointer hits at least.
func OptionHeight() float32 { return max(44, Scaled(36)+8) }

// Option is an entry of a list below a field: a name, a line below it, and at the end what it is. The keyboard stays in
// the field, which marks one by its arrow keys; an Option takes the pointer alone.
type Option struct {
	fynewidget.BaseWidget
	OnTapped func()
	OnHover  func(bool) // the pointer came or went

	icon, title, line, end string
	marked, hovered        bool
}

// NewOption returns an empty option.
func NewOption(tapped func()) *Option {
	o := &Option{OnTapped: tapped, icon: "person"}
	o.ExtendBaseWidget(o)
	return o
}

// Set changes what it shows.
func (o *Option) Set(icon, title, line, end string) {
	if o.icon != icon || o.title != title || o.line != line || o.end != end {
		o.icon, o.title, o.line, o.end = icon, title, line, end
		o.Refresh()
	}
}

// Mark draws it as the one that Enter takes, or not.
func (o *Option) Mark(on bool) {
	if o.marked != on {
		o.marked = on
		o.Refresh()
	}
}

// Marked tells whether it is the one that Enter takes.
func (o *Option) Marked() bool { return o.marked }

// Title returns the name shown.
func (o *Option) Title() string { return o.title }

// Line returns the line under the name.
func (o *Option) Line() string { return o.line }

// End returns what is shown at the end.
func (o *Option) End() string { return o.end }

// Tapped implements fyne.Tappable.
func (o *Option) Tapped(*fyne.PointEvent) {
	if o.OnTapped != nil {
		o.OnTapped()
	}
}

// MouseIn implements desktop.Hoverable.
func (o *Option) MouseIn(*desktop.MouseEvent) { o.hover(true) }

// MouseMoved implements desktop.Hoverable.
func (o *Option) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (o *Option) MouseOut() { o.hover(false) }

func (o *Option) hover(on bool) {
	o.hovered = on
	if o.OnHover != nil {
		o.OnHover(on)
	}
	o.Refresh()
}

// Cursor implements desktop.Cursorable.
func (o *Option) Cursor() desktop.Cursor { return desktop.PointerCursor }

// AccessibilityRole implements fyne.Accessible.
func (o *Option) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// AccessibilityLabel implements fyne.Accessible.
func (o *Option) AccessibilityLabel() string {
	name := o.title
	for _, more := range []string{o.line, o.end} {
		if more != "" {
			name += ", " + more
		}
	}
	if o.marked {
		name += ", " + word(cause.WidgetChosen)
	}
	return name
}

// CreateRenderer implements fyne.Widget.
func (o *Option) CreateRenderer() fyne.WidgetRenderer {
	r := &optionRenderer{
		o: o, ground: canvas.NewRectangle(color.Transparent), icon: NewIcon(o.icon, ColorMuted, 18),
		title: NewText("").Bold(), line: NewText("").Color(ColorMuted).Sized(SizeCaption),
		end: NewText("").Color(ColorMuted).Sized(SizeCaption),
	}
	r.ground.CornerRadius = RadiusInput
	r.Refresh()
	return r
}

type optionRenderer struct {
	o                *Option
	ground           *canvas.Rectangle
	icon             *Icon
	title, line, end *Text
}

func (r *optionRenderer) Destroy()           {}
func (r *optionRenderer) MinSize() fyne.Size { return fyne.NewSize(160, OptionHeight()) }

func (r *optionRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.icon, r.title, r.line, r.end}
}

func (r *optionRenderer) Layout(size fyne.Size) {
	const left, edge float32 = 38, 10
	r.ground.Resize(size)
	r.icon.Resize(fyne.NewSquareSize(18))
	r.icon.Move(fyne.NewPos(edge, (size.Height-18)/2))
	right := size.Width - edge
	if r.o.end != "" {
		end := r.end.MinSize()
		end.Width = min(end.Width, size.Width/3)
		right -= end.Width
		r.end.Move(fyne.NewPos(right, (size.Height-end.Height)/2))
		r.end.Resize(end)
		right -= 8
	}
	room, title, line := max(0, right-left), r.title.MinSize().Height, r.line.MinSize().Height
	y := (size.Height - title - line + 2) / 2
	if r.o.line == "" {
		y = (size.Height - title) / 2
	}
	r.title.Move(fyne.NewPos(left, y))
	r.title.Resize(fyne.NewSize(room, title))
	r.line.Move(fyne.NewPos(left, y+title-2))
	r.line.Resize(fyne.NewSize(room, line))
}

func (r *optionRenderer) Refresh() {
	r.ground.FillColor = color.Transparent
	icon := ColorMuted
	switch {
	case r.o.marked:
		r.ground.FillColor, icon = theme.Color(ColorAccentSoft), ColorAccent
	case r.o.hovered:
		r.ground.FillColor = theme.Color(theme.ColorNameHover)
	}
	r.icon.Set(r.o.icon, icon)
	r.title.SetText(r.o.title)
	r.line.SetText(r.o.line)
	r.end.SetText(r.o.end)
	r.end.Hidden = r.o.end == ""
	r.ground.Refresh()
	r.Layout(r.o.BaseWidget.Size())
	canvas.Refresh(r.o)
}
