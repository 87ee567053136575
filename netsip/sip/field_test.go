package sip

import (
	"fmt"
	"strings"
	"testing"
)

// Addresses as servers, gateways and phones in the field write them are read as what they mean, wherever they stand,
// and are written back as they came.
//
// Holds: lenient-messages
func TestAddressesOfTheField(t *testing.T) {
	for _, c := range []struct {
		name, value  string
		display, uri string // "" = the URI is refused
	}{
		{
			"OpenSIPS hides its topology", `<sip:192.0.2.7;thinfo="VG8SbzAdIFtiY2VCJBw3Kw==">`, "",
			`sip:192.0.2.7;thinfo="VG8SbzAdIFtiY2VCJBw3Kw=="`,
		},
		{
			"with a port and a transport", `<sip:127.0.0.1:443;transport=wss;thinfo="VG8+PoIU/sWA=">`, "",
			`sip:127.0.0.1:443;transport=wss;thinfo="VG8+PoIU/sWA="`,
		},
		{
			"at an IPv6 address", `<sip:[0:0:0:0:0:0:0:1]:8061;transport=wss;thinfo="U2h5">;expires=60`, "",
			`sip:[0:0:0:0:0:0:0:1]:8061;transport=wss;thinfo="U2h5"`,
		},
		{
			"behind a user", `"A" <sip:wucln@10.200.40.113;x-tiu="VGhd==";lr>`, "A",
			`sip:wucln@10.200.40.113;x-tiu="VGhd==";lr`,
		},
		{"quotes around nothing", `<sip:a@b;x="">`, "", `sip:a@b;x=""`},
		{"quotes around what parts parameters", `<sip:a@b;x="p;q=r";lr>`, "", ""},
		{"a quote without an end in a parameter", `<sip:a@b;x="y>`, "", ""},
		{"a quote in the midst of a parameter", `<sip:a@b;x=y"z">`, "", ""},
		{"a quote in the name of a parameter", `<sip:a@b;"x"=y>`, "", ""},
		{"a bracket in quotes", `<sip:a@b;x="y>z">`, "", ""},
		{"a quote in the user", `<sip:a"b"@c>`, "", ""},
		{"padding without quotes", `<sip:a@b;thinfo=VG8==>`, "", "sip:a@b;thinfo=VG8=="},
		{
			"IMS without brackets",
			`sip:x@example.local;+sip.instance="<urn:gsma:imei:A-1>";+g.icsi-ref="urn%3A";audio`,
			"", "sip:x@example.local",
		},
		{
			"CUCM", `<sip:85951b3d@172.17.64.120:5060;transport=tcp>;+u.sip!devicename.ccm.cisco.com="SEP54"`, "",
			"sip:85951b3d@172.17.64.120:5060;transport=tcp",
		},
		{"no user before the @", `"Anonymous" <sip:@192.0.2.8>`, "Anonymous", "sip:192.0.2.8"},
		{"no user before the @, without brackets", "sip:@192.0.2.8;x=y", "", "sip:192.0.2.8"},
		{"no user and no host", "<sip:@>", "", ""},
		{
			"parameters of a telephone in the user", "<sip:+358-555-1234567;postd=pp22@foo.com;user=phone>", "",
			"sip:+358-555-1234567;postd=pp22@foo.com;user=phone",
		},
		{"a hash in the user", "<sip:PBX#1000#905@192.0.2.8>", "", "sip:PBX#1000#905@192.0.2.8"},
		{"quotes in quotes, Cisco", `""unknown"" <sip:x@192.0.2.8>`, `"unknown"`, "sip:x@192.0.2.8"},
		{
			"brackets in the name", `"<00412222222>" <sip:00412222222@192.0.2.8;user=phone>`, "<00412222222>",
			"sip:00412222222@192.0.2.8;user=phone",
		},
		{"a comma in the name", `"THOMPSON,ALICIA" <sip:1@192.0.2.8>`, "THOMPSON,ALICIA", "sip:1@192.0.2.8"},
		{"a backslash before a blank", `"Sami\ " <sip:1@192.0.2.8>`, "Sami ", "sip:1@192.0.2.8"},
		{"a colon in a name with quotes in it", `"Sales: "Bob"" <sip:1@192.0.2.8>`, `Sales: "Bob"`, "sip:1@192.0.2.8"},
		{"a time in a name with quotes in it", `"Open "9:30" h" <sip:1@192.0.2.8>`, `Open "9:30" h`, "sip:1@192.0.2.8"},
		{"a number in a name with quotes in it", `"J" tel:+1900 "x" <sip:1@192.0.2.8>`, "", ""},
		{"an address in a name with quotes in it", `"J" (sip:h) "x" <sip:1@192.0.2.8>`, "", ""},
		{"a mail address in a name with quotes in it", `"J "x@y"" <sip:1@192.0.2.8>`, "", ""},
		{"an empty name", `""  <sip:222@test.local>;epid=a22edc020e`, "", "sip:222@test.local"},
		{"no blank after the name", `"sipvicious"<sip:100@192.0.2.8>`, "sipvicious", "sip:100@192.0.2.8"},
		{"a blank at the end of the name", `"TestDev "<sip:7282@192.0.2.8>`, "TestDev ", "sip:7282@192.0.2.8"},
		{
			"a route without brackets", "sip:scscf.192.0.2.8:5054;transport=tcp;lr;service=scscf", "",
			"sip:scscf.192.0.2.8:5054",
		},
		{
			"Kamailio's routes", "<sip:192.0.2.8:7443;transport=ws;r2=on;lr=on;ftag=Xgc;did=863.246;nat=yes>", "",
			"sip:192.0.2.8:7443;transport=ws;r2=on;lr=on;ftag=Xgc;did=863.246;nat=yes",
		},
		{
			"Kamailio's hidden routes", "<sip:192.0.2.8;thks=sr-N6IAzBVsWxpyM.y7M.ylOBFwWGZ6MxvuMx3A>", "",
			"sip:192.0.2.8;thks=sr-N6IAzBVsWxpyM.y7M.ylOBFwWGZ6MxvuMx3A",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := ParseAddress(c.value)
			if c.uri == "" {
				if err == nil {
					t.Errorf("read as %q, %s", a.Display, a.URI)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, "name", a.Display, c.display)
			same(t, "address", a.URI.String(), c.uri)
			if again, err := ParseAddress(a.String()); err != nil || !again.URI.Equal(a.URI) {
				t.Errorf("written as %s: %v", a, err)
			}
			for _, start := range []string{"INVITE sip:bob@example.com SIP/2.0", "SIP/2.0 200 OK"} {
				m, err := Parse(asWritten(start, []string{
					"Contact: " + c.value, "Record-Route: " + c.value + ", <sip:p;lr>", "From: " + c.value + ";tag=1",
				}, "v=0"))
				if err != nil {
					t.Fatalf("%s: %v", start, err)
				}
				contacts, err := m.Contacts()
				if err != nil || len(contacts) != 1 || contacts[0].URI.String() != c.uri {
					t.Errorf("Contact %v, %v", contacts, err)
				}
				routes := m.Values("Record-Route")
				if len(routes) != 2 || routes[0] != c.value {
					t.Errorf("Record-Route %q", routes)
				}
				same(t, "tag", m.FromTag(), "1")
				checkRoundTrip(t, m)
			}
		})
	}
}

// Names that no list can hold are those of From and To.
//
// Holds: lenient-messages
func TestNamesOfTheField(t *testing.T) {
	for name, want := range map[string]string{
		"Sales: Red, Joe": "Sales: Red, Joe", `Joe's "Place`: `Joe's "Place`,
		"Red, Joe (9:30, \"x\")": `Red, Joe (9:30, "x")`,
		`A, B "C`:                `A, B "C`, "M\xfcller, J\xfcrgen": "Müller, Jürgen", `O'Neil, "Red"`: `O'Neil, "Red"`,
		"sip:a, b": "", "Red, tel:+1": "", "Red, x@y": "", `Red, "sip:h`: "", `"Red, Joe`: "",
	} {
		m, err := Parse(asWritten("INVITE sip:bob@example.com SIP/2.0",
			[]string{"From: " + name + " <sip:1@192.0.2.8>;tag=1"}, "v=0"))
		if want == "" {
			if err == nil {
				t.Errorf("%q is taken", name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		from, err := m.From()
		if err != nil || from.Display != want || from.URI.String() != "sip:1@192.0.2.8" || m.FromTag() != "1" {
			t.Errorf("%q: %v, %v", name, from, err)
		}
	}
}

// What is dialled or configured is not read so leniently.
//
// Holds: lenient-messages
func TestURIsThatAreConfiguredAreWhole(t *testing.T) {
	for _, in := range []string{
		`sip:a@b;x="y"`, `sip:a@b;x="y`, "sip:@b", "sip:@b:5060", `sip:b;thinfo=""`, "sip:a@b;", "sip:;lr",
	} {
		if u, err := ParseURI(in); err == nil {
			t.Errorf("%q is read as %s", in, u)
		}
	}
}

// Where a frame ends, a message does: a response may lack the empty line after its header fields, but not the end of
// the last of them, which could be longer; a request is refused.
//
// Holds: lenient-messages
func TestMessagesThatEndWithTheirFrame(t *testing.T) {
	contact := []string{"Contact: <sip:bob@192.0.2.1>"}
	for _, c := range []struct{ name, start, cut, want string }{
		{"a response", "SIP/2.0 200 OK", "\r\n", "ok"},
		{"a provisional response", "SIP/2.0 180 Ringing", "\r\n", "ok"},
		{"a refusal", "SIP/2.0 486 Busy Here", "\r\n", "ok"},
		{"a response without a body or an end", "SIP/2.0 302 Moved", "\r\n\r\n", "drop"},
		{"a response cut in its last field", "SIP/2.0 302 Moved", ">\r\n\r\n", "drop"},
		{"a request", "BYE sip:bob@example.com SIP/2.0", "\r\n", "400"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := append([]string{"CSeq: 1 BYE"}, contact...)
			text := strings.TrimSuffix(string(asWritten(c.start, lines, "")), c.cut)
			for _, ends := range []string{"\r\n", "\n"} {
				m, err := Parse([]byte(strings.ReplaceAll(text, "\r\n", ends)))
				same(t, "outcome", outcome(err), c.want)
				if err == nil && (m.Get("Contact") != "<sip:bob@192.0.2.1>" ||
					!told(m, "no empty line after the header fields")) {
					t.Errorf("told %v of\n%s", m.Oddities, m)
				}
			}
		})
	}
}

// The qop of a challenge is a list, also where its quotes were left out, and no scheme.
//
// Holds: lenient-messages
func TestListsInChallengesWithoutQuotes(t *testing.T) {
	for _, c := range []struct{ value, qop string }{
		{`Digest realm="r", nonce="n", qop=auth,auth-int`, "auth,auth-int"},
		{`Digest realm="r", qop=auth,auth-int, nonce="n"`, "auth,auth-int"},
		{`Digest qop=auth-int,auth,realm="r",nonce="n"`, "auth-int,auth"},
		{`Digest realm="r", qop=auth , auth-int , nonce="n"`, "auth,auth-int"},
		{`Digest realm="r", qop=AUTH,Auth-Int, nonce="n"`, "AUTH,Auth-Int"},
		{`Digest realm="r", qop="auth",auth-int, nonce="n"`, "auth,auth-int"},
		{`Digest realm="r", qop=auth, nonce="n", NTLM`, "auth"},
		{`Digest realm="r", nonce="n", qop=auth, Digest realm="s", nonce="m"`, "auth"},
		{`Digest realm="r", nonce="n", qop=auth,auth-int, Digest realm="s", nonce="m", qop=auth`, "auth,auth-int"},
	} {
		list, err := ParseChallenges(c.value)
		if err != nil || len(list) == 0 {
			t.Errorf("%s: %v", c.value, err)
			continue
		}
		for name, want := range map[string]string{"realm": "r", "nonce": "n", "qop": c.qop} {
			got, _ := list[0].Params.Get(name)
			same(t, c.value+": "+name, got, want)
		}
		if n := strings.Count(c.value, "Digest") + strings.Count(c.value, "NTLM"); len(list) != n {
			t.Errorf("%s: %d challenges", c.value, len(list))
		}
	}
	for _, scheme := range []string{"auth", "auth-int"} { // where no qop precedes it, it is one
		list, err := ParseChallenges(fmt.Sprintf(`Digest realm="r", nonce="n", %s`, scheme))
		if err != nil || len(list) != 2 {
			t.Errorf("%s: %+v, %v", scheme, list, err)
		}
	}
}
