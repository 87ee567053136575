package netsip

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sip"
)

// maxForks bounds the early dialogs of one call.
const maxForks = 16

// outgoing is what only an outgoing call has.
type outgoing struct {
	target    sip.URI
	options   CallOptions
	seq       uint32
	offer     []byte
	exchange  *exchange          // nil until the offer is made
	early     map[string]*dialog // by To tag
	earlyTag  string             // fork whose description was given to the media, "" = none
	earlyDone bool               // and it took it
	agreed    bool               // the exchange of the INVITE is over: its answer came, or went, reliably
	minExpire time.Duration      // Min-SE of a 422
	raises    int                // times that one was followed
	ack       []byte             // of the 2xx, sent again for each of its retransmissions; nil until it is made
	forks     map[string][]byte  // ACKs of other forks that answered too, by To tag
	silence   *loop.Timer        // after our flow was made again: until the far end shows life
}

// Call calls target, which is read by DialTarget. The call starts at once; what becomes of it is told by
// OnChange. The error is ErrStopped, ErrNotConnected, a *TargetError, or about an extra header.
func (ua *UserAgent) Call(target string, o CallOptions) (*Session, error) {
	uri, err := config.DialTarget(target, ua.config.Domain())
	if err == nil {
		return ua.CallTo(sip.Address{URI: uri}, o)
	}
	ua.closeUnused(o.Media)
	return nil, err
}

// CallTo calls an address as the network gave it, such as that of an earlier call: nothing is read into it, only
// header fields that it carries are left out (RFC 3261 section 19.1.5). Otherwise as Call.
func (ua *UserAgent) CallTo(to sip.Address, o CallOptions) (*Session, error) {
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
		return nil, &config.TargetError{Text: uri.String()[:maxAddress] + "…", Reason: "is longer than an address can be"}
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
	s := ua.newSession(Outgoing, callID, tag, media)
	s.localTag = tag
	s.remote = sip.Address{Display: to.Display, URI: uri}
	if o.Replaces != nil {
		s.take(o.Replaces)
	}
	s.onChange = o.OnChange
	o.ExtraHeaders = slices.Concat(o.ExtraHeaders, related)
	s.out = &outgoing{
		target: uri, options: o, seq: ua.identity.newSeq(),
		early: make(map[string]*dialog), forks: make(map[string][]byte),
	}
	ua.loadChanged()
	if o.LateOffer {
		s.invite(callID)
		return s, nil
	}
	s.withMedia(func(ctx context.Context) (err error) {
		s.out.offer, err = media.Offer(ctx)
		return err
	}, func(err error) {
		if err != nil {
			s.finish(Local, CauseMedia, 0, "", fmt.Errorf("make offer: %w", err))
			return
		}
		s.invite(callID)
	})
	return s, nil
}

// invite sends the INVITE with the offer.
func (s *Session) invite(callID string) {
	o := s.out
	from := s.ua.identity.from(s.localTag)
	headers := slices.Clone(o.options.ExtraHeaders)
	if s.anonymous() {
		from = anonymousFrom(s.localTag)
		headers = append(headers, s.ua.identity.privacy()...)
	}
	headers = append(headers, sip.Header{Name: "Contact", Value: s.ua.identity.contact(contactFor{anonymous: s.anonymous(), outbound: true})})
	if o.offer != nil {
		s.said = o.offer
		headers = append(headers, sip.Header{Name: "Content-Type", Value: sdpType})
	}
	headers = append(headers, s.timer.request(s.ua, o.minExpire)...)
	if s.ua.reliability() == config.ReliableRequired {
		headers = append(headers, sip.Header{Name: "Require", Value: reliable})
	}
	nextSeq := func() uint32 { o.seq++; return o.seq }
	o.exchange = &exchange{
		ua: s.ua, nextSeq: nextSeq,
		msg: s.ua.newRequest(outline{
			method: "INVITE", uri: o.target, routes: s.ua.preloadedRoute(), to: "<" + o.target.String() + ">",
			from: from, callID: callID, seq: nextSeq(), headers: headers, body: o.offer,
		}),
		onProvisional: s.provisional,
		onResponse: func(resp *sip.Message, err error) {
			if resp.StatusCode < 300 {
				s.accepted(resp)
				return
			}
			s.refusedBy(resp, err)
		},
		onError: func(err error) {
			by, cause := requestFailure(err)
			s.finish(by, cause, 0, "", err)
		},
	}
	if s.times.InviteSent.IsZero() {
		s.times.InviteSent = time.Now()
	}
	o.exchange.start()
	s.changed()
}

// answerOffered lets the media answer an offer of the far end, in a response to our INVITE without one or in PRACK.
func (s *Session) answerOffered(offer []byte, done func(answer []byte, err error)) {
	offer = slices.Clone(offer)
	hold := s.wishes.hold
	var body []byte
	s.withMedia(func(ctx context.Context) (err error) {
		s.media.SetHold(hold)
		if err = s.media.SetOffer(ctx, offer); err == nil {
			body, err = s.media.Answer(ctx)
		}
		return err
	}, func(err error) {
		if err == nil {
			s.wishes.stated = hold
			s.setHeld(heldBy(offer))
		}
		done(body, err)
	})
}

func (s *Session) applyAnswer(offer, answer []byte, done func(error)) {
	answer = slices.Clone(answer)
	s.withMedia(func(ctx context.Context) error { return s.media.SetAnswer(ctx, answer) }, func(err error) {
		if err == nil {
			s.answeredHold(offer, answer)
		}
		done(err)
	})
}

// accepted takes a 2xx to our INVITE: the first one makes the call; one that comes again is acknowledged
// again; one of another fork, or one that crossed our CANCEL, is acknowledged and hung up (RFC 3261
// section 13.2.2.4).
func (s *Session) accepted(resp *sip.Message) {
	o := s.out
	tag := resp.ToTag()
	if s.dialog != nil && tag == s.dialog.remoteTag {
		if o.ack != nil { // else the answer that it will carry is being made
			s.ua.connection.send(o.ack)
		}
		return
	}
	if ack, known := o.forks[tag]; known {
		s.ua.connection.send(ack)
		return
	}
	if len(o.forks) >= maxForks {
		return
	}
	d, ok := s.confirmed2xx(resp)
	if s.state == SessionEnded || s.dialog != nil {
		o.forks[tag] = s.ua.acknowledge(d, o.exchange.msg, nil)
		s.ua.hangUp(d, nil)
		return
	}
	s.dialog = d
	s.dropEarly(d)
	s.times.Answered = time.Now()
	switch {
	case !ok:
		s.terminate(Remote, CauseInternal, 500, "Missing Contact", errors.New("INVITE: 2xx without a Contact, or with addresses too long"))
	case o.options.LateOffer && !o.agreed:
		s.acceptedLate(resp)
	default:
		s.acknowledge2xx(nil)
		s.takeAnswer(d, resp)
	}
}

// confirmed2xx is the dialog that a 2xx confirms or makes; false where it has no usable Contact: then the far end
// can only be asked to stop, by way of its address.
func (s *Session) confirmed2xx(resp *sip.Message) (d *dialog, ok bool) {
	invite := s.out.exchange.msg
	if d = s.out.early[resp.ToTag()]; d != nil {
		ok = d.confirm(resp)
	} else if d, ok = s.ua.callerDialog(invite, resp); !ok {
		d = s.ua.contactlessDialog(invite, resp)
	}
	d.knowRealms(s.out.exchange)
	return d, ok
}

// acknowledge2xx sends the ACK of the 2xx that made the call, with our answer where that had the offer. Later
// calls do nothing.
func (s *Session) acknowledge2xx(answer []byte) {
	if s.out == nil || s.dialog == nil || s.out.ack != nil {
		return
	}
	s.out.ack = s.ua.acknowledge(s.dialog, s.out.exchange.msg, answer)
	if answer != nil {
		s.said = answer
	}
	s.times.Confirmed = time.Now()
}

// takeAnswer gives the media the answer in a 2xx, or the one that the same far end gave before it. The media
// moves by itself when it is not that of the early sound.
func (s *Session) takeAnswer(d *dialog, resp *sip.Message) {
	o := s.out
	same := d.remoteTag == o.earlyTag && o.earlyTag != ""
	switch {
	case same && (o.agreed || !isSDP(resp)):
		s.withMedia(func(context.Context) error { return nil }, func(error) { // after the early answer
			if !o.earlyDone {
				s.answerApplied(resp, ErrMissingSDP)
				return
			}
			s.answerApplied(resp, nil)
		})
	case isSDP(resp):
		s.applyAnswer(o.offer, resp.Body, func(err error) { s.answerApplied(resp, err) })
	case d.answer != nil:
		s.applyAnswer(o.offer, d.answer, func(err error) { s.answerApplied(resp, err) })
	default:
		s.terminate(Remote, CauseBadDescription, 400, CauseMissingSDP, ErrMissingSDP)
	}
}

// acceptedLate takes a 2xx with the far end's offer: the ACK has our answer.
func (s *Session) acceptedLate(resp *sip.Message) {
	if !isSDP(resp) {
		s.terminate(Remote, CauseBadDescription, 400, CauseMissingSDP, ErrMissingSDP)
		return
	}
	s.answerOffered(resp.Body, func(body []byte, err error) {
		if err == nil {
			s.acknowledge2xx(body)
		}
		s.answerApplied(resp, err)
	})
}

// answerApplied is the last step of an outgoing call.
func (s *Session) answerApplied(resp *sip.Message, err error) {
	if err != nil {
		s.terminate(Local, CauseBadDescription, 488, sip.StatusText(488), fmt.Errorf("take answer: %w", err))
		return
	}
	s.timer.accepted(s, resp)
	s.setState(SessionEstablished)
	s.renegotiate()
}

// dropEarly forgets the early dialogs but for the one that was confirmed.
func (s *Session) dropEarly(confirmed *dialog) {
	s.out.silence.Stop()
	if c := s.change; c != nil && c.dialog != confirmed {
		s.closeChange(c)
	}
	for _, d := range s.out.early {
		if s.ua.dialogs[d.key()] == s {
			delete(s.ua.dialogs, d.key())
			d.log("early dialog ended")
		}
	}
	clear(s.out.early)
	if confirmed != nil {
		s.ua.dialogs[confirmed.key()] = s
		confirmed.log("dialog confirmed")
	}
}

// acknowledge sends the ACK of a 2xx with the credentials of the INVITE, and returns it for the
// retransmissions of that 2xx.
func (ua *UserAgent) acknowledge(d *dialog, invite *sip.Message, answer []byte) []byte {
	seq, _ := invite.CSeq()
	var headers []sip.Header
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		for _, v := range invite.Lines(name) {
			headers = append(headers, sip.Header{Name: name, Value: v})
		}
	}
	if answer != nil {
		headers = append(headers, sip.Header{Name: "Content-Type", Value: sdpType})
	}
	m := d.request("ACK", seq.Seq, headers, answer)
	return ua.transactions.sendACK(m)
}

// contactlessDialog is enough of a dialog to end it.
func (ua *UserAgent) contactlessDialog(invite, resp *sip.Message) *dialog {
	seq, _ := invite.CSeq()
	d := &dialog{
		ua: ua, callID: invite.CallID(), localTag: invite.FromTag(), remoteTag: resp.ToTag(), local: invite.Get("From"),
		remote: resp.Get("To"), target: invite.RequestURI, localSeq: seq.Seq, routes: resp.Values("Record-Route"),
	}
	slices.Reverse(d.routes)
	if !d.bounded() {
		d.routes, d.remote = nil, invite.Get("To")
	}
	return d
}

// refusedBy takes a final refusal.
func (s *Session) refusedBy(resp *sip.Message, err error) {
	if s.state == SessionEnded {
		return
	}
	if resp.StatusCode == 422 && err == nil && s.raiseTimer(resp) {
		return
	}
	var others []sip.Address
	if resp.StatusCode < 400 {
		others = s.redirections(resp)
	}
	s.finish(Remote, causeOf(resp.StatusCode), resp.StatusCode, resp.Reason, statusError("INVITE", resp, err))
	s.end.Redirect, s.end.Q850 = others, reasonOfEnd(resp).q850
}

// raiseTimer sends the INVITE again with the session interval the far end needs (RFC 4028
// section 7.4).
func (s *Session) raiseTimer(resp *sip.Message) bool {
	n, ok, err := resp.Uint("Min-SE")
	least := time.Duration(n) * time.Second
	if !ok || err != nil || least <= s.out.minExpire || least > maxSessionInterval || s.out.raises >= maxTries {
		return false
	}
	s.out.minExpire = least
	s.out.raises++
	s.dropEarly(nil)
	s.invite(s.out.exchange.msg.CallID())
	return true
}

func isSDP(m *sip.Message) bool {
	if len(m.Body) == 0 {
		return false
	}
	mediaType, _ := m.ContentType()
	return mediaType == sdpType
}
