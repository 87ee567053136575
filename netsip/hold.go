package netsip

// Hold and the transport of the media, as the user of a call wishes them (RFC 3264 section 8.4, RFC 8445 section 2.4).
// The negotiation holds what has become of the wishes.

// SetHold says whether we put the far end on hold. It is a wish: it is told to the far end as soon as
// signalling is free for it, by a re-INVITE or in our next answer, and taken back without a word by its
// opposite. OnChange tells when it has come true or has been refused; a refusal never ends the call.
func (s *Session) SetHold(on bool) {
	if s.state != SessionEnded && s.negotiation.wishHold(on) {
		s.reinvites.next()
	}
}

// Held tells whether we hold the call, or want to: see HoldPending.
func (s *Session) Held() bool { return s.negotiation.hold.wanted }

// HoldPending tells whether the far end has not agreed yet to what Held says.
func (s *Session) HoldPending() bool {
	return s.state != SessionEnded && s.negotiation.hold.wanted != s.negotiation.hold.agreed
}

// HoldErr is why the last SetHold did not come true, nil otherwise. Held is then as it was before.
func (s *Session) HoldErr() error { return s.negotiation.hold.err }

// RestartMedia moves the media of the call to a new transport, by a re-INVITE with new ICE credentials: the
// network has changed. What is there stays in use until the new one is connected. One at a time.
func (s *Session) RestartMedia() {
	if s.state == SessionEnded {
		return
	}
	s.negotiation.wishRestart()
	s.reinvites.next()
}
