package journal

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"calla/phone/contacts"
)

func keep(t testing.TB, j *Journal, c Contact) Contact {
	t.Helper()
	id, err := j.SaveContact(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	c.ID = id
	return c
}

func addresses(all ...string) []ContactAddress {
	var a []ContactAddress
	for i := 0; i+1 < len(all); i += 2 {
		a = append(a, ContactAddress{all[i], all[i+1]})
	}
	return a
}

func TestContactsAreKeptChangedAndDeleted(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir)
	anna := keep(t, j, Contact{
		UID: "urn:1", Name: "Anna", Organisation: "Rail", Note: "gate 3", Favourite: true,
		Addresses: addresses("+49 30 1234", "work", "anna@example.com", "", "0171 99", "mobile"),
	})
	ben := keep(t, j, Contact{Name: "ben", Addresses: addresses("4711", "")})
	nameless := keep(t, j, Contact{Addresses: addresses("5000", "")})
	got, _, err := j.Contacts(t.Context(), ContactQuery{})
	if diff := cmp.Diff([]Contact{nameless, anna, ben}, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	anna.Name, anna.Addresses, anna.Favourite = "Anna B.", addresses("4712", ""), false
	keep(t, j, anna)
	j.Close()
	j, s := open(t, dir)
	if got, err := j.Contact(t.Context(), anna.ID); err != nil || cmp.Diff(anna, got) != "" {
		t.Errorf("%v %s", err, cmp.Diff(anna, got))
	}
	if err := j.DeleteContact(t.Context(), ben.ID); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"deleted twice":   j.DeleteContact(t.Context(), ben.ID),
		"saved when gone": func() error { _, err := j.SaveContact(t.Context(), ben); return err }(),
		"merged":          j.MergeContacts(t.Context(), anna.ID, ben.ID),
		"asked for":       func() error { _, err := j.Contact(t.Context(), ben.ID); return err }(),
		"by address":      func() error { _, err := j.ContactOf(t.Context(), "4711"); return err }(),
	} {
		if !errors.Is(err, ErrNoRow) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if s.counts.Contacts == 0 {
		t.Error("changes are not counted")
	}
	sound(t, j)
}

func TestContactsAreFoundByAnySpelling(t *testing.T) {
	j, _ := open(t, t.TempDir())
	keep(t, j, Contact{
		Name: "Anna", Organisation: "Deutsche Bahn", Favourite: true, Addresses: addresses("+49 (30) 123-45", ""),
	})
	keep(t, j, Contact{Name: "Zoë", Note: "night desk", Addresses: addresses("sip:Zoe@Example.COM", "", "4711", "")})
	for typed, want := range map[string]string{
		"anna": "Anna", "bahn": "Anna", "0049 30 123": "Anna", "030123": "Anna", "12345": "Anna", "zoe": "Zoë",
		"desk nig": "Zoë",
		"example":  "Zoë", "47": "Zoë", "nobody": "", "favourite": "",
	} {
		page, _, err := j.Contacts(t.Context(), ContactQuery{Text: typed})
		got := ""
		for _, c := range page {
			got += c.Name
		}
		if err != nil || got != want {
			t.Errorf("%q finds %q, %v; want %q", typed, got, err, want)
		}
	}
	for address, want := range map[string]string{
		"+493012345": "Anna", "0049 30 12345": "Anna", "tel:+49-30-12345": "Anna", "zoe@example.com": "Zoë",
		"SIPS:zoe@example.com": "Zoë",
		"4711":                 "Zoë", "471": "", "zoe@example.org": "", "": "",
	} {
		c, err := j.ContactOf(t.Context(), address)
		if c.Name != want || (want == "") != errors.Is(err, ErrNoRow) {
			t.Errorf("%q belongs to %q, %v; want %q", address, c.Name, err, want)
		}
	}
}

func TestPagesOfContactsFollowEachOther(t *testing.T) {
	j, _ := open(t, t.TempDir())
	var all []Contact
	for i := range 303 {
		all = append(all, Contact{Name: fmt.Sprintf("n%04d", i/3), Favourite: i%2 == 0})
	}
	if n, err := j.SaveContacts(t.Context(), all); n != len(all) || err != nil {
		t.Fatal(n, err)
	}
	for name, q := range map[string]ContactQuery{"all": {}, "text": {Text: "n"}, "favourites": {Favourite: true}} {
		seen := map[int64]bool{}
		for q.Limit = 100; ; {
			page, more, err := j.Contacts(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range page {
				if seen[c.ID] || q.After != nil && c.Name < q.After.Name {
					t.Fatalf("%s: %v behind %v", name, c, q.After)
				}
				seen[c.ID], q.After = true, &c
			}
			if !more {
				break
			}
		}
		if want := map[bool]int{true: 152, false: 303}[q.Favourite]; len(seen) != want {
			t.Errorf("%s: %d, want %d", name, len(seen), want)
		}
	}
}

func TestMergedContactsHaveAllAddressesOnce(t *testing.T) {
	j, _ := open(t, t.TempDir())
	a := keep(t, j, Contact{Name: "Anna", Note: "one", Addresses: addresses("+49 30 12345", "work")})
	b := keep(t, j, Contact{
		Name: "A.", UID: "u", Note: "two", Favourite: true, Addresses: addresses("00493012345", "", "4711", "home"),
	})
	c := keep(t, j, Contact{Organisation: "Rail", Note: "one", Addresses: addresses("4711", "", "anna@x", "")})
	alike, err := j.ContactsWith(t.Context(), b)
	if err != nil || len(alike) != 2 || alike[0].ID != a.ID || alike[1].ID != c.ID {
		t.Errorf("like b are %v, %v", alike, err)
	}
	if err := j.MergeContacts(t.Context(), a.ID, b.ID, c.ID, a.ID); err != nil {
		t.Fatal(err)
	}
	want := Contact{
		ID: a.ID, UID: "u", Name: "Anna", Organisation: "Rail", Note: "one\ntwo", Favourite: true,
		Addresses: addresses("+49 30 12345", "work", "4711", "home", "anna@x", ""),
	}
	got, _, err := j.Contacts(t.Context(), ContactQuery{})
	if diff := cmp.Diff([]Contact{want}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	sound(t, j)
}

func TestSuggestionsAreContactsAndThenTheLastCalls(t *testing.T) {
	j, _ := open(t, t.TempDir())
	keep(t, j, Contact{Name: "Anna", Addresses: addresses("4711", "desk", "0301234", "home")})
	keep(t, j, Contact{Name: "Ansgar", Favourite: true, Addresses: addresses("4712", "")})
	for i, address := range []string{"4711", "4799", "anton@example.com", "4799", "4712"} {
		record(t, j, call("An"+address, address, noon().Add(time.Duration(i)*time.Minute)))
	}
	hidden := call("Anonymous", "", noon())
	hidden.URI = ""
	record(t, j, hidden)
	flush(t, j)
	for typed, want := range map[string]string{
		"an": "4712 4711 0301234 4799 anton@example.com ", "47": "4712 4711 4799 ", "030": "0301234 ",
		"+49 30 12": "0301234 ",
		"":          "4712 4799 anton@example.com 4711 ", "nobody": "", "ant": "anton@example.com ",
	} {
		all, err := j.Suggest(t.Context(), typed, 8)
		got := ""
		for _, s := range all {
			got += s.Address + " "
			if (s.ContactID == 0) != (s.URI != "" && s.AccountID == "a1") {
				t.Errorf("%q suggests %+v", typed, s)
			}
		}
		if err != nil || got != want {
			t.Errorf("%q suggests %q, %v; want %q", typed, got, err, want)
		}
	}
	if all, err := j.Suggest(t.Context(), "an", 2); err != nil || len(all) != 2 {
		t.Errorf("two are %v, %v", all, err)
	}
}

// TestWhatAContactHasOfItsOwnIsKept: changed with it, taken over where two become one, and found by a caller's address.
func TestWhatAContactHasOfItsOwnIsKept(t *testing.T) {
	for _, c := range []struct {
		name      string
		own, more contacts.Own // of the contact, and of one that is put into it
		want      contacts.Own
	}{
		{"nothing", contacts.Own{}, contacts.Own{}, contacts.Own{}},
		{
			"a file",
			contacts.Own{Ringtone: "/ü 'quoted\".wav"},
			contacts.Own{},
			contacts.Own{Ringtone: "/ü 'quoted\".wav"},
		},
		{
			"all of it",
			contacts.Own{Ringtone: "none", Answer: contacts.Yes, After: 600, Record: contacts.No},
			contacts.Own{Ringtone: "calla", Answer: contacts.No, Record: contacts.Yes},
			contacts.Own{Ringtone: "none", Answer: contacts.Yes, After: 600, Record: contacts.No},
		},
		{
			"what it lacks",
			contacts.Own{Record: contacts.No},
			contacts.Own{Ringtone: "calla", Answer: contacts.Yes, After: 7, Record: contacts.Yes},
			contacts.Own{Ringtone: "calla", Answer: contacts.Yes, After: 7, Record: contacts.No},
		},
		{"no more than is allowed", contacts.Own{Answer: contacts.Yes, After: 601}, contacts.Own{}, contacts.Own{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			j, _ := open(t, dir)
			bob := keep(t, j, Contact{Name: "Bob", Addresses: addresses("4711", "")})
			bob.Own = c.own
			keep(t, j, bob)
			other := keep(t, j, Contact{Name: "Robert", Addresses: addresses("4712", ""), Own: c.more})
			if err := j.MergeContacts(t.Context(), bob.ID, other.ID); err != nil {
				t.Fatal(err)
			}
			j.Close()
			j, _ = open(t, dir)
			for _, key := range []string{"4711", "4712"} {
				who, err := j.Who(t.Context(), []string{"nobody", key})
				if who.Name != "Bob" || who.Own != c.want || err != nil {
					t.Errorf("by %s: %+v, %v", key, who, err)
				}
			}
		})
	}
}

// TestContactsOfAnOlderFileHaveNothingOfTheirOwn, and all that they had: from each version that had contacts.
func TestContactsOfAnOlderFileHaveNothingOfTheirOwn(t *testing.T) {
	for from := 1; from < version(); from++ {
		t.Run(fmt.Sprintf("version %d", from), func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, FileName)
			sentences := []string{"PRAGMA journal_mode = wal"}
			for _, step := range steps()[:from] {
				if step.text != "" {
					sentences = append(sentences, step.text)
				}
			}
			ask(t, path, append(sentences, fmt.Sprintf("PRAGMA application_id = %d", application),
				fmt.Sprintf("PRAGMA user_version = %d", from),
				"INSERT INTO contacts (id, uid, name, organisation, note, favourite, sorted, addresses, digits) "+
					"VALUES (7, 'u', 'Bob', 'Rail', 'gate 3', 1, 'bob', '4711', '4711')",
				"INSERT INTO contact_addresses VALUES (7, 0, '4711', 'work', '4711')")...)
			j, s := open(t, dir)
			flush(t, j)
			if len(s.faults()) > 0 {
				t.Fatalf("told %v", s.trouble)
			}
			sound(t, j)
			want := Contact{
				ID: 7, UID: "u", Name: "Bob", Organisation: "Rail", Note: "gate 3", Favourite: true,
				Addresses: addresses("4711", "work"),
			}
			got, err := j.ContactOf(t.Context(), "4711")
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
			got.Own = contacts.Own{Ringtone: "none", Record: contacts.Yes}
			keep(t, j, got)
			found, _, err := j.Contacts(t.Context(), ContactQuery{Text: "gate"})
			if err != nil || len(found) != 1 || found[0].Own != got.Own {
				t.Errorf("%+v, %v", found, err)
			}
		})
	}
}
