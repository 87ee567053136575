package netsip

import (
	"calla/netsip/sip"
)

// The runs that many tests begin or end with.

// established calls bob and lets him answer.
func (b *bench) established(w *wire, lines ...string) (*Session, *sip.Message, *far) {
	b.Helper()
	s := b.call("bob", CallOptions{})
	invite := w.expect("INVITE")
	resp := w.reply(invite, 200, append([]string{farContact, answerSDP}, lines...)...)
	w.expect("ACK")
	b.until("established", func() bool { return s.state == SessionEstablished })
	return s, invite, w.callee(invite, resp)
}

// answered lets bob call and the user agent answer.
func (b *bench) answered(w *wire, lines ...string) (*Session, *far) {
	b.Helper()
	f := w.caller()
	f.ring(append([]string{farContact, offerSDP}, lines...)...)
	s := b.lastInvite()
	b.do(s.Answer)
	f.learn(w.expect("200 INVITE"))
	w.send(f.request("ACK"))
	b.until("established", func() bool { return s.state == SessionEstablished })
	return s, f
}

func (b *bench) lastInvite() *Session {
	b.Helper()
	var s *Session
	b.do(func() {
		if len(b.invites) > 0 {
			s = b.invites[len(b.invites)-1]
		}
	})
	if s == nil {
		b.Fatal("no call came in")
	}
	return s
}

func (b *bench) call(target string, o CallOptions) *Session {
	b.Helper()
	var s *Session
	var err error
	b.do(func() { s, err = b.ua.Call(target, o) })
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// ended waits for the end of a call and checks by whom and why.
func (b *bench) ended(s *Session, by Party, cause string) *End {
	b.Helper()
	b.until("end of the call", func() bool { return s.state == SessionEnded })
	var end *End
	b.do(func() { end = s.End() })
	if end.By != by || end.Cause != cause {
		b.Fatalf("ended by %v with %q (%v), want %v with %q", end.By, end.Cause, end.Err, by, cause)
	}
	return end
}
