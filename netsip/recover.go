package netsip

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sip"
)

// A server that is restarted cuts off both ends of a call, and neither can tell the other where it is now: each
// one's Contact led to a socket that is gone. The media flows on. The call is then taken up anew by an INVITE with
// Replaces (RFC 3891) to the far end's address, and stays the same Session at both ends:
//
//	refresh finds nobody ──▶ INVITE with Replaces ──200──▶ new dialog, same call
//	     ▲                        │ 404, 480, no answer: after a while
//	     └────────────────────────┘ 481, 603: the far end has given the call up
const (
	recoveryHeadstart = 3 * time.Second // of the caller, so that the two do not meet
	recoveryMemory    = 5 * time.Minute // for which a new flow explains that a call is taken up anew
	maxRecoveries     = 8               // attempts, 1, 2, 4 … 16 s apart
	farewellPause     = 300 * time.Millisecond
	maxFarewells      = 3 // attempts to hang up a far end that takes the call up itself
)

// recovery takes a call up anew.
type recovery struct {
	exchange *exchange // nil while the offer is made
	dialog   *dialog   // of its reliable provisional responses, nil if none
	offer    []byte
	hold     bool
	patience *loop.Timer
	ack      []byte
	over     bool // not wanted any more
}

// unreachable tells whether a refusal says that nobody is there rather than that the far end does not want:
// RFC 3261 sections 21.4 and 21.5, RFC 5626 (430), and what Kamailio makes of a connection that is gone (477, 478, 500).
func unreachable(code int) bool {
	switch code {
	case 404, 408, 410, 430, 477, 478, 480, 481, 500, 502, 503, 504:
		return true
	}
	return false
}

// cutOff tells whether the far end may have lost its flow when we lost ours.
func (s *Session) cutOff() bool {
	return s.wishes.stale && s.state == SessionEstablished && s.dialog != nil
}

// recover takes the call up anew; it is for the caller to begin.
func (s *Session) recover() {
	if s.recovery != nil {
		return
	}
	wait := time.Duration(0)
	switch {
	case s.wishes.recoveries > 0:
		wait = min(time.Second<<(s.wishes.recoveries-1), 16*time.Second)
	case s.direction == Incoming:
		wait = recoveryHeadstart
	}
	w := &s.wishes
	w.waiting = true
	w.wait.Stop()
	w.wait = s.ua.loop.AfterFunc(wait, func() {
		w.waiting = false
		if s.cutOff() && s.changeable() != nil {
			s.inviteAgain()
			return
		}
		s.renegotiate()
	})
}

// inviteAgain sends the INVITE with Replaces.
func (s *Session) inviteAgain() {
	r := &recovery{hold: s.wishes.hold}
	s.recovery, s.offering = r, true
	s.wishes.recoveries++
	s.withMedia(func(ctx context.Context) (err error) {
		s.media.SetHold(r.hold)
		s.media.RestartICE()
		r.offer, err = s.media.Offer(ctx)
		return err
	}, func(err error) {
		switch {
		case r.over:
		case err != nil:
			s.recoveryFailed(r, fmt.Errorf("make offer: %w", err))
		default:
			s.sendRecovery(r)
		}
	})
}

func (s *Session) sendRecovery(r *recovery) {
	ua := s.ua
	tag := ua.identity.newTag()
	target := s.transferTarget()
	seq := ua.identity.newSeq()
	from := ua.identity.from(tag)
	var headers []sip.Header
	if s.anonymous() {
		from, headers = anonymousFrom(tag), ua.identity.privacy()
	}
	headers = append(headers, []sip.Header{
		{Name: "Replaces", Value: replacesOf(s.dialog).String()},
		{Name: "Require", Value: "replaces"}, // else it would ring
		{Name: "Contact", Value: ua.identity.contact(contactFor{anonymous: s.anonymous(), outbound: true})},
		{Name: "Content-Type", Value: sdpType},
	}...)
	headers = append(headers, s.timer.request(ua, s.timer.minimum)...)
	s.said = r.offer
	nextSeq := func() uint32 { seq++; return seq }
	r.exchange = &exchange{
		ua: ua, nextSeq: nextSeq,
		msg: ua.newRequest(outline{
			method: "INVITE", uri: target, routes: ua.preloadedRoute(), to: "<" + target.String() + ">",
			from: from, callID: ua.identity.newCallID(), seq: nextSeq(), headers: headers, body: r.offer,
		}),
		onProvisional: func(resp *sip.Message) { s.recoveryProgresses(r, resp) },
		onResponse:    func(resp *sip.Message, err error) { s.recoveryAnswered(r, resp, err) },
		onError:       func(err error) { s.recoveryFailed(r, err) },
	}
	r.patience = ua.loop.AfterFunc(timeout, func() {
		r.exchange.stopped = true
		r.exchange.tx.cancel(nil)
	})
	r.exchange.start()
}

// recoveryProgresses acknowledges what is to be acknowledged.
func (s *Session) recoveryProgresses(r *recovery, resp *sip.Message) {
	rseq, ok := reliableSeq(resp)
	if !ok || r.over || s.ua.reliability() == config.ReliableOff {
		return
	}
	if r.dialog == nil {
		d, ok := s.ua.callerDialog(r.exchange.msg, resp)
		if !ok {
			return
		}
		d.knowRealms(r.exchange)
		r.dialog = d
	}
	if r.dialog.remoteTag == resp.ToTag() && r.dialog.inSequence(rseq) {
		s.prack(r.dialog, r.exchange.msg, rseq, nil)
	}
}

// recoveryAnswered takes the final response. A 2xx that is not wanted any more, or that is of a second far end, is
// acknowledged and hung up.
func (s *Session) recoveryAnswered(r *recovery, resp *sip.Message, err error) {
	r.patience.Stop()
	if resp.StatusCode >= 300 {
		switch {
		case !r.over:
			s.recoveryRefused(r, statusError("INVITE", resp, err))
		case resp.StatusCode == 491 && s.state == SessionEnded:
			s.sayFarewellAgain()
		}
		return
	}
	if r.ack != nil && r.dialog.remoteTag == resp.ToTag() {
		s.ua.connection.send(r.ack)
		return
	}
	d, ok := r.dialog, true
	if d == nil || d.remoteTag != resp.ToTag() || r.ack != nil {
		if d, ok = s.ua.callerDialog(r.exchange.msg, resp); !ok {
			d = s.ua.contactlessDialog(r.exchange.msg, resp)
		}
	} else {
		ok = d.confirm(resp)
	}
	d.knowRealms(r.exchange)
	ack := s.ua.acknowledge(d, r.exchange.msg, nil)
	switch {
	case r.ack != nil:
		s.ua.hangUp(d, nil)
		return
	case r.over || !ok || !isSDP(resp):
		r.dialog, r.ack = d, ack
		s.ua.hangUp(d, nil)
		s.recoveryFailed(r, ErrMissingSDP)
		return
	}
	r.dialog, r.ack = d, ack
	s.recovery, s.offering = nil, false // the exchange is complete; the media takes its steps in order
	s.moveTo(d)
	s.timer.accepted(s, resp)
	s.applyAnswer(r.offer, resp.Body, func(err error) {
		if err != nil {
			s.terminate(Local, CauseBadDescription, 488, sip.StatusText(488), fmt.Errorf("take answer: %w", err))
			return
		}
		s.wishes.stated, s.wishes.restart = r.hold, false
		s.renegotiate()
	})
}

// moveTo puts a new dialog in the place of the one that led nowhere. What the far end still has to say in that one,
// likely BYE, is answered.
func (s *Session) moveTo(d *dialog) {
	old := s.dialog
	s.stopACKs()
	s.dialog, s.localTag = d, d.localTag
	s.ua.dialogs[d.key()] = s
	s.left = append(s.left, old)
	s.ua.loop.AfterFunc(timeout, func() {
		s.left = slices.DeleteFunc(s.left, func(other *dialog) bool { return other == old })
		if s.ua.dialogs[old.key()] == s {
			delete(s.ua.dialogs, old.key())
		}
	})
	w := &s.wishes
	w.wait.Stop()
	w.waiting, w.stale, w.refresh, w.unknown, w.tries, w.recoveries = false, false, false, false, 0, 0
	s.ua.log.info(logSession, s.id, "call taken up anew")
	s.changed()
}

// leftReceived answers what still comes in a dialog that the call has left.
func (s *Session) leftReceived(tx *serverTx) {
	if tx.req.Method == "BYE" {
		tx.reply(200, "")
		return
	}
	tx.reply(481, "")
}

// recoveryRefused: 603 says that the far end has left the call, 481 that it does not know it (RFC 3891 section 3).
// Other phones of the same address say that as well while the right one is on its way back; but who is gone is not
// heard either.
func (s *Session) recoveryRefused(r *recovery, err *StatusError) {
	code := err.StatusCode
	s.wishes.unknown = code == 481
	switch {
	case code == 603, s.wishes.unknown && s.path.dead:
		s.closeRecovery(r)
		s.farEndGone(err)
		return
	case code < 500 && code != 491 && !unreachable(code): // it does not have Replaces, or does not want it
		s.wishes.recoveries = maxRecoveries
	}
	s.recoveryFailed(r, err)
}

// farEndGone ends a call that the far end has left without a BYE that found us.
func (s *Session) farEndGone(err error) {
	s.ua.dropDialog(s.dialog)
	s.finish(Remote, CauseBye, 0, "", err)
}

// recoveryFailed tries again after a while. When nothing helps the call is left as it is: as long as the media
// flows, people talk.
func (s *Session) recoveryFailed(r *recovery, err error) {
	if r.over || s.state == SessionEnded {
		return
	}
	s.closeRecovery(r)
	s.ua.log.warn(logSession, s.id, "call not taken up anew: "+err.Error())
	if s.wishes.recoveries < maxRecoveries {
		s.recover()
	}
}

// closeRecovery takes back what has not come about.
func (s *Session) closeRecovery(r *recovery) {
	r.over = true
	r.patience.Stop()
	if s.recovery != r {
		return
	}
	s.recovery, s.offering = nil, false
	s.withMedia(s.media.Rollback, func(error) {})
}

// abandonRecovery cancels what is under way: the call is over, or the far end was faster.
func (s *Session) abandonRecovery() {
	r := s.recovery
	if r == nil {
		return
	}
	s.closeRecovery(r)
	if r.exchange != nil && r.ack == nil {
		r.exchange.stopped = true
		r.exchange.tx.cancel(nil)
	}
}

// hangUpAnew reaches a far end by an INVITE with Replaces that our BYE did not reach, and hangs up when it has
// answered. Its offer is what we said last: no media is needed any more.
func (s *Session) hangUpAnew() {
	if s.said != nil && s.ua.connection.up() {
		s.wishes.recoveries = 0
		s.sendRecovery(&recovery{offer: s.said, over: true})
	}
}

// sayFarewellAgain: the far end was about to take the call up itself.
func (s *Session) sayFarewellAgain() {
	if s.wishes.recoveries >= maxFarewells {
		return
	}
	s.wishes.recoveries++
	pause := s.ua.transactions.asking.hold() // Stop waits for it
	s.ua.loop.AfterFunc(farewellPause, func() {
		pause.release()
		if s.ua.connection.up() {
			s.sendRecovery(&recovery{offer: s.said, over: true})
		}
	})
}

// takenUpBy finds the call that an INVITE with Replaces takes up anew, nil for none.
func (ua *UserAgent) takenUpBy(invite *sip.Message) *Session {
	lines := invite.Lines("Replaces")
	if len(lines) != 1 {
		return nil
	}
	r, err := parseReplaces(lines[0])
	if err != nil || r.earlyOnly {
		return nil
	}
	if s := ua.dialogs[r.key()]; s != nil && s.dialog != nil && s.dialog.key() == r.key() && s.takesUp(invite) {
		return s
	}
	return nil
}

// takesUp tells whether an INVITE with Replaces is the far end of the call taking it up anew, and not a third
// party that takes its place.
func (s *Session) takesUp(invite *sip.Message) bool {
	from, err := invite.From()
	if err != nil || s.state != SessionEstablished {
		return false
	}
	far, err := sip.ParseAddress(s.dialog.remote)
	if err != nil || !strings.EqualFold(from.URI.HostPort(), far.URI.HostPort()) || from.URI.UserDecoded() != far.URI.UserDecoded() {
		return false
	}
	return s.path.dead || !s.wishes.remade.IsZero() && time.Since(s.wishes.remade) < recoveryMemory
}

// takenUp answers the INVITE by which the far end takes the call up anew.
func (s *Session) takenUp(tx *serverTx) {
	d, ok := s.ua.calleeDialog(tx.req, tx.toTag, s.ua.identity.contact(contactFor{}))
	switch {
	case !ok:
		tx.reply(400, noDialog)
		return
	case s.recovery != nil && s.direction == Outgoing: // ours comes first
		tx.reply(491, "")
		return
	}
	s.abandonRecovery()
	if s.offering || s.answering != nil || !isSDP(tx.req) {
		tx.reply(491, "")
		return
	}
	s.answering = tx
	tx.onAbort = func(*sip.Message) { tx.reply(487, "") }
	offer, hold := slices.Clone(tx.req.Body), s.wishes.hold
	var body []byte
	s.withMedia(func(ctx context.Context) (err error) {
		s.media.SetHold(hold)
		if err = s.media.SetOffer(ctx, offer); err == nil {
			body, err = s.media.Answer(ctx)
		}
		return err
	}, func(err error) {
		if err != nil || tx.answered() {
			s.withMedia(s.media.Rollback, func(error) {})
			s.refuseChange(tx, err)
			return
		}
		s.answering = nil
		s.wishes.stated = hold
		s.setHeld(heldBy(offer))
		old := s.dialog
		s.moveTo(d)
		s.accept(tx, s.timer.answer(s, tx.req), body, func(*sip.Message) {
			s.ua.hangUp(old, nil) // as who replaces does (RFC 3891 section 3)
			s.renegotiate()
		})
	})
}
