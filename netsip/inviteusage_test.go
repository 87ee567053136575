package netsip

import (
	"slices"
	"strings"
	"testing"
	"time"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// credentialed is a configuration whose realm may ask for the password.
func credentialed() config.Config {
	c := registering()
	c.Realm = "example.com"
	return c
}

func challenge407(nonce string) string {
	return `Proxy-Authenticate: Digest realm="example.com", qop="auth", algorithm=MD5, nonce="` + nonce + `"`
}

// challengedCall is an INVITE that starts a call, sent again with credentials.
func (b *bench) challengedCall(w *wire) (*Session, *sip.Message) {
	b.Helper()
	b.registered(w, 600)
	s := b.call("bob", CallOptions{})
	w.reply(w.expect("INVITE"), 407, challenge407("one"))
	w.expect("ACK")
	return s, w.expect("INVITE")
}

// TestEveryInviteOfOursKeepsTheRules: a new call, a re-INVITE and a call that is re-established are one kind of INVITE.
func TestEveryInviteOfOursKeepsTheRules(t *testing.T) {
	kinds := map[string]func(b *bench, w *wire) (*wire, *Session, *sip.Message){
		"a new call": func(b *bench, w *wire) (*wire, *Session, *sip.Message) {
			s, invite := b.challengedCall(w)
			return w, s, invite
		},
		"a re-INVITE": func(b *bench, w *wire) (*wire, *Session, *sip.Message) {
			s, invite := b.challengedCall(w)
			w.agree(invite, answerSDP)
			b.reaches(s, SessionEstablished)
			b.do(func() { s.SetHold(true) })
			return w, s, w.expect("INVITE")
		},
		"a call that is re-established": func(b *bench, w *wire) (*wire, *Session, *sip.Message) {
			s, invite := b.challengedCall(w)
			w.reply(invite, 200, farContact, answerSDP, "Allow: INVITE, UPDATE")
			w.expect("ACK")
			b.reaches(s, SessionEstablished)
			w = b.remade(w)
			w.reply(w.expect("UPDATE"), 404)
			return w, s, w.expect("INVITE")
		},
	}
	rules := map[string]func(b *bench, w *wire, s *Session, invite *sip.Message){
		// RFC 3261 sections 22.2 and 22.1: again with credentials, which the ACK has too.
		"a challenge is answered": func(b *bench, w *wire, _ *Session, invite *sip.Message) {
			w.reply(invite, 407, challenge407("two")+", stale=true")
			w.expect("ACK")
			again := w.expect("INVITE")
			before, _ := invite.CSeq()
			after, _ := again.CSeq()
			credentials := again.Get("Proxy-Authorization")
			if after.Seq != before.Seq+1 || again.CallID() != invite.CallID() ||
				!strings.Contains(credentials, `nonce="two"`) {
				b.Errorf("again:\n%s", again)
			}
			w.reply(again, 200, farContact, answerSDP)
			if ack := w.expect("ACK"); ack.Get("Proxy-Authorization") != credentials {
				b.Errorf("ACK:\n%s", ack)
			}
		},
		// RFC 3262 section 4: each reliable 1xx has its PRACK, once and in order.
		"reliable provisional responses are acknowledged": func(b *bench, w *wire, _ *Session, invite *sip.Message) {
			seq, _ := invite.CSeq()
			for _, rseq := range []string{"5", "5", "7", "6"} { // one again, one after a gap
				w.reply(invite, 183, farContact, "Require: 100rel", "RSeq: "+rseq)
			}
			for _, rseq := range []string{"5", "6"} {
				prack := w.expect("PRACK")
				if want := rseq + " " + itoa(int(seq.Seq)) + " INVITE"; prack.Get("RAck") != want {
					b.Errorf("RAck %s, want %s", prack.Get("RAck"), want)
				}
				w.reply(prack, 200)
			}
			w.agree(invite, answerSDP)
			w.quiet(time.Second)
		},
		// RFC 3261 section 13.2.2.4.
		"a 2xx that comes again is acknowledged again": func(b *bench, w *wire, _ *Session, invite *sip.Message) {
			w.reply(invite, 200, farContact, answerSDP)
			first := w.expect("ACK")
			for range 3 {
				w.reply(invite, 200, farContact, answerSDP)
				if again := w.expect("ACK"); again.String() != first.String() {
					b.Errorf("ACK:\n%s\nbefore:\n%s", again, first)
				}
			}
			w.quiet(time.Second)
		},
		// RFC 3261 sections 9.1 and 13.2.2.4.
		"a 2xx that crosses CANCEL is acknowledged": func(b *bench, w *wire, s *Session, invite *sip.Message) {
			w.reply(invite, 180, farContact)
			b.until("heard", func() bool { return len(b.ua.transactions.client) > 0 })
			b.do(s.HangUp)
			w.reply(invite, 200, farContact, answerSDP)
			var sent []string
			for !slices.Contains(sent, "ACK") || !slices.Contains(sent, "BYE") || !slices.Contains(sent, "CANCEL") {
				m := <-w.in
				sent = append(sent, m.Method)
				if m.Method != "ACK" {
					w.reply(m, 200)
				}
			}
			b.until("over", func() bool { return s.state == SessionEnded })
		},
		// RFC 3261 section 13.3.1.1: one that refuses leaves nothing behind.
		"a refusal ends it": func(b *bench, w *wire, _ *Session, invite *sip.Message) {
			w.reply(invite, 180, farContact)
			w.reply(invite, 488)
			w.expect("ACK")
			w.reply(invite, 488) // again: its transaction is over
			w.quiet(500 * time.Millisecond)
		},
	}
	for kind, begin := range kinds {
		for rule, holds := range rules {
			t.Run(kind+": "+rule, func(t *testing.T) {
				ladder(t, credentialed(), func(b *bench, w *wire) {
					w, s, invite := begin(b, w)
					if !strings.Contains(invite.Get("Proxy-Authorization"), `realm="example.com"`) {
						b.Errorf("without credentials:\n%s", invite)
					}
					holds(b, w, s, invite)
					b.do(s.HangUp)
				})
			})
		}
	}
}
