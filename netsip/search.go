package netsip

import (
	"bytes"
	"slices"
	"time"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// A call that rings at the far end when our flow is lost cannot be answered any more: the responses to its INVITE go to
// the flow that is gone. Over the next flow it is asked for by an INVITE with Replaces (RFC 3891) that names the dialog
// which rings. A far end that knows us by it rings on, or answers at once where its user has answered meanwhile. RFC
// 3891 section 3 lets no third party take a call that rings, so most others refuse: then both ends are told that it is
// over, by CANCEL and, as the server may have forgotten the INVITE, by BYE (RFC 3261 section 15).
//
//	rings ──flow lost──▶ searched ──flow made──▶ INVITE ──1xx, 2xx──▶ found: rings on, is answered
//	                        │ 32 s                 │ ↺ 404, 480 …: who rings has lost its flow as well
//	                        ▼                      │ refused
//	                      over: CANCEL, BYE ◀──────┘

// maxStrange is how often who answers may not know the call: other phones of the address say that as well while the
// right one is on its way back.
const maxStrange = 3

// search looks for an outgoing call that rang when our flow was lost. The zero search is over.
type search struct {
	out      *outgoing
	patience *loop.Timer // nil where nothing is searched
	wait     *loop.Timer // until the next attempt
	attempts int
	strange  int     // of them, answered by somebody who does not know the call
	again    bool    // responses to the INVITE find us again
	rang     *dialog // early, that was heard last
	underWay *finding
}

// finding is one INVITE that asks for the call.
type finding struct {
	out      *outgoing
	callID   string
	localTag string
	invite   *inviteUsage
}

// on tells whether the call is searched.
func (r *search) on() bool { return r.patience != nil }

// begin starts to search: as soon as there is a flow.
func (r *search) begin() {
	r.again = false
	if r.on() {
		return
	}
	s := r.out.session
	r.attempts, r.strange = 0, 0
	r.patience = s.ua.loop.AfterFunc(timeout, r.giveUp)
	s.ua.log.info(logSession, s.id, "connection lost while it rings")
	s.changed()
}

// heard notes a 1xx to the INVITE of the call.
func (r *search) heard(p provisional) {
	r.again = true
	if p.dialog != nil {
		r.rang = p.dialog
	}
}

// flowMade asks for the call over a new flow.
func (r *search) flowMade() {
	if r.on() {
		r.ask()
	}
}

// ask sends an INVITE that names the dialog of the far end whose sound is heard, or that rang last.
func (r *search) ask() {
	r.wait.Stop()
	o := r.out
	s := o.session
	d := o.invite.early[s.negotiation.fork]
	if d == nil && r.rang != nil {
		d = o.invite.early[r.rang.remoteTag]
	}
	if r.underWay != nil || d == nil || !s.ua.connection.up() {
		return
	}
	r.attempts++
	uri := o.target
	if _, gruu := d.target.Params.Get("gr"); gruu {
		uri = d.target
	}
	headers := slices.DeleteFunc(slices.Clone(o.options.ExtraHeaders), func(h sip.Header) bool {
		return h.Name == "Replaces"
	})
	headers = append(headers, sip.Header{Name: "Replaces", Value: replacesOf(d).String()},
		sip.Header{Name: "Require", Value: "replaces"}) // else it would ring a second time
	c := &finding{out: o, callID: s.ua.identity.newCallID(), localTag: s.ua.identity.newTag()}
	r.underWay = c
	c.invite = &inviteUsage{ua: s.ua, inviter: c, label: s.id, ringing: s}
	c.invite.start(o.outline(c.callID, c.localTag, uri, s.ua.identity.newSeq(), headers))
}

// provisional: who rings has taken the INVITE for the one that it rang for.
func (c *finding) provisional(p provisional) {
	if p.StatusCode > 100 && p.ToTag() != "" {
		c.found()
		c.out.provisional(p)
	}
}

// accepted: it has been answered.
func (c *finding) accepted(resp *sip.Message, d *dialog, whole bool) {
	c.found()
	c.out.accepted(resp, d, whole)
}

// found puts the INVITE in the place of the one that is not heard of any more. Whoever else rings for that one stops.
func (c *finding) found() {
	o := c.out
	s, old := o.session, o.invite
	o.search.underWay = nil
	o.search.end()
	s.reinvites.leave(nil)
	s.reinvites.done()
	s.reestablishment.reached()
	s.negotiation.forgetFork()
	old.inviter, old.exchange.tx.onLost = nobody{}, nil
	old.cancel()
	old.drop()
	o.invite, o.callID, o.localTag = c.invite, c.callID, c.localTag
	o.invite.inviter, o.invite.exchange.tx.onLost, o.invite.lost = o, o.flowLost, o.flowLost
	s.ua.log.info(logSession, s.id, "call found again")
	s.changed()
}

// refused tries again where nobody is there, or not who rings.
func (c *finding) refused(resp *sip.Message, err error) {
	r, code := &c.out.search, resp.StatusCode
	if r.underWay != c {
		return
	}
	r.underWay = nil
	r.out.session.ua.log.info(logSession, r.out.session.id, "call not found: "+statusError("INVITE", resp, err).Error())
	if code == 481 {
		r.strange++
	}
	switch {
	case r.again: // nothing was lost
		r.end()
	case r.strange < maxStrange && unreachable(code), code == 491:
		r.wait = r.out.session.ua.loop.AfterFunc(min(time.Second<<(r.attempts-1), t2), r.ask)
	default:
		r.giveUp()
	}
}

// failed: the next flow brings it up again, if there is time.
func (c *finding) failed(error) {
	if r := &c.out.search; r.underWay == c {
		r.underWay = nil
	}
}

// giveUp ends the call.
func (r *search) giveUp() {
	r.out.session.cancel(End{By: System, Cause: CauseConnection, Err: ErrLostWhileRinging})
}

// farewell tells those who ring that the call is over: CANCEL may find nobody who knows of the INVITE.
func (r *search) farewell() {
	if !r.on() {
		return
	}
	o := r.out
	for _, d := range o.invite.early {
		o.session.ua.hangUp(d, nil)
	}
	r.end()
}

// end ends the search: the call was found, or is over.
func (r *search) end() {
	r.patience.Stop()
	r.wait.Stop()
	r.patience = nil
	if c := r.underWay; c != nil {
		r.underWay = nil
		c.invite.cancel()
		c.invite.drop()
	}
}

// nobody is whose an INVITE is that nobody waits for any more.
type nobody struct{}

func (nobody) provisional(provisional)              {}
func (nobody) accepted(*sip.Message, *dialog, bool) {}
func (nobody) refused(*sip.Message, error)          {}
func (nobody) failed(error)                         {}

// takeUp rings on for the INVITE by which a caller has found its call again, in the place of the one whose responses do
// not reach it any more.
func (in *incoming) takeUp(tx *serverTx, d *dialog) {
	s, old := in.session, in.tx
	same, answering := bytes.Equal(tx.req.Body, old.req.Body), s.state == SessionAnswering
	if !same && answering { // our answer is being made
		tx.refuse(Refusal{491, "", "RFC 3261 section 14.2"})
		return
	}
	held := in.reliable != nil && in.reliable.answer // the 200 waits for a PRACK that does not come
	in.reliable.stop()
	in.tx, in.reliable = tx, nil
	if !answering && s.ua.capabilities.wantsReliable(tx.req) && len(tx.req.Body) > 0 {
		in.reliable = &provisionals{}
	}
	s.reinvites.leave(d)
	s.reestablishment.moveTo(d)
	tx.onAbort, old.onAbort = old.onAbort, nil
	old.reply(487, "") // RFC 3261 section 15.1.2
	if s.negotiation.state == negotiationLocalOffer || !same {
		s.negotiation.rollback(terms{}) // our answer, or offer, is made when it is asked for
	}
	switch {
	case answering && held:
		in.answerNow()
	case answering, s.times.Ringing.IsZero(): // it answers, or rings, as soon as the media is ready
	case !same && len(tx.req.Body) > 0:
		s.negotiation.receiveOffer(tx.req.Body, func(err error) {
			if err != nil {
				s.refuseMedia(err, 488)
			}
		})
		fallthrough
	default:
		in.progress(180, nil)
	}
}
