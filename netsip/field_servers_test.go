package netsip

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
)

// A registrar's challenge is answered however it is written, by the best of what it offers; one that can be read in two
// ways is not.
//
// Holds: lenient-messages
// Holds: credentials
func TestChallengesOfTheField(t *testing.T) {
	for _, c := range []struct {
		name  string
		code  int
		lines []string
		want  string // realm|nonce|algorithm|qop|opaque of what we answer; "" = nothing
	}{
		{
			"RFC 3261's own", 401,
			[]string{`WWW-Authenticate: Digest realm="atlanta.com",` + "\r\n   " +
				`domain="sip:boxesbybob.com", qop="auth",` + "\r\n\t" +
				`nonce="f84f", opaque="", stale=FALSE, algorithm=MD5`},
			"atlanta.com|f84f|MD5|auth|",
		},
		{
			"Twilio", 407,
			[]string{`Proxy-Authenticate: Digest realm="sip.twilio.com",qop="auth",nonce="1a/+=",opaque="op="`},
			"sip.twilio.com|1a/+=|MD5|auth|op=",
		},
		{
			"a list of qop without quotes", 401,
			[]string{`WWW-Authenticate: Digest realm="r",qop=auth,auth-int,nonce="n"`},
			"r|n|MD5|auth|",
		},
		{
			"auth-int first", 401,
			[]string{`WWW-Authenticate: Digest realm="r", nonce="n", qop=auth-int,auth`},
			"r|n|MD5|auth|",
		},
		{
			"auth-int alone", 401,
			[]string{`WWW-Authenticate: Digest realm="r", nonce="n", qop="auth-int"`},
			"r|n|MD5|auth-int|",
		},
		{
			"auth-int and what nobody knows", 401,
			[]string{`WWW-Authenticate: Digest realm="r", nonce="n", qop="auth-conf, auth-int"`},
			"r|n|MD5|auth-int|",
		},
		{
			"what nobody knows alone", 401,
			[]string{`WWW-Authenticate: Digest realm="r", nonce="n", qop="auth-conf"`},
			"",
		},
		{"an empty qop", 401, []string{`WWW-Authenticate: Digest realm="r", nonce="n", qop=""`}, "r|n|MD5||"},
		{
			"nothing in quotes", 401,
			[]string{`WWW-Authenticate: Digest realm=My PBX,nonce=YWJj==,algorithm=MD5,qop=auth`},
			"My PBX|YWJj==|MD5|auth|",
		},
		{
			"everything in quotes", 401,
			[]string{`WWW-Authenticate: Digest realm="r",nonce="n",algorithm="MD5",qop="auth",stale="false"`},
			"r|n|MD5|auth|",
		},
		{
			"the algorithm in small letters", 401,
			[]string{`WWW-Authenticate: digest REALM="r",NONCE="n",ALGORITHM=md5`},
			"r|n|md5||",
		},
		{"an algorithm nobody knows, then MD5", 401, []string{
			`WWW-Authenticate: Digest realm="r",nonce="k",algorithm=SHA3-256,qop="auth"`,
			`WWW-Authenticate: Digest realm="r",nonce="n",algorithm=MD5,qop="auth"`,
		}, "r|n|MD5|auth|"},
		{"AKA, then MD5, in one line", 401, []string{
			`WWW-Authenticate: Digest realm="r",nonce="k",algorithm=AKAv1-MD5,Digest realm="r",nonce="n",algorithm=MD5`,
		}, "r|n|MD5||"},
		{"AKA alone", 401, []string{`WWW-Authenticate: Digest realm="r",nonce="k",algorithm=AKAv1-MD5`}, ""},
		{"MD5, SHA-256 and SHA-512-256", 401, []string{
			`WWW-Authenticate: Digest realm="r",nonce="1",algorithm=MD5,qop="auth"`,
			`WWW-Authenticate: Digest realm="r",nonce="2",algorithm=SHA-512-256,qop="auth"`,
			`WWW-Authenticate: Digest realm="r",nonce="3",algorithm=SHA-256,qop="auth"`,
		}, "r|2|SHA-512-256|auth|"},
		{"the same in one line", 401, []string{
			`WWW-Authenticate: Digest realm="r",nonce="3",algorithm=SHA-256,qop="auth", ` +
				`Digest realm="r",nonce="1",qop="auth"`,
		}, "r|3|SHA-256|auth|"},
		{"others beside it", 401, []string{
			`WWW-Authenticate: Negotiate`, `WWW-Authenticate: NTLM TlRMTVNTUAAC=`,
			`WWW-Authenticate: Bearer authz_server="x"`,
			`WWW-Authenticate: Digest realm="r",nonce="n",qop="auth"`,
		}, "r|n|MD5|auth|"},
		{"Basic beside it", 401, []string{
			`WWW-Authenticate: Basic realm="r"`, `WWW-Authenticate: Digest realm="r",nonce="n"`,
		}, "r|n|MD5||"},
		{"a line that cannot be read beside it", 401, []string{
			`WWW-Authenticate: Digest realm="r`, `WWW-Authenticate: Digest realm="r",nonce="n"`,
		}, "r|n|MD5||"},
		{
			"escapes", 401,
			[]string{`WWW-Authenticate: Digest realm="a\"b",nonce="c\\d",opaque="e\f"`},
			`a\"b|c\\d|MD5||e\f`,
		},
		{
			"what RFC 7616 adds", 401,
			[]string{`WWW-Authenticate: Digest realm="r",nonce="n",qop="auth",charset=UTF-8,userhash=false,x="y"`},
			"r|n|MD5|auth|",
		},
		{
			"a challenge of a proxy in a 401", 401,
			[]string{`Proxy-Authenticate: Digest realm="r",nonce="n"`},
			"r|n|MD5||",
		},
		{
			"a challenge of a server in a 407", 407,
			[]string{`WWW-Authenticate: Digest realm="r",nonce="n"`},
			"r|n|MD5||",
		},
		{"commas everywhere", 401, []string{`WWW-Authenticate: Digest , realm="r", ,nonce="n",,`}, "r|n|MD5||"},
		{"a realm in UTF-8", 401, []string{`WWW-Authenticate: Digest realm="Büro",nonce="n"`}, "Büro|n|MD5||"},
		{"an empty realm", 401, []string{`WWW-Authenticate: Digest realm="",nonce="n"`}, "|n|MD5||"},
		{"two realms in one", 401, []string{`WWW-Authenticate: Digest realm="r",realm="s",nonce="n"`}, ""},
		{"two nonces in one", 401, []string{`WWW-Authenticate: Digest realm="r",nonce="n",nonce="m"`}, ""},
		{
			"two algorithms in one", 401,
			[]string{`WWW-Authenticate: Digest realm="r",nonce="n",algorithm=SHA-256,algorithm=MD5`},
			"",
		},
		{"the same twice in one", 401, []string{`WWW-Authenticate: Digest realm="r",nonce="n",realm="r"`}, "r|n|MD5||"},
		{"no commas", 401, []string{`WWW-Authenticate: Digest realm="r" nonce="n"`}, ""},
		{"no scheme", 401, []string{`WWW-Authenticate: realm="r", nonce="n"`}, ""},
		{"nothing", 401, nil, ""},
		{"nothing in it", 401, []string{"WWW-Authenticate:"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, registering(), func(b *bench, w *wire) {
				m := sip.NewResponse(w.expect("REGISTER"), c.code, "")
				m.Set("To", m.Get("To")+";tag=far")
				w.sendRaw(withFields(m, c.lines...))
				if c.want == "" {
					w.quiet(time.Second)
					if s := b.state(); s.Registration != RegistrationFailed {
						t.Errorf("it is %v", s.Registration)
					}
					return
				}
				again := w.expect("REGISTER")
				field := "Authorization"
				if !again.Has(field) {
					field = "Proxy-Authorization"
				}
				p := fieldsOf(t, again.Get(field))
				if got := strings.Join([]string{p["realm"], p["nonce"], p["algorithm"], p["qop"], p["opaque"]},
					"|"); got != c.want {
					t.Errorf("answered %s", again.Get(field))
				}
				want := digest{
					algorithm: p["algorithm"], user: "alice", realm: p["realm"], password: "secret", nonce: p["nonce"],
					cnonce: p["cnonce"], count: 1, qop: p["qop"], method: "REGISTER", uri: "sip:example.com",
				}
				if p["response"] != want.response() {
					t.Errorf("response of %s", again.Get(field))
				}
				w.register(again, 600)
				b.until("registered", func() bool { return b.ua.registration.state == Registered })
			})
		})
	}
}

// withFields is a message without a body on the wire, with lines of another's hand behind all others.
func withFields(m *sip.Message, lines ...string) string {
	return strings.TrimSuffix(m.String(), "\r\n") + strings.Join(append(slices.Clone(lines), "", ""), "\r\n")
}

// fieldsOf reads credentials as their parameters, with escapes as they stand there.
func fieldsOf(t *testing.T, value string) map[string]string {
	t.Helper()
	list, err := sip.ParseChallenges(value)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, p := range list[0].Params {
		values[p.Name] = strings.TrimSuffix(strings.TrimPrefix(p.Value, `"`), `"`)
	}
	return values
}

// A binding is ours however the registrar writes it.
//
// Holds: accepted-descriptions
func TestBindingsOfTheField(t *testing.T) {
	const other = `<sip:other@192.0.2.9:5060;transport=ws>;expires=3000`
	for _, c := range []struct {
		name  string
		lines []string // USER and HOST are ours
	}{
		{"FreeSWITCH, with the date behind it", []string{
			`m:<sip:USER@HOST;transport=ws;received=192.0.2.7:36874>;expires=77,` +
				`<sip:10@192.0.2.9:65080;transport=tcp>;expires=2353204,` +
				`<sip:PBX#1000#905@192.0.2.9>;expires=2519533,Date:Thu, 24 May 2018 05:52:55 GMT`,
		}},
		{"drachtio, with the transport outside", []string{`Contact: <sip:USER@HOST>;transport=ws;expires=77`}},
		{
			"OpenSIPS hides the others",
			[]string{`Contact: <sip:192.0.2.9;thinfo="U2h5=">;expires=9, <sip:USER@HOST;transport=ws>;expires=77`},
		},
		{"in fields of their own", []string{
			"Contact: " + other, `m: "Alice" <sip:USER@HOST;transport=ws>;expires=77`, "Contact: " + other,
		}},
		{"with commas in quotes", []string{
			"Contact: " + other + `;methods="INVITE, ACK, BYE"`,
			`Contact: <sip:USER@HOST;transport=ws>;methods="INVITE, ACK";pub-gruu="sip:a@b;gr=x";expires=77;+sip.ice`,
		}},
		{"the scheme in capitals", []string{`Contact: <SIP:USER@HOST;transport=ws>;expires=77`}},
		{
			"expires in capitals, with blanks",
			[]string{"Contact: " + other + ", <sip:USER@HOST;transport=ws> ; Expires = 77 ; q = 0.5"},
		},
		{"the instance in capitals at another address", []string{
			"Contact: " + other + `, <sip:x@192.0.2.5>` +
				`;+SIP.Instance="<URN:UUID:8F1FA16A-1165-4A96-8341-785B1EF24F12>";Reg-ID="1";expires=77`,
		}},
		{"parameters in another order", []string{`Contact: <sip:USER@HOST;ob;x=1;transport=ws>;+sip.instance=` +
			`"<urn:uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12>";expires=77;reg-id=1;q=0.7`}},
		{"folded", []string{"Contact: " + other + ",\r\n <sip:USER@HOST;transport=ws>\r\n\t;expires=77"}},
		{"other schemes beside it", []string{
			`Contact: <tel:+1>;expires=5, <mailto:a@b>;expires=6, <sips:USER@HOST>;expires=8, ` +
				`<sip:USER@HOST;transport=ws>;expires=77`,
		}},
		{"the user as other octets", []string{`Contact: <sip:ESCAPED@HOST;transport=%77s>;expires=77`}},
		{"the port of the server", []string{"Contact: " + other + `, <sip:USER@HOST:443;transport=wss>;expires=77`}},
		{
			"no address but the user",
			[]string{"Contact: " + other + `, <sip:USER@[2001:db8::7]:40444;transport=ws>;expires=77`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, registering(), func(b *bench, w *wire) {
				m := sip.NewResponse(w.expect("REGISTER"), 200, "")
				m.Set("To", m.Get("To")+";tag=far")
				plain := b.ua.identity.plain
				escaped := ""
				for _, o := range []byte(plain.User) {
					escaped += fmt.Sprintf("%%%x", o)
				}
				w.sendRaw(strings.NewReplacer("USER", plain.User, "HOST", plain.Host, "ESCAPED", escaped).
					Replace(withFields(m, append(c.lines, "Expires: 3600")...)))
				b.until("registered", func() bool { return b.ua.registration.state == Registered })
				if got := b.state().Expires; got != 77*time.Second {
					t.Errorf("granted %v", got)
				}
				if n := len(slices.DeleteFunc(b.state().Bindings, func(b Binding) bool { return !b.Own })); n != 1 {
					t.Errorf("%d bindings are ours", n)
				}
			})
		})
	}
}

// Where a redirection leads is told in the order that it prefers, and nothing that cannot be called is.
//
// Holds: lenient-messages
func TestRedirectionsOfTheField(t *testing.T) {
	for _, c := range []struct {
		name  string
		code  int
		lines []string
		want  string // users, the likeliest first
	}{
		{"by q", 300, []string{"Contact: <sip:a@h>;q=0.1, <sip:b@h>;q=0.9, <sip:c@h>;q=0.5"}, "b c a"},
		{"q without a nought", 302, []string{"Contact: <sip:a@h>;q=.1, <sip:b@h>;q=.75"}, "b a"},
		{"q in quotes and capitals", 302, []string{`Contact: <sip:a@h>;Q="0.2", <sip:b@h>;Q="0.3"`}, "b a"},
		{"q with too many digits", 302, []string{"Contact: <sip:a@h>;q=0.20001, <sip:b@h>;q=0.20002"}, "b a"},
		{"q that is none", 302, []string{"Contact: <sip:a@h>;q=0.5, <sip:b@h>;q=high"}, "b a"},
		{"no q before a q", 302, []string{"Contact: <sip:a@h>;q=0.99, <sip:b@h>"}, "b a"},
		{"equal q", 302, []string{"Contact: <sip:b@h>;q=0.5, <sip:a@h>;q=0.50"}, "b a"},
		{
			"in fields of their own", 301,
			[]string{"Contact: <sip:a@h>;q=0.1", "m: <sip:b@h>;q=0.2", "CONTACT: <sip:c@h>;q=0.3"},
			"c b a",
		},
		{"without brackets", 302, []string{"Contact: sip:a@h;q=0.1;user=phone"}, "a"},
		{"with names", 302, []string{`Contact: "A, B" <sip:a@h>;q=0.1, C <sip:c@h>`}, "c a"},
		{"quotes in a parameter", 302, []string{`Contact: <sip:a@h;thinfo="x=">`}, "a"},
		{"nobody's", 302, []string{"Contact: <sip:@h>, <sip:a@h>"}, " a"},
		{"other schemes", 302, []string{"Contact: <tel:+1>, <sips:s@h>, <http://h>, <sip:a@h>"}, "a"},
		{"with headers", 302, []string{"Contact: <sip:a@h?Route=%3Csip:evil%3E>, <sip:b@h>"}, "b"},
		{"with headers and no brackets", 302, []string{"Contact: sip:a@h?Subject=x"}, ""},
		{"where it was", 302, []string{"Contact: <sip:bob@EXAMPLE.com>, <sip:%62ob@example.com>"}, ""},
		{"twice the same", 302, []string{"Contact: <sip:a@h>, <sip:a@H>;q=0.1"}, "a"},
		{"all", 302, []string{"Contact: *"}, ""},
		{"nothing", 302, nil, ""},
		{"an alternative service", 380, []string{"Contact: <urn:service:sos>"}, ""},
		{"one that may be two", 302, []string{`Contact: <sip:a@h>;x="y, <sip:b@h>`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				m := sip.NewResponse(invite, c.code, "")
				m.Set("To", m.Get("To")+";tag=far")
				w.sendRaw(withFields(m, c.lines...))
				w.expect("ACK")
				var users []string
				for _, a := range b.ended(s, Remote, CauseRedirected).Redirect {
					users = append(users, a.URI.User)
				}
				if got := strings.Join(users, " "); got != c.want {
					t.Errorf("to %q, want %q", got, c.want)
				}
				w.quiet(time.Second)
			})
		})
	}
}
