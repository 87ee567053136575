package netsip

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sip"
)

// Rules of RFC 3261 that ETSI TS 102 027 has purposes for and no other test held: docs/etsi.md has the table.

// RFC 3261 section 8.1.3.2: a status that is not known counts as x00 of its class, and an unknown 1xx as 183.
func TestUnknownStatusCountsAsItsClass(t *testing.T) {
	for _, c := range []struct {
		name  string
		code  int
		state SessionState
	}{
		{"101", 101, SessionRinging},
		{"199", 199, SessionRinging},
		{"299", 299, SessionEstablished},
		{"399", 399, SessionEnded},
		{"432", 432, SessionEnded},
		{"499", 499, SessionEnded},
		{"599", 599, SessionEnded},
		{"699", 699, SessionEnded},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				if c.code < 200 {
					w.reply(invite, c.code, farContact)
					w.quiet(2 * timeout) // section 17.1.1.2: Proceeding has no timer B
					b.reaches(s, c.state)
					b.do(s.HangUp)
					w.expect("CANCEL") // section 9.1: at once, for a provisional response was there
					return
				}
				w.reply(invite, c.code, farContact, answerSDP)
				w.expect("ACK")
				b.reaches(s, c.state)
			})
		})
	}
}

// RFC 3261 sections 17.1.1.2, 17.1.2.2, 17.2.1 and 17.2.2: on a reliable transport nothing is sent again, and what is
// not answered is given up after 64*T1. A 1xx ends that for INVITE alone.
func TestReliableTransportRepeatsNothing(t *testing.T) {
	sends := map[string]func(b *bench, w *wire) *sip.Message{
		"INVITE": func(b *bench, w *wire) *sip.Message {
			b.call("bob", CallOptions{})
			return w.expect("INVITE")
		},
		"OPTIONS": func(b *bench, w *wire) *sip.Message {
			b.do(func() { _ = b.ua.QueryOptions("bob", func(*Abilities, error) {}) })
			return w.expect("OPTIONS")
		},
		"BYE": func(b *bench, w *wire) *sip.Message {
			s, _, _ := b.established(w)
			b.do(s.HangUp)
			return w.expect("BYE")
		},
		"CANCEL": func(b *bench, w *wire) *sip.Message {
			s, invite := b.calling(w)
			w.reply(invite, 180, farContact)
			b.reaches(s, SessionRinging)
			b.do(s.HangUp)
			return w.expect("CANCEL")
		},
		"re-INVITE": func(b *bench, w *wire) *sip.Message {
			s, _, _ := b.established(w)
			b.do(func() { s.SetHold(true) })
			return w.expect("INVITE")
		},
		"refusal of an INVITE": func(b *bench, w *wire) *sip.Message {
			s, _ := b.ringing(w)
			b.do(func() { s.Reject(486, "") })
			return w.expect("486 INVITE")
		},
		"200 of an OPTIONS": func(_ *bench, w *wire) *sip.Message {
			w.send(w.out("OPTIONS"))
			return w.expect("200 OPTIONS")
		},
	}
	for name, send := range sends {
		for _, trying := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, 100: %t", name, trying), func(t *testing.T) {
				ladder(t, testConfig(), func(b *bench, w *wire) {
					m := send(b, w)
					if trying && m.IsRequest() {
						w.reply(m, 100)
					}
					w.quiet(timeout - time.Second)
					time.Sleep(2 * time.Second)
					synctest.Wait()
					for len(w.in) > 0 { // a re-INVITE that nobody answers ends its call
						if again := <-w.in; title(again) == title(m) {
							t.Errorf("sent again:\n%s", again)
						}
					}
					left := 0
					b.do(func() {
						for _, tx := range b.ua.transactions.client {
							if tx.req.Method == m.Method {
								left++
							}
						}
						left += len(b.ua.transactions.server)
					})
					if waits := m.Method == "INVITE" && trying; (left > 0) != waits {
						t.Errorf("%d transactions are left after 64*T1", left)
					}
				})
			})
		}
	}
}

// RFC 3261 section 13.2.2.4 and RFC 6026: each 2xx that comes again is acknowledged for 64*T1, and none after that.
func Test2xxIsAcknowledgedFor64T1(t *testing.T) {
	for _, c := range []struct {
		name  string
		after time.Duration
		acked bool
	}{
		{"at once", 0, true},
		{"after T1", t1, true},
		{"after 5 s", 5 * time.Second, true},
		{"just before 64*T1", timeout - time.Second, true},
		{"just after 64*T1", timeout + time.Second, false},
		{"after a minute", time.Minute, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				ok := w.reply(invite, 200, farContact, answerSDP)
				ack := w.expect("ACK")
				b.reaches(s, SessionEstablished)
				time.Sleep(c.after)
				w.send(ok)
				if !c.acked {
					w.quiet(time.Second)
					b.reaches(s, SessionEstablished) // the call goes on
					return
				}
				if again := w.expect("ACK"); again.String() != ack.String() {
					t.Errorf("another ACK:\n%s", again)
				}
			})
		})
	}
}

// RFC 3261 section 17.1.1.3: the ACK of a refusal belongs to the INVITE's transaction; it has the To of the response,
// the Route of the INVITE, and one Via. On a reliable transport the transaction ends with it, so that another refusal
// finds none.
func TestACKOfARefusalIsOfItsInvite(t *testing.T) {
	c := testConfig()
	c.UsePreloadedRoute = true
	for _, code := range []int{300, 301, 305, 380, 400, 403, 415, 420, 485, 493, 500, 501, 504, 600, 606} {
		t.Run(itoa(code), func(t *testing.T) {
			ladder(t, c, func(b *bench, w *wire) {
				s, invite := b.calling(w)
				if code%2 == 0 {
					w.reply(invite, 180, farContact, "To-Tag: early")
				}
				refusal := w.reply(invite, code, "To-Tag: late")
				ack := w.expect("ACK")
				for _, name := range []string{"Via", "From", "Call-ID", "Route"} {
					if ack.Get(name) != invite.Get(name) || len(ack.Lines(name)) != 1 {
						t.Errorf("%s is %q, of the INVITE %q", name, ack.Lines(name), invite.Lines(name))
					}
				}
				if ack.RequestURI.String() != invite.RequestURI.String() || ack.Get("To") != refusal.Get("To") ||
					ack.Get("CSeq") != strings.Replace(invite.Get("CSeq"), "INVITE", "ACK", 1) || len(ack.Body) > 0 {
					t.Errorf("ACK:\n%s", ack)
				}
				b.reaches(s, SessionEnded)
				w.reply(invite, 500, "To-Tag: other")
				w.quiet(time.Second)
			})
		})
	}
}

// RFC 3261 sections 12.1 and 12.2.1.1: where the requests of a dialog go, as its routes say.
func TestRequestsOfADialogFollowItsRoutes(t *testing.T) {
	for _, c := range []struct {
		name   string
		record string // as the caller has it, the nearest last
		uri    string // of requests
		route  string
	}{
		{"none", "", "sip:bob@192.0.2.1;transport=ws", ""},
		{"one loose router", "<sip:p1;lr>", "sip:bob@192.0.2.1;transport=ws", "<sip:p1;lr>"},
		{
			"two loose routers", "<sip:p2;lr>, <sip:p1;lr>", "sip:bob@192.0.2.1;transport=ws",
			"<sip:p1;lr>,<sip:p2;lr>",
		},
		{"a strict router", "<sip:p1;x=y>", "sip:p1;x=y", "<sip:bob@192.0.2.1;transport=ws>"},
		{
			"a strict router, then a loose one", "<sip:p2;lr>, <sip:p1>", "sip:p1",
			"<sip:p2;lr>,<sip:bob@192.0.2.1;transport=ws>",
		},
		{
			"a loose router, then a strict one", "<sip:p2>, <sip:p1;lr>", "sip:bob@192.0.2.1;transport=ws",
			"<sip:p1;lr>,<sip:p2>",
		},
	} {
		check := func(t *testing.T, m *sip.Message) {
			uri, route := m.RequestURI.String(), strings.Join(m.Values("Route"), ",")
			if uri != c.uri || route != c.route {
				t.Errorf("%s to %s by %s, want %s by %s", m.Method, uri, route, c.uri, c.route)
			}
		}
		var lines []string
		t.Run(c.name+", as caller", func(t *testing.T) {
			if c.record != "" {
				lines = []string{"Record-Route: " + c.record}
			}
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite := b.calling(w)
				w.reply(invite, 200, append(lines, farContact, answerSDP)...)
				check(t, w.expect("ACK"))
				b.reaches(s, SessionEstablished)
				b.do(s.HangUp)
				check(t, w.expect("BYE"))
			})
		})
		t.Run(c.name+", as callee", func(t *testing.T) {
			values := strings.Split(c.record, ", ") // section 12.1.1: in the order of the request
			if len(values) == 2 {
				values[0], values[1] = values[1], values[0]
			}
			record := strings.Join(values, ", ")
			if record != "" {
				lines = []string{"Record-Route: " + record}
			}
			ladder(t, testConfig(), func(b *bench, w *wire) {
				f := w.caller()
				f.ring(append(lines, farContact, offerSDP)...)
				s := b.lastInvite()
				b.do(s.Answer)
				ok := w.expect("200 INVITE")
				if ok.Get("Record-Route") != record || !ok.Has("Contact") || !ok.Has("Allow") || !ok.Has("Supported") {
					t.Errorf("200:\n%s", ok)
				}
				f.learn(ok)
				w.send(f.request("ACK"))
				b.reaches(s, SessionEstablished)
				b.do(s.HangUp)
				check(t, w.expect("BYE"))
			})
		})
	}
}

// RFC 3261 section 8.2.2.3: Require and Proxy-Require are ignored in CANCEL and in the ACK of a refusal, which could
// not be refused.
func TestRequireInCancelAndACKIsIgnored(t *testing.T) {
	for _, c := range []struct{ name, line string }{
		{"Require", "Require: nothingSupportsThis"},
		{"Require of two", "Require: nothingSupportsThis, nothingSupportsThat"},
		{"Require of what we have", "Require: timer"},
		{"Proxy-Require", "Proxy-Require: nothingSupportsThis"},
		{"an empty Require", "Require: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, f := b.ringing(w)
				w.send(f.request("CANCEL", c.line))
				w.expect("200 CANCEL")
				refusal := w.expect("487 INVITE")
				ack := f.ackOf(refusal)
				ack.Add(strings.Split(c.line, ": ")[0], strings.Split(c.line, ": ")[1])
				w.send(ack)
				b.ended(s, Remote, CauseCanceled)
				w.quiet(time.Second)
				b.do(func() {
					if n := len(b.ua.transactions.server); n > 0 {
						t.Errorf("%d transactions still wait for the ACK", n)
					}
				})
			})
		})
	}
}

// RFC 3261 section 15.1.1: a call is over with its BYE, whatever comes of that.
func TestByeEndsTheCallWhateverAnswersIt(t *testing.T) {
	for _, c := range []struct {
		name string
		code int // 0: no response
	}{
		{"200", 200},
		{"302", 302},
		{"404", 404},
		{"408", 408},
		{"481", 481},
		{"500", 500},
		{"no response", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, invite, f := b.established(w)
				b.do(s.HangUp)
				b.ended(s, Local, CauseBye)
				bye := w.expect("BYE")
				was, _ := invite.CSeq()
				if is, _ := bye.CSeq(); is.Seq <= was.Seq || bye.CallID() != invite.CallID() ||
					bye.Get("From") != invite.Get("From") || bye.ToTag() != f.tag {
					t.Errorf("BYE:\n%s", bye)
				}
				if c.code > 0 {
					w.reply(bye, c.code)
				}
				w.quiet(timeout)
				b.clean()
			})
		})
	}
}

// RFC 3261 section 12.2.2: the CSeq of a request in a dialog may be any higher one, and no lower one.
func TestCSeqInADialogOnlyRises(t *testing.T) {
	for _, c := range []struct {
		name string
		step int
		want string
	}{
		{"one more", 1, "200 INFO"},
		{"two more", 2, "200 INFO"},
		{"a thousand more", 1000, "200 INFO"},
		{"the same in another transaction", 0, "500 INFO"},
		{"one less", -1, "500 INFO"},
		{"a hundred less", -100, "500 INFO"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				f := w.caller()
				f.seq = 200
				f.ring(farContact, offerSDP)
				s := b.lastInvite()
				b.do(s.Answer)
				f.learn(w.expect("200 INVITE"))
				w.send(f.request("ACK"))
				b.reaches(s, SessionEstablished)
				f.seq += c.step - 1
				w.send(f.request("INFO", "Content-Type: application/dtmf-relay", "Body: Signal=1\r\n"))
				w.expect(c.want)
				f.seq = 5000
				f.hangUp()
				b.ended(s, Remote, CauseBye)
			})
		})
	}
}

// RFC 3261 sections 9.2 and 17.2.3: CANCEL is for the INVITE of its branch and sent-by; the response has the INVITE's
// To tag.
func TestCancelIsOfTheInviteItMatches(t *testing.T) {
	for _, c := range []struct{ name, via, want string }{
		{"its own", "proxy.example.com;branch=z9hG4bKfar1", "200 CANCEL"},
		{"its own, with other parameters", "proxy.example.com;rport;branch=z9hG4bKfar1;x=y", "200 CANCEL"},
		{"another branch", "proxy.example.com;branch=z9hG4bKfar2", "481 CANCEL"},
		{"another host", "other.example.com;branch=z9hG4bKfar1", "481 CANCEL"},
		{"another port", "proxy.example.com:5070;branch=z9hG4bKfar1", "481 CANCEL"},
		{"a branch of RFC 2543", "proxy.example.com;branch=far1", "481 CANCEL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				f := w.caller()
				w.send(f.request("INVITE", farContact, offerSDP))
				w.expect("100 INVITE")
				ringing := w.expect("180 INVITE")
				s := b.lastInvite()
				w.send(f.request("CANCEL", "Via: SIP/2.0/WSS "+c.via))
				resp := w.expect(c.want)
				if c.want == "481 CANCEL" {
					w.quiet(time.Second)
					b.reaches(s, SessionIncoming)
					return
				}
				if resp.ToTag() != ringing.ToTag() {
					t.Errorf("To %s, of the 180 %s", resp.Get("To"), ringing.Get("To"))
				}
				w.expect("487 INVITE")
				b.ended(s, Remote, CauseCanceled)
			})
		})
	}
}

// RFC 3261 section 17.2.2: on a reliable transport timer J is 0, and a response is not kept for its request to come
// again. What is passed on twice all the same is of a dialog that there is not (section 15.1.2).
func TestByeThatComesAgainIsOfNoDialog(t *testing.T) {
	for _, c := range []struct {
		name string
		wait time.Duration
	}{
		{"at once", 0},
		{"after T1", t1},
		{"after T2", t2},
		{"within 64*T1", timeout - time.Second},
		{"after 64*T1", timeout + time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, f := b.answered(w)
				bye := f.request("BYE")
				w.send(bye)
				w.expect("200 BYE")
				b.ended(s, Remote, CauseBye)
				time.Sleep(c.wait)
				w.send(bye)
				w.expect("481 BYE")
				b.clean()
			})
		})
	}
}
