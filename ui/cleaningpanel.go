package ui

import (
	"slices"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// cleaningPanel chooses what is done to the microphone's sound before anybody hears it, for the devices that are in use
// or would be. A choice holds at once, in a call too.
type cleaningPanel struct {
	app        *app
	now        account.Cleaning
	of         *widget.Text // for which devices it is
	echo, gain *widget.Switch
	why        *widget.Text // of echo
	noise      *widget.Select
	object     fyne.CanvasObject
}

func newCleaningPanel(a *app) *cleaningPanel {
	p := &cleaningPanel{app: a, of: widget.NewParagraph("").Color(widget.ColorMuted).Sized(13)}
	p.why = widget.NewParagraph("").Color(widget.ColorMuted).Sized(13)
	p.echo = widget.NewSwitch(tell.Word(cause.CleaningEcho), "", false, func(on bool) {
		p.choose(func(c *account.Cleaning) { c.Echo = on })
	})
	p.gain = widget.NewSwitch(tell.Word(cause.CleaningGain), "", false, func(on bool) {
		p.choose(func(c *account.Cleaning) { c.Gain = on })
	})
	p.noise = widget.NewSelect(noiseChoices(), -1, "", func(i int) {
		p.choose(func(c *account.Cleaning) { c.Noise = account.NoiseSuppressions()[i] })
	})
	p.noise.Name = tell.Word(cause.CleaningNoise)
	p.object = widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.CleaningTitle)), p.of,
		p.echo, p.why,
		widget.NewText(p.noise.Name).Sized(13), p.noise, explained(cause.CleaningNoise),
		p.gain, explained(cause.CleaningGain)))
	p.update(a.state.Devices.Cleaning)
	return p
}

func noiseChoices() []string {
	return []string{
		tell.Word(cause.CleaningNoiseOff), tell.Word(cause.CleaningNoiseModerate), tell.Word(cause.CleaningNoiseStrong),
	}
}

func (p *cleaningPanel) choose(change func(*account.Cleaning)) {
	change(&p.now)
	p.app.phone.SetCleaning(p.now)
}

func (p *cleaningPanel) update(c phone.CleaningState) {
	p.now = c.Cleaning
	var names []string
	for _, name := range []string{tell.SafeLine(c.Microphone), tell.SafeLine(c.Speaker)} {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	words := ""
	if names != nil {
		words = tell.Of(cause.Cause{Kind: cause.CleaningOf, Names: names}).Title
	}
	p.of.Hidden = words == ""
	p.of.SetText(words)
	p.echo.SetOn(c.Echo && !c.EchoFree)
	if c.EchoFree {
		p.echo.Disable()
	} else {
		p.echo.Enable()
	}
	p.why.SetText(tell.Of(cause.Cause{Kind: whyOfEcho(c)}).Why)
	p.noise.SetChoices(noiseChoices(), slices.Index(account.NoiseSuppressions(), c.Noise))
	p.gain.SetOn(c.Gain)
}

// whyOfEcho is what there is to say of taking the echo out.
func whyOfEcho(c phone.CleaningState) cause.Kind {
	switch {
	case c.EchoFree:
		return cause.CleaningEchoFree
	case c.Headset && !c.Echo:
		return cause.CleaningHeadset
	}
	return cause.CleaningEcho
}
