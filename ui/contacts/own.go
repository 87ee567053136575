package contacts

import (
	"path/filepath"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/contacts"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// What can be chosen for a contact to ring with.
const (
	ringAccount = iota
	ringNone
	ringCalla
	ringFile
)

// ownFields are the part of the form for what a contact has of its own for its calls.
type ownFields struct {
	form *Form

	ring      *widget.Select
	path      *widget.Entry
	file      *fyne.Container // path, while a file is to ring
	pathField *widget.Field
	answer    *widget.Select // its choices are contacts.Choice's, as record's are
	after     *widget.Entry
	afterRow  *widget.Field
	record    *widget.Select
	object    *fyne.Container
}

// choices are those of contacts.Choice, in the order of the fields.
func choices() []contacts.Choice {
	return []contacts.Choice{contacts.AsAccount, contacts.No, contacts.Yes}
}

func placeOf(c contacts.Choice) int {
	for i, o := range choices() {
		if o == c {
			return i
		}
	}
	return 0
}

func newOwnFields(f *Form, own contacts.Own) *ownFields {
	o := &ownFields{form: f}
	changed := func(int) { o.changed() }
	ring := ringFile
	switch own.Ringtone {
	case "":
		ring = ringAccount
	case config.RingtoneNone:
		ring = ringNone
	case config.RingtoneOwn:
		ring = ringCalla
	}
	o.ring = widget.NewSelect([]string{
		word(cause.ContactsOwnRingsAsAccount), word(cause.ContactsOwnRingsNot), word(cause.ContactsOwnRingsCalla),
		word(cause.ContactsOwnRingsFile),
	}, ring, "", changed)
	o.ring.Name = word(cause.ContactsOwnRingtone)
	o.path = o.entry(word(cause.ContactsOwnFileExample)).Named(word(cause.ContactsOwnSoundFile))
	if ring == ringFile {
		o.path.Put(own.Ringtone)
	}
	browse := widget.NewButton(word(cause.ContactsChoose), "", widget.Outlined, o.browse).High(40)
	o.pathField = widget.NewField(word(cause.ContactsOwnSoundFile), "", "", o.path)
	o.file = layout.Column(4, o.pathField.Box, layout.Border(nil, nil, nil, browse))
	o.answer = widget.NewSelect([]string{
		word(cause.ContactsOwnAsAccount), word(cause.ContactsOwnNever),
		word(cause.ContactsOwnAfter),
	},
		placeOf(own.Answer), "", changed)
	o.answer.Name = word(cause.ContactsOwnAnswer)
	o.after = o.entry(word(cause.ContactsOwnExample)).Named(word(cause.ContactsOwnSecondsBefore))
	if own.Answer == contacts.Yes {
		o.after.Put(strconv.Itoa(own.After))
	}
	o.afterRow = widget.NewField(word(cause.ContactsOwnSecondsBefore), "",
		word(cause.ContactsOwnAnswerWarning), o.after)
	o.record = widget.NewSelect([]string{
		word(cause.ContactsOwnAsAccount), word(cause.ContactsOwnNever),
		word(cause.ContactsOwnAlways),
	}, placeOf(own.Record), "", changed)
	o.record.Name = word(cause.ContactsOwnRecord)
	o.object = layout.Column(8, widget.NewText(word(cause.ContactsOwnTitle)).Bold(),
		widget.NewField(word(cause.ContactsOwnRingtone), "", "", o.ring).Box, o.file,
		widget.NewField(word(cause.ContactsOwnAnswer), "", "", o.answer).Box, o.afterRow.Box,
		widget.NewField(word(cause.ContactsOwnRecord), "", "", o.record).Box)
	o.fit()
	return o
}

func (o *ownFields) entry(placeholder string) *widget.Entry {
	e := widget.NewEntry(placeholder)
	e.OnChanged = func(string) { o.typed() }
	e.OnSubmitted = func(string) { o.form.Save() }
	return e
}

// typed is told of each key.
func (o *ownFields) typed() {
	o.form.touched = true
	o.pathField.SetBad("")
	o.afterRow.SetBad("")
}

// changed is told of each choice.
func (o *ownFields) changed() {
	o.typed()
	o.fit()
	o.form.body.Refresh()
}

// fit shows the fields that the choices call for.
func (o *ownFields) fit() {
	o.file.Hidden = o.ring.Chosen() != ringFile
	o.afterRow.Box.(*fyne.Container).Hidden = o.answer.Chosen() != placeOf(contacts.Yes)
	o.object.Refresh()
}

func (o *ownFields) browse() {
	o.form.window.ChooseFile(word(cause.ContactsOwnChooseRingtone), o.path.Text, func(path string) {
		o.path.Put(path)
		o.typed()
	})
}

// collect reads the fields; where one is wrong it is told there, and wrong is it.
func (o *ownFields) collect() (own contacts.Own, wrong fyne.Focusable) {
	own.Answer = choices()[max(0, o.answer.Chosen())]
	own.Record = choices()[max(0, o.record.Chosen())]
	if own.Answer == contacts.Yes {
		var ok bool
		if own.After, ok = contacts.ReadAfter(o.after.Text); !ok {
			o.afterRow.SetBad(counted(cause.ContactsOwnSeconds, contacts.LongestAfter))
			wrong = o.after
		}
	}
	switch o.ring.Chosen() {
	case ringNone:
		own.Ringtone = config.RingtoneNone
	case ringCalla:
		own.Ringtone = config.RingtoneOwn
	case ringFile:
		var ok bool
		own.Ringtone, ok = contacts.ReadRingtone(o.path.Text)
		switch {
		case !ok:
			o.pathField.SetBad(word(cause.ContactsOwnNoSuchFile))
			wrong = o.path
		case own.Ringtone == "":
			o.pathField.SetBad(word(cause.ContactsOwnNoFileChosen))
			wrong = o.path
		}
	}
	return own, wrong
}

// unplayable tells at its field why a ringtone cannot be played.
func (o *ownFields) unplayable(why cause.Cause) {
	told := tell.Of(why)
	o.pathField.SetBad(strings.TrimSpace(told.Title + " " + told.Below()))
	o.form.body.Refresh()
	o.form.window.Focus(o.path)
}

// checkRingtone is why the ringtone that was chosen just now cannot be played; nil where it can. One that was there
// before may be on a disk that is away: nothing else of the contact waits for it. It waits for the disk.
func (f *Form) checkRingtone(chosen string) *cause.Cause {
	if chosen == f.opened.Own.Ringtone {
		return nil
	}
	return phone.CheckRingtone(chosen)
}

// ownLines tell what a contact has of its own for its calls.
func ownLines(own contacts.Own) (lines []string) {
	switch own.Ringtone {
	case "":
	case config.RingtoneNone:
		lines = append(lines, word(cause.ContactsOwnSilent))
	case config.RingtoneOwn:
		lines = append(lines, word(cause.ContactsOwnCallaRings))
	default:
		file := tell.SafeLine(filepath.Base(own.Ringtone))
		lines = append(lines, wordOf(cause.Cause{Kind: cause.ContactsOwnFileRings, File: file}))
	}
	switch {
	case own.Answer == contacts.No:
		lines = append(lines, word(cause.ContactsOwnNeverAnswered))
	case own.Answer == contacts.Yes && own.After == 0:
		lines = append(lines, word(cause.ContactsOwnAnsweredAtOnce))
	case own.Answer == contacts.Yes:
		lines = append(lines, counted(cause.ContactsOwnAnsweredAfter, own.After))
	}
	switch own.Record {
	case contacts.Yes:
		lines = append(lines, word(cause.ContactsOwnRecorded))
	case contacts.No:
		lines = append(lines, word(cause.ContactsOwnNotRecorded))
	}
	return lines
}
