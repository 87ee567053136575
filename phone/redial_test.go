package phone

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
)

// Holds: call-again
func TestWhoHidesIsNotCalledBackAndWhoDoesNotIsInFull(t *testing.T) {
	for from, want := range map[string]string{
		`<sip:bob@example.com>`:                                 "sip:bob@example.com",
		`"Bob" <sip:bob@example.com:5070;transport=ws>;tag=1`:   "sip:bob@example.com:5070;transport=ws",
		`<sips:bob@example.com;user=phone>`:                     "sips:bob@example.com;user=phone",
		`<sip:+4930;phone-context=example.com@gw.example>`:      "sip:+4930;phone-context=example.com@gw.example",
		`<sip:b%40b@example.com>`:                               "sip:b%40b@example.com",
		`<sip:bob@[2001:db8::1]:5080>`:                          "sip:bob@[2001:db8::1]:5080",
		`<sip:bob@example.com;method=BYE?Route=%3Csip:evil%3E>`: "sip:bob@example.com",
		`<tel:+4930123>`:                                        "tel:+4930123",
		`"Anonymous" <sip:anonymous@anonymous.invalid>`:         "",
		`"Carol" <sip:carol@anonymous.invalid>`:                 "",
		`<sip:Anonymous@gateway.example>`:                       "",
		`<sip:Restricted@10.0.0.1>`:                             "",
		`<mailto:bob@example.com>`:                              "",
	} {
		a, err := sip.ParseAddress(from)
		if err != nil {
			t.Fatal(from, err)
		}
		if got := callable(a); got != want {
			t.Errorf("%s is called back at %q, want %q", from, got, want)
		}
	}
}

// invited returns what the next INVITE that reaches the server is sent to.
func (w *world) invited() (next func() string) {
	uris := make(chan string, 8)
	stop := w.server.Observe(func(e sandbox.Event) {
		if m := e.Message; m != nil && !e.Sent && m.Method == "INVITE" && m.ToTag() == "" &&
			!m.Has("Proxy-Authorization") && !m.Has("Authorization") {
			uris <- m.RequestURI.String()
		}
	})
	w.t.Cleanup(stop)
	return func() string { return <-uris }
}

// Holds: call-again
func TestCallAgainCallsTheSameWithTheSameAccount(t *testing.T) {
	for name, dialled := range map[string]string{
		"short":              "nobody",
		"elsewhere":          "nobody@elsewhere.example",
		"port and parameter": "sip:nobody@elsewhere.example:5070;transport=ws",
		"encrypted scheme":   "sips:nobody@elsewhere.example",
		"with a name":        `"No Body" <sip:nobody@elsewhere.example>`,
		"a number":           "tel:+49-30-123",
		"a star code":        "*21#",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				next := w.invited()
				alice := w.phone("alice")
				other := w.account("carol") // another domain would do as well: the other account dials now
				alice.save(other, "session")
				alice.until("both registered", func(s State) bool {
					return len(s.Accounts) == 2 && s.Accounts[1].Status == StatusRegistered
				})
				alice.Dial("alice", dialled)
				first := next()
				e := alice.end()
				if e.AccountID != "alice" || e.URI != first {
					t.Errorf("remembers %q at %q, called %q", e.URI, e.AccountID, first)
				}
				alice.UseAccount("carol")
				alice.Redial(e.AccountID, e.URI, "")
				if again := next(); again != first {
					t.Errorf("called %s, and then %s", first, again)
				}
				c := alice.until("calling",
					func(s State) bool { return len(s.Calls) == 1 || s.Ended != nil && s.Ended.CallID != e.CallID })
				if len(c.Calls) == 1 && c.Calls[0].AccountID != "alice" {
					t.Errorf("with the account %s", c.Calls[0].AccountID)
				}
			})
		})
	}
}

// Holds: call-again
func TestCallAgainUsesNoOtherAccount(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *testPhone)
		want   string // why it is refused; "" = it calls
	}{
		"renamed": {func(p *testPhone) {
			a, _ := p.Account("alice")
			a.Label = "Private"
			p.save(a, "session")
		}, ""},
		"deleted": {func(p *testPhone) {
			done := make(chan error, 1)
			p.DeleteAccount("alice", func(err error) { done <- err })
			<-done
		}, "not there any more"},
		"switched off": {func(p *testPhone) {
			a, _ := p.Account("alice")
			a.Enabled = false
			p.save(a, "session")
			p.until("off", func(s State) bool { return s.Accounts[0].Status == StatusOff })
		}, "switched off"},
		"another dials": {func(p *testPhone) { p.UseAccount("carol") }, ""},
		"moved to another domain": {func(p *testPhone) {
			a, _ := p.Account("alice")
			a.Config.URI = "sip:alice@moved.example"
			a.Config.Register = new(config.Config).Register
			p.save(a, "session")
		}, "-"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				next := w.invited()
				p := w.phone("alice")
				p.save(w.account("carol"), "session")
				p.until("both", func(s State) bool {
					return len(s.Accounts) == 2 &&
						s.Accounts[1].Status == StatusRegistered
				})
				p.Dial("alice", "bob")
				first := next()
				e := p.end()
				c.change(p)
				p.Redial(e.AccountID, e.URI, "")
				switch c.want {
				case "":
					if again := next(); again != first {
						t.Errorf("called %s, and then %s", first, again)
					}
				case "-": // whatever becomes of it, nobody else is called
					s := p.until("told", func(s State) bool { return s.Refusal != nil || len(s.Calls) == 1 })
					if len(s.Calls) == 1 && s.Calls[0].URI != first {
						t.Errorf("called %s, and then %s", first, s.Calls[0].URI)
					}
				default:
					if r := p.refusal(CommandDial); !strings.Contains(tell(r.Cause).Title, c.want) {
						t.Errorf("said %+v", r.Cause)
					}
					if n := len(p.State().Calls); n != 0 {
						t.Errorf("%d calls", n)
					}
				}
			})
		})
	}
}

// Holds: call-again
func TestAnswersToMessagesAndCallsBackGoToWhoWrote(t *testing.T) {
	for name, from := range map[string]string{
		"plain":           "sip:dave@elsewhere.example",
		"port":            "sip:dave@elsewhere.example:5070",
		"parameters":      "sip:dave@elsewhere.example;transport=ws",
		"user parameters": "sip:+4930;phone-context=x.example@elsewhere.example",
		"escaped":         "sip:d%40ve@elsewhere.example",
		"same short form": "sip:dave@sandbox.invalid;line=2",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice")
				uri, err := sip.ParseURI(from)
				if err != nil {
					t.Fatal(err)
				}
				alice.loop.Do(func() {
					alice.messageCame(alice.line("alice").agent,
						&netsip.Message{From: sip.Address{URI: uri}, Body: []byte("hi")})
				})
				alice.until("a message", func(State) bool { return len(alice.Recent()) == 1 })
				m := last(alice)
				if m.URI != from {
					t.Errorf("came from %s, kept as %s", from, m.URI)
				}
				sent := make(chan string, 4)
				defer w.server.Observe(func(e sandbox.Event) {
					if r := e.Message; r != nil && !e.Sent && r.Method == "MESSAGE" {
						sent <- r.RequestURI.String()
					}
				})()
				alice.Reply(m.AccountID, m.URI, "hello")
				if to := <-sent; to != from {
					t.Errorf("answered to %s, want %s", to, from)
				}
				alice.until("sent", func(State) bool { return len(alice.Recent()) == 2 })
				if got := last(alice); got.Address != m.Address || got.Party != m.Party {
					t.Errorf("in another conversation: %+v, not %+v", got, m)
				}
				if party, shown := alice.Correspondent("alice", m.URI); party != m.Party || shown != m.Address {
					t.Errorf("%s is %q, %q, not of %+v", m.URI, party, shown, m)
				}
				next := w.invited()
				alice.Redial(m.AccountID, m.URI, "")
				if to := next(); to != from {
					t.Errorf("called back %s, want %s", to, from)
				}
			})
		})
	}
}

// TestCallAgainStaysAnonymous: whom we hid from does not learn by a second call who we are.
//
// Holds: call-again
func TestCallAgainStaysAnonymous(t *testing.T) {
	hidden := CallOptions{Anonymous: true, Headers: []string{"X-Team: blue"}}
	for _, v := range []struct {
		name  string
		calls func(p *testPhone) // after the first, anonymous call, of which s.Ended tells
		want  bool               // the last call is anonymous
	}{
		{"at once", func(p *testPhone) { p.redialEnded() }, true},
		{"when the card has gone", func(p *testPhone) {
			e := p.State().Ended
			p.DismissEnded()
			p.until("gone", func(s State) bool { return s.Ended == nil })
			p.Redial(e.AccountID, e.URI, "")
		}, true},
		{"twice", func(p *testPhone) {
			p.turnedAway(p.redialEnded)
			p.redialEnded()
		}, true},
		{"after a call to somebody else", func(p *testPhone) {
			e := p.State().Ended
			p.turnedAway(func() { p.Dial("", "carol") })
			p.Redial(e.AccountID, e.URI, "")
		}, true},
		{"after a call that named us", func(p *testPhone) {
			p.turnedAway(func() { p.Dial("", "bob") })
			p.redialEnded()
		}, false},
		{"typed anew", func(p *testPhone) { p.Dial("", "bob") }, false},
		{"after many calls", func(p *testPhone) {
			e := p.State().Ended
			for range farCallsKept + 5 {
				p.turnedAway(func() { p.Dial("", "carol") })
			}
			p.Redial(e.AccountID, e.URI, "")
		}, true},
	} {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				wire := newTrace()
				alice := w.phone("alice", func(o *Options) { o.Trace = wire })
				w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("INVITE"), Status: 486, Times: -1})
				alice.DialWith("", "bob", hidden)
				alice.end()
				v.calls(alice)
				time.Sleep(time.Second)
				alice.loop.Do(func() {
					sent := invitesOf(wire)
					last := sent[len(sent)-1]
					anonymous := strings.Contains(last, "From: \"Anonymous\" <sip:anonymous@") && strings.Contains(last,
						"\r\nX-Team: blue\r\n")
					if anonymous != v.want || !strings.HasPrefix(last, "INVITE sip:bob@") {
						t.Errorf("goes out as\n%s", last)
					}
				})
			})
		})
	}
}

// redialEnded calls the far end of the call that ended again.
func (p *testPhone) redialEnded() {
	e := p.State().Ended
	p.Redial(e.AccountID, e.URI, "")
}

// turnedAway makes a call and waits for its end.
func (p *testPhone) turnedAway(dial func()) {
	p.t.Helper()
	before := p.State().Ended.CallID
	dial()
	p.until("refused", func(s State) bool { return s.Ended != nil && s.Ended.CallID != before && len(s.Calls) == 0 })
}
