package netsip

import (
	"strings"
	"testing"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// More of etsi_test.go: what requests and responses are made of, and the forms in which they come.

// RFC 3261 section 8.2.6.1: 100 takes the Timestamp of its request over.
func TestTryingHasTheTimestamp(t *testing.T) {
	for _, stamp := range []string{"", "54", "54.21", "1 0.5", "0"} {
		t.Run("Timestamp: "+stamp, func(t *testing.T) {
			ladder(t, testConfig(), func(_ *bench, w *wire) {
				lines := []string{farContact, offerSDP}
				if stamp != "" {
					lines = append(lines, "Timestamp: "+stamp)
				}
				w.send(w.caller().request("INVITE", lines...))
				trying, ringing := w.expect("100 INVITE"), w.expect("180 INVITE")
				if trying.Get("Timestamp") != stamp || trying.Has("Timestamp") != (stamp != "") ||
					ringing.Has("Timestamp") {
					t.Errorf("100 and 180:\n%s\n%s", trying, ringing)
				}
			})
		})
	}
}

// RFC 3261 section 11.2: what a 200 of OPTIONS tells, outside a dialog and inside one, and what it takes over
// (section 8.2.6.2).
func TestOptionsAreAnsweredInFull(t *testing.T) {
	requests := map[string]func(b *bench, w *wire) *sip.Message{
		"while idle": func(_ *bench, w *wire) *sip.Message { return w.out("OPTIONS") },
		"with a body": func(_ *bench, w *wire) *sip.Message {
			return w.out("OPTIONS", offerSDP)
		},
		"through two proxies": func(_ *bench, w *wire) *sip.Message {
			m := w.out("OPTIONS", "Max-Forwards: 0")
			m.Add("Via", "SIP/2.0/UDP first.example.com;branch=z9hG4bKfirst")
			return m
		},
		"while it rings": func(b *bench, w *wire) *sip.Message {
			b.ringing(w)
			return w.out("OPTIONS")
		},
		"in a call": func(b *bench, w *wire) *sip.Message {
			_, f := b.answered(w)
			return f.request("OPTIONS")
		},
	}
	for name, request := range requests {
		t.Run(name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				m := request(b, w)
				w.send(m)
				resp := w.expect("200 OPTIONS")
				for _, name := range []string{"Allow", "Accept", "Accept-Encoding", "Accept-Language", "Supported"} {
					if resp.Get(name) == "" {
						t.Errorf("no %s", name)
					}
				}
				for _, name := range []string{"Via", "From", "Call-ID", "CSeq"} {
					if got, want := strings.Join(resp.Lines(name), "|"), strings.Join(m.Lines(name), "|"); got != want {
						t.Errorf("%s: %s, want %s", name, got, want)
					}
				}
				if !strings.HasPrefix(resp.Get("To"), m.Get("To")) || resp.ToTag() == "" {
					t.Errorf("To: %s", resp.Get("To"))
				}
			})
		})
	}
}

// RFC 3261 section 8.1.1: what every request of ours has, in a dialog or not.
func TestRequestsHaveTheirMandatoryFields(t *testing.T) {
	registered := registering()
	requests := map[string]struct {
		config config.Config
		make   func(b *bench, w *wire) *sip.Message
	}{
		"INVITE": {testConfig(), func(b *bench, w *wire) *sip.Message {
			_, invite := b.calling(w)
			if invite.Get("Content-Type") != "application/sdp" || !invite.Has("Allow") || len(invite.Body) == 0 ||
				!invite.Has("Contact") || invite.Get("Content-Length") != itoa(len(invite.Body)) {
				b.Errorf("INVITE:\n%s", invite)
			}
			return invite
		}},
		"INVITE without an offer": {testConfig(), func(b *bench, w *wire) *sip.Message {
			b.call("bob", CallOptions{LateOffer: true})
			m := w.expect("INVITE")
			if m.Has("Content-Type") || m.Get("Content-Length") != "0" {
				b.Errorf("INVITE:\n%s", m)
			}
			return m
		}},
		"OPTIONS": {testConfig(), func(b *bench, w *wire) *sip.Message {
			b.do(func() { _ = b.ua.QueryOptions("bob", func(*Abilities, error) {}) })
			return w.expect("OPTIONS")
		}},
		"REGISTER": {registered, func(_ *bench, w *wire) *sip.Message { return w.expect("REGISTER") }},
		"BYE": {testConfig(), func(b *bench, w *wire) *sip.Message {
			s, _, _ := b.established(w)
			b.do(s.HangUp)
			return w.expect("BYE")
		}},
		"CANCEL": {testConfig(), func(b *bench, w *wire) *sip.Message {
			s, invite := b.calling(w)
			w.reply(invite, 180, farContact)
			b.reaches(s, SessionRinging)
			b.do(s.HangUp)
			return w.expect("CANCEL")
		}},
	}
	for name, c := range requests {
		t.Run(name, func(t *testing.T) {
			ladder(t, c.config, func(b *bench, w *wire) {
				m := c.make(b, w)
				for _, name := range strings.Fields("To From CSeq Call-ID Max-Forwards Via Content-Length") {
					if len(m.Lines(name)) != 1 {
						t.Errorf("%s: %q", name, m.Lines(name))
					}
				}
				via, err := m.TopVia()
				if seq, _ := m.CSeq(); seq.Method != m.Method || m.FromTag() == "" || err != nil ||
					!strings.HasPrefix(via.Branch(), branchCookie) || len(via.Branch()) < 16 {
					t.Errorf("request:\n%s", m)
				}
				to, err := m.To()
				switch m.Method {
				case "INVITE", "OPTIONS":
					if m.ToTag() != "" || err != nil || to.URI.String() != m.RequestURI.String() {
						t.Errorf("To %s of %s", m.Get("To"), m.RequestURI.String())
					}
				case "REGISTER":
					from, _ := m.From()
					if to.URI.String() != "sip:alice@example.com" || from.URI.String() != to.URI.String() ||
						m.RequestURI.User != "" {
						t.Errorf("REGISTER:\n%s", m)
					}
				}
			})
		})
	}
}

// RFC 3261 sections 7.3.1, 7.3.2, 7.3.3 and 7.5: the forms that a message may have, in what comes to us as callee,
// caller and registrant. What belongs to other messages is ignored.
func TestMessagesAreReadInEveryForm(t *testing.T) {
	without := func(text string) string { return strings.Replace(text, "SIP/2.0 200 OK", "SIP/2.0 200 ", 1) }
	forms := map[string]func(string) string{
		"names in any case": strings.NewReplacer("Via:", "vIA:", "From:", "FROM:", "To:", "tO:",
			"Call-ID:", "CALL-id:", "CSeq:", "cseq:", "Contact:", "cONTACT:", "Content-Type:", "CONTENT-type:").Replace,
		"compact names": strings.NewReplacer("Via:", "v:", "From:", "f:", "To:", "t:", "Call-ID:", "i:",
			"Contact:", "m:", "Content-Type:", "c:", "Content-Length:", "l:").Replace,
		"folded lines": strings.NewReplacer("\r\nFrom: ", "\r\nFrom:\r\n  ", ";tag=", "\r\n\t;tag=",
			"\r\nContact: ", "\r\nContact:\r\n ").Replace,
		"blanks around colons": strings.NewReplacer("From: ", "From  :   ", "To: ", "To\t:",
			"CSeq: ", "CSeq :  ").Replace,
		"unknown fields": strings.NewReplacer("\r\nFrom: ",
			"\r\nX-Unknown: a, \"b\";c\r\nUnknown-Too: \r\nFrom: ").Replace,
		"fields of other messages": strings.NewReplacer("\r\nFrom: ",
			"\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"y\"\r\nUnsupported: x\r\nMin-Expires: 9\r\n"+
				"In-Reply-To: x@y\r\nPriority: urgent\r\nRoute: <sip:x;lr>\r\nFrom: ").Replace,
		"empty lines before": func(text string) string { return "\r\n\r\n" + text },
		"the other way round": func(text string) string {
			head, body, _ := strings.Cut(text, "\r\n\r\n")
			lines := strings.Split(head, "\r\n")
			for i, j := 1, len(lines)-1; i < j; i, j = i+1, j-1 {
				lines[i], lines[j] = lines[j], lines[i]
			}
			return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
		},
		"no reason phrase": without,
	}
	for name, form := range forms {
		t.Run(name+", in an INVITE", func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				text := w.caller().request("INVITE", farContact, offerSDP).String()
				if form(text) == text && name != "no reason phrase" {
					t.Error("the form is the usual one")
				}
				w.sendRaw(form(text))
				w.expect("100 INVITE")
				w.expect("180 INVITE")
				if s := b.lastInvite(); s.Remote().URI.String() != "sip:bob@example.com" {
					t.Errorf("called by %v", s.Remote())
				}
			})
		})
		t.Run(name+", in the 200 of an INVITE", func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				w.sendRaw(form(answerTo(invite).String()))
				w.expect("ACK")
				b.reaches(s, SessionEstablished)
			})
		})
		t.Run(name+", in the 200 of a REGISTER", func(t *testing.T) {
			ladder(t, registering(), func(b *bench, w *wire) {
				m := w.expect("REGISTER")
				ok := sip.NewResponse(m, 200, "")
				ok.Add("Contact", m.Get("Contact"))
				w.sendRaw(form(ok.String()))
				b.until("registered", func() bool { return b.ua.registration.state == Registered })
			})
		})
	}
}

// RFC 3261 sections 8.2.2.1 and 8.2.2: whom To names is no matter, the Request-URI alone says who is called.
func TestCalledByTheRequestURIAlone(t *testing.T) {
	for _, c := range []struct{ name, to string }{
		{"another user", "<sip:sales@example.com>"},
		{"another domain", "<sip:alice@example.org>"},
		{"a telephone number", "<tel:+4930123456>"},
		{"a scheme nobody knows", "<unknown:anything>"},
		{"a display name", `"Somebody, else" <sip:x@y.example.com;user=phone>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(_ *bench, w *wire) {
				w.send(w.caller().request("INVITE", farContact, offerSDP, "To: "+c.to))
				w.expect("100 INVITE")
				if ringing := w.expect("180 INVITE"); !strings.HasPrefix(ringing.Get("To"), c.to+";tag=") {
					t.Errorf("To: %s", ringing.Get("To"))
				}
			})
		})
	}
}

// RFC 3261 section 19.1.1, table 1: a Request-URI has neither method nor header fields, wherever it was taken from.
func TestTargetHasNoMethodAndNoHeaders(t *testing.T) {
	for _, c := range []struct{ name, contact, want string }{
		{"header fields", "<sip:bob@192.0.2.1?Subject=x&Priority=urgent>", "sip:bob@192.0.2.1"},
		{"a method", "<sip:bob@192.0.2.1;method=REGISTER>", "sip:bob@192.0.2.1"},
		{"both", "<sip:bob@192.0.2.1;method=BYE?Route=%3Csip:x%3E>", "sip:bob@192.0.2.1"},
		{"a body", "<sip:bob@192.0.2.1?body=x>", "sip:bob@192.0.2.1"},
		{
			"all that may stay", "<sip:b%6fb@192.0.2.1:5070;transport=ws;x=y>",
			"sip:b%6fb@192.0.2.1:5070;transport=ws;x=y",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				w.reply(invite, 200, "Contact: "+c.contact, answerSDP)
				ack := w.expect("ACK")
				b.reaches(s, SessionEstablished)
				b.do(s.HangUp)
				for _, m := range []*sip.Message{ack, w.expect("BYE")} {
					if m.RequestURI.String() != c.want {
						t.Errorf("%s to %s", m.Method, m.RequestURI.String())
					}
				}
			})
		})
	}
}

// RFC 3261 sections 19.1.1 and 19.1.4: the forms of a Request-URI by which we are called.
func TestRequestURIsThatReachUs(t *testing.T) {
	for _, uri := range []string{
		"sip:alice@example.com", "SIP:alice@EXAMPLE.com", "sip:%61li%63e@example.com", "sip:alice@example.com:5060",
		"sip:alice@192.0.2.9:33", "sip:alice@[2001:db8::1]", "sip:alice@example.com;method=BYE",
		"sip:alice@example.com;transport=tcp", "sip:alice@example.com;maddr=192.0.2.1;ttl=15;user=phone",
		"sip:alice@example.com;unknown;x=%41",
	} {
		t.Run(uri, func(t *testing.T) {
			ladder(t, testConfig(), func(_ *bench, w *wire) {
				m := w.caller().request("INVITE", farContact, offerSDP)
				w.sendRaw(strings.Replace(m.String(), "INVITE sip:alice@example.com ", "INVITE "+uri+" ", 1))
				w.expect("100 INVITE")
				w.expect("180 INVITE")
			})
		})
	}
	for uri, want := range map[string]string{
		"sip:al%69cee@example.com": "404 INVITE", "sip:@example.com": "400 INVITE", "sip:alice@": "400 INVITE",
		"sip:alice@example.com:port": "400 INVITE", "<sip:alice@example.com>": "400 INVITE",
		"sip:al ice@example.com": "400 INVITE", "sip:alice@example.com?x=y": "400 INVITE",
		"sip:alice:secret@example.com": "404 INVITE",
	} {
		t.Run(uri, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				m := w.caller().request("INVITE", farContact, offerSDP)
				w.sendRaw(strings.Replace(m.String(), "INVITE sip:alice@example.com ", "INVITE "+uri+" ", 1))
				w.expect(want)
			})
		})
	}
}

// RFC 3261 sections 8.1.3.5 and 22.2: OPTIONS is asked once more with credentials, where the realm may have them.
func TestOptionsAreAskedAgainWithCredentials(t *testing.T) {
	for _, c := range []struct {
		name      string
		code      int
		challenge string
		field     string // with the credentials; "" = none are given
	}{
		{"401", 401, `WWW-Authenticate: Digest realm="p", nonce="1", qop="auth"`, "Authorization"},
		{"407", 407, `Proxy-Authenticate: Digest realm="p", nonce="1", qop="auth"`, "Proxy-Authorization"},
		{"SHA-256", 401, `WWW-Authenticate: Digest realm="p", nonce="1", algorithm=SHA-256`, "Authorization"},
		{"without qop", 407, `Proxy-Authenticate: Digest realm="p", nonce="1"`, "Proxy-Authorization"},
		{"another realm", 407, `Proxy-Authenticate: Digest realm="other", nonce="1", qop="auth"`, ""},
		{"no challenge", 401, "X-None: 1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			listening(t, testConfig(), knowing(allowed("p")), func(b *bench, w *wire) {
				told := 0
				b.do(func() { _ = b.ua.QueryOptions("bob", func(*Abilities, error) { told++ }) })
				first := w.expect("OPTIONS")
				w.reply(first, c.code, c.challenge)
				if c.field != "" {
					again := w.expect("OPTIONS")
					was, _ := first.CSeq()
					is, _ := again.CSeq()
					if !strings.Contains(again.Get(c.field), `realm="p"`) || is.Seq != was.Seq+1 ||
						again.CallID() != first.CallID() || again.Get("Via") == first.Get("Via") {
						t.Errorf("again:\n%s", again)
					}
					w.reply(again, c.code, c.challenge) // the password is wrong
				}
				b.until("told", func() bool { return told == 1 })
				w.quiet(pingInterval)
			})
		})
	}
}
