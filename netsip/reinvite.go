package netsip

import (
	"errors"
	"fmt"
	"time"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// maxTries bounds how often what is refused is asked for again in a row.
const maxTries = 6

// reinvites tell the far end of a call what it is to know, by re-INVITE or UPDATE, as soon as signalling is free for
// it: what the negotiation wishes for, our Contact and the session timer. There is one at a time.
//
//	wished ──next, signalling free──▶ under way ──2xx──▶ in force
//	  ▲                                  │
//	  ├── waits ◀── 491, 500, nobody ────┤
//	  └── forgotten ◀── refused: all is as before
type reinvites struct {
	session  *Session
	refresh  bool      // our Contact and the session timer are to be told
	underWay *reinvite // nil for none
	cut      *reinvite // a re-INVITE whose response was lost with its flow, if there was one; nil for none
	tries    int
	waiting  bool // until wait is over nothing is sent
	wait     *loop.Timer
}

// reinvite is a re-INVITE or UPDATE of ours.
type reinvite struct {
	session *Session
	dialog  *dialog
	method  string
	offers  bool // it has an offer
	says    terms
	invite  inviteUsage // not of an UPDATE
}

// refresh renews the call at the far end: its session timer, and our Contact in its eyes.
func (s *Session) refresh() {
	s.reinvites.refresh = true
	s.reinvites.next()
}

// flowRemade: the Contact that the far end knows leads to a socket that is gone (RFC 5626 section 4.3).
func (s *Session) flowRemade() {
	s.reinvites.goOn()
	s.reinvites.acknowledge()
	s.reestablishment.flowRemade()
	s.acks.resend()
	switch {
	case s.state == SessionEstablished || s.state == SessionEnded:
	case s.out != nil:
		s.out.search.flowMade()
	default:
		s.in.refreshEarly()
	}
	s.refresh()
}

// acknowledge acknowledges over a new flow the 2xx to our last INVITE, whether that was lost with the flow before or
// its ACK: a far end that sent it refuses what else we ask for until the ACK comes, as JsSIP does with 403, cannot hang
// up, and ends the call where none comes in 64*T1 (RFC 3261 sections 13.3.1.4, 14.2 and 15). What it said does not
// matter: another offer follows. One that sent none has nothing that the ACK belongs to, and drops it.
func (r *reinvites) acknowledge() {
	switch c := r.cut; {
	case c != nil:
		r.cut = nil
		c.invite.confirm(c.dialog, nil)
	case r.session.dialog != nil:
		r.session.dialog.acknowledgeAgain()
	}
}

// goOn ends the waiting and forgets what failed.
func (r *reinvites) goOn() {
	r.wait.Stop()
	r.tries, r.waiting = 0, false
}

// done: the far end knows all there was to tell.
func (r *reinvites) done() {
	r.goOn()
	r.refresh = false
}

// dialogFree is the dialog in which a re-INVITE or UPDATE may be sent now, nil for none: RFC 3261 section 14.1 wants no
// other INVITE or offer under way in either direction, RFC 3311 section 5.1 an exchange that is over in an early
// dialog.
func (r *reinvites) dialogFree() *dialog {
	s := r.session
	switch {
	case r.waiting, !s.ua.connection.up(), r.underWay != nil, !s.negotiation.free(), s.acks.any():
		return nil
	case s.state == SessionEstablished:
		return s.dialog
	case s.out != nil && s.dialog == nil:
		if d := s.out.invite.early[s.negotiation.fork]; d != nil && d.updates {
			return d
		}
	case s.in != nil && !s.in.tx.answered() && s.dialog.updates:
		return s.dialog
	}
	return nil
}

// next tells the far end what it is to know. Whoever frees signalling, or has a new wish, calls it.
func (r *reinvites) next() {
	s, d := r.session, r.dialogFree()
	n := &s.negotiation
	wishes := n.wishes()
	if d == nil || !wishes && !r.refresh {
		return
	}
	c := &reinvite{session: s, dialog: d, method: "INVITE", offers: true}
	switch {
	case s.state != SessionEstablished: // the INVITE is not over (RFC 3311 section 5.1)
		c.method, c.offers = "UPDATE", wishes
	case !wishes && d.updates && s.ua.capabilities.refreshesByUpdate(): // RFC 4028 section 7.4
		c.method, c.offers = "UPDATE", false
	}
	r.underWay = c
	if !c.offers {
		c.says = terms{hold: n.hold.wanted}
		c.send()
		return
	}
	c.says = n.offer(transportWished, func(err error) {
		if err != nil {
			r.rollback(c)
			r.failed(c, fmt.Errorf("make offer: %w", err))
			return
		}
		c.send()
	})
}

// send sends it, with our Contact for the far end's next requests (RFC 3261 section 12.2.1.1).
func (c *reinvite) send() {
	s := c.session
	headers := []sip.Header{{Name: "Contact", Value: c.dialog.contact}}
	var offer []byte
	if c.offers {
		offer = s.negotiation.local
		headers = append(headers, sip.Header{Name: "Content-Type", Value: sdpType})
	}
	headers = append(headers, s.timer.refreshRequest()...)
	if c.method == "UPDATE" {
		c.dialog.send("UPDATE", headers, offer, c.answered, c.failed)
		return
	}
	s.ua.log.debug(logRequest, s.id, "sending ", c.method)
	s.negotiation.forgetEarly()
	c.invite = inviteUsage{ua: s.ua, inviter: c, label: s.id}
	c.invite.startInside(c.dialog, headers, offer)
	c.invite.limit()
}

// provisional notes the answer in a reliable provisional response: the 2xx need not repeat it (RFC 3262 section 5).
func (c *reinvite) provisional(p provisional) {
	if p.rseq != 0 && isSDP(p.Message) {
		c.session.negotiation.noteEarly(c.dialog.remoteTag, p.Body)
	}
}

// accepted takes the 2xx of an INVITE, which is acknowledged whatever comes of it.
func (c *reinvite) accepted(resp *sip.Message, _ *dialog, _ bool) {
	c.invite.acknowledge(nil)
	c.answered(resp, nil)
}

func (c *reinvite) refused(resp *sip.Message, err error) { c.answered(resp, err) }

// answered takes a final response.
func (c *reinvite) answered(resp *sip.Message, err error) {
	s, r := c.session, &c.session.reinvites
	switch {
	case s.state == SessionEnded || r.underWay != c:
	case resp.StatusCode >= 300:
		r.rollback(c)
		r.refused(c, resp, err)
	case !c.offers:
		r.accepted(c, resp)
	default:
		c.applyAnswer(resp)
	}
}

// applyAnswer gives the media the answer. The far end may think otherwise where there is none that we can use; the call
// goes on as it was (RFC 6141 section 3.1).
func (c *reinvite) applyAnswer(resp *sip.Message) {
	r, n := &c.session.reinvites, &c.session.negotiation
	answer := n.early[c.dialog.remoteTag]
	if isSDP(resp) {
		answer = resp.Body
	}
	n.receiveAnswer(answer, func(err error) {
		if err != nil {
			r.underWay = nil
			r.failed(c, fmt.Errorf("take answer: %w", err))
			return
		}
		r.accepted(c, resp)
	})
}

// failed: no final response came.
func (c *reinvite) failed(err error) {
	s, r := c.session, &c.session.reinvites
	if s.state == SessionEnded || r.underWay != c {
		return
	}
	r.rollback(c)
	var late *TimeoutError
	switch {
	case errors.Is(err, ErrConnectionLost): // the next flow brings it up again
		if c.method == "INVITE" && s.state == SessionEstablished {
			r.cut = c
		}
	case errors.Is(err, ErrNotConnected): // so does it here
	case errors.As(err, &late) && s.reestablishment.cutOff():
		s.reestablishment.begin()
	case c.keepsAlive():
		s.dialogLost(err)
	default:
		r.failed(c, err)
	}
}

// keepsAlive tells whether it only refreshes the session: the call ends when that finds nobody (RFC 4028 section 10).
func (c *reinvite) keepsAlive() bool {
	s := c.session
	return s.timer.interval != 0 && s.reinvites.refresh && c.says == terms{hold: s.negotiation.hold.agreed}
}

// cancel gives up what is under way: the call is over.
func (r *reinvites) cancel() {
	r.wait.Stop()
	if c := r.underWay; c != nil {
		c.invite.cancel()
		c.invite.drop()
	}
}

// leave takes back what is under way in another dialog than d: that of a ringing far end which has not got the call.
func (r *reinvites) leave(d *dialog) {
	if c := r.underWay; c != nil && c.dialog != d {
		r.rollback(c)
	}
}

// rollback takes back what has not been agreed on (RFC 6141 section 3.1): the agreement before it stays.
func (r *reinvites) rollback(c *reinvite) {
	r.underWay = nil
	if c.offers {
		r.session.negotiation.rollback(c.says)
	}
}

// accepted: the far end has agreed.
func (r *reinvites) accepted(c *reinvite, resp *sip.Message) {
	s := r.session
	r.tries, r.refresh = 0, false
	s.reestablishment.reached()
	c.dialog.learn(resp)
	c.dialog.refreshTarget(resp)
	s.hears(resp, c.dialog)
	if s.timer.interval != 0 {
		s.timer.accepted(s, resp)
	}
	r.underWay = nil
	s.changed()
	r.next()
}

// refused takes a final response from 300 up.
func (r *reinvites) refused(c *reinvite, resp *sip.Message, err error) {
	s := r.session
	refusal := statusError(c.method, resp, err)
	switch code := resp.StatusCode; {
	case unreachable(code) && refusal.RetryAfter == 0 && s.reestablishment.cutOff():
		s.reestablishment.begin()
	// The dialog is gone (RFC 3261 section 12.2.1.2). While it is early the INVITE decides.
	case s.state == SessionEstablished && (code == 481 || code == 408 && c.keepsAlive()):
		s.dialogLost(refusal)
	case code == 491: // RFC 3261 section 14.1
		r.again(s.glareWait(), refusal)
	case code == 422 && r.tries < maxTries && s.timer.raise(resp): // RFC 4028 section 7.4
		r.tries++
		r.next()
	case c.method == "UPDATE" && (code == 405 || code == 501):
		c.dialog.refusesUpdate()
		r.next()
	case code >= 500 && code < 600 && refusal.RetryAfter > 0 && refusal.RetryAfter <= timeout: // RFC 3311 section 5.2
		r.again(refusal.RetryAfter, refusal)
	default:
		r.failed(c, refusal)
	}
}

// failed forgets a hold that was refused and tells so. What the call needs is tried again: what refuses is
// likely a server that is not ready yet.
func (r *reinvites) failed(c *reinvite, err error) {
	s := r.session
	if c.offers {
		s.negotiation.refused(c.says, err)
	}
	s.ua.log.warn(logSession, s.id, "change of the call failed: "+err.Error())
	r.again(time.Second<<r.tries, err)
}

// again lets what is still wished wait for its next attempt; after too many of them it is given up.
func (r *reinvites) again(wait time.Duration, err error) {
	switch n := &r.session.negotiation; {
	case !n.wishes() && !r.refresh:
		r.tries = 0
	case r.tries >= maxTries:
		r.tries, r.refresh = 0, false
		n.dropWishes(err)
	default:
		r.tries++
		r.postpone(wait, r.next)
	}
}

// postpone sends nothing for a while.
func (r *reinvites) postpone(d time.Duration, then func()) {
	r.waiting = true
	r.wait.Stop()
	r.wait = r.session.ua.loop.AfterFunc(d, func() {
		r.waiting = false
		then()
	})
}

// glareWait is how long to wait after 491 (RFC 3261 section 14.1), in steps of 10 ms: 2.1 to 4 s for the owner of the
// Call-ID, 0 to 2 s for the other.
func (s *Session) glareWait() time.Duration {
	units := s.ua.rand.IntN(201)
	if s.direction == outgoingCall {
		units = 210 + s.ua.rand.IntN(191)
	}
	return time.Duration(units) * 10 * time.Millisecond
}

// dialogLost ends a call that the far end does not know any more (RFC 5057 section 5.1).
func (s *Session) dialogLost(err error) {
	var status *StatusError
	if !errors.As(err, &status) {
		s.terminate(End{
			By: System, Cause: CauseSessionTimer, StatusCode: 408, Reason: CauseSessionTimer, Err: err,
		})
		return
	}
	s.ua.hangUp(s.dialog, nil)
	s.finish(End{By: Remote, Cause: CauseDialog, StatusCode: status.StatusCode, Reason: status.Reason, Err: err})
}
