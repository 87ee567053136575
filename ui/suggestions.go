package ui

import (
	"fyne.io/fyne/v2"

	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/suggest"
	"calla/ui/tell"
	"calla/ui/widget"
)

// suggestions makes the list below a field that takes a person.
func (a *app) suggestions(take func(journal.Suggestion)) *suggest.List {
	var people suggest.People
	if j := a.phone.Journal(); j != nil {
		people = j
	}
	l := suggest.New(people, func(work func()) { a.aside(work) })
	l.OnTaken = take
	l.Account = func(id string) string {
		label, there := a.accountLabel(id)
		if len(a.state.Accounts) < 2 || !there {
			return ""
		}
		return label
	}
	return l
}

// accountLabel is what an account is called, false where it is there no longer.
func (a *app) accountLabel(id string) (string, bool) {
	for _, acc := range a.state.Accounts {
		if acc.ID == id {
			return acc.Label, true
		}
	}
	return "", false
}

// bound is whom a text means that was not typed: recalled, or chosen from suggestions. Once it is changed it means what
// it says.
type bound struct {
	lastCall
	name, label string // who that is, and of which address
}

// isOf tells whether it is bound at all, and to this text.
func (b bound) isOf(text string) bool { return b.text != "" && b.text == text }

// orTyped is what is to be called of a text: the address of whom it is bound to in full, or what it says.
func (b bound) orTyped(text string) string {
	if b.isOf(text) && b.uri != "" {
		return b.uri
	}
	return text
}

// suggestionsInSheet makes the list below a field of a sheet, in which take puts whoever is chosen: as he was called
// last, in full.
func (m *mainWindow) suggestionsInSheet(field *widget.Entry, take func(bound)) *suggest.List {
	people := m.app.suggestions(func(s journal.Suggestion) {
		take(bound{lastCall: lastCall{text: s.Address, uri: s.URI}})
		field.Fill(s.Address)
		m.win.Canvas().Focus(field)
	})
	people.OnSize = func() {
		if m.sheet != nil {
			m.sheet.fit()
		}
	}
	people.Below(field)
	return people
}

// place puts the suggestions over what is below the number, and leaves the keys free where those are being pressed.
func (d *dialPane) place(o []fyne.CanvasObject, size fyne.Size) {
	most := float32(4*64 + 3*8)
	if d.robots.object.Visible() {
		most = d.robots.height()
	}
	d.placeDial(o, size, most)
	list, number := o[5], o[0]
	y := number.Position().Y + number.Size().Height + 4
	list.Move(fyne.NewPos(number.Position().X, y))
	list.Resize(fyne.NewSize(number.Size().Width, list.MinSize().Height))
}

// room is the height that suggestions may take.
func (d *dialPane) room() float32 {
	o := d.object.(*fyne.Container).Objects
	top := o[0].Position().Y + o[0].Size().Height + 4
	if d.pointed {
		return o[2].Position().Y - top
	}
	return o[3].Position().Y - 8 - top
}

// boundWords tells who is called beyond what the text says, and with which account where another one is chosen.
func (d *dialPane) boundWords(accountID string) string {
	b := d.bound
	c := cause.Cause{Account: tell.SafeLine(b.account)}
	if b.name != "" {
		c.Text = tell.SafeLine(b.name) + tell.Dotted(tell.SafeLine(b.label))
	}
	switch other := b.accountID != "" && b.accountID != accountID; {
	case other && b.name != "":
		c.Kind = cause.DialCallsAsBefore
	case other:
		c.Kind = cause.DialAsBefore
	case b.name != "":
		c.Kind = cause.DialCalls
	default:
		return ""
	}
	return tell.WordOf(c)
}

// take puts somebody who was suggested into the field, to be called with the account and the address that the last call
// had, where there was one.
func (d *dialPane) take(s journal.Suggestion) {
	b := bound{lastCall: lastCall{text: s.Address}, name: s.Name, label: s.Label}
	if s.URI != "" {
		label, there := d.app.accountLabel(s.AccountID)
		if !there { // any other account reads the short address as somebody of its own
			b.text = s.URI
		} else {
			b.accountID, b.account, b.uri = s.AccountID, label, s.URI
		}
	}
	d.fill(b.text)
	if d.number.Text == b.text {
		d.bound = b
	}
	d.update(d.app.state)
	d.focus()
}
