package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// box is the rounded ground of a button or key with its border, veil (hover, press) and focus ring.
type box struct {
	ground, veil, ring *canvas.Rectangle
}

func newBox(radius float32) *box {
	b := &box{
		ground: canvas.NewRectangle(color.Transparent),
		veil:   canvas.NewRectangle(color.Transparent),
		ring:   canvas.NewRectangle(color.Transparent),
	}
	b.ground.CornerRadius, b.veil.CornerRadius, b.ring.CornerRadius = radius, radius, radius+2
	return b
}

func (b *box) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{b.ground, b.veil, b.ring}
}

func (b *box) resize(size fyne.Size) {
	b.ground.Resize(size)
	b.veil.Resize(size)
	b.ring.Move(fyne.NewPos(-2, -2))
	b.ring.Resize(size.AddWidthHeight(4, 4))
}

// paint sets the colours; "" is none.
func (b *box) paint(p *pressable, fill, line fyne.ThemeColorName) {
	b.ground.FillColor, b.ground.StrokeColor, b.ground.StrokeWidth = color.Transparent, color.Transparent, 0
	if fill != "" {
		b.ground.FillColor = theme.Color(fill)
	}
	if line != "" {
		b.ground.StrokeColor, b.ground.StrokeWidth = theme.Color(line), 1
	}
	b.veil.FillColor = color.Transparent
	switch {
	case p.disabled:
	case p.pressed:
		b.veil.FillColor = theme.Color(theme.ColorNamePressed)
	case p.hovered:
		b.veil.FillColor = theme.Color(theme.ColorNameHover)
	}
	b.ring.StrokeColor, b.ring.StrokeWidth = color.Transparent, 0
	if p.focused {
		b.ring.StrokeColor, b.ring.StrokeWidth = theme.Color(ColorAccent), 2
	}
	b.ground.Refresh()
	b.veil.Refresh()
	b.ring.Refresh()
}
