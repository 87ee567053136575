package ui

import (
	"fyne.io/fyne/v2"

	"calla/ui/desktop"
	"calla/ui/history"
	"calla/ui/tell"
)

// notify tells of calls beside the windows until stop is called.
func (a *app) notify() (stop func()) {
	notices := desktop.NewNotices(desktop.Options{
		Do: a.pressed, On: func() bool { return a.phone.Settings().Notifications }, Log: a.log,
		Plain: func(title, body string) {
			a.doze.do(func() { a.fyne.SendNotification(fyne.NewNotification(title, body)) })
		},
	})
	cancel := a.phone.Subscribe(notices.Follow)
	return func() {
		cancel()
		notices.Close()
	}
}

// pressed does what somebody pressed in a notification, and brings the window to the front where it is to be looked at
// then. It may be called on any goroutine but Fyne's.
func (a *app) pressed(p desktop.Press) {
	switch p.Deed {
	case desktop.Decline:
		a.phone.Decline(p.Call)
		return
	case desktop.Answer: // at once, whatever the window does
		a.phone.Answer(p.Call)
	case desktop.Open, desktop.CallBack:
	default:
		return
	}
	a.doze.do(func() {
		if p.Party != "" {
			a.main.toFront(p.Token)
			a.main.openMessageOf(p.From.AccountID, p.Party)
			return
		}
		if unsaved, is := a.main.page.(interface{ Unsaved() bool }); p.Deed != desktop.Open && !a.main.wide &&
			!(is && unsaved.Unsaved()) { // else what was typed stays, and the line above it leads to the call
			a.main.closePage() // the call is to be seen
		}
		a.main.toFront(p.Token)
		if p.Deed == desktop.CallBack { // by the number field, where it is told what becomes of it
			a.main.dialKept(history.Number{
				Text: tell.Address(p.From.URI), AccountID: p.From.AccountID, URI: p.From.URI,
			}, true)
		}
	})
}
