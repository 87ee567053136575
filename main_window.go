//go:build !headless

package main

import (
	"context"
	"os"
	"runtime"

	"fyne.io/fyne/v2"

	"calla/icons"
	"calla/phone"
	"calla/ui"
	"calla/ui/console"
)

// window opens the window over a phone that registers already.
func window() func(*phone.Phone, console.Window) error {
	return func(p *phone.Phone, w console.Window) error {
		if !hasDisplay() {
			return console.ErrNoDisplay
		}
		return ui.Run(p, ui.Options{
			Version: w.Version, Started: w.Started, Logger: w.Logger, Icon: icons.App(),
			Dial: w.Dial, Page: ui.StartPage(w.Page), Handed: w.Handed, Links: w.Links, Lost: w.Lost,
			Autostart: w.Starts, Hidden: w.Hidden,
			Ready: func(fyne.Window) {
				context.AfterFunc(w.Context, func() { fyne.Do(fyne.CurrentApp().Quit) })
			},
		})
	}
}

// hasDisplay tells whether there is something to open a window on. Only X11 and Wayland can be missing.
func hasDisplay() bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}
