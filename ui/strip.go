package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/ui/layout"
	"calla/ui/widget"
)

// strip is a line of words above the buttons of a call, with a mark before them and perhaps buttons below:
// how a transfer goes, who waits.
type strip struct {
	mark   *widget.Mark
	text   *widget.Text
	object *fyne.Container
}

func newStrip(buttons ...fyne.CanvasObject) *strip {
	s := &strip{mark: widget.NewMark(widget.Triangle, 12), text: widget.NewParagraph("").Sized(13)}
	words := layout.Border(nil, nil, layout.Border(layout.Padded(3, 0, 0, 8, s.mark), nil, nil, nil), nil, s.text)
	s.object = container.NewStack(widget.NewPanel(withButtons(words, buttons), widget.ColorSurface, widget.ColorLine,
		widget.RadiusCard, 12, 8))
	s.object.Hide()
	return s
}

// withButtons puts buttons below words, and one that is alone beside them.
func withButtons(words fyne.CanvasObject, buttons []fyne.CanvasObject) fyne.CanvasObject {
	const gap = 8
	alone := func() bool {
		shown := 0
		for _, b := range buttons {
			if b.Visible() {
				shown++
			}
		}
		return shown == 1
	}
	if len(buttons) == 0 {
		return words
	}
	return container.New(layout.Func{
		Min: func(o []fyne.CanvasObject) fyne.Size {
			w, b := o[0].MinSize(), o[1].MinSize()
			if alone() {
				return fyne.NewSize(w.Width+gap+b.Width, max(w.Height, b.Height))
			}
			return fyne.NewSize(max(w.Width, b.Width), w.Height+gap+b.Height+2)
		},
		Place: func(o []fyne.CanvasObject, size fyne.Size) {
			b, left := o[1].MinSize(), size.Width
			if alone() {
				left -= gap + b.Width
				o[1].Move(fyne.NewPos(left+gap, (size.Height-b.Height)/2))
				o[1].Resize(b)
			} else {
				o[1].Move(fyne.NewPos(0, size.Height-b.Height-2))
				o[1].Resize(fyne.NewSize(left, b.Height))
			}
			o[0].Resize(fyne.NewSize(left, o[0].MinSize().Height)) // a paragraph knows its height by its width
			top := float32(0)
			if alone() {
				top = max(0, (size.Height-o[0].MinSize().Height)/2)
			}
			o[0].Move(fyne.NewPos(0, top))
			o[0].Resize(fyne.NewSize(left, o[0].MinSize().Height))
		},
	}, words, layout.Equal(gap, buttons...))
}

// show tells something; with "" it hides.
func (s *strip) show(shape widget.Shape, words string) {
	s.object.Hidden = words == ""
	s.mark.Set(shape)
	s.text.SetText(words)
}
