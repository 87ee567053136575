package netsip

import (
	"strings"
	"testing"
)

func TestCallOutAndHangUp(t *testing.T) {
	ladder(t, testConfig(), func(b *bench) {
		w := b.next()
		s := b.call("bob", CallOptions{})
		invite := w.expect("INVITE")
		if got := invite.RequestURI.String(); got != "sip:bob@example.com" {
			b.Errorf("Request-URI %s", got)
		}
		if !strings.Contains(invite.Get("Contact"), ";ob>") {
			b.Errorf("Contact %s", invite.Get("Contact"))
		}
		w.reply(invite, 100)
		w.reply(invite, 180, farContact)
		b.until("ringing", func() bool { return s.state == SessionRinging })
		ok := w.reply(invite, 200, farContact, answerSDP)
		ack := w.expect("ACK")
		if ack.RequestURI.String() != "sip:bob@192.0.2.1;transport=ws" {
			b.Errorf("ACK to %s", ack.RequestURI.String())
		}
		b.until("established", func() bool { return s.state == SessionEstablished })
		w.send(ok) // its ACK was lost
		w.expect("ACK")
		b.do(s.HangUp)
		bye := w.expect("BYE")
		w.reply(bye, 200)
		b.ended(s, Local, CauseBye)
		if got := b.media.last().history(); got != "offer, set answer, close" {
			b.Errorf("media did %s", got)
		}
	})
}

func TestCallInAndHangUp(t *testing.T) {
	ladder(t, testConfig(), func(b *bench) {
		w := b.next()
		s, f := b.answered(w)
		w.send(f.request("BYE"))
		w.expect("200 BYE")
		b.ended(s, Remote, CauseBye)
	})
}
