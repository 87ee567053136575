package rtc

// The DTLS roles of a=setup (RFC 4145 section 4, RFC 5763 section 5): who is active opens the handshake.
const (
	active  = "active"
	passive = "passive"
	actpass = "actpass" // either, in an offer
)

// opposite is the role of the other end.
func opposite(role string) string {
	if role == active {
		return passive
	}
	return active
}

// roleByOffer is the role our answer states: the opposite of the one the offer does. One that leaves it to us finds
// the role in force, if there is an association, or us active. One that says nothing is active by RFC 4145 section 4.1.
//
// An association keeps its roles until the far end shows another certificate: an offer that states ours, for the same
// one, is answered as RFC 4145 wants it, and changes nothing.
func (s *Session) roleByOffer(theirs, inForce string) string {
	role := inForce
	switch {
	case theirs == active, theirs == "" && inForce == "":
		role = passive
	case theirs == passive, inForce == "":
		role = active
	}
	if inForce != "" && role != inForce {
		s.engine.log.Warn("offer turns the DTLS roles round; the association stays as it is", "setup", theirs)
	}
	return role
}

// roleByAnswer is the role that the answer to an offer of either leaves us: passive only to who says active. An answer
// that says nothing is passive by RFC 4145 section 4.1. One that leaves the role open must not (RFC 5763 section 5);
// who writes that does what an answerer ought to, and opens.
func (s *Session) roleByAnswer(theirs string) string {
	switch theirs {
	case active:
		return passive
	case actpass:
		s.engine.log.Warn("answer leaves open who begins DTLS; the far end is awaited", "setup", theirs)
		return passive
	}
	return active
}
