package ui

import (
	"context"
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/account"
	"calla/netsip/config"
	"calla/phone/cause"
	"calla/ui/checks"
	"calla/ui/form"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// wizardStep is a page of the wizard.
//
//	start ─▶ who ─▶ server ─▶ check ─▶ sound ─▶ done
//	  └─ paste: whole configurations go straight to check
type wizardStep int

const (
	stepStart wizardStep = iota
	stepWho
	stepServer
	stepCheck
	stepSound
	stepDone
)

// wizard leads to the first account: one question a page.
type wizard struct {
	app     *app
	step    wizardStep
	account account.Account
	secret  account.Secret
	stop    context.CancelFunc // of the check that runs
	saved   bool
	given   bool // up: what was typed is not wanted

	uri, password, name *widget.Entry
	uriField, nameField *widget.Field
	server              *widget.Entry
	serverField         *widget.Field
	typed               *form.Typed
	entered             *widget.Entry // another password, where the first is rejected
	enteredBox          *fyne.Container
	heading             *widget.Text   // of the last page: how the account stands
	fixing              *widget.Button // and what is to be done about it
	problem             cause.Cause
	chips               *fyne.Container
	checks              *checks.List
	sound               *soundPanel
	next                *widget.Button
	back                *widget.Button
	backBox             *fyne.Container // it and the room beside it
	progress            *widget.Text
	status              *widget.Text
	statusMark          *widget.Mark
	statusNote          *widget.Text
	content             *fyne.Container
	body                fyne.CanvasObject
}

func newWizard(a *app) *wizard {
	w := &wizard{app: a, checks: checks.New(), sound: newSoundPanel(a)}
	w.sound.latency.Hide() // for later
	w.uri = widget.NewEntry("alice@example.com")
	w.password = widget.NewPasswordEntry(tell.Word(cause.WizardPassword))
	w.name = widget.NewEntry(tell.Word(cause.WizardNameExample))
	w.uriField = widget.NewField(tell.Word(cause.WizardAddress), "uri", tell.Word(cause.WizardAddressHelp), w.uri)
	w.nameField = widget.NewField(tell.Word(cause.WizardName), "display_name", tell.Word(cause.WizardNameHelp), w.name)
	w.server = widget.NewEntry("wss://sip.example.com")
	w.serverField = widget.NewField(tell.Word(cause.WizardServer), "ws_servers",
		tell.Word(cause.WizardServerHelp), w.server)
	w.chips = layout.Column(6)
	w.typed = form.NewTyped(w.server)
	w.server.OnChanged = func(s string) {
		w.typed.Update(s)
		w.content.Refresh()
	}
	w.checks.Fix = w.fix
	w.newEntered()
	for _, e := range []*widget.Entry{w.uri, w.password, w.name, w.server} {
		e.OnSubmitted = func(string) { w.goOn() }
	}
	w.status = widget.NewParagraph("").Sized(widget.SizeStrong).Bold()
	w.statusMark = widget.NewMark(widget.Dots, 14)
	w.statusNote = widget.NewParagraph("").Color(widget.ColorMuted).Sized(13)
	w.next = widget.NewButton(tell.Word(cause.WizardContinue), "", widget.Filled, w.goOn).High(widget.HeightMain)
	w.back = widget.NewButton("", "chevron-left", widget.Outlined, w.goBack).High(widget.HeightMain).
		Named(tell.Word(cause.WizardBack))
	w.progress = widget.NewText("").Color(widget.ColorMuted).Sized(widget.SizeCaption)
	w.content = layout.Column(12)
	w.backBox = layout.Padded(0, 0, 0, 8, w.back)
	bar := layout.Centred(640+2*widget.Margin, layout.Padded(8, 12, widget.Margin, widget.Margin,
		layout.Border(nil, nil, w.backBox, nil, w.next)))
	w.body = layout.Border(nil, bar, nil, nil, layout.ScrollPage(w.content))
	w.show(stepStart)
	return w
}

// show turns to a page.
func (w *wizard) show(s wizardStep) {
	w.step = s
	w.content.RemoveAll()
	w.progress.SetText("")
	if s > stepStart {
		w.progress.SetText(tell.WordOf(cause.Cause{Kind: cause.WizardStep, Count: int(s), Of: int(stepDone)}))
	}
	w.next.Hidden, w.back.Hidden = s == stepStart, s == stepStart || s > stepCheck
	w.backBox.Hidden = w.back.Hidden
	w.next.Set(tell.Word(cause.WizardContinue), "")
	w.next.SetKind(widget.Filled)
	w.next.Enable()
	focus := fyne.Focusable(w.next)
	switch s {
	case stepStart:
		w.say(tell.Word(cause.WizardBegin), "")
		focus = nil
		w.content.Add(firstChoices(w.app))
	case stepWho:
		w.say(tell.Word(cause.WizardWho), "")
		w.content.Add(widget.NewCard(layout.Column(14, w.uriField.Box,
			widget.NewField(tell.Word(cause.WizardPassword), "password", tell.ToBeKept(account.SecretKeyring),
				w.password).Box,
			w.nameField.Box)))
		if focus = w.uri; w.uri.Text != "" && w.password.Text == "" { // of an imported configuration
			focus = w.password
		}
	case stepServer:
		w.say(tell.Word(cause.WizardWhere), "")
		w.suggest()
		w.typed.Update(w.server.Text)
		w.content.Add(widget.NewCard(layout.Column(6, w.serverField.Box, w.typed.Object)))
		w.content.Add(layout.Column(8, widget.NewText(tell.Word(cause.WizardCommon)).Color(widget.ColorMuted).Sized(13),
			w.chips))
		focus = w.server
	case stepCheck:
		w.say(tell.Word(cause.WizardCheck), "")
		w.content.Add(w.enteredBox) // above the checks, which are longer than the window
		w.content.Add(widget.NewCard(w.checks.Object))
		w.runChecks()
	case stepSound:
		w.say(tell.Word(cause.WizardSound), "")
		w.sound.update(w.app.state)
		w.content.Add(w.sound.object)
		w.sound.set(true)
	case stepDone:
		w.sound.set(false)
		w.heading = widget.NewParagraph("").Sized(widget.SizeTitle).Bold()
		w.content.Add(w.heading)
		w.content.Add(widget.NewCard(layout.Column(8, layout.Border(nil, nil,
			layout.Padded(0, 0, 0, 8, container.NewCenter(w.statusMark)), nil, w.status), w.statusNote,
			layout.Border(nil, nil, w.fixing, nil))))
		w.content.Add(w.enteredBox)
		w.enteredBox.Hide()
		w.next.Set(tell.Word(cause.WizardDone), "")
		w.Update(w.app.state, time.Now())
	}
	w.content.Refresh()
	if c := w.app.main.win.Canvas(); w.app.main.page == page(w) {
		c.Unfocus()
		if focus != nil {
			c.Focus(focus)
		}
	}
}

func (w *wizard) say(title, text string) {
	w.content.Add(widget.NewParagraph(title).Sized(widget.SizeTitle).Bold())
	if text != "" {
		w.content.Add(widget.NewParagraph(text).Color(widget.ColorMuted))
	}
}

func (w *wizard) goOn() {
	switch w.step {
	case stepWho:
		w.takeWho()
	case stepServer:
		w.takeServer()
	case stepCheck:
		w.stopChecks()
		w.save(account.SecretKeyring)
	case stepSound:
		w.show(stepDone)
	case stepDone:
		w.app.phone.UseAccount(w.account.ID)
		w.app.main.dropPage()
	}
}

func (w *wizard) goBack() {
	w.stopChecks()
	if w.step > stepStart {
		w.show(w.step - 1)
	}
}

// begin starts with an account made of c.
func (w *wizard) begin(c config.Config) bool {
	a, err := account.New(c)
	if err != nil {
		w.app.main.tellError(tell.Word(cause.AccountNotMade), err)
		return false
	}
	w.account = a
	return true
}

func (w *wizard) takeWho() {
	c := w.account.Config
	bad := setParameter(&c, "uri", w.uri.Text)
	if !strings.Contains(w.uri.Text, "@") && strings.TrimSpace(w.uri.Text) != "" {
		bad = tell.Word(cause.WizardWholeAddress)
	}
	w.uriField.SetBad(bad)
	badName := setParameter(&c, "display_name", w.name.Text)
	w.nameField.SetBad(badName)
	if bad != "" || badName != "" {
		return
	}
	c.Password = config.Secret(w.password.Text)
	w.account.Config = c
	w.show(stepServer)
}

// setParameter puts typed text into one parameter and returns what is wrong with it.
func setParameter(c *config.Config, name, text string) string {
	p, ok := config.ParameterNamed(name)
	if !ok {
		return ""
	}
	var v any
	if text = strings.TrimSpace(text); text != "" {
		v = text
	}
	if err := p.Set(c, v); err != nil {
		return tell.SentenceOf(tell.Reason(err))
	}
	return ""
}

// suggestions are the addresses at which a provider's server commonly is.
func suggestions(uri string) []string {
	_, domain, ok := strings.Cut(uri, "@")
	if !ok {
		return nil
	}
	if i := strings.IndexAny(domain, ";?>"); i >= 0 {
		domain = domain[:i]
	}
	if i := strings.LastIndexByte(domain, ':'); i >= 0 && !strings.HasSuffix(domain, "]") {
		domain = domain[:i]
	}
	return []string{
		"wss://" + domain + "/", "wss://" + domain + "/ws", "wss://" + domain + ":8089/ws",
		"wss://" + domain + ":7443/", "wss://" + domain + ":8443/",
	}
}

func (w *wizard) suggest() {
	w.chips.RemoveAll()
	for i, s := range suggestions(w.account.Config.URI) {
		if i == 0 && w.server.Text == "" {
			w.server.Put(s)
		}
		w.chips.Add(widget.NewButton(s, "", widget.Outlined,
			func() { w.server.Put(s) }).High(widget.HeightDense).Leading())
	}
}

func (w *wizard) takeServer() {
	if all := w.account.Config.WSServers; len(all) > 0 && all[0].WSURI == strings.TrimSpace(w.server.Text) {
		w.show(stepCheck) // of an imported configuration: the others and the weights stay
		return
	}
	if address := form.Server(w.server.Text); address != w.server.Text {
		w.server.SetText(address)
	}
	bad := setParameter(&w.account.Config, "ws_servers", w.server.Text)
	w.serverField.SetBad(bad)
	if bad == "" {
		w.show(stepCheck)
	}
}

// runChecks tests the account and leads on when all is well.
func (w *wizard) runChecks() {
	w.checks.Clear()
	w.enteredBox.Hide()
	w.next.Set(tell.Word(cause.WizardSaveAnyway), "")
	w.next.SetKind(widget.Outlined) // while there is something better to do
	a := w.account
	a.Config, w.secret = account.SplitSecret(a.Config)
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	w.app.aside(func() {
		w.checks.Run(ctx, w.app.phone, a, w.secret)
		fyne.Do(func() {
			switch failed := w.checks.Failed; {
			case ctx.Err() != nil || w.step != stepCheck:
			case failed == nil:
				w.next.Set(tell.Word(cause.WizardContinue), "")
				w.next.SetKind(widget.Filled)
			case failed.Cause.Action == cause.ActionEnterPassword:
				w.askPassword()
			}
			cancel()
		})
	})
}

func (w *wizard) stopChecks() {
	if w.stop != nil {
		w.stop()
	}
}

func (w *wizard) save(place account.SecretPlace) {
	a := w.account
	bare, secret := account.SplitSecret(a.Config)
	a.Config = bare
	w.next.Disable()
	w.app.phone.SaveAccount(a, secret, place, func(err error) {
		fyne.Do(func() {
			w.next.Enable()
			w.kept(err)
		})
	})
}

func (w *wizard) kept(err error) {
	var wrong *config.Error
	switch {
	case err == nil:
		w.saved = true
		if w.app.main.page == page(w) { // else nobody sees it, and the microphone stays closed
			w.show(stepSound)
		}
	case tell.IsNotKept(err):
		w.app.main.askPlace(err, w.save)
	case errors.As(err, &wrong) && wrong.Parameter == "uri":
		w.show(stepWho)
		w.uriField.SetBad(tell.SentenceOf(wrong.Reason))
	case errors.As(err, &wrong) && wrong.Parameter == "ws_servers":
		w.show(stepServer)
		w.serverField.SetBad(tell.SentenceOf(wrong.Reason))
	default:
		w.app.main.tellError(tell.Word(cause.FormNotSaved), err)
	}
}

func (w *wizard) Title() string              { return tell.Word(cause.WizardTitle) }
func (w *wizard) Object() fyne.CanvasObject  { return w.body }
func (w *wizard) Actions() fyne.CanvasObject { return layout.Padded(0, 0, 0, 8, w.progress) }
func (w *wizard) Meters() bool               { return w.sound.on }
func (w *wizard) Levels()                    { w.sound.levels() }

// Close asks before what was typed is thrown away.
func (w *wizard) Close() bool {
	if w.Unsaved() {
		told := tell.Of(cause.Cause{Kind: cause.FormDiscard})
		w.app.main.ask(told.Title, told.Why, told.Short, true, func() {
			w.given = true
			w.app.main.leavePage()
		})
		return false
	}
	w.stopChecks()
	w.sound.set(false)
	return true
}

// Unsaved tells whether there is something typed that would be lost.
func (w *wizard) Unsaved() bool {
	return !w.saved && !w.given && w.uri.Text+w.password.Text+w.name.Text != ""
}

func (m *mainWindow) openWizard() { m.open(newWizard(m.app)) }

// openWizardDetails skips the first question: the user has answered it.
func (m *mainWindow) openWizardDetails() {
	w := newWizard(m.app)
	if w.begin(config.Config{}) {
		m.open(w)
		w.show(stepWho)
	}
}

// openWizardWith starts with an imported configuration: straight to the check where it is whole.
func (m *mainWindow) openWizardWith(c config.Config) {
	w := newWizard(m.app)
	if !w.begin(c) {
		return
	}
	w.uri.Put(w.account.Address())
	w.password.Put(c.Password.Reveal())
	w.name.Put(c.DisplayName)
	if len(c.WSServers) > 0 {
		w.server.Put(c.WSServers[0].WSURI)
	}
	m.open(w)
	if _, err := c.Normalize(); err != nil || c.Password == "" {
		w.show(stepWho)
		return
	}
	w.show(stepCheck)
}

// whole is the account with its secrets in it.
func (w *wizard) whole() account.Account {
	a := w.account
	a.Config = account.JoinSecret(a.Config, w.secret)
	return a
}
