package widget

import (
	"slices"

	"fyne.io/fyne/v2"
	fynewidget "fyne.io/fyne/v2/widget"
)

// ShowMenuUnder opens a menu below an object, or where there is no room above it, at its left or its right edge. The
// keyboard moves in it. It can be closed from without, which tells whether it was open still.
func ShowMenuUnder(m *fyne.Menu, o fyne.CanvasObject, right bool) (closeIt func() (was bool)) {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(o)
	if c == nil {
		return func() bool { return false }
	}
	pos := driver.AbsolutePositionForObject(o).AddXY(0, o.Size().Height+2)
	pop := fynewidget.NewPopUpMenu(m, c)
	above := pos.Y - o.Size().Height - 4 - pop.MinSize().Height
	if pos.Y+pop.MinSize().Height > c.Size().Height && above >= 0 {
		pos.Y = above
	}
	if right {
		pos.X += o.Size().Width - pop.MinSize().Width
	}
	pop.ShowAtPosition(pos)
	c.Focus(pop)
	return func() bool {
		was := pop.Visible()
		pop.Hide()
		return was
	}
}

// Beneath does something with the keyboard of what a window shows beneath its menus: a menu that is open keeps the
// keyboard, which by itself a window takes from the topmost.
func Beneath(c fyne.Canvas, do func()) {
	open := slices.Clone(c.Overlays().List())
	if len(open) == 0 {
		do()
		return
	}
	focused := c.Focused()
	c.Overlays().Remove(open[0]) // and all above
	do()
	for _, o := range open {
		c.Overlays().Add(o)
	}
	if focused != nil {
		c.Focus(focused)
	}
}
