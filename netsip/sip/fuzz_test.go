package sip

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
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
	for _, s := range []string{
		"sip:alice:pw@example.com:5060;transport=ws;lr?Subject=a&b=%41",
		"sips:[2001:db8:::192.0.2.1]", "tel:+1-2;x=y", "sip:%00@h", "sip:a;b?c@h;=", "sip:0;a=0;a", "*",
	} {
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
		if back := Unescape(EscapeUser(decoded)); back != decoded {
			t.Errorf("user %q: %q", decoded, back)
		}
		_ = u.HostPort()
	})
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{
		`"A \"B\\" <sip:a@b;x=y?h=i>;tag=1;z="<\",>"`, "Bob<sip:a@b>", "sip:a@b ; q = 0.3", "*",
		"<tel:+1>;+sip.instance=\"<urn:uuid:x>\"", `"`, "a<b>c",
		`"Joe "Red" S" <sip:a@b>`, `"x\" <sip:a@b>;`, "A, B <sip:a@b;>;;x y;tag=1",
		"J\xfcrgen <sip:a@b>", `<sip:a@b>;x="y;z`,
	} {
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
		if _, wrong := checkAddress(s); wrong != "" && s != "*" {
			t.Errorf("%q is read but does not pass the check: %s", s, wrong)
		}
		if !utf8.ValidString(a.Display) {
			t.Errorf("%q: the name %q is not UTF-8", s, a.Display)
		}
	})
}

func FuzzVia(f *testing.F) {
	for _, s := range []string{
		"SIP/2.0/WSS a.invalid;branch=z9hG4bK1;rport;received=[::1]",
		"SIP / 2.0 / UDP  [2001:db8::1] : 5060 ;x", "SIP/2.0/TCP h:1;a=\"b;c\"",
		"SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1",
		"SIP/2.0/WS h;;a b;",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseVia(s)
		if _, wrong := checkVia(s); (err == nil) != (wrong == "") {
			t.Errorf("%q: read %v, check %q", s, err, wrong)
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
	for _, s := range []string{
		`Digest realm="a\"b", nonce=n, qop="auth,auth-int", stale=TRUE`,
		"Digest a=b,,\t, c = d ,Basic realm=x", "Negotiate abc==, NTLM", `Digest x="`,
	} {
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

// messageWith parses a response that has a header field; nil where the value cannot be one.
func messageWith(name, value string) *Message {
	m, err := Parse([]byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/WS h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: " +
		"<sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 X\r\n" + name + ": " + value + "\r\n\r\n"))
	if err != nil {
		return nil
	}
	return m
}

func FuzzCSeq(f *testing.F) {
	for _, s := range []string{"1 INVITE", "4294967295\tBYE", "4294967296 X", "007  A", "1", "-1 A", " 1 A"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, wrong := readCSeq(s)
		if wrong != "" {
			return
		}
		if again, wrong := readCSeq(c.String()); wrong != "" || again != c {
			t.Errorf("%q is written as %q: %s", s, c, wrong)
		}
	})
}

// Lists of addresses: Contact, Route, Record-Route, Path, Service-Route, P-Asserted-Identity.
func FuzzAddressList(f *testing.F) {
	for _, s := range []string{
		"<sip:a@b>;q=0.5, \"x, y\" <sip:c@d>", "*", ",,<sip:a>,", "sip:a;b,sip:c", "\"", "<",
		strings.Repeat("<sip:a>,", 300),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := messageWith("Route", s)
		if m == nil {
			return
		}
		list, err := m.Addresses("Route")
		values := m.Values("Route")
		if len(list) > len(values) || err == nil && len(list) != len(values) {
			t.Errorf("%d addresses of %d values, %v", len(list), len(values), err)
		}
		for _, a := range list {
			if _, err := ParseAddress(a.String()); err != nil {
				t.Errorf("%q: %v", a, err)
			}
		}
	})
}

// Header fields that are a number: Expires, Min-Expires, Min-SE, RSeq, Retry-After, Max-Forwards.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"3600", "0", "4294967296", "5 (in a meeting)", "5;duration=3", "+1", "1e3", " 7 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := messageWith("Retry-After", s)
		if m == nil {
			return
		}
		if n, ok, err := m.Uint("Retry-After"); err == nil && ok &&
			!strings.HasPrefix(strings.TrimLeft(m.Get("Retry-After"), "0")+" ",
				strings.TrimLeft(strconv.FormatUint(uint64(n), 10), "0")) {
			t.Errorf("%q is read as %d", s, n)
		}
	})
}

func FuzzContentType(f *testing.F) {
	for _, s := range []string{
		"application/sdp", "Application / SDP ; charset=\"utf-8\"",
		"multipart/mixed;boundary=\"a\\\"b\"", "/", "a/b;", ";", "a/b/c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := messageWith("Content-Type", s)
		if m == nil {
			return
		}
		mediaType, _ := m.ContentType()
		main, sub, _ := strings.Cut(mediaType, "/")
		if mediaType != "" && (!isToken(main) || !isToken(sub) || mediaType != strings.ToLower(mediaType)) {
			t.Errorf("%q is read as %q", s, mediaType)
		}
	})
}
