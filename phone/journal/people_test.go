package journal

import (
	"slices"
	"testing"

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
			if name, err := j.Who(t.Context(), contacts.KeysOf(uri, "example.com")); name != c.want || err != nil {
				t.Errorf("is %q, %v", name, err)
			}
		})
	}
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
		if c.Name != want.Name || c.UID != "u" || c.Note != "n" || !c.Favourite || !slices.Equal(c.Addresses, want.Addresses) {
			t.Fatalf("%+v", c)
		}
	}
}
