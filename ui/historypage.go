package ui

import (
	"calla/ui/history"
)

// openHistory lists the calls that are over.
func (m *mainWindow) openHistory() {
	j := m.app.phone.Journal()
	if j == nil {
		return
	}
	h := history.New(pageWindow{m}, m.app.phone, j)
	m.open(h)
	if m.page == page(h) {
		h.Start()
		m.app.phone.MarkMissedSeen() // whoever opens it sees them
	}
}

// dialKept puts whom an earlier call was with into the number field, to be called with the account it went by; now:
// calls him. What becomes of that is told at the field.
func (m *mainWindow) dialKept(n history.Number, now bool) {
	if m.page != nil && !m.wide {
		m.closePage()
	}
	m.leaveEnded()
	if m.inCall() {
		m.setAdding(true)
	}
	m.dial.fillKept(lastCall{n.Text, n.AccountID, n.Account, n.URI, n.After}, n.Name)
	if now {
		m.dial.dial()
		return
	}
	m.dial.focus()
}
