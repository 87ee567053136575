package contacts

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
	"calla/phone/cause"
	"calla/phone/contacts"
	"calla/phone/journal"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

const (
	mostAddresses = 30 // of a contact, that can be edited
	mostOfLabel   = 12 // characters of a label, or of a name on a button
)

// Form is the page on which a contact is edited.
type Form struct {
	window Window
	book   Book
	opened journal.Contact // as it was; ID 0: not kept yet

	name, organisation, note *widget.Entry
	nameField                *widget.Field
	rows                     []*addressRow
	box                      *fyne.Container
	favourite                *widget.Switch
	own                      *ownFields
	add, save                *widget.Button
	touched, since           bool // something is typed that is not kept; and while it is being kept
	body                     fyne.CanvasObject
}

// addressRow is an address that is edited.
type addressRow struct {
	label  *widget.Select
	labels []string // as they are kept, for each choice
	text   *widget.Entry
	field  *widget.Field
}

// NewForm makes the form for a contact. One that is not kept yet (ID 0) may be filled in part.
func NewForm(w Window, b Book, c journal.Contact) *Form {
	f := &Form{window: w, book: b, opened: c, box: layout.Column(10)}
	f.name = f.entry(tell.Word(cause.ContactsName), c.Name)
	f.nameField = widget.NewField(tell.Word(cause.ContactsName), "", "", f.name)
	f.organisation = f.entry(tell.Word(cause.ContactsNameExample), c.Organisation)
	f.note = widget.NewTextArea("", 3)
	f.note.Put(c.Note)
	f.note.OnChanged = func(string) { f.touch() }
	f.favourite = widget.NewSwitch(tell.Word(cause.ContactsFavourite), "", c.Favourite, func(bool) { f.touch() })
	for _, a := range c.Addresses {
		f.addRow(a)
	}
	if len(f.rows) == 0 {
		f.addRow(journal.ContactAddress{})
	}
	f.add = widget.NewButton(tell.Word(cause.ContactsAddAnAddress), "plus", widget.Quiet,
		f.addEmpty).High(widget.HeightDense)
	f.save = widget.NewButton(tell.Word(cause.ContactsSave), "", widget.Filled, f.Save).High(widget.HeightMain)
	f.own = newOwnFields(f, c.Own)
	cards := layout.Column(12,
		widget.NewCard(layout.Column(8, f.nameField.Box,
			widget.NewField(tell.Word(cause.ContactsOrganisation), "", "", f.organisation).Box)),
		widget.NewCard(layout.Column(8, widget.NewText(tell.Word(cause.ContactsNumbersAndAddresses)).Bold(), f.box,
			layout.Border(nil, nil, f.add, nil))),
		widget.NewCard(layout.Column(8, f.favourite,
			widget.NewField(tell.Word(cause.ContactsNote), "", "", f.note).Box)),
		widget.NewCard(f.own.object))
	bar := layout.Centred(640+2*widget.Margin, layout.Padded(8, 12, widget.Margin, widget.Margin, f.save))
	f.body = layout.Border(nil, bar, nil, nil, layout.Settled(layout.Scrolling(cards)))
	return f
}

// entry is a field of one line.
func (f *Form) entry(placeholder, text string) *widget.Entry {
	e := widget.NewEntry(placeholder)
	e.Put(text)
	e.OnChanged = func(string) {
		f.touch()
		f.nameField.SetBad("")
	}
	e.OnSubmitted = func(string) { f.Save() }
	return e
}

// addRow adds a row for an address.
func (f *Form) addRow(a journal.ContactAddress) *addressRow {
	r := &addressRow{
		labels: append([]string{""}, contacts.Labels()...),
		text:   widget.NewEntry(tell.Word(cause.ContactsNumberOrAddress)),
	}
	if !slices.Contains(r.labels, a.Label) {
		r.labels = append(r.labels, a.Label) // the user's own, or another program's
	}
	names := make([]string, len(r.labels))
	for i, label := range r.labels {
		names[i] = tell.SafeUpTo(label, mostOfLabel)
	}
	names[0] = tell.Word(cause.ContactsNoLabel)
	r.label = widget.NewSelect(names, slices.Index(r.labels, a.Label), "", func(int) { f.touch() })
	r.label.Name = tell.Word(cause.ContactsLabel)
	r.text.Put(a.Address)
	r.text.OnChanged = func(string) {
		f.touch()
		r.field.SetBad("")
	}
	r.text.OnSubmitted = func(string) { f.Save() }
	remove := widget.NewButton("", "trash", widget.Quiet,
		func() { f.remove(r) }).High(40).Named(tell.Word(cause.ContactsRemoveThisAddress))
	r.field = widget.NewField(tell.Word(cause.ContactsNumberOrAddress), "", "", r.text)
	f.rows = append(f.rows, r)
	f.box.Add(layout.Column(4, r.field.Box, layout.Border(nil, nil, nil, container.NewCenter(remove), r.label)))
	return r
}

func (f *Form) addEmpty() {
	r := f.addRow(journal.ContactAddress{})
	f.add.SetEnabled(len(f.rows) < mostAddresses)
	f.body.Refresh()
	f.window.Focus(r.text)
}

func (f *Form) remove(r *addressRow) {
	i := slices.Index(f.rows, r)
	f.rows = slices.Delete(f.rows, i, i+1)
	f.box.Remove(f.box.Objects[i])
	f.add.Enable()
	f.touch()
	f.body.Refresh()
}

// Title implements the window's page.
func (f *Form) Title() string {
	if f.opened.ID == 0 {
		return tell.Word(cause.ContactsNewContact)
	}
	return nameOf(f.opened)
}

// Object implements the window's page.
func (f *Form) Object() fyne.CanvasObject { return f.body }

// Update implements the window's page.
func (f *Form) Update(phone.State, time.Time) {}

// touch says that something has been typed or chosen.
func (f *Form) touch() { f.touched, f.since = true, true }

// Unsaved tells whether there is something that would be lost.
func (f *Form) Unsaved() bool { return f.touched }

// Close asks before what was typed is thrown away.
func (f *Form) Close() bool {
	if !f.touched {
		return true
	}
	f.window.Ask(tell.Word(cause.ContactsAskDiscard), tell.Word(cause.ContactsUnsaved),
		tell.Word(cause.ContactsDiscard), true, func() {
			f.touched = false
			f.window.Leave(f)
		})
	return false
}

// Start puts the keyboard where typing begins.
func (f *Form) Start() {
	if f.name.Text == "" {
		f.window.Focus(f.name)
		return
	}
	f.window.Focus(f.rows[0].text)
}

// Save keeps the contact; what is wrong is told at its field. Of somebody new who may be there already it is asked.
func (f *Form) Save() {
	c, ok := f.collect()
	if !ok || f.save.Disabled() {
		return
	}
	f.save.Disable()
	f.since = false
	f.window.Aside(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if why := f.checkRingtone(c.Own.Ringtone); why != nil {
			fyne.Do(func() {
				f.save.Enable()
				f.own.unplayable(*why)
			})
			return
		}
		if c.ID == 0 {
			like, err := f.book.ContactsWith(ctx, c)
			if err == nil && len(like) > 0 {
				fyne.Do(func() { f.askWhich(c, like[0]) })
				return
			}
		}
		f.keep(ctx, c)
	})
}

// keep keeps the contact. It waits for the disk.
func (f *Form) keep(ctx context.Context, c journal.Contact) {
	id, err := f.book.SaveContact(ctx, c)
	fyne.Do(func() {
		f.save.Enable()
		switch {
		case errors.Is(err, journal.ErrNoRow):
			f.opened.ID = 0 // it was deleted meanwhile: the next press keeps it anew
			f.window.TellError(tell.Word(cause.ContactsDeletedMeanwhile), err)
		case err != nil:
			f.window.TellError(tell.Word(cause.ContactsNotSaved), err)
		case f.since: // that is to be kept yet
			c.ID = id
			f.opened = c
		default:
			c.ID, f.touched = id, false
			if f.window.Shows(f) {
				f.window.ShowContact(c)
			}
		}
	})
}

// askWhich asks whether a new contact is somebody who is kept already.
func (f *Form) askWhich(c, like journal.Contact) {
	f.save.Enable()
	keep := func(c journal.Contact) func() {
		return func() {
			f.window.CloseSheet()
			f.save.Disable()
			f.window.Aside(func() {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				defer cancel()
				f.keep(ctx, c)
			})
		}
	}
	short := tell.SafeUpTo(nameOf(like), mostOfLabel)
	f.window.OpenSheet(tell.Word(cause.ContactsAskSame),
		widget.NewParagraph(tell.WordOf(cause.Cause{Kind: cause.ContactsSamePerson, Party: nameOf(like)})),
		widget.NewButton(tell.WordOf(cause.Cause{Kind: cause.ContactsAddTo, Party: short}), "", widget.Filled,
			keep(like.With(c))).High(widget.HeightMain),
		widget.NewButton(tell.Word(cause.ContactsKeepAnother), "", widget.Outlined, keep(c)).High(widget.HeightMain))
}

// collect reads the form; false where something in it is wrong.
func (f *Form) collect() (journal.Contact, bool) {
	c := contacts.Contact{
		ID: f.opened.ID, UID: f.opened.UID, Name: f.name.Text, Organisation: f.organisation.Text,
		Favourite: f.favourite.On(), Note: f.note.Text,
	}
	own, wrong := f.own.collect()
	c.Own = own
	var bad *addressRow
	for _, r := range f.rows {
		r.field.SetBad("")
		text := strings.TrimSpace(r.text.Text)
		if text == "" {
			continue
		}
		kept, err := contacts.ReadAddress(text)
		if err != nil {
			r.field.SetBad(whyNot(text, err))
			if bad == nil {
				bad = r
			}
			continue
		}
		c.Addresses = append(c.Addresses, contacts.Address{Label: r.labels[max(0, r.label.Chosen())], Text: kept})
	}
	if bad != nil {
		f.window.Focus(bad.text)
		return journal.Contact{}, false
	}
	clean, ok, _ := contacts.Clean(c)
	switch {
	case ok && wrong != nil:
		f.window.Focus(wrong)
		return journal.Contact{}, false
	case !ok:
		if len(f.rows) == 0 {
			f.addRow(journal.ContactAddress{})
			f.body.Refresh()
		}
		f.rows[0].field.SetBad(tell.Word(cause.ContactsNeedsAddress))
		f.window.Focus(f.rows[0].text)
		return journal.Contact{}, false
	}
	return journal.ContactFor(clean), true
}

// whyNot words why a text is no address.
func whyNot(text string, err error) string {
	if p := phone.ReadDialled(text, "nowhere.invalid").Problem; p != nil {
		return tell.Of(*p).Advice()
	}
	return tell.Sentence(err)
}
