package netsip

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// challenged lets the registrar ask in a realm and be content.
func (b *bench) challenged(w *wire, challenge string) {
	b.Helper()
	w.reply(w.expect("REGISTER"), 401, "WWW-Authenticate: Digest "+challenge)
	w.register(w.expect("REGISTER"), 36000)
	b.until("registered", func() bool { return b.ua.registration.state == Registered })
}

const ownChallenge = `realm="example.com", nonce="1", qop="auth", algorithm=MD5`

// Whoever is called can answer with a challenge: it gets no digest, whatever it names itself, and the user is told
// by name who has asked.
//
// Holds: credentials
func TestCalleeGetsNoDigest(t *testing.T) {
	for _, c := range []struct {
		name      string
		target    string
		challenge string // after the scheme
		named     string // realm that the user could allow; "" = none
	}{
		{"a realm of its own, MD5 without qop", "bob", `realm="evil", nonce="x"`, "evil"},
		{"its own domain's realm", "bob@evil.example", `realm="evil.example", nonce="x", qop="auth"`, "evil.example"},
		{"an empty realm", "bob", `realm="", nonce="x", qop="auth"`, ""},
		{"the registrar's realm in capitals", "bob", `realm="EXAMPLE.COM", nonce="x", qop="auth"`, "EXAMPLE.COM"},
		{"the registrar's realm with a blank", "bob", `realm="example.com ", nonce="x", qop="auth"`, "example.com "},
		{
			"the registrar's realm with a Cyrillic letter", "bob", `realm="exаmple.com", nonce="x", qop="auth"`,
			"exаmple.com",
		},
		{"the registrar's realm with an escape", "bob", `realm="example\.com", nonce="x", qop="auth"`, `example\.com`},
		{
			"a stronger digest in a realm of its own", "bob",
			`realm="evil", nonce="x", qop="auth", algorithm=SHA-512-256`,
			"evil",
		},
		{
			"two realms of its own", "bob", `realm="a", nonce="x", qop="auth", Digest realm="b", nonce="x", qop="auth"`,
			"a",
		},
		{"stale in a realm nobody knows", "bob", `realm="evil", nonce="x", qop="auth", stale=true`, "evil"},
		{"the registrar's realm without qop", "bob", `realm="example.com", nonce="x"`, ""},
	} {
		for _, code := range []int{401, 407} {
			for _, method := range []string{"INVITE", "MESSAGE", "SUBSCRIBE"} {
				t.Run(fmt.Sprint(c.name, " ", code, " ", method), func(t *testing.T) {
					ladder(t, registering(), func(b *bench, w *wire) {
						b.challenged(w, ownChallenge)
						outcome := b.asks(w, method, c.target)
						header := "WWW-Authenticate: Digest "
						if code == 407 {
							header = "Proxy-Authenticate: Digest "
						}
						m := w.expect(method)
						shows(t, "first", m)
						w.reply(m, code, header+c.challenge)
						if method == "INVITE" {
							shows(t, "ACK", w.expect("ACK"))
						}
						err := outcome()
						var realm *RealmError
						if c.named == "" && errors.Is(err, ErrWeakerDigest) {
							return
						}
						if !errors.Is(err, ErrForeignRealm) || errors.As(err, &realm) != (c.named != "") ||
							realm != nil && realm.Realm != c.named {
							t.Errorf("ended with %v", err)
						}
						w.quiet(pingInterval)
					})
				})
			}
		}
	}
}

// asks lets the user agent send a request outside any dialog; outcome waits for what becomes of it.
func (b *bench) asks(w *wire, method, target string) (outcome func() error) {
	b.Helper()
	var err error
	over := false
	switch method {
	case "INVITE":
		s := b.call(target, CallOptions{})
		return func() error {
			b.until("end of the call", func() bool { return s.state == SessionEnded })
			b.do(func() { err = s.End().Err })
			return err
		}
	case "MESSAGE":
		b.do(func() {
			if e := sendText(b.ua, target, "text/plain", []byte("x"),
				func(e error) { err, over = e, true }); e != nil {
				b.Fatal(e)
			}
		})
	default:
		var l *Subscription
		b.do(func() {
			var e error
			if l, e = b.ua.Subscribe(target, SubscribeOptions{Event: "presence"}); e != nil {
				b.Fatal(e)
			}
		})
		return func() error {
			b.until("end of the subscription", func() bool { return l.State() == SubscriptionTerminated })
			return l.Err()
		}
	}
	return func() error {
		b.until("told", func() bool { return over })
		return err
	}
}

// Without a registrar that has asked, nobody may, until the user names the realm.
//
// Holds: credentials
func TestWithoutARegistrarTheUserNamesTheRealm(t *testing.T) {
	off, asks := testConfig(), registering()
	named := testConfig()
	named.Realm = "pbx"
	for _, c := range []struct {
		name     string
		config   config.Config
		known    []config.KnownRealm
		realm    string
		answered bool
	}{
		{"an account that does not register", off, nil, "pbx", false},
		{"the own domain of one that does not", off, nil, "example.com", false},
		{"a registrar that wants no password", asks, nil, "example.com", false},
		{"the parameter realm", named, nil, "pbx", true},
		{"another than the parameter realm", named, nil, "example.com", false},
		{"allowed before the restart", off, allowed("pbx"), "pbx", true},
		{
			"of the registrar before the restart", off,
			[]config.KnownRealm{{Name: "pbx", Algorithm: "MD5", QOP: "auth"}},
			"pbx", true,
		},
		{"another than the one before the restart", off, allowed("other"), "pbx", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			listening(t, c.config, knowing(c.known), func(b *bench, w *wire) {
				if c.config.Register.Enabled() {
					w.register(w.expect("REGISTER"), 36000)
					b.until("registered", func() bool { return b.ua.registration.state == Registered })
				}
				s := b.call("bob", CallOptions{})
				challenge := `Proxy-Authenticate: Digest nonce="1", qop="auth", realm="` + c.realm + `"`
				w.reply(w.expect("INVITE"), 407, challenge)
				w.expect("ACK")
				if !c.answered {
					var realm *RealmError
					if end := b.ended(s, Remote, CauseAuthentication); !errors.As(end.Err, &realm) ||
						realm.Realm != c.realm {
						t.Fatalf("ended with %v", end.Err)
					}
					b.do(func() { b.ua.AllowRealm(c.realm) })
					s = b.call("bob", CallOptions{})
					w.reply(w.expect("INVITE"), 407, challenge)
					w.expect("ACK")
				}
				m := w.expect("INVITE")
				if !m.Has("Proxy-Authorization") {
					t.Errorf("INVITE:\n%s", m)
				}
				w.reply(m, 486)
				w.expect("ACK")
				b.ended(s, Remote, CauseBusy)
			})
		})
	}
}

// What was learnt at our own server goes unasked to our own domain, and to no other.
//
// Holds: credentials
func TestNobodyElseGetsCredentialsUnasked(t *testing.T) {
	for _, c := range []struct {
		name, target string
		own          bool
	}{
		{"a colleague", "carol", true},
		{"a colleague by address", "sip:carol@example.com", true},
		{"a colleague at a port of the domain", "sip:carol@example.com:5070", true},
		{"the registrar's host", "sip:carol@registrar.example.com", true},
		{"another domain", "sip:mallory@evil.example", false},
		{"a subdomain of ours", "sip:mallory@x.example.com", false},
		{"a domain that ends as ours", "sip:mallory@evilexample.com", false},
		{"our domain with something behind it", "sip:mallory@example.com.evil.example", false},
		{"an IP address", "sip:mallory@192.0.2.1", false},
		{"our domain as the user", "sip:example.com@evil.example", false},
	} {
		for _, token := range []bool{false, true} {
			t.Run(fmt.Sprint(c.name, " token ", token), func(t *testing.T) {
				config := registering()
				config.RegistrarServer = "sip:registrar.example.com"
				if token {
					config.Password, config.AuthorizationJWT = "", "Bearer t.o.k"
				}
				ladder(t, config, func(b *bench, w *wire) {
					if token {
						w.register(w.expect("REGISTER"), 36000)
						b.until("registered", func() bool { return b.ua.registration.state == Registered })
					} else {
						b.challenged(w, ownChallenge)
						b.call("bob", CallOptions{})
						w.reply(w.expect("INVITE"), 407, "Proxy-Authenticate: Digest "+ownChallenge)
						w.expect("ACK")
						w.reply(w.expect("INVITE"), 486)
						w.expect("ACK")
					}
					has := func(m *sip.Message) bool { return m.Has("Authorization") || m.Has("Proxy-Authorization") }
					s := b.call(c.target, CallOptions{})
					invite := w.expect("INVITE")
					if has(invite) != c.own {
						t.Errorf("INVITE:\n%s", invite)
					}
					if c.own || token {
						w.reply(invite, 486)
						w.expect("ACK")
						return
					}
					// Our own server asks before it lets it out; inside the call nothing goes unasked either.
					w.reply(invite, 407, "Proxy-Authenticate: Digest "+ownChallenge)
					w.expect("ACK")
					invite = w.expect("INVITE")
					if !has(invite) {
						t.Errorf("INVITE again:\n%s", invite)
					}
					w.agree(invite, answerSDP)
					b.reaches(s, SessionEstablished)
					b.do(s.HangUp)
					bye := w.expect("BYE")
					shows(t, "unasked", bye)
					w.reply(bye, 407, "Proxy-Authenticate: Digest "+ownChallenge)
					if again := w.expect("BYE"); !has(again) {
						t.Errorf("BYE again:\n%s", again)
					}
				})
			})
		}
	}
}

// The registrar's digest is the least that is answered, wherever and whenever, whoever asks.
//
// Holds: credentials
func TestDigestIsNeverWeakerThanTheRegistrarsWas(t *testing.T) {
	for _, c := range []struct {
		name       string
		registrars string // algorithm and qop, before a restart
		asked      string // of a call, and of the next REGISTER
		answered   bool
	}{
		{"the same", "SHA-256 auth", `, algorithm=SHA-256, qop="auth"`, true},
		{"the same for a session", "SHA-256 auth", `, algorithm=SHA-256-sess, qop="auth"`, true},
		{"stronger", "MD5 auth", `, algorithm=SHA-256, qop="auth"`, true},
		{"MD5 after SHA-256", "SHA-256 auth", `, algorithm=MD5, qop="auth"`, false},
		{"no algorithm named after SHA-256", "SHA-256 auth", `, qop="auth"`, false},
		{"SHA-256 after SHA-512-256", "SHA-512-256 auth", `, algorithm=SHA-256, qop="auth"`, false},
		{"no qop after auth", "MD5 auth", ``, false},
		{"a stronger algorithm without qop", "MD5 auth", `, algorithm=SHA-512-256`, false},
		{"a weaker algorithm with qop", "SHA-256 ", `, algorithm=MD5, qop="auth"`, false},
		{"auth after auth-int", "MD5 auth-int", `, algorithm=MD5, qop="auth"`, false},
		{"an empty qop", "MD5 auth", `, algorithm=MD5, qop=""`, false},
		{"what there was before qop", "MD5 ", ``, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			algorithm, qop, _ := strings.Cut(c.registrars, " ")
			known := []config.KnownRealm{
				{Name: "example.com", Algorithm: algorithm, QOP: qop},
				{Name: "gateway", Allowed: true},
			}
			for _, realm := range []string{"example.com", "gateway"} {
				listening(t, testConfig(), knowing(known), func(b *bench, w *wire) {
					s := b.call("bob", CallOptions{})
					w.reply(w.expect("INVITE"), 407, `Proxy-Authenticate: Digest realm="`+realm+`", nonce="1"`+c.asked)
					w.expect("ACK")
					if c.answered {
						w.reply(w.expect("INVITE"), 486)
						w.expect("ACK")
						return
					}
					if end := b.ended(s, Remote, CauseAuthentication); !errors.Is(end.Err, ErrWeakerDigest) {
						t.Errorf("%s: ended with %v", realm, end.Err)
					}
					w.quiet(pingInterval)
				})
			}
			for _, realm := range []string{"example.com", "renamed"} { // also when the registrar has a new name
				listening(t, registering(), knowing(known), func(b *bench, w *wire) {
					w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="`+realm+`", nonce="1"`+c.asked)
					if c.answered {
						w.register(w.expect("REGISTER"), 600)
						return
					}
					b.until("refused", func() bool { return b.ua.registration.state == RegistrationFailed })
					if err := b.state().Err; !errors.Is(err, ErrWeakerDigest) {
						t.Errorf("%s: error %v", realm, err)
					}
					w.quiet(pingInterval)
				})
			}
		})
	}
}

// What the registrar's digest was is told, to be kept; after a restart it counts, and the user can lower it.
//
// Holds: credentials
func TestRealmsAreToldToBeKept(t *testing.T) {
	for _, c := range []struct {
		name      string
		challenge string
		want      config.KnownRealm
	}{
		{
			"SHA-256 with qop", `realm="r", nonce="1", qop="auth", algorithm=SHA-256`,
			config.KnownRealm{Name: "r", Algorithm: "SHA-256", QOP: "auth"},
		},
		{"MD5 by silence", `realm="r", nonce="1"`, config.KnownRealm{Name: "r", Algorithm: "MD5"}},
		{
			"the session form", `realm="r", nonce="1", qop="auth-int", algorithm=MD5-sess`,
			config.KnownRealm{Name: "r", Algorithm: "MD5-sess", QOP: "auth-int"},
		},
		{
			"a name with blanks", `realm="the PBX", nonce="1", qop="auth"`,
			config.KnownRealm{Name: "the PBX", Algorithm: "MD5", QOP: "auth"},
		},
		{
			"a name in UTF-8", `realm="Bürö", nonce="1", qop="auth"`,
			config.KnownRealm{Name: "Bürö", Algorithm: "MD5", QOP: "auth"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var kept []config.KnownRealm
			keep := func(_ *bench, o *Options) {
				o.Realms, o.OnRealms = kept, func(list []config.KnownRealm) { kept = list }
			}
			listening(t, registering(), keep, func(b *bench, w *wire) {
				b.challenged(w, c.challenge)
				b.do(func() {})
				if !slices.Equal(kept, []config.KnownRealm{c.want}) {
					t.Errorf("kept %+v", kept)
				}
				b.do(func() { b.ua.SetCredentials("another") }) // the password is not the registrar
				b.do(func() {})
				if !slices.Equal(kept, []config.KnownRealm{c.want}) {
					t.Errorf("with another password %+v", kept)
				}
			})
			listening(t, registering(), keep, func(b *bench, _ *wire) {
				b.do(b.ua.AcceptWeakerDigest)
				b.do(func() {})
				if len(kept) != 1 || kept[0] != (config.KnownRealm{Name: c.want.Name}) {
					t.Errorf("after the user's word %+v", kept)
				}
			})
		})
	}
}

// A registrar that asks in another name each time refuses us each time.
//
// Holds: credentials
func TestRegisterStopsAtTwoRefusals(t *testing.T) {
	for _, c := range []struct {
		name       string
		challenges []string // header and realm, one refusal after the other
		sent       int      // REGISTERs
	}{
		{"one realm", []string{"WWW a", "WWW a", "WWW a"}, 2},
		{"a new realm each time", []string{"WWW a", "WWW b", "WWW c", "WWW d"}, 2},
		{"a new realm by capitals", []string{"WWW example.com", "WWW Example.com", "WWW EXAMPLE.com"}, 2},
		{"a new realm of a proxy each time", []string{"Proxy a", "Proxy b", "Proxy c"}, 2},
		{"proxy and registrar, and then others", []string{"Proxy a", "WWW b", "WWW c", "Proxy d"}, 3},
		{"registrar and proxy in turn", []string{"WWW a", "Proxy b", "WWW c", "Proxy d", "WWW e"}, 3},
		{"an empty one after a named one", []string{"WWW a", "WWW ", "WWW b"}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, registering(), func(b *bench, w *wire) {
				for i := range c.sent {
					kind, realm, _ := strings.Cut(c.challenges[i], " ")
					code := 401
					if kind == "Proxy" {
						code = 407
					}
					w.reply(w.expect("REGISTER"), code,
						kind+`-Authenticate: Digest realm="`+realm+`", nonce="`+itoa(i)+`", qop="auth"`)
				}
				b.until("stopped", func() bool { return b.ua.registration.state == RegistrationFailed })
				if s := b.state(); !errors.Is(s.Err, ErrRefusedCredentials) || !s.RetryAt.IsZero() {
					t.Errorf("state %v, again %v", s.Err, s.RetryAt)
				}
				w.quiet(pingInterval * 200)
			})
		})
	}
}

// Of an account two realms are kept; the registrar's last one and the one the user allowed last are among them.
//
// Holds: credentials
func TestAtMostTwoRealmsAreKept(t *testing.T) {
	registrar := func(name string) config.KnownRealm {
		return config.KnownRealm{Name: name, Algorithm: "MD5", QOP: "auth"}
	}
	for _, c := range []struct {
		name string
		had  []config.KnownRealm
		next config.KnownRealm
		want string
	}{
		{"a registrar's first", nil, registrar("a"), "a"},
		{"the same again", []config.KnownRealm{registrar("a")}, registrar("a"), "a"},
		{"a registrar's second", []config.KnownRealm{registrar("a")}, registrar("b"), "a b"},
		{"a registrar's third", []config.KnownRealm{registrar("a"), registrar("b")}, registrar("c"), "b c"},
		{
			"an allowed one beside two of the registrar",
			[]config.KnownRealm{registrar("a"), registrar("b")},
			allowed("x")[0], "b x",
		},
		{
			"a registrar's new one beside an allowed one",
			[]config.KnownRealm{registrar("a"), allowed("x")[0]},
			registrar("b"), "x b",
		},
		{"another allowed one", []config.KnownRealm{registrar("a"), allowed("x")[0]}, allowed("y")[0], "a y"},
		{"an allowed one that is the registrar's", []config.KnownRealm{registrar("a")}, allowed("a")[0], "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			listening(t, testConfig(), knowing(c.had), func(b *bench, _ *wire) {
				b.do(func() {
					b.ua.credentials.know(c.next)
					var names []string
					for _, r := range b.ua.credentials.known {
						names = append(names, r.Name)
					}
					if got := strings.Join(names, " "); got != c.want {
						t.Errorf("kept %s, want %s", got, c.want)
					}
					if c.name == "an allowed one that is the registrar's" && b.ua.credentials.known[0].Allowed {
						t.Error("the registrar's digest is no measure any more")
					}
				})
			})
		})
	}
}
