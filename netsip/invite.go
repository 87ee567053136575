package netsip

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

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
	minExpire time.Duration      // Min-SE of a 422
	ack       []byte             // of the 2xx, sent again for each of its retransmissions
	forks     map[string][]byte  // ACKs of other forks that answered too, by To tag
}

// Call calls target, which is read by DialTarget. The call starts at once; what becomes of it is told by
// OnChange. The error is ErrStopped, ErrNotConnected, a *TargetError, or about an extra header.
func (ua *UserAgent) Call(target string, o CallOptions) (*Session, error) {
	s, err := ua.call(target, o)
	if err != nil && o.Media != nil {
		media := o.Media
		ua.loop.Go(func(context.Context) { _ = media.Close() }, nil)
	}
	return s, err
}

func (ua *UserAgent) call(target string, o CallOptions) (*Session, error) {
	uri, err := DialTarget(target, ua.config.Domain())
	if err != nil {
		return nil, err
	}
	switch {
	case ua.stopped:
		return nil, ErrStopped
	case ua.flow == nil:
		return nil, ErrNotConnected
	}
	for _, h := range o.ExtraHeaders {
		if err := checkHeader(h); err != nil {
			return nil, err
		}
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
	callID, tag := ua.newCallID(), ua.newTag()
	s := ua.newSession(Outgoing, callID, tag, media)
	s.localTag = tag
	s.remote = sip.Address{URI: uri}
	s.onChange = o.OnChange
	s.out = &outgoing{
		target: uri, options: o, seq: ua.newSeq(),
		early: make(map[string]*dialog), forks: make(map[string][]byte),
	}
	ua.loadChanged()
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

// ownHeaders are those of which there may be one, made by the engine.
const ownHeaders = " via from to call-id cseq contact max-forwards content-length content-type route record-route " +
	"authorization proxy-authorization v f t i m l c "

// checkHeader refuses what would not stay one header field, or would contradict ours.
func checkHeader(h sip.Header) error {
	switch {
	case h.Name == "" || strings.Trim(strings.ToLower(h.Name), "abcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~") != "":
		return fmt.Errorf("extra header %q: not a header name", h.Name)
	case strings.Contains(ownHeaders, " "+strings.ToLower(h.Name)+" "):
		return fmt.Errorf("extra header %q: made by the user agent", h.Name)
	}
	if err := sip.CheckText(h.Value); err != nil {
		return fmt.Errorf("extra header %s: %w", h.Name, err)
	}
	return nil
}

// invite sends the INVITE with the offer.
func (s *Session) invite(callID string) {
	o := s.out
	from := s.ua.from(s.localTag)
	headers := slices.Clone(o.options.ExtraHeaders)
	if o.options.Anonymous {
		from = anonymousFrom(s.localTag)
		headers = append(headers,
			sip.Header{Name: "P-Preferred-Identity", Value: s.ua.aor.String()},
			sip.Header{Name: "Privacy", Value: "id"})
	}
	headers = append(headers,
		sip.Header{Name: "Contact", Value: s.ua.contact(o.options.Anonymous, true)},
		sip.Header{Name: "Content-Type", Value: sdpType})
	headers = append(headers, s.timer.request(o.minExpire)...)
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

// provisional takes a 1xx: a fork that rings, perhaps with sound.
func (s *Session) provisional(resp *sip.Message) {
	if s.state == SessionEnded || s.dialog != nil {
		return
	}
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
	if o.early[tag] == nil {
		if len(o.early) >= maxForks {
			return
		}
		if d, ok := s.ua.callerDialog(o.exchange.msg, resp); ok {
			o.early[tag] = d
			s.ua.dialogs[d.key()] = s
		}
	}
	if s.state == SessionCalling {
		s.setState(SessionRinging)
	}
	if o.earlyTag == "" && isSDP(resp) {
		o.earlyTag = tag
		s.applyAnswer(resp.Body, func(err error) {
			if err != nil { // a 2xx may still bring a good one
				o.earlyTag = ""
				return
			}
			o.earlyDone = true
			if s.state == SessionRinging {
				s.setState(SessionEarlyMedia)
			}
		})
	}
}

func (s *Session) applyAnswer(body []byte, done func(error)) {
	body = slices.Clone(body)
	s.withMedia(func(ctx context.Context) error { return s.media.SetAnswer(ctx, body) }, func(err error) {
		if err == nil {
			s.setHeld(heldBy(body))
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
		s.ua.sendBytes(o.ack)
		return
	}
	if ack, known := o.forks[tag]; known {
		s.ua.sendBytes(ack)
		return
	}
	d, ok := s.ua.callerDialog(o.exchange.msg, resp)
	if !ok { // without Contact the far end can only be asked to stop, by way of its address
		d = s.ua.contactlessDialog(o.exchange.msg, resp)
	}
	for key := range o.exchange.answered {
		d.realms = append(d.realms, key)
	}
	ack := s.ua.acknowledge(d, o.exchange.msg)
	if s.state == SessionEnded || s.dialog != nil {
		o.forks[tag] = ack
		s.ua.hangUp(d, nil)
		return
	}
	o.ack = ack
	s.dialog = d
	s.dropEarly(d)
	s.times.Answered = time.Now()
	s.times.Confirmed = s.times.Answered
	switch {
	case !ok:
		s.terminate(Remote, CauseInternal, 500, "Missing Contact", fmt.Errorf("INVITE: 2xx without Contact"))
	case isSDP(resp):
		s.applyAnswer(resp.Body, func(err error) { s.answerApplied(resp, err) })
	case o.earlyTag == tag && tag != "":
		s.withMedia(func(context.Context) error { return nil }, func(error) { // after the early answer
			if !o.earlyDone {
				s.answerApplied(resp, ErrMissingSDP)
				return
			}
			s.answerApplied(resp, nil)
		})
	default:
		s.terminate(Remote, CauseBadDescription, 400, CauseMissingSDP, ErrMissingSDP)
	}
}

// answerApplied is the last step of an outgoing call.
func (s *Session) answerApplied(resp *sip.Message, err error) {
	if err != nil {
		s.terminate(Local, CauseBadDescription, 488, sip.StatusText(488), fmt.Errorf("take answer: %w", err))
		return
	}
	s.timer.accepted(s, resp)
	s.setState(SessionEstablished)
}

// dropEarly forgets the early dialogs but for the one that was confirmed.
func (s *Session) dropEarly(confirmed *dialog) {
	for _, d := range s.out.early {
		if s.ua.dialogs[d.key()] == s {
			delete(s.ua.dialogs, d.key())
		}
	}
	clear(s.out.early)
	if confirmed != nil {
		s.ua.dialogs[confirmed.key()] = s
	}
}

// acknowledge sends the ACK of a 2xx with the credentials of the INVITE, and returns it for the
// retransmissions of that 2xx.
func (ua *UserAgent) acknowledge(d *dialog, invite *sip.Message) []byte {
	seq, _ := invite.CSeq()
	var headers []sip.Header
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		for _, v := range invite.Lines(name) {
			headers = append(headers, sip.Header{Name: name, Value: v})
		}
	}
	m := d.request("ACK", seq.Seq, headers, nil)
	setVia(m, ua.via(ua.newBranch()))
	return ua.sendMessage(m)
}

// contactlessDialog is enough of a dialog to end it.
func (ua *UserAgent) contactlessDialog(invite, resp *sip.Message) *dialog {
	seq, _ := invite.CSeq()
	d := &dialog{
		ua: ua, callID: invite.CallID(), localTag: invite.FromTag(), remoteTag: resp.ToTag(), local: invite.Get("From"),
		remote: resp.Get("To"), target: invite.RequestURI, localSeq: seq.Seq, routes: resp.Values("Record-Route"),
	}
	slices.Reverse(d.routes)
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
	s.finish(Remote, causeOf(resp.StatusCode), resp.StatusCode, resp.Reason, statusError("INVITE", resp, err))
}

// raiseTimer sends the INVITE again with the session interval the far end needs (RFC 4028
// section 7.4).
func (s *Session) raiseTimer(resp *sip.Message) bool {
	n, ok, err := resp.Uint("Min-SE")
	least := time.Duration(n) * time.Second
	if !ok || err != nil || least <= s.out.minExpire || least > maxSessionInterval {
		return false
	}
	s.out.minExpire = least
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

// heldBy tells whether a description of the far end puts the call on hold: every sound or picture line
// says so, by its direction or the old way of RFC 2543, an address of 0.0.0.0.
func heldBy(sdp []byte) bool {
	session, media := sdpLines{}, []sdpLines{}
	at := &session
	for _, line := range strings.Split(string(sdp), "\n") {
		line = strings.TrimSuffix(line, "\r")
		switch {
		case strings.HasPrefix(line, "m="):
			media = append(media, sdpLines{
				direction: session.direction, nowhere: session.nowhere,
				active: activeMedia(line),
			})
			at = &media[len(media)-1]
		case line == "a=sendrecv", line == "a=sendonly", line == "a=recvonly", line == "a=inactive":
			at.direction = line[2:]
		case strings.HasPrefix(line, "c="):
			at.nowhere = strings.HasSuffix(line, " 0.0.0.0")
		}
	}
	held := false
	for _, m := range media {
		if !m.active {
			continue
		}
		if m.direction != "sendonly" && m.direction != "inactive" && !(m.nowhere && m.direction == "") {
			return false
		}
		held = true
	}
	return held
}

// activeMedia tells whether an m= line is of sound or picture and not switched off by port 0.
func activeMedia(line string) bool {
	kind, rest, _ := strings.Cut(line, " ")
	port, _, _ := strings.Cut(rest, " ")
	return (kind == "m=audio" || kind == "m=video") && port != "0"
}

// sdpLines is what matters for hold in one part of a description.
type sdpLines struct {
	direction string // "" = sendrecv
	nowhere   bool
	active    bool
}

func (s *Session) setHeld(held bool) {
	if s.held != held {
		s.held = held
		s.changed()
	}
}
