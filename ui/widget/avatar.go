package widget

import (
	"image/color"
	"strconv"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Avatar is a disc with the initial of a name.
type Avatar struct {
	fynewidget.BaseWidget
	initial string
	size    float32
	least   float32
}

// NewAvatar returns an avatar, size pixels across where there is room and least pixels where not.
func NewAvatar(size, least float32) *Avatar {
	a := &Avatar{size: size, least: least}
	a.ExtendBaseWidget(a)
	return a
}

// SetName takes the first letter or digit of name.
func (a *Avatar) SetName(name string) {
	initial := ""
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			initial = string(unicode.ToUpper(r))
			break
		}
	}
	a.SetInitials(initial)
}

// SetInitials shows these letters; "" shows a person.
func (a *Avatar) SetInitials(initials string) {
	if a.initial != initials {
		a.initial = initials
		a.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (a *Avatar) CreateRenderer() fyne.WidgetRenderer {
	r := &avatarRenderer{
		a: a, disc: canvas.NewCircle(color.Transparent),
		text: canvas.NewText("", color.Transparent), icon: NewIcon("person", ColorAccent, a.size/2),
	}
	r.Refresh()
	return r
}

type avatarRenderer struct {
	a    *Avatar
	disc *canvas.Circle
	text *canvas.Text
	icon *Icon
}

func (r *avatarRenderer) Destroy()           {}
func (r *avatarRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(r.a.least) }

func (r *avatarRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.disc, r.text, r.icon}
}

func (r *avatarRenderer) Layout(size fyne.Size) {
	d := min(r.a.size, size.Width, size.Height)
	r.disc.Resize(fyne.NewSquareSize(d))
	r.disc.Move(fyne.NewPos((size.Width-d)/2, (size.Height-d)/2))
	r.text.TextSize = d * 0.42
	if len([]rune(r.a.initial)) > 1 {
		r.text.TextSize = d * 0.36
	}
	text := r.text.MinSize()
	r.text.Resize(text)
	r.text.Move(fyne.NewPos((size.Width-text.Width)/2, (size.Height-text.Height)/2))
	r.icon.size = d / 2
	r.icon.Resize(fyne.NewSquareSize(d / 2))
	r.icon.Move(fyne.NewPos((size.Width-d/2)/2, (size.Height-d/2)/2))
}

func (r *avatarRenderer) Refresh() {
	r.disc.FillColor = theme.Color(ColorAccentSoft)
	setText(r.text, r.a.initial, fyne.TextStyle{Bold: true})
	r.text.Color = theme.Color(ColorAccent)
	r.icon.Hidden = r.a.initial != ""
	r.icon.Refresh()
	r.Layout(r.a.BaseWidget.Size())
	r.disc.Refresh()
	r.text.Refresh()
}

// Countdown is a ring with the seconds left.
type Countdown struct {
	fynewidget.BaseWidget
	left, whole int
}

// NewCountdown returns an empty countdown.
func NewCountdown() *Countdown {
	c := &Countdown{}
	c.ExtendBaseWidget(c)
	return c
}

// Set shows left of whole seconds.
func (c *Countdown) Set(left, whole int) {
	if c.left != left || c.whole != whole {
		c.left, c.whole = left, whole
		c.Refresh()
	}
}

// Left returns the seconds shown.
func (c *Countdown) Left() int { return c.left }

// CreateRenderer implements fyne.Widget.
func (c *Countdown) CreateRenderer() fyne.WidgetRenderer {
	r := &countdownRenderer{
		c: c, track: canvas.NewCircle(color.Transparent),
		arc: canvas.NewArc(0, 360, 0.86, color.Transparent), text: canvas.NewText("", color.Transparent),
	}
	r.Refresh()
	return r
}

type countdownRenderer struct {
	c     *Countdown
	track *canvas.Circle
	arc   *canvas.Arc
	text  *canvas.Text
}

func (r *countdownRenderer) Destroy()           {}
func (r *countdownRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(38) }

func (r *countdownRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.track, r.arc, r.text}
}

func (r *countdownRenderer) Layout(size fyne.Size) {
	pos := fyne.NewPos((size.Width-38)/2, (size.Height-38)/2)
	r.track.Resize(fyne.NewSquareSize(36))
	r.track.Move(pos.AddXY(1, 1))
	r.arc.Resize(fyne.NewSquareSize(38))
	r.arc.Move(pos)
	text := r.text.MinSize()
	r.text.Resize(text)
	r.text.Move(fyne.NewPos((size.Width-text.Width)/2, (size.Height-text.Height)/2))
}

func (r *countdownRenderer) Refresh() {
	r.track.StrokeColor, r.track.StrokeWidth = theme.Color(ColorSurface2), 2
	r.arc.FillColor = theme.Color(ColorAttention)
	r.arc.StartAngle, r.arc.EndAngle = 0, 0
	if r.c.whole > 0 {
		r.arc.EndAngle = 360 * float32(r.c.left) / float32(r.c.whole)
	}
	setText(r.text, strconv.Itoa(r.c.left), fyne.TextStyle{Bold: true})
	r.text.Color, r.text.TextSize = theme.Color(ColorText), SizeBody
	r.Layout(r.c.BaseWidget.Size())
	r.track.Refresh()
	r.arc.Refresh()
	r.text.Refresh()
}
