package netsip

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

// bareInvite is what an INVITE may have beside its description, in octets: 8 kB with a description of 2.5 kB.
const bareInvite = 8<<10 - 2560

func long(n int) string { return strings.Repeat("x", n) }

// small fails for a request that others have made large.
func small(t *testing.T, m *sip.Message) {
	t.Helper()
	if n := len(m.Bytes()) - len(m.Body); n > bareInvite {
		t.Errorf("%s has %d octets beside its body", title(m), n)
	}
}

// realmsOf are challenges of so many realms, with so much in each.
func realmsOf(header string, n, size int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf(`%s: Digest realm="r%d", nonce="%s", opaque="%s", qop="auth"`, header, i,
			long(size), long(size)))
	}
	return lines
}

// Whatever the server has said before, the next INVITE is small, and a call comes about.
//
// Holds: bounded-requests
func TestNothingTheServerSaysMakesCallsGrowOrFail(t *testing.T) {
	proxy := func(lines ...string) func(*bench, *wire) {
		return func(b *bench, w *wire) { // a call that is challenged so, until it ends
			s := b.call("bob", CallOptions{})
			for range 8 {
				m := <-w.in
				small(t, m)
				if m.Method == "INVITE" {
					w.reply(m, 407, lines...)
				}
				over := false
				if b.do(func() { over = s.End() != nil }); over {
					break
				}
			}
			b.until("end of the call", func() bool { return s.state == SessionEnded })
			for len(w.in) > 0 {
				small(t, <-w.in)
			}
		}
	}
	registrar := func(code int, lines ...string) func(*bench, *wire) {
		return func(b *bench, w *wire) {
			b.do(b.ua.Register)
			m := w.expect("REGISTER")
			small(t, m)
			w.reply(m, code, append(lines, "Contact: "+m.Get("Contact"))...)
			time.Sleep(time.Second)
			for len(w.in) > 0 { // what it does about that
				m := <-w.in
				small(t, m)
				w.register(m, 3600)
			}
		}
	}
	bound := func(lines ...string) func(*bench, *wire) {
		return func(b *bench, w *wire) {
			b.do(b.ua.Register)
			m := w.expect("REGISTER")
			own := "Contact: " + m.Get("Contact")
			for _, line := range lines {
				if strings.HasPrefix(line, ";") {
					own += line
				}
			}
			var others []string
			for _, line := range lines {
				if !strings.HasPrefix(line, ";") {
					others = append(others, line)
				}
			}
			w.reply(m, 200, append(others, own)...)
			b.until("registered", func() bool { return b.ua.registration.pending == nil })
		}
	}
	gruu := func(name string, n int) string {
		return `;` + name + `="sip:alice@example.com;gr=` + long(n) + `"`
	}
	routes := func(n, size int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("<sip:s%d.example.com;lr;x=%s>", i, long(size)))
		}
		return "Service-Route: " + strings.Join(list, ", ")
	}
	for _, c := range []struct {
		name string
		says func(*bench, *wire)
	}{
		{"407 with 30 realms", proxy(realmsOf("Proxy-Authenticate", 30, 30)...)},
		{"407 with 90 realms of 200 octets", proxy(realmsOf("Proxy-Authenticate", 90, 200)...)},
		{"401 with 30 realms", proxy(realmsOf("WWW-Authenticate", 30, 500)...)},
		{
			"407 of our realm with 30 others",
			proxy(append([]string{"Proxy-Authenticate: Digest " + ownChallenge},
				realmsOf("Proxy-Authenticate", 30, 30)...)...),
		},
		{"a nonce of 20 kB", proxy(`Proxy-Authenticate: Digest realm="example.com", qop="auth", nonce="` +
			long(20000) + `"`)},
		{"an opaque of 20 kB", proxy(`Proxy-Authenticate: Digest realm="example.com", nonce="1", qop="auth", opaque="` +
			long(20000) + `"`)},
		{"a realm of 20 kB", proxy(`Proxy-Authenticate: Digest nonce="1", qop="auth", realm="` + long(20000) + `"`)},
		{"the longest challenges there may be", proxy(
			`Proxy-Authenticate: Digest realm="example.com", qop="auth", nonce="`+long(maxNonce)+
				`", opaque="`+long(maxOpaque)+`"`,
			`WWW-Authenticate: Digest realm="example.com", qop="auth", nonce="`+long(maxNonce)+
				`", opaque="`+long(maxOpaque)+`"`)},
		{"an algorithm of 20 kB", proxy(`Proxy-Authenticate: Digest realm="example.com", nonce="1", qop="auth", ` +
			`algorithm=` + long(20000))},
		{"a qop of 20 kB", proxy(`Proxy-Authenticate: Digest realm="example.com", nonce="1", qop="auth,` +
			long(20000) + `"`)},
		{"a nonce that is no UTF-8", proxy("Proxy-Authenticate: Digest realm=\"example.com\", qop=\"auth\", " +
			"nonce=\"\xff\xfe\"")},
		{"a nonce with control characters", proxy("Proxy-Authenticate: Digest realm=\"example.com\", qop=\"auth\", " +
			"nonce=\"a\x00\x1b[2Jb\"")},
		{"REGISTER with 30 realms", registrar(401, realmsOf("WWW-Authenticate", 30, 400)...)},
		{"REGISTER with 30 realms of proxies", registrar(407, realmsOf("Proxy-Authenticate", 30, 400)...)},
		{
			"REGISTER with a nonce of 20 kB",
			registrar(401, `WWW-Authenticate: Digest realm="example.com", qop="auth", nonce="`+long(20000)+`"`),
		},
		{"a next nonce of 20 kB", bound(`Authentication-Info: nextnonce="` + long(20000) + `"`)},
		{"16 Service-Routes of 4 kB", bound(routes(14, 4000))},
		{"1,000 Service-Routes", bound(routes(1000, 1))},
		{"one Service-Route of 60 kB", bound(routes(1, 60000))},
		{"a public GRUU of 20 kB", bound(gruu("pub-gruu", 20000))},
		{"a temporary GRUU of 20 kB", bound(gruu("temp-gruu", 20000))},
		{"a Path of 20 kB", bound("Path: <sip:p.example.com;lr;x=" + long(20000) + ">")},
		{"P-Associated-URI of 40 kB", bound("P-Associated-URI: <sip:" + long(40000) + "@example.com>")},
		{"many long header fields", bound("Date: "+long(9000), "Call-Info: <"+long(9000)+">",
			"Warning: 399 x \""+long(9000)+"\"", "Set-Cookie: a="+long(9000), "Security-Server: "+long(9000))},
		{
			"Retry-After and Min-Expires beyond measure",
			registrar(423, "Min-Expires: 4294967295", "Retry-After: 99999999999999999999"),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, registering(), func(b *bench, w *wire) {
				b.challenged(w, ownChallenge)
				c.says(b, w)
				s, m := b.calling(w)
				small(t, m)
				w.reply(m, 407, "Proxy-Authenticate: Digest "+strings.Replace(ownChallenge, `"1"`, `"new"`, 1))
				w.expect("ACK")
				m = w.expect("INVITE")
				small(t, m)
				w.reply(m, 200, farContact, answerSDP)
				small(t, w.expect("ACK"))
				b.reaches(s, SessionEstablished)
				b.do(s.HangUp)
				bye := w.expect("BYE")
				small(t, bye)
				w.reply(bye, 200)
				b.ended(s, Local, CauseBye)
			})
		})
	}
}

// What a far end says of itself makes no request inside the call grow: a call with more of it is not taken up.
//
// Holds: bounded-requests
func TestNothingTheFarEndSaysMakesRequestsGrow(t *testing.T) {
	routes := func(n, size int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("<sip:s%d.example.com;lr;x=%s>", i, long(size)))
		}
		return "Record-Route: " + strings.Join(list, ", ")
	}
	for _, c := range []struct {
		name  string
		lines []string // header fields of the far end
	}{
		{"a Contact of 60 kB", []string{"Contact: <sip:" + long(60000) + "@192.0.2.1>"}},
		{"a Contact with a parameter of 8 kB", []string{"Contact: <sip:bob@192.0.2.1;x=" + long(8000) + ">"}},
		{"a Record-Route of 50 kB", []string{routes(1, 50000)}},
		{"a hundred Record-Routes", []string{routes(100, 200)}},
		{"a thousand short Record-Routes", []string{routes(1000, 1)}},
		{"a strict Record-Route of 8 kB", []string{"Record-Route: <sip:strict" + long(8000) + ".example.com>"}},
		{"a tag of 50 kB", []string{"tag: " + long(50000)}},
		{"a display name of 20 kB", []string{"name: " + long(20000)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var lines []string
			tag, name := "from-far", "Bob"
			for _, line := range c.lines {
				switch field, value, _ := strings.Cut(line, ": "); field {
				case "tag":
					tag = value
				case "name":
					name = value
				default:
					lines = append(lines, line)
				}
			}
			contact := farContact
			if strings.HasPrefix(c.lines[0], "Contact") {
				contact = c.lines[0]
			}
			t.Run("calls", func(t *testing.T) {
				ladder(t, testConfig(), func(b *bench, w *wire) {
					f := w.caller()
					f.tag = tag
					m := f.request("INVITE", append([]string{contact, offerSDP}, lines...)...)
					m.Set("From", `"`+name+`" <sip:bob@example.com>;tag=`+tag)
					w.send(m)
					w.expect("100 INVITE")
					if resp := w.expect("400 INVITE"); resp.Reason != noDialog {
						t.Errorf("refused with %q", resp.Reason)
					}
					w.quiet(time.Second)
				})
			})
			t.Run("answers", func(t *testing.T) {
				ladder(t, testConfig(), func(b *bench, w *wire) {
					s, invite := b.calling(w)
					m := sip.NewResponse(invite, 200, "")
					for _, line := range append([]string{contact}, lines...) {
						field, value, _ := strings.Cut(line, ": ")
						m.Set(field, value)
					}
					m.Set("To", `"`+name+`" <sip:bob@example.com>;tag=`+tag)
					m.Add("Content-Type", sdpType)
					m.Body = []byte(answerSDP)
					w.send(m)
					small(t, w.expect("ACK"))
					b.until("over", func() bool { return s.state == SessionEnded })
					small(t, w.expect("BYE"))
					b.do(func() {
						if s.End().By != Remote || s.End().Err == nil {
							t.Errorf("ended by %v: %v", s.End().By, s.End().Err)
						}
					})
				})
			})
			t.Run("moves", func(t *testing.T) {
				if tag != "from-far" {
					t.Skip("a tag stays what it is")
				}
				ladder(t, testConfig(), func(b *bench, w *wire) {
					s, f := b.answered(w)
					f.invite(append([]string{contact, offerSDP}, lines...)...)
					f.learn(w.expect("200 INVITE"))
					w.send(f.request("ACK"))
					b.do(s.HangUp)
					small(t, w.expect("BYE"))
				})
			})
		})
	}
}

// What else servers and far ends hand us to say again is not said again where it is too long.
//
// Holds: bounded-requests
func TestNothingElseThatIsSaidAgainGrows(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(b *bench, w *wire) *sip.Message // the request that must be small; nil = none is sent
	}{
		{"an entity tag", func(b *bench, w *wire) *sip.Message {
			b.publish(PublishOptions{Body: []byte("<x/>")})
			w.reply(w.expect("PUBLISH"), 200, "SIP-ETag: "+long(20000), "Expires: 60")
			return w.expect("PUBLISH")
		}},
		{"an event", func(b *bench, w *wire) *sip.Message {
			f := w.caller()
			w.send(f.request("SUBSCRIBE", farContact, "Event: dialog;id="+long(20000)))
			w.expect("400 SUBSCRIBE")
			return nil
		}},
		{"the target of a transfer", func(b *bench, w *wire) *sip.Message {
			_, f := b.answered(w)
			w.send(f.request("REFER", farContact, "Refer-To: <sip:"+long(20000)+"@example.com>"))
			w.expect("400 REFER")
			return nil
		}},
		{"the call a transfer is to replace", func(b *bench, w *wire) *sip.Message {
			_, f := b.answered(w)
			w.send(f.request("REFER", farContact,
				"Refer-To: <sip:carol@example.com?Replaces="+long(20000)+"%3Bto-tag%3Da%3Bfrom-tag%3Db>"))
			w.expect("400 REFER")
			return nil
		}},
		{"who transfers", func(b *bench, w *wire) *sip.Message {
			_, f := b.answered(w)
			w.send(f.request("REFER", farContact, "Refer-To: <sip:carol@example.com>",
				"Referred-By: <sip:"+long(20000)+"@example.com>"))
			w.expect("202 REFER")
			w.expect("NOTIFY")
			b.do(func() {
				if _, err := b.ua.calls.asked.Accept(CallOptions{}); err != nil {
					b.Error(err)
				}
			})
			return w.expect("INVITE")
		}},
		{"the target of a redirection", func(b *bench, w *wire) *sip.Message {
			s := b.call("bob", CallOptions{})
			w.reply(w.expect("INVITE"), 302, "Contact: <sip:"+long(20000)+"@example.com>")
			w.expect("ACK")
			if end := b.ended(s, Remote, CauseRedirected); len(end.Redirect) > 0 {
				b.Error("can be followed")
			}
			return nil
		}},
		{"a caller who is called back", func(b *bench, w *wire) *sip.Message {
			b.do(func() {
				if _, err := callText(b.ua, "sip:"+long(20000)+"@example.com", CallOptions{}); err == nil {
					b.Error("called")
				}
			})
			return nil
		}},
		{"a caller's asserted identity in a transfer", func(b *bench, w *wire) *sip.Message {
			s, _ := b.answered(w, "P-Asserted-Identity: <sip:"+long(20000)+"@example.com>")
			other := b.call("carol", CallOptions{})
			w.agree(w.expect("INVITE"), answerSDP)
			b.reaches(other, SessionEstablished)
			b.do(func() {
				if _, err := other.TransferTo(s, nil); err != nil {
					b.Error(err)
				}
			})
			return w.expect("REFER")
		}},
		{"a reason phrase", func(b *bench, w *wire) *sip.Message {
			s := b.call("bob", CallOptions{})
			m := sip.NewResponse(w.expect("INVITE"), 499, long(20000))
			m.Add("Warning", `399 x "`+long(20000)+`"`)
			m.Set("To", m.Get("To")+";tag=x")
			w.send(m)
			w.expect("ACK")
			if end := b.ended(s, Remote, CauseStatus); len(end.Err.Error()) > 2*maxPhrase {
				b.Errorf("kept %d octets", len(end.Err.Error()))
			}
			return nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			listening(t, testConfig(), func(_ *bench, o *Options) {
				o.OnRefer, o.OnSubscribe = func(*Referral) {}, func(*Notifier) {}
			}, func(b *bench, w *wire) {
				if m := c.do(b, w); m != nil {
					small(t, m)
				}
			})
		})
	}
}

// What is no UTF-8 and has to be said again goes in a binary frame: in a text frame it would cut the connection.
func TestWhatIsNoTextGoesInABinaryFrame(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		m := f.request("OPTIONS")
		m.Set("From", "\"\xff\xfe\" <sip:bob@example.com>;tag=x")
		w.sendBinary(m)
		resp := w.expect("200 OPTIONS")
		if !strings.Contains(resp.Get("From"), "\xff\xfe") || !bytes.Contains(resp.Bytes(), []byte{0xff}) {
			t.Errorf("From %q", resp.Get("From"))
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.kind != websocket.BinaryMessage {
			t.Errorf("in a frame of kind %d", w.kind)
		}
	})
}
