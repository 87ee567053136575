package netsip

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"calla/netsip/sip"
)

// A server that is restarted cuts off both ends of a call, and neither can tell the other where it is now: each
// one's Contact led to a socket that is gone. The media flows on. The call is then re-established by an INVITE with
// Replaces (RFC 3891) to the far end's address, and stays the same Session at both ends:
//
//	refresh finds nobody ──▶ INVITE with Replaces ──200──▶ new dialog, same call
//	     ▲                        │ 404, 480, no answer: after a while
//	     └────────────────────────┘ 481, 603: the far end has given the call up
const (
	reestablishHeadstart = 3 * time.Second // of the caller, so that the two do not meet
	reestablishMemory    = 5 * time.Minute // for which a new flow explains that a call is re-established
	maxReestablishments  = 8               // attempts, 1, 2, 4 … 16 s apart
	farewellPause        = 300 * time.Millisecond
	maxFarewells         = 3 // attempts to hang up a far end that re-establishes the call itself
)

// reestablishment is what a call knows of the loss of its flows, and the INVITE with Replaces that is to mend it.
type reestablishment struct {
	session  *Session
	stale    bool            // our flow is a new one: the far end may not be able to reach us
	remade   time.Time       // when our flow was made again last
	unknown  bool            // whoever answered the last attempt does not know the call
	attempts int             // in a row
	underWay *reestablishing // nil for none
	left     []*dialog       // the call was in before
}

// reestablishing is one INVITE with Replaces.
type reestablishing struct {
	session *Session
	says    terms
	invite  inviteUsage
	over    bool // not wanted any more
}

// unreachable tells whether a refusal says that nobody is there rather than that the far end does not want:
// RFC 3261 sections 21.4 and 21.5, RFC 5626 (430), and what Kamailio makes of a connection that is gone (477, 478,
// 500).
func unreachable(code int) bool {
	switch code {
	case 404, 408, 410, 430, 477, 478, 480, 481, 500, 502, 503, 504:
		return true
	}
	return false
}

// flowRemade: our Contact in the eyes of the far end leads to a socket that is gone.
func (r *reestablishment) flowRemade() {
	r.stale, r.unknown, r.attempts, r.remade = true, false, 0, time.Now()
}

// reached: the far end has answered in the dialog there is.
func (r *reestablishment) reached() { r.stale = false }

// cutOff tells whether the far end may have lost its flow when we lost ours.
func (r *reestablishment) cutOff() bool {
	return r.stale && r.session.state == SessionEstablished && r.session.dialog != nil
}

// begin re-establishes the call; it is for the caller to begin.
func (r *reestablishment) begin() {
	s := r.session
	if r.underWay != nil {
		return
	}
	wait := time.Duration(0)
	switch {
	case r.attempts > 0:
		wait = min(time.Second<<(r.attempts-1), 16*time.Second)
	case s.direction == incomingCall:
		wait = reestablishHeadstart
	}
	s.reinvites.postpone(wait, func() {
		if r.cutOff() && s.reinvites.dialogFree() != nil {
			r.invite()
			return
		}
		s.reinvites.next()
	})
}

// invite sends the INVITE with Replaces, with an offer for a new transport: the network may be another.
func (r *reestablishment) invite() {
	s := r.session
	c := &reestablishing{session: s}
	r.underWay = c
	r.attempts++
	c.says = s.negotiation.offer(transportNew, func(err error) {
		switch {
		case c.over:
		case err != nil:
			r.failed(c, fmt.Errorf("make offer: %w", err))
		default:
			c.send()
		}
	})
}

// send sends the INVITE with our last description (RFC 3891 section 4).
func (c *reestablishing) send() {
	s := c.session
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
	c.invite = inviteUsage{ua: ua, inviter: c, label: s.id, unwanted: c.over}
	c.invite.limit()
	c.invite.start(outline{
		uri: target, routes: ua.preloadedRoute(), to: "<" + target.String() + ">",
		from: from, callID: ua.identity.newCallID(), seq: seq, headers: headers, body: s.negotiation.local,
	})
}

func (c *reestablishing) provisional(provisional) {}

// accepted takes the 2xx. One that brings no call is hung up.
func (c *reestablishing) accepted(resp *sip.Message, d *dialog, whole bool) {
	s := c.session
	r := &s.reestablishment
	c.invite.acknowledge(nil)
	if !whole || !isSDP(resp) {
		s.ua.hangUp(d, nil)
		r.failed(c, ErrMissingSDP)
		return
	}
	r.underWay = nil
	r.moveTo(d)
	s.timer.accepted(s, resp)
	n := &s.negotiation
	n.receiveAnswer(resp.Body, func(err error) {
		if err != nil {
			s.terminate(uselessAnswer(err))
			return
		}
		n.restarted()
		s.reinvites.next()
	})
}

// refused: 603 says that the far end has left the call, 481 that it does not know it (RFC 3891 section 3).
// Other phones of the same address say that as well while the right one is on its way back; but who is gone is not
// heard either.
func (c *reestablishing) refused(resp *sip.Message, err error) {
	s, code := c.session, resp.StatusCode
	r := &s.reestablishment
	refusal := statusError("INVITE", resp, err)
	if c.over {
		if code == 491 && s.state == SessionEnded {
			r.sayFarewellAgain()
		}
		return
	}
	r.unknown = code == 481
	switch {
	case code == 603, r.unknown && s.path.dead:
		r.close(c)
		s.farEndGone(refusal)
		return
	case code < 500 && code != 491 && !unreachable(code): // it does not have Replaces, or does not want it
		r.attempts = maxReestablishments
	}
	r.failed(c, refusal)
}

func (c *reestablishing) failed(err error) { c.session.reestablishment.failed(c, err) }

// moveTo puts a new dialog in the place of the one that led nowhere. What the far end still has to say in that one,
// likely BYE, is answered.
func (r *reestablishment) moveTo(d *dialog) {
	s := r.session
	old := s.dialog
	s.acks.stop()
	s.enterDialog(d)
	r.left = append(r.left, old)
	s.ua.loop.AfterFunc(timeout, func() {
		r.left = slices.DeleteFunc(r.left, func(other *dialog) bool { return other == old })
		s.ua.calls.exit(old, s)
	})
	s.reinvites.done()
	r.stale, r.unknown, r.attempts = false, false, 0
	s.ua.log.info(logSession, s.id, "call re-established")
	s.changed()
}

// leftReceived answers what still comes in a dialog that the call has left.
func (s *Session) leftReceived(tx *serverTx) {
	if tx.req.Method == "BYE" {
		tx.reply(200, "")
		return
	}
	tx.refuse(Refusal{481, "", "RFC 3261 section 12.2.2"})
}

// farEndGone ends a call that the far end has left without a BYE that found us.
func (s *Session) farEndGone(err error) {
	s.ua.calls.leave(s.dialog)
	s.finish(End{By: Remote, Cause: CauseBye, Err: err})
}

// failed tries again after a while. When nothing helps the call is left as it is: as long as the media
// flows, people talk.
func (r *reestablishment) failed(c *reestablishing, err error) {
	s := r.session
	if c.over || s.state == SessionEnded {
		return
	}
	r.close(c)
	s.ua.log.warn(logSession, s.id, "call not re-established: "+err.Error())
	if r.attempts < maxReestablishments {
		r.begin()
	}
}

// close takes back what has not come about.
func (r *reestablishment) close(c *reestablishing) {
	c.over = true
	c.invite.drop()
	if r.underWay == c {
		r.underWay = nil
		r.session.negotiation.rollback(c.says)
	}
}

// cancel gives up what is under way: the call is over, or the far end was faster.
func (r *reestablishment) cancel() {
	if c := r.underWay; c != nil {
		r.close(c)
		c.invite.cancel()
	}
}

// hangUpAnew reaches a far end by an INVITE with Replaces that our BYE did not reach, and hangs up when it has
// answered. Its offer is what we said last: no media is needed any more.
func (r *reestablishment) hangUpAnew() {
	r.attempts = 0
	r.sayFarewell()
}

func (r *reestablishment) sayFarewell() {
	s := r.session
	if s.negotiation.local != nil && s.ua.connection.up() {
		c := &reestablishing{session: s, over: true}
		c.send()
	}
}

// sayFarewellAgain: the far end was about to re-establish the call itself.
func (r *reestablishment) sayFarewellAgain() {
	if r.attempts >= maxFarewells {
		return
	}
	r.attempts++
	pause := r.session.ua.transactions.asking.hold() // Stop waits for it
	r.session.ua.loop.AfterFunc(farewellPause, func() {
		pause.release()
		r.sayFarewell()
	})
}

// reestablishedBy finds the call that an INVITE with Replaces re-establishes, nil for none.
func (ua *UserAgent) reestablishedBy(invite *sip.Message) *Session {
	lines := invite.Lines("Replaces")
	if len(lines) != 1 {
		return nil
	}
	r, err := parseReplaces(lines[0])
	if err != nil || r.earlyOnly {
		return nil
	}
	if s := ua.calls.in(r.key()); s != nil && s.dialog != nil && s.reestablishment.was(r.key()) &&
		s.reestablishment.isFor(invite) {
		return s
	}
	return nil
}

// was tells whether the call is in a dialog, or was before: a far end whose flow is lost again may not have heard that
// it was found.
func (r *reestablishment) was(key string) bool {
	return r.session.dialog.key() == key ||
		slices.ContainsFunc(r.left, func(d *dialog) bool { return d.key() == key })
}

// isFor tells whether an INVITE with Replaces is the far end of the call re-establishing it, or looking for it while it
// rings, and not a third party that takes its place.
func (r *reestablishment) isFor(invite *sip.Message) bool {
	s := r.session
	from, err := invite.From()
	if err != nil {
		return false
	}
	far, err := sip.ParseAddress(s.dialog.remote)
	if err != nil || !strings.EqualFold(from.URI.HostPort(), far.URI.HostPort()) ||
		from.URI.UserDecoded() != far.URI.UserDecoded() {
		return false
	}
	switch s.state {
	case SessionIncoming, SessionAnswering: // its caller knows best whether its flow was lost
		return listed(invite.Values("Require"), "replaces")
	case SessionEstablished:
	default:
		return false
	}
	return s.path.dead || !r.remade.IsZero() && time.Since(r.remade) < reestablishMemory
}

// answer answers the INVITE by which the far end re-establishes the call.
func (r *reestablishment) answer(tx *serverTx) {
	s := r.session
	d, ok := s.ua.calleeDialog(tx.req, tx.toTag, s.ua.identity.contact(contactFor{}))
	switch {
	case !ok:
		tx.refuse(Refusal{400, noDialog, "RFC 3261 section 8.1.1.8"})
		return
	case r.underWay != nil && s.direction == outgoingCall: // ours comes first
		tx.refuse(Refusal{491, "", "RFC 3261 section 14.2"})
		return
	case s.state != SessionEstablished && !s.in.tx.answered():
		s.in.takeUp(tx, d)
		return
	}
	r.cancel()
	n := &s.negotiation
	if !n.free() || !isSDP(tx.req) {
		tx.refuse(Refusal{491, "", "RFC 3261 section 14.2"})
		return
	}
	n.serve(tx)
	tx.onAbort = func(*sip.Message) { tx.reply(487, "") }
	n.answerOffer(tx.req.Body, func(err error) {
		if err != nil || tx.answered() {
			n.rollback(terms{})
			s.refuseReinvite(tx, err)
			return
		}
		n.served()
		old := s.dialog
		r.moveTo(d)
		s.accept(tx, s.timer.answer(s, tx.req), n.local, func(*sip.Message) {
			s.ua.hangUp(old, nil) // as who replaces does (RFC 3891 section 3)
			stamp(&s.times.Confirmed)
			s.setState(SessionEstablished)
			s.reinvites.next()
		})
	})
}
