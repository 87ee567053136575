package form

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone/cause"
	"calla/ui/checks"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// outcomeHeight is what the steps of a test may take above the buttons; more of them scroll.
const outcomeHeight = 170

// newOutcome makes the place where a test tells its steps: above its button, to be copied and closed.
func (f *Page) newOutcome() {
	f.checks = checks.New()
	f.checks.Fix = func(p cause.Cause) { f.Open(p.Parameter, p.Offer) }
	f.steps = container.NewVScroll(layout.Padded(0, 0, 0, 8, f.checks.Object))
	f.steps.SetMinSize(fyne.NewSize(0, outcomeHeight))
	copied := widget.NewButton("", "copy", widget.Quiet, func() { f.window.Copy(f.checks.Text()) }).
		High(widget.HeightDense).Named(tell.Word(cause.FormCopy))
	closed := widget.NewButton("", "cross", widget.Quiet, func() {
		f.stop()
		f.checkBox.Hide()
		f.body.Refresh()
	}).High(widget.HeightDense).Named(tell.Word(cause.FormClose))
	f.checkBox = layout.Padded(0, 8, 0, 0, widget.NewCard(layout.Border(nil, nil, nil,
		layout.Border(layout.Column(0, closed, copied), nil, nil, nil), layout.Settled(f.steps))))
	f.checkBox.Hide()
}
