package netsip

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// Early dialogs: what becomes of an outgoing call before its 2xx, at each of the far ends that ring (RFC 3261
// section 13.2.2.1).

// provisional takes a 1xx: a fork that rings, perhaps with sound.
func (s *Session) provisional(resp *sip.Message) {
	if s.state == SessionEnded || s.dialog != nil {
		return
	}
	s.out.silence.Stop()
	now := time.Now()
	if s.times.FirstProvisional.IsZero() {
		s.times.FirstProvisional = now
	}
	tag := resp.ToTag()
	if resp.StatusCode == 100 || tag == "" {
		return
	}
	if s.times.Ringing.IsZero() {
		s.times.Ringing = now
	}
	o := s.out
	d := o.early[tag]
	if d == nil && len(o.early) < maxForks {
		var ok bool
		if d, ok = s.ua.callerDialog(o.exchange.msg, resp); ok {
			d.knowRealms(o.exchange)
			o.early[tag] = d
			o.exchange.tx.outlives = true
			s.ua.dialogs[d.key()] = s
			d.log("new early dialog")
		} else {
			d = nil
		}
	}
	rseq, isReliable := reliableSeq(resp)
	isReliable = isReliable && s.ua.reliability() != config.ReliableOff
	if isReliable && (d == nil || !d.inSequence(rseq)) {
		return
	}
	if d != nil {
		d.learn(resp)
	}
	if s.state == SessionCalling {
		s.setState(SessionRinging)
	}
	switch {
	case o.options.LateOffer && isReliable && isSDP(resp):
		s.earlyOffer(d, rseq, resp)
		return
	case isReliable:
		s.prack(d, o.exchange.msg, rseq, nil)
	}
	if o.options.LateOffer || d == nil && o.earlyTag != "" || !isSDP(resp) {
		return
	}
	if d != nil {
		d.answer = slices.Clone(resp.Body)
	}
	if o.earlyTag == "" {
		s.earlyAnswer(tag, resp.Body, isReliable)
	} else if o.earlyTag == tag {
		o.agreed = o.agreed || isReliable
	}
}

// earlyAnswer gives the media the answer of the fork that sent one first.
func (s *Session) earlyAnswer(tag string, body []byte, isReliable bool) {
	o := s.out
	o.earlyTag = tag
	s.applyAnswer(o.offer, body, func(err error) {
		if err != nil { // a 2xx may still bring a good one
			o.earlyTag = ""
			return
		}
		o.earlyDone = true
		o.agreed = o.agreed || isReliable
		if s.state == SessionRinging {
			s.setState(SessionEarlyMedia)
		}
		s.renegotiate()
	})
}

// earlyOffer answers the offer in a reliable provisional response by its PRACK (RFC 3262 section 5). That of a
// second fork cannot be answered: there is one media session.
func (s *Session) earlyOffer(d *dialog, rseq uint32, resp *sip.Message) {
	o := s.out
	if o.earlyTag != "" {
		return
	}
	o.earlyTag = d.remoteTag
	s.answerOffered(resp.Body, func(body []byte, err error) {
		if err != nil {
			s.terminate(Local, CauseIncompatible, 488, sip.StatusText(488), fmt.Errorf("take offer: %w", err))
			return
		}
		o.earlyDone, o.agreed = true, true
		s.prack(d, o.exchange.msg, rseq, body)
		if s.state == SessionRinging {
			s.setState(SessionEarlyMedia)
		}
	})
}

// ringingSilence is how long a call is kept ringing whose responses may have been lost with our flow: as long as
// a proxy does (RFC 3261 section 16.6, timer C).
const ringingSilence = 3 * time.Minute

// waitForLife gives the far end time to answer over the new flow.
func (o *outgoing) waitForLife(s *Session) {
	o.silence.Stop()
	o.silence = s.ua.loop.AfterFunc(ringingSilence, func() {
		if s.dialog == nil {
			s.cancel(System, CauseConnection, ErrConnectionLost)
		}
	})
}

// agreedIn tells whether offer and answer of the INVITE are exchanged with the early dialog d.
func (o *outgoing) agreedIn(d *dialog) bool {
	return o.earlyDone && d.remoteTag == o.earlyTag && o.early[d.remoteTag] == d
}

// refreshEarly tells the far ends that ring, or have not acknowledged our answer, our new Contact, where UPDATE
// is allowed.
func (s *Session) refreshEarly() {
	var dialogs []*dialog
	switch {
	case s.state == SessionEstablished || s.state == SessionEnded:
	case s.out != nil:
		dialogs = slices.Collect(maps.Values(s.out.early))
		s.out.waitForLife(s)
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
