package netsip

import "calla/netsip/sip"

// Redirect refuses an incoming call with 302 and names whom to call instead, the likeliest first (RFC 3261 section
// 13.3.1.2). It does nothing once the call has been answered, and without an address.
func (s *Session) Redirect(to ...sip.Address) {
	var contacts []sip.Header
	for _, a := range to {
		a.Params = nil
		contacts = append(contacts, sip.Header{Name: "Contact", Value: a.String()})
	}
	if len(contacts) > 0 {
		s.refuse(302, "", Local, CauseRedirected, nil, contacts...)
	}
}
