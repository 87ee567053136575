package ui

import (
	"calla/phone/journal"
	"calla/ui/contacts"
)

// contactWindow is the window as the pages of contacts see it.
type contactWindow struct{ pageWindow }

// Call calls an address with the account that dials, in sight.
func (w contactWindow) Call(address string) {
	if w.page != nil && !w.wide {
		w.closePage()
	}
	w.leaveEnded()
	a, _ := currentAccount(w.app.state)
	w.callText(a.ID, address)
}

// Message opens the conversation with an address.
func (w contactWindow) Message(address string) {
	if a, ok := currentAccount(w.app.state); ok {
		w.openConversation(a.ID, address)
	}
}

// Retitle shows another title of a page, where that is open.
func (w contactWindow) Retitle(p any) {
	if w.page != nil && any(w.page) == p {
		w.showSide()
	}
}

func (w contactWindow) ShowContacts()                 { w.openContacts() }
func (w contactWindow) ShowContact(c journal.Contact) { w.openContact(c) }
func (w contactWindow) EditContact(c journal.Contact) { w.editContact(c) }

func (w contactWindow) ImportContacts(path string) {
	if j := w.app.phone.Journal(); j != nil {
		w.open(contacts.NewImport(w, j, path))
	}
}

// openContacts lists the contacts.
func (m *mainWindow) openContacts() {
	j := m.app.phone.Journal()
	if j == nil {
		return
	}
	l := contacts.NewList(contactWindow{pageWindow{m}}, j)
	if m.open(l); m.page == page(l) {
		l.Start()
	}
}

// openContact shows a contact.
func (m *mainWindow) openContact(c journal.Contact) {
	if j := m.app.phone.Journal(); j != nil {
		m.open(contacts.NewCard(contactWindow{pageWindow{m}}, m.app.phone, j, c))
	}
}

// editContact opens the form of a contact; of one with ID 0, which is not kept yet, what is known is filled in.
func (m *mainWindow) editContact(c journal.Contact) {
	j := m.app.phone.Journal()
	if j == nil {
		return
	}
	f := contacts.NewForm(contactWindow{pageWindow{m}}, j, c)
	if m.open(f); m.page == page(f) {
		f.Start()
	}
}

// addToContacts opens the form filled with somebody who is not among the contacts.
func (m *mainWindow) addToContacts(name, address string) {
	m.editContact(journal.Contact{Name: name, Addresses: []journal.ContactAddress{{Address: address}}})
}
