// Package layout arranges what the window shows: columns, rows, margins, pages that scroll.
package layout

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"calla/ui/widget"
)

// Func makes a fyne.Layout of two functions.
type Func struct {
	Min   func([]fyne.CanvasObject) fyne.Size
	Place func([]fyne.CanvasObject, fyne.Size)
}

func (l Func) MinSize(o []fyne.CanvasObject) fyne.Size      { return l.Min(o) }
func (l Func) Layout(o []fyne.CanvasObject, size fyne.Size) { l.Place(o, size) }

// Column stacks objects with gap pixels between them; hidden ones take no room.
func Column(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(gap), objects...)
}

// Row sets objects side by side with gap pixels between them.
func Row(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedHBoxLayout(gap), objects...)
}

// Border sets objects at the edges and one in the middle, in the order in which the keyboard should visit
// them: top, left, middle, right, bottom.
func Border(top, bottom, left, right fyne.CanvasObject, middle ...fyne.CanvasObject) *fyne.Container {
	var all []fyne.CanvasObject
	for _, o := range append(append([]fyne.CanvasObject{top, left}, middle...), right, bottom) {
		if o != nil {
			all = append(all, o)
		}
	}
	return container.New(layout.NewBorderLayout(top, bottom, left, right), all...)
}

// Padded puts a margin around an object.
func Padded(top, bottom, left, right float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(top, bottom, left, right), o)
}

// Equal sets objects side by side, all of one width; hidden ones take no room.
func Equal(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(Func{
		Min: func(os []fyne.CanvasObject) fyne.Size {
			var size fyne.Size
			n := 0
			for _, o := range os {
				if !o.Visible() {
					continue
				}
				m := o.MinSize()
				size = fyne.NewSize(max(size.Width, m.Width), max(size.Height, m.Height))
				n++
			}
			size.Width = size.Width*float32(n) + gap*float32(max(0, n-1))
			return size
		},
		Place: func(os []fyne.CanvasObject, size fyne.Size) {
			n := 0
			for _, o := range os {
				if o.Visible() {
					n++
				}
			}
			w := (size.Width - gap*float32(n-1)) / float32(max(1, n))
			x := float32(0)
			for _, o := range os {
				if o.Visible() {
					o.Move(fyne.NewPos(x, 0))
					o.Resize(fyne.NewSize(w, size.Height))
					x += w + gap
				}
			}
		},
	}, objects...)
}

// Centred keeps an object at most width pixels wide, in the middle.
func Centred(width float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(Func{
		Min: func(os []fyne.CanvasObject) fyne.Size {
			m := os[0].MinSize()
			return fyne.NewSize(min(m.Width, 200), m.Height) // what is too wide is to wrap, not to be cut
		},
		Place: func(os []fyne.CanvasObject, size fyne.Size) {
			w := min(size.Width, width)
			os[0].Move(fyne.NewPos((size.Width-w)/2, 0))
			os[0].Resize(fyne.NewSize(w, size.Height))
		},
	}, o)
}

// Limited scrolls a column where it is higher than most tells, or than the room that it is given.
func Limited(most func() float32, o fyne.CanvasObject) *fyne.Container {
	s := container.NewVScroll(o)
	return container.New(Func{
		Min: func([]fyne.CanvasObject) fyne.Size {
			m := o.MinSize()
			return fyne.NewSize(m.Width, min(m.Height, most()))
		},
		Place: func(_ []fyne.CanvasObject, size fyne.Size) {
			s.Resize(size)
			o.Resize(fyne.NewSize(size.Width, max(size.Height, o.MinSize().Height)))
		},
	}, s)
}

// Unlimited is the height of a Limited column that is given its room by what lays it out.
func Unlimited() float32 { return math.MaxFloat32 }

// Scrolling puts a column into a vertical scroll with the page's margins.
func Scrolling(o fyne.CanvasObject) *container.Scroll {
	s := container.NewVScroll(Padded(widget.Step, widget.Margin, widget.Margin, widget.Margin, Centred(640, o)))
	s.SetMinSize(fyne.NewSize(200, 100))
	return s
}

// ScrollPage is a page's content in a scroll.
func ScrollPage(o fyne.CanvasObject) *fyne.Container { return Settled(Scrolling(o)) }

// Settled lays a scroll out twice, since a paragraph knows its height only once it has its width, and gives
// it the mouse wheel everywhere.
func Settled(s *container.Scroll) *fyne.Container {
	return container.New(Func{
		Min: func([]fyne.CanvasObject) fyne.Size { return s.MinSize() },
		Place: func(os []fyne.CanvasObject, size fyne.Size) {
			os[1].Resize(size)
			s.Resize(size)
			s.Content.Resize(s.Content.MinSize().Max(size))
			s.Refresh()
		},
	}, s, widget.NewWheel(s))
}

// KeepPlace finds what is read in a scroll: the first of some objects, from top to bottom, that stands in sight. again
// scrolls so that it, or where that is there no longer the next one, stands where it stood, once all is laid out anew.
// Where the scroll is at its top it stays there.
func KeepPlace(s *container.Scroll, objects []fyne.CanvasObject) (again func(there func(fyne.CanvasObject) bool)) {
	place := func(o fyne.CanvasObject) float32 { return fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y }
	top, before := place(s), map[fyne.CanvasObject]float32{}
	for _, o := range objects {
		before[o] = place(o)
	}
	return func(there func(fyne.CanvasObject) bool) {
		for _, o := range objects {
			if s.Offset.Y > 0 && before[o] >= top && there(o) {
				s.ScrollToOffset(s.Offset.AddXY(0, place(o)-before[o]))
				return
			}
		}
	}
}
