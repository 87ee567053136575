package contacts

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"calla/account"
	"calla/phone"
	"calla/phone/contacts"
	"calla/phone/journal"
	"calla/ui/uitest"
	"calla/ui/widget"
)

// TestInitials are of the first and the last word, in any script, and none where there is no letter.
func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"Bob Marsh": "BM", "bob": "B", "Maria de la Cruz": "MC", "Анна Петрова": "АП", "Zoë": "Z", "O'Neil Jones": "OJ",
		"4711": "4", "": "", "★ ☎": "", "👩 Bob": "B", "\u202eevil": "E", strings.Repeat("a b ", 1000): "AB",
	} {
		if got := initialsOf(name); got != want {
			t.Errorf("%.20q: %q, want %q", name, got, want)
		}
	}
}

// TestTheListHasFavouritesFirst, then all by name, and finds as one types.
func TestTheListHasFavouritesFirst(t *testing.T) {
	for _, c := range []struct {
		name, typed string
		want        []string
	}{
		{"all", "", []string{
			"ZB Zoë Berg|0171 99", "AK Anna Klein|Rail · +49 30 12345", "BM Bob Marsh|4711", "ZB Zoë Berg|0171 99",
		}},
		{"a name", "an", []string{"AK Anna Klein|Rail · +49 30 12345"}},
		{"a number in another spelling", "0049 30 123", []string{"AK Anna Klein|Rail · +49 30 12345"}},
		{"an organisation", "rail", []string{"AK Anna Klein|Rail · +49 30 12345"}},
		{"a favourite stands once", "zoe", []string{"ZB Zoë Berg|0171 99"}},
		{"nobody", "xyz", nil},
		{"signs", `"*( OR`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			anna := one("Anna Klein", "work", "+49 30 12345")
			anna.Organisation = "Rail"
			s := open(t, one("Bob Marsh", "", "4711"), anna, favourite(one("Zoë Berg", "mobile", "0171 99")))
			l := NewList(s, s)
			s.show(l)
			l.search.SetText(c.typed)
			s.finish()
			if got := s.rows(); !slices.Equal(got, c.want) {
				t.Errorf("shows %q, want %q", got, c.want)
			}
			if told := strings.Contains(s.texts(), "Nobody is found by that."); told != (len(c.want) == 0) {
				t.Errorf("tells that nobody is found: %v", told)
			}
			l.search.OnSubmitted(c.typed)
			if c.typed != "" && len(c.want) > 0 {
				s.expect(t, "card "+l.people[0].Name)
			} else {
				s.expect(t)
			}
		})
	}
}

// TestAHundredThousandContactsStayQuick: the list holds a page of them, whichever is shown.
func TestAHundredThousandContactsStayQuick(t *testing.T) {
	n := 100_000
	if testing.Short() || os.Getenv("CALLA_SOAK") == "" {
		n = 1_300 // the same pages
	}
	var all []journal.Contact
	for i := range n {
		all = append(all, one(fmt.Sprintf("Name %06d", i), "", fmt.Sprint(1_000_000+i)))
	}
	s := open(t, all...)
	l := NewList(s, s)
	s.show(l)
	for _, c := range []struct {
		name  string
		do    func()
		first string
	}{
		{"the first page", func() {}, "Name 000000"},
		{"the next", func() { test.Tap(l.later) }, "Name 000050"},
		{"one more", func() { test.Tap(l.later) }, "Name 000100"},
		{"back", func() { test.Tap(l.earlier) }, "Name 000050"},
		{"found", func() { l.search.SetText("nam") }, "Name 000000"},
		{"the next of those", func() { test.Tap(l.later) }, "Name 000050"},
		{"a number", func() { l.search.SetText("1001234") }, "Name 001234"},
	} {
		asked := s.asked
		c.do()
		if s.asked != asked {
			t.Errorf("%s: Fyne's goroutine waits for the disk", c.name)
		}
		s.finish()
		if len(l.people) > onePage || len(l.people) == 0 || l.people[0].Name != c.first {
			t.Errorf("%s: %d, the first is %q", c.name, len(l.people), l.people[0].Name)
		}
	}
}

// TestABookThatCannotBeReadIsTold, and read again when it can.
func TestABookThatCannotBeReadIsTold(t *testing.T) {
	s := open(t, one("Bob", "", "4711"))
	s.broken = errDisk
	l := NewList(s, s)
	s.show(l)
	if got := s.texts(); !strings.Contains(got, "cannot be read just now") {
		t.Errorf("shows %q", got)
	}
	s.broken = nil
	l.Update(phone.State{Journal: journal.Counts{Contacts: 7}}, time.Now())
	s.finish()
	if got := s.rows(); !slices.Equal(got, []string{"B Bob|4711"}) {
		t.Errorf("shows %q", got)
	}
}

// TestHostileContactsAreShown in the list and on a card, in one line each and no wider than the window.
func TestHostileContactsAreShown(t *testing.T) {
	for name, hostile := range map[string]string{
		"long": strings.Repeat("Bob ", 60), "right to left": "\u202emoc.elpmaxe\u202c", "lines": "Bob\nCall me",
		"marks": strings.Repeat("Z\u0351\u0352", 60), "controls": "Bob\x1b[31m", "emoji": strings.Repeat("👩‍👩‍👧", 40),
		"no letters": "★☎", "blank": "  ", "another script": strings.Repeat("שלום ", 30),
	} {
		t.Run(name, func(t *testing.T) {
			c := one(hostile, hostile, "4711", "", "x")
			c.Organisation, c.Note = hostile, hostile+"\n"+hostile
			s := open(t, c)
			l := NewList(s, s)
			s.show(l)
			card := NewCard(s, s, s, l.people[0])
			check := func() {
				for _, r := range uitest.LaidOut[*widget.Row](s.win.Content()) {
					if r.Size().Width > 360 || r.Title() == "" ||
						strings.ContainsAny(r.Title()+r.Line(), "\n\x1b\u202e") {
						t.Errorf("%v wide: %q", r.Size().Width, r.Title())
					}
				}
				if w := s.win.Content().MinSize().Width; w > 360 {
					t.Errorf("the page is %v wide", w)
				}
			}
			check()
			s.show(card)
			check()
			s.show(NewForm(s, s, l.people[0]))
			check()
		})
	}
}

// TestACardCallsAndWrites to each address.
func TestACardCallsAndWrites(t *testing.T) {
	s := open(t, one("Bob", "work", "+49 30 12345", "", "bob@example.org"))
	card := NewCard(s, s, s, s.kept(t, "bob@example.org"))
	s.show(card)
	rows := uitest.LaidOut[*widget.Row](s.win.Content())
	test.Tap(rows[0])
	test.Tap(rows[1])
	for _, b := range uitest.LaidOut[*widget.Button](s.win.Content()) {
		if b.Name == "Write to bob@example.org" {
			test.Tap(b)
		}
	}
	s.expect(t, "call +49 30 12345", "call bob@example.org", "message bob@example.org")
	for _, b := range uitest.LaidOut[*widget.Button](card.Actions()) {
		test.Tap(b)
	}
	s.expect(t, "list", "edit Bob")
}

// TestACardKeepsWhatIsSwitched: favourite in the book, the lists of callers in the settings, in whatever spelling they
// have the addresses already.
func TestACardKeepsWhatIsSwitched(t *testing.T) {
	const favour, through, block = 0, 1, 2
	for _, c := range []struct {
		name      string
		before    []string // both lists
		which     int
		favourite bool
		want      []string // the list that was switched
	}{
		{"favourite", nil, favour, true, nil},
		{"blocked", []string{"x"}, block, false, []string{"x", "+49 30 12345", "bob@example.org"}},
		{"in part before", []string{"0049 30 12345"}, block, false, []string{"+49 30 12345", "bob@example.org"}},
		{"no longer blocked", []string{"004930 12345", "x", "sip:Bob@example.org"}, block, false, []string{"x"}},
		{"let through", nil, through, false, []string{"+49 30 12345", "bob@example.org"}},
		{"no longer let through", []string{"+493012345", "BOB@example.org", "y"}, through, false, []string{"y"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, one("Bob", "work", "+49 30 12345", "", "bob@example.org"))
			s.settings.Incoming = account.Incoming{
				Blocked: slices.Clone(c.before), DoNotDisturb: account.DoNotDisturb{Through: slices.Clone(c.before)},
			}
			s.show(NewCard(s, s, s, s.kept(t, "bob@example.org")))
			test.Tap(uitest.LaidOut[*widget.Switch](s.win.Content())[c.which])
			s.finish()
			now := s.settings.Incoming
			list := map[int][]string{block: now.Blocked, through: now.DoNotDisturb.Through}
			if !slices.Equal(list[c.which], c.want) {
				t.Errorf("the list is %q, want %q", list[c.which], c.want)
			}
			if got := s.kept(t, "bob@example.org").Favourite; got != c.favourite {
				t.Errorf("favourite: %v", got)
			}
			s.expect(t)
			s.saveErr, s.broken = errDisk, errDisk
			test.Tap(uitest.LaidOut[*widget.Switch](s.win.Content())[c.which])
			s.finish()
			if len(s.calls) != 1 || !strings.HasPrefix(s.calls[0], "error ") {
				t.Errorf("told %q of a full disk", s.calls)
			}
		})
	}
}

// TestAContactIsDeleted after a question; one that is gone is told to be.
func TestAContactIsDeleted(t *testing.T) {
	s := open(t, one("Bob", "", "4711"))
	c := s.kept(t, "4711")
	card := NewCard(s, s, s, c)
	s.show(card)
	s.broken = errDisk
	card.AskDelete()
	s.finish()
	s.expect(t, "ask Delete Bob?", "error The contact could not be deleted. disk full")
	s.broken = nil
	card.AskDelete()
	s.finish()
	s.expect(t, "ask Delete Bob?", "list")
	s.show(NewCard(s, s, s, c))
	if got := s.texts(); !strings.Contains(got, "no longer there") || strings.Contains(got, "4711") {
		t.Errorf("shows %q", got)
	}
}

// TestAContactIsSaved as the form has it; what is wrong is told at its field, and nothing is kept then.
func TestAContactIsSaved(t *testing.T) {
	for _, c := range []struct {
		name string
		fill func(f *Form)
		want string // how it is kept
		bad  string // a part of what is told
	}{
		{"a number", func(f *Form) {
			f.name.SetText(" Bob  Marsh ")
			f.rows[0].text.SetText("+49 30 12345")
			f.rows[0].label.Choose(2)
		}, "Bob Marsh [work +49 30 12345]", ""},
		{"several", func(f *Form) {
			f.name.SetText("Bob")
			f.rows[0].text.SetText("4711")
			test.Tap(f.add)
			f.rows[1].text.SetText("sip:bob@example.org")
			test.Tap(f.add)
		}, "Bob [ 4711  bob@example.org]", ""},
		{"the same twice", func(f *Form) {
			f.name.SetText("Bob")
			f.rows[0].text.SetText("+49 30 12345")
			test.Tap(f.add)
			f.rows[1].text.SetText("0049 3012345")
		}, "Bob [ +49 30 12345]", ""},
		{"no name", func(f *Form) { f.rows[0].text.SetText("4711") }, "4711 [ 4711]", ""},
		{"a row removed", func(f *Form) {
			f.rows[0].text.SetText("4711")
			test.Tap(f.add)
			f.rows[1].text.SetText("4712")
			f.remove(f.rows[0])
		}, "4712 [ 4712]", ""},
		{"no address", func(f *Form) { f.name.SetText("Bob") }, "", "needs a number or an address"},
		{"all removed", func(f *Form) { f.name.SetText("B"); f.remove(f.rows[0]) }, "", "needs a number or an address"},
		{"no address at all", func(f *Form) { f.rows[0].text.SetText("http://x.org/") }, "", "http://x.org/"},
		{"too long", func(f *Form) { f.rows[0].text.SetText(strings.Repeat("9", 4000)) }, "", "too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			f := NewForm(s, s, journal.Contact{})
			s.show(f)
			c.fill(f)
			f.Save()
			s.finish()
			all, err := s.Everybody(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, k := range all {
				var addresses []string
				for _, a := range k.Addresses {
					addresses = append(addresses, a.Label+" "+a.Text)
				}
				got += fmt.Sprint(k.Name, " ", addresses)
			}
			if got != c.want {
				t.Errorf("kept %q, want %q", got, c.want)
			}
			if bad := f.rows[0].field.Bad(); !strings.Contains(bad, c.bad) || (bad == "") != (c.bad == "") {
				t.Errorf("tells %q, want %q", bad, c.bad)
			}
			if c.want != "" && (len(s.calls) != 1 || !strings.HasPrefix(s.calls[0], "card ") || !f.Close()) {
				t.Errorf("told %q", s.calls)
			}
		})
	}
}

// TestWhatIsTypedIsNotLost: the form asks before it closes, and stays where the book cannot be written.
func TestWhatIsTypedIsNotLost(t *testing.T) {
	s := open(t, one("Bob", "", "4711"))
	f := NewForm(s, s, s.kept(t, "4711"))
	s.show(f)
	if !f.Close() {
		t.Error("it asks though nothing was typed")
	}
	f.name.SetText("Bob Marsh")
	if f.Close() {
		t.Error("it closes")
	}
	s.expect(t, "ask Discard the changes?", "leave")
	f.note.SetText("desk")
	s.broken = errDisk
	f.Save()
	s.finish()
	s.expect(t, "error The contact could not be saved. disk full")
	s.broken = nil
	if err := s.DeleteContact(t.Context(), f.opened.ID); err != nil {
		t.Fatal(err)
	}
	f.Save()
	s.finish()
	if len(s.calls) != 1 || !strings.Contains(s.calls[0], "deleted meanwhile") {
		t.Errorf("told %q", s.calls)
	}
	f.Save()
	s.finish()
	if c := s.kept(t, "4711"); c.Name != "Bob Marsh" || c.Note != "desk" {
		t.Errorf("kept %+v", c)
	}
}

// TestSomebodyWhoIsThereAlreadyIsAskedAbout, by name or by an address in any spelling; nobody else is.
func TestSomebodyWhoIsThereAlreadyIsAskedAbout(t *testing.T) {
	for _, c := range []struct {
		name, new, address string
		asks               bool
	}{
		{"the same name", "Bob", "4712", true},
		{"the same number", "Robert", "4711", true},
		{"in another spelling", "Robert", "0049 30 12345", true},
		{"another", "Carol", "4712", false},
		{"the end of the number", "Carol", "12345", false},
	} {
		for button, want := range []int{1, 2} {
			t.Run(fmt.Sprint(c.name, ", ", button), func(t *testing.T) {
				s := open(t, one("Bob", "", "4711", "", "+49 30 12345"))
				f := NewForm(s, s, one(c.new, "work", c.address))
				s.show(f)
				f.Save()
				s.finish()
				if !c.asks {
					s.expect(t, "card "+c.new)
					return
				}
				s.expect(t, "sheet Is it the same person?")
				test.Tap(s.buttons[button])
				s.finish()
				all, err := s.Everybody(t.Context())
				if len(all) != want || err != nil {
					t.Errorf("%d contacts, want %d: %v", len(all), want, err)
				}
				if _, err := s.ContactOf(t.Context(), c.address); err != nil {
					t.Error("the new address is lost")
				}
			})
		}
	}
}

// TestAnExportIsWholeOrNotThere, in each form, and says where it is.
func TestAnExportIsWholeOrNotThere(t *testing.T) {
	for _, c := range []struct {
		name string
		form contacts.Form
		has  string
	}{
		{"vCard 4", contacts.FormVCard4, "VERSION:4.0"},
		{"vCard 3", contacts.FormVCard3, "VERSION:3.0"},
		{"a table", contacts.FormCSV, "Phone 1 - Value"},
		{"an unknown form", "x", ""},
		{"a folder that is not there", contacts.FormCSV, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, one("Bob Marsh", "work", "4711"), one("Carol", "", "4712"))
			l := NewList(s, s)
			path := filepath.Join(t.TempDir(), "all.vcf")
			if strings.HasPrefix(c.name, "a folder") {
				path = filepath.Join(t.TempDir(), "none", "all.vcf")
			}
			l.export(path, c.form)
			s.finish()
			data, err := os.ReadFile(path)
			if (err == nil) != (c.has != "") || !strings.Contains(string(data), c.has) {
				t.Fatalf("%v: %.200q", err, data)
			}
			if c.has == "" {
				if len(s.calls) != 1 || !strings.HasPrefix(s.calls[0], "error ") {
					t.Errorf("told %q", s.calls)
				}
				return
			}
			s.expect(t, "sheet Exported")
			if got := uitest.Texts(s.sheet); got != "2 contacts are in all.vcf." && got != "" {
				t.Errorf("says %q", got)
			}
		})
	}
}
