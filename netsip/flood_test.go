package netsip

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sip"
)

// skim reads all that has come and tells how much of each there was.
func (w *wire) skim() map[string]int {
	synctest.Wait()
	count := map[string]int{}
	for len(w.in) > 0 {
		count[title(<-w.in)]++
	}
	return count
}

// Whatever strangers send, and however much of it nobody acknowledges: a call that is up has all it needs, from its far
// end and from here, and what the flood has taken is given back.
//
// Holds: bounded-refusals
func TestAFloodOfStrangersTakesNothingFromACall(t *testing.T) {
	for _, c := range []struct {
		name string
		send func(g *far) *sip.Message
	}{
		{"refused calls that nobody acknowledges", func(g *far) *sip.Message {
			return g.request("INVITE", farContact, offerSDP)
		}},
		{"calls in dialogs that do not exist", func(g *far) *sip.Message {
			g.remoteTag = "none"
			return g.request("INVITE", farContact, offerSDP)
		}},
		{"calls in the place of unknown ones", func(g *far) *sip.Message {
			return g.request("INVITE", farContact, offerSDP, "Replaces: none;to-tag=a;from-tag=b")
		}},
		{"calls with bodies that are not read", func(g *far) *sip.Message {
			return g.request("INVITE", farContact, "Content-Type: text/plain", "Body: hello")
		}},
		{"calls with a description of nothing", func(g *far) *sip.Message {
			return g.request("INVITE", farContact, "v=0\r\n")
		}},
		{"calls without an address", func(g *far) *sip.Message { return g.request("INVITE", offerSDP) }},
		{"updates of calls that do not exist", func(g *far) *sip.Message {
			g.remoteTag = "none"
			return g.request("UPDATE", farContact, offerSDP)
		}},
		{"questions", func(g *far) *sip.Message { return g.request("OPTIONS") }},
		{"texts", func(g *far) *sip.Message {
			return g.request("MESSAGE", "Content-Type: text/plain", "Body: hello")
		}},
		{"notifications nobody asked for", func(g *far) *sip.Message {
			return g.request("NOTIFY", farContact, "Event: presence", "Subscription-State: active")
		}},
		{"subscriptions that wait for a decision", func(g *far) *sip.Message {
			return g.request("SUBSCRIBE", farContact, "Event: presence", "Expires: 600")
		}},
		{"transfers", func(g *far) *sip.Message {
			return g.request("REFER", farContact, "Refer-To: <sip:x@example.com>")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			listening(t, testConfig(), func(_ *bench, o *Options) {
				o.OnMessage, o.OnSubscribe = func(*Message) {}, func(*Notifier) {}
			}, func(b *bench, w *wire) {
				s, _, f := b.established(w, "Allow: INVITE, UPDATE")
				for i := range 2 * maxServerTxs {
					g := w.caller()
					g.callID, g.branch = "flood-"+itoa(i), 1000*(i+1)
					w.send(c.send(g))
					w.skim()
				}
				b.hasAllItNeeds(w, s, f)
				f.hangUp()
				b.ended(s, Remote, CauseBye)
				for _, ringing := range b.invites {
					b.do(func() { ringing.Reject(486, "") })
				}
				time.Sleep(timeout)
				w.skim()
				b.do(func() {
					if n := len(b.ua.transactions.server) + b.ua.transactions.strangers.n; n != 0 {
						t.Errorf("%d transactions are kept", n)
					}
				})
			})
		})
	}
}

// hasAllItNeeds goes through what both ends of a call may want of each other.
func (b *bench) hasAllItNeeds(w *wire, s *Session, f *far) {
	b.Helper()
	w.send(f.request("INFO", "Content-Type: application/dtmf-relay", "Body: Signal=1"))
	w.expect("200 INFO")
	w.send(f.request("OPTIONS"))
	w.expect("200 OPTIONS")
	w.send(f.request("UPDATE", farContact))
	w.expect("200 UPDATE")
	w.send(f.request("REFER", farContact, "Refer-To: <sip:carol@example.com>"))
	w.expect("603 REFER")
	f.invite(farContact, offerSDP)
	w.expect("200 INVITE")
	w.send(f.request("ACK"))
	synctest.Wait()
	canceled := f.invite(farContact, offerSDP) // a CANCEL that comes too late is answered as well
	w.expect("200 INVITE")
	cancel := f.request("CANCEL")
	cancel.Set("Via", canceled.Get("Via"))
	w.send(cancel)
	w.expect("200 CANCEL")
	w.send(f.request("ACK"))
	synctest.Wait()
	b.do(func() { s.SetHold(true) })
	w.agree(w.expect("INVITE"), recvSDP)
	b.holding(s, true, false)
}

// The far end of one call, whatever it sends there, takes no more than its share, and nothing from another call.
//
// Holds: bounded-refusals
func TestTheFarEndOfACallTakesItsShareAlone(t *testing.T) {
	for _, c := range []struct {
		name string
		send func(f *far) *sip.Message
	}{
		{"re-INVITEs", func(f *far) *sip.Message { return f.request("INVITE", farContact, offerSDP) }},
		{"re-INVITEs without an offer", func(f *far) *sip.Message { return f.request("INVITE", farContact) }},
		{"re-INVITEs with bodies that are not read", func(f *far) *sip.Message {
			return f.request("INVITE", farContact, "Content-Type: text/plain", "Body: hello")
		}},
		{"re-INVITEs out of order", func(f *far) *sip.Message {
			return f.request("INVITE", farContact, offerSDP, "CSeq: 1 INVITE")
		}},
		{"updates", func(f *far) *sip.Message { return f.request("UPDATE", farContact, offerSDP) }},
		{"acknowledgements of nothing", func(f *far) *sip.Message { return f.request("PRACK", "RAck: 1 1 INVITE") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, _, f := b.established(w, "Allow: INVITE, UPDATE")
				other := b.call("carol", CallOptions{})
				invite := w.expect("INVITE")
				g := w.callee(invite, w.reply(invite, 200, farContact, answerSDP, "Allow: INVITE, UPDATE"))
				w.expect("ACK")
				b.reaches(other, SessionEstablished)
				g.branch = 100_000
				for range 4 * maxCallTxs {
					w.send(c.send(f))
					w.skim()
				}
				b.do(func() {
					if n := len(b.ua.transactions.server); n > maxCallTxs {
						t.Errorf("%d transactions", n)
					}
				})
				w.send(f.request("BYE"))
				if got := w.skim(); got["200 BYE"] != 1 {
					t.Errorf("to BYE: %v", got)
				}
				b.ended(s, Remote, CauseBye)
				b.hasAllItNeeds(w, other, g)
			})
		})
	}
}
