package phone

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"calla/account"
	"calla/phone/contacts"
)

// book is contacts in memory: a name for each key, and what some of them have of their own. It may take its time, or
// fail.
type book struct {
	names map[string]string
	own   map[string]contacts.Own
	takes time.Duration
	err   error
}

func (b *book) Who(ctx context.Context, keys []string) (contacts.Contact, error) {
	if err := b.wait(ctx); err != nil {
		return contacts.Contact{}, err
	}
	for _, key := range keys {
		if name := b.names[key]; name != "" {
			return contacts.Contact{Name: name, Own: b.own[key]}, nil
		}
	}
	return contacts.Contact{}, nil
}

func (b *book) Alike(ctx context.Context, claimed string) (bool, error) {
	if err := b.wait(ctx); err != nil {
		return false, err
	}
	for _, name := range b.names {
		if contacts.LooksLike(claimed, name) {
			return true, nil
		}
	}
	return false, nil
}

func (b *book) wait(ctx context.Context) error {
	select {
	case <-time.After(b.takes):
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestCallersAreNamedByTheContactsAlone: the name of a contact is shown for that contact's address and for no other,
// whatever a caller calls himself, and the address always.
func TestCallersAreNamedByTheContactsAlone(t *testing.T) {
	for _, c := range []struct {
		name, calls   string // who Alice's caller says that he is
		book          *book
		shown, claims string
		known         bool
	}{
		{name: "no contacts", calls: "Bob", shown: "Bob"},
		{
			name: "a contact", calls: "Robert",
			book: &book{names: map[string]string{"bob": "Bob M."}}, shown: "Bob M.", known: true,
		},
		{
			name: "a contact by its whole address", calls: "Robert",
			book: &book{names: map[string]string{"bob@sandbox.invalid": "Bob M."}}, shown: "Bob M.", known: true,
		},
		{
			name: "a contact without a name of its own",
			book: &book{names: map[string]string{"bob": "Bob M."}}, shown: "Bob M.", known: true,
		},
		{name: "nobody known", calls: "Robert", book: &book{}, shown: "Robert"},
		{name: "a contact's name", calls: "Mum", book: &book{names: map[string]string{"carol": "Mum"}}, claims: "Mum"},
		{
			name: "like a contact's name", calls: "Mum (mobile)",
			book: &book{names: map[string]string{"carol": "Mum"}}, claims: "Mum (mobile)",
		},
		{name: "in other letters", calls: "Мum", book: &book{names: map[string]string{"carol": "Mum"}}, claims: "Мum"},
		{name: "a number that is not his", calls: "+49 30 1234567", book: &book{}, claims: "+49 30 1234567"},
		{name: "his own number", calls: "bob@sandbox.invalid", book: &book{}, shown: "bob@sandbox.invalid"},
		{
			name: "contacts that take their time", calls: "Robert",
			book: &book{takes: 100 * time.Millisecond}, shown: "Robert",
		},
		{name: "contacts that hang", calls: "Robert", book: &book{takes: time.Hour}, claims: "Robert"},
		{name: "contacts that cannot be read", calls: "Robert", book: &book{err: errors.New("torn")}, claims: "Robert"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice", func(o *Options) {
					if c.book != nil {
						o.Contacts = c.book
					}
				})
				bob := w.bare("bob")
				a := w.account("bob")
				a.Config.DisplayName = c.calls
				bob.save(a, account.SecretSession)
				bob.until("registered", func(s State) bool {
					return len(s.Accounts) > 0 && s.Accounts[0].Status == StatusRegistered
				})
				bob.Dial("", "alice")
				first := alice.phase(PhaseIncoming)
				time.Sleep(time.Second)
				got := alice.State().Calls[0]
				if got.Name != c.shown || got.Claims != c.claims || got.Known != c.known || got.Address != "bob" {
					t.Errorf("shown as %q (known: %v), claims %q, address %q", got.Name, got.Known, got.Claims,
						got.Address)
				}
				if first.Name != "" && c.book != nil && first.Name != c.shown {
					t.Errorf("at first it was %q", first.Name)
				}
				alice.HangUp(got.ID)
				ended := alice.end()
				if ended.Name != c.shown || ended.Claims != c.claims || ended.Known != c.known {
					t.Errorf("ended as %q (known: %v), claims %q", ended.Name, ended.Known, ended.Claims)
				}
				for _, s := range alice.unseen() {
					for _, call := range s.Calls {
						if call.Name != "" && call.Name != c.shown {
							t.Errorf("in between it was %q", call.Name)
						}
					}
				}
			})
		})
	}
}

// TestCallsFollowTheContacts: who is added, renamed or deleted while a call is up is so in the call, and a call that
// did not ring is told by the contact's name too.
func TestCallsFollowTheContacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		b := &book{names: map[string]string{}}
		alice, bob := w.phone("alice", func(o *Options) { o.Contacts = b }), w.phone("bob")
		bob.Dial("", "alice")
		alice.phase(PhaseIncoming)
		named := func(name string, known bool) {
			t.Helper()
			alice.until("named "+name, func(s State) bool {
				return len(s.Calls) == 1 && s.Calls[0].Name == name && s.Calls[0].Known == known
			})
		}
		named("Bob", false)
		for _, name := range []string{"Robert", "Rob", ""} {
			b.names = map[string]string{"bob": name}
			alice.loop.Post(alice.contactsChanged)
			if name == "" {
				named("Bob", false)
			} else {
				named(name, true)
			}
		}
		b.names = map[string]string{"bob": "Robert"}
		alice.HangUp(alice.State().Calls[0].ID)
		alice.end()
		alice.SetDoNotDisturb(account.DoNotDisturb{On: true})
		alice.until("quiet", func(s State) bool { return s.DoNotDisturb.On })
		bob.end()
		bob.Dial("", "alice")
		alice.until("turned away", func(s State) bool {
			return len(s.TurnedAway) == 1 && s.TurnedAway[0].Name == "Robert" && s.TurnedAway[0].Known
		})
		other := func(s State) bool { return len(s.TurnedAway) > 0 && s.TurnedAway[0].Name == "Bob" }
		if slices.ContainsFunc(alice.unseen(), other) {
			t.Error("it was told by another name first")
		}
	})
}
