package netsip

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"calla/netsip/sip"
)

// Early dialogs: what becomes of an outgoing call before its 2xx, at each of the far ends that ring (RFC 3261
// section 13.2.2.1).

// provisional takes a 1xx: a fork that rings, perhaps with sound.
func (o *outgoing) provisional(p provisional) {
	s := o.session
	o.silence.Stop()
	stamp(&s.times.FirstProvisional)
	if p.StatusCode > 100 && p.ToTag() != "" {
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
	s, tag := o.session, p.ToTag()
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

// ringingSilence is how long a call is kept ringing whose responses may have been lost with our flow: as long as
// a proxy does (RFC 3261 section 16.6, timer C).
const ringingSilence = 3 * time.Minute

// waitForLife gives the far end time to answer over the new flow.
func (o *outgoing) waitForLife() {
	o.silence.Stop()
	o.silence = o.session.ua.loop.AfterFunc(ringingSilence, func() {
		if o.session.dialog == nil {
			o.session.cancel(End{By: System, Cause: CauseConnection, Err: ErrConnectionLost})
		}
	})
}

// agreedIn tells whether offer and answer of the INVITE are exchanged with the early dialog d.
func (o *outgoing) agreedIn(d *dialog) bool {
	return o.session.negotiation.agreedWith(d.remoteTag) && o.invite.early[d.remoteTag] == d
}

// refreshEarly tells the far ends that ring, or have not acknowledged our answer, our new Contact (RFC 3311), where
// UPDATE is allowed.
func (s *Session) refreshEarly() {
	var dialogs []*dialog
	switch {
	case s.state == SessionEstablished || s.state == SessionEnded:
	case s.out != nil:
		dialogs = slices.Collect(maps.Values(s.out.invite.early))
		s.out.waitForLife()
	default:
		dialogs = []*dialog{s.dialog}
	}
	for _, d := range dialogs {
		if !d.updates {
			continue
		}
		d.send("UPDATE", []sip.Header{{Name: "Contact", Value: d.contact}}, nil, func(resp *sip.Message, _ error) {
			if resp.StatusCode < 300 {
				d.refreshTarget(resp)
			}
		}, func(error) {})
	}
}
