package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Wheel lies over a page's scroll and hands it every turn of the mouse wheel. Text fields have a scroll
// of their own inside, which otherwise stops the page wherever the pointer happens to meet one.
type Wheel struct {
	fynewidget.BaseWidget
	scroll *container.Scroll
}

// NewWheel returns the wheel of a scroll.
func NewWheel(s *container.Scroll) *Wheel {
	w := &Wheel{scroll: s}
	w.ExtendBaseWidget(w)
	return w
}

// Scrolled implements fyne.Scrollable.
func (w *Wheel) Scrolled(ev *fyne.ScrollEvent) { w.scroll.Scrolled(ev) }

// CreateRenderer implements fyne.Widget.
func (w *Wheel) CreateRenderer() fyne.WidgetRenderer {
	return fynewidget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}
