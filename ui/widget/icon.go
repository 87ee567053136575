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
func (i *Icon) CreateRenderer() fyne.WidgetRenderer {
	image := canvas.NewImageFromResource(nil)
	image.FillMode = canvas.ImageFillContain
	r := &iconRenderer{icon: i, image: image}
	r.Refresh()
	return r
}

type iconRenderer struct {
	icon  *Icon
	image *canvas.Image
}

func (r *iconRenderer) Destroy()                     {}
func (r *iconRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.image} }
func (r *iconRenderer) MinSize() fyne.Size           { return fyne.NewSquareSize(r.icon.size) }

func (r *iconRenderer) Layout(size fyne.Size) {
	r.image.Resize(fyne.NewSquareSize(r.icon.size))
	r.image.Move(fyne.NewPos((size.Width-r.icon.size)/2, (size.Height-r.icon.size)/2))
}

func (r *iconRenderer) Refresh() {
	res := Drawing(r.icon.name, theme.Color(r.icon.color))
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
