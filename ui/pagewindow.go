package ui

import (
	"fyne.io/fyne/v2"

	"calla/account"
	"calla/netsip/config"
	"calla/ui/exchange"
	"calla/ui/form"
	"calla/ui/history"
	"calla/ui/widget"
)

// pageWindow is the window as pages in packages of their own see it. It is the Window of form and of exchange.
type pageWindow struct{ *mainWindow }

func (w pageWindow) Ask(title, text, yes string, dangerous bool, do func()) {
	w.ask(title, text, yes, dangerous, do)
}
func (w pageWindow) AskPlace(err error, then func(account.SecretPlace)) { w.askPlace(err, then) }
func (w pageWindow) TellError(title string, err error)                  { w.tellError(title, err) }
func (w pageWindow) ChooseFile(title, near string, then func(path string)) {
	w.app.chooseFile(title, near, then)
}

func (w pageWindow) ChooseNewFile(title, name string, then func(path string)) {
	w.app.chooseNewFile(title, name, then)
}

func (w pageWindow) OpenSheet(title string, content fyne.CanvasObject, buttons ...*widget.Button) (fit func()) {
	w.openSheet(title, content, buttons...)
	return w.sheet.fit
}
func (w pageWindow) Tell(title, text string) { w.tell(title, text) }
func (w pageWindow) OpenFile(path string, failed func(error)) {
	w.app.openFile(path, failed)
}
func (w pageWindow) Retitle()     { w.showSide() }
func (w pageWindow) Looked() bool { return w.app.front && !w.app.hidden }
func (w pageWindow) AddContact(name, address string) {
	w.addToContacts(name, address, w.openOver)
}
func (w pageWindow) Dial(n history.Number, now bool) { w.dialKept(n, now) }
func (w pageWindow) CloseSheet()                     { w.closeSheet() }
func (w pageWindow) Focus(o fyne.Focusable)          { w.win.Canvas().Focus(o) }
func (w pageWindow) Copy(text string)                { w.app.fyne.Clipboard().SetContent(text) }
func (w pageWindow) Import(use func(config.Config))  { w.openImport(use) }
func (w pageWindow) Export(bare, full config.Config) { exchange.Export(w, bare, full) }
func (w pageWindow) ShowConnection(accountID string) { w.openAccount(accountID) }
func (w pageWindow) Aside(work func())               { w.app.aside(work) }

// Leave closes a page, which may ask first; one that is not open any longer is let be.
func (w pageWindow) Leave(p any) {
	if w.Shows(p) {
		w.leavePage()
	}
}

// Shows tells whether a page is the one that is open.
func (w pageWindow) Shows(p any) bool { return w.page != nil && any(w.page) == p }

// Draft is what somebody has begun to write in a conversation.
func (w pageWindow) Draft(conversation string) string { return w.app.drafts[conversation] }

// KeepDraft keeps it for when its page is opened again.
func (w pageWindow) KeepDraft(conversation, text string) {
	if text == "" {
		delete(w.app.drafts, conversation)
		return
	}
	w.app.drafts[conversation] = text
}

func (w pageWindow) Saved(f *form.Page) {
	if w.page == page(f) {
		w.dropPage()
	}
}

// openImport asks for a configuration in a sheet.
func (m *mainWindow) openImport(use func(config.Config)) { exchange.Import(pageWindow{m}, use) }
