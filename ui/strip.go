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
	var below fyne.CanvasObject
	if len(buttons) > 0 {
		below = layout.Padded(8, 2, 0, 0, layout.Equal(8, buttons...))
	}
	panel := widget.NewPanel(layout.Border(nil, below,
		layout.Border(layout.Padded(3, 0, 0, 8, s.mark), nil, nil, nil), nil, s.text), widget.ColorSurface, widget.ColorLine, widget.RadiusCard, 12, 8)
	s.object = container.NewStack(panel)
	s.object.Hide()
	return s
}

// show tells something; with "" it hides.
func (s *strip) show(shape widget.Shape, words string) {
	s.object.Hidden = words == ""
	s.mark.Set(shape)
	s.text.SetText(words)
}
