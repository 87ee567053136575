package phone

import (
	"testing"
	"testing/synctest"

	"calla/account"
	"calla/netsip/config"
	"calla/phone/cause"
)

// configured is a phone whose account has a configuration of its own.
func (w *world) configured(name string, change func(*config.Config), options ...func(*Options)) *testPhone {
	w.t.Helper()
	p := w.bare(name, options...)
	a := w.account(name)
	change(&a.Config)
	p.save(a, account.SecretSession)
	p.until("registered", func(s State) bool { return len(s.Accounts) > 0 && s.Accounts[0].Status == StatusRegistered })
	return p
}

// TestNumbersAreDialledByTheAccountsRules: of calls, of transfers and of those who are asked first, on the wire; an
// address, and who is called again, stays as it is.
func TestNumbersAreDialledByTheAccountsRules(t *testing.T) {
	for _, c := range []struct {
		name, rule, text string
		shown, dials     string
		uri              string
	}{
		{"the number changes", "9 -> 47", "911 1", "9111", "47111", "sip:47111@sandbox.invalid"},
		{"a number that is there", "5 -> 47", "511 1", "5111", "47111", "sip:47111@sandbox.invalid"},
		{"a link", "+ -> 00", "tel:+49301", "+49301", "0049301", "sip:0049301@sandbox.invalid"},
		{
			"a full address stays", "4 -> 5", "sip:4711@sandbox.invalid", "4711@sandbox.invalid", "",
			"sip:4711@sandbox.invalid",
		},
		{"a user stays", "-> 0", "bob", "bob", "", "sip:bob@sandbox.invalid"},
		{"the rule is about others", "+ -> 00", "4711", "4711", "", "sip:4711@sandbox.invalid"},
		{"help is called", "-> 0", "112", "112", "", "sip:112@sandbox.invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.configured("alice", func(set *config.Config) { set.Calla.DialRules = []string{c.rule} })
				read := alice.ReadDialled("", c.text)
				if read.Text != c.shown || read.Dials != c.dials || (read.Rule != "") != (c.dials != "") ||
					read.To.URI.String() != c.uri {
					t.Errorf("read as %+v", read)
				}
				if again := alice.ReadDialled("", read.Text); again.To.URI.String() != c.uri {
					t.Errorf("what is shown is dialled as %s", again.To.URI)
				}
				alice.Dial("", c.text)
				s := alice.until("called", func(s State) bool { return len(s.Calls) > 0 || s.Ended != nil })
				uri := ""
				if len(s.Calls) > 0 {
					uri = s.Calls[0].URI
				} else {
					uri = s.Ended.URI
				}
				if uri != c.uri {
					t.Errorf("called %s", uri)
				}
				alice.until("over", func(s State) bool { return s.Ended != nil })
				alice.Redial("alice", uri, "")
				again := alice.until("called again", func(s State) bool { return len(s.Calls) > 0 })
				if got := again.Calls[0].URI; got != c.uri {
					t.Errorf("called again: %s", got)
				}
			})
		})
	}
}

// TestATransferFollowsTheDialRules: the far end is told the number that would be dialled from here.
func TestATransferFollowsTheDialRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		bob, carol := w.phone("bob"), w.phone("4711")
		alice := w.configured("alice", func(c *config.Config) { c.Calla.DialRules = []string{"9 -> 4"} })
		mine, _ := alice.talk(bob)
		alice.Transfer(mine.ID, "9711")
		asked := bob.until("asked", func(s State) bool { return len(s.Referrals) > 0 }).Referrals[0]
		bob.AcceptReferral(asked.ID)
		carol.phase(PhaseIncoming)
	})
}

// TestARuleThatLeavesNothingIsTold: nobody is called.
func TestARuleThatLeavesNothingIsTold(t *testing.T) {
	r := ReadDialledByRules("4711", "example.com", []string{"/4711/ ->"})
	if r.Problem == nil || r.Problem.Kind != cause.NotATarget || r.To.URI.Host != "" || tell(*r.Problem).Title == "" {
		t.Errorf("%+v", r)
	}
}
