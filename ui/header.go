package ui

import (
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// header is the top of the home page: the account that dials with its status, and the menu.
type header struct {
	app    *app
	pill   *widget.Pill
	calls  *widget.Button // the history, where one is kept, with how many missed calls nobody has looked at
	text   *widget.Button // messages, once there are some
	more   *widget.Button
	object *fyne.Container
}

func newHeader(a *app) *header {
	h := &header{app: a}
	h.pill = widget.NewPill(h.openAccounts)
	h.more = widget.NewButton("", "more", widget.Quiet, h.openMenu).Named(tell.Word(cause.MenuTitle))
	h.text = widget.NewButton("", "message", widget.Quiet, func() { a.main.openMessages() }).
		Named(tell.Word(cause.MenuMessagesButton))
	h.text.Hide()
	h.calls = widget.NewButton("", "clock", widget.Quiet, func() { a.main.openHistory() }).Urgent().
		Named(tell.Word(cause.HistoryTitle))
	h.calls.Hidden = a.phone.Journal() == nil
	h.object = layout.Border(nil, nil, nil, layout.Row(0, h.calls, h.text, h.more), h.pill)
	return h
}

func (h *header) update(s phone.State, now time.Time) {
	h.calls.SetCount(s.Journal.Missed)
	h.text.SetCount(s.Messages.Unread)
	if hide := !s.Messages.Any; hide == h.text.Visible() {
		h.text.Hidden = hide
		h.object.Refresh()
	}
	a, ok := currentAccount(s)
	if !ok {
		h.pill.Set(widget.Ring, tell.Word(cause.HeaderNoAccount), "", tell.Word(cause.HeaderAddOne))
		return
	}
	h.pill.Set(tell.StatusShape(a.Status), tell.SafeLine(a.Label), tell.Status(a, now), headerLine(s, a))
}

// headerLine is the line under the name of the account that dials: first what keeps calls from ringing.
func headerLine(s phone.State, a phone.AccountState) string {
	if words := standingOrders(s, a); words != "" {
		return words
	}
	if words := troubleLine(s); words != "" {
		return words + tell.Dotted(accountLine(a))
	}
	return accountLine(a)
}

// troubleLine tells of several accounts how many cannot be called, "" where all can.
func troubleLine(s phone.State) string {
	bad := 0
	for _, a := range s.Accounts {
		switch a.Status {
		case phone.StatusRetrying, phone.StatusFailed, phone.StatusNoPassword:
			bad++
		}
	}
	if bad == 0 || len(s.Accounts) < 2 {
		return ""
	}
	return tell.WordOf(cause.Cause{Kind: cause.AccountsTrouble, Count: bad, Of: len(s.Accounts)})
}

// accountLine is the line under an account's name: what is new in its mailbox, and its address where that is not the
// name.
func accountLine(a phone.AccountState) string {
	line := tell.Address(a.Address)
	if line == tell.SafeLine(a.Label) {
		line = ""
	}
	if words := tell.Voicemail(a.Voicemail); words != "" {
		return words + tell.Dotted(line)
	}
	return line
}

// accountOfCall names the account of a call where there are several, and else is "".
func accountOfCall(s phone.State, label string) string {
	if len(s.Accounts) < 2 {
		return ""
	}
	return tell.WordOf(cause.Cause{Kind: cause.AccountOfCall, Account: tell.SafeLine(label)})
}

// currentAccount returns the account that dials.
func currentAccount(s phone.State) (phone.AccountState, bool) {
	for _, a := range s.Accounts {
		if a.ID == s.Account {
			return a, true
		}
	}
	if len(s.Accounts) > 0 {
		return s.Accounts[0], true
	}
	return phone.AccountState{}, false
}

func (h *header) accountsMenu() *fyne.Menu {
	var items []*fyne.MenuItem
	now := time.Now()
	for _, a := range h.app.state.Accounts {
		item := fyne.NewMenuItem(h.app.menuLine(tell.SafeLine(a.Label), " · "+tell.Status(a, now)),
			func() { h.app.phone.UseAccount(a.ID) })
		item.Checked = a.ID == h.app.state.Account
		items = append(items, item)
	}
	if len(items) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
	}
	if a, ok := currentAccount(h.app.state); ok {
		if !a.Sandbox {
			edit := tell.WordOf(cause.Cause{Kind: cause.MenuEditAccount, Account: tell.SafeLine(a.Label)})
			items = append(items, fyne.NewMenuItem(h.app.menuLine(edit, "…"),
				func() { h.app.main.editAccount(a.ID) }))
		}
		items = append(items, fyne.NewMenuItem(tell.Word(cause.MenuHowConnected),
			func() { h.app.main.openAccount(a.ID) }))
		items = append(items, fyne.NewMenuItem(tell.Word(cause.AccountConnectNow), func() { h.app.phone.Retry(a.ID) }))
	}
	items = append(items, fyne.NewMenuItem(tell.Word(cause.MenuAddAccount), h.app.main.openWizard))
	return fyne.NewMenu("", items...)
}

func (h *header) menu() *fyne.Menu {
	m := h.app.main
	items := []*fyne.MenuItem{h.app.quietItem(), fyne.NewMenuItemSeparator()}
	if h.app.phone.Journal() != nil {
		items = append(items, fyne.NewMenuItem(tell.Word(cause.MenuHistory), m.openHistory))
		items = append(items, fyne.NewMenuItem(tell.Word(cause.MenuContacts), m.openContacts))
	}
	return fyne.NewMenu("", append(items,
		fyne.NewMenuItem(tell.Word(cause.MenuMessages), m.openMessages),
		fyne.NewMenuItem(tell.Word(cause.MenuAccounts), m.openAccounts),
		fyne.NewMenuItem(tell.Word(cause.MenuSettings), m.openSettings),
		fyne.NewMenuItem(tell.Word(cause.MenuShortcuts), m.openShortcuts),
		fyne.NewMenuItem(tell.Word(cause.MenuAbout), m.openAbout),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(tell.Word(cause.MenuQuit), h.app.askQuit),
	)...)
}

// mostInMenu is how many accounts the menu lists: more have room in a sheet, which scrolls.
const mostInMenu = 6

func (h *header) openAccounts() {
	if len(h.app.state.Accounts) > mostInMenu {
		h.app.main.chooseAccount()
		return
	}
	widget.ShowMenuUnder(h.accountsMenu(), h.pill, false)
}

func (h *header) openMenu() { widget.ShowMenuUnder(h.menu(), h.more, true) }

// chooseAccount lists the accounts in a sheet, for one of them to be chosen.
func (m *mainWindow) chooseAccount() {
	list, now := layout.Column(8), time.Now()
	var chosen *widget.Pill
	for _, a := range m.app.state.Accounts {
		pill := widget.NewPill(m.meant("use "+a.ID, func() {
			m.closeSheet()
			m.app.phone.UseAccount(a.ID)
		}))
		pill.Picks(a.ID == m.app.state.Account)
		if chosen == nil || a.ID == m.app.state.Account {
			chosen = pill
		}
		pill.Set(tell.StatusShape(a.Status), tell.SafeLine(a.Label), tell.Status(a, now), accountLine(a))
		list.Add(pill)
	}
	m.openSheet(tell.Word(cause.CallWith), list,
		widget.NewButton(tell.Word(cause.MoreAccounts), "gear", widget.Outlined, m.openAccounts))
	m.win.Canvas().Focus(chosen) // which brings it into view
}

// menuLine is a name and what stands behind it as a line of a menu of the main window. The name is made so short that
// the menu has room.
func (a *app) menuLine(name, rest string) string {
	const around = 84 // what a menu has beside the words: the check mark, the arrow, margins
	return widget.Shortened(name, rest, a.main.win.Canvas().Size().Width-around, widget.SizeBody)
}
