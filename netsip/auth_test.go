package netsip

import (
	"errors"
	"strings"
	"testing"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// Vectors of RFC 2617, RFC 7616 and JsSIP's own tests; the others were computed independently.
func TestDigestVectors(t *testing.T) {
	base := digest{
		user: "testuser", realm: "testrealm@host.com", password: "testpassword", method: "REGISTER",
		uri: "sip:testrealm@host.com", nonce: "5a071f75353f667787615249c62dcc7b15a4828f",
	}
	with := func(change func(*digest)) digest {
		d := base
		d.qop, d.cnonce, d.count = "auth", "0a4f113b", 1
		change(&d)
		return d
	}
	rfc7616 := digest{
		user: "Mufasa", realm: "http-auth@example.org", password: "Circle of Life", method: "GET",
		uri:   "/dir/index.html",
		nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
		count: 1, qop: "auth", algorithm: "MD5",
	}
	rfc7616sha := rfc7616
	rfc7616sha.algorithm = "SHA-256"
	for _, c := range []struct {
		name string
		d    digest
		want string
	}{
		{"RFC 2617 3.5", digest{
			user: "Mufasa", realm: "testrealm@host.com", password: "Circle Of Life", method: "GET",
			uri:   "/dir/index.html",
			nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", cnonce: "0a4f113b", count: 1, qop: "auth",
		}, "6629fae49393a05397450978507c4ef1"},
		{"no qop", base, "f99e05f591f147facbc94ff23b4b1dee"},
		{"auth", with(func(*digest) {}), "a69b9c2ea0dea1437a21df6ddc9b05e4"},
		{"auth-int, no body", with(func(d *digest) { d.qop = "auth-int" }), "82b3cab8b1c4df404434db6a0581650c"},
		{
			"auth-int", with(func(d *digest) { d.qop, d.body = "auth-int", []byte("TEST BODY") }),
			"7bf0e9de3fbb5da121974509d617f532",
		},
		{"auth-int, CRLF", with(func(d *digest) {
			d.qop, d.body = "auth-int", []byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n")
		}), "d91f0800aa1e5d48b0e8d51ab2db28a3"},
		{"second use", with(func(d *digest) { d.count = 2 }), "2ea2175a361552010bf06b9cebe731d2"},
		{"MD5-sess", with(func(d *digest) { d.algorithm = "MD5-sess" }), "1cd65901de038bb46c003cd0f152c275"},
		{
			"SHA-256", with(func(d *digest) { d.algorithm = "SHA-256" }),
			"dccff9158e4ae98e393289e185045a6ed99b4aaee610cbe0ed73ad64b1ce86fb",
		},
		{
			"SHA-256, no qop", func() digest { d := base; d.algorithm = "SHA-256"; return d }(),
			"9c450e6905b06ba00a2050e13a273d7559e72344e5a77d9f482b7c2c6d02d087",
		},
		{
			"SHA-256-sess", with(func(d *digest) { d.algorithm = "SHA-256-sess" }),
			"69ab2b84fd74d13e7651ba2de802490ca3f9c1d940df150dfb0e57e7a3fc787f",
		},
		{
			"SHA-512-256", with(func(d *digest) { d.algorithm = "SHA-512-256" }),
			"ce23363cb710274161d36db8d6f4dd37c17b6af43b8b61c94411e71e1538f8c4",
		},
		{"UTF-8 password", with(func(d *digest) { d.password = "1234ññññ" }), "54ad5b0948ef0ae8d72488b82031947c"},
		{"RFC 7616 3.9.1 MD5", rfc7616, "8ca523f5e9506fed4657c9700eebdbec"},
		{"RFC 7616 3.9.1 SHA-256", rfc7616sha, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
	} {
		if got := c.d.response(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// challengeOf makes the response to a request that has one challenge for each line.
func challengeOf(lines ...string) *sip.Message {
	m := &sip.Message{StatusCode: 401}
	for _, line := range lines {
		m.Add("WWW-Authenticate", line)
	}
	return m
}

func TestChallengeStrongestIsChosen(t *testing.T) {
	able := (&credentials{password: "x"}).able
	for _, c := range []struct {
		lines []string
		want  string // algorithm and qop; "" = none can be answered
	}{
		{[]string{`Digest realm="r", nonce="n"`}, " "},
		{[]string{
			`Digest realm="r", nonce="n", algorithm=MD5, qop="auth"`,
			`Digest realm="r", nonce="m", algorithm=SHA-256, qop="auth"`,
		}, "SHA-256 auth"},
		{[]string{
			`Digest realm="r", nonce="m", algorithm=SHA-512-256, qop="auth-int, auth"`,
			`Digest realm="r", nonce="n"`,
		}, "SHA-512-256 auth"},
		{[]string{`Digest realm="r", nonce="n", algorithm="SHA-256", qop=auth-int`}, "SHA-256 auth-int"},
		{[]string{
			`Digest realm="r",nonce="n",algorithm=SHA-1`,
			`Digest realm="r",nonce="n",algorithm=md5-SESS,qop=auth`,
		}, "md5-SESS auth"},
		{[]string{`Digest realm="r", nonce="n", qop="token"`}, ""},
		{[]string{`Basic realm="r"`}, ""},
		{[]string{`Digest nonce="n"`}, ""},
		{[]string{`Digest realm="r"`}, ""},
		{[]string{`garbage"`}, ""},
	} {
		got := ""
		if list := challengesOf(challengeOf(c.lines...), able, grade{}); len(list) > 0 && list[0].grade.algorithm > 0 {
			got = list[0].algorithm + " " + list[0].qop
		}
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.lines, got, c.want)
		}
	}
}

// parts reads credentials as their parameters.
func parts(t *testing.T, m *sip.Message, name string) map[string]string {
	t.Helper()
	list, err := sip.ParseChallenges(m.Get(name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	values := map[string]string{}
	for _, p := range list[0].Params {
		values[p.Name] = strings.Trim(p.Value, `"`)
	}
	return values
}

func registering() config.Config {
	c := testConfig()
	c.Register = config.On
	return c
}

func TestDigestCountsNonceAndStartsAgainWithANewOne(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		first := w.expect("REGISTER")
		if first.Has("Authorization") {
			t.Error("credentials before a challenge")
		}
		w.reply(first, 401,
			`WWW-Authenticate: Digest realm="example.com", nonce="one", opaque="op", qop="auth", algorithm=MD5`)
		m := w.expect("REGISTER")
		p := parts(t, m, "Authorization")
		if p["nc"] != "00000001" || p["nonce"] != "one" || p["opaque"] != "op" || p["username"] != "alice" ||
			p["uri"] != "sip:example.com" {
			t.Errorf("credentials %v", p)
		}
		d := digest{
			user: "alice", realm: "example.com", password: "secret", nonce: "one", cnonce: p["cnonce"], count: 1,
			qop:    "auth",
			method: "REGISTER", uri: "sip:example.com",
		}
		if p["response"] != d.response() {
			t.Error("wrong response")
		}
		w.register(m, 600)
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
		b.do(b.ua.Register)
		again := w.expect("REGISTER")
		if p := parts(t, again, "Authorization"); p["nc"] != "00000002" || p["nonce"] != "one" {
			t.Errorf("second request has %v", p)
		}
		w.reply(again, 401, `WWW-Authenticate: Digest realm="example.com", nonce="two", qop="auth", stale=true`)
		fresh := w.expect("REGISTER")
		if p := parts(t, fresh, "Authorization"); p["nc"] != "00000001" || p["nonce"] != "two" {
			t.Errorf("new nonce has %v", p)
		}
		ok := sip.NewResponse(fresh, 200, "")
		ok.Add("Contact", fresh.Get("Contact"))
		ok.Add("Authentication-Info", `nextnonce="three", qop=auth`)
		w.send(ok)
		b.until("registered", func() bool { return b.ua.registration.pending == nil })
		b.do(b.ua.Register)
		next := w.expect("REGISTER")
		if p := parts(t, next, "Authorization"); p["nc"] != "00000001" || p["nonce"] != "three" {
			t.Errorf("after nextnonce %v", p)
		}
		w.register(next, 600)
	})
}

func TestWrongPasswordIsTriedOnce(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="1", qop="auth"`)
		w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="2", qop="auth"`)
		b.until("stopped", func() bool { return b.ua.registration.state == RegistrationFailed })
		s := b.state()
		if !errors.Is(s.Err, ErrRefusedCredentials) || !s.RetryAt.IsZero() {
			t.Errorf("state %+v", s)
		}
		w.quiet(pingInterval * 200)
		b.do(func() { b.ua.SetCredentials("right") })
		w.register(w.expect("REGISTER"), 600)
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
	})
}

func TestStaleNonceIsRetriedOnceMore(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="1", qop="auth"`)
		w.reply(w.expect("REGISTER"), 401,
			`WWW-Authenticate: Digest realm="example.com", nonce="2", qop="auth", stale="TRUE"`)
		w.reply(w.expect("REGISTER"), 401,
			`WWW-Authenticate: Digest realm="example.com", nonce="3", qop="auth", stale=true`)
		b.until("stopped", func() bool { return b.ua.registration.state == RegistrationFailed })
		w.quiet(pingInterval)
	})
}

func TestNoPasswordNoCredentials(t *testing.T) {
	c := registering()
	c.Password = ""
	ladder(t, c, func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="1", qop="auth"`)
		b.until("stopped", func() bool { return b.ua.registration.state == RegistrationFailed })
		if s := b.state(); !errors.Is(s.Err, ErrNoPassword) {
			t.Errorf("state %+v", s)
		}
		w.quiet(pingInterval)
	})
}

func TestWeakerDigestIsRefusedLater(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 401,
			`WWW-Authenticate: Digest realm="example.com", nonce="1", qop="auth", algorithm=SHA-256`)
		w.register(w.expect("REGISTER"), 600)
		b.until("registered", func() bool { return b.ua.registration.pending == nil })
		b.do(b.ua.Register)
		w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="2", qop="auth"`)
		b.until("stopped", func() bool { return b.ua.registration.state == RegistrationFailed })
		if s := b.state(); !errors.Is(s.Err, ErrWeakerDigest) {
			t.Errorf("state %+v", s)
		}
	})
}

func TestInviteIsAuthenticatedAndItsACKToo(t *testing.T) {
	listening(t, testConfig(), knowing(allowed("p", "q")), func(b *bench, w *wire) {
		s, first := b.calling(w)
		w.reply(first, 407, `Proxy-Authenticate: Digest realm="p", nonce="1", qop="auth"`,
			`Proxy-Authenticate: Digest realm="q", nonce="2", qop="auth"`)
		ack := w.expect("ACK")
		if ack.Get("CSeq") != strings.Replace(first.Get("CSeq"), "INVITE", "ACK", 1) ||
			ack.Get("Via") != first.Get("Via") {
			t.Errorf("ACK of the refusal:\n%s", ack)
		}
		second := w.expect("INVITE")
		if second.CallID() != first.CallID() || second.FromTag() != first.FromTag() {
			t.Error("not the same call")
		}
		was, _ := first.CSeq()
		is, _ := second.CSeq()
		if is.Seq != was.Seq+1 || second.Get("Via") == first.Get("Via") {
			t.Errorf("CSeq %v after %v", is, was)
		}
		if n := len(second.Lines("Proxy-Authorization")); n != 2 {
			t.Errorf("%d credentials for two realms", n)
		}
		w.reply(second, 200, farContact, answerSDP)
		ack = w.expect("ACK")
		if got := strings.Join(ack.Lines("Proxy-Authorization"),
			"|"); got != strings.Join(second.Lines("Proxy-Authorization"), "|") {
			t.Error("ACK has other credentials than the INVITE")
		}
		b.reaches(s, SessionEstablished)
		b.do(s.HangUp)
		bye := w.expect("BYE")
		if n := len(bye.Lines("Proxy-Authorization")); n != 2 {
			t.Errorf("BYE has %d credentials", n)
		}
		w.reply(bye, 200)
	})
}

// The far end asks for a digest of our password inside the call (CVE-2021-41158).
func TestDigestLeakChallengeOfBYEIsNotAnswered(t *testing.T) {
	for _, challenge := range []string{
		`Proxy-Authenticate: Digest realm="example.com", nonce="evil", qop="auth"`,
		`WWW-Authenticate: Digest realm="example.com", nonce="evil"`,
		`WWW-Authenticate: Digest realm="", nonce="evil"`,
		`Proxy-Authenticate: Digest realm="EXAMPLE.com", nonce="evil"`,
	} {
		ladder(t, registering(), func(b *bench, w *wire) {
			w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="1", qop="auth"`)
			w.register(w.expect("REGISTER"), 3600)
			b.until("registered", func() bool { return b.ua.registration.state == Registered })
			s, _ := b.answered(w)
			b.do(s.HangUp)
			bye := w.expect("BYE")
			if bye.Has("Authorization") || bye.Has("Proxy-Authorization") {
				t.Error("BYE has credentials unasked")
			}
			code := 407
			if strings.HasPrefix(challenge, "WWW") {
				code = 401
			}
			w.reply(bye, code, challenge)
			w.quiet(pingInterval)
			b.ended(s, Local, CauseBye)
		})
	}
}

func TestForeignRealmOfACalleeIsNotAnswered(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="1", qop="auth"`)
		w.register(w.expect("REGISTER"), 3600)
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
		s, invite := b.calling(w)
		if invite.Has("Authorization") {
			t.Error("INVITE has the credentials of REGISTER")
		}
		w.reply(invite, 401, `WWW-Authenticate: Digest realm="callee", nonce="evil"`)
		w.expect("ACK")
		end := b.ended(s, Remote, CauseAuthentication)
		if !errors.Is(end.Err, ErrForeignRealm) {
			t.Errorf("ended with %v", end.Err)
		}
		w.quiet(pingInterval)
	})
}
