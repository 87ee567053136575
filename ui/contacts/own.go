package contacts

import (
	"path/filepath"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"calla/netsip/config"
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
		tell.Word(cause.ContactsOwnRingsAsAccount), tell.Word(cause.ContactsOwnRingsNot),
		tell.Word(cause.ContactsOwnRingsCalla), tell.Word(cause.ContactsOwnRingsFile),
	}, ring, "", changed)
	o.ring.Name = tell.Word(cause.ContactsOwnRingtone)
	o.path = o.entry(tell.Word(cause.ContactsOwnFileExample)).Named(tell.Word(cause.ContactsOwnSoundFile))
	if ring == ringFile {
		o.path.Put(own.Ringtone)
	}
	browse := widget.NewButton(tell.Word(cause.ContactsChoose), "", widget.Outlined, o.browse).High(40)
	o.pathField = widget.NewField(tell.Word(cause.ContactsOwnSoundFile), "", "", o.path)
	o.file = layout.Column(4, o.pathField.Box, layout.Border(nil, nil, nil, browse))
	o.answer = widget.NewSelect([]string{
		tell.Word(cause.ContactsOwnAsAccount), tell.Word(cause.ContactsOwnNever),
		tell.Word(cause.ContactsOwnAfter),
	},
		placeOf(own.Answer), "", changed)
	o.answer.Name = tell.Word(cause.ContactsOwnAnswer)
	o.after = o.entry(tell.Word(cause.ContactsOwnExample)).Named(tell.Word(cause.ContactsOwnSecondsBefore))
	if own.Answer == contacts.Yes {
		o.after.Put(strconv.Itoa(own.After))
	}
	o.afterRow = widget.NewField(tell.Word(cause.ContactsOwnSecondsBefore), "",
		tell.Word(cause.ContactsOwnAnswerWarning), o.after)
	o.record = widget.NewSelect([]string{
		tell.Word(cause.ContactsOwnAsAccount), tell.Word(cause.ContactsOwnNever),
		tell.Word(cause.ContactsOwnAlways),
	}, placeOf(own.Record), "", changed)
	o.record.Name = tell.Word(cause.ContactsOwnRecord)
	o.object = layout.Column(8, widget.NewText(tell.Word(cause.ContactsOwnTitle)).Bold(),
		widget.NewField(tell.Word(cause.ContactsOwnRingtone), "", "", o.ring).Box, o.file,
		widget.NewField(tell.Word(cause.ContactsOwnAnswer), "", "", o.answer).Box, o.afterRow.Box,
		widget.NewField(tell.Word(cause.ContactsOwnRecord), "", "", o.record).Box)
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
	o.form.touch()
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
	o.form.window.ChooseFile(tell.Word(cause.ContactsOwnChooseRingtone), o.path.Text, func(path string) {
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
			o.afterRow.SetBad(tell.Counted(cause.ContactsOwnSeconds, contacts.LongestAfter))
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
			o.pathField.SetBad(tell.Word(cause.ContactsOwnNoSuchFile))
			wrong = o.path
		case own.Ringtone == "":
			o.pathField.SetBad(tell.Word(cause.ContactsOwnNoFileChosen))
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
	return f.window.CheckRingtone(chosen)
}

// ownLines tell what a contact has of its own for its calls.
func ownLines(own contacts.Own) (lines []string) {
	switch own.Ringtone {
	case "":
	case config.RingtoneNone:
		lines = append(lines, tell.Word(cause.ContactsOwnSilent))
	case config.RingtoneOwn:
		lines = append(lines, tell.Word(cause.ContactsOwnCallaRings))
	default:
		file := tell.SafeLine(filepath.Base(own.Ringtone))
		lines = append(lines, tell.WordOf(cause.Cause{Kind: cause.ContactsOwnFileRings, File: file}))
	}
	switch {
	case own.Answer == contacts.No:
		lines = append(lines, tell.Word(cause.ContactsOwnNeverAnswered))
	case own.Answer == contacts.Yes && own.After == 0:
		lines = append(lines, tell.Word(cause.ContactsOwnAnsweredAtOnce))
	case own.Answer == contacts.Yes:
		lines = append(lines, tell.Counted(cause.ContactsOwnAnsweredAfter, own.After))
	}
	switch own.Record {
	case contacts.Yes:
		lines = append(lines, tell.Word(cause.ContactsOwnRecorded))
	case contacts.No:
		lines = append(lines, tell.Word(cause.ContactsOwnNotRecorded))
	}
	return lines
}
