package ui

import (
	"fyne.io/fyne/v2/container"

	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// mutedStrip tells that somebody talks while the call is muted, and unmutes it. It comes and goes with what is said, so
// it lies where the line at the head is, in its place: nothing moves.
type mutedStrip struct {
	text   *widget.Text
	unmute *widget.Button
	object *widget.Panel
}

func newMutedStrip(unmute func()) *mutedStrip {
	s := &mutedStrip{text: widget.NewText("").Sized(13).Shrink(60)}
	s.unmute = widget.NewButton(tell.Word(cause.CallUnmute), "", widget.Quiet, unmute).High(widget.HeightDense)
	s.object = widget.NewPanel(layout.Border(nil, nil,
		container.NewCenter(layout.Padded(0, 0, 0, 6, widget.NewMark(widget.Triangle, 12))),
		s.unmute, s.text), widget.ColorSurface, widget.ColorLine, widget.RadiusCard, 12, 0)
	s.object.Hide()
	return s
}

// fit tells it in a sentence where that has room, else in a few words.
func (s *mutedStrip) fit() {
	told := tell.Of(cause.Cause{Kind: cause.MutedTalking})
	words := told.Title
	if widget.FittingSize(words, s.text.Size().Width, false, 13) == 0 {
		words = told.Short
	}
	s.text.SetText(words)
}
