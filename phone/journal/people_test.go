package journal

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
	"calla/phone/contacts"
)

// TestCallersAreFoundByTheirAddresses: in whatever spelling a contact has them, and by nothing else.
func TestCallersAreFoundByTheirAddresses(t *testing.T) {
	j, _ := open(t, t.TempDir())
	keep(t, j, Contact{Name: "Bob", Addresses: addresses("+49 (30) 1234567", "work", "sip:Bob@Example.org", "")})
	keep(t, j, Contact{Name: "Desk", Addresses: addresses("1007", "", "49301234568", "")})
	for _, c := range []struct{ name, uri, want string }{
		{"a number", "sip:+49301234567@example.com", "Bob"},
		{"a number with 00", "sip:0049301234567@example.com", "Bob"},
		{"an address", "sip:bob@example.org", "Bob"},
		{"an address over TLS", "sips:bob@example.org;transport=wss", "Bob"},
		{"an extension", "sip:1007@example.com", "Desk"},
		{"a number at a foreign server", "sip:+49301234567@evil.example", ""},
		{"an extension at a foreign server", "sip:1007@evil.example", ""},
		{"the same digits without +", "sip:49301234567@example.com", ""},
		{"the same digits with +", "sip:+49301234568@example.com", ""},
		{"another host", "sip:bob@example.net", ""},
		{"part of a number", "sip:+4930123456@example.com", ""},
		{"nobody", "sip:example.com", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			uri, err := sip.ParseURI(c.uri)
			if err != nil {
				t.Fatal(err)
			}
			if who, err := j.Who(t.Context(), contacts.KeysOf(uri, "example.com")); who.Name != c.want || err != nil {
				t.Errorf("is %q, %v", who.Name, err)
			}
		})
	}
}

// TestAPersonIsTheSameInEverySpelling, for calls and contacts alike, and nobody else is.
func TestAPersonIsTheSameInEverySpelling(t *testing.T) {
	j, _ := open(t, t.TempDir())
	for _, c := range []struct {
		name  string
		same  []string
		other []string
	}{
		{
			"a number",
			[]string{"+49 (30) 123-4567", "0049301234567", "tel:+49-30-1234567", "+49 (0)30 1234567", "＋４９３０１２３４５６７"},
			[]string{"49301234567", "+493012345678", "+49301234567@example.com"},
		},
		{
			"an address",
			[]string{"Carol@Example.COM", "sip:carol@example.com", "sips:carol@example.com;transport=wss"},
			[]string{"carol@example.org", "carol@example.com:5080", "carol"},
		},
		{"an extension", []string{"1007", " 1007 ", "sip:1007"}, []string{"01007", "10070"}},
		{"digits for after", []string{"+49301119999,22", "tel:+49-30-1119999;ext=22"}, []string{"+49301119999"}},
		{"a service", []string{"*21#", "* 21 #"}, []string{"21", "*21"}},
		{"what is no address", []string{"Not An Address At All", " not an address at all"}, []string{"not an address"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			who := keep(t, j, Contact{Name: c.name, Addresses: addresses(c.same[0], "")})
			for _, spelling := range c.same {
				if got, err := j.ContactOf(t.Context(), spelling); got.ID != who.ID || err != nil {
					t.Errorf("%q is of %q, %v", spelling, got.Name, err)
				}
				_, err := j.Record(Call{Address: spelling, Began: time.Now()})
				if err != nil {
					t.Fatal(err)
				}
			}
			if _, err := j.SaveContact(t.Context(), Contact{Name: "after the calls"}); err != nil {
				t.Fatal(err)
			}
			calls, _, err := j.Calls(t.Context(), CallQuery{Person: Person(c.same[0])})
			if len(calls) != len(c.same) || err != nil {
				t.Errorf("%d calls, %v", len(calls), err)
			}
			for _, spelling := range c.other {
				if got, err := j.ContactOf(t.Context(), spelling); got.ID == who.ID {
					t.Errorf("%q is of %q, %v", spelling, got.Name, err)
				}
			}
		})
	}
}

// TestRowsOfAnOlderFileAreComparedAnew: those of a file that was written when addresses were compared otherwise.
func TestRowsOfAnOlderFileAreComparedAnew(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir)
	bob := keep(t, j, Contact{Name: "Bob", Addresses: addresses("+49 30 1234567", "", "Bob@Example.org", "")})
	if _, err := j.Record(Call{Address: "0049301234567", Began: time.Now()}); err != nil {
		t.Fatal(err)
	}
	j.Close()
	db, err := openWriting(j.path())
	if err != nil {
		t.Fatal(err)
	}
	first := steps()[0].text
	_, err = db.Exec("UPDATE calls SET person = 'old'; UPDATE contact_addresses SET person = 'old'; " +
		"ALTER TABLE contacts DROP COLUMN ringtone; ALTER TABLE contacts DROP COLUMN answer; " +
		"ALTER TABLE contacts DROP COLUMN after; ALTER TABLE contacts DROP COLUMN record; " +
		"DROP TABLE messages_text; DROP TABLE messages; DROP TABLE conversations; " +
		first[strings.Index(first, "CREATE TABLE messages ("):] + "; PRAGMA user_version = 1")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	j, _ = open(t, dir)
	for _, address := range []string{"+49301234567", "sip:bob@example.org"} {
		if got, err := j.ContactOf(t.Context(), address); got.ID != bob.ID || err != nil {
			t.Errorf("%q is of %q, %v", address, got.Name, err)
		}
	}
	if calls, _, err := j.Calls(t.Context(), CallQuery{Person: Person("+49301234567")}); len(calls) != 1 || err != nil {
		t.Errorf("%d calls, %v", len(calls), err)
	}
	sound(t, j)
}

// TestNamesLikeThoseOfContactsAreFound: whatever letters they are written in.
func TestNamesLikeThoseOfContactsAreFound(t *testing.T) {
	j, _ := open(t, t.TempDir())
	for _, name := range []string{"Mum", "Bob Miller", "Анна", "Müller, Zoë", "Bob"} {
		keep(t, j, Contact{Name: name, Note: "Carol", Addresses: addresses("1", "")})
	}
	for claimed, want := range map[string]bool{
		"Mum": true, "mum (mobile)": true, "Мum": true, "Bob Miller": true, "Miller Bob": true, "B0b Miller": true,
		"Zoe Muller": true, "Анна": true, "Bob Miller at work": true,
		"Carol": false, "Bob Dylan": false, "Mumford": false, "": false, "★": false, "\"": false, "NOT OR AND": false,
	} {
		if got, err := j.Alike(t.Context(), claimed); got != want || err != nil {
			t.Errorf("%q: %v, %v", claimed, got, err)
		}
	}
}

// TestEverybodyComesBackAsKept: page by page, and through the room of contacts.
func TestEverybodyComesBackAsKept(t *testing.T) {
	j, _ := open(t, t.TempDir())
	var all []Contact
	want := contacts.Contact{
		UID: "u", Name: "Bob", Organisation: "O", Favourite: true, Note: "n",
		Addresses: []contacts.Address{{Label: "work", Text: "1"}, {Text: "bob@example.com"}},
	}
	for range 1001 {
		all = append(all, ContactFor(want))
	}
	if _, err := j.SaveContacts(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	got, err := j.Everybody(t.Context())
	if err != nil || len(got) != len(all) {
		t.Fatalf("%d, %v", len(got), err)
	}
	for i, c := range got {
		if i > 0 && c.ID == got[i-1].ID {
			t.Fatal("one comes twice")
		}
		c.ID = 0
		if c.Name != want.Name || c.UID != "u" || c.Note != "n" || !c.Favourite ||
			!slices.Equal(c.Addresses, want.Addresses) {
			t.Fatalf("%+v", c)
		}
	}
}
