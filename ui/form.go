package ui

import (
	"cmp"
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/account"
	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// form is the page on which an account is edited: one field for each parameter of config.Config.
type form struct {
	app     *app
	account account.Account     // as opened
	kept    account.SecretPlace // where the secrets are
	chosen  account.SecretPlace // where they are to be; "" = where they are
	fresh   bool                // not saved yet
	touched bool

	label    *widget.Entry
	enabled  *widget.Switch
	fields   map[string]*formField
	groups   map[config.Group]*formGroup
	checks   *checkList
	checkBox *fyne.Container
	save     *widget.Button
	test     *widget.Button
	scroll   *container.Scroll
	menu     *widget.Button
	live     []phone.ServerState
	body     fyne.CanvasObject
	stopTest context.CancelFunc
}

func newForm(a *app, acc account.Account, fresh bool) *form {
	f := &form{app: a, account: acc, kept: acc.SecretPlace, fresh: fresh, fields: map[string]*formField{}, groups: map[config.Group]*formGroup{}}
	f.label = widget.NewEntry("Office")
	f.label.Put(acc.Label)
	f.label.OnChanged = func(string) { f.touched = true }
	f.enabled = widget.NewSwitch("Use this account", "", acc.Enabled, func(bool) { f.touched = true })
	cards := layout.Column(12, widget.NewCard(layout.Column(8,
		widget.NewField("Name of the account", "", "", f.label).Box, f.enabled)))
	for _, g := range formGroups() {
		cards.Add(f.newGroup(g).object())
	}
	f.checks = newCheckList()
	f.checks.fix = func(p cause.Cause) { f.open(p.Parameter, p.Offer) }
	f.checkBox = container.NewStack(widget.NewCard(f.checks.object))
	f.checkBox.Hide()
	cards.Add(f.checkBox)
	f.scroll = layout.Scrolling(cards)
	f.test = widget.NewButton("Test", "search", widget.Outlined, f.runTest).High(widget.HeightMain)
	f.save = widget.NewButton("Save", "", widget.Filled, func() { f.trySave(f.place()) }).High(widget.HeightMain)
	f.menu = widget.NewButton("", "more", widget.Quiet, func() { showMenuUnder(f.moreMenu(), f.menu, true) }).Named("More")
	bar := layout.Centred(640+2*widget.Margin, layout.Padded(8, 12, widget.Margin, widget.Margin,
		layout.Border(nil, nil, layout.Padded(0, 0, 0, 8, f.test), nil, f.save)))
	f.body = layout.Border(nil, bar, nil, nil, layout.Settled(f.scroll))
	f.load(acc.Config)
	f.touched = false
	return f
}

// load puts a configuration into the fields and unfolds the groups that differ from the defaults.
func (f *form) load(c config.Config) {
	for _, field := range f.fields {
		field.write(field.param.Value(c))
		field.tellBad("")
	}
	for _, g := range f.groups {
		f.count(g)
		g.unfoldChanged()
	}
	f.tellKept()
}

// tellKept says of each secret that is kept elsewhere that it is, and where.
func (f *form) tellKept() {
	if f.fresh {
		f.fields["password"].help.SetText(f.fields["password"].param.Help + " " + tell.ToBeKept(f.place()))
		return
	}
	s := f.app.phone.Secret(f.account.ID)
	c := config.Config{Password: s.Password, HA1: s.HA1, AuthorizationJWT: s.AuthorizationJWT}
	c.Calla.ProxyPassword = s.ProxyPassword
	for _, field := range f.fields {
		if field.param.Kind == config.KindSecret && (field.param.Given(c) || field.param.Name == "password") {
			field.forget.set(false)
			field.forget.box.Hidden = !field.param.Given(c)
			words := tell.Kept(f.kept)
			switch {
			case f.chosen != account.SecretNone && f.chosen != f.kept:
				words = tell.ToBeKept(f.chosen)
			case !field.param.Given(c) && f.kept == account.SecretNone:
				words = tell.ToBeKept(f.place())
			case !field.param.Given(c):
				words = tell.NotAtHand(f.kept)
			}
			field.help.SetText(field.param.Help + " " + words)
		}
	}
}

// changed validates one field as it is typed into. What is still missing is told only when it is saved.
func (f *form) changed(field *formField) {
	f.touched = true
	var scratch config.Config
	reason := ""
	if v := field.read(); v != nil {
		reason = tell.Reason(field.param.Set(&scratch, v))
	}
	if field.bad != reason {
		field.tellBad(reason)
	}
	f.count(f.groups[field.param.Group])
	f.markServers()
}

// collect reads the form. An error is shown under its field.
func (f *form) collect() (account.Account, account.Secret, bool) {
	a := f.account
	a.Label, a.Enabled = f.label.Text, f.enabled.On()
	var failed *config.Error
	for _, p := range config.Parameters() {
		field := f.fields[p.Name]
		err := field.set(&a.Config)
		field.tellBad(tell.Reason(err))
		if failed == nil {
			_ = errors.As(err, &failed)
		}
	}
	if failed == nil {
		_, err := a.Config.Normalize()
		_ = errors.As(err, &failed)
	}
	if failed != nil {
		f.showBad(failed)
		return a, account.Secret{}, false
	}
	secret := takeSecrets(&a.Config)
	for name, s := range map[string]*config.Secret{
		"password": &secret.Password, "ha1": &secret.HA1, "authorization_jwt": &secret.AuthorizationJWT, "calla.proxy_password": &secret.ProxyPassword,
	} {
		if f.fields[name].forget.wanted() {
			*s = phone.Forgotten
		}
	}
	return a, secret, true
}

// takeSecrets moves the secrets out of a configuration.
func takeSecrets(c *config.Config) account.Secret {
	for i := range c.TurnServers {
		if c.TurnServers[i].Credential == keptCredential {
			c.TurnServers[i].Credential = ""
		}
	}
	bare, secret := account.SplitSecret(*c)
	*c = bare
	return secret
}

// showBad puts what is wrong under its very field, and brings that into view.
func (f *form) showBad(e *config.Error) {
	field, ok := f.fields[e.Parameter]
	if !ok {
		f.app.main.tellError("The account cannot be saved.", e)
		return
	}
	field.tellBad(e.Reason)
	f.reveal(field)
}

// open brings the field of a parameter into view and puts the keyboard there; offer, where it is not "", is put into it.
func (f *form) open(parameter, offer string) {
	field, ok := f.fields[parameter]
	if !ok {
		return
	}
	if offer != "" && field.offer != nil {
		field.offer(offer)
	}
	f.reveal(field)
}

// reveal unfolds, scrolls and focuses a field.
func (f *form) reveal(field *formField) {
	f.groups[field.param.Group].show(field)
	driver := fyne.CurrentApp().Driver()
	at := driver.AbsolutePositionForObject(field.object).Y - driver.AbsolutePositionForObject(f.scroll).Y
	f.scroll.ScrollToOffset(fyne.NewPos(0, max(0, f.scroll.Offset.Y+at-24)))
	if c := driver.CanvasForObject(f.scroll); c != nil && field.focus != nil {
		c.Focus(field.focus)
	}
}

// place is where the secrets go, unless the keyring refuses.
func (f *form) place() account.SecretPlace {
	return cmp.Or(f.chosen, f.kept, account.SecretKeyring)
}

// choosePlace asks where the secrets are to be kept from the next save on.
func (f *form) choosePlace() {
	f.app.main.askPlace(nil, func(p account.SecretPlace) {
		f.chosen, f.touched = p, true
		f.tellKept()
	})
}

func (f *form) trySave(place account.SecretPlace) {
	a, secret, ok := f.collect()
	if !ok {
		return
	}
	f.save.Disable()
	f.app.phone.SaveAccount(a, secret, place, func(err error) {
		fyne.Do(func() {
			f.save.Enable()
			f.saved(err)
		})
	})
}

func (f *form) saved(err error) {
	var wrong *config.Error
	switch {
	case err == nil:
		f.stop()
		if f.app.main.page == page(f) {
			f.app.main.dropPage()
		}
	case errors.As(err, &wrong):
		f.showBad(wrong)
	case tell.IsNotKept(err):
		f.app.main.askPlace(err, f.trySave)
	default:
		f.app.main.tellError("The account could not be saved.", err)
	}
}

// runTest checks what is in the form, saved or not.
func (f *form) runTest() {
	a, secret, ok := f.collect()
	if !ok {
		return
	}
	f.stop()
	f.checks.clear()
	f.checkBox.Show()
	f.scroll.ScrollToBottom()
	ctx, cancel := context.WithCancel(context.Background())
	f.stopTest = cancel
	f.test.Set("Testing…", "search")
	f.test.Disable()
	f.app.aside(func() {
		runChecks(ctx, f.app.phone, a, secret, f.checks)
		fyne.Do(func() {
			cancel()
			f.test.Set("Test", "search")
			f.test.Enable()
			f.scroll.ScrollToBottom()
		})
	})
}

func (f *form) stop() {
	if f.stopTest != nil {
		f.stopTest()
	}
}

func (f *form) title() string {
	if f.fresh {
		return "New account"
	}
	return tell.SafeLine(f.account.Name())
}

func (f *form) object() fyne.CanvasObject  { return f.body }
func (f *form) actions() fyne.CanvasObject { return f.menu }
func (f *form) meters() bool               { return false }
func (f *form) levels()                    {}

// update shows how each server of the account stands.
func (f *form) update(s phone.State, _ time.Time) {
	f.live = nil
	for _, a := range s.Accounts {
		if a.ID == f.account.ID {
			f.live = a.Servers
		}
	}
	f.markServers()
}

// markServers tells under each server's row how that server stands.
func (f *form) markServers() {
	now := time.Now()
	for _, row := range f.fields["ws_servers"].list.rows {
		row.status.tell(f.live, row.key(), now)
	}
}

// close asks before what was typed is thrown away.
func (f *form) close() bool {
	if !f.touched {
		f.stop()
		return true
	}
	f.app.main.ask("Discard the changes?", "This account has changes that are not saved.", "Discard", true, func() {
		f.touched = false
		f.app.main.closePage()
	})
	return false
}

func (f *form) moreMenu() *fyne.Menu {
	items := []*fyne.MenuItem{
		fyne.NewMenuItem("Show all settings", func() {
			for _, g := range f.groups {
				g.unfold()
			}
			f.body.Refresh()
		}),
		fyne.NewMenuItem("Import a JsSIP configuration…", func() {
			f.app.main.openImport(func(c config.Config) { f.adopt(c) })
		}),
		fyne.NewMenuItem("Export as JsSIP configuration…", f.export),
		fyne.NewMenuItem("Where passwords are kept…", f.choosePlace),
	}
	if !f.fresh {
		items = append(items, fyne.NewMenuItem("How it is connected…", func() { f.app.main.openAccount(f.account.ID) }),
			fyne.NewMenuItemSeparator(), fyne.NewMenuItem("Delete this account…", f.askDelete))
	}
	return fyne.NewMenu("", items...)
}

// adopt fills the form from an imported configuration.
func (f *form) adopt(c config.Config) {
	if c.InstanceID == "" {
		c.InstanceID = f.account.Config.InstanceID
	}
	f.load(c)
	f.touched = true
}

func (f *form) export() {
	if a, secret, ok := f.collect(); ok {
		full := account.JoinSecret(account.JoinSecret(a.Config, secret), f.app.phone.Secret(a.ID))
		f.app.main.openExport(a.Config, phone.WithoutForgotten(full))
	}
}

func (f *form) askDelete() {
	f.app.main.ask("Delete "+tell.SafeLine(f.account.Name())+"?",
		"The account and its password are removed from this computer. The account at your provider stays as it is.",
		"Delete the account", true, func() {
			f.app.phone.DeleteAccount(f.account.ID, func(err error) {
				fyne.Do(func() {
					if err != nil {
						f.app.main.tellError("The account could not be deleted.", err)
						return
					}
					f.touched = false
					f.app.main.closePage()
				})
			})
		})
}

// editAccount opens an account's form.
func (m *mainWindow) editAccount(id string) { m.editParameter(id, "", "") }

// editParameter opens an account's form at one field; offer, where it is not "", is put into that.
func (m *mainWindow) editParameter(id, parameter, offer string) {
	a, ok := m.app.phone.Account(id)
	if !ok {
		return
	}
	f := newForm(m.app, a, false)
	m.open(f)
	if m.page == page(f) {
		f.open(parameter, offer)
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
