package widget

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"
)

// Panel is a rounded ground with a border under something: a card, a pill, a banner.
type Panel struct {
	fynewidget.BaseWidget
	content fyne.CanvasObject
	fill    fyne.ThemeColorName
	line    fyne.ThemeColorName
	radius  float32
	padX    float32
	padY    float32
	shadow  bool
}

// NewCard returns a card around content.
func NewCard(content fyne.CanvasObject) *Panel {
	return NewPanel(content, ColorSurface, ColorLine, RadiusCard, 12, 12)
}

// NewPanel returns a ground with these colours ("" = none), corner radius and padding.
func NewPanel(content fyne.CanvasObject, fill, line fyne.ThemeColorName, radius, padX, padY float32) *Panel {
	p := &Panel{content: content, fill: fill, line: line, radius: radius, padX: padX, padY: padY}
	p.ExtendBaseWidget(p)
	return p
}

// Floating gives it a shadow, for what lies above something else, and returns p.
func (p *Panel) Floating() *Panel { p.shadow = true; return p }

// CreateRenderer implements fyne.Widget.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{p: p, ground: canvas.NewRectangle(color.Transparent)}
	r.Refresh()
	return r
}

type panelRenderer struct {
	p      *Panel
	ground *canvas.Rectangle
}

func (r *panelRenderer) Destroy() {}

func (r *panelRenderer) Objects() []fyne.CanvasObject {
	if r.p.content == nil {
		return []fyne.CanvasObject{r.ground}
	}
	return []fyne.CanvasObject{r.ground, r.p.content}
}

func (r *panelRenderer) MinSize() fyne.Size {
	if r.p.content == nil {
		return fyne.NewSize(0, 0)
	}
	return r.p.content.MinSize().AddWidthHeight(2*r.p.padX, 2*r.p.padY)
}

func (r *panelRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	if r.p.content != nil {
		r.p.content.Move(fyne.NewPos(r.p.padX, r.p.padY))
		r.p.content.Resize(size.SubtractWidthHeight(2*r.p.padX, 2*r.p.padY))
	}
}

func (r *panelRenderer) Refresh() {
	r.ground.CornerRadius = r.p.radius
	r.ground.FillColor, r.ground.StrokeColor, r.ground.StrokeWidth = color.Transparent, color.Transparent, 0
	if r.p.fill != "" {
		r.ground.FillColor = theme.Color(r.p.fill)
	}
	if r.p.line != "" {
		r.ground.StrokeColor, r.ground.StrokeWidth = theme.Color(r.p.line), 1
	}
	if r.p.shadow {
		r.ground.Shadow = canvas.Shadow{
			Color: theme.Color(theme.ColorNameShadow), BlurRadius: 16,
			Offset: fyne.NewPos(0, 4),
		}
	}
	r.ground.Refresh()
	r.Layout(r.p.BaseWidget.Size())
	canvas.Refresh(r.p)
}
