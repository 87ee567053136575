// Package contacts is the pages of the window for whom one calls: the list, a contact's card, the form in which it is
// edited, and what an import would change. What they show comes from queries beside Fyne's goroutine, a page at a time;
// all else here belongs to Fyne's goroutine.
package contacts

import (
	"context"
	"time"
	"unicode"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone/cause"
	"calla/phone/contacts"
	"calla/phone/journal"
	"calla/ui/tell"
	"calla/ui/widget"
)

// Book is where contacts are kept; *journal.Journal is the real one. Its methods wait for the disk.
type Book interface {
	Contacts(ctx context.Context, q journal.ContactQuery) (page []journal.Contact, more bool, err error)
	Contact(ctx context.Context, id int64) (journal.Contact, error)
	ContactsWith(ctx context.Context, c journal.Contact) ([]journal.Contact, error)
	SaveContact(ctx context.Context, c journal.Contact) (id int64, err error)
	SaveContacts(ctx context.Context, all []journal.Contact) (kept int, err error)
	DeleteContact(ctx context.Context, id int64) error
	Everybody(ctx context.Context) ([]contacts.Contact, error)
}

// Window is what the pages need of the window that they are pages of.
type Window interface {
	Ask(title, text, yes string, dangerous bool, do func())
	TellError(title string, err error)
	ChooseFile(title, near string, then func(path string))
	ChooseNewFile(title, name string, then func(path string))
	OpenSheet(title string, content fyne.CanvasObject, buttons ...*widget.Button) (fit func())
	CloseSheet()
	Focus(o fyne.Focusable)
	Leave(page any)      // closes the page, where it is open still; it may ask first
	Shows(page any) bool // it is the page that is open
	Retitle(page any)
	Aside(work func())
	CheckRingtone(name string) *cause.Cause // why it could not be played, nil where it could; waits for the disk

	Call(address string)           // with the account that dials
	Message(address string)        // opens the conversation
	ShowContacts()                 // opens the list
	ShowContact(c journal.Contact) // opens the card
	EditContact(c journal.Contact) // opens the form; ID 0: of one that is not kept yet
	ImportContacts(path string)    // opens what an import would change
}

// Phone is what they need of the call controller; see ui.Phone.
type Phone interface {
	Settings() account.Settings
	SaveSettings(s account.Settings, done func(error))
}

// patience is how long a question to the book may take.
const patience = 5 * time.Second

// asker does one piece of work at a time beside Fyne's goroutine. Of what is asked meanwhile the newest is done next,
// and what was under way is dropped.
type asker struct {
	aside  func(work func())
	cancel context.CancelFunc // of what is under way; nil: nothing is
	next   func(context.Context) (show func())
}

// ask has work done; what it returns is done on Fyne's goroutine, unless something else was asked meanwhile.
func (a *asker) ask(work func(context.Context) (show func())) {
	if a.cancel != nil {
		a.next = work
		a.cancel()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	a.cancel = cancel
	a.aside(func() {
		show := work(ctx)
		fyne.Do(func() {
			cancel()
			a.cancel = nil
			if next := a.next; next != nil {
				a.next = nil
				a.ask(next)
				return
			}
			show()
		})
	})
}

// initialsOf are the first letters of a name's first and last word, "" where it has none.
func initialsOf(name string) string {
	var first, last rune
	inWord := false
	for _, r := range name {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r)
		switch {
		case letter && !inWord && first == 0:
			first = r
		case letter && !inWord:
			last = r
		}
		inWord = letter || inWord && (unicode.IsMark(r) || r == '\'' || r == '\u2019' || r == '-')
	}
	all := ""
	for _, r := range []rune{first, last} {
		if r != 0 {
			all += string(unicode.ToUpper(r))
		}
	}
	return all
}

// nameOf is what a contact is called in the window.
func nameOf(c journal.Contact) string {
	switch {
	case tell.SafeLine(c.Name) != "":
		return tell.SafeLine(c.Name)
	case tell.SafeLine(c.Organisation) != "":
		return tell.SafeLine(c.Organisation)
	case len(c.Addresses) > 0:
		return tell.Address(c.Addresses[0].Address)
	}
	return tell.Word(cause.ContactsNobody)
}

// lineOf is the line below that name in a list.
func lineOf(c journal.Contact) string {
	line := ""
	if o := tell.SafeLine(c.Organisation); o != "" && o != nameOf(c) {
		line = o
	}
	if len(c.Addresses) == 0 {
		return line
	}
	address := tell.Address(c.Addresses[0].Address)
	if line == "" {
		return address
	}
	return line + tell.Dotted(address)
}
