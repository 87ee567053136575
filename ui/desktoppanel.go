package ui

import (
	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// desktopPanel chooses how Calla lives on the desktop.
type desktopPanel struct {
	app    *app
	object fyne.CanvasObject
}

func newDesktopPanel(a *app) *desktopPanel {
	p := &desktopPanel{app: a}
	p.object = widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.SettingDesktop)),
		p.choice(cause.SettingNotifications, func(s *account.Settings) *bool { return &s.Notifications }),
		newAutostartPanel(a).object,
	))
	return p
}

// choice is a switch for a setting, with what it means below.
func (p *desktopPanel) choice(k cause.Kind, of func(*account.Settings) *bool) fyne.CanvasObject {
	s := p.app.phone.Settings()
	choose := widget.NewSwitch(tell.Word(k), "", *of(&s), func(on bool) {
		p.app.main.change(func(s *account.Settings) { *of(s) = on })
	})
	return layout.Column(8, choose, explained(k))
}
