package netsip

import (
	"fmt"

	"calla/netsip/sip"
)

// Early dialogs: what becomes of an outgoing call before its 2xx, at each of the far ends that ring (RFC 3261
// section 13.2.2.1).

// provisional takes a 1xx: a fork that rings, perhaps with sound.
func (o *outgoing) provisional(p provisional) {
	s := o.session
	o.search.heard(p)
	stamp(&s.times.FirstProvisional)
	if p.news || p.StatusCode > 100 && p.ToTag() != "" {
		stamp(&s.times.Ringing)
	}
	if !p.news {
		return
	}
	if s.state == SessionCalling {
		s.setState(SessionRinging)
	}
	switch {
	case !isSDP(p.Message):
	case o.options.LateOffer && p.rseq != 0:
		o.answerEarly(p)
	case o.options.LateOffer || p.dialog == nil && s.negotiation.fork != "":
	default:
		o.earlyAnswer(p)
	}
}

// earlyAnswer notes the answer of a fork. The media is given that of the fork which sent one first (RFC 3261 section
// 13.2.1: the others are not to change it).
func (o *outgoing) earlyAnswer(p provisional) {
	s, tag := o.session, p.fork()
	n := &s.negotiation
	if p.dialog != nil {
		n.noteEarly(tag, p.Body)
	}
	switch {
	case n.fork == "":
		n.receiveEarlyAnswer(p, func(err error) {
			if err == nil {
				o.sounds()
				s.reinvites.next()
			}
		})
	case n.fork == tag && p.rseq != 0:
		n.confirmEarly()
	}
}

// sounds: the media of a fork has begun.
func (o *outgoing) sounds() {
	if o.session.state == SessionRinging {
		o.session.setState(SessionEarlyMedia)
	}
}

// answerEarly answers the offer in a reliable provisional response by its PRACK (RFC 3262 section 5). That of a
// second fork cannot be answered: there is one media session.
func (o *outgoing) answerEarly(p provisional) {
	s := o.session
	n := &s.negotiation
	if n.fork != "" {
		return
	}
	n.answerEarlyOffer(p, func(err error) {
		if err != nil {
			s.terminate(End{
				By: Local, Cause: CauseIncompatible, StatusCode: 488, Reason: sip.StatusText(488),
				Err: fmt.Errorf("take offer: %w", err),
			})
			return
		}
		o.invite.acknowledgeProvisional(p, n.local)
		o.sounds()
	})
}

// agreedIn tells whether offer and answer of the INVITE are exchanged with the early dialog d.
func (o *outgoing) agreedIn(d *dialog) bool {
	return o.session.negotiation.agreedWith(d.remoteTag) && o.invite.early[d.remoteTag] == d
}

// refreshEarly tells a caller that has not got our answer, or has not acknowledged it, that it rings here, and our new
// Contact (RFC 3311), where UPDATE is allowed. One that has given the call up meanwhile could not say so, and says now
// that there is no such dialog. So does one that has not heard of it: what rings here goes first.
func (in *incoming) refreshEarly() {
	s, d := in.session, in.session.dialog
	in.tx.again()
	if !d.updates {
		return
	}
	d.send("UPDATE", []sip.Header{{Name: "Contact", Value: d.contact}}, nil, func(resp *sip.Message, _ error) {
		switch {
		case s.dialog != d:
		case resp.StatusCode < 300:
			d.refreshTarget(resp)
		case resp.StatusCode == 481 && s.state != SessionEnded && !in.tx.answered():
			in.tx.reply(487, "")
			s.finish(End{By: Remote, Cause: CauseCanceled})
		}
	}, func(error) {})
}
