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

// withLines is a message on the wire with lines of another's hand in it: one of a header field that it has takes that
// one's place, and any other stands behind CSeq.
func withLines(m *sip.Message, lines ...string) string {
	head, body, _ := strings.Cut(m.String(), "\r\n\r\n")
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		at := strings.Index(head, "\r\n"+name+":")
		if at < 0 || strings.HasPrefix(line, "Content-Length: ") && strings.Count(head, "Content-Length") > 1 {
			end := strings.Index(head, "\r\nCSeq:") + 2
			end += strings.Index(head[end:], "\r\n")
			head = head[:end] + "\r\n" + line + head[end:]
			continue
		}
		end := len(head)
		if next := strings.Index(head[at+2:], "\r\n"); next >= 0 {
			end = at + 2 + next
		}
		head = head[:at+2] + line + head[end:]
	}
	return head + "\r\n\r\n" + body
}

// answerTo is the 200 to an INVITE of the user agent.
func answerTo(invite *sip.Message) *sip.Message {
	m := sip.NewResponse(invite, 200, "")
	m.Set("To", m.Get("To")+";tag=far")
	m.Add("Contact", strings.TrimPrefix(farContact, "Contact: "))
	m.Add("Content-Type", "application/sdp")
	m.Body = []byte(answerSDP)
	return m
}

// A call comes about though a field of the 200, or of the 180 before it, is malformed, and its end is found by what the
// 200 said.
//
// Holds: lenient-messages
func TestCallSucceedsInSpiteOfABadField(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
	}{
		{"a blank in a header's name", []string{"X Custom: 1"}},
		{"a second Content-Length", []string{fmt.Sprintf("l: %d", len(answerSDP))}},
		{"a wrong Content-Length", []string{"Content-Length: 9999"}},
		{"a Content-Length of lines that end with LF", []string{fmt.Sprintf("Content-Length: %d", len(answerSDP)-7)}},
		{"a date in Expires", []string{"Expires: Thu, 01 Dec 2026 16:00:00 GMT"}},
		{"a broken Session-Expires", []string{"Session-Expires: soon"}},
		{"a broken Date, Server and Warning", []string{"Date: now", "Server: ((", `Warning: 399 "`}},
		{"a broken Allow and Supported", []string{"Allow: ;;,", "Supported: ,,;"}},
		{"a Contact parameter that is none", []string{"Contact: <sip:bob@192.0.2.1;transport=ws;>;x y;;q="}},
		{"a Contact parameter with an open quote", []string{`Contact: <sip:bob@192.0.2.1;transport=ws>;x="y`}},
		{"a Contact with quotes in its name", []string{`Contact: "Bob "the" B" <sip:bob@192.0.2.1;transport=ws>`}},
		{"a From that is not ours any more", []string{`From: "x <sip:y@z>`}},
		{"a semicolon at the end of To", []string{"To: <sip:bob@example.com>;tag=far;"}},
		{"no type of the description", []string{"Content-Type:"}},
		{"a semicolon after the type", []string{"Content-Type: application/sdp;"}},
		{"a broken Record-Route parameter", []string{"Record-Route: <sip:p.example.com;lr;>;;"}},
		{"a Record-Route without brackets", []string{"Record-Route: sip:p.example.com;lr"}},
		{"a Record-Route with lr outside", []string{"Record-Route: <sip:p.example.com>;lr=on"}},
		{"the same Contact twice", []string{
			"Contact: <sip:bob@192.0.2.1;transport=ws>, <sip:bob@192.0.2.1;TRANSPORT=ws;x>;q=1",
		}},
		{"a type of the description with a comma", []string{"Content-Type: application/sdp,"}},
		{"equal Content-Lengths in a list", []string{fmt.Sprintf("Content-Length: %[1]d, %[1]d", len(answerSDP))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				ringing := sip.NewResponse(invite, 180, "")
				ringing.Set("To", ringing.Get("To")+";tag=far")
				w.sendRaw(withLines(ringing, "X Custom: 1", "Content-Length: 77"))
				b.reaches(s, SessionRinging)
				w.sendRaw(withLines(answerTo(invite), c.lines...))
				if ack := w.expect("ACK"); ack.RequestURI.String() != "sip:bob@192.0.2.1;transport=ws" ||
					ack.ToTag() != "far" {
					t.Errorf("acknowledged to %s, tag %s", ack.RequestURI, ack.ToTag())
				}
				b.reaches(s, SessionEstablished)
				b.do(s.HangUp)
				w.sendRaw(withLines(sip.NewResponse(w.expect("BYE"), 200, ""), "X Custom: 1", `Contact: "x <sip:y`))
				b.ended(s, Local, CauseBye)
				b.clean()
			})
		})
	}
}

// A call whose far end could be somebody else, or whose end would not be found, does not come about.
//
// Holds: lenient-messages
func TestCallDoesNotSucceedByAGuess(t *testing.T) {
	for _, c := range []struct {
		name, line string
		hangsUp    bool // it is acknowledged by way of the address that was called, and ended
	}{
		{"two Content-Lengths that differ", "l: 3", false},
		{"two Call-IDs", "i: another", false},
		{"a tag that cannot be read", `To: <sip:bob@example.com>;x="y;tag=far`, false},
		{"a Contact that may be two", `Contact: <sip:bob@192.0.2.1>;x="y, <sip:eve@192.0.2.6>`, true},
		{"a Contact with two addresses", "Contact: sip:bob@192.0.2.1 <sip:eve@192.0.2.6> x", true},
		{"a Contact with headers and no brackets", "Contact: sip:bob@192.0.2.1?Route=%3Csip:eve@192.0.2.6%3E", true},
		{"two Contacts", "Contact: <sip:bob@192.0.2.1>, <sip:eve@192.0.2.6>", true},
		{"a Contact that cannot be read before another", "Contact: bob@192.0.2.1, <sip:eve@192.0.2.6>", true},
		{"a Record-Route that may be two", "Record-Route: <sip:p.example.com;lr> <sip:eve@192.0.2.6;lr>", true},
		{"a Record-Route without an end", "Record-Route: <sip:p.example.com;lr", true},
		{"two tags", "To: <sip:bob@example.com>;tag=far;tag=near", false},
		{"two Content-Lengths in a list", "Content-Length: 3, 4", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				w.sendRaw(withLines(answerTo(invite), c.line))
				if !c.hangsUp {
					w.quiet(time.Second)
					if s.state == SessionEstablished {
						t.Fatal("established")
					}
					w.reply(invite, 486)
					w.expect("ACK")
					return
				}
				for _, want := range []string{"ACK", "BYE"} {
					m := w.expect(want)
					if m.RequestURI.String() != "sip:bob@example.com" || m.Has("Route") {
						t.Errorf("%s to %s", want, m.RequestURI)
					}
					if want == "BYE" {
						w.reply(m, 200)
					}
				}
				b.until("end", func() bool { return s.state == SessionEnded })
			})
		})
	}
}

// Who calls is shown as they meant it, and the phone rings, whatever of the INVITE it does not need is malformed.
//
// Holds: lenient-messages
func TestPhoneRingsInSpiteOfABadField(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		shown string
	}{
		{"quotes in quotes", []string{`From: "Joe "Red" S" <sip:joe@example.com>;tag=from-far`}, `Joe "Red" S`},
		{"quotes outside", []string{`From: Joe "Red" S <sip:joe@example.com>;tag=from-far`}, `Joe "Red" S`},
		{"a backslash at the end", []string{`From: "CORP\" <sip:joe@example.com>;tag=from-far`}, `CORP\`},
		{"a comma without quotes", []string{"From: Red, Joe <sip:joe@example.com>;tag=from-far"}, "Red, Joe"},
		{"a semicolon at the end", []string{`From: "Joe" <sip:joe@example.com;>;tag=from-far;`}, "Joe"},
		{"a parameter that is none", []string{`From: "Joe" <sip:joe@example.com>;a b=c;tag=from-far`}, "Joe"},
		{"an open quote after the tag", []string{`From: "Joe" <sip:joe@example.com>;tag=from-far;x="y`}, "Joe"},
		{"unescaped characters in the user", []string{`From: "Joe" <sip:+1(555)#|{}@example.com>;tag=from-far`}, "Joe"},
		{"a date in Expires", []string{"Expires: tomorrow"}, "Bob"},
		{"no Max-Forwards that counts", []string{"Max-Forwards:"}, "Bob"},
		{"a Contact with parameters that are none", []string{"Contact: <sip:joe@192.0.2.1>;;x y;"}, "Bob"},
		{"a broken P-Asserted-Identity", []string{`P-Asserted-Identity: "x <sip:y`}, "Bob"},
		{"a blank in a header's name", []string{"X Custom: 1"}, "Bob"},
		{"no type of the description", []string{"Content-Type:"}, "Bob"},
		{"a broken Session-Expires", []string{"Session-Expires: x;;"}, "Bob"},
		{"a semicolon at the end of To", []string{"To: <sip:alice@example.com>;"}, "Bob"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				f := w.caller()
				w.sendRaw(withLines(f.request("INVITE", farContact, offerSDP), c.lines...))
				w.expect("100 INVITE")
				w.expect("180 INVITE")
				s := b.lastInvite()
				b.do(func() {
					if got := s.Remote().Display; got != c.shown {
						t.Errorf("shown as %q", got)
					}
					s.Answer()
				})
				answer := w.expect("200 INVITE")
				if to := answer.Get("To"); strings.Contains(to, ";;") || answer.ToTag() == "" {
					t.Errorf("answered with To: %s", to)
				}
				f.learn(answer)
				w.send(f.request("ACK"))
				b.reaches(s, SessionEstablished)
				f.hangUp()
				b.ended(s, Remote, CauseBye)
				b.clean()
			})
		})
	}
}

// A name in Latin-1 is shown in letters, and what of it goes back goes back as it came.
//
// Holds: lenient-messages
func TestNameInLatin1IsShown(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		w.sendRaw(
			withLines(
				f.request("INVITE", farContact, offerSDP),
				"From: \"J\xfcrgen Gro\xdf\" <sip:joe@example.com>;tag=from-far",
			),
		)
		w.expect("100 INVITE")
		if from := w.expect("180 INVITE").Get("From"); !strings.Contains(from, "J\xfcrgen Gro\xdf") {
			t.Errorf("repeated as %q", from)
		}
		s := b.lastInvite()
		b.do(func() {
			if got := s.Remote().Display; got != "Jürgen Groß" {
				t.Errorf("shown as %q", got)
			}
			s.Reject(486, "")
		})
		w.expect("486 INVITE")
		w.send(f.request("ACK"))
		out, invite := b.calling(w)
		w.sendRaw(
			strings.Replace(sip.NewResponse(invite, 404, "").String(), "Not Found", "Teilnehmer nicht verf\xfcgbar", 1),
		)
		w.expect("ACK")
		if end := b.ended(out, Remote, CauseNotFound); end.Reason != "Teilnehmer nicht verfügbar" {
			t.Errorf("reason %q", end.Reason)
		}
	})
}

// A refusal of ours says nothing that a far end wrote into the log, and each kind of oddity stands there once.
//
// Holds: lenient-messages
func TestWhatIsPassedOverIsToldOnce(t *testing.T) {
	var lines []string
	c := testConfig()
	c.Log = config.Log{Connector: func(_ config.LogLevel, _, _, content string) {
		if strings.Contains(content, "passed over") {
			lines = append(lines, content)
		}
	}}
	ladder(t, c, func(b *bench, w *wire) {
		f := w.caller()
		for i := range 50 {
			m := f.request("OPTIONS")
			w.sendRaw(withLines(m, fmt.Sprintf("X %d: secret-%d", i, i), "Max-Forwards: many", "Expires: never"))
			w.expect("200 OPTIONS")
		}
		b.do(func() {})
	})
	if len(lines) != 3 {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
	for _, line := range lines {
		if strings.Contains(line, "secret") {
			t.Errorf("the log has %q", line)
		}
	}
}

// Our binding is found by its address as RFC 3261 section 19.1.4 compares, then by instance and flow, whatever stands
// before it in the 200 and however it is written.
//
// Holds: lenient-messages
// Holds: accepted-descriptions
func TestOwnBindingBesideOthers(t *testing.T) {
	const other = `<sip:other@192.0.2.9:5060;transport=ws>;expires=3000`
	const instance = `+sip.instance="<urn:uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12>"`
	const foreign = `+sip.instance="<urn:uuid:00000000-0000-4000-8000-000000000001>"`
	for _, c := range []struct {
		name, contact string // USER and HOST are ours
	}{
		{"alone, as it was", `<sip:USER@HOST;transport=ws>;expires=77`},
		{"after others", other + ", " + other + `, <sip:USER@HOST;transport=ws>;expires=77`},
		{"the host in capitals", other + `, <sip:USER@UPPERHOST;transport=ws>;expires=77`},
		{"the transport in capitals", other + `, <sip:USER@HOST;transport=WS>;expires=77`},
		{"the user escaped", other + `, <sip:ESCAPED@HOST;transport=ws>;expires=77`},
		{"parameters of its own", other + `, <sip:USER@HOST;x=y;transport=ws;ob>;q=1.0;expires=77`},
		{"a port", other + `, <sip:USER@HOST:443;transport=ws>;expires=77`},
		{"the address the server sees", other + `, <sip:USER@192.0.2.77:40444;transport=ws>;expires=77`},
		{"another address and our instance", other + `, <sip:gw@192.0.2.5>;` + instance + `;reg-id=1;expires=77`},
		{"our address after an old binding of ours", `<sip:old@old.invalid>;` + instance + `;expires=3000, ` +
			`<sip:USER@HOST;transport=ws>;expires=77`},
		{"our address after our instance on an old flow", `<sip:old@old.invalid;transport=ws>;` + instance +
			`;reg-id=1;expires=3000, <sip:USER@HOST;transport=ws>;` + instance + `;reg-id=1;expires=77`},
		{"our user at somebody else's instance", `<sip:USER@192.0.2.3>;` + foreign + `;expires=3000, ` +
			`<sip:USER@HOST;transport=ws>;expires=77`},
		{"parameters that are none", other + `;x y;;, <sip:USER@HOST;transport=ws;>;;x y;expires=77;`},
		{"expires in quotes", other + `, <sip:USER@HOST;transport=ws>;expires="77"`},
		{"without brackets", other + `, sip:USER@HOST;expires=77`},
		{"an alias of where it came from", other + `, <sip:USER@HOST;alias=192.0.2.7~40444~6;transport=ws>;expires=77`},
		{"the port that is the default", other + `, <sip:USER@HOST:5060;transport=ws>;expires=77`},
		{"another transport", other + `, <sip:USER@HOST;transport=wss>;expires=77`},
		{"no transport, and received", other + `, <sip:USER@HOST>;received="sip:192.0.2.7:4;transport=ws";expires=77`},
		{"a date at another's", `<sip:o@192.0.2.9>;expires=Thu, 01 Dec 2026, <sip:USER@HOST;transport=ws>;expires=77`},
		{"our instance without quotes", other + `, <sip:gw@192.0.2.5>;+sip.instance=` +
			`<urn:uuid:8F1FA16A-1165-4A96-8341-785B1EF24F12>;expires=77`},
		{"others that cannot be read", `"x" y, <sip:>;expires=3000, <sip:USER@HOST;transport=ws>;expires=77`},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, registering(), func(b *bench, w *wire) {
				m := w.expect("REGISTER")
				plain := b.ua.identity.plain
				contact := strings.NewReplacer("USER", plain.User, "UPPERHOST", strings.ToUpper(plain.Host), "HOST",
					plain.Host,
					"ESCAPED", fmt.Sprintf("%%%X%s", plain.User[0], plain.User[1:])).
					Replace(c.contact)
				w.reply(m, 200, "Contact: "+contact, "Expires: 3600")
				b.until("registered", func() bool { return b.ua.registration.state == Registered })
				if got := b.state().Expires; got != 77*time.Second {
					t.Errorf("granted %v", got)
				}
				own := 0
				for _, binding := range b.state().Bindings {
					if binding.Own {
						own++
					}
				}
				if own != 1 {
					t.Errorf("bindings %+v", b.state().Bindings)
				}
			})
		})
	}
}

// A time of the binding that cannot be read is the one that was asked for; what is too long is bounded, and none at all
// is no binding.
//
// Holds: lenient-messages
func TestTimesOfABindingThatCannotBeRead(t *testing.T) {
	for _, c := range []struct {
		name, expires, param string // Expires, and expires of the Contact; "" = none
		want                 time.Duration
	}{
		{"nothing", "", "", 10 * time.Minute},
		{"a date", "Thu, 01 Dec 2026 16:00:00 GMT", "", 10 * time.Minute},
		{"a negative number", "-1", "", 10 * time.Minute},
		{"a fraction", "77.5", "", 10 * time.Minute},
		{"beyond its range", "4294967296", "", 10 * time.Minute},
		{"a parameter after it", "77;x=y", "", 77 * time.Second},
		{"a comment after it", "77 (of 600)", "", 77 * time.Second},
		{"zeros before it", "0077", "", 77 * time.Second},
		{"a date at the Contact", "77", `"Thu, 01 Dec 2026 16:00:00 GMT"`, 77 * time.Second},
		{"a negative number at the Contact", "77", "-1", 77 * time.Second},
		{"beyond its range at the Contact", "77", "99999999999999999999", 77 * time.Second},
		{"nothing behind the equals sign", "77", " ", 77 * time.Second},
		{"both", "3600", "77", 77 * time.Second},
		{"zero at the Contact", "77", "0", 0},
		{"zero", "0", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, registering(), func(b *bench, w *wire) {
				contact := "Contact: <" + b.ua.identity.plain.String() + ">"
				if c.param != "" {
					contact += ";expires=" + c.param
				}
				lines := []string{contact}
				if c.expires != "" {
					lines = append(lines, "Expires: "+c.expires)
				}
				w.reply(w.expect("REGISTER"), 200, lines...)
				want := Registered
				if c.want == 0 {
					want = RegistrationFailed
				}
				b.until("answered", func() bool { return b.ua.registration.state == want })
				if got := b.state().Expires; got != c.want {
					t.Errorf("granted %v", got)
				}
			})
		})
	}
}

// A binding of another device is never taken for ours.
//
// Holds: lenient-messages
func TestBindingsOfOthersAreNotOurs(t *testing.T) {
	for _, c := range []struct{ name, contact string }{
		{"another user", `<sip:other@HOST;transport=ws>;expires=77`},
		{"our user in capitals", `<sip:UPPER@HOST;transport=ws>;expires=77`},
		{
			"our user at a foreign instance",
			`<sip:USER@192.0.2.3>;+sip.instance="<urn:uuid:00000000-0000-4000-8000-000000000001>";expires=77`,
		},
		{
			"our instance on another flow",
			`<sip:x@192.0.2.3>;+sip.instance="<urn:uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12>";reg-id=2;expires=77`,
		},
		{"our address behind an open quote", `<sip:x@192.0.2.3>;x="y, <sip:USER@HOST;transport=ws>;expires=77`},
		{"our address as a name", `"<sip:USER@HOST;transport=ws>" <sip:x@192.0.2.3>;expires=77`},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, registering(), func(b *bench, w *wire) {
				m := w.expect("REGISTER")
				plain := b.ua.identity.plain
				w.reply(m, 200, "Contact: "+strings.NewReplacer("USER", plain.User, "HOST", plain.Host, "UPPER",
					strings.ToUpper(plain.User)).Replace(c.contact))
				b.until("refused", func() bool { return b.ua.registration.state == RegistrationFailed })
				if err := b.state().Err; !errors.Is(err, ErrNoBinding) {
					t.Error(err)
				}
			})
		})
	}
}

// What a redirection or a transfer names is called only where there is one reading of it.
//
// Holds: lenient-messages
func TestNobodyIsCalledByAGuess(t *testing.T) {
	for _, c := range []struct {
		name, address, want string // "" = refused
	}{
		{"a semicolon at the end", "<sip:carol@example.com;>;", "sip:carol@example.com"},
		{"quotes in the name", `"Carol "C" D" <sip:carol@example.com>`, "sip:carol@example.com"},
		{"a parameter that is none", "<sip:carol@example.com>;x y", "sip:carol@example.com"},
		{"two addresses", `"C" "<sip:carol@example.com>;x=" <sip:premium@example.com>`, ""},
		{"an address in the name", `"C" sip:carol@example.com "x" <sip:premium@example.com>`, ""},
		{"no end of the name", `"Carol <sip:premium@example.com>`, ""},
		{"two users", "<sip:carol@premium@example.com>", ""},
		{"text behind", "<sip:carol@example.com> <sip:premium@example.com>", ""},
		{"a blank in the user", "<sip:carol premium@example.com>", ""},
		{"an open quote before another", `<sip:carol@example.com>;x="y, <sip:premium@example.com>`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				w.sendRaw(withLines(sip.NewResponse(invite, 302, ""), "Contact: "+c.address))
				w.expect("ACK")
				end := b.ended(s, Remote, CauseRedirected)
				got := ""
				if len(end.Redirect) == 1 {
					got = end.Redirect[0].URI.String()
				}
				if got != c.want || len(end.Redirect) > 1 {
					t.Errorf("redirected to %v, want %q", end.Redirect, c.want)
				}
			})
			listening(t, testConfig(), func(_ *bench, o *Options) {
				o.OnRefer = func(r *Referral) {
					if got := r.Target().URI.String(); got != c.want {
						t.Errorf("asked to call %s, want %q", got, c.want)
					}
					r.Decline()
				}
			}, func(b *bench, w *wire) {
				_, _, f := b.established(w)
				w.send(f.request("REFER", farContact, "Refer-To: "+c.address))
				if c.want == "" {
					w.expect("400 REFER")
					return
				}
				w.expect("202 REFER")
				for range 2 {
					w.reply(w.expect("NOTIFY"), 200)
				}
			})
		})
	}
}

// Where a caller's requests would go to whom nobody can tell, the call is refused; nothing of it rings.
//
// Holds: lenient-messages
func TestCallerThatMayBeTwoIsRefused(t *testing.T) {
	for _, c := range []struct{ name, line string }{
		{"two Contacts", "Contact: <sip:joe@192.0.2.1>, <sip:eve@192.0.2.6>"},
		{"a Contact that cannot be read before another", "Contact: joe@192.0.2.1, <sip:eve@192.0.2.6>"},
		{"any Contact", "Contact: *"},
		{"a Record-Route that may be two", "Record-Route: <sip:p.example.com;lr> <sip:eve@192.0.2.6;lr>"},
		{"a Record-Route without an end", "Record-Route: <sip:p.example.com;lr"},
		{"a Record-Route that is none", "Record-Route: p.example.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				f := w.caller()
				w.sendRaw(withLines(f.request("INVITE", farContact, offerSDP), c.line))
				if got := w.skim(); got["400 INVITE"] != 1 || got["180 INVITE"] != 0 || len(b.invites) > 0 {
					t.Errorf("answered with %v, %d calls", got, len(b.invites))
				}
				w.send(f.request("ACK"))
			})
		})
	}
}
