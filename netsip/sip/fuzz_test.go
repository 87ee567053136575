package sip

import (
	"bytes"
	"testing"
)

func FuzzParse(f *testing.F) {
	for _, s := range readCorpus(f) {
		f.Add(s.data)
	}
	f.Add(invite())
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		tryAll(t, data)
		if !bytes.Equal(before, data) {
			t.Error("Parse changed its input")
		}
	})
}

func FuzzURI(f *testing.F) {
	for _, s := range []string{"sip:alice:pw@example.com:5060;transport=ws;lr?Subject=a&b=%41", "sips:[2001:db8:::192.0.2.1]", "tel:+1-2;x=y", "sip:%00@h", "sip:a;b?c@h;=", "sip:0;a=0;a", "*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseURI(s)
		if err != nil {
			return
		}
		again, err := ParseURI(u.String())
		if err != nil || again.String() != u.String() {
			t.Fatalf("%q is written as %q, %v", s, u, err)
		}
		if !u.Equal(again) || !again.Equal(u) {
			t.Errorf("%q is not equal to itself", s)
		}
		decoded := u.UserDecoded()
		if back, err := UnescapeUser(EscapeUser(decoded)); err != nil || back != decoded {
			t.Errorf("user %q: %q, %v", decoded, back, err)
		}
		_, _ = u.AOR(), u.HostPort()
	})
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{`"A \"B\\" <sip:a@b;x=y?h=i>;tag=1;z="<\",>"`, "Bob<sip:a@b>", "sip:a@b ; q = 0.3", "*", "<tel:+1>;+sip.instance=\"<urn:uuid:x>\"", `"`, "a<b>c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		again, err := ParseAddress(a.String())
		if err != nil || again.Display != a.Display || again.String() != a.String() || again.Tag() != a.Tag() {
			t.Fatalf("%q is written as %q, %v", s, a, err)
		}
		if checkAddress(s) != "" && s != "*" {
			t.Errorf("%q is read but does not pass the check", s)
		}
	})
}

func FuzzVia(f *testing.F) {
	for _, s := range []string{"SIP/2.0/WSS a.invalid;branch=z9hG4bK1;rport;received=[::1]", "SIP / 2.0 / UDP  [2001:db8::1] : 5060 ;x", "SIP/2.0/TCP h:1;a=\"b;c\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseVia(s)
		if (err == nil) != (checkVia(s) == "") {
			t.Errorf("%q: read %v, check %q", s, err, checkVia(s))
		}
		if err != nil {
			return
		}
		again, err := ParseVia(v.String())
		if err != nil || again.String() != v.String() || again.Branch() != v.Branch() {
			t.Fatalf("%q is written as %q, %v", s, v, err)
		}
	})
}

func FuzzChallenge(f *testing.F) {
	for _, s := range []string{`Digest realm="a\"b", nonce=n, qop="auth,auth-int", stale=TRUE`, "Digest a=b,,\t, c = d ,Basic realm=x", "Negotiate abc==, NTLM", `Digest x="`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, err := ParseChallenges(s)
		if err == nil && len(list) == 0 {
			t.Error("neither challenges nor an error")
		}
		for _, c := range list {
			if !isToken(c.Scheme) {
				t.Errorf("scheme %q", c.Scheme)
			}
			for _, p := range c.Params {
				_, _ = c.Params.Get(p.Name)
			}
		}
	})
}
