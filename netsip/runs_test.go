package netsip

import (
	"calla/netsip/config"
	"calla/netsip/sip"
)

// The runs that many tests begin or end with.

// calling calls bob, whose INVITE is not answered yet.
func (b *bench) calling(w *wire) (*Session, *sip.Message) {
	b.Helper()
	s := b.call("bob", CallOptions{})
	return s, w.expect("INVITE")
}

// established calls bob and lets him answer.
func (b *bench) established(w *wire, lines ...string) (*Session, *sip.Message, *far) {
	b.Helper()
	s, invite := b.calling(w)
	resp := w.reply(invite, 200, append([]string{farContact, answerSDP}, lines...)...)
	w.expect("ACK")
	b.reaches(s, SessionEstablished)
	return s, invite, w.callee(invite, resp)
}

// askingToHold is a call with bob who is asked to be held and has not said anything yet.
func (b *bench) askingToHold(w *wire, lines ...string) (*Session, *far, *sip.Message) {
	b.Helper()
	s, _, f := b.established(w, lines...)
	b.do(func() { s.SetHold(true) })
	return s, f, w.expect("INVITE")
}

// ringing lets bob call; nobody answers yet.
func (b *bench) ringing(w *wire, lines ...string) (*Session, *far) {
	b.Helper()
	f := w.caller()
	f.ring(append([]string{farContact, offerSDP}, lines...)...)
	return b.lastInvite(), f
}

// answering lets bob call and the user agent answer; its 200 has come and waits for the ACK.
func (b *bench) answering(w *wire, lines ...string) (*Session, *far) {
	b.Helper()
	s, f := b.ringing(w, lines...)
	b.do(s.Answer)
	f.learn(w.expect("200 INVITE"))
	return s, f
}

// answered lets bob call and the user agent answer.
func (b *bench) answered(w *wire, lines ...string) (*Session, *far) {
	b.Helper()
	s, f := b.answering(w, lines...)
	w.send(f.request("ACK"))
	b.reaches(s, SessionEstablished)
	return s, f
}

// forgotten is a call with bob that only its registered user agent still knows: over a new flow, w, the far end said
// 404 to the UPDATE.
func (b *bench) forgotten(old *wire) (s *Session, w *wire) {
	b.Helper()
	b.registered(old, 600)
	s, _, _ = b.established(old, "Allow: UPDATE")
	w = b.remade(old)
	w.reply(w.expect("UPDATE"), 404)
	return s, w
}

// invite sends an INVITE, in the dialog where there is one, and sees that it is being worked on.
func (f *far) invite(lines ...string) *sip.Message {
	f.w.b.Helper()
	m := f.request("INVITE", lines...)
	f.w.send(m)
	f.w.expect("100 INVITE")
	return m
}

// ring sends an INVITE and sees it ring.
func (f *far) ring(lines ...string) *sip.Message {
	f.w.b.Helper()
	m := f.invite(lines...)
	f.w.expect("180 INVITE")
	return m
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
	b.do(func() { s, err = callText(b.ua, target, o) })
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// agree answers an INVITE of the user agent with a description and takes its ACK.
func (w *wire) agree(m *sip.Message, sdp string) {
	w.b.Helper()
	w.reply(m, 200, farContact, sdp)
	w.expect("ACK")
}

// callText calls what a user dials, as it is read.
func callText(ua *UserAgent, dialled string, o CallOptions) (*Session, error) {
	uri, err := config.DialTarget(dialled, ua.config.Domain())
	if err != nil {
		return nil, err
	}
	return ua.Call(sip.Address{URI: uri}, o)
}

// sendText sends a text to what a user dials, as it is read.
func sendText(ua *UserAgent, dialled, contentType string, body []byte, done func(error)) error {
	uri, err := config.DialTarget(dialled, ua.config.Domain())
	if err != nil {
		return err
	}
	return ua.SendMessage(uri, contentType, body, done)
}

// reaches waits until a call is in a state.
func (b *bench) reaches(s *Session, state SessionState) {
	b.Helper()
	b.until(state.String(), func() bool { return s.state == state })
}

// hangUp ends the call and sees that the user agent takes it.
func (f *far) hangUp() {
	f.w.b.Helper()
	f.w.send(f.request("BYE"))
	f.w.expect("200 BYE")
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
