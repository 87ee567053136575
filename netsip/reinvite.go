package netsip

import (
	"context"
	"fmt"
	"slices"
	"time"

	"calla/netsip/sip"
)

// maxRefreshes bounds how often a refresh is tried again in a row.
const maxRefreshes = 6

// reinvited takes an INVITE or UPDATE inside the call: a new offer, a session refresh, a new target, or
// several of these (RFC 3261 section 14.2, RFC 3311, RFC 4028). The old agreement stays when it is refused.
func (s *Session) reinvited(tx *serverTx, d *dialog) {
	d.learn(tx.req)
	if tooSmallInterval(tx) || refuseBody(tx) {
		return
	}
	offered := len(tx.req.Body) > 0
	if !tx.invite() && !offered {
		s.acceptUpdate(tx, d, nil)
		return
	}
	switch {
	case s.answering != nil:
		tx.reply(500, "", sip.Header{Name: "Retry-After", Value: itoa(s.ua.rand.IntN(10) + 1)})
		return
	case s.offering, s.dialog != d, s.in != nil && !s.in.tx.answered(): // a call that only rings has its first offer open
		tx.reply(491, "")
		return
	}
	s.answering = tx
	tx.onAbort = func(*sip.Message) { tx.reply(487, "") }
	offer := slices.Clone(tx.req.Body)
	var body []byte
	s.withMedia(func(ctx context.Context) (err error) {
		if !offered {
			body, err = s.media.Offer(ctx)
			return err
		}
		if err = s.media.SetOffer(ctx, offer); err == nil {
			body, err = s.media.Answer(ctx)
		}
		return err
	}, func(err error) {
		s.answering = nil
		switch {
		case tx.answered(): // canceled meanwhile
		case err != nil:
			code, extra := mediaRefusal(err, 500, s.ua.viaHost)
			tx.reply(code, "", extra...)
		case !tx.invite():
			s.setHeld(heldBy(offer))
			s.acceptUpdate(tx, d, body)
		default:
			s.acceptInvite(tx, d, offer, body)
		}
	})
}

func (s *Session) acceptUpdate(tx *serverTx, d *dialog, body []byte) {
	d.refreshTarget(tx.req)
	resp := tx.response(200, "")
	resp.Add("Contact", d.contact)
	resp.Headers = append(resp.Headers, s.timer.answer(s, tx.req)...)
	addAbilities(resp, s.ua.supported("UPDATE"))
	if body != nil {
		resp.Add("Content-Type", sdpType)
		resp.Body = body
	}
	tx.respond(resp)
}

func (s *Session) acceptInvite(tx *serverTx, d *dialog, offer, body []byte) {
	d.refreshTarget(tx.req)
	late := len(offer) == 0
	s.offering = late
	if !late {
		s.setHeld(heldBy(offer))
	}
	s.accept(tx, s.timer.answer(s, tx.req), body, func(ack *sip.Message) {
		if late {
			s.lateAnswer(ack, func() {})
		}
	})
}

// refresh renews the call at the far end: its session timer, and our Contact in its eyes, which matters when
// our flow is a new one (the old Contact leads to a dead socket). UPDATE is enough where it is understood.
func (s *Session) refresh() {
	s.refreshWait.Stop()
	if s.state != SessionEstablished || s.ua.flow == nil {
		return
	}
	if s.offering || s.answering != nil {
		s.refreshLater(time.Second)
		return
	}
	if s.dialog.updates {
		s.sendRefresh("UPDATE", nil)
		return
	}
	s.offering = true
	var offer []byte
	s.withMedia(func(ctx context.Context) (err error) {
		offer, err = s.media.Offer(ctx)
		return err
	}, func(err error) {
		if err != nil {
			s.offering = false
			s.ua.log.warn(logSession, s.id, "no offer for a refresh: "+err.Error())
			return
		}
		s.sendRefresh("INVITE", offer)
	})
}

func (s *Session) refreshLater(wait time.Duration) {
	s.refreshWait.Stop()
	s.refreshWait = s.ua.loop.AfterFunc(wait, s.refresh)
}

func (s *Session) sendRefresh(method string, offer []byte) {
	headers := []sip.Header{{Name: "Contact", Value: s.dialog.contact}}
	if offer != nil {
		headers = append(headers, sip.Header{Name: "Content-Type", Value: sdpType})
	}
	headers = append(headers, s.timer.refreshRequest()...)
	var e *exchange
	var ack []byte // of an INVITE's 2xx, for its retransmissions
	over := func() {
		s.patience.Stop()
		s.refreshing = nil
	}
	e = s.dialog.send(method, headers, offer, func(resp *sip.Message, err error) {
		over()
		switch {
		case resp.StatusCode >= 300:
			s.offering = false
			s.refreshRefused(resp, err)
		case method != "INVITE":
			s.refreshed(resp)
		case ack != nil:
			s.ua.sendBytes(ack)
		default:
			ack = s.ua.acknowledge(s.dialog, e.msg)
			s.reinviteAccepted(resp)
		}
	}, func(error) { // the far end may be on its way back; the session timer decides
		over()
		s.offering = false
		s.refreshAgain()
	})
	s.refreshing = e
	s.patience = s.ua.loop.AfterFunc(timeout, s.abandonRefresh) // an INVITE that got a 100 has no timer of its own
}

// abandonRefresh cancels a re-INVITE of ours that nobody answers, or that is not wanted any more.
func (s *Session) abandonRefresh() {
	s.patience.Stop()
	if e := s.refreshing; e != nil && e.msg.Method == "INVITE" {
		e.stopped = true
		e.tx.cancel(nil)
	}
	s.refreshing = nil
}

func (s *Session) reinviteAccepted(resp *sip.Message) {
	if s.state == SessionEnded {
		return
	}
	s.offering = false // the exchange is complete; the media takes its steps in order
	if !isSDP(resp) {
		s.terminate(Remote, CauseBadDescription, 400, CauseMissingSDP, ErrMissingSDP)
		return
	}
	s.applyAnswer(resp.Body, func(err error) {
		if err != nil {
			s.terminate(Local, CauseBadDescription, 488, sip.StatusText(488), fmt.Errorf("take answer: %w", err))
			return
		}
		s.refreshed(resp)
	})
}

func (s *Session) refreshed(resp *sip.Message) {
	if s.state == SessionEnded {
		return
	}
	s.refreshes = 0
	s.dialog.learn(resp)
	s.dialog.refreshTarget(resp)
	if s.timer.interval != 0 {
		s.timer.accepted(s, resp)
	}
}

// refreshRefused: only 481 says that the call is gone. Glare waits as RFC 3261 section 14.1 says; what else
// comes is likely of a server that is not ready yet.
func (s *Session) refreshRefused(resp *sip.Message, err error) {
	switch {
	case s.state == SessionEnded:
	case resp.StatusCode == 481:
		s.ua.hangUp(s.dialog, nil)
		s.finish(Remote, CauseDialog, 481, resp.Reason, statusError("refresh", resp, err))
	case resp.StatusCode == 491:
		s.refreshes++
		if s.refreshes > maxRefreshes {
			return
		}
		units := s.ua.rand.IntN(201) // of 10 ms: 0 to 2 s
		if s.direction == Outgoing { // the owner of the Call-ID: 2.1 to 4 s
			units = 210 + s.ua.rand.IntN(191)
		}
		s.refreshLater(time.Duration(units) * 10 * time.Millisecond)
	case resp.StatusCode == 405, resp.StatusCode == 501:
		if s.dialog.updates {
			s.dialog.updates = false
			s.refresh()
		}
	default:
		s.refreshAgain()
	}
}

func (s *Session) refreshAgain() {
	if s.state == SessionEnded || s.refreshes >= maxRefreshes {
		return
	}
	s.refreshLater(time.Second << s.refreshes)
	s.refreshes++
}

// infoReceived answers an INFO and tells of it (RFC 6086; DTMF in application/dtmf-relay).
func (s *Session) infoReceived(tx *serverTx) {
	mediaType, _ := tx.req.ContentType()
	if len(tx.req.Body) > 0 && mediaType == "" {
		tx.reply(415, "", sip.Header{Name: "Accept", Value: "application/dtmf-relay"})
		return
	}
	tx.reply(200, "")
	if s.onInfo != nil && s.state != SessionEnded {
		s.onInfo(mediaType, slices.Clone(tx.req.Body))
	}
}

// SendInfo sends an INFO in an established call, such as DTMF for a far end without telephone-event. It is not
// told whether the far end made anything of it; 481 ends the call.
func (s *Session) SendInfo(contentType string, body []byte) {
	if s.state != SessionEstablished || sip.CheckText(contentType) != nil {
		return
	}
	s.dialog.send("INFO", []sip.Header{{Name: "Content-Type", Value: contentType}}, slices.Clone(body),
		func(resp *sip.Message, err error) {
			if resp.StatusCode == 481 && s.state != SessionEnded {
				s.ua.hangUp(s.dialog, nil)
				s.finish(Remote, CauseDialog, 481, resp.Reason, statusError("INFO", resp, err))
			}
		}, func(error) {})
}
