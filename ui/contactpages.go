package ui

import (
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/contacts"
)

// contactWindow is the window as the pages of contacts see it.
type contactWindow struct{ pageWindow }

// CheckRingtone tells why a ringtone could not be played.
func (w contactWindow) CheckRingtone(name string) *cause.Cause {
	return w.app.phone.CheckRingtone(name)
}

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
		w.pageWindow.Message(a.ID, address)
	}
}

// Retitle shows another title of a page, where that is open.
func (w contactWindow) Retitle(p any) {
	if w.page != nil && any(w.page) == p {
		w.showSide()
	}
}

// ShowContacts shows the list: the one that led here, where there is one.
func (w contactWindow) ShowContacts() {
	if !backTo[*contacts.List](w.mainWindow) {
		w.openContacts()
	}
}

// ShowContact shows a contact, in the place of the form in which it was changed.
func (w contactWindow) ShowContact(c journal.Contact) {
	j := w.app.phone.Journal()
	if j == nil {
		return
	}
	if _, is := w.page.(*contacts.Form); is {
		w.page = w.pop()
		if _, is := w.page.(*contacts.Card); is {
			w.page = w.pop()
		}
	}
	w.openOver(contacts.NewCard(w, w.app.phone, j, c))
}

func (w contactWindow) EditContact(c journal.Contact) { w.editContact(c, w.openOver) }

func (w contactWindow) ImportContacts(path string) {
	if j := w.app.phone.Journal(); j != nil {
		w.openOver(contacts.NewImport(w, j, path))
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

// editContact opens, by open, the form of a contact; of one with ID 0, which is not kept yet, what is known is filled
// in.
func (m *mainWindow) editContact(c journal.Contact, open func(page)) {
	j := m.app.phone.Journal()
	if j == nil {
		return
	}
	f := contacts.NewForm(contactWindow{pageWindow{m}}, j, c)
	if open(f); m.page == page(f) {
		f.Start()
	}
}

// addToContacts opens, by open, the form filled with somebody who is not among the contacts.
func (m *mainWindow) addToContacts(name, address string, open func(page)) {
	m.editContact(journal.Contact{Name: name, Addresses: []journal.ContactAddress{{Address: address}}}, open)
}
