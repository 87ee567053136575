package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Ground is what lies below everything else and takes the clicks that hit nothing there.
type Ground struct {
	fynewidget.BaseWidget
	tapped func()
}

// NewGround returns a ground that cannot be seen.
func NewGround(tapped func()) *Ground {
	g := &Ground{tapped: tapped}
	g.ExtendBaseWidget(g)
	return g
}

// Tapped implements fyne.Tappable.
func (g *Ground) Tapped(*fyne.PointEvent) { g.tapped() }

// CreateRenderer implements fyne.Widget.
func (g *Ground) CreateRenderer() fyne.WidgetRenderer {
	return fynewidget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}
