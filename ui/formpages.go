package ui

import (
	"calla/account"
	"calla/netsip/config"
	"calla/phone/cause"
	"calla/ui/form"
)

// formWindow is the window as the form of an account sees it.
type formWindow struct{ *mainWindow }

func (w formWindow) Ask(title, text, yes string, dangerous bool, do func()) {
	w.ask(title, text, yes, dangerous, do)
}
func (w formWindow) AskPlace(err error, then func(account.SecretPlace)) { w.askPlace(err, then) }
func (w formWindow) TellError(title string, err error)                  { w.tellError(title, err) }
func (w formWindow) ChooseFile(title, near string, then func(path string)) {
	w.app.chooseFile(title, near, then)
}
func (w formWindow) Import(use func(config.Config))  { w.openImport(use) }
func (w formWindow) Export(bare, full config.Config) { w.openExport(bare, full) }
func (w formWindow) ShowConnection(accountID string) { w.openAccount(accountID) }
func (w formWindow) Leave()                          { w.closePage() }
func (w formWindow) Aside(work func())               { w.app.aside(work) }

func (w formWindow) Saved(f *form.Page) {
	if w.page == page(f) {
		w.dropPage()
	}
}

// newForm makes the form of an account; fresh: one that has not been saved yet.
func (m *mainWindow) newForm(a account.Account, fresh bool) *form.Page {
	return form.New(formWindow{m}, m.app.phone, a, fresh)
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
