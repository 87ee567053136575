package ui

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
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

// accountsPage lists the accounts.
type accountsPage struct {
	app   *app
	list  *fyne.Container
	pills map[string]*widget.Pill // by account ID
	none  fyne.CanvasObject       // in their place
	still widget.Still            // of the list
	body  fyne.CanvasObject
}

func newAccountsPage(a *app) *accountsPage {
	p := &accountsPage{app: a, list: layout.Column(8)}
	p.none = widget.NewParagraph(tell.Word(cause.AccountsEmpty)).Color(widget.ColorMuted)
	add := widget.NewButton(tell.Word(cause.AccountsAdd), "plus", widget.Filled,
		a.main.openWizard).High(widget.HeightMain)
	all := widget.NewButton(tell.Word(cause.AccountsAddByForm), "gear", widget.Outlined, a.main.newAccount)
	p.body = layout.ScrollPage(layout.Column(12, p.list, add, all))
	return p
}

func (p *accountsPage) Update(s phone.State, now time.Time) {
	pills, list := map[string]*widget.Pill{}, make([]fyne.CanvasObject, 0, len(s.Accounts))
	for _, a := range s.Accounts {
		pill := p.pills[a.ID] // which keeps the keyboard, and the press that is under way
		if pill == nil {
			pill = widget.NewPill(func() { p.press(a) })
			pill.Leads()
		}
		pill.Set(tell.StatusShape(a.Status), tell.SafeLine(a.Label), tell.Status(a, now), accountLine(a))
		pills[a.ID], list = pill, append(list, pill)
	}
	if len(list) == 0 {
		list = append(list, p.none)
	}
	p.pills = pills
	if !slices.Equal(list, p.list.Objects) {
		if len(p.list.Objects) > 0 {
			p.still.Moved()
		}
		p.list.Objects = list
		p.list.Refresh()
	}
}

// press opens the form of an account; with that of the sandbox, of which there is nothing to edit, one calls.
func (p *accountsPage) press(a phone.AccountState) {
	switch {
	case !p.still.Is():
	case a.Sandbox:
		p.app.phone.UseAccount(a.ID)
		p.app.main.closePage()
	default:
		p.app.main.editAccount(a.ID)
	}
}

func (p *accountsPage) Title() string             { return tell.Word(cause.AccountsTitle) }
func (p *accountsPage) Object() fyne.CanvasObject { return p.body }
func (p *accountsPage) Close() bool               { return true }
func (m *mainWindow) openAccounts()               { m.open(newAccountsPage(m.app)) }

// newAccount opens an empty form.
func (m *mainWindow) newAccount() {
	a, err := account.New(config.Config{})
	if err != nil {
		m.tellError(tell.Word(cause.AccountNotMade), err)
		return
	}
	m.open(m.newForm(a, true))
}

// aboutPage tells the version and, for whoever helps, how things stand.
type aboutPage struct {
	app    *app
	facts  *figures
	copied *widget.Button
	body   fyne.CanvasObject
}

func newAboutPage(a *app) *aboutPage {
	p := &aboutPage{app: a, facts: newFigures()}
	name := tell.WordOf(cause.Cause{Kind: cause.AboutName, Text: version(a.options.Version)})
	p.copied = widget.NewButton(tell.Word(cause.AboutCopy), "copy", widget.Outlined, p.copy)
	p.body = layout.ScrollPage(layout.Column(12,
		container.NewCenter(widget.NewIcon("mark", widget.ColorAccent, 72)),
		widget.NewText(name).Sized(widget.SizeTitle).Bold().Align(fyne.TextAlignCenter),
		widget.NewParagraph(tell.Word(cause.AboutCalla)).Color(widget.ColorMuted).Align(fyne.TextAlignCenter),
		widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.AboutDiagnostics)), p.facts.object)), p.copied,
		widget.NewParagraph(tell.Word(cause.AboutNoPassword)).
			Color(widget.ColorMuted).Sized(widget.SizeCaption)))
	return p
}

func version(v string) string {
	if v == "" {
		return tell.Word(cause.AboutDevelopment)
	}
	return v
}

func (p *aboutPage) Update(s phone.State, now time.Time) {
	all := []figure{
		{tell.Word(cause.AboutVersion), version(p.app.options.Version)},
		{tell.Word(cause.AboutSystem), runtime.GOOS + " " + runtime.GOARCH},
		{tell.Word(cause.AboutGo), strings.TrimPrefix(runtime.Version(), "go")},
	}
	for _, a := range s.Accounts {
		all = append(all, figure{tell.Address(a.Address), tell.Status(a, now)})
		for _, server := range a.Servers {
			all = append(all, figure{
				tell.WordOf(cause.Cause{Kind: cause.AboutServer, Text: tell.Value(server.Weight)}),
				tell.SafeLine(server.URL + tell.Dotted(tell.Of(server.Cause).Short)),
			})
		}
		if a.Problem != nil {
			all = append(all, figure{
				tell.Word(cause.AboutProblem),
				tell.SafeLine(tell.Of(*a.Problem).Title + tell.Dotted(a.Problem.Detail)),
			})
		}
	}
	p.facts.set(append(all, deviceFigures(s.Devices)...))
}

func (p *aboutPage) copy() {
	var b strings.Builder
	for _, f := range p.facts.shown {
		fmt.Fprintf(&b, "%s: %s\n", f.what, f.value)
	}
	p.app.fyne.Clipboard().SetContent(b.String())
	p.copied.Set(tell.Word(cause.AboutCopied), "check")
}

func (p *aboutPage) Title() string             { return tell.Word(cause.AboutTitle) }
func (p *aboutPage) Object() fyne.CanvasObject { return p.body }
func (p *aboutPage) Close() bool               { return true }
func (m *mainWindow) openAbout()               { m.open(newAboutPage(m.app)) }

// welcomePane is the first page, while there is no account.
type welcomePane struct {
	app    *app
	object fyne.CanvasObject
}

func newWelcomePane(a *app) *welcomePane {
	p := &welcomePane{app: a}
	choices := firstChoices(a)
	words := layout.Column(6, container.NewCenter(widget.NewIcon("mark", widget.ColorAccent, 84)),
		widget.NewText(tell.Word(cause.WelcomeTitle)).Sized(widget.SizeTitle).Bold().Align(fyne.TextAlignCenter),
		widget.NewParagraph(tell.Word(cause.WelcomeKeypad)).
			Color(widget.ColorMuted).Align(fyne.TextAlignCenter))
	p.object = container.New(layout.Func{
		Min: func(o []fyne.CanvasObject) fyne.Size {
			return fyne.NewSize(300, o[0].MinSize().Height+o[1].MinSize().Height+3*widget.Margin)
		},
		Place: func(o []fyne.CanvasObject, size fyne.Size) {
			w := min(size.Width-2*widget.Margin, 420)
			x := (size.Width - w) / 2
			h := o[1].MinSize().Height
			o[1].Move(fyne.NewPos(x, size.Height-widget.Margin-h))
			o[1].Resize(fyne.NewSize(w, h))
			room := size.Height - 2*widget.Margin - h
			o[0].Resize(fyne.NewSize(w, o[0].MinSize().Height)) // paragraphs know their height by their width
			if fits := o[0].MinSize().Height <= room; fits && !o[0].Visible() {
				o[0].Show()
			} else if !fits && o[0].Visible() {
				o[0].Hide() // under a banner that has much to tell
			}
			o[0].Resize(fyne.NewSize(w, o[0].MinSize().Height))
			o[0].Move(fyne.NewPos(x, max(0, (room-o[0].MinSize().Height)/2)))
		},
	}, words, choices)
	return p
}

// firstChoices are the three ways to begin.
func firstChoices(a *app) fyne.CanvasObject {
	try := widget.NewButton(tell.Word(cause.WelcomeTry), "flask", widget.Filled, a.tryNow).High(widget.HeightMain)
	note := widget.NewParagraph(tell.Word(cause.WelcomeTryHelp)).
		Color(widget.ColorMuted).Sized(widget.SizeCaption).Align(fyne.TextAlignCenter)
	paste := widget.NewButton(tell.Word(cause.WelcomePaste), "paste", widget.Outlined, func() {
		a.main.openImport(a.main.openWizardWith)
	}).High(widget.HeightMain)
	enter := widget.NewButton(tell.Word(cause.WelcomeEnter), "person", widget.Outlined,
		a.main.openWizardDetails).High(widget.HeightMain)
	return layout.Column(8, try, note, layout.Padded(4, 0, 0, 0, paste), enter)
}

// tryNow starts the built-in server and, once registered there, calls its echo.
func (a *app) tryNow() {
	a.wantEcho = true
	a.phone.StartSandbox(func(err error) {
		if err != nil {
			fyne.Do(func() {
				a.wantEcho = false
				a.main.tellError(tell.Word(cause.WelcomeNoTry), err)
			})
		}
	})
	a.main.closePage()
}

// callEcho keeps what tryNow promised.
func (a *app) callEcho(s phone.State) {
	if !a.wantEcho {
		return
	}
	for _, acc := range s.Accounts {
		if acc.Sandbox && canDial(acc) {
			a.wantEcho = false
			a.main.callText(acc.ID, "echo")
		}
	}
}
