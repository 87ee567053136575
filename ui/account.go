package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// accountPage shows one account in full: how it is connected and registered, its servers, its mailbox and
// the other devices of its address.
type accountPage struct {
	app *app
	id  string

	mark            *widget.Mark
	status, problem *widget.Text
	facts           *figures
	engineers       *figures
	engineersBox    *fyne.Container
	servers         *serverLines
	bindings        *fyne.Container
	bindingsBox     *fyne.Container
	connect         *widget.Button
	everywhere      *widget.Button
	edit, copied    *widget.Button
	shown           phone.AccountState
	body            fyne.CanvasObject
}

func newAccountPage(a *app, id string) *accountPage {
	p := &accountPage{
		app: a, id: id, mark: widget.NewMark(widget.Ring, 14), facts: newFigures().wrapped(),
		servers: newServerLines(), bindings: layout.Column(10), engineers: newFigures().wrapped(),
	}
	p.engineersBox = engineersCard(p.engineers)
	p.status = widget.NewParagraph("").Sized(widget.SizeStrong).Bold()
	p.problem = widget.NewParagraph("").Sized(13)
	p.connect = widget.NewButton(tell.Word(cause.AccountConnectNow), "refresh", widget.Outlined,
		func() { a.phone.Retry(id) })
	p.edit = widget.NewButton(tell.Word(cause.AccountEdit), "edit", widget.Outlined, func() { a.main.editAccount(id) })
	p.everywhere = widget.NewButton(tell.Word(cause.AccountSignOut), "", widget.Danger, p.askEverywhere)
	p.copied = widget.NewButton(tell.Word(cause.AccountCopy), "copy", widget.Outlined, p.copy)
	p.bindingsBox = layout.Column(10, p.bindings, p.everywhere)
	p.body = layout.ScrollPage(layout.Column(12,
		widget.NewCard(layout.Column(10, layout.Border(nil, nil,
			layout.Border(layout.Padded(3, 0, 0, 8, p.mark), nil, nil, nil), nil, p.status), p.problem,
			layout.Equal(8, p.connect, p.edit))),
		widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.AccountConnection)), p.facts.object)),
		widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.AccountServers)), p.servers.object)),
		widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.AccountDevices)), p.bindingsBox)),
		p.engineersBox, p.copied))
	return p
}

func (p *accountPage) Update(s phone.State, now time.Time) {
	p.shown = phone.AccountState{ID: p.id}
	for _, a := range s.Accounts {
		if a.ID == p.id {
			p.shown = a
		}
	}
	a := p.shown
	p.mark.Set(tell.StatusShape(a.Status))
	p.status.SetText(tell.Status(a, now))
	if a.Address == "" {
		p.status.SetText(tell.Word(cause.AccountNoMore))
	}
	problem := ""
	if a.Problem != nil {
		problem = tell.Of(*a.Problem).Line()
	}
	p.problem.SetText(problem)
	p.problem.Hidden = problem == ""
	p.connect.SetEnabled(a.Status != phone.StatusOff)
	p.edit.SetEnabled(!a.Sandbox)
	p.facts.set(accountFigures(a, a.Address != "", now))
	p.engineers.set(engineerFigures(a))
	p.engineersBox.Hidden = len(p.engineers.shown) == 0
	p.servers.update(a.Servers, now)
	p.bindings.RemoveAll()
	for _, b := range a.Bindings {
		shape := widget.Ring
		if b.Own {
			shape = widget.Disc
		}
		p.bindings.Add(layout.Border(nil, nil,
			layout.Border(layout.Padded(4, 0, 0, 8, widget.NewMark(shape, 10)), nil, nil, nil), nil,
			layout.Column(0, widget.NewParagraph(tell.SafeLine(tell.Of(b.Cause(now)).Short)).Sized(13),
				widget.NewParagraph(tell.SafeLine(b.Address)).Color(widget.ColorMuted).Sized(widget.SizeCaption))))
	}
	if len(a.Bindings) == 0 {
		p.bindings.Add(widget.NewParagraph(tell.Word(cause.AccountNoDevices)).
			Color(widget.ColorMuted).Sized(13))
	}
	p.everywhere.Hidden = len(a.Bindings) == 0
	p.body.Refresh()
}

func (p *accountPage) askEverywhere() {
	told := tell.Of(cause.Cause{Kind: cause.AskSignOut, Address: tell.Address(p.shown.Address)})
	p.app.main.ask(told.Title, told.Below(), told.Short, true, func() { p.app.phone.UnregisterAll(p.id) })
}

// copy puts what is shown on the clipboard, as text. There is no password in it.
func (p *accountPage) copy() {
	var b strings.Builder
	for _, f := range append(slices.Clone(p.facts.shown), p.engineers.shown...) {
		fmt.Fprintf(&b, "%s: %s\n", f.what, f.value)
	}
	for _, s := range p.shown.Servers {
		fmt.Fprintln(&b, tell.WordOf(cause.Cause{
			Kind: cause.AccountCopiedServer, Server: tell.SafeLine(s.URL), Text: tell.Value(s.Weight),
			Reason: tell.Server(s, time.Now()),
		}))
	}
	for _, d := range p.shown.Bindings {
		fmt.Fprintln(&b, tell.WordOf(cause.Cause{
			Kind: cause.AccountCopiedDevice, Address: tell.SafeLine(d.Address),
			Text: tell.SafeLine(tell.Of(d.Cause(time.Now())).Short),
		}))
	}
	p.app.fyne.Clipboard().SetContent(b.String())
	p.copied.Set(tell.Word(cause.AccountCopied), "check")
}

func (p *accountPage) Title() string {
	for _, a := range p.app.state.Accounts {
		if a.ID == p.id {
			return tell.SafeLine(a.Label)
		}
	}
	return tell.Word(cause.AccountTitle)
}

func (p *accountPage) Object() fyne.CanvasObject { return p.body }
func (p *accountPage) Close() bool               { return true }

func (m *mainWindow) openAccount(id string) { m.open(newAccountPage(m.app, id)) }

// openCurrentAccount shows the account that dials.
func (m *mainWindow) openCurrentAccount() {
	if a, ok := currentAccount(m.app.state); ok {
		m.openAccount(a.ID)
	}
}

// accountFigures lists what is known of an account's connection and registration.
func accountFigures(a phone.AccountState, ok bool, now time.Time) []figure {
	if !ok {
		return []figure{{tell.Word(cause.FigureStatus), tell.Word(cause.AccountNoneYet)}}
	}
	all := []figure{
		{tell.Word(cause.FigureName), tell.SafeLine(a.Label)},
		{tell.Word(cause.FigureAddress), tell.Address(a.Address)},
		{tell.Word(cause.FigureStatus), tell.Status(a, now)},
	}
	add := func(what, value string) {
		if value != "" {
			all = append(all, figure{what, value})
		}
	}
	add(tell.Word(cause.FigureServer), tell.SafeLine(a.Server))
	add(tell.Word(cause.FigureConnectedSince), tell.Since(a.Connection.Since, now))
	if left := a.Connection.Left; left != nil {
		add(tell.Word(cause.FigureLeftLast), tell.SafeLine(left.Server)+tell.Dotted(tell.Clock(left.At)))
		if left.Cause != nil {
			add(tell.Word(cause.FigureBecause), tell.SafeLine(tell.Of(*left.Cause).Short))
		}
	}
	if !a.RetryAt.IsZero() {
		add(tell.Word(cause.FigureNextTry), tell.Clock(a.RetryAt))
	}
	if a.Connection.Attempts > 0 {
		add(tell.Word(cause.FigureTries), fmt.Sprint(a.Connection.Attempts))
	}
	if a.RegisterTime > 0 {
		add(tell.Word(cause.FigureRegisteredIn), tell.Milliseconds(a.RegisterTime))
	}
	if a.Expires > 0 {
		add(tell.Word(cause.FigureRenewed), tell.Counted(cause.FigureSeconds, int(a.Expires.Seconds())))
	}
	if a.Voicemail != nil {
		add(tell.Word(cause.FigureMailbox), tell.WordOf(cause.Cause{
			Kind: cause.FigureMailboxHas, Count: a.Voicemail.New, Of: a.Voicemail.Old,
		}))
	}
	if !a.Sandbox {
		add(tell.Word(cause.FigurePassword), tell.Password(a))
	}
	if a.Problem != nil {
		add(tell.Word(cause.FigureDetail), tell.SafeLine(a.Problem.Detail))
	}
	return all
}

// engineerFigures lists what the registrar gave that nobody else asks for.
func engineerFigures(a phone.AccountState) []figure {
	var all []figure
	add := func(what, value string) {
		if value != "" {
			all = append(all, figure{what, tell.SafeUpTo(value, tell.SmallPrint)})
		}
	}
	add("GRUU", a.Connection.PublicGRUU)
	add(tell.Word(cause.FigureTemporaryGRUU), a.Connection.TemporaryGRUU)
	for i, r := range a.Connection.ServiceRoutes {
		what := tell.Word(cause.FigureServiceRoute)
		if len(a.Connection.ServiceRoutes) > 1 {
			what = tell.Counted(cause.FigureServiceRouteOf, i+1)
		}
		add(what, r)
	}
	return all
}

// engineersCard is a card with such figures.
func engineersCard(f *figures) *fyne.Container {
	return container.NewStack(widget.NewCard(layout.Column(8,
		sectionTitle(tell.Word(cause.ForEngineers)), f.object)))
}
