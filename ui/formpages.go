package ui

import (
	"calla/account"
	"calla/phone/cause"
	"calla/ui/form"
)

// newForm makes the form of an account; fresh: one that has not been saved yet.
func (m *mainWindow) newForm(a account.Account, fresh bool) *form.Page {
	return form.New(pageWindow{m}, m.app.phone, a, fresh)
}

// editAccount opens an account's form.
func (m *mainWindow) editAccount(id string) { m.editParameter(id, "", "") }

// editParameter opens an account's form at one field; offer, where it is not "", is put into that.
func (m *mainWindow) editParameter(id, parameter, offer string) {
	a, ok := m.app.phone.Account(id)
	if !ok {
		return
	}
	f := m.newForm(a, false)
	m.open(f)
	if m.page == page(f) {
		f.Open(parameter, offer)
	}
}

// act does what the button of a problem says, about an account.
func (m *mainWindow) act(p cause.Cause, accountID string) {
	switch p.Action {
	case cause.ActionRetry:
		m.app.phone.Retry(accountID)
	case cause.ActionEditAccount:
		m.editParameter(accountID, p.Parameter, p.Offer)
	case cause.ActionEnterPassword:
		m.askPassword(accountID)
	case cause.ActionChooseDevice:
		m.openSettings()
	case cause.ActionCallAgain:
		m.dial.dial()
	case cause.ActionAcceptLogin:
		m.app.phone.AcceptLogin(accountID)
	}
}
