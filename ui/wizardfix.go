package ui

import (
	"time"

	"fyne.io/fyne/v2/container"

	"calla/account"
	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/form"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// What the wizard says of the account as it stands, and the ways out of what went wrong.

func (w *wizard) Update(s phone.State, now time.Time) {
	switch w.step {
	case stepSound:
		w.sound.update(s)
	case stepDone:
		for _, a := range s.Accounts {
			if a.ID != w.account.ID {
				continue
			}
			w.heading.SetText(readyWords(a.Status))
			w.statusMark.Set(tell.StatusShape(a.Status))
			words := tell.Status(a, now)
			if a.Status == phone.StatusRegistered && a.RegisterTime > 0 {
				words = tell.WordOf(cause.Cause{
					Kind: cause.WizardStandsIn, Text: words, Phrase: tell.Milliseconds(a.RegisterTime),
				})
			}
			w.status.SetText(words)
			note := ""
			if canDial(a) {
				note = tell.Word(cause.WizardCallNow)
			}
			w.problem = cause.Cause{}
			if a.Problem != nil {
				w.problem = *a.Problem
				note = tell.Of(*a.Problem).Line()
			}
			w.statusNote.SetText(note)
			w.statusNote.Hidden = note == ""
			w.offerHelp()
		}
	}
}

// readyWords heads the last page: how the account stands.
func readyWords(s phone.RegistrationStatus) string {
	switch s {
	case phone.StatusRegistered, phone.StatusConnected:
		return tell.Word(cause.WizardReady)
	case phone.StatusConnecting, phone.StatusRegistering:
		return tell.Word(cause.WizardAlmostReady)
	case phone.StatusRetrying:
		return tell.Word(cause.WizardNotConnected)
	case phone.StatusNoPassword:
		return tell.Word(cause.WizardNoPassword)
	case phone.StatusOff:
		return tell.Word(cause.WizardOff)
	}
	return tell.Word(cause.WizardNotReady)
}

// offerHelp shows on the last page what is to be done: the field of a rejected password, or a button.
func (w *wizard) offerHelp() {
	label := ""
	typing := w.enteredBox.Visible() && w.entered.Text != ""
	switch {
	case typing: // another password: the connection may come and go meanwhile
	case w.problem.Action == cause.ActionEnterPassword:
		if !w.enteredBox.Visible() {
			w.askPassword()
		}
	default:
		w.enteredBox.Hide()
		label = tell.ProblemAction(w.problem)
	}
	w.fixing.Hidden = label == ""
	if label != "" {
		w.fixing.Set(label, "")
	}
	w.content.Refresh()
}

// newEntered makes the field for a password that takes the place of a rejected one.
func (w *wizard) newEntered() {
	w.entered = widget.NewPasswordEntry(tell.Word(cause.WizardPassword))
	w.entered.OnSubmitted = func(string) { w.enter() }
	w.enteredBox = container.NewStack(widget.NewCard(layout.Column(10,
		widget.NewField(tell.Word(cause.WizardPassword), "password", tell.Word(cause.WizardRejected), w.entered).Box,
		layout.Border(nil, nil, nil,
			widget.NewButton(tell.Word(cause.WizardTryAgain), "refresh", widget.Filled, w.enter)))))
	w.enteredBox.Hide()
	w.fixing = widget.NewButton(tell.Word(cause.WizardEditAccount), "", widget.Outlined, func() {
		if w.problem.Action == cause.ActionEditAccount {
			w.app.main.dropPage()
		}
		w.app.main.act(w.problem, w.account.ID)
	}).High(widget.HeightDense)
	w.fixing.Hide()
}

func (w *wizard) askPassword() {
	w.enteredBox.Show()
	w.content.Refresh()
	if c := w.app.main.win.Canvas(); w.app.main.page == page(w) {
		c.Focus(w.entered)
	}
}

// enter takes another password: on the page of the checks they run again, on the last page the account tries again.
func (w *wizard) enter() {
	if w.entered.Text == "" {
		return
	}
	password := config.Secret(w.entered.Text)
	w.password.Put(w.entered.Text)
	w.account.Config.Password = password
	w.entered.Put("")
	w.enteredBox.Hide()
	if w.step == stepCheck {
		w.app.main.win.Canvas().Focus(w.next)
		w.runChecks()
		return
	}
	place := account.SecretKeyring
	for _, a := range w.app.state.Accounts {
		if a.ID == w.account.ID && a.SecretKept != account.SecretNone {
			place = a.SecretKept
		}
	}
	w.app.main.enterPassword(w.account.ID, password, place)
}

// fix does what the button of a check says.
func (w *wizard) fix(p cause.Cause) {
	w.stopChecks()
	switch {
	case p.Offer != "":
		for i, server := range w.account.Config.WSServers {
			if form.OnlySchemeDiffers(server.WSURI, p.Offer) {
				w.account.Config.WSServers[i].WSURI = p.Offer
			}
		}
		w.server.SetText(w.account.Config.WSServers[0].WSURI)
		w.runChecks()
	case p.Action == cause.ActionEnterPassword:
		w.askPassword()
	case p.Parameter == "uri":
		w.show(stepWho)
	case p.Parameter == "ws_servers":
		w.show(stepServer)
	default:
		w.editAt(p)
	}
}

// editAt leaves for the form with all settings, at the field that a problem is about.
func (w *wizard) editAt(p cause.Cause) {
	f := w.app.main.newForm(w.whole(), true)
	w.app.main.dropPage()
	w.app.main.open(f)
	f.Touch()
	f.Open(p.Parameter, p.Offer)
}
