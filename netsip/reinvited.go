package netsip

import (
	"calla/netsip/sip"
)

// reinvited takes an INVITE or UPDATE inside the call: a new offer, a session refresh, a new target, or
// several of these (RFC 3261 section 14.2, RFC 3311, RFC 4028). The old agreement stays when it is refused.
func (s *Session) reinvited(tx *serverTx, d *dialog) {
	d.learn(tx.req)
	if s.ua.tooSmallInterval(tx) || refuseBody(tx) {
		return
	}
	offer := tx.req.Body
	if !tx.invite() && len(offer) == 0 {
		s.acceptUpdate(tx, d, nil)
		return
	}
	if s.glares(tx, d) {
		return
	}
	n := &s.negotiation
	n.serve(tx)
	tx.onAbort = func(*sip.Message) { tx.reply(487, "") } // signalling is free when the media has done its step
	if len(offer) == 0 {
		s.offerInAnswer(tx, d)
		return
	}
	n.receiveOffer(offer, func(err error) {
		switch {
		case tx.answered(): // canceled meanwhile
			n.rollback(terms{})
			s.refuseReinvite(tx, nil)
		case err != nil:
			s.refuseReinvite(tx, err)
		default:
			tx.onAbort = nil // from here on it is executed: a CANCEL comes too late (RFC 6141 section 3.4)
			s.answerOffer(tx, d)
		}
	})
}

// glares refuses what crosses an exchange that is under way; it tells whether it did. While we owe an answer
// the far end is to come again, while it owes us one both are (RFC 3261 section 14.2, RFC 3311 section 5.2).
func (s *Session) glares(tx *serverTx, d *dialog) bool {
	n := &s.negotiation
	inviting := s.in != nil && !s.in.tx.answered()
	switch {
	case n.serving != nil, n.state == negotiationRemoteOffer, inviting && tx.invite():
		tx.refuse(Refusal{500, "", "RFC 3261 section 14.2"},
			sip.Header{Name: "Retry-After", Value: itoa(s.ua.rand.IntN(10) + 1)})
	case n.state == negotiationLocalOffer, n.state == negotiationNone,
		s.dialog != d && (tx.invite() || s.out == nil || !s.out.agreedIn(d)):
		tx.refuse(Refusal{491, "", "RFC 3261 section 14.2"})
	default:
		return false
	}
	return true
}

// answerOffer answers the offer that the media has taken.
func (s *Session) answerOffer(tx *serverTx, d *dialog) {
	n := &s.negotiation
	n.answer(func(err error) {
		if err != nil {
			n.rollback(terms{})
			s.refuseReinvite(tx, err)
			return
		}
		n.served()
		s.changed()
		if !tx.invite() {
			s.acceptUpdate(tx, d, n.local)
			s.reinvites.next()
			return
		}
		s.acceptReinvite(tx, d, n.local, func(*sip.Message) { s.reinvites.next() })
	})
}

// offerInAnswer answers a re-INVITE without an offer by a 200 with ours; its ACK has the answer (RFC 3261 section
// 14.2).
func (s *Session) offerInAnswer(tx *serverTx, d *dialog) {
	n := &s.negotiation
	n.offer(transportInUse, func(err error) {
		if err != nil || tx.answered() { // canceled meanwhile
			n.rollback(terms{})
			s.refuseReinvite(tx, err)
			return
		}
		n.served()
		s.acceptReinvite(tx, d, n.local, func(ack *sip.Message) {
			s.answeredInACK(ack, func() {
				s.changed()
				s.reinvites.next()
			})
		})
	})
}

// refuseReinvite refuses a re-INVITE or UPDATE, unless that was canceled: the agreement before it stays (RFC 3261
// section 14.2).
func (s *Session) refuseReinvite(tx *serverTx, err error) {
	s.negotiation.served()
	code, extra := mediaRefusal(err, 500, s.ua.identity.viaHost)
	tx.refuse(Refusal{code, "", "RFC 3261 section 14.2"}, extra...)
	s.reinvites.next()
}

// acceptUpdate answers an UPDATE, which may have moved the far end (RFC 3311 section 5.2).
func (s *Session) acceptUpdate(tx *serverTx, d *dialog, body []byte) {
	d.refreshTarget(tx.req)
	s.hears(tx.req, d)
	resp := tx.response(200, "")
	resp.Add("Contact", d.contact)
	if s.state == SessionEstablished { // before, there is nothing to keep alive
		resp.Headers = append(resp.Headers, s.timer.answer(s, tx.req)...)
	}
	s.ua.capabilities.addTo(resp, "UPDATE")
	if body != nil {
		resp.Add("Content-Type", sdpType)
		resp.Body = body
	}
	tx.respond(resp)
}

func (s *Session) acceptReinvite(tx *serverTx, d *dialog, body []byte, onAck func(*sip.Message)) {
	d.refreshTarget(tx.req)
	s.hears(tx.req, d)
	s.accept(tx, s.timer.answer(s, tx.req), body, onAck)
}
