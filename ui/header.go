package ui

import (
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// header is the top of the home page: the account that dials with its status, and the menu.
type header struct {
	app    *app
	pill   *widget.Pill
	text   *widget.Button // messages, once there are some
	more   *widget.Button
	object *fyne.Container
}

func newHeader(a *app) *header {
	h := &header{app: a}
	h.pill = widget.NewPill(h.openAccounts)
	h.more = widget.NewButton("", "more", widget.Quiet, h.openMenu).Named("Menu")
	h.text = widget.NewButton("", "message", widget.Quiet, func() { a.main.openMessages() }).Named("Messages")
	h.text.Hide()
	h.object = layout.Border(nil, nil, nil, layout.Row(0, h.text, h.more), h.pill)
	return h
}

func (h *header) update(s phone.State, now time.Time) {
	h.text.SetCount(s.Messages.AllUnread())
	if hide := s.Messages.All == 0; hide == h.text.Visible() {
		h.text.Hidden = hide
		h.object.Refresh()
	}
	a, ok := currentAccount(s)
	if !ok {
		h.pill.Set(widget.Ring, "No account", "", "Calla works once there is one")
		return
	}
	line := accountLine(a)
	if words := standingOrders(s, a); words != "" { // what keeps calls from ringing is seen first
		line = words
	}
	h.pill.Set(tell.StatusShape(a.Status), tell.SafeLine(a.Label), tell.Status(a, now), line)
}

// accountLine is the line under an account's name: its address, or its server where the address is the name,
// and what is new in its mailbox.
func accountLine(a phone.AccountState) string {
	line := tell.Address(a.Address)
	if line == tell.SafeLine(a.Label) {
		line = tell.SafeLine(a.Server)
	}
	if words := tell.Voicemail(a.Voicemail); words != "" {
		return words + tell.Dotted(line)
	}
	return line
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
		item := fyne.NewMenuItem(tell.SafeLine(a.Label)+" · "+tell.Status(a, now),
			func() { h.app.phone.UseAccount(a.ID) })
		item.Checked = a.ID == h.app.state.Account
		items = append(items, item)
	}
	if len(items) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
	}
	if a, ok := currentAccount(h.app.state); ok {
		if !a.Sandbox {
			items = append(items, fyne.NewMenuItem("Edit "+tell.SafeLine(a.Label)+"…",
				func() { h.app.main.editAccount(a.ID) }))
		}
		items = append(items, fyne.NewMenuItem("How it is connected…", func() { h.app.main.openAccount(a.ID) }))
		items = append(items, fyne.NewMenuItem("Connect now", func() { h.app.phone.Retry(a.ID) }))
	}
	items = append(items, fyne.NewMenuItem("Add an account…", h.app.main.openWizard))
	return fyne.NewMenu("", items...)
}

func (h *header) menu() *fyne.Menu {
	m := h.app.main
	return fyne.NewMenu("",
		h.app.quietItem(),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Messages…", m.openMessages),
		fyne.NewMenuItem("Accounts…", m.openAccounts),
		fyne.NewMenuItem("Sound and look…", m.openSettings),
		fyne.NewMenuItem("Keyboard shortcuts", m.openShortcuts),
		fyne.NewMenuItem("About and diagnostics", m.openAbout),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Quit", h.app.askQuit),
	)
}

func (h *header) openAccounts() { widget.ShowMenuUnder(h.accountsMenu(), h.pill, false) }
func (h *header) openMenu()     { widget.ShowMenuUnder(h.menu(), h.more, true) }
