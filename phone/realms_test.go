package phone

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"calla/account"
	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
	"calla/phone/cause"
	"calla/phone/safe"
)

// What the registrar's digest was is kept with the account and counts after a restart of the program; for another
// registrar nothing is known.
//
// Holds: credentials
func TestRealmsAreKeptWithTheAccount(t *testing.T) {
	weaker := sandbox.Fault{Match: sandbox.SentStatus("REGISTER", 401), Times: -1, Edit: func(m *sip.Message) {
		m.Headers = slices.DeleteFunc(m.Headers, func(h sip.Header) bool {
			return h.Name == "WWW-Authenticate" && strings.Contains(h.Value, "SHA-256")
		})
	}}
	for _, c := range []struct {
		name   string
		change func(*account.Account) // before the restart
		kept   bool
	}{
		{"as it was", func(*account.Account) {}, true},
		{"another label", func(a *account.Account) { a.Label = "Desk" }, true},
		{"another display name", func(a *account.Account) { a.Config.DisplayName = "Desk" }, true},
		{"its realms taken out by a form", func(a *account.Account) { a.Realms = nil }, true},
		{"the registrar named as it is", func(a *account.Account) {
			a.Config.RegistrarServer = "sip:" +
				a.Config.Domain()
		}, true},
		{"another registrar", func(a *account.Account) {
			a.Config.RegistrarServer = "sip:other.invalid"
			a.Config.Register = config.Off // who is not asked tells no realm of his own
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, _, err := account.Open(t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = store.Close() }()
				w := newWorld(t)
				kept := func(o *Options) { o.Store = store }
				p := w.phone("alice", kept)
				p.until("kept", func(State) bool {
					return len(store.Accounts()) == 1 &&
						len(store.Accounts()[0].Realms) == 1
				})
				want := config.KnownRealm{Name: w.server.Domain(), Algorithm: "SHA-256", QOP: "auth"}
				a := store.Accounts()[0]
				if a.Realms[0] != want {
					t.Errorf("kept %+v", a.Realms)
				}
				c.change(&a)
				p.save(a, account.SecretSession)
				p.Close()
				got := store.Accounts()[0].Realms
				if slices.Equal(got, []config.KnownRealm{want}) != c.kept {
					t.Fatalf("kept %+v", got)
				}
				if !c.kept {
					return
				}
				w.server.Faults().Add(weaker)
				p = w.bare("alice", kept)
				again := store.Accounts()[0]
				again.Config.Password = password
				p.save(again, account.SecretSession)
				p.until("refused", func(s State) bool {
					return len(s.Accounts) > 0 && first(s).Problem != nil &&
						first(s).Problem.Action == cause.ActionAcceptLogin
				})
			})
		})
	}
}

// Who is called asks for the password in a name that is not the server's: it is not sent, the user is told by name, and
// can allow the name.
//
// Holds: credentials
func TestForeignRealmIsToldByNameAndCanBeAllowed(t *testing.T) {
	for _, realm := range []string{"evil", "the gateway", "Bürö", "a@b", "\u202egnp"} {
		t.Run(realm, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.phone("bob")
				p := w.phone("alice")
				asked := 0
				shown := func(e sandbox.Event) bool {
					return sandbox.Received("INVITE")(e) && e.Message.ToTag() == "" &&
						!strings.Contains(e.Message.Get("Proxy-Authorization"), realm)
				}
				w.server.Faults().Add(sandbox.Fault{
					Match: func(e sandbox.Event) bool {
						if shown(e) {
							asked++
							return true
						}
						return false
					}, Times: -1, Status: 407,
					Headers: []sip.Header{{
						Name:  "Proxy-Authenticate",
						Value: `Digest realm="` + realm + `", nonce="n", qop="auth", algorithm=SHA-256`,
					}},
				})
				p.Dial("alice", "bob")
				s := p.until("told", func(s State) bool { return s.Ended != nil && len(s.Notices) == 1 })
				n := s.Notices[0]
				if n.Realm != realm || n.AccountID != "alice" || n.Cause.Action != cause.ActionAllowRealm ||
					!strings.Contains(tell(n.Cause).Title, safe.Line(realm, shownText)) {
					t.Errorf("%+v", n)
				}
				if asked != 1 || strings.Contains(said(s.Ended.Cause), "did not accept your password") {
					t.Errorf("asked %d times; %q", asked, said(s.Ended.Cause))
				}
				p.AllowRealm("alice", realm)
				p.until("no notice", func(s State) bool { return len(s.Notices) == 0 })
				p.Dial("alice", "bob")
				p.until("ringing", func(s State) bool { return len(s.Calls) == 1 && s.Calls[0].Phase == PhaseRinging })
			})
		})
	}
}

func TestRefusedChallengesOfMessagesAndCallsAreToldTruly(t *testing.T) {
	for _, c := range []struct {
		err         error
		words, call string
	}{
		{&netsip.RealmError{Realm: "evil"}, "Somebody else asked", "Somebody else asked"},
		{netsip.ErrForeignRealm, "Somebody else asked", "Somebody else asked"},
		{netsip.ErrRefusedCredentials, "did not accept your password", "did not accept your password"},
		{netsip.ErrWeakerDigest, "", "in a weaker way"},
		{netsip.ErrLongChallenge, "", "in more words"},
	} {
		err := error(&netsip.StatusError{
			Method: "MESSAGE", StatusCode: 407, Reason: "Proxy Authentication Required",
			Err: c.err,
		})
		if words := said(*messageFailure(err, "bob")); !strings.Contains(words, c.words) {
			t.Errorf("%v: %q", c.err, words)
		}
		e := explainEnd(&netsip.End{By: netsip.Remote, Cause: netsip.CauseAuthentication, StatusCode: 407, Err: err},
			CallState{Address: "bob"})
		if !strings.Contains(said(e.Cause), c.call) || !errors.Is(err, c.err) {
			t.Errorf("%v: %q", c.err, said(e.Cause))
		}
	}
}
