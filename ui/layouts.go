package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"calla/ui/widget"
)

// layoutFunc makes a fyne.Layout of two functions.
type layoutFunc struct {
	min   func([]fyne.CanvasObject) fyne.Size
	place func([]fyne.CanvasObject, fyne.Size)
}

func (l layoutFunc) MinSize(o []fyne.CanvasObject) fyne.Size      { return l.min(o) }
func (l layoutFunc) Layout(o []fyne.CanvasObject, size fyne.Size) { l.place(o, size) }

// column stacks objects with gap pixels between them; hidden ones take no room.
func column(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(gap), objects...)
}

// row sets objects side by side with gap pixels between them.
func row(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedHBoxLayout(gap), objects...)
}

// border sets objects at the edges and one in the middle, in the order in which the keyboard should visit
// them: top, left, middle, right, bottom.
func border(top, bottom, left, right fyne.CanvasObject, middle ...fyne.CanvasObject) *fyne.Container {
	var all []fyne.CanvasObject
	for _, o := range append(append([]fyne.CanvasObject{top, left}, middle...), right, bottom) {
		if o != nil {
			all = append(all, o)
		}
	}
	return container.New(layout.NewBorderLayout(top, bottom, left, right), all...)
}

// padded puts a margin around an object.
func padded(top, bottom, left, right float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(top, bottom, left, right), o)
}

// equal sets objects side by side, all of one width; hidden ones take no room.
func equal(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layoutFunc{
		min: func(os []fyne.CanvasObject) fyne.Size {
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
		place: func(os []fyne.CanvasObject, size fyne.Size) {
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

// centred keeps an object at most width pixels wide, in the middle.
func centred(width float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(layoutFunc{
		min: func(os []fyne.CanvasObject) fyne.Size { return os[0].MinSize() },
		place: func(os []fyne.CanvasObject, size fyne.Size) {
			w := min(size.Width, width)
			os[0].Move(fyne.NewPos((size.Width-w)/2, 0))
			os[0].Resize(fyne.NewSize(w, size.Height))
		},
	}, o)
}

// scrolling puts a column into a vertical scroll with the page's margins.
func scrolling(o fyne.CanvasObject) *container.Scroll {
	s := container.NewVScroll(padded(widget.Step, widget.Margin, widget.Margin, widget.Margin, centred(640, o)))
	s.SetMinSize(fyne.NewSize(200, 100))
	return s
}

// scrollPage is a page's content in a scroll.
func scrollPage(o fyne.CanvasObject) *fyne.Container { return settled(scrolling(o)) }

// settled lays a scroll out twice, since a paragraph knows its height only once it has its width, and gives
// it the mouse wheel everywhere.
func settled(s *container.Scroll) *fyne.Container {
	return container.New(layoutFunc{
		min: func([]fyne.CanvasObject) fyne.Size { return s.MinSize() },
		place: func(os []fyne.CanvasObject, size fyne.Size) {
			os[1].Resize(size)
			s.Resize(size)
			s.Content.Resize(s.Content.MinSize().Max(size))
			s.Refresh()
		},
	}, s, widget.NewWheel(s))
}

// keyGrid lays twelve keys in four rows of three. Their height is between least and most.
func keyGrid(keys []fyne.CanvasObject) *fyne.Container {
	const gap = 8
	return container.New(layoutFunc{
		min: func(os []fyne.CanvasObject) fyne.Size {
			m := os[0].MinSize()
			return fyne.NewSize(3*m.Width+2*gap, 4*m.Height+3*gap)
		},
		place: func(os []fyne.CanvasObject, size fyne.Size) {
			w, h := (size.Width-2*gap)/3, (size.Height-3*gap)/4
			for i, o := range os {
				o.Move(fyne.NewPos(float32(i%3)*(w+gap), float32(i/3)*(h+gap)))
				o.Resize(fyne.NewSize(w, h))
			}
		},
	}, keys...)
}

// keypad makes the twelve keys of a telephone.
func keypad(plus bool, onDigit func(rune)) []fyne.CanvasObject {
	keys := make([]fyne.CanvasObject, 0, 12)
	for _, k := range []struct {
		digit   rune
		letters string
	}{
		{'1', ""},
		{'2', "ABC"},
		{'3', "DEF"},
		{'4', "GHI"},
		{'5', "JKL"},
		{'6', "MNO"},
		{'7', "PQRS"},
		{'8', "TUV"},
		{'9', "WXYZ"},
		{'*', ""},
		{'0', ""},
		{'#', ""},
	} {
		key := widget.NewKey(k.digit, k.letters, onDigit)
		if k.digit == '0' && plus {
			key.Letters, key.Second = "+", '+'
		}
		keys = append(keys, key)
	}
	return keys
}
