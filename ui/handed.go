package ui

import (
	"strconv"
	"strings"

	"calla/phone/cause"
	"calla/ui/tell"
)

// handed shows what a second start of the program was given, in front: the user has just asked for it.
func (a *app) handed(dial, token string) {
	a.main.toFront(token)
	if dial != "" {
		a.main.showDialled(dial)
	}
}

// toFront brings the window to the front. token is the desktop's, of the user's deed that this follows, "" where it
// gave none.
func (m *mainWindow) toFront(token string) {
	m.app.setHidden(false)
	m.win.Show()
	m.win.RequestFocus()
	if server, window := m.app.desk.x11(m.win); server != nil {
		if err := server.activate(window, startTime(token)); err != nil {
			m.app.log.Info("the window may stay behind others", "error", err)
		}
	}
	m.app.log.Info("window brought to the front")
}

// startTime is the time of the user's deed in a startup-notification ID, in the X server's milliseconds; 0 = unknown.
func startTime(token string) uint32 {
	i := strings.LastIndex(token, "_TIME")
	if i < 0 {
		return 0
	}
	n, err := strconv.ParseUint(token[i+len("_TIME"):], 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// showDialled puts a number, address or link into the number field, as what it means, for Enter to call. Where the
// settings say so, a link is called at once, unless there is a call.
func (m *mainWindow) showDialled(text string) {
	m.closeSheet()
	m.closePage()
	if m.page != nil && !m.wide {
		return // it asks first, and the field would not be seen
	}
	if len(m.app.state.Accounts) == 0 {
		told := tell.Of(cause.Cause{Kind: cause.DialNoAccountForLinks})
		m.tell(told.Title, told.Below())
		return
	}
	m.leaveEnded()
	if m.inCall() {
		m.setAdding(true)
	}
	account := ""
	if a, ok := currentAccount(m.app.state); ok {
		account = a.ID
	}
	read := m.app.phone.ReadDialled(account, text)
	shown := read.Text
	switch {
	case shown == "" && read.Instead != "":
		shown = read.Instead
	case shown == "":
		shown = tell.SafeLine(pastedTarget(text))
	}
	m.dial.fill(shown)
	m.dial.focus()
	m.app.log.Info("number field filled", "text", m.dial.number.Text)
	if m.app.phone.Settings().DialLinks && read.Problem == nil && isLink(text) && len(m.app.state.Calls) == 0 {
		m.dial.dial()
	}
}

// isLink tells whether a text came from a link rather than from somebody who typed it.
func isLink(text string) bool {
	scheme, _, ok := strings.Cut(text, ":")
	switch strings.ToLower(scheme) {
	case "tel", "sip", "sips", "callto":
		return ok
	}
	return false
}
