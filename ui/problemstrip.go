package ui

import (
	"cmp"

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
	short  bool // it is told in a few words, in a line as far as they have room
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
		container.New(layout.Func{
			Min: func(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() },
			Place: func(o []fyne.CanvasObject, size fyne.Size) { // in the middle of what the button is high
				o[0].Resize(fyne.NewSize(size.Width, 0)) // a paragraph knows its height by its width
				h := o[0].MinSize().Height
				o[0].Resize(fyne.NewSize(size.Width, h))
				o[0].Move(fyne.NewPos(0, max(0, (size.Height-h)/2)))
			},
		}, s.text)), widget.ColorSurface, widget.ColorLine, widget.RadiusCard, 12, 8)
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
	s.setShort(s.short)
	label := tell.ProblemAction(*p)
	if p.Action == cause.ActionChooseDevice {
		label = tell.Word(cause.CallChooseDevice)
	}
	s.button.Set(label, "")
	s.button.Hidden = label == ""
}

// setShort tells it in a few words, or in a sentence. The few words are drawn as large as they have room in a line,
// but no smaller than at the usual size of text.
func (s *problemStrip) setShort(short bool) {
	s.short = short
	if s.shown == nil {
		return
	}
	words, size := tell.Of(*s.shown).Title, float32(13)
	if short {
		words = tell.Of(*s.shown).Short
		least := size / max(1, widget.TextFactor())
		size = cmp.Or(widget.FittingSize(words, s.text.Size().Width, false, size, (size+least)/2), least)
	}
	s.text.SetText(words)
	s.text.SetSize(size)
}

func (s *problemStrip) act() {
	switch s.shown.Action {
	case cause.ActionChooseDevice:
		widget.ShowMenuUnder(deviceMenu(s.app), s.button, true)
	default:
		s.app.main.act(*s.shown, s.app.main.call.call.AccountID)
	}
}
