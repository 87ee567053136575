package netsip

import (
	"context"
	"slices"

	"calla/netsip/sip"
)

// reinvited takes an INVITE or UPDATE inside the call: a new offer, a session refresh, a new target, or
// several of these (RFC 3261 section 14.2, RFC 3311, RFC 4028). The old agreement stays when it is refused.
func (s *Session) reinvited(tx *serverTx, d *dialog) {
	d.learn(tx.req)
	if s.ua.tooSmallInterval(tx) || refuseBody(tx) {
		return
	}
	if !tx.invite() && len(tx.req.Body) == 0 {
		s.acceptUpdate(tx, d, nil)
		return
	}
	if s.glares(tx, d) {
		return
	}
	s.answering = tx
	tx.onAbort = func(*sip.Message) { tx.reply(487, "") } // signalling is free when the media has done its step
	if len(tx.req.Body) == 0 {
		s.offerInAnswer(tx, d)
		return
	}
	offer := slices.Clone(tx.req.Body)
	s.withMedia(func(ctx context.Context) error { return s.media.SetOffer(ctx, offer) }, func(err error) {
		switch {
		case tx.answered(): // canceled meanwhile
			s.withMedia(s.media.Rollback, func(error) {})
			s.refuseChange(tx, nil)
		case err != nil:
			s.refuseChange(tx, err)
		default:
			tx.onAbort = nil // from here on it is executed: a CANCEL comes too late (RFC 6141 section 3.4)
			s.answerOffer(tx, d, offer)
		}
	})
}

// glares refuses what crosses an exchange that is under way; it tells whether it did. While we owe an answer
// the far end is to come again, while it owes us one both are (RFC 3261 section 14.2, RFC 3311 section 5.2).
func (s *Session) glares(tx *serverTx, d *dialog) bool {
	switch {
	case s.answering != nil,
		s.in != nil && !s.in.tx.answered() && (tx.invite() || s.in.offered && !s.in.agreed):
		tx.reply(500, "", sip.Header{Name: "Retry-After", Value: itoa(s.ua.rand.IntN(10) + 1)})
	case s.offering,
		s.in != nil && !s.in.tx.answered() && !s.in.agreed,
		s.dialog != d && (tx.invite() || s.out == nil || !s.out.agreedIn(d)):
		tx.reply(491, "")
	default:
		return false
	}
	return true
}

// answerOffer answers the offer that the media has taken.
func (s *Session) answerOffer(tx *serverTx, d *dialog, offer []byte) {
	hold := s.wishes.hold
	var body []byte
	s.withMedia(func(ctx context.Context) (err error) {
		s.media.SetHold(hold)
		body, err = s.media.Answer(ctx)
		return err
	}, func(err error) {
		if err != nil {
			s.withMedia(s.media.Rollback, func(error) {})
			s.refuseChange(tx, err)
			return
		}
		s.answering = nil
		s.wishes.stated = hold
		s.setHeld(heldBy(offer))
		s.changed()
		if !tx.invite() {
			s.acceptUpdate(tx, d, body)
			s.renegotiate()
			return
		}
		s.acceptInvite(tx, d, body, func(*sip.Message) { s.renegotiate() })
	})
}

// offerInAnswer answers a re-INVITE without an offer by a 200 with ours; its ACK has the answer.
func (s *Session) offerInAnswer(tx *serverTx, d *dialog) {
	hold := s.wishes.hold
	var body []byte
	s.withMedia(func(ctx context.Context) (err error) {
		s.media.SetHold(hold)
		body, err = s.media.Offer(ctx)
		return err
	}, func(err error) {
		switch {
		case tx.answered(): // canceled meanwhile
			s.withMedia(s.media.Rollback, func(error) {})
			s.refuseChange(tx, nil)
			return
		case err != nil:
			s.refuseChange(tx, err)
			return
		}
		s.answering, s.offering = nil, true
		s.acceptInvite(tx, d, body, func(ack *sip.Message) {
			s.lateAnswer(ack, body, func() {
				s.wishes.stated = hold
				s.changed()
				s.renegotiate()
			})
		})
	})
}

// refuseChange refuses a re-INVITE or UPDATE, unless that was canceled: the agreement before it stays.
func (s *Session) refuseChange(tx *serverTx, err error) {
	s.answering = nil
	code, extra := mediaRefusal(err, 500, s.ua.identity.viaHost)
	tx.reply(code, "", extra...)
	s.renegotiate()
}

func (s *Session) acceptUpdate(tx *serverTx, d *dialog, body []byte) {
	d.refreshTarget(tx.req)
	resp := tx.response(200, "")
	resp.Add("Contact", d.contact)
	if s.state == SessionEstablished { // before, there is nothing to keep alive
		resp.Headers = append(resp.Headers, s.timer.answer(s, tx.req)...)
	}
	s.ua.addAbilities(resp, "UPDATE")
	if body != nil {
		resp.Add("Content-Type", sdpType)
		resp.Body, s.said = body, body
	}
	tx.respond(resp)
}

func (s *Session) acceptInvite(tx *serverTx, d *dialog, body []byte, onAck func(*sip.Message)) {
	d.refreshTarget(tx.req)
	s.accept(tx, s.timer.answer(s, tx.req), body, onAck)
}
