package contacts

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/account"
	"calla/phone"
	"calla/phone/journal"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// changed tells a page that contacts have changed, as the journal does.
func (s *shown) changed(p page, revision uint64) {
	p.Update(phone.State{Journal: journal.Counts{Contacts: revision}}, time.Now())
	s.finish()
	uitest.Settle(s.win)
}

// keyboard is the name of what has the keyboard.
func (s *shown) keyboard() string {
	if a, is := s.win.Canvas().Focused().(fyne.Accessible); is {
		return a.AccessibilityLabel()
	}
	return ""
}

// focus gives the keyboard to what has a name.
func (s *shown) focus(t *testing.T, name string) {
	t.Helper()
	uitest.Settle(s.win)
	for _, o := range uitest.LaidOut[fyne.CanvasObject](s.win.Content()) {
		a, named := o.(fyne.Accessible)
		if f, is := o.(fyne.Focusable); is && named && o.Visible() && a.AccessibilityLabel() == name {
			s.win.Canvas().Focus(f)
			return
		}
	}
	t.Fatalf("nothing is called %q", name)
}

// TestACardThatChangesKeepsTheKeyboard, and where it is read: what has the keyboard has it still, and what is there no
// longer takes no key.
func TestACardThatChangesKeepsTheKeyboard(t *testing.T) {
	change := func(f func(c *journal.Contact)) func(*shown, journal.Contact) {
		return func(s *shown, c journal.Contact) {
			f(&c)
			_, _ = s.SaveContact(s.context(), c)
		}
	}
	for _, v := range []struct {
		name   string
		at     string // what has the keyboard
		happen func(*shown, journal.Contact)
		gone   bool
	}{
		{"somebody else changes, a row", "0171 99, mobile, Call", func(s *shown, _ journal.Contact) {
			_, _ = s.SaveContact(s.context(), one("Zoë", "", "77"))
		}, false},
		{"another name, a row", "0171 99, mobile, Call", change(func(c *journal.Contact) {
			c.Name = "Bob B. Marsh"
		}), false},
		{"a note, writing", "Write to 0171 99", change(func(c *journal.Contact) { c.Note = "until four" }), false},
		{"an address before, a row", "0171 99, mobile, Call", change(func(c *journal.Contact) {
			c.Addresses = append([]journal.ContactAddress{{Address: "1"}}, c.Addresses...)
		}), false},
		{"another order, writing", "Write to 4711", change(func(c *journal.Contact) {
			c.Addresses[0], c.Addresses[1] = c.Addresses[1], c.Addresses[0]
		}), false},
		{"the address goes, a row", "0171 99, mobile, Call", change(func(c *journal.Contact) {
			c.Addresses = c.Addresses[:1]
		}), true},
		{"the address goes, writing", "Write to 0171 99", change(func(c *journal.Contact) {
			c.Addresses = c.Addresses[:1]
		}), true},
		{"a note, deleting", "Delete this contact…", change(func(c *journal.Contact) { c.Note = "x" }), false},
		{"it is deleted, deleting", "Delete this contact…", func(s *shown, c journal.Contact) {
			_ = s.DeleteContact(s.context(), c.ID)
		}, true},
		{"it is blocked elsewhere, deleting", "Delete this contact…", func(s *shown, _ journal.Contact) {
			s.settings.Incoming = account.Incoming{Blocked: []string{"4711", "0171 99"}}
		}, false},
	} {
		t.Run(v.name, func(t *testing.T) {
			s := open(t, one("Bob Marsh", "work", "4711", "mobile", "0171 99"))
			c := s.kept(t, "4711")
			card := NewCard(s, s, s, c)
			s.show(card)
			s.focus(t, v.at)
			v.happen(s, c)
			s.changed(card, 7)
			want := v.at
			if v.gone {
				want = ""
			}
			if got := s.keyboard(); got != want {
				t.Errorf("the keyboard is at %q, want %q", got, want)
			}
		})
	}
}

// TestWhatIsReadOfContactsStaysWhereItIs: in a card and in the list, whatever comes or goes above it.
func TestWhatIsReadOfContactsStaysWhereItIs(t *testing.T) {
	many := journal.Contact{Name: "Bob"}
	var all []journal.Contact
	for i := range 40 {
		many.Addresses = append(many.Addresses, journal.ContactAddress{Address: fmt.Sprint("47", 10+i)})
		all = append(all, one(fmt.Sprint("Person ", 10+i), "", fmt.Sprint("99", 10+i)))
	}
	many.Addresses = many.Addresses[:25]
	for _, v := range []struct {
		name   string
		change func(s *shown, c journal.Contact)
	}{
		{"somebody comes", func(s *shown, _ journal.Contact) {
			_, _ = s.SaveContact(s.context(), one("Aaron", "", "1"))
		}},
		{"two come", func(s *shown, _ journal.Contact) {
			_, _ = s.SaveContact(s.context(), one("Aaron", "", "1"))
			_, _ = s.SaveContact(s.context(), one("Abel", "", "2"))
		}},
		{"somebody goes", func(s *shown, _ journal.Contact) { _ = s.DeleteContact(s.context(), s.of("9910").ID) }},
		{"an organisation and an address", func(s *shown, c journal.Contact) {
			c.Organisation, c.Note = "Marsh & Sons", "until four"
			c.Addresses = append([]journal.ContactAddress{{Address: "1"}}, c.Addresses...)
			_, _ = s.SaveContact(s.context(), c)
		}},
		{"an address goes", func(s *shown, c journal.Contact) {
			c.Addresses = c.Addresses[1:]
			_, _ = s.SaveContact(s.context(), c)
		}},
	} {
		for _, card := range []bool{true, false} {
			t.Run(fmt.Sprint(v.name, ", a card: ", card), func(t *testing.T) {
				s := open(t, append(all, many)...)
				c := s.of("4710")
				var p page = NewList(s, s)
				title := "Person 20"
				if card {
					p, title = NewCard(s, s, s, c), "4720"
				}
				s.show(p)
				row := s.named(t, title)
				place := func() float32 { return fyne.CurrentApp().Driver().AbsolutePositionForObject(row).Y }
				s.scroll(p).ScrollToOffset(fyne.NewPos(0, place()-100))
				before := place()
				v.change(s, c)
				s.changed(p, 7)
				if moved := place() - before; moved > 1 || moved < -1 || s.named(t, title) != row {
					t.Errorf("what is read moved by %.0f", moved)
				}
			})
		}
	}
}

// named is the row with a title.
func (s *shown) named(t *testing.T, title string) *widget.Row {
	t.Helper()
	uitest.Settle(s.win)
	for _, r := range uitest.LaidOut[*widget.Row](s.win.Content()) {
		if r.Title() == title {
			return r
		}
	}
	t.Fatalf("no row %q", title)
	return nil
}

// scroll is what a page is read in.
func (s *shown) scroll(p page) *container.Scroll {
	if c, is := p.(*Card); is {
		return c.scroll
	}
	return p.(*List).scroll
}

// TestARowOfACardIsWhoStoodThere: an address that comes before takes no press that was meant for the one there.
func TestARowOfACardIsWhoStoodThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		c := one("Bob", "", "4711")
		card := NewCard(s, s, s, c)
		time.Sleep(time.Hour)
		card.contact.Addresses = append([]journal.ContactAddress{{Address: "1"}}, c.Addresses...)
		card.draw()
		rows := uitest.LaidOut[*widget.Row](card.body)
		rows[0].Tapped(nil)
		s.expect(t)
		time.Sleep(widget.DeadTime)
		rows[0].Tapped(nil)
		s.expect(t, "call 1")
	})
}

// TestTheListOfContactsKeepsTheKeyboard with whom it is at, wherever he stands then.
func TestTheListOfContactsKeepsTheKeyboard(t *testing.T) {
	for _, v := range []struct {
		name   string
		happen func(*shown)
		gone   bool
	}{
		{"somebody comes before", func(s *shown) { _, _ = s.SaveContact(s.context(), one("Aaron", "", "1")) }, false},
		{"somebody comes behind", func(s *shown) { _, _ = s.SaveContact(s.context(), one("Zoë", "", "2")) }, false},
		{"somebody before goes", func(s *shown) { _ = s.DeleteContact(s.context(), s.of("4710").ID) }, false},
		{"a favourite comes", func(s *shown) {
			_, _ = s.SaveContact(s.context(), favourite(one("Zoë", "", "2")))
		}, false},
		{"he goes", func(s *shown) { _ = s.DeleteContact(s.context(), s.of("4711").ID) }, true},
	} {
		t.Run(v.name, func(t *testing.T) {
			s := open(t, one("Anna", "", "4710"), one("Bob Marsh", "", "4711"), one("Carol", "", "4712"))
			l := NewList(s, s)
			s.show(l)
			s.focus(t, "Bob Marsh, 4711")
			v.happen(s)
			s.changed(l, 7)
			want := "Bob Marsh, 4711"
			if v.gone {
				want = ""
			}
			if got := s.keyboard(); got != want {
				t.Errorf("the keyboard is at %q, want %q", got, want)
			}
			if v.gone {
				return
			}
			l.still = widget.Still{}
			s.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			s.expect(t, "card Bob Marsh")
		})
	}
}

// TestWhatIsTypedWhileItIsSavedIsNotLost: the form stays, and asks.
func TestWhatIsTypedWhileItIsSavedIsNotLost(t *testing.T) {
	s := open(t, one("Bob", "", "4711"))
	f := NewForm(s, s, s.kept(t, "4711"))
	s.show(f)
	f.name.SetText("Bob Marsh")
	f.Save()
	f.note.SetText("desk")
	s.finish()
	s.expect(t)
	if !f.Unsaved() || s.kept(t, "4711").Name != "Bob Marsh" {
		t.Fatal("it is taken for saved")
	}
	f.Save()
	s.finish()
	s.expect(t, "card Bob Marsh")
	if c := s.kept(t, "4711"); c.Note != "desk" {
		t.Errorf("kept %+v", c)
	}
}
