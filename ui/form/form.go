// Package form is the page of the window on which an account is edited: a field for each parameter of config.Config.
// All of it belongs to Fyne's goroutine.
package form

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	fynelayout "fyne.io/fyne/v2/layout"

	"calla/account"
	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/checks"
	"calla/ui/layout"
	"calla/ui/suggest"
	"calla/ui/tell"
	"calla/ui/widget"
)

// Window is what the form needs of the window that it is a page of.
type Window interface {
	Ask(title, text, yes string, dangerous bool, do func())
	AskPlace(err error, then func(account.SecretPlace)) // where to keep secrets; err: why that is asked, or nil
	TellError(title string, err error)
	ChooseFile(title, near string, then func(path string))
	// Suggestions makes a list of whom a text may mean, for below its field.
	Suggestions(take func(journal.Suggestion)) *suggest.List
	Import(use func(config.Config))
	Export(bare, full config.Config) // without and with the secrets
	Copy(text string)                // to the clipboard
	ShowConnection(accountID string)
	Leave(f any)   // closes the page, if it is this one still; it may ask first
	Saved(f *Page) // closes the page without asking, if it is this one still
	Aside(work func())
}

// Phone is what the form needs of the call controller; see ui.Phone.
type Phone interface {
	Secret(accountID string) account.Secret
	SaveAccount(a account.Account, secret account.Secret, place account.SecretPlace, done func(error))
	DeleteAccount(id string, done func(error))
	checks.Phone
}

// Page is the page on which an account is edited: one field for each parameter of config.Config.
type Page struct {
	window  Window
	phone   Phone
	account account.Account     // as opened
	kept    account.SecretPlace // where the secrets are
	chosen  account.SecretPlace // where they are to be; "" = where they are
	fresh   bool                // not saved yet
	touched bool
	since   bool // it was, while it is being saved

	label    *widget.Entry
	enabled  *widget.Switch
	fields   map[string]*formField
	groups   map[config.Group]*formGroup
	checks   *checks.List
	checkBox *fyne.Container   // above the buttons, while there is a test to tell of
	steps    *container.Scroll // of it
	first    *fyne.Container   // the card with the account's name
	find     *finding
	save     *widget.Button
	test     *widget.Button
	scroll   *container.Scroll
	menu     *widget.Button
	live     []phone.ServerState
	body     fyne.CanvasObject
	stopTest context.CancelFunc
}

// New makes the page for an account; fresh: one that has not been saved yet.
func New(w Window, p Phone, acc account.Account, fresh bool) *Page {
	f := &Page{
		window: w, phone: p, account: acc, kept: acc.SecretPlace, fresh: fresh, fields: map[string]*formField{},
		groups: map[config.Group]*formGroup{},
	}
	f.label = widget.NewEntry(tell.Word(cause.FormNameExample))
	f.label.Put(acc.Label)
	f.label.OnChanged = func(string) { f.Touch() }
	f.enabled = widget.NewSwitch(tell.Word(cause.FormUse), "", acc.Enabled, func(bool) { f.Touch() })
	f.first = container.NewStack(widget.NewCard(layout.Column(8,
		widget.NewField(tell.Word(cause.FormName), "", "", f.label).Box, f.enabled)))
	f.find = f.newFinding()
	cards := layout.Column(12, f.first, f.find.nothing)
	for _, g := range formGroups() {
		cards.Add(f.newGroup(g).object())
	}
	f.newOutcome()
	f.scroll = layout.Scrolling(cards)
	f.test = widget.NewButton(tell.Word(cause.FormTest), "search", widget.Outlined, f.runTest).High(widget.HeightMain)
	f.save = widget.NewButton(tell.Word(cause.FormSave), "", widget.Filled,
		func() { f.trySave(f.place()) }).High(widget.HeightMain)
	f.menu = widget.NewButton("", "more", widget.Quiet,
		func() { widget.ShowMenuUnder(f.moreMenu(), f.menu, true) }).Named(tell.Word(cause.FormMenu))
	bar := layout.Centred(640+2*widget.Margin, layout.Padded(8, 12, widget.Margin, widget.Margin,
		layout.Column(0, f.checkBox, layout.Border(nil, nil, layout.Padded(0, 0, 0, 8, f.test), nil, f.save))))
	// The keyboard goes through the fields first: who searches has the pointer, or Shift+Tab.
	f.body = container.New(fynelayout.NewBorderLayout(f.find.object, bar, nil, nil), layout.Settled(f.scroll), bar,
		f.find.object)
	f.load(acc.Config)
	f.touched = false
	return f
}

// load puts a configuration into the fields and unfolds the groups that differ from the defaults.
func (f *Page) load(c config.Config) {
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
func (f *Page) tellKept() {
	if f.fresh {
		f.fields["password"].help.SetText(f.fields["password"].param.Help + " " + tell.ToBeKept(f.place()))
		return
	}
	s := f.phone.Secret(f.account.ID)
	given := func(p config.Parameter) bool { return s.Of(p.Name) != "" }
	for _, field := range f.fields {
		if field.param.Kind == config.KindSecret && (given(field.param) || field.param.Name == "password") {
			field.forget.set(false)
			field.forget.box.Hidden = !given(field.param)
			words := tell.Kept(f.kept)
			switch {
			case f.chosen != account.SecretNone && f.chosen != f.kept:
				words = tell.ToBeKept(f.chosen)
			case !given(field.param) && f.kept == account.SecretNone:
				words = tell.ToBeKept(f.place())
			case !given(field.param):
				words = tell.NotAtHand(f.kept)
			}
			field.help.SetText(field.param.Help + " " + words)
		}
	}
}

// changed validates one field as it is typed into. What is still missing is told only when it is saved.
func (f *Page) changed(field *formField) {
	f.Touch()
	var scratch config.Config
	reason := ""
	if v := field.read(); v != nil {
		reason = tell.Reason(field.put(&scratch, v))
	}
	if field.bad != reason {
		field.tellBad(reason)
	}
	f.count(f.groups[field.param.Group])
	f.markServers()
}

// collect reads the form. An error is shown under its field.
func (f *Page) collect() (account.Account, account.Secret, bool) {
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
		_, err := withKept(a.Config).Normalize()
		_ = errors.As(err, &failed)
	}
	if failed != nil {
		f.showBad(failed)
		return a, account.Secret{}, false
	}
	bare, secret := account.SplitSecret(a.Config)
	a.Config = bare
	for name, field := range f.fields {
		if field.forget != nil && field.forget.wanted() {
			secret.Forget = append(secret.Forget, name)
		}
	}
	return a, secret, true
}

// withKept is a configuration to be checked as if the credentials that are kept elsewhere were in it: what they are is
// not known here.
func withKept(c config.Config) config.Config {
	c.TurnServers = slices.Clone(c.TurnServers)
	for i := range c.TurnServers {
		c.TurnServers[i].Credential = cmp.Or(c.TurnServers[i].Credential, "kept")
	}
	return c
}

// showBad puts what is wrong under its very field, and brings that into view.
func (f *Page) showBad(e *config.Error) {
	field, ok := f.fields[e.Parameter]
	if !ok {
		f.window.TellError(tell.Word(cause.FormCannotBeSaved), e)
		return
	}
	field.tellBad(e.Reason)
	f.reveal(field)
}

// Open brings the field of a parameter into view and puts the keyboard there; offer, where it is not "", is put into
// it.
func (f *Page) Open(parameter, offer string) {
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
func (f *Page) reveal(field *formField) {
	if !f.find.wants(field) {
		f.find.clear()
	}
	f.groups[field.param.Group].show(field)
	driver := fyne.CurrentApp().Driver()
	at := driver.AbsolutePositionForObject(field.object).Y - driver.AbsolutePositionForObject(f.scroll).Y
	f.scroll.ScrollToOffset(fyne.NewPos(0, max(0, f.scroll.Offset.Y+at-24)))
	if c := driver.CanvasForObject(f.scroll); c != nil && field.focus != nil {
		c.Focus(field.focus)
	}
}

// place is where the secrets go, unless the keyring refuses.
func (f *Page) place() account.SecretPlace {
	return cmp.Or(f.chosen, f.kept, account.SecretKeyring)
}

// ChoosePlace asks where the secrets are to be kept from the next save on.
func (f *Page) ChoosePlace() {
	f.window.AskPlace(nil, func(p account.SecretPlace) {
		f.chosen = p
		f.Touch()
		f.tellKept()
	})
}

func (f *Page) trySave(place account.SecretPlace) {
	a, secret, ok := f.collect()
	if !ok {
		return
	}
	f.save.Disable()
	f.since = false
	f.phone.SaveAccount(a, secret, place, func(err error) {
		fyne.Do(func() {
			f.save.Enable()
			f.saved(a, place, err)
		})
	})
}

// Save saves what is in the form, unless it is being saved.
func (f *Page) Save() {
	if !f.save.Disabled() {
		f.trySave(f.place())
	}
}

// Touch says that there is something to be saved, though nobody has typed here yet.
func (f *Page) Touch() { f.touched, f.since = true, true }

// saved follows how the saving of an account ended. What was typed meanwhile is to be saved yet.
func (f *Page) saved(a account.Account, place account.SecretPlace, err error) {
	var wrong *config.Error
	switch {
	case err == nil && f.since:
		f.account, f.kept, f.fresh = a, place, false
	case err == nil:
		f.stop()
		f.window.Saved(f)
	case errors.As(err, &wrong):
		f.showBad(wrong)
	case tell.IsNotKept(err):
		f.window.AskPlace(err, f.trySave)
	default:
		f.window.TellError(tell.Word(cause.FormNotSaved), err)
	}
}

// runTest checks what is in the form, saved or not.
func (f *Page) runTest() {
	a, secret, ok := f.collect()
	if !ok {
		return
	}
	f.stop()
	f.checks.Clear()
	f.checkBox.Show()
	f.body.Refresh()
	ctx, cancel := context.WithCancel(context.Background())
	f.stopTest = cancel
	f.test.Set(tell.Word(cause.FormTesting), "search")
	f.test.Disable()
	f.window.Aside(func() {
		f.checks.Run(ctx, f.phone, a, secret)
		fyne.Do(func() {
			cancel()
			f.test.Set(tell.Word(cause.FormTest), "search")
			f.test.Enable()
			f.steps.ScrollToBottom()
		})
	})
}

func (f *Page) stop() {
	if f.stopTest != nil {
		f.stopTest()
	}
}

func (f *Page) Title() string {
	if f.fresh {
		return tell.Word(cause.FormNew)
	}
	return tell.SafeLine(f.account.Name())
}

func (f *Page) Object() fyne.CanvasObject  { return f.body }
func (f *Page) Actions() fyne.CanvasObject { return f.menu }

// Update shows how each server of the account stands.
func (f *Page) Update(s phone.State, _ time.Time) {
	f.live = nil
	for _, a := range s.Accounts {
		if a.ID == f.account.ID {
			f.live = a.Servers
		}
	}
	f.markServers()
}

// markServers tells under each server's row how that server stands.
func (f *Page) markServers() {
	now := time.Now()
	for _, row := range f.fields["ws_servers"].list.rows {
		row.status.tell(f.live, row.key(), now)
	}
}

// Unsaved tells whether there is something that would be lost.
func (f *Page) Unsaved() bool { return f.touched }

// Close asks before what was typed is thrown away.
func (f *Page) Close() bool {
	if !f.touched {
		f.stop()
		return true
	}
	told := tell.Of(cause.Cause{Kind: cause.FormDiscard})
	f.window.Ask(told.Title, told.Why, told.Short, true, func() {
		f.touched = false
		f.window.Leave(f)
	})
	return false
}

func (f *Page) moreMenu() *fyne.Menu {
	items := []*fyne.MenuItem{
		fyne.NewMenuItem(tell.Word(cause.FormShowAll), f.ShowAll),
		fyne.NewMenuItem(tell.Word(cause.FormImport), func() {
			f.window.Import(f.adopt)
		}),
		fyne.NewMenuItem(tell.Word(cause.FormExport), f.Export),
		fyne.NewMenuItem(tell.Word(cause.FormPasswordPlace), f.ChoosePlace),
	}
	if !f.fresh {
		items = append(items, fyne.NewMenuItem(tell.Word(cause.FormConnection),
			func() { f.window.ShowConnection(f.account.ID) }),
			fyne.NewMenuItemSeparator(), fyne.NewMenuItem(tell.Word(cause.FormDelete), f.AskDelete))
	}
	return fyne.NewMenu("", items...)
}

// ShowAll unfolds everything.
func (f *Page) ShowAll() {
	for _, g := range f.groups {
		g.unfold()
	}
	f.body.Refresh()
}

// adopt fills the form from an imported configuration.
func (f *Page) adopt(c config.Config) {
	if c.InstanceID == "" {
		c.InstanceID = f.account.Config.InstanceID
	}
	f.load(c)
	f.Touch()
}

// Export shows what is in the form as a JsSIP configuration.
func (f *Page) Export() {
	if a, secret, ok := f.collect(); ok {
		kept := f.phone.Secret(a.ID).Without(secret.Forget)
		f.window.Export(a.Config, account.JoinSecret(account.JoinSecret(a.Config, secret), kept))
	}
}

// AskDelete deletes the account, after a question.
func (f *Page) AskDelete() {
	told := tell.Of(cause.Cause{Kind: cause.FormAskDelete, Account: tell.SafeLine(f.account.Name())})
	f.window.Ask(told.Title, told.Why, told.Short, true, func() {
		f.phone.DeleteAccount(f.account.ID, func(err error) {
			fyne.Do(func() {
				if err != nil {
					f.window.TellError(tell.Word(cause.FormNotDeleted), err)
					return
				}
				f.touched = false
				f.window.Leave(f)
			})
		})
	})
}
