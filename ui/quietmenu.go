package ui

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/history"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// quietItem is do not disturb in the menu, with how long.
func (a *app) quietItem() *fyne.MenuItem {
	now := a.state.DoNotDisturb
	set := func(on bool, until func() time.Time) func() {
		return func() {
			d := a.phone.Settings().Incoming.DoNotDisturb
			d.On, d.Until = on, until()
			a.phone.SetDoNotDisturb(d)
		}
	}
	always := func() time.Time { return time.Time{} }
	item := fyne.NewMenuItem(tell.Word(cause.DoNotDisturb), nil)
	off := fyne.NewMenuItem(tell.Word(cause.QuietOff), set(false, always))
	hour := fyne.NewMenuItem(tell.Word(cause.QuietHour),
		set(true, func() time.Time { return time.Now().Add(time.Hour) }))
	tomorrow := fyne.NewMenuItem(tell.Word(cause.QuietTomorrow),
		set(true, func() time.Time { return account.UntilTomorrow(time.Now()) }))
	untilOff := fyne.NewMenuItem(tell.Word(cause.QuietAlways), set(true, always))
	item.Checked, off.Checked, untilOff.Checked = now.On, !now.On, now.On && now.Until.IsZero()
	items := []*fyne.MenuItem{off, hour, tomorrow, untilOff}
	if now.On && !now.Until.IsZero() {
		until := fyne.NewMenuItem(doesLine(cause.Cause{Kind: cause.DoNotDisturb, At: now.Until}), nil)
		until.Checked, until.Disabled = true, true
		items = append([]*fyne.MenuItem{until, fyne.NewMenuItemSeparator()}, items...)
	}
	item.ChildMenu = fyne.NewMenu("", items...)
	return item
}

func doesLine(c cause.Cause) string { return tell.SafeLine(tell.Of(c).Short) }

// standingOrders are what becomes of calls by itself, in the order of their weight, "" where nothing does: do not
// disturb, and what the account does.
func standingOrders(s phone.State, a phone.AccountState) string {
	var all []string
	if d := s.DoNotDisturb; d.On {
		all = append(all, doesLine(cause.Cause{Kind: cause.DoNotDisturb, At: d.Until}))
	}
	for _, does := range a.Does {
		all = append(all, doesLine(does))
	}
	return strings.Join(all, " · ")
}

// callersPanel is the lists of callers: whose calls never ring, and whose always do.
type callersPanel struct {
	app              *app
	blocked, through *widget.Entry
	blockedField     *widget.Field
	throughField     *widget.Field
	touched          bool // something is typed that is not kept
	object           fyne.CanvasObject
}

func newCallersPanel(a *app) *callersPanel {
	p := &callersPanel{app: a}
	now := a.phone.Settings().Incoming
	p.blocked, p.blockedField = p.field(cause.CallersBlocked, now.Blocked)
	p.through, p.throughField = p.field(cause.CallersThrough, now.DoNotDisturb.Through)
	busy := widget.NewSwitch(tell.Word(cause.CallersBusy), "", now.BlockedBusy, func(on bool) {
		s := a.phone.Settings()
		s.Incoming.BlockedBusy = on
		a.phone.SaveSettings(s, a.tellError(tell.Word(cause.CallersBusyNotSaved)))
	})
	save := widget.NewButton(tell.Word(cause.CallersSave), "", widget.Outlined, p.save).High(40)
	p.object = widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.CallersTitle)),
		p.blockedField.Box, busy, p.throughField.Box,
		widget.NewParagraph(tell.Word(cause.CallersHelp)).Color(widget.ColorMuted).Sized(13), save))
	return p
}

// field is a list, with whom the line may mean below it that is being typed.
func (p *callersPanel) field(k cause.Kind, list []string) (*widget.Entry, *widget.Field) {
	told := tell.Of(cause.Cause{Kind: k})
	entry := widget.NewTextArea("+49 900 *", 3).Named(told.Short)
	entry.Put(strings.Join(list, "\n"))
	people := p.app.suggestions(func(s journal.Suggestion) {
		entry.FillLine(callerOf(s))
		p.app.main.win.Canvas().Focus(entry)
	})
	people.OnSize = func() { p.app.main.win.Content().Refresh() }
	people.Below(entry)
	entry.OnChanged = func(string) {
		p.touched = true
		line, _ := entry.Line()
		people.Follow(line)
	}
	return entry, widget.NewField(told.Short, "", told.Why, layout.Column(4, entry, people.Object))
}

// callerOf is what a list of callers has for somebody who was suggested.
func callerOf(s journal.Suggestion) string {
	if s.URI == "" { // a contact, as the switches of its card put it on a list
		return s.Address
	}
	return history.Caller(journal.Call{Address: s.Address, URI: s.URI})
}

// save keeps the lists as they are typed, or says which line is no caller.
func (p *callersPanel) save() {
	blocked, ok := p.read(p.blocked, p.blockedField)
	through, fine := p.read(p.through, p.throughField)
	if !ok || !fine {
		return
	}
	s := p.app.phone.Settings()
	s.Incoming.Blocked, s.Incoming.DoNotDisturb.Through = blocked, through
	p.touched = false
	tellError := p.app.tellError(tell.Word(cause.CallersNotSaved))
	p.app.phone.SaveSettings(s, func(err error) {
		if err != nil {
			fyne.Do(func() { p.touched = true })
		}
		tellError(err)
	})
}

func (p *callersPanel) read(entry *widget.Entry, field *widget.Field) (list []string, ok bool) {
	bad := func(words string) {
		entry.SetBad(words)
		field.SetBad(words)
	}
	bad("")
	for line := range strings.Lines(entry.Text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case !account.IsCaller(line):
			bad(tell.Of(cause.Cause{Kind: cause.CallerUnusable, Text: tell.SafeLine(line)}).Advice())
			return nil, false
		case len(list) == account.MaxCallers:
			bad(tell.Of(cause.Cause{
				Kind: cause.CallersTooMany, Text: tell.SafeLine(line), Count: account.MaxCallers,
			}).Advice())
			return nil, false
		default:
			list = append(list, line)
		}
	}
	return list, true
}
