package widget

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Shape is the form of a status mark: the state can be told without its colour.
type Shape int

// The shapes of a status mark.
const (
	Ring     Shape = iota // off: nothing is expected
	Disc                  // all is well
	Triangle              // waits and goes on by itself
	Cross                 // stopped: needs the user
	Check                 // done
	Dash                  // left out
	Dots                  // under way
)

// Mark is a small status mark.
type Mark struct {
	fynewidget.BaseWidget
	shape Shape
	size  float32
}

// NewMark returns a mark, size pixels square.
func NewMark(s Shape, size float32) *Mark {
	m := &Mark{shape: s, size: size}
	m.ExtendBaseWidget(m)
	return m
}

// Shape returns what it shows.
func (m *Mark) Shape() Shape { return m.shape }

// Set changes the shape.
func (m *Mark) Set(s Shape) {
	if m.shape != s {
		m.shape = s
		m.Refresh()
	}
}

func (s Shape) color() fyne.ThemeColorName {
	switch s {
	case Disc, Check:
		return ColorCall
	case Triangle, Dots:
		return ColorAttention
	case Cross:
		return ColorBad
	}
	return ColorMuted
}

// drawing returns the shape as SVG on a 12 px grid.
func (s Shape) drawing(c color.Color) fyne.Resource {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	hex := fmt.Sprintf("#%02x%02x%02x", n.R, n.G, n.B)
	stroke := `fill="none" stroke="` + hex + `" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"`
	body := ""
	switch s {
	case Disc:
		body = `<circle cx="6" cy="6" r="5" fill="` + hex + `"/>`
	case Ring:
		body = `<circle cx="6" cy="6" r="4.2" ` + stroke + `/>`
	case Triangle:
		body = `<path d="M6 1.4 L11.2 10.6 L0.8 10.6 Z" fill="` + hex + `"/>`
	case Cross:
		body = `<path d="M2 2 L10 10 M10 2 L2 10" ` + stroke + `/>`
	case Check:
		body = `<path d="M1.5 6.5 L4.6 9.6 L10.5 2.6" ` + stroke + `/>`
	case Dash:
		body = `<path d="M2 6 L10 6" ` + stroke + `/>`
	case Dots:
		body = `<circle cx="1.8" cy="6" r="1.5" fill="` + hex + `"/><circle cx="6" cy="6" r="1.5" fill="` + hex +
			`"/><circle cx="10.2" cy="6" r="1.5" fill="` + hex + `"/>`
	}
	svg := `<svg xmlns="http://www.w3.org/2000/svg" width="12" height="12" viewBox="0 0 12 12">` + body + `</svg>`
	return fyne.NewStaticResource(fmt.Sprintf("calla-mark-%d-%s.svg", s, hex[1:]), []byte(svg))
}

// CreateRenderer implements fyne.Widget.
func (m *Mark) CreateRenderer() fyne.WidgetRenderer { return newDrawnRenderer(m) }

func (m *Mark) drawing() fyne.Resource { return m.shape.drawing(theme.Color(m.shape.color())) }
func (m *Mark) side() float32          { return m.size }
