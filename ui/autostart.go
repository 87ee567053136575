package ui

import (
	"errors"

	"fyne.io/fyne/v2"

	"calla/phone/autostart"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// Autostart has this computer start Calla at log-in. autostart.Program is the real one; tests use their own. The
// methods read and write files.
type Autostart interface {
	Status() (autostart.Status, error)
	Set(autostart.Status) error
}

// autostartPanel chooses whether Calla starts at log-in, and how.
type autostartPanel struct {
	app        *app
	on, hidden *widget.Switch // how the system has it; hidden until that is known
	state      *widget.Text   // why nothing can be done here
	object     *fyne.Container
}

func newAutostartPanel(a *app) *autostartPanel {
	p := &autostartPanel{app: a, state: widget.NewParagraph("").Color(widget.ColorBad).Sized(13)}
	p.state.Hide()
	p.on = widget.NewSwitch(tell.Word(cause.SettingAutostart), "", false, func(bool) { p.choose() })
	p.hidden = widget.NewSwitch(tell.Word(cause.SettingStartHidden), "", false, func(bool) { p.choose() })
	p.object = layout.Column(8, p.on, explained(cause.SettingAutostart), p.hidden,
		explained(cause.SettingStartHidden), p.state)
	p.object.Hide()
	if a.options.Autostart != nil {
		a.aside(func() { p.read(nil) })
	}
	return p
}

// explained is what a choice means, below it.
func explained(k cause.Kind) fyne.CanvasObject {
	return widget.NewParagraph(tell.Of(cause.Cause{Kind: k}).Why).Color(widget.ColorMuted).Sized(13)
}

// choose has the system do as the switches say, and shows what it does then.
func (p *autostartPanel) choose() {
	want := autostart.Status{On: p.on.On(), Hidden: p.on.On() && p.hidden.On()}
	p.on.Disable()
	p.hidden.Disable()
	p.app.aside(func() { p.read(p.app.options.Autostart.Set(want)) })
}

// read shows how the system has it. failed is why it is not as the user wants it. It is not for Fyne's goroutine.
func (p *autostartPanel) read(failed error) {
	status, err := p.app.options.Autostart.Status()
	fyne.Do(func() {
		p.on.Enable()
		p.hidden.Enable()
		p.show(status, errors.Join(failed, err))
	})
}

func (p *autostartPanel) show(status autostart.Status, failed error) {
	p.on.SetOn(status.On)
	p.hidden.SetOn(status.Hidden)
	if !status.On {
		p.hidden.Disable()
	}
	words := ""
	var foreign *autostart.ForeignError
	switch {
	case errors.As(failed, &foreign):
		words = tell.Sentence(foreign)
	case failed != nil:
		words = tell.Sentence(failed)
	}
	p.state.SetText(tell.SafeUpTo(words, 300))
	p.state.Hidden = words == ""
	p.object.Show()
	p.object.Refresh()
	p.app.main.win.Content().Refresh()
}
