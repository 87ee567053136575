package phone

import (
	"strings"
	"testing"
	"testing/synctest"

	"calla/account"
	"calla/netsip/sandbox"
)

// refusal waits until a command is refused, and checks that it is said in whole words.
func (p *testPhone) refusal(command Command) Refusal {
	p.t.Helper()
	r := *p.until("refused", func(s State) bool { return s.Refusal != nil && s.Refusal.Command == command }).Refusal
	about := string(command) + " " + r.Text
	checkWords(p.t, about, tell(r.Cause).Title)
	checkWords(p.t, about, tell(r.Cause).Short)
	if !strings.HasSuffix(tell(r.Cause).Title, ".") || strings.ContainsAny(r.Text+tell(r.Cause).Title, "\r\n") {
		p.t.Errorf("%s: said %q", about, tell(r.Cause).Title)
	}
	return r
}

// Holds: told-refusals
func TestEveryRefusedCallIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		target string
		begin  func(*world) *testPhone
		want   string // in what is said
	}{
		"no account":    {"bob", func(w *world) *testPhone { return w.bare("nobody") }, "no account"},
		"nothing typed": {"", func(w *world) *testPhone { return w.phone("alice") }, "is empty"},
		"two lines":     {"a\r\nb", func(w *world) *testPhone { return w.phone("alice") }, "cannot be called"},
		"a web page": {
			"https://example.com/", func(w *world) *testPhone { return w.phone("alice") },
			"cannot be called",
		},
		"no host": {
			"bob@exa mple", func(w *world) *testPhone { return w.phone("alice") },
			"cannot be called",
		},
		"header fields": {
			"bob?Route=%3csip:evil%3e", func(w *world) *testPhone { return w.phone("alice") },
			"cannot be called",
		},
		"switched off": {"bob", func(w *world) *testPhone {
			return w.with("alice",
				func(a *account.Account) { a.Enabled = false })
		}, "switched off"},
		"wrong password":    {"bob", (*world).wrongPassword, "rejected the user name or password"},
		"right after start": {"bob", (*world).connecting, "still connecting"},
		"registering":       {"bob", (*world).registering, "just registering"},
		"no server":         {"bob", (*world).offline, "is not connected"},
		"keyring hangs":     {"bob", (*world).waiting, "not ready yet"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := c.begin(newWorld(t))
				p.Dial("", c.target)
				r := p.refusal(CommandDial)
				if !strings.Contains(tell(r.Cause).Title, c.want) {
					t.Errorf("said %+v, want %q", r.Cause, c.want)
				}
				if s := p.State(); s.Ended != nil || len(s.Calls) != 0 {
					t.Errorf("a call: %+v, ended %+v", s.Calls, s.Ended)
				}
			})
		})
	}
}

// with makes a phone with a changed account of name, and does not wait for it.
func (w *world) with(name string, change func(*account.Account)) *testPhone {
	p := w.bare(name)
	a := w.account(name)
	change(&a)
	p.save(a, account.SecretSession)
	return p
}

func (w *world) wrongPassword() *testPhone {
	p := w.with("alice", func(a *account.Account) { a.Config.Password = "wrong" })
	p.until("refused", func(s State) bool { return len(s.Accounts) > 0 && s.Accounts[0].Status == StatusFailed })
	return p
}

// connecting is a phone that has just been started: its connection is not there yet.
func (w *world) connecting() *testPhone {
	w.server.Faults().OnConnect(-1, sandbox.ConnectFault{Stall: true})
	return w.with("alice", func(*account.Account) {})
}

func (w *world) registering() *testPhone {
	w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("REGISTER"), Drop: true, Times: -1})
	p := w.with("alice", func(*account.Account) {})
	p.until("registering", func(s State) bool {
		return len(s.Accounts) > 0 &&
			s.Accounts[0].Status == StatusRegistering
	})
	return p
}

func (w *world) offline() *testPhone {
	w.server.Faults().OnConnect(-1, sandbox.ConnectFault{Refuse: true})
	p := w.with("alice", func(*account.Account) {})
	p.until("retrying", func(s State) bool { return len(s.Accounts) > 0 && s.Accounts[0].Status == StatusRetrying })
	return p
}

// waiting is a phone whose keyring does not answer.
func (w *world) waiting() *testPhone {
	stored := w.account("alice")
	stored.Config.Password, stored.SecretPlace = "", account.SecretKeyring
	keyring := &hanging{free: make(chan struct{})}
	p := w.bare("alice", func(o *Options) { o.Keeper = account.NewKeeper(keyring, keyring, keyring) })
	p.loop.Do(func() {
		p.lines = append(p.lines, &line{account: stored})
		p.follow(p.lines[0])
	})
	return p
}

// Holds: told-refusals
func TestEveryRefusedOrderInACallIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		command Command
		order   func(p *testPhone, mine CallState)
		want    string
	}{
		"digits without any": {
			CommandDigits, func(p *testPhone, c CallState) { p.SendDTMF(c.ID, "hello") },
			"no digit",
		},
		"digits on hold": {
			CommandDigits,
			func(p *testPhone, c CallState) { p.SetHold(c.ID, true); p.SendDTMF(c.ID, "1") }, "not sent",
		},
		"transfer to a web page": {
			CommandTransfer,
			func(p *testPhone, c CallState) { p.Transfer(c.ID, "http://x/") }, "cannot be called",
		},
		"transfer to nobody": {
			CommandTransfer, func(p *testPhone, c CallState) { p.Transfer(c.ID, "") },
			"is empty",
		},
		"second transfer": {
			CommandTransfer,
			func(p *testPhone, c CallState) { p.Transfer(c.ID, "carol"); p.Transfer(c.ID, "bob") },
			"being transferred already",
		},
		"asking a web page": {
			CommandDial, func(p *testPhone, c CallState) { p.AskFirst(c.ID, "http://x/") },
			"cannot be called",
		},
		"connecting without asking": {
			CommandTransfer, func(p *testPhone, c CallState) { p.CompleteTransfer(c.ID) },
			"no two calls",
		},
		"message without a text": {
			CommandMessage, func(p *testPhone, _ CallState) { p.SendMessage("", "bob", " \n") },
			"is empty",
		},
		"message without account": {
			CommandMessage,
			func(p *testPhone, _ CallState) { p.SendMessage("gone", "bob", "hi") }, "not there any more",
		},
		"everybody signed out": {
			CommandAccount, func(p *testPhone, _ CallState) { p.UnregisterAll("gone") },
			"not there any more",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob := w.phone("alice"), w.phone("bob")
				w.phone("carol")
				mine, _ := alice.talk(bob)
				c.order(alice, mine)
				r := alice.refusal(c.command)
				if !strings.Contains(tell(r.Cause).Title, c.want) {
					t.Errorf("said %+v, want %q", r.Cause, c.want)
				}
				if len(alice.State().Calls) == 0 {
					t.Error("the call ended")
				}
			})
		})
	}
}

// Holds: told-refusals
func TestOrdersThatComeTooEarlyAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		command Command
		order   func(p *testPhone, ringing CallState)
	}{
		"hold":       {CommandHold, func(p *testPhone, c CallState) { p.SetHold(c.ID, true) }},
		"digits":     {CommandDigits, func(p *testPhone, c CallState) { p.SendDTMF(c.ID, "5") }},
		"transfer":   {CommandTransfer, func(p *testPhone, c CallState) { p.Transfer(c.ID, "carol") }},
		"ask first":  {CommandTransfer, func(p *testPhone, c CallState) { p.AskFirst(c.ID, "carol") }},
		"other call": {CommandDial, func(p *testPhone, _ CallState) { p.Dial("", "carol") }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice")
				w.phone("bob")
				alice.Dial("", "bob")
				ringing := alice.phase(PhaseRinging)
				c.order(alice, ringing)
				alice.refusal(c.command)
				if calls := alice.State().Calls; len(calls) != 1 || calls[0].Phase != PhaseRinging {
					t.Errorf("calls: %+v", calls)
				}
			})
		})
	}
}

func TestARefusalGoesWithTheNextCommandThatIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice := w.phone("alice")
		w.phone("bob")
		alice.Dial("", "http://x/")
		first := alice.refusal(CommandDial)
		alice.Dial("", "http://x/")
		alice.until("refused anew", func(s State) bool { return s.Refusal != nil && s.Refusal.ID != first.ID })
		alice.Dial("", "bob")
		alice.until("calling", func(s State) bool { return len(s.Calls) == 1 && s.Refusal == nil })
	})
}
