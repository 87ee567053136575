package ui

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
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
	servers         *fyne.Container
	bindings        *fyne.Container
	bindingsBox     *fyne.Container
	connect         *widget.Button
	everywhere      *widget.Button
	edit, copied    *widget.Button
	shown           phone.AccountState
	body            fyne.CanvasObject
}

func newAccountPage(a *app, id string) *accountPage {
	p := &accountPage{app: a, id: id, mark: widget.NewMark(widget.Ring, 14), facts: newFigures().wrapped(), servers: column(8), bindings: column(10)}
	p.status = widget.NewParagraph("").Sized(widget.SizeStrong).Bold()
	p.problem = widget.NewParagraph("").Sized(13)
	p.connect = widget.NewButton("Connect now", "refresh", widget.Outlined, func() { a.phone.Retry(id) })
	p.edit = widget.NewButton("Edit", "edit", widget.Outlined, func() { a.main.editAccount(id) })
	p.everywhere = widget.NewButton("Sign out everywhere…", "", widget.Danger, p.askEverywhere)
	p.copied = widget.NewButton("Copy as text", "copy", widget.Outlined, p.copy)
	p.bindingsBox = column(10, p.bindings, p.everywhere)
	p.body = scrollPage(column(12,
		widget.NewCard(column(10, border(nil, nil, border(padded(3, 0, 0, 8, p.mark), nil, nil, nil), nil, p.status), p.problem,
			equal(8, p.connect, p.edit))),
		widget.NewCard(column(8, sectionTitle("Connection"), p.facts.object)),
		widget.NewCard(column(8, sectionTitle("Servers"), p.servers)),
		widget.NewCard(column(8, sectionTitle("Devices of this address"), p.bindingsBox)),
		p.copied))
	return p
}

func (p *accountPage) update(s phone.State, now time.Time) {
	p.shown = phone.AccountState{ID: p.id, Words: "This account is no more"}
	for _, a := range s.Accounts {
		if a.ID == p.id {
			p.shown = a
		}
	}
	a := p.shown
	p.mark.Set(statusShape(a.Status))
	p.status.SetText(statusWords(a, now))
	problem := ""
	if a.Problem != nil {
		problem = strings.TrimSpace(a.Problem.Title + " " + a.Problem.Why + " " + a.Problem.Do)
	}
	p.problem.SetText(problem)
	p.problem.Hidden = problem == ""
	p.connect.SetEnabled(a.Status != phone.StatusOff)
	p.edit.SetEnabled(!a.Sandbox)
	p.facts.set(accountFigures(a, a.Address != "", now))
	p.servers.RemoveAll()
	for _, server := range a.Servers {
		p.servers.Add(serverLine(server, now))
	}
	p.bindings.RemoveAll()
	for _, b := range a.Bindings {
		shape := widget.Ring
		if b.Own {
			shape = widget.Disc
		}
		p.bindings.Add(border(nil, nil, border(padded(4, 0, 0, 8, widget.NewMark(shape, 10)), nil, nil, nil), nil,
			column(0, widget.NewParagraph(safeLine(b.Words)).Sized(13),
				widget.NewParagraph(safeLine(b.Address)).Color(widget.ColorMuted).Sized(widget.SizeCaption))))
	}
	if len(a.Bindings) == 0 {
		p.bindings.Add(widget.NewParagraph("The server has listed none yet: it does so when it confirms the registration.").
			Color(widget.ColorMuted).Sized(13))
	}
	p.everywhere.Hidden = len(a.Bindings) == 0
	p.body.Refresh()
}

func (p *accountPage) askEverywhere() {
	p.app.main.ask("Sign out everywhere?",
		"Every telephone registered for "+plainAddress(p.shown.Address)+" is removed from the server. No calls come in there until it registers anew; this one does so at once.",
		"Sign out everywhere", true, func() { p.app.phone.UnregisterAll(p.id) })
}

// copy puts what is shown on the clipboard, as text. There is no password in it.
func (p *accountPage) copy() {
	var b strings.Builder
	for _, f := range p.facts.shown {
		fmt.Fprintf(&b, "%s: %s\n", f.what, f.value)
	}
	for _, s := range p.shown.Servers {
		fmt.Fprintf(&b, "Server %s, weight %s: %s\n", safeLine(s.URL), textOf(s.Weight), serverDetail(s, time.Now()))
	}
	for _, d := range p.shown.Bindings {
		fmt.Fprintf(&b, "Device %s: %s\n", safeLine(d.Address), safeLine(d.Words))
	}
	p.app.fyne.Clipboard().SetContent(b.String())
	p.copied.Set("Copied", "check")
}

func (p *accountPage) title() string {
	for _, a := range p.app.state.Accounts {
		if a.ID == p.id {
			return safeLine(a.Label)
		}
	}
	return "Account"
}

func (p *accountPage) object() fyne.CanvasObject  { return p.body }
func (p *accountPage) actions() fyne.CanvasObject { return nil }
func (p *accountPage) meters() bool               { return false }
func (p *accountPage) levels()                    {}
func (p *accountPage) close() bool                { return true }

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
		return []figure{{"Status", "No account yet"}}
	}
	all := []figure{{"Name", safeLine(a.Label)}, {"Address", plainAddress(a.Address)}, {"Status", statusWords(a, now)}}
	add := func(what, value string) {
		if value != "" {
			all = append(all, figure{what, value})
		}
	}
	add("Server", safeLine(a.Server))
	add("Connected since", sinceWords(a.Connection.Since, now))
	if left := a.Connection.Left; left != nil {
		add("Left last", safeLine(left.Server)+dotted(clockOf(left.At)))
		add("Because", safeLine(left.Words))
	}
	if !a.RetryAt.IsZero() {
		add("Next try", clockOf(a.RetryAt))
	}
	if a.Connection.Attempts > 0 {
		add("Tries in vain", fmt.Sprint(a.Connection.Attempts))
	}
	if a.RegisterTime > 0 {
		add("Registered in", milliseconds(a.RegisterTime))
	}
	if a.Expires > 0 {
		add("Renewed within", fmt.Sprintf("%d s", int(a.Expires.Seconds())))
	}
	add("GRUU", a.Connection.PublicGRUU)
	add("Temporary GRUU", a.Connection.TemporaryGRUU)
	for i, r := range a.Connection.ServiceRoutes {
		what := "Service route"
		if len(a.Connection.ServiceRoutes) > 1 {
			what = fmt.Sprintf("Service route %d", i+1)
		}
		add(what, r)
	}
	if a.Voicemail != nil {
		add("Mailbox", fmt.Sprintf("%d new, %d old", a.Voicemail.New, a.Voicemail.Old))
	}
	if !a.Sandbox {
		add("Password", keptWords(a))
	}
	if a.Problem != nil {
		add("Detail", safeLine(a.Problem.Detail))
	}
	return all
}

// sinceWords tells since when something is so: "14:03:21, 12 min".
func sinceWords(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return clockOf(at) + ", " + lastingWords(now.Sub(at))
}

// clockOf writes a time of day, with the day where it is not today's.
func clockOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	if time.Since(at).Abs() > 12*time.Hour {
		return at.Format("2 Jan 15:04:05")
	}
	return at.Format("15:04:05")
}

// lastingWords writes how long something lasts, in its greatest unit.
func lastingWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// serverLine shows how a server of an account stands.
func serverLine(s phone.ServerState, now time.Time) fyne.CanvasObject {
	weight := widget.NewPanel(widget.NewText(textOf(s.Weight)).Sized(widget.SizeCaption).Bold(), widget.ColorSurface2, "", 9, 8, 1)
	return border(nil, nil, border(padded(5, 0, 0, 8, widget.NewMark(serverShape(s), 10)), nil, nil, nil),
		padded(0, 0, 8, 0, container.NewCenter(weight)),
		column(0, widget.NewText(safeLine(s.URL)).Sized(13).Shrink(80),
			widget.NewParagraph(serverDetail(s, now)).Color(widget.ColorMuted).Sized(widget.SizeCaption)))
}

// serverShape is the mark of how a server stands.
func serverShape(s phone.ServerState) widget.Shape {
	switch {
	case s.Connected:
		return widget.Disc
	case s.Failed:
		return widget.Cross
	}
	return widget.Triangle // standby
}

// serverDetail tells how a server stands, and what went wrong with it.
func serverDetail(s phone.ServerState, now time.Time) string {
	words := safeLine(s.Words)
	if s.Failures > 1 {
		words += fmt.Sprintf(" · %d times in a row", s.Failures)
	}
	if !s.LastErrorAt.IsZero() && !s.Connected {
		words += " · at " + clockOf(s.LastErrorAt)
	}
	if s.NextTry.After(now) {
		words += " · next try at " + clockOf(s.NextTry)
	}
	return words
}
