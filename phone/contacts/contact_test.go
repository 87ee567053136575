package contacts

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// TestOneAddressHasOneKey: however an address is written, it is the same, and another one is not.
func TestOneAddressHasOneKey(t *testing.T) {
	for _, c := range []struct {
		name string
		same []string
	}{
		{"abroad", []string{
			"+49301234567", "0049301234567", "+49 30 1234567", "+49 (30) 1234-567", "+49 (0)30 1234567",
			"tel:+49-30-1234567",
			"+49/30/1234567", "sip:+49301234567@example.com;user=phone", "Tel.: +49 30 1234567", "＋４９３０１２３４５６７",
			"\u202a+49 30 1234567\u202c", "+٤٩٣٠١٢٣٤٥٦٧",
		}},
		{"at home", []string{"0301234567", "030 1234567", "(030) 123 45 67", "030/1234567", "030.123.4567"}},
		{"an extension", []string{"1007", " 1007 ", "tel:1007", "sip:1007"}},
		{"an address", []string{
			"bob@example.com", "sip:bob@example.com", "Bob@Example.COM", "<sip:bob@example.com>",
			"\"Bob\" <sip:bob@example.com>",
			"sip:bob@example.com;transport=ws", "sips:bob@example.com", "sip:bob@example.com:5060",
			"sip:b%6fb@example.com",
		}},
		{"at a port of its own", []string{"bob@example.com:5080", "sip:bob@EXAMPLE.com:5080;transport=tls"}},
		{"a number somewhere", []string{"+4930123456@example.com", "sip:+49-30-123456@example.com"}},
		{"with digits for after", []string{"+49301234567,22", "tel:+49301234567;ext=22", "+49 30 1234567 , 22"}},
		{"a service", []string{"*21#", "* 21 #"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := Key(c.same[0])
			for _, text := range c.same {
				if key := Key(text); key == "" || key != first {
					t.Errorf("%q is %q, %q is %q", c.same[0], first, text, key)
				}
			}
		})
	}
	different := []string{
		"+49301234567", "+49301234568", "0301234567", "301234567", "1007", "bob", "bob@example.com", "bob@example.org",
		"bob@example.com:5080", "+49301234567,22", "+49301234567@example.com", "rob@example.com",
	}
	for i, a := range different {
		for _, b := range different[:i] {
			if Key(a) == Key(b) {
				t.Errorf("%q and %q are both %q", a, b, Key(a))
			}
		}
	}
	for _, text := range []string{"", "  ", "http://example.com", "a b c d e", strings.Repeat("9", 600)} {
		if key := Key(text); key != "" {
			t.Errorf("%q is %q", text, key)
		}
	}
}

// TestWhoCallsIsKnownByWhatCannotBeBorrowed: digits at a foreign host are not the number that a contact has.
func TestWhoCallsIsKnownByWhatCannotBeBorrowed(t *testing.T) {
	for _, c := range []struct {
		name, uri, domain string
		kept              string
		known             bool
	}{
		{"a number at our server", "sip:+49301234567@example.com", "example.com", "+49 30 1234567", true},
		{"as our server writes it", "sip:0049301234567@example.com;user=phone", "example.com", "+49 30 1234567", true},
		{"a number with signs", "sip:+49-30-1234567@example.com", "example.com", "+49301234567", true},
		{"a gateway of our domain", "sip:+49301234567@gw1.example.com", "example.com", "+49 30 1234567", true},
		{"a gateway by its address", "sip:+49301234567@192.0.2.7", "example.com", "+49 30 1234567", true},
		{"a gateway by its IPv6 address", "sip:+49301234567@[2001:db8::7]", "example.com", "+49 30 1234567", true},
		{"an extension of ours", "sip:1007@example.com", "example.com", "1007", true},
		{"an address of ours", "sip:bob@example.com", "example.com", "bob", true},
		{"an address elsewhere", "sip:bob@example.org", "example.com", "sip:bob@example.org", true},
		{"in capitals", "sip:Bob@example.org", "example.com", "bob@example.org", true},
		{"a number at a foreign server", "sip:+49301234567@evil.example", "example.com", "+49 30 1234567", false},
		{
			"marked as a telephone there", "sip:+49301234567@evil.example;user=phone", "example.com", "+49 30 1234567",
			false,
		},
		{"an extension at a foreign server", "sip:1007@evil.example", "example.com", "1007", false},
		{"a domain that ends as ours", "sip:1007@evilexample.com", "example.com", "1007", false},
		{"a domain that begins as ours", "sip:1007@example.com.evil.example", "example.com", "1007", false},
		{"nobody", "sip:example.com", "example.com", "example.com", false},
		{"without a domain of ours", "sip:1007@example.com", "", "1007", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			uri, err := sip.ParseURI(c.uri)
			if err != nil {
				t.Fatal(err)
			}
			if known := slices.Contains(KeysOf(uri, c.domain), Key(c.kept)); known != c.known {
				t.Errorf("known: %v; %q, kept as %q", known, KeysOf(uri, c.domain), Key(c.kept))
			}
		})
	}
}

// TestContactsAreCleanedBeforeTheyAreKept: what is kept can be called and shown, and no more of it than there is room
// for.
func TestContactsAreCleanedBeforeTheyAreKept(t *testing.T) {
	many := func(n int) (all []Address) {
		for i := range n {
			all = append(all, Address{Text: "1" + strings.Repeat("0", 3+i)})
		}
		return all
	}
	for _, c := range []struct {
		name string
		in   Contact
		want func(c Contact, ok bool, why error) bool
	}{
		{
			"as it is",
			Contact{ID: 7, Name: "Bob", Addresses: []Address{{"work", "+49 30 12"}}},
			func(c Contact, ok bool, why error) bool {
				return ok && why == nil && c.ID == 7 && c.Name == "Bob" && c.Addresses[0] == Address{
					"work",
					"+49 30 12",
				}
			},
		},
		{
			"a name of two lines",
			Contact{Name: " Bob \r\n Miller\t", Addresses: many(1)},
			func(c Contact, _ bool, _ error) bool {
				return c.Name == "Bob Miller"
			},
		},
		{
			"a name that turns round",
			Contact{Name: "Bob\u202eelliM", Addresses: many(1)},
			func(c Contact, _ bool, _ error) bool {
				return !strings.Contains(c.Name, "\u202e")
			},
		},
		{
			"a name without end",
			Contact{Name: strings.Repeat("x", 10000), Addresses: many(1)},
			func(c Contact, _ bool, _ error) bool {
				return len(c.Name) < 250
			},
		},
		{
			"letters taken apart",
			Contact{Name: "Mu\u0308ller", Addresses: many(1)},
			func(c Contact, _ bool, _ error) bool {
				return c.Name == "Müller"
			},
		},
		{"no name", Contact{Addresses: []Address{{"", "030 1234"}}}, func(c Contact, ok bool, _ error) bool {
			return ok && c.Name == "030 1234"
		}},
		{"no address", Contact{Name: "Bob"}, func(_ Contact, ok bool, _ error) bool { return !ok }},
		{
			"what cannot be called",
			Contact{Name: "Bob", Addresses: []Address{{"", "http://x.example"}, {"", "1007"}}},
			func(c Contact, ok bool, why error) bool {
				var target *config.TargetError
				return ok && len(c.Addresses) == 1 && errors.As(why, &target)
			},
		},
		{
			"an address twice",
			Contact{Name: "Bob", Addresses: []Address{{"", "+49 30 123"}, {"Work", "004930123"}}},
			func(c Contact, _ bool, why error) bool {
				return why == nil && len(c.Addresses) == 1 && c.Addresses[0] == Address{"work", "+49 30 123"}
			},
		},
		{"too many", Contact{Name: "Bob", Addresses: many(mostOfOne + 2)}, func(c Contact, ok bool, why error) bool {
			return ok && len(c.Addresses) == mostOfOne && why != nil
		}},
		{
			"a long note",
			Contact{Name: "Bob", Addresses: many(1), Note: strings.Repeat("a\r\n", 9000)},
			func(c Contact, _ bool, _ error) bool {
				return len(c.Note) < 5000 && !strings.Contains(c.Note, "\r")
			},
		},
		{
			"words around a number",
			Contact{Name: "Bob", Addresses: []Address{{"", "Tel.: +49 30 1234567"}}},
			func(c Contact, _ bool, _ error) bool {
				return c.Addresses[0].Text == "+49301234567"
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok, why := Clean(c.in); !c.want(got, ok, why) {
				t.Errorf("%+v %v %v", got, ok, why)
			} else if again, _, _ := Clean(got); ok && !same(again, got) {
				t.Errorf("cleaned again it is %+v", again)
			}
		})
	}
}

// TestOneNameHasOneKey: names are compared as people do.
func TestOneNameHasOneKey(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{"capitals", "BOB MILLER", "Bob Miller", true},
		{"blanks", "Bob  Miller ", "Bob Miller", true},
		{"the family first", "Miller, Bob", "Bob Miller", true},
		{"points", "Dr. Bob Miller", "Dr Bob Miller", true},
		{"letters taken apart", "Mu\u0308ller", "Müller", true},
		{"full width", "Ｂｏｂ", "Bob", true},
		{"another", "Bob Miller", "Bob Muller", false},
		{"less", "Bob", "Bob Miller", false},
		{"turned round", "Martin Thomas", "Thomas Martin", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if (NameKey(c.a) == NameKey(c.b)) != c.same {
				t.Errorf("%q and %q", NameKey(c.a), NameKey(c.b))
			}
		})
	}
}
