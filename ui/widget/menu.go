package widget

import (
	"fyne.io/fyne/v2"
	fynewidget "fyne.io/fyne/v2/widget"
)

// ShowMenuUnder opens a menu below an object, at its left or its right edge. The keyboard moves in it.
func ShowMenuUnder(m *fyne.Menu, o fyne.CanvasObject, right bool) {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(o)
	if c == nil {
		return
	}
	pos := driver.AbsolutePositionForObject(o).AddXY(0, o.Size().Height+2)
	pop := fynewidget.NewPopUpMenu(m, c)
	if right {
		pos.X += o.Size().Width - pop.MinSize().Width
	}
	pop.ShowAtPosition(pos)
	c.Focus(pop)
}
