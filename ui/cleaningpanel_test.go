package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestEachChoiceOfCleaningIsKept: a switch or a strength changes what it stands for, and nothing else.
func TestEachChoiceOfCleaningIsKept(t *testing.T) {
	press := func(i int) func(fyne.CanvasObject) {
		return func(panel fyne.CanvasObject) { test.Tap(uitest.LaidOut[*widget.Switch](panel)[i]) }
	}
	strength := func(i int) func(fyne.CanvasObject) {
		return func(panel fyne.CanvasObject) { uitest.LaidOut[*widget.Select](panel)[0].OnChosen(i) }
	}
	for _, v := range []struct {
		name string
		do   func(panel fyne.CanvasObject)
		want account.Cleaning
	}{
		{"nothing", func(fyne.CanvasObject) {}, account.Cleaning{Noise: account.NoiseKept}},
		{"echo", press(0), account.Cleaning{Echo: true, Noise: account.NoiseKept}},
		{"gain", press(1), account.Cleaning{Gain: true, Noise: account.NoiseKept}},
		{"some noise", strength(1), account.Cleaning{Noise: account.NoiseModerate}},
		{"most noise", strength(2), account.Cleaning{Noise: account.NoiseStrong}},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{})
			o.phone.settings.Cleaning = account.DefaultCleaning()
			v.do(newCleaningPanel(o.app))
			if got := o.phone.settings.Cleaning; got != v.want {
				t.Errorf("%+v", got)
			}
		})
	}
}
