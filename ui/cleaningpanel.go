package ui

import (
	"slices"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// newCleaningPanel chooses what is done to the microphone's sound before anybody hears it. A choice holds at once, in a
// call too.
func newCleaningPanel(a *app) fyne.CanvasObject {
	now := a.phone.Settings().Cleaning
	save := func(f func(*account.Cleaning)) {
		a.main.change(func(s *account.Settings) { f(&s.Cleaning) })
	}
	echo := widget.NewSwitch(tell.Word(cause.CleaningEcho), "", now.Echo, func(on bool) {
		save(func(c *account.Cleaning) { c.Echo = on })
	})
	gain := widget.NewSwitch(tell.Word(cause.CleaningGain), "", now.Gain, func(on bool) {
		save(func(c *account.Cleaning) { c.Gain = on })
	})
	noise := widget.NewSelect(
		[]string{
			tell.Word(cause.CleaningNoiseOff), tell.Word(cause.CleaningNoiseModerate),
			tell.Word(cause.CleaningNoiseStrong),
		},
		slices.Index(account.NoiseSuppressions(), now.Noise), "",
		func(i int) { save(func(c *account.Cleaning) { c.Noise = account.NoiseSuppressions()[i] }) },
	)
	noise.Name = tell.Word(cause.CleaningNoise)
	return widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.CleaningTitle)),
		echo, explained(cause.CleaningEcho),
		widget.NewText(noise.Name).Sized(13), noise, explained(cause.CleaningNoise),
		gain, explained(cause.CleaningGain)))
}
