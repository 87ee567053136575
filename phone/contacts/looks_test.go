package contacts

import "testing"

// TestNamesThatLookAlike: what would be taken for a contact is told, and what would not is not.
func TestNamesThatLookAlike(t *testing.T) {
	for _, c := range []struct {
		name, claimed, contact string
		alike                  bool
	}{
		{"the same", "Bob Miller", "Bob Miller", true},
		{"capitals", "BOB MILLER", "Bob Miller", true},
		{"turned round", "Miller, Bob", "Bob Miller", true},
		{"Cyrillic letters", "Воb Мillеr", "Bob Miller", true},
		{"Greek letters", "Βοb Miller", "Bob Miller", true},
		{"digits", "B0b Mi11er", "Bob Miller", true},
		{"full width", "Ｂｏｂ Miller", "Bob Miller", true},
		{"marks", "Bo\u0301b Mi\u0308ller", "Bob Miller", true},
		{"nothing to be seen", "Bob\u200b Mil\u00adler", "Bob Miller", true},
		{"signs", "★ Bob · Miller ✓", "Bob Miller", true},
		{"a label", "Mum (mobile)", "Mum", true},
		{"a number", "Mum 2", "Mum", true},
		{"more words", "Bob Miller at work", "Bob Miller", true},
		{"without blanks", "BobMiller", "Bob Miller", true},
		{"another name", "Bob Muller", "Bob Miller", false},
		{"part of it", "Bob", "Bob Miller", false},
		{"somebody of the same first name", "Bob Dylan", "Bob", false},
		{"no letters", "★", "★", false},
		{"nothing", "", "Bob", false},
		{"Chinese", "山田", "山田", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := LooksLike(c.claimed, c.contact); got != c.alike {
				t.Errorf("%q and %q: %v; %q %q", c.claimed, c.contact, got, lookOf(c.claimed), lookOf(c.contact))
			}
		})
	}
}

// TestNamesThatAreAddresses: a name that is the caller's own number is harmless, another number is not.
func TestNamesThatAreAddresses(t *testing.T) {
	keys := []string{"+49301234567@example.com", "+49301234567"}
	for _, c := range []struct {
		name, claimed string
		poses         bool
	}{
		{"his own number", "+49 30 1234567", false},
		{"his own address", "+49301234567@example.com", false},
		{"another number", "+49 30 7654321", true},
		{"another extension", "1007", true},
		{"another address", "bob@example.com", true},
		{"a name", "Bob", false},
		{"a name with a number", "Gate 3 of the works", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := PosesAsAddress(c.claimed, keys); got != c.poses {
				t.Errorf("%q: %v, %q", c.claimed, got, Key(c.claimed))
			}
		})
	}
}
