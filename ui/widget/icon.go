package widget

import (
	"bytes"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"

	"calla/icons"
)

// Icon is one of Calla's drawings in a colour of the theme.
type Icon struct {
	fynewidget.BaseWidget
	name  string // of icons.SVG
	color fyne.ThemeColorName
	size  float32
}

// NewIcon returns an icon of the family, size pixels square.
func NewIcon(name string, c fyne.ThemeColorName, size float32) *Icon {
	i := &Icon{name: name, color: c, size: size}
	i.ExtendBaseWidget(i)
	return i
}

// Set changes drawing and colour.
func (i *Icon) Set(name string, c fyne.ThemeColorName) {
	if i.name != name || i.color != c {
		i.name, i.color = name, c
		i.Refresh()
	}
}

// Name returns the name of the drawing.
func (i *Icon) Name() string { return i.name }

// CreateRenderer implements fyne.Widget.
func (i *Icon) CreateRenderer() fyne.WidgetRenderer { return newDrawnRenderer(i) }

func (i *Icon) drawing() fyne.Resource { return Drawing(i.name, theme.Color(i.color)) }
func (i *Icon) side() float32          { return i.size }

// drawn is a widget that is one square drawing, in the middle of its room.
type drawn interface {
	drawing() fyne.Resource // its name tells one from another, colours too
	side() float32
}

type drawnRenderer struct {
	of    drawn
	image *canvas.Image
}

func newDrawnRenderer(of drawn) *drawnRenderer {
	image := canvas.NewImageFromResource(nil)
	image.FillMode = canvas.ImageFillContain
	r := &drawnRenderer{of: of, image: image}
	r.Refresh()
	return r
}

func (r *drawnRenderer) Destroy()                     {}
func (r *drawnRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.image} }
func (r *drawnRenderer) MinSize() fyne.Size           { return fyne.NewSquareSize(r.of.side()) }

func (r *drawnRenderer) Layout(size fyne.Size) {
	side := r.of.side()
	r.image.Resize(fyne.NewSquareSize(side))
	r.image.Move(fyne.NewPos((size.Width-side)/2, (size.Height-side)/2))
}

func (r *drawnRenderer) Refresh() {
	res := r.of.drawing()
	if r.image.Resource == nil || res.Name() != r.image.Resource.Name() {
		r.image.Resource = res
		r.image.Refresh()
	}
}

// Drawing returns the icon with this name in a colour. Fyne's own themed resources colour only fills,
// and ours are strokes.
func Drawing(name string, c color.Color) fyne.Resource {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	hex := fmt.Sprintf("#%02x%02x%02x", n.R, n.G, n.B)
	svg := bytes.ReplaceAll(icons.SVG(name), []byte("currentColor"), []byte(hex))
	return fyne.NewStaticResource("calla-"+name+hex[1:]+".svg", svg)
}
