package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// problemStrip tells what is wrong with a call while it goes on.
type problemStrip struct {
	app    *app
	shown  *cause.Cause
	text   *widget.Text
	button *widget.Button
	object *fyne.Container
}

func newProblemStrip(a *app) *problemStrip {
	s := &problemStrip{app: a, text: widget.NewParagraph("").Sized(13)}
	s.button = widget.NewButton("", "", widget.Outlined, func() { a.main.call.meant(s.act)() }).High(widget.HeightDense)
	s.button.Hide()
	panel := widget.NewPanel(layout.Border(nil, nil,
		container.NewCenter(layout.Padded(0, 0, 0, 6, widget.NewMark(widget.Triangle, 12))),
		layout.Padded(0, 0, 8, 0, container.NewCenter(s.button)),
		s.text), widget.ColorSurface, widget.ColorLine, widget.RadiusCard, 12, 8)
	s.object = container.NewStack(panel)
	s.object.Hide()
	return s
}

// problemOrRemark is what there is to tell of a call: what is wrong, or else what it goes on without.
func problemOrRemark(c phone.CallState) *cause.Cause {
	if c.Problem == nil && len(c.Remarks) > 0 {
		return &c.Remarks[0]
	}
	return c.Problem
}

func (s *problemStrip) update(p *cause.Cause) {
	s.shown = p
	s.object.Hidden = p == nil
	if p == nil {
		return
	}
	s.text.SetText(tell.Of(*p).Title)
	label := tell.ProblemAction(*p)
	if p.Action == cause.ActionChooseDevice {
		label = tell.Word(cause.CallChooseDevice)
	}
	s.button.Set(label, "")
	s.button.Hidden = label == ""
}

func (s *problemStrip) act() {
	switch s.shown.Action {
	case cause.ActionChooseDevice:
		widget.ShowMenuUnder(deviceMenu(s.app), s.button, true)
	default:
		s.app.main.act(*s.shown, s.app.main.call.call.AccountID)
	}
}
