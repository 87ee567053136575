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
	p.object = widget.NewCard(layout.Column(8, sectionTitle(label(cause.SettingDesktop)),
		p.choice(cause.SettingNotifications, func(s *account.Settings) *bool { return &s.Notifications }),
	))
	return p
}

// label is what a choice, or a group of them, is called.
func label(k cause.Kind) string { return tell.Of(cause.Cause{Kind: k}).Short }

// choice is a switch for a setting, with what it means below.
func (p *desktopPanel) choice(k cause.Kind, of func(*account.Settings) *bool) fyne.CanvasObject {
	a, told := p.app, tell.Of(cause.Cause{Kind: k})
	s := a.phone.Settings()
	choose := widget.NewSwitch(told.Short, "", *of(&s), func(on bool) {
		s := a.phone.Settings()
		*of(&s) = on
		a.phone.SaveSettings(s, a.tellError(tell.Of(cause.Cause{Kind: cause.SettingNotSaved}).Title))
	})
	return layout.Column(4, choose, widget.NewParagraph(told.Why).Color(widget.ColorMuted).Sized(13))
}
