package contacts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// shown is what the pages of a page's window, phone and book are, all at once; it writes down what it is told. The book
// is a journal of its own, unless broken says why it cannot be read or written.
type shown struct {
	*journal.Journal
	win       fyne.Window
	calls     []string
	broken    error
	asked     int // for pages of contacts
	settings  account.Settings
	saveErr   error
	edited    journal.Contact
	chosen    string // path
	elsewhere bool   // another page is open by now
	sheet     fyne.CanvasObject
	buttons   []*widget.Button
	work      []func()
}

func (s *shown) note(format string, args ...any) {
	s.calls = append(s.calls, fmt.Sprintf(format, args...))
}

// expect fails unless exactly this was told since the last time.
func (s *shown) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(s.calls, want) {
		t.Errorf("told %q, want %q", s.calls, want)
	}
	s.calls = nil
}

// finish does what was put aside, and what that puts aside.
func (s *shown) finish() {
	for len(s.work) > 0 {
		work := s.work[0]
		s.work = s.work[1:]
		work()
	}
}

func (s *shown) Ask(title, _, _ string, _ bool, do func())    { s.note("ask %s", title); do() }
func (s *shown) TellError(title string, err error)            { s.note("error %s %v", title, err) }
func (s *shown) ChooseFile(_, _ string, then func(string))    { then(s.chosen) }
func (s *shown) ChooseNewFile(_, _ string, then func(string)) { then(s.chosen) }
func (s *shown) CloseSheet()                                  { s.sheet, s.buttons = nil, nil }
func (s *shown) Focus(fyne.Focusable)                         {}
func (s *shown) Leave(any)                                    { s.note("leave") }
func (s *shown) Shows(any) bool                               { return !s.elsewhere }
func (s *shown) Retitle(any)                                  {}
func (s *shown) Aside(work func())                            { s.work = append(s.work, work) }
func (s *shown) CheckRingtone(n string) *cause.Cause          { return phone.CheckRingtone(n, nil) }
func (s *shown) Call(address string)                          { s.note("call %s", address) }
func (s *shown) Message(address string)                       { s.note("message %s", address) }
func (s *shown) ShowContacts()                                { s.note("list") }
func (s *shown) ShowContact(c journal.Contact)                { s.note("card %s", c.Name) }
func (s *shown) ImportContacts(path string)                   { s.note("import %s", path) }
func (s *shown) Settings() account.Settings                   { return s.settings }

func (s *shown) EditContact(c journal.Contact) {
	s.note("edit %s", c.Name)
	s.edited = c
}

func (s *shown) OpenSheet(title string, content fyne.CanvasObject, buttons ...*widget.Button) func() {
	s.note("sheet %s", title)
	s.sheet, s.buttons = content, buttons
	return func() {}
}

func (s *shown) SaveSettings(settings account.Settings, done func(error)) {
	if s.saveErr == nil {
		s.settings = settings
	}
	done(s.saveErr)
}

func (s *shown) Contacts(ctx context.Context, q journal.ContactQuery) ([]journal.Contact, bool, error) {
	s.asked++
	if s.broken != nil {
		return nil, false, s.broken
	}
	return s.Journal.Contacts(ctx, q)
}

func (s *shown) SaveContact(ctx context.Context, c journal.Contact) (int64, error) {
	if s.broken != nil {
		return 0, s.broken
	}
	return s.Journal.SaveContact(ctx, c)
}

func (s *shown) SaveContacts(ctx context.Context, all []journal.Contact) (int, error) {
	if s.broken != nil {
		return 0, s.broken
	}
	return s.Journal.SaveContacts(ctx, all)
}

func (s *shown) DeleteContact(ctx context.Context, id int64) error {
	if s.broken != nil {
		return s.broken
	}
	return s.Journal.DeleteContact(ctx, id)
}

// page is a page of the window.
type page interface {
	Object() fyne.CanvasObject
	Update(s phone.State, now time.Time)
}

// show puts a page into the window, as it is narrowest.
func (s *shown) show(p page) {
	s.win.SetContent(p.Object())
	s.win.Resize(fyne.NewSize(360, 560))
	p.Update(phone.State{}, time.Now())
	s.finish()
	uitest.Settle(s.win)
}

// texts are the words that the window shows.
func (s *shown) texts() string {
	uitest.Settle(s.win)
	return uitest.Texts(s.win.Content())
}

// rows are the rows that are shown, a string for each.
func (s *shown) rows() (all []string) {
	uitest.Settle(s.win)
	for _, r := range uitest.LaidOut[*widget.Row](s.win.Content()) {
		if r.Visible() {
			all = append(all, strings.Trim(r.Initials()+" "+r.Title()+"|"+r.Line()+"|"+r.End(), " |"))
		}
	}
	return all
}

var errDisk = errors.New("disk full")

// open makes a window with a book of these contacts.
func open(t *testing.T, all ...journal.Contact) *shown {
	t.Helper()
	app := uitest.App(t)
	app.Settings().SetTheme(widget.Look{})
	s := &shown{Journal: journal.Open(journal.Options{Dir: t.TempDir()}), win: app.NewWindow("contacts")}
	t.Cleanup(s.Close)
	s.win.SetPadded(false)
	if _, err := s.Journal.SaveContacts(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	return s
}

// one is a contact with addresses, each with a label before it.
func one(name string, addresses ...string) journal.Contact {
	c := journal.Contact{Name: name}
	for i := 0; i+1 < len(addresses); i += 2 {
		c.Addresses = append(c.Addresses, journal.ContactAddress{Label: addresses[i], Address: addresses[i+1]})
	}
	return c
}

func favourite(c journal.Contact) journal.Contact { c.Favourite = true; return c }

func (s *shown) context() context.Context { return context.Background() }

// of is the contact that an address is of.
func (s *shown) of(address string) journal.Contact {
	c, _ := s.ContactOf(s.context(), address)
	return c
}

// kept returns the contact that an address is of.
func (s *shown) kept(t *testing.T, address string) journal.Contact {
	t.Helper()
	c, err := s.ContactOf(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
