package sip

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestURIForms(t *testing.T) {
	for _, test := range []struct {
		in   string
		want URI
	}{
		{"sip:alice@example.com", URI{Scheme: "sip", User: "alice", Host: "example.com"}},
		{"SIP:%61liCE@versaTICA.Com:6060;TRansport=TCp;Foo=ABc;baz?X-Header-1=AaA1&x=2", URI{
			Scheme: "sip", User: "%61liCE", Host: "versatica.com", Port: 6060,
			Params:  Params{{"TRansport", "TCp", true}, {"Foo", "ABc", true}, {"baz", "", false}},
			Headers: "X-Header-1=AaA1&x=2",
		}},
		{"sips:alice:pw@[2001:DB8::1]:5061", URI{Scheme: "sips", User: "alice:pw", Host: "[2001:db8::1]", Port: 5061}},
		{"sip:example.com", URI{Scheme: "sip", Host: "example.com"}},
		{"sip:ex_ample.com.", URI{Scheme: "sip", Host: "ex_ample.com."}},
		{"sip:*21#@pbx", URI{Scheme: "sip", User: "*21#", Host: "pbx"}},
		{"sip:a@b;gr=urn:uuid:x;lr=on", URI{
			Scheme: "sip", User: "a", Host: "b",
			Params: Params{{"gr", "urn:uuid:x", true}, {"lr", "on", true}},
		}},
		{"tel:+1-212-555;ext=5", URI{Scheme: "tel", Opaque: "+1-212-555;ext=5"}},
		{"urn:service:sos", URI{Scheme: "urn", Opaque: "service:sos"}},
	} {
		got, err := ParseURI(test.in)
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", test.want) {
			t.Errorf("%s: got %+v, %v", test.in, got, err)
		}
		again, err := ParseURI(got.String())
		if err != nil || again.String() != got.String() || !again.Equal(got) {
			t.Errorf("%s: written as %s, %v", test.in, got, err)
		}
	}
}

func TestURIRefused(t *testing.T) {
	for _, in := range []string{
		"", ":", "sip:", "sip:@", "sip:@example.com", "sip:alice@", "sip:a@b@c", "alice@example.com", "1sip:a@b",
		"s p:a@b",
		"sip:a b@example.com", "sip:a@b c", "sip:a@b:", "sip:a@b:x", "sip:a@b:65536", "sip:a@b:99999999999999999999",
		"sip:a@b:5060x",
		"sip:a@[::1", "sip:a@[]", "sip:a@[::g]", "sip:a@[fe80::1%25eth0]", "sip:a@[192.0.2.1]", "sip:a@2001:db8::1",
		"sip:a@b;", "sip:a@b;;lr", "sip:a@b;=x",
		"<sip:a@b>", "sip:a@b\r\n", "sip:a@b\x00", "sip:a@\u00fcber.de", `sip:a"@b`, "/", "tel:",
	} {
		if u, err := ParseURI(in); err == nil {
			t.Errorf("%q: accepted as %+v", in, u)
		} else if !strings.Contains(err.Error(), "uri") {
			t.Errorf("%q: error %q does not say what it is about", in, err)
		}
	}
}

func TestURIEqual(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{ // RFC 3261 section 19.1.4
		{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", true},
		{
			"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
			"sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true,
		},
		{
			"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
			"sip:alice@atlanta.com?priority=urgent&subject=project%20x", true,
		},
		{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
		{"sip:bob@biloxi.com:6000", "sip:bob@biloxi.com", false},
		{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
		{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
		{"sip:a%3Bb@c", "sip:a;b@c", false}, // reserved
		{"sip:a%3bb@c", "sip:a%3Bb@c", true},
		{"sip:a@b;gr=x", "sip:a@b", false}, // a GRUU is not its address of record
		{"sip:a@b", "sips:a@b", false},
		{"tel:+1", "tel:+1", true},
		{"sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0::1]", true},
	} {
		a, errA := ParseURI(test.a)
		b, errB := ParseURI(test.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if a.Equal(b) != test.want || b.Equal(a) != test.want {
			t.Errorf("%s and %s: want %v", test.a, test.b, test.want)
		}
	}
}

func TestURIParts(t *testing.T) {
	u, err := ParseURI("sip:al%20ice:pw@example.com:5080;lr?Subject=x")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "HostPort", u.HostPort(), "example.com:5080")
	same(t, "WithoutHeaders", u.WithoutHeaders().String(), "sip:al%20ice:pw@example.com:5080;lr")
	same(t, "UserDecoded", u.UserDecoded(), "al ice:pw")
	same(t, "broken escapes stay", URI{User: "100%a%zz%41"}.UserDecoded(), "100%a%zzA")
}

func TestEscapeUser(t *testing.T) {
	for in, want := range map[string]string{
		"alice":         "alice",
		"a;b&c=d,e$f@g": "a%3Bb%26c%3Dd%2Ce%24f%40g",
		"*21#":          "*21%23",
		"a:b+c?d/e":     "a:b+c?d/e",
		"-_.!~*'()":     "-_.!~*'()",
		"100%":          "100%25",
		"ñ €":           "%C3%B1%20%E2%82%AC",
		"\r\n\x00":      "%0D%0A%00",
	} {
		got := EscapeUser(in)
		same(t, in, got, want)
		same(t, in+" back", Unescape(got), in)
		if _, err := ParseURI("sip:" + got + "@h"); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"%", "%4", "%zz", "a%"} {
		same(t, bad, Unescape(bad), bad)
	}
}

func TestAddressForms(t *testing.T) {
	for _, test := range []struct{ in, display, uri, params string }{
		{"sip:a@b;tag=1", "", "sip:a@b", ";tag=1"},
		{"<sip:a@b;lr>;tag=1", "", "sip:a@b;lr", ";tag=1"},
		{`"A \"B\" \\ ¶€ĸ" <sip:a@b>;q=0.5`, `A "B" \ ¶€ĸ`, "sip:a@b", ";q=0.5"},
		{"Alice Bob <sip:a@b>", "Alice Bob", "sip:a@b", ""},
		{"Ålice<sip:a@b>", "Ålice", "sip:a@b", ""},
		{`"" <sip:a@b>`, "", "sip:a@b", ""},
		{
			`<sip:a@b>;pub-gruu="sip:alice@b;gr=urn:uuid:x";+sip.instance="<urn:uuid:x>";expires=60`, "", "sip:a@b",
			`;pub-gruu="sip:alice@b;gr=urn:uuid:x";+sip.instance="<urn:uuid:x>";expires=60`,
		},
		{"\t<tel:+1212> ; phone-context = x ;flag", "", "tel:+1212", ";phone-context=x;flag"},
		{"*", "", "*", ""},
		{"<urn:service:sos>", "", "urn:service:sos", ""},
	} {
		a, err := ParseAddress(test.in)
		if err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		same(t, test.in, a.Display+"|"+a.URI.String()+"|"+a.Params.String(), test.display+"|"+test.uri+"|"+test.params)
		again, err := ParseAddress(a.String())
		if err != nil || again.String() != a.String() || again.Display != a.Display {
			t.Errorf("%s: written as %s, %v", test.in, a, err)
		}
	}
	a, _ := ParseAddress(`<sip:a@b>;pub-gruu="sip:alice@b;gr=urn:uuid:x";TAG=q`)
	gruu, _ := a.Params.Get("PUB-GRUU")
	same(t, "pub-gruu", gruu, "sip:alice@b;gr=urn:uuid:x")
	same(t, "tag", a.Tag(), "q")
}

func TestAddressRefused(t *testing.T) {
	for _, in := range []string{
		"", "<>", "<", ">", `"`, `""`, `"a"`, `"a" sip:a@b`, "<sip:a@b", "</>", "<sip:a@b>x",
		"sip:a@b?Route=x", "sip:a@b,sip:c@d", "< sip:a@b >", "<sip:a@b>;tag=a b",
		"a\x01b <sip:a@b>",
	} {
		if a, err := ParseAddress(in); err == nil {
			t.Errorf("%q: accepted as %+v", in, a)
		}
	}
}

func TestOddURIsNeverFailMore(t *testing.T) {
	odd := []string{
		"</>", `"\\"`, `""`, "<sip:>", "<sip:@>", "<sip:" + strings.Repeat("u", 60000) + "@h>",
		"<javascript:alert(1)>", "<data:text/html,x>", "<file:///etc/passwd>", "<isbn:1>", "<tel:>",
		"<sip:a@b>;tag=\"x\"", "<<sip:a@b>>",
	}
	for _, name := range []string{"From", "To", "Contact", "Diversion", "P-Asserted-Identity"} {
		for _, value := range odd {
			m := validRequest("INVITE")
			m.Set(name, value)
			got, err := Parse(m.Bytes())
			if err != nil {
				if outcome(err) != "400" {
					t.Errorf("%s: %.40s: %v", name, value, err)
				}
				continue
			}
			readEverything(got)
		}
	}
}

// validRequest makes a small request that Parse accepts.
func validRequest(method string) *Message {
	m := NewRequest(method, URI{Scheme: "sip", User: "bob", Host: "example.com"})
	m.Add("Via", "SIP/2.0/WSS a.invalid;branch=z9hG4bK1")
	m.Add("Max-Forwards", "70")
	m.Add("To", "<sip:bob@example.com>")
	m.Add("From", "<sip:alice@example.com>;tag=1")
	m.Add("Call-ID", "c1")
	m.Add("CSeq", "1 "+method)
	return m
}

func TestMissingEssentialHeadersAreNeverAnswered(t *testing.T) {
	names := []string{"Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards"}
	for _, method := range []string{"INVITE", "BYE", "OPTIONS", "200", "180"} {
		for set := range 1 << len(names) {
			m := validRequest(method)
			if method[0] < 'A' {
				m = validRequest("INVITE")
				m.Method, m.StatusCode = "", int(method[0]-'0')*100
			}
			for i, name := range names {
				if set>>i&1 != 0 {
					m.Del(name)
				}
			}
			want := "drop"
			if set&0x1f == 0 {
				want = "ok"
			}
			_, err := Parse(m.Bytes())
			same(t, fmt.Sprintf("%s without %b", method, set), outcome(err), want)
		}
	}
}

func TestViaForms(t *testing.T) {
	v, err := ParseVia("SIP / 2.0 / WSS  Host.invalid : 7443 ;rport;branch=z9hG4bK1;received=192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "Via", v.String(), "SIP/2.0/WSS Host.invalid:7443;rport;branch=z9hG4bK1;received=192.0.2.1")
	same(t, "branch", v.Branch(), "z9hG4bK1")
	for _, in := range []string{
		"", "SIP/2.0", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0/UDPhost", "SIP//UDP host",
		"SIP/2.0/UDP host:", "SIP/2.0/UDP host:x", "SIP/2.0/UDP [::1", "SIP/2.0/UDP h i",
		"SIP/2.0/UDP host:70000",
	} {
		if v, err := ParseVia(in); err == nil {
			t.Errorf("%q: accepted as %+v", in, v)
		}
	}
}

func TestChallengeForms(t *testing.T) {
	for _, in := range []string{
		`Digest realm="r", nonce="n", algorithm=MD5, qop="auth", stale=true`,
		`Digest nonce=n,realm=r,QOP=auth,Algorithm="MD5",stale="true"`,
		"Digest\trealm=\"r\"\t,\tnonce = \"n\" , , algorithm=MD5, qop=auth, stale=true,",
		`  digest realm = r,nonce="n",qop = "auth" ,algorithm="MD5",x="a,b=\"c",stale=true`,
	} {
		list, err := ParseChallenges(in)
		if err != nil || len(list) != 1 || !strings.EqualFold(list[0].Scheme, "Digest") {
			t.Errorf("%s: %+v, %v", in, list, err)
			continue
		}
		for name, want := range map[string]string{
			"realm": "r", "nonce": "n", "algorithm": "MD5", "qop": "auth",
			"stale": "true",
		} {
			got, _ := list[0].Params.Get(name)
			same(t, in+": "+name, got, want)
		}
	}
	list, err := ParseChallenges(
		`Digest realm="a, Digest b", nonce="1", Basic realm="c", Negotiate abc, NTLM, Digest realm=d`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range list {
		realm, _ := c.Params.Get("realm")
		got = append(got, c.Scheme+" "+realm)
	}
	same(t, "several", strings.Join(got, "|"), "Digest a, Digest b|Basic c|Negotiate |NTLM |Digest d")
	if p := list[0].Params; p[0].Value != `"a, Digest b"` {
		t.Errorf("quotes not kept: %+v", p)
	}
	for _, bad := range []string{
		"", " , ", `realm="r"`, `Digest realm="r`, `Digest ="r"`, `Digest realm="r"x, a=b`,
		"\x00",
	} {
		if list, err := ParseChallenges(bad); err == nil {
			t.Errorf("%q: accepted as %+v", bad, list)
		}
	}
}

func TestHeaderAccess(t *testing.T) {
	m := validRequest("INVITE")
	m.Add("k", "gruu,,outbound ,")
	m.Add("Supported", `path`)
	m.Add("Subject", "a, b")
	m.Add("Contact", `"x, y" <sip:a@b;p=1,2>;e="1,2", <sip:c@d>`)
	same(t, "get", m.Get("supported"), "gruu,,outbound ,")
	same(t, "lines", len(m.Lines("K")), 2)
	same(t, "values", strings.Join(m.Values("Supported"), "|"), "gruu|outbound|path")
	same(t, "no list", strings.Join(m.Values("Subject"), "|"), "a, b")
	same(t, "contacts", len(m.Values("m")), 2)
	same(t, "no such", m.Get("X")+strings.Join(m.Values("X"), ""), "")

	m.Set("Supported", "timer")
	same(t, "set", fmt.Sprint(m.Lines("k")), "[timer]")
	same(t, "spelling kept", m.Headers[slices.IndexFunc(m.Headers,
		func(h Header) bool { return h.Value == "timer" })].Name, "k")
	m.Prepend("Route", "<sip:p;lr>")
	same(t, "prepended", m.Headers[0].Name, "Route")
	m.Del("k")
	same(t, "deleted", m.Has("Supported"), false)
	m.Set("Expires", "60")
	c := m.Clone()
	c.Set("Expires", "1")
	c.Headers = append(c.Headers, Header{"X", "y"})
	same(t, "clone", m.Get("Expires")+fmt.Sprint(m.Has("X")), "60false")
}

func TestAddressesLeavesOutWhatCannotBeRead(t *testing.T) {
	m := validRequest("INVITE")
	m.Add("P-Asserted-Identity", `<sip:a@b>, "x, <sip:c@d>`)
	m.Add("P-Asserted-Identity", `sip:e@f?Route=x, <tel:+1>`)
	list, err := m.Addresses("P-Asserted-Identity")
	same(t, "readable", len(list), 2)
	if err == nil || !strings.Contains(err.Error(), "P-Asserted-Identity") {
		t.Errorf("error %v", err)
	}
}

func TestNumbers(t *testing.T) {
	for value, want := range map[string]string{
		"0": "0", "0068": "68", "4294967295": "4294967295", "120 (busy; really)": "120", "18000;duration=3600": "18000",
		"5\t(x)": "5",
		"":       "bad", "-0": "bad", "+1": "bad", "1.5": "bad", "0x10": "bad", "1e3": "bad", "4294967296": "bad",
		"99999999999999999999999999": "bad", "soon": "bad",
	} {
		m := validRequest("INVITE")
		m.Set("Retry-After", value)
		n, ok, err := m.Uint("retry-after")
		got := fmt.Sprint(n)
		if err != nil {
			got = "bad"
		}
		same(t, value, got, want)
		same(t, value+" is there", ok, true)
	}
	_, ok, err := validRequest("INVITE").Uint("Expires")
	same(t, "absent", !ok && err == nil, true)
}

func TestContentType(t *testing.T) {
	for value, want := range map[string]string{
		"application/sdp": "application/sdp", "Application / SDP ;charset=utf-8": "application/sdp",
		`multipart/mixed;boundary="a;b"`: "multipart/mixed",
		"":                               "", "sdp": "", "a/b/c": "", "a b/c": "",
	} {
		m := validRequest("INVITE")
		m.Set("c", value)
		got, _ := m.ContentType()
		same(t, value, got, want)
	}
}

func TestNothingEndsALine(t *testing.T) {
	const evil = "x\r\nRoute: <sip:evil.example>\n\rBcc: y"
	m := NewRequest("INVITE", URI{Scheme: "sip", User: evil, Host: "h"})
	m.Add("Via", "SIP/2.0/WS a.invalid;branch=z9hG4bK1")
	m.Add("To", Address{Display: evil, URI: URI{Scheme: "sip", User: "b", Host: "h"}}.String())
	m.Add("From", "<sip:a@h>")
	m.Add("Call-ID", evil)
	m.Add("CSeq", "1 INVITE")
	m.Add("X"+evil, evil)
	m.Body = []byte(evil)
	wire := m.Bytes()
	head, body, _ := bytes.Cut(wire, []byte("\r\n\r\n"))
	same(t, "lines", bytes.Count(head, []byte("\n")), 7)
	same(t, "carriage returns", bytes.Count(head, []byte("\r")), 7)
	same(t, "body", string(body), evil)

	response := &Message{StatusCode: 486, Reason: evil}
	same(t, "response lines", strings.Count(response.String(), "\n"), 3)
	for _, s := range []string{"a\rb", "a\nb", "a\x00b"} {
		same(t, "CheckText", errors.Is(CheckText(s), ErrControlCharacter), true)
	}
	same(t, "CheckText", CheckText("¶€ĸ\t\u2028"), nil)
}

func TestContentLengthIsThatOfTheBody(t *testing.T) {
	m := validRequest("MESSAGE")
	m.Add("l", "99")
	m.Add("Content-Length", "98")
	m.Add("X", "y")
	m.Body = []byte("¶€")
	if s := m.String(); !strings.Contains(s, "\r\nl: 5\r\nX: y\r\n\r\n¶€") || strings.Contains(s, "98") {
		t.Errorf("written as %q", s)
	}
}

func TestNewResponseEchoes(t *testing.T) {
	m := validRequest("INVITE")
	m.Prepend("v", "SIP/2.0/TCP p1, SIP/2.0/TCP p2;x=\"  y\"")
	m.Add("Record-Route", "<sip:p;lr>")
	r := NewResponse(m, 180, "")
	same(t, "response", r.String(), "SIP/2.0 180 Ringing\r\nv: SIP/2.0/TCP p1, SIP/2.0/TCP p2;x=\"  y\"\r\nVia: "+
		"SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"+
		"To: <sip:bob@example.com>\r\nFrom: <sip:alice@example.com>;tag=1\r\nCall-ID: c1\r\nCSeq: 1 "+
		"INVITE\r\nContent-Length: 0\r\n\r\n")
	same(t, "reason", NewResponse(m, 486, "Nope").Reason, "Nope")
}

func TestTooLargeOrTooManyHeaders(t *testing.T) {
	m := validRequest("MESSAGE")
	m.Body = make([]byte, MaxMessageSize)
	_, err := Parse(m.Bytes())
	same(t, "large", outcome(err), "513")
	m.Body = nil
	for i := range MaxHeaders {
		m.Add(fmt.Sprintf("X-%d", i), "")
	}
	_, err = Parse(m.Bytes())
	same(t, "many", outcome(err), "400")
	m.Headers = m.Headers[:MaxHeaders-1] // Content-Length is the last
	_, err = Parse(m.Bytes())
	same(t, "as many as may be", outcome(err), "ok")
	_, err = Parse([]byte("\r\n\r\n"))
	same(t, "empty", outcome(err), "drop")
}

func TestStatusText(t *testing.T) {
	for code, want := range map[int]string{
		100: "Trying", 200: "OK", 302: "Moved Temporarily",
		481: "Call/Transaction Does Not Exist", 505: "Version Not Supported", 603: "Decline", 299: "",
	} {
		same(t, fmt.Sprint(code), StatusText(code), want)
	}
}
