package ui

import (
	"strconv"
	"strings"
	"time"

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
// settings say so, a link is called at once, unless there is a call. Nothing that is typed goes for it unasked: it
// waits for a sheet and for a page that is to be asked first, and asks where a number is typed.
func (m *mainWindow) showDialled(text string) { m.showHanded(text, true) }

// showHanded is showDialled; atOnce: nothing has come between, so that a link may be called at once.
func (m *mainWindow) showHanded(text string, atOnce bool) {
	if !m.free() {
		m.tellOnce("handed "+text, func() { m.showHanded(text, false) })
		return
	}
	if m.handed = ""; !m.wide {
		m.closePage()
	}
	if m.page != nil && !m.wide {
		m.handed = text // until that has been left
		return
	}
	if len(m.app.state.Accounts) == 0 {
		told := tell.Of(cause.Cause{Kind: cause.DialNoAccountForLinks})
		m.tell(told.Title, told.Below())
		return
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
	use := func() {
		m.takeHanded(shown)
		if atOnce && m.app.phone.Settings().DialLinks && read.Problem == nil && isLink(text) &&
			len(m.app.state.Calls) == 0 {
			m.dial.dial()
		}
	}
	if typed := m.dial.ownText(); typed == "" || typed == shown {
		use()
		return
	}
	m.tellOnce("replace-by "+shown, func() {
		told := tell.Of(cause.Cause{
			Kind: cause.DialReplace, Text: tell.SafeUpTo(m.dial.number.Text, tell.SmallPrint),
			To: tell.SafeUpTo(shown, tell.SmallPrint),
		})
		m.ask(told.Title, told.Why, offerWords(shown), false, use)
	})
}

// showLeft shows what was handed over while the page had something unsaved in it that has just been left.
func (m *mainWindow) showLeft() {
	if text := m.handed; text != "" {
		m.showHanded(text, false)
	}
}

// takeHanded puts into the number field what was handed over. The keyboard goes there, too, unless somebody types for a
// call: then what is typed on goes nowhere until there has been a pause.
func (m *mainWindow) takeHanded(shown string) {
	now := time.Now()
	typing := now.Sub(m.typist.at) < typingPause
	m.leaveEnded()
	if m.inCall() {
		m.setAdding(true)
	}
	m.dial.fill(shown)
	m.dial.handed = m.dial.number.Text
	if typing {
		m.win.Canvas().Unfocus()
		m.typist.lose(now)
	} else {
		m.dial.focus()
	}
	m.app.log.Info("number field filled", "text", m.dial.number.Text)
}

// ownText is what the user has put into the number field that is not being called: not what was handed over before.
func (d *dialPane) ownText() string {
	text := strings.TrimSpace(d.number.Text)
	if d.number.Text == d.handed || d.asked != nil && d.asked.text == text {
		return ""
	}
	return text
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
