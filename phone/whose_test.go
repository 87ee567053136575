package phone

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"calla/phone/journal"
)

// TestWhoseNumberItIsIsFound: the contact's name before the one that the last call showed, whatever the spelling; in
// the journal as it is then, and nobody where there is none or nothing can be asked.
func TestWhoseNumberItIsIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		p := w.phone("alice", keeping(t.TempDir()))
		j := p.Journal()
		contact := journal.Contact{Name: "Bob Marsh", Addresses: []journal.ContactAddress{
			{Address: "+49 30 901820"}, {Address: "bob@example.com"},
		}}
		if _, err := j.SaveContact(t.Context(), contact); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for i, c := range []journal.Call{
			{Name: "Carol at first", Address: "carol"},
			{Name: "Carol Jones", Address: "carol"},
			{Address: "carol"},
			{Name: "Not Bob", Address: "+4930901820"},
			{Name: "turned \u202e", Address: "4711"},
		} {
			c.Incoming, c.Outcome, c.Began = true, journal.Answered, began.Add(time.Duration(i)*time.Second)
			c.Ended = c.Began
			if _, err := j.Record(c); err != nil {
				t.Fatal(err)
			}
		}
		p.kept(5)
		for _, v := range []struct {
			text, name string
			contact    bool
		}{
			{"+49 30 901820", "Bob Marsh", true},
			{"tel:+49-30-901820", "Bob Marsh", true},
			{"bob@example.com", "Bob Marsh", true},
			{"carol", "Carol Jones", false},
			{"4711", "turned �", false},
			{"dave", "", false},
		} {
			read := p.ReadDialled("", v.text)
			name, contact := p.NameOf(t.Context(), p.State().Account, read.To)
			if name != v.name || contact != v.contact {
				t.Errorf("%s: %q, a contact: %t", v.text, name, contact)
			}
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if name, _ := p.NameOf(ended, "", p.ReadDialled("", "bob@example.com").To); name != "" {
			t.Errorf("after its end: %q", name)
		}
	})
}
