//go:build !headless

package main

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"

	"calla/icons"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui"
	"calla/ui/console"
	"calla/ui/display"
)

// window opens the window over a phone that registers already.
func window() func(*phone.Phone, console.Window) error {
	return func(p *phone.Phone, w console.Window) error {
		if why := display.Probe(); why != nil {
			return console.NoWindow{Why: *why}
		}
		err := ui.Run(p, ui.Options{
			Version: w.Version, Started: w.Started, Logger: w.Logger, Icon: icons.App(),
			Dial: w.Dial, Page: ui.StartPage(w.Page), Handed: w.Handed, Links: w.Links, Lost: w.Lost,
			Autostart: w.Starts, Hidden: w.Hidden,
			Ready: func(fyne.Window) {
				context.AfterFunc(w.Context, func() { fyne.Do(fyne.CurrentApp().Quit) })
			},
		})
		if errors.Is(err, ui.ErrNoWindow) {
			return console.NoWindow{Why: cause.Cause{Kind: cause.NoWindow}}
		}
		return err
	}
}
