package netsip

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// shows fails when a request carries credentials of any kind.
func shows(t *testing.T, what string, m *sip.Message) {
	t.Helper()
	if m.Has("Authorization") || m.Has("Proxy-Authorization") {
		t.Errorf("%s: %s shows credentials", what, m.Method)
	}
}

// The far end of a call challenges what we send inside it, by any realm and either header: nothing is answered
// (CVE-2021-41158; reliability of Linphone, MicroSIP and FreeSWITCH was broken so).
func TestDigestLeakNoChallengeInsideACallIsAnswered(t *testing.T) {
	realms := []string{
		"evil", "example.com", "", "EXAMPLE.com", "example.com ", " example.com",
		"exаmple.com" /* Cyrillic a */, `ex\"ample`,
	}
	for _, realm := range realms {
		for _, code := range []int{401, 407} {
			for _, method := range []string{"INVITE", "UPDATE", "INFO", "BYE"} {
				what := fmt.Sprintf("%d realm %q", code, realm)
				name := "WWW-Authenticate"
				if code == 407 {
					name = "Proxy-Authenticate"
				}
				challenge := name + `: Digest realm="` + realm + `", nonce="evil", qop="auth"`
				ladder(t, registering(), func(b *bench, w *wire) {
					w.reply(w.expect("REGISTER"), 401,
						`WWW-Authenticate: Digest realm="example.com", nonce="1", qop="auth"`)
					w.register(w.expect("REGISTER"), 36000)
					b.until("registered", func() bool { return b.ua.registration.state == Registered })
					allow := "Allow: INVITE"
					if method == "UPDATE" {
						allow = "Allow: INVITE, UPDATE"
					}
					s, _ := b.answered(w, allow)
					switch method {
					case "BYE":
						b.do(s.HangUp)
					case "INFO":
						b.do(func() { s.SendInfo("application/dtmf-relay", []byte("Signal=1")) })
					default:
						b.do(s.refresh)
					}
					m := w.expect(method)
					shows(t, what, m)
					w.reply(m, code, challenge)
					if method == "INVITE" {
						shows(t, what, w.expect("ACK"))
					}
					for range 4 { // whatever is tried again must be as bare
						select {
						case again := <-w.in:
							if again.IsRequest() {
								shows(t, what, again)
							}
						default:
						}
					}
					b.do(func() {
						for _, tx := range b.ua.transactions.client {
							shows(t, what, tx.req)
						}
					})
				})
			}
		}
	}
}

// Inside a call only the proxy that challenged its INVITE is answered, and only by its own header.
func TestChallengeInsideACallOnlyOfTheProxyOfItsInvite(t *testing.T) {
	for challenge, answered := range map[string]bool{
		`Proxy-Authenticate: Digest realm="p", nonce="2", qop="auth", stale=true`: true,
		`WWW-Authenticate: Digest realm="p", nonce="2", qop="auth"`:               false,
		`Proxy-Authenticate: Digest realm="q", nonce="2", qop="auth"`:             false,
	} {
		listening(t, testConfig(), knowing(allowed("p", "q")), func(b *bench, w *wire) {
			s := b.call("bob", CallOptions{})
			w.reply(w.expect("INVITE"), 407, `Proxy-Authenticate: Digest realm="p", nonce="1", qop="auth"`)
			w.expect("ACK")
			w.agree(w.expect("INVITE"), answerSDP)
			b.reaches(s, SessionEstablished)
			b.do(s.HangUp)
			bye := w.expect("BYE")
			code := 407
			if strings.HasPrefix(challenge, "WWW") {
				code = 401
			}
			w.reply(bye, code, challenge)
			if !answered {
				w.quiet(pingInterval)
				return
			}
			if p := parts(t, w.expect("BYE"), "Proxy-Authorization"); p["nonce"] != "2" {
				t.Errorf("credentials %v", p)
			}
		})
	}
}

// What the first request of a dialog carries unasked, because one before it was asked, its later ones carry as well,
// and the same proxy may ask them again.
func TestCredentialsThatWentUnaskedAreTheDialogsToo(t *testing.T) {
	const challenge = `Proxy-Authenticate: Digest realm="example.com", nonce="1", qop="auth"`
	const later = `Proxy-Authenticate: Digest realm="example.com", nonce="2", qop="auth", stale=true`
	known := func(b *bench, w *wire) { // the proxy has asked before
		b.do(func() {
			if err := sendText(b.ua, "bob", "text/plain", []byte("hello"), nil); err != nil {
				t.Error(err)
			}
		})
		w.reply(w.expect("MESSAGE"), 407, challenge)
		w.reply(w.expect("MESSAGE"), 200)
	}
	carries := func(m *sip.Message) {
		t.Helper()
		if !m.Has("Proxy-Authorization") {
			t.Errorf("without credentials:\n%s", m)
		}
	}
	options := knowing(allowed("example.com"))
	for name, next := range map[string]func(*bench, *wire){
		"hang-up": func(b *bench, w *wire) {
			s, invite := b.calling(w)
			carries(invite)
			w.agree(invite, answerSDP)
			b.reaches(s, SessionEstablished)
			b.do(s.HangUp)
			bye := w.expect("BYE")
			carries(bye)
			w.reply(bye, 407, later)
			carries(w.expect("BYE"))
		},
		"re-INVITE": func(b *bench, w *wire) {
			s := b.call("bob", CallOptions{})
			w.agree(w.expect("INVITE"), answerSDP)
			b.reaches(s, SessionEstablished)
			b.do(func() { s.SetHold(true) })
			again := w.expect("INVITE")
			carries(again)
			w.reply(again, 407, later)
			w.expect("ACK")
			carries(w.expect("INVITE"))
		},
		"early dialog": func(b *bench, w *wire) {
			s := b.call("bob", CallOptions{})
			w.reply(w.expect("INVITE"), 183, farContact, "Require: 100rel", "RSeq: 1")
			carries(w.expect("PRACK"))
			b.do(s.HangUp)
		},
		"subscription": func(b *bench, w *wire) {
			b.do(func() {
				if _, err := b.ua.Subscribe("bob",
					SubscribeOptions{Event: "presence", Expires: time.Minute}); err != nil {
					t.Error(err)
				}
			})
			first := w.expect("SUBSCRIBE")
			carries(first)
			w.reply(first, 200, farContact, "Expires: 60")
			again := w.expect("SUBSCRIBE")
			carries(again)
			w.reply(again, 407, later)
			carries(w.expect("SUBSCRIBE"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			listening(t, testConfig(), options, func(b *bench, w *wire) {
				known(b, w)
				next(b, w)
			})
		})
	}
}

// A proxy asks before the far end rings: a challenge after that is the far end's.
func TestChallengeAfterRingingIsNotAnswered(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		w.reply(invite, 180, farContact)
		w.reply(invite, 407, `Proxy-Authenticate: Digest realm="example.com", nonce="evil", qop="auth"`)
		w.expect("ACK")
		if end := b.ended(s, Remote, CauseAuthentication); !errors.Is(end.Err, ErrForeignRealm) {
			t.Errorf("ended with %v", end.Err)
		}
		w.quiet(pingInterval)
	})
}

// All algorithms, both orders, with and without qop: the strongest is answered; a later weaker one is not, until
// the user agrees (RFC 8760 section 2.4; downgrade by a man in the middle).
func TestDigestDowngradeMatrix(t *testing.T) {
	algorithms := []string{"MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"}
	able := (&credentials{password: "x"}).able
	strengthOf := func(algorithm string) int { return able("", algorithm) }
	for _, first := range algorithms {
		for _, second := range algorithms {
			for _, qop := range []string{`, qop="auth"`, `, qop="auth-int"`, ""} {
				ladder(t, registering(), func(b *bench, w *wire) {
					w.reply(w.expect("REGISTER"), 401,
						`WWW-Authenticate: Basic realm="example.com"`,
						`WWW-Authenticate: Digest realm="example.com", nonce="0", algorithm=SHA-3, qop="auth"`,
						`WWW-Authenticate: Digest realm="example.com", nonce="1", algorithm=`+first+qop,
						`WWW-Authenticate: Digest realm="example.com", nonce="1", algorithm=`+second+qop)
					m := w.expect("REGISTER")
					best := first
					if strengthOf(second) > strengthOf(first) {
						best = second
					}
					if p := parts(t, m, "Authorization"); p["algorithm"] != best {
						t.Errorf("%s, %s%s: answered with %s", first, second, qop, p["algorithm"])
					}
					w.register(m, 36000)
					b.until("registered", func() bool { return b.ua.registration.pending == nil })
					b.do(b.ua.Register)
					w.reply(w.expect("REGISTER"), 401,
						`WWW-Authenticate: Digest realm="example.com", nonce="9", stale=true, algorithm=MD5`)
					if strengthOf(best) > 1 || qop != "" {
						b.until("refused", func() bool { return b.ua.registration.state == RegistrationFailed })
						if err := b.state().Err; !errors.Is(err, ErrWeakerDigest) {
							t.Errorf("error %v", err)
						}
						w.quiet(pingInterval)
						b.do(b.ua.AcceptWeakerDigest)
						w.reply(w.expect("REGISTER"), 401,
							`WWW-Authenticate: Digest realm="example.com", nonce="10", algorithm=MD5`)
					}
					m = w.expect("REGISTER")
					if p := parts(t, m, "Authorization"); p["algorithm"] != "MD5" {
						t.Errorf("credentials %v", p)
					}
					w.register(m, 36000)
					b.until("registered", func() bool {
						return b.ua.registration.state == Registered &&
							b.ua.registration.pending == nil
					})
				})
			}
		}
	}
}

// ha1 answers for its realm and its algorithm alone.
func TestHA1StandsInForThePassword(t *testing.T) {
	const md5HA1 = "7b33ddc76839924578513358674924f8" // testuser:testrealm@host.com:testpassword
	sha := digest{algorithm: "SHA-256", user: "testuser", realm: "testrealm@host.com", password: "testpassword"}
	for _, c := range []struct {
		ha1, realm, algorithms string
		want                   string // algorithm that is answered
		err                    error
	}{
		{md5HA1, "testrealm@host.com", "MD5", "MD5", nil},
		{strings.ToUpper(md5HA1), "testrealm@host.com", "SHA-256 MD5", "MD5", nil},
		{md5HA1, "testrealm@host.com", "MD5-sess", "MD5-sess", nil},
		{md5HA1, "testrealm@host.com", "SHA-256", "", ErrUnsupportedChallenge},
		{md5HA1, "another", "MD5", "", ErrForeignRealm},
		{sha.secretHash(), "testrealm@host.com", "MD5 SHA-256", "SHA-256", nil},
		{sha.secretHash(), "testrealm@host.com", "SHA-512-256", "", ErrUnsupportedChallenge},
	} {
		cfg := registering()
		cfg.Password, cfg.AuthorizationUser = "", "testuser"
		cfg.HA1, cfg.Realm = config.Secret(c.ha1), "testrealm@host.com"
		ladder(t, cfg, func(b *bench, w *wire) {
			var lines []string
			for _, algorithm := range strings.Fields(c.algorithms) {
				lines = append(lines,
					`WWW-Authenticate: Digest realm="`+c.realm+`", nonce="n", qop="auth", algorithm=`+algorithm)
			}
			w.reply(w.expect("REGISTER"), 401, lines...)
			if c.err != nil {
				b.until("refused", func() bool { return b.ua.registration.state == RegistrationFailed })
				if err := b.state().Err; !errors.Is(err, c.err) {
					t.Errorf("%s at %s: %v, want %v", c.algorithms, c.realm, err, c.err)
				}
				w.quiet(pingInterval)
				return
			}
			m := w.expect("REGISTER")
			p := parts(t, m, "Authorization")
			want := digest{
				algorithm: c.want, user: "testuser", realm: c.realm, password: "testpassword", nonce: "n",
				cnonce: p["cnonce"], count: 1, qop: "auth", method: "REGISTER", uri: "sip:example.com",
			}
			if p["algorithm"] != c.want || p["response"] != want.response() {
				t.Errorf("%s: credentials %v", c.algorithms, p)
			}
			w.register(m, 600)
		})
	}
}

// secretHash is what a digest's owner writes into ha1.
func (d digest) secretHash() string {
	newHash, _, _ := digestAlgorithm(d.algorithm)
	sum := newHash()
	fmt.Fprintf(sum, "%s:%s:%s", d.user, d.realm, d.password.Reveal())
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// authorization_jwt is the value of Authorization in what we send, unasked, as JsSIP has it; who calls us does not see
// it.
func TestTokenIsSentUnaskedButNotToWhoCallsUs(t *testing.T) {
	const token = "Bearer abc.def.ghi"
	config := registering()
	config.Password, config.AuthorizationJWT = "", token
	ladder(t, config, func(b *bench, w *wire) {
		m := w.expect("REGISTER")
		if m.Get("Authorization") != token {
			t.Errorf("REGISTER has %q", m.Get("Authorization"))
		}
		w.register(m, 36000)
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
		s, invite, _ := b.established(w)
		if invite.Get("Authorization") != token {
			t.Errorf("INVITE has %q", invite.Get("Authorization"))
		}
		b.do(s.HangUp)
		bye := w.expect("BYE")
		if bye.Get("Authorization") != token {
			t.Errorf("BYE has %q", bye.Get("Authorization"))
		}
		w.reply(bye, 200)
		s, _ = b.answered(w)
		b.do(s.HangUp)
		bye = w.expect("BYE")
		shows(t, "call that came in", bye)
		w.reply(bye, 200)
		b.do(func() {
			for _, e := range b.traced() {
				if strings.Contains(fmt.Sprintf("%+v", e), "abc.def") {
					t.Error("the trace shows the token")
				}
			}
		})
	})
	ladder(t, config, func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="1"`)
		b.until("refused", func() bool { return b.ua.registration.state == RegistrationFailed })
		if err := b.state().Err; !errors.Is(err, ErrRefusedCredentials) {
			t.Errorf("error %v", err)
		}
		w.quiet(pingInterval)
	})
}

// With a password too, a server that does not want the token gets the digest.
func TestTokenGivesWayToADigestThatIsAskedFor(t *testing.T) {
	config := registering()
	config.AuthorizationJWT = "Bearer x"
	ladder(t, config, func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="1", qop="auth"`)
		m := w.expect("REGISTER")
		if lines := m.Lines("Authorization"); len(lines) != 1 || !strings.HasPrefix(lines[0], "Digest ") {
			t.Errorf("Authorization %v", lines)
		}
		w.register(m, 600)
	})
}
