package sip

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// asWritten is a message of header lines as they are given; the lines stand before those that every message has, and a
// line of one of those takes its place.
func asWritten(start string, lines []string, body string) []byte {
	essential := []string{
		"Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1", "To: <sip:bob@example.com>;tag=2",
		"From: <sip:alice@example.com>;tag=1", "Call-ID: c1", "CSeq: 1 INVITE",
	}
	var b strings.Builder
	b.WriteString(start + "\r\n")
	for _, line := range essential {
		name, _, _ := strings.Cut(line, ":")
		if !slices.ContainsFunc(lines, func(l string) bool {
			given, _, _ := strings.Cut(l, ":")
			return sameHeader(strings.TrimSpace(given), name)
		}) {
			b.WriteString(line + "\r\n")
		}
	}
	for _, line := range lines {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("\r\n" + body)
	return []byte(b.String())
}

// A response is never dropped for a header field that is not needed to match it and to act on it; what is passed over
// is told.
//
// Holds: lenient-messages
func TestResponseSurvivesABadOptionalField(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		told  string // of the oddities; "" = read by whoever uses it
	}{
		{"a blank in a header's name", []string{"X Custom: 1"}, "malformed header line"},
		{"no name at all", []string{"Server: x", ": 1"}, "malformed header line"},
		{"a line without a colon", []string{"Server: x", "nonsense"}, "malformed header line"},
		{"a name in Latin-1", []string{"X-Gr\xfc\xdfe: 1"}, "malformed header line"},
		{"a name in parentheses", []string{"X(1): y"}, "malformed header line"},
		{"a second equal Content-Length", []string{"Content-Length: 3", "l: 3"}, "more than one Content-Length"},
		{
			"a Content-Length in other digits",
			[]string{"Content-Length: 3", "Content-Length: 003"},
			"more than one Content-Length",
		},
		{
			"a Content-Length that is too large",
			[]string{"Content-Length: 9999"},
			"Content-Length is not that of the body",
		},
		{"a Content-Length that is none", []string{"Content-Length: x"}, "Content-Length is not that of the body"},
		{"a negative Content-Length", []string{"Content-Length: -1"}, "Content-Length is not that of the body"},
		{"an empty Content-Length", []string{"Content-Length:"}, "malformed Content-Length"},
		{"a date in Expires", []string{"Expires: Thu, 01 Dec 2026 16:00:00 GMT"}, ""},
		{"a huge Expires", []string{"Expires: 99999999999999999999999"}, ""},
		{"equal Content-Lengths in a list", []string{"Content-Length: 3, 3,003"}, "more than one Content-Length"},
		{"two Expires", []string{"Expires: 60", "Expires: 90"}, "more than one Expires"},
		{"two Content-Types", []string{"Content-Type: text/plain", "c: application/sdp"}, "more than one Content-Type"},
		{"a broken Date", []string{"Date: yesterday, or so"}, ""},
		{"a broken Warning", []string{`Warning: 399 "unbalanced`}, ""},
		{"a broken Server", []string{`Server: (((`, `User-Agent: ")`}, ""},
		{"a broken Allow", []string{"Allow: INVITE;;,, (x)", "Supported: ,,;;"}, ""},
		{"a broken Session-Expires", []string{"Session-Expires: soon;refresher"}, ""},
		{"a broken Retry-After", []string{"Retry-After: in a while"}, ""},
		{"a broken Reason", []string{`Reason: ;;cause="x`}, ""},
		{"a broken P-Asserted-Identity", []string{`P-Asserted-Identity: "x <sip:y`}, ""},
		{
			"a Contact parameter that is none",
			[]string{"Contact: <sip:b@h>;q;;=;x y;", "Contact: <sip:c@h>"},
			"malformed parameters of Contact",
		},
		{
			"a Contact parameter with an open quote",
			[]string{`Contact: <sip:b@h>;x="y`},
			"malformed parameters of Contact",
		},
		{"a Contact that is none", []string{`Contact: "x <sip:c@d>`}, "malformed Contact"},
		{"a From that is not ours", []string{`From: "x <sip:c@d>;tag=1`}, "malformed From"},
		{
			"a semicolon at the end of From and To",
			[]string{"From: <sip:a@b>;tag=1;", "To: <sip:b@c>;tag=2;;"},
			"malformed parameters of To",
		},
		{
			"a semicolon at the end of Via",
			[]string{"Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1;"},
			"malformed parameters of Via",
		},
		{
			"a Via with a parameter that is none",
			[]string{"Via: SIP/2.0/WSS a.invalid;recei ved=1;branch=z9hG4bK1"},
			"malformed parameters of Via",
		},
		{"a bare CR in a field", []string{"Server: a\rb"}, "CR in a header field"},
		{
			"quotes in quotes in To",
			[]string{`To: "Joe "Red" S" <sip:bob@example.com>;tag=2`},
			"name not quoted as it has to be in To",
		},
		{"header fields without a value", []string{"Contact:", "Allow:", "Date:", "Supported:", "Content-Type:"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, start := range []string{"SIP/2.0 200 OK", "SIP/2.0 180 Ringing", "SIP/2.0 486 Busy Here"} {
				m, err := Parse(asWritten(start, c.lines, "v=0"))
				if err != nil {
					t.Fatalf("%s: %v", start, err)
				}
				same(t, "branch", viasOf(t, m)[0].Branch(), "z9hG4bK1")
				same(t, "tag of To", m.ToTag(), "2")
				same(t, "body", string(m.Body), "v=0")
				if c.told != "" && !told(m, c.told) || c.told == "" && len(m.Oddities) > 0 {
					t.Errorf("told %v, want %q", m.Oddities, c.told)
				}
				readEverything(m)
				checkRoundTrip(t, m)
			}
		})
	}
}

func viasOf(t *testing.T, m *Message) []Via {
	t.Helper()
	vias, err := m.Vias()
	if err != nil || len(vias) != 1 {
		t.Fatalf("vias %v, %v", vias, err)
	}
	return vias
}

func told(m *Message, reason string) bool {
	for _, o := range m.Oddities {
		if o.Reason == reason {
			return true
		}
	}
	return false
}

// What a response is matched by, and acted on, is never guessed.
//
// Holds: lenient-messages
func TestResponseThatCannotBeMatchedIsDropped(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
	}{
		{"two Content-Lengths that differ", []string{"Content-Length: 3", "l: 2"}},
		{"two Content-Lengths that differ in a list", []string{"Content-Length: 3,2"}},
		{"a list of which one is no Content-Length", []string{"Content-Length: 3, x"}},
		{"two Call-IDs", []string{"Call-ID: c1", "i: c2"}},
		{"two branches", []string{"Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1;branch=z9hG4bK2"}},
		{"two tags in To", []string{"To: <sip:bob@example.com>;tag=2;TAG=3"}},
		{"two CSeqs", []string{"CSeq: 1 INVITE", "CSeq: 2 INVITE"}},
		{"two Tos", []string{"To: <sip:bob@example.com>;tag=2", "t: <sip:bob@example.com>;tag=3"}},
		{"two Froms", []string{"From: <sip:a@b>;tag=1", "From: <sip:a@b>;tag=2"}},
		{"a CSeq that is none", []string{"CSeq: one INVITE"}},
		{"a CSeq beyond its range", []string{"CSeq: 4294967296 INVITE"}},
		{"a Via that is none", []string{"Via: SIP/2.0/WSS"}},
		{"a Via of commas", []string{"Via: ,,"}},
		{"a branch that cannot be read", []string{`Via: SIP/2.0/WSS a.invalid;x="y;branch=z9hG4bK1`}},
		{"a To whose tag cannot be read", []string{`To: <sip:bob@example.com>;x="y;tag=2`}},
		{"a tag with a blank", []string{"To: <sip:bob@example.com>;tag=2 3"}},
		{"a To of two addresses", []string{"To: <sip:bob@example.com>, <sip:eve@example.com>;tag=2"}},
		{"a line that ends a Via", []string{"Via: SIP/2.0/WSS a.invalid;", ";branch=z9hG4bK1"}},
		{"a line that ends a Record-Route", []string{"Record-Route: <sip:p;lr>,", "<sip:q;lr>"}},
		{"a line that ends a challenge", []string{`WWW-Authenticate: Digest realm="r",`, `nonce="a:b"`}},
		{"a CR in a Call-ID", []string{"Call-ID: c1\rVia: x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m, err := Parse(asWritten("SIP/2.0 200 OK", c.lines, "v=0")); err == nil {
				t.Errorf("taken:\n%s", m)
			}
		})
	}
}

// A request is refused for what it needs, and for nothing else.
//
// Holds: lenient-messages
func TestRequestIsRefusedOnlyForWhatItNeeds(t *testing.T) {
	for _, c := range []struct {
		name, method string
		lines        []string
		told         string
	}{
		{"a blank in a header's name", "INVITE", []string{"X Custom: 1"}, "malformed header line"},
		{
			"a second equal Content-Length", "MESSAGE",
			[]string{"Content-Length: 3", "Content-Length: 3"},
			"more than one Content-Length",
		},
		{
			"equal Content-Lengths in a list", "MESSAGE",
			[]string{"Content-Length: 3, 3"},
			"more than one Content-Length",
		},
		{
			"the Via of a hop before without brackets", "INVITE",
			[]string{"Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1, SIP/2.0/UDP 2001:db8::1:5060;branch=z9hG4bK2"},
			"malformed Via of a hop before",
		},
		{
			"the Via of a hop before with a comment", "BYE",
			[]string{"Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1", "v: SIP/2.0/UDP b (x);branch=z9hG4bK2"},
			"malformed Via of a hop before",
		},
		{"a second equal Call-ID", "BYE", []string{"Call-ID: c1", "i: c1"}, "more than one Call-ID"},
		{"an empty Content-Length", "INVITE", []string{"l:"}, "malformed Content-Length"},
		{
			"a Content-Length of characters", "MESSAGE",
			[]string{"Content-Length: 1"},
			"Content-Length is not that of the body",
		},
		{"a date in Expires", "INVITE", []string{"Expires: Thu, 01 Dec 2026 16:00:00 GMT"}, "malformed Expires"},
		{"no number in Max-Forwards", "INVITE", []string{"Max-Forwards: many"}, "malformed Max-Forwards"},
		{"two Max-Forwards", "INVITE", []string{"Max-Forwards: 70", "Max-Forwards: 69"}, "more than one Max-Forwards"},
		{"no Max-Forwards", "INVITE", nil, ""},
		{
			"Contact with empty parameters", "INVITE",
			[]string{`Contact: "Joe" <sip:joe@example.org>;;;;`},
			"malformed parameters of Contact",
		},
		{
			"Contact with an open quote in a parameter", "INVITE",
			[]string{`Contact: <sip:joe@example.org>;x="y`},
			"malformed parameters of Contact",
		},
		{"Contact that BYE does not use", "BYE", []string{`Contact: "x <sip:y`}, "malformed Contact"},
		{"Contact that MESSAGE does not use", "MESSAGE", []string{`Contact: sip:a@b?Route=x`}, "malformed Contact"},
		{"Contact without a value", "BYE", []string{"Contact:"}, ""},
		{
			"quotes in quotes in From", "INVITE",
			[]string{`From: "Joe "Red" S" <sip:joe@example.org>;tag=1`},
			"name not quoted as it has to be in From",
		},
		{
			"quotes inside an unquoted name", "INVITE",
			[]string{`From: Joe "Red" S <sip:joe@example.org>;tag=1`},
			"name not quoted as it has to be in From",
		},
		{
			"an odd number of quotes", "INVITE",
			[]string{`From: "Joe "Red S" <sip:joe@example.org>;tag=1`},
			"name not quoted as it has to be in From",
		},
		{
			"a name that ends in a backslash", "INVITE",
			[]string{`From: "Dom\" <sip:joe@example.org>;tag=1`},
			"name not quoted as it has to be in From",
		},
		{
			"a comma in an unquoted name", "INVITE",
			[]string{"From: Bell, Alexander <sip:bell@example.org>;tag=1"},
			"name not quoted as it has to be in From",
		},
		{
			"a semicolon at the end of From", "INVITE",
			[]string{"From: <sip:joe@example.org;>;tag=1;"},
			"malformed parameters of From",
		},
		{
			"a parameter of From with a blank", "INVITE",
			[]string{"From: <sip:joe@example.org>;x-y=a b;tag=1"},
			"malformed parameters of From",
		},
		{"Latin-1 in From", "INVITE", []string{"From: \"J\xfcrgen\" <sip:joe@example.org>;tag=1"}, ""},
		{"unknown URI parameters", "INVITE", []string{"From: <sip:joe@example.org;a=b;c;d=e>;tag=1"}, ""},
		{
			"unescaped characters in the user", "INVITE",
			[]string{"From: <sip:+49(30)#1|{x}^~\\ü@example.org>;tag=1"},
			"",
		},
		{
			"blanks around separators", "INVITE",
			[]string{"From :  \"Joe\"   <sip:joe@example.org>  ;  tag  =  1  ", "CSeq:\t1\t INVITE"},
			"",
		},
		{"folds everywhere", "INVITE", []string{"From:\r\n \"Joe\"\r\n\t<sip:joe@example.org>\r\n ;tag=1"}, ""},
		{"a comma at the end of Via", "INVITE", []string{"Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1 ,"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := c.lines
			if !strings.Contains(strings.Join(lines, "\n"), "CSeq:") {
				lines = append([]string{"CSeq: 1 " + c.method}, lines...)
			}
			for _, ends := range []string{"\r\n", "\n"} {
				frame := asWritten(c.method+" sip:bob@example.com; SIP/2.0", lines, "v=0")
				m, err := Parse([]byte(strings.ReplaceAll(string(frame), "\r\n", ends)))
				if err != nil {
					t.Fatal(err)
				}
				same(t, "tag of From", m.FromTag(), "1")
				same(t, "body", string(m.Body), "v=0")
				same(t, "Request-URI", m.RequestURI.String(), "sip:bob@example.com")
				if from, err := m.From(); err != nil || from.URI.Host == "" ||
					strings.Contains(from.Display, "\ufffd") {
					t.Errorf("From %v, %v", from, err)
				}
				if c.told != "" && !told(m, c.told) {
					t.Errorf("told %v, want %q", m.Oddities, c.told)
				}
				if !told(m, "malformed parameters of Request-URI") {
					t.Errorf("told %v, and nothing of the Request-URI", m.Oddities)
				}
				readEverything(m)
				checkRoundTrip(t, m)
			}
		})
	}
}

// What a request needs, and what could name somebody else, is still refused.
//
// Holds: lenient-messages
func TestRequestIsRefusedForWhatItNeeds(t *testing.T) {
	for _, c := range []struct {
		name, method string
		lines        []string
	}{
		{"two Content-Lengths that differ", "INVITE", []string{"Content-Length: 3", "Content-Length: 2"}},
		{"a body that is cut", "INVITE", []string{"Content-Length: 9999"}},
		{"a negative Content-Length", "INVITE", []string{"Content-Length: -3"}},
		{"two Content-Lengths that differ in a list", "INVITE", []string{"Content-Length: 3, 2"}},
		{"two tags in From", "INVITE", []string{"From: <sip:a@b>;tag=1;tag=2"}},
		{"two branches", "INVITE", []string{"Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1;branch=z9hG4bK2"}},
		{"what may be the rest of a Via", "INVITE", []string{"Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1, x;branch=y"}},
		{"two types of the body", "INVITE", []string{"Content-Type: text/plain", "Content-Type: application/sdp"}},
		{"two Call-IDs", "INVITE", []string{"Call-ID: c1", "Call-ID: c2"}},
		{"two Froms", "INVITE", []string{"From: <sip:a@b>;tag=1", "From: <sip:c@d>;tag=1"}},
		{"a Contact that may be two", "INVITE", []string{`Contact: <sip:a@b>;x="y, <sip:c@d>`}},
		{"a Contact with a header and no brackets", "REGISTER", []string{"Contact: sip:a@b?Route=%3Csip:x%3E"}},
		{"a Contact without brackets and two addresses", "SUBSCRIBE", []string{"Contact: sip:a@b sip:c@d"}},
		{"text after the brackets", "REFER", []string{"Contact: <sip:a@b>sip:c@d"}},
		{"a name that does not end", "INVITE", []string{`From: "Mr. J. User <sip:a@b>;tag=1`}},
		{"a name with an address in it", "INVITE", []string{`From: "x" <sip:a@b>" <sip:c@d>;tag=1`}},
		{"odd quotes around an address", "INVITE", []string{`From: "J" sip:a@b "x" <sip:c@d>;tag=1`}},
		{"odd quotes and two addresses", "INVITE", []string{`From: "J" "<sip:a@b>;x=" <sip:c@d>;tag=1`}},
		{"two addresses in From", "INVITE", []string{"From: sip:a@b, <sip:c@d>;tag=1"}},
		{"two users", "INVITE", []string{"From: <sip:a@b@c>;tag=1"}},
		{"a blank in a URI", "INVITE", []string{"From: <sip:a @b>;tag=1"}},
		{"a tag that cannot be read", "INVITE", []string{`From: <sip:a@b>;x="y;tag=1`}},
		{"a number beyond its range", "INVITE", []string{"Max-Forwards: 300"}},
		{"the end of a Contact on a line of its own", "INVITE", []string{"Contact: <sip:a@b>", ";x=y"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := append([]string{"CSeq: 1 " + c.method}, c.lines...)
			_, err := Parse(asWritten(c.method+" sip:bob@example.com SIP/2.0", lines, "v=0"))
			same(t, "outcome", outcome(err), "400")
		})
	}
}

// A name in Latin-1 is shown as it was meant, beside UTF-8 or instead of it; so is a reason phrase.
//
// Holds: lenient-messages
func TestLatin1IsReadable(t *testing.T) {
	for name, c := range map[string]struct{ wire, want string }{
		"German":              {"J\xfcrgen Gro\xdf", "Jürgen Groß"},
		"French":              {"Fran\xe7ois H\xe9l\xe8ne", "François Hélène"},
		"Spanish":             {"Nu\xf1ez", "Nuñez"},
		"Nordic":              {"\xc5se \xd8stby", "Åse Østby"},
		"UTF-8 stays":         {"Jürgen 👋", "Jürgen 👋"},
		"both in one":         {"Jürgen M\xfcller", "Jürgen Müller"},
		"cut in a character":  {"Jürge\xc3", "JürgeÃ"},
		"controls of Latin-1": {"a\x80b", "a\ufffdb"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, form := range []string{"%q <sip:a@b>", "%s<sip:a@b>;tag=1"} {
				value := strings.ReplaceAll(form, "%q", `"`+c.wire+`"`)
				a, err := ParseAddress(strings.ReplaceAll(value, "%s", c.wire))
				if err != nil || a.Display != c.want {
					t.Errorf("%q: %q, %v", value, a.Display, err)
				}
			}
			m, err := Parse(asWritten("SIP/2.0 404 "+c.wire, nil, ""))
			if err != nil {
				t.Fatal(err)
			}
			same(t, "reason", m.Reason, c.want)
		})
	}
}

// RFC 3261 section 20.42's own example with blanks, and its kin.
//
// Holds: accepted-descriptions
// Holds: lenient-messages
func TestViaWithBlanks(t *testing.T) {
	for name, c := range map[string]struct{ wire, want string }{
		"the example": {
			"SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1",
			"SIP/2.0/UDP first.example.com:4000;ttl=16;maddr=224.2.0.1;branch=z9hG4bKa7c6a8dlze.1",
		},
		"blanks on both sides of the colon": {"SIP/2.0/WS h : 80 ;branch=z9hG4bK1", "SIP/2.0/WS h:80;branch=z9hG4bK1"},
		"a blank before the colon":          {"SIP/2.0/WS h :80;branch=z9hG4bK1", "SIP/2.0/WS h:80;branch=z9hG4bK1"},
		"tabs": {
			"SIP\t/\t2.0\t/\tWSS\th\t:\t443\t;\tbranch\t=\tz9hG4bK1", "SIP/2.0/WSS h:443;branch=z9hG4bK1",
		},
		"IPv6": {
			"SIP / 2.0 / TCP [2001:db8::1] : 5060 ; branch = z9hG4bK1",
			"SIP/2.0/TCP [2001:db8::1]:5060;branch=z9hG4bK1",
		},
		"IPv4": {
			"SIP/ 2.0 /UDP 192.0.2.1: 5060;branch=z9hG4bK1", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1",
		},
		"no port": {
			"SIP / 2.0 / UDP h ;rport;branch=z9hG4bK1", "SIP/2.0/UDP h;rport;branch=z9hG4bK1",
		},
		"received": {
			"SIP/2.0/UDP h: 5060 ;received=192.0.2.1 ;rport = 5061;branch=z9hG4bK1",
			"SIP/2.0/UDP h:5060;received=192.0.2.1;rport=5061;branch=z9hG4bK1",
		},
		"a quoted parameter": {
			`SIP/2.0/UDP h: 5060 ;x = "a;b, c" ;branch=z9hG4bK1`, `SIP/2.0/UDP h:5060;x="a;b, c";branch=z9hG4bK1`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, lines := range [][]string{
				{"Via: " + c.wire},
				{"v : " + c.wire},
				{"Via: " + strings.ReplaceAll(c.wire, " ;", "\r\n ;")},
				{"Via: " + c.wire + " , SIP/2.0/UDP second.example.com"},
				{"Via: " + c.wire, "Via: SIP/2.0/UDP third"},
			} {
				frame := asWritten(
					"OPTIONS sip:bob@example.com SIP/2.0",
					append([]string{"CSeq: 1 OPTIONS"}, lines...),
					"",
				)
				m, err := Parse(frame)
				if err != nil {
					t.Fatalf("%q: %v", lines, err)
				}
				via, err := m.TopVia()
				if err != nil {
					t.Fatal(err)
				}
				same(t, fmt.Sprintf("%q", lines), via.String(), c.want)
			}
		})
	}
	for _, bad := range []string{
		"SIP/2.0/UDP h: ;branch=z9hG4bK1", "SIP/2.0/UDP h: 70000;branch=z9hG4bK1",
		"SIP/2.0/UDP h: 50 60;branch=z9hG4bK1",
		"SIP/2.0/UDP h: 5060: 1;branch=z9hG4bK1", "SIP/2.0/UDP : 5060;branch=z9hG4bK1",
		"SIP/2. 0/UDP h;branch=z9hG4bK1",
	} {
		if v, err := ParseVia(bad); err == nil {
			t.Errorf("%q is read as %v", bad, v)
		}
	}
}

// A description without a type is one; other bodies without a type are nothing.
//
// Holds: lenient-messages
func TestDescriptionWithoutAType(t *testing.T) {
	for name, c := range map[string]struct {
		lines      []string
		body, want string
	}{
		"none":               {nil, "v=0\r\no=- 1 1 IN IP4 h\r\n", "application/sdp"},
		"empty":              {[]string{"Content-Type:"}, "v=0\no=- 1 1 IN IP4 h\n", "application/sdp"},
		"another":            {[]string{"Content-Type: text/plain"}, "v=0\r\n", "text/plain"},
		"a semicolon":        {[]string{"Content-Type: application/sdp;"}, "v=0\r\n", "application/sdp"},
		"a comma":            {[]string{"Content-Type: application/sdp,"}, "v=0\r\n", "application/sdp"},
		"a comment":          {[]string{"Content-Type: application/sdp (x)"}, "v=0\r\n", "application/sdp"},
		"quotes":             {[]string{`Content-Type: "application/sdp"`}, "v=0\r\n", "application/sdp"},
		"two types":          {[]string{"Content-Type: application/sdp, text/plain"}, "v=0\r\n", ""},
		"no description":     {nil, "hello", ""},
		"like a description": {nil, "v=01\r\n", ""},
		"nothing":            {nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := Parse(asWritten("SIP/2.0 200 OK", c.lines, c.body))
			if err != nil {
				t.Fatal(err)
			}
			got, _ := m.ContentType()
			same(t, "type", got, c.want)
		})
	}
}
