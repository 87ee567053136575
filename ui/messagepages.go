package ui

import (
	"calla/phone/journal"
	"calla/ui/messages"
	"calla/ui/suggest"
)

// openMessages lists the conversations. The keyboard is where an address can be typed.
func (m *mainWindow) openMessages() {
	l := messages.NewList(pageWindow{m}, m.app.phone)
	m.open(l)
	if m.page == page(l) {
		l.Start()
	}
}

// openConversation opens, by open, what was said with an address, with the keyboard where the next words go.
func (m *mainWindow) openConversation(accountID, address string, open func(page)) {
	party, shown := m.app.phone.Correspondent(accountID, address)
	t := messages.NewTalk(pageWindow{m}, m.app.phone, accountID, party, shown)
	open(t)
	if m.page == page(t) {
		t.Start()
	}
}

// openMessageOf opens the conversation of a notification that was pressed, where somebody is typing into a sheet when
// that is closed.
func (m *mainWindow) openMessageOf(accountID, party string) {
	if !m.free() {
		m.tellOnce("message "+accountID+" "+party, func() { m.openMessageOf(accountID, party) })
		return
	}
	m.openConversation(accountID, party, m.open)
}

// Conversations shows the list: the one that led here, where there is one.
func (w pageWindow) Conversations() {
	if !backTo[*messages.List](w.mainWindow) {
		w.openMessages()
	}
}

func (w pageWindow) Message(accountID, address string) {
	w.openConversation(accountID, address, w.openOver)
}

func (w pageWindow) CallText(accountID, address string) { w.callText(accountID, address) }

func (w pageWindow) Suggestions(take func(journal.Suggestion)) *suggest.List {
	return w.app.suggestions(take)
}
