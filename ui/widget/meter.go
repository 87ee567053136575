package widget

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"

	"calla/phone/cause"
)

// meterSteps is how finely a meter moves: a level that stays within a step repaints nothing.
const meterSteps = 30

// meterFloor is the level, in dBFS, at the meter's left end.
const meterFloor = -60.0

// Meter shows a sound level as a bar.
type Meter struct {
	fynewidget.BaseWidget
	name string
	step int
}

// NewMeter returns an empty meter; name is for screen readers.
func NewMeter(name string) *Meter {
	m := &Meter{name: name}
	m.ExtendBaseWidget(m)
	return m
}

// SetLevel shows a level in dBFS; -120 is silence. A level above the one shown shows at once; below it
// the bar falls by steps, so that speech can be read.
func (m *Meter) SetLevel(dbfs float64) {
	step := 0
	if dbfs > meterFloor && !math.IsNaN(dbfs) {
		step = int(math.Round((math.Min(dbfs, 0) - meterFloor) / -meterFloor * meterSteps))
	}
	if step < m.step-2 {
		step = m.step - 2
	}
	if step != m.step {
		m.step = step
		m.Refresh()
	}
}

// Reset empties it.
func (m *Meter) Reset() {
	if m.step != 0 {
		m.step = 0
		m.Refresh()
	}
}

// Fraction returns how full it is, 0 to 1.
func (m *Meter) Fraction() float32 { return float32(m.step) / meterSteps }

// AccessibilityLabel implements fyne.Accessible.
func (m *Meter) AccessibilityLabel() string { return m.name }

// AccessibilityRole implements fyne.Accessible.
func (m *Meter) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (m *Meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{
		m: m, track: canvas.NewRectangle(color.Transparent),
		bar: canvas.NewRectangle(color.Transparent),
	}
	r.track.CornerRadius, r.bar.CornerRadius = 2, 2
	r.Refresh()
	return r
}

type meterRenderer struct {
	m          *Meter
	track, bar *canvas.Rectangle
}

func (r *meterRenderer) Destroy()                     {}
func (r *meterRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.track, r.bar} }
func (r *meterRenderer) MinSize() fyne.Size           { return fyne.NewSize(60, 4) }

func (r *meterRenderer) Layout(size fyne.Size) {
	y := (size.Height - 4) / 2
	r.track.Move(fyne.NewPos(0, y))
	r.track.Resize(fyne.NewSize(size.Width, 4))
	r.bar.Move(fyne.NewPos(0, y))
	r.bar.Resize(fyne.NewSize(size.Width*r.m.Fraction(), 4))
}

func (r *meterRenderer) Refresh() {
	r.track.FillColor = theme.Color(ColorSurface2)
	r.bar.FillColor = theme.Color(ColorAccent)
	r.Layout(r.m.BaseWidget.Size())
	r.bar.Hidden = r.m.step == 0
	r.track.Refresh()
	r.bar.Refresh()
}

// Bars shows a call's quality as zero to four bars.
type Bars struct {
	fynewidget.BaseWidget
	n     int
	known bool
}

// NewBars returns bars that know nothing yet.
func NewBars() *Bars {
	b := &Bars{}
	b.ExtendBaseWidget(b)
	return b
}

// Set shows n of four bars; known is false before there are figures.
func (b *Bars) Set(n int, known bool) {
	if b.n != n || b.known != known {
		b.n, b.known = n, known
		b.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (b *Bars) AccessibilityLabel() string {
	if !b.known {
		return word(cause.WidgetQualityUnknown)
	}
	return word([...]cause.Kind{
		cause.WidgetNoSound, cause.WidgetPoor, cause.WidgetFair, cause.WidgetGood, cause.WidgetVeryGood,
	}[b.n])
}

// AccessibilityRole implements fyne.Accessible.
func (b *Bars) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (b *Bars) CreateRenderer() fyne.WidgetRenderer {
	r := &barsRenderer{b: b}
	for range 4 {
		bar := canvas.NewRectangle(color.Transparent)
		bar.CornerRadius = 1
		r.bars = append(r.bars, bar)
	}
	r.Refresh()
	return r
}

type barsRenderer struct {
	b    *Bars
	bars []fyne.CanvasObject
}

func (r *barsRenderer) Destroy()                     {}
func (r *barsRenderer) Objects() []fyne.CanvasObject { return r.bars }
func (r *barsRenderer) MinSize() fyne.Size           { return fyne.NewSize(22, 16) }

func (r *barsRenderer) Layout(size fyne.Size) {
	x, base := (size.Width-22)/2, size.Height/2+8
	for i, bar := range r.bars {
		h := float32(4 + 4*i)
		bar.Resize(fyne.NewSize(4, h))
		bar.Move(fyne.NewPos(x+float32(6*i), base-h))
	}
}

func (r *barsRenderer) Refresh() {
	lit := ColorCall
	switch {
	case r.b.n == 1:
		lit = ColorEnd
	case r.b.n == 2:
		lit = ColorAttention
	}
	for i, o := range r.bars {
		bar := o.(*canvas.Rectangle)
		bar.FillColor = theme.Color(ColorLine)
		if r.b.known && i < r.b.n {
			bar.FillColor = theme.Color(lit)
		}
		bar.Refresh()
	}
}
