package netsip

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// outgoing is the INVITE that starts an outgoing call, and what only such a call has.
type outgoing struct {
	session   *Session
	target    sip.URI
	options   CallOptions
	callID    string
	localTag  string
	invite    *inviteUsage
	search    search
	minExpire time.Duration // Min-SE of a 422
	raises    int           // times that one was followed
}

// Call calls an address. Nothing is read into it, only header fields that it carries are left out
// (RFC 3261 section 19.1.5): what a user dials is read by config.DialTarget before. The call starts at once; what
// becomes of it is told by OnChange. The error is ErrStopped, ErrNotConnected, a *TargetError, or about an extra
// header.
func (ua *UserAgent) Call(to sip.Address, o CallOptions) (*Session, error) {
	to.URI = to.URI.WithoutHeaders()
	s, err := ua.call(to, o)
	if err != nil {
		ua.closeUnused(o.Media)
	}
	return s, err
}

// closeUnused closes the media of a call that was not begun.
func (ua *UserAgent) closeUnused(media MediaSession) {
	if media != nil {
		ua.loop.Go(func(context.Context) { _ = media.Close() }, nil)
	}
}

func (ua *UserAgent) call(to sip.Address, o CallOptions) (*Session, error) {
	uri := withoutOrders(to.URI)
	related, err := o.related()
	switch {
	case err != nil:
		return nil, err
	case ua.stopped:
		return nil, ErrStopped
	case !ua.connection.up():
		return nil, ErrNotConnected
	}
	for _, h := range o.ExtraHeaders {
		if err := config.CheckHeader(h); err != nil {
			return nil, err
		}
	}
	if !fits(uri) {
		return nil, &config.TargetError{
			Text: uri.String()[:maxAddress] + "…", Reason: "is longer than an address can be",
		}
	}
	if err := checkRedirects(uri, o.Redirected, ua.config.Domain()); err != nil {
		return nil, err
	}
	media := o.Media
	if media == nil {
		if ua.options.Media == nil {
			return nil, fmt.Errorf("call %s: no media", uri.String())
		}
		if media, err = ua.options.Media.NewMediaSession(); err != nil {
			return nil, fmt.Errorf("call %s: make media: %w", uri.String(), err)
		}
	}
	callID, tag := ua.identity.newCallID(), ua.identity.newTag()
	s := ua.newSession(outgoingCall, callID+tag, sip.Address{Display: to.Display, URI: uri}, media)
	if o.Replaces != nil {
		s.replace(o.Replaces)
	}
	s.changes.listen(o.OnChange)
	o.Media, o.OnChange = nil, nil // the options live as long as the INVITE, these as long as the call
	o.ExtraHeaders = slices.Concat(o.ExtraHeaders, related)
	s.out = &outgoing{session: s, target: uri, options: o, callID: callID, localTag: tag, invite: &inviteUsage{}}
	s.out.search.out = s.out
	seq := ua.identity.newSeq()
	ua.loadChanged()
	if o.LateOffer {
		s.out.start(seq)
		return s, nil
	}
	s.negotiation.offer(transportInUse, func(err error) {
		if err != nil {
			s.finish(End{By: Local, Cause: CauseMedia, Err: fmt.Errorf("make offer: %w", err)})
			return
		}
		s.out.start(seq)
	})
	return s, nil
}

// start sends the INVITE under the CSeq after seq.
func (o *outgoing) start(seq uint32) {
	s := o.session
	stamp(&s.times.InviteSent)
	o.invite = &inviteUsage{ua: s.ua, inviter: o, label: s.id, ringing: s, lost: o.flowLost}
	o.invite.start(o.outline(o.callID, o.localTag, o.target, seq, o.options.ExtraHeaders))
	s.changed()
}

// outline is that of an INVITE of the call, with the offer unless the far end is to make it (RFC 3261 section 13.2.1).
func (o *outgoing) outline(callID, tag string, uri sip.URI, seq uint32, headers []sip.Header) outline {
	s := o.session
	from, headers := s.ua.identity.from(tag), slices.Clone(headers)
	if s.anonymous() {
		from = anonymousFrom(tag)
		headers = append(headers, s.ua.identity.privacy()...)
	}
	contact := s.ua.identity.contact(contactFor{anonymous: s.anonymous(), outbound: true})
	headers = append(headers, sip.Header{Name: "Contact", Value: contact})
	var offer []byte
	if !o.options.LateOffer {
		offer = s.negotiation.local
		headers = append(headers, sip.Header{Name: "Content-Type", Value: sdpType})
	}
	headers = append(headers, s.timer.request(s.ua, o.minExpire)...)
	if s.ua.capabilities.reliability() == config.ReliableRequired { // RFC 3262 section 4
		headers = append(headers, sip.Header{Name: "Require", Value: reliable})
	}
	return outline{
		uri: uri, routes: s.ua.preloadedRoute(), to: "<" + uri.String() + ">",
		from: from, callID: callID, seq: seq, headers: headers, body: offer,
	}
}

// flowLost: our flow is gone, and with it what the far ends say to the INVITE, since responses go the way that their
// request came (RFC 3261 section 18.2.2). Where one rings, the call may be found again.
func (o *outgoing) flowLost() {
	s := o.session
	switch {
	case s.state == SessionEnded: // CANCEL is sent again
	case len(o.invite.early) > 0:
		o.search.begin()
	case s.state == SessionCalling:
		s.cancel(End{By: System, Cause: CauseConnection, Err: ErrConnectionLost})
	default:
		s.cancel(End{By: System, Cause: CauseConnection, Err: ErrLostWhileRinging})
	}
}

// failed: nobody answered.
func (o *outgoing) failed(err error) {
	o.session.finish(requestFailure(err))
}

// accepted takes the 2xx that makes the call.
func (o *outgoing) accepted(resp *sip.Message, d *dialog, whole bool) {
	s := o.session
	s.enterDialog(d)
	d.log("dialog confirmed")
	o.search.end()
	s.reinvites.leave(d)
	stamp(&s.times.Answered)
	s.hears(resp, d)
	switch {
	case !whole: // RFC 3261 section 12.1.2: without a Contact there is no dialog
		s.terminate(End{
			By: Remote, Cause: CauseInternal, StatusCode: 500, Reason: "Missing Contact",
			Err: errors.New("INVITE: 2xx without a Contact, or with addresses too long"),
		})
	case o.options.LateOffer && !s.negotiation.agreed():
		o.acceptedLate(resp)
	default:
		s.acknowledge2xx(nil)
		o.acceptedAnswer(resp, d)
	}
}

// acknowledge2xx sends the ACK of the 2xx that made the call, with our answer where that had the offer. Later
// calls do nothing.
func (s *Session) acknowledge2xx(answer []byte) {
	if s.out != nil && s.out.invite.acknowledge(answer) {
		stamp(&s.times.Confirmed)
	}
}

// acceptedAnswer gives the media the answer in a 2xx, or the one that the same far end gave before it (RFC 3261 section
// 13.2.1). The media moves by itself when it is not that of the early sound.
func (o *outgoing) acceptedAnswer(resp *sip.Message, d *dialog) {
	n := &o.session.negotiation
	early := n.early[d.remoteTag]
	n.forgetEarly()
	switch {
	case n.fork == d.remoteTag && n.fork != "" && (n.agreed() || !isSDP(resp)):
		n.concludeEarly(func(err error) { o.established(resp, err) })
	case isSDP(resp):
		n.receiveAnswer(resp.Body, func(err error) { o.established(resp, err) })
	case early != nil:
		n.receiveAnswer(early, func(err error) { o.established(resp, err) })
	default:
		o.session.terminate(missingDescription())
	}
}

// acceptedLate takes a 2xx with the far end's offer: the ACK has our answer (RFC 3261 section 13.2.2.4).
func (o *outgoing) acceptedLate(resp *sip.Message) {
	s := o.session
	if !isSDP(resp) {
		s.terminate(missingDescription())
		return
	}
	s.negotiation.answerOffer(resp.Body, func(err error) {
		if err == nil {
			s.acknowledge2xx(s.negotiation.local)
		}
		o.established(resp, err)
	})
}

// missingDescription is the end of a call whose far end owes a description (RFC 3261 section 13.2.2.4: a valid answer,
// or BYE).
func missingDescription() End {
	return End{
		By: Remote, Cause: CauseBadDescription, StatusCode: 400, Reason: CauseMissingSDP, Err: ErrMissingSDP,
	}
}

// uselessAnswer is the end of a call whose far end's answer the media will not have.
func uselessAnswer(err error) End {
	return End{
		By: Local, Cause: CauseBadDescription, StatusCode: 488, Reason: sip.StatusText(488),
		Err: fmt.Errorf("take answer: %w", err),
	}
}

// established is the last step of an outgoing call.
func (o *outgoing) established(resp *sip.Message, err error) {
	s := o.session
	if err != nil {
		s.terminate(uselessAnswer(err))
		return
	}
	s.timer.accepted(s, resp)
	s.setState(SessionEstablished)
	s.reinvites.next()
}

// refused takes a final refusal.
func (o *outgoing) refused(resp *sip.Message, err error) {
	s := o.session
	switch {
	case s.state == SessionEnded, resp.StatusCode == 422 && err == nil && o.raiseTimer(resp):
		return
	case o.search.underWay != nil: // who has been found leaves this INVITE
		return
	}
	why := reasonOfEnd(resp)
	end := End{
		By: Remote, Cause: causeOf(resp.StatusCode), StatusCode: resp.StatusCode, Reason: resp.Reason,
		Err: statusError("INVITE", resp, err), Q850: why.q850, Told: phrase(why.words),
	}
	if resp.StatusCode < 400 {
		end.Redirect = s.redirections(resp)
	}
	s.finish(end)
}

// raiseTimer sends the INVITE again with the session interval the far end needs (RFC 4028
// section 7.4).
func (o *outgoing) raiseTimer(resp *sip.Message) bool {
	n, ok, err := resp.Uint("Min-SE")
	least := time.Duration(n) * time.Second
	if !ok || err != nil || least <= o.minExpire || least > maxSessionInterval || o.raises >= maxTries {
		return false
	}
	o.minExpire = least
	o.raises++
	o.drop()
	o.session.negotiation.forgetEarly()
	o.start(o.invite.seq)
	return true
}

// drop forgets the far ends that ring, but for the one that the 2xx is of: the call is another's, or over.
func (o *outgoing) drop() {
	o.search.end()
	o.session.reinvites.leave(nil)
	o.invite.drop()
}

func isSDP(m *sip.Message) bool {
	if len(m.Body) == 0 {
		return false
	}
	mediaType, _ := m.ContentType()
	return mediaType == sdpType
}

// anonymous tells whether the far end is not to know who we are.
func (s *Session) anonymous() bool { return s.out != nil && s.out.options.Anonymous }
