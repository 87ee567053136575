package widget

import (
	"image/color"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// largestCount is the size of type at which a number beside an icon leaves the icon to be seen.
const largestCount = 14

// counter is a number on a filled ground: how many are new. Nothing shows for 0.
type counter struct {
	ground *canvas.Rectangle
	text   *canvas.Text
	urgent bool // red
}

func newCounter() *counter {
	c := &counter{ground: canvas.NewRectangle(color.Transparent), text: canvas.NewText("", color.Transparent)}
	c.ground.CornerRadius = 9
	return c
}

func (c *counter) objects() []fyne.CanvasObject { return []fyne.CanvasObject{c.ground, c.text} }

func (c *counter) set(n int) {
	c.ground.Hidden, c.text.Hidden = n == 0, n == 0
	words := strconv.Itoa(n)
	if n > 99 {
		words = "99+"
	}
	setText(c.text, words, fyne.TextStyle{Bold: true})
	c.text.TextSize = min(Scaled(11), largestCount)
	c.ground.FillColor, c.text.Color = theme.Color(ColorAccent), theme.Color(ColorOnAccent)
	if c.urgent {
		c.ground.FillColor, c.text.Color = theme.Color(ColorEnd), theme.Color(ColorOnEnd)
	}
	c.ground.Refresh()
	c.text.Refresh()
}

func (c *counter) size() fyne.Size {
	text := c.text.MinSize()
	return fyne.NewSize(max(18, text.Width+10), max(18, text.Height+2))
}

func (c *counter) place(at fyne.Position) {
	size, text := c.size(), c.text.MinSize()
	c.ground.Move(at)
	c.ground.Resize(size)
	c.text.Move(at.AddXY((size.Width-text.Width)/2, (size.Height-text.Height)/2))
	c.text.Resize(text)
}
