package netsip

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

const (
	maxRinging     = 4                // incoming calls of one account that wait for an answer; more get 486
	ringRepetition = 60 * time.Second // of 180, RFC 3261 section 13.3.1.1
)

// incoming is what only an incoming call has.
type incoming struct {
	tx       *serverTx
	offered  bool // the INVITE had an offer; else we make it
	agreed   bool // our offer was answered by PRACK: the 200 has no description
	reliable *provisionals
	noAnswer *loop.Timer
	expires  *loop.Timer
	until    time.Time // when expires ends it; zero = never
	ring     *loop.Timer
}

func (in *incoming) stopTimers() {
	in.noAnswer.Stop()
	in.expires.Stop()
	in.ring.Stop()
	in.reliable.stop()
}

// ackWait is a 2xx of ours that is sent again and again until its ACK comes (RFC 3261
// section 13.3.1.4), since nobody else does that for a 2xx.
type ackWait struct {
	tx       *serverTx
	timer    *loop.Timer
	interval time.Duration
	first    bool // it makes the dialog
	onAck    func(ack *sip.Message)
}

// invited takes an INVITE that starts a call.
func (ua *UserAgent) invited(tx *serverTx) {
	req := tx.req
	if refuseBody(tx) || ua.tooSmallInterval(tx) {
		return
	}
	if values := req.Values("Accept"); req.Has("Accept") && !acceptsSDP(values) {
		tx.reply(406, "", sip.Header{Name: "Accept", Value: accept})
		return
	}
	if s := ua.takenUpBy(req); s != nil {
		s.takenUp(tx)
		return
	}
	old, ok := ua.replacing(tx)
	if !ok {
		return
	}
	d, ok := ua.calleeDialog(req, tx.toTag, ua.identity.contact(contactFor{}))
	switch {
	case !ok:
		tx.reply(400, noDialog)
		return
	case old == nil && ua.ringing() >= maxRinging:
		tx.reply(486, "")
		return
	case ua.options.Media == nil || ua.options.OnInvite == nil:
		tx.reply(480, "")
		return
	}
	media, err := ua.options.Media.NewMediaSession()
	if err != nil {
		ua.log.warn(logSession, "", "no media for incoming call: "+err.Error())
		tx.reply(480, "")
		return
	}
	s := ua.newSession(Incoming, d.callID, d.remoteTag, media)
	s.localTag, s.dialog, s.state = d.localTag, d, SessionIncoming
	s.remote = caller(req)
	s.in = &incoming{tx: tx, offered: len(req.Body) > 0}
	if ua.wantsReliable(req) {
		s.in.reliable = &provisionals{}
	}
	ua.dialogs[d.key()] = s
	d.log("new dialog")
	if old != nil {
		s.take(old)
	}
	tx.onAbort = func(cancel *sip.Message) { s.canceledBy(cancel) }
	if n, given, err := req.Uint("Expires"); given && err == nil {
		s.in.until = time.Now().Add(time.Duration(n) * time.Second)
		s.in.expires = ua.loop.AfterFunc(time.Duration(n)*time.Second, func() {
			s.refuse(487, "", System, CauseExpires, nil)
		})
	}
	ua.loadChanged()
	s.takeOffer()
}

// ExpiresAt is when the caller gives an incoming call up by itself (Expires of the INVITE, RFC 3261 section 13.3.1);
// zero where it did not say.
func (s *Session) ExpiresAt() time.Time {
	if s.in == nil {
		return time.Time{}
	}
	return s.in.until
}

// takeOffer checks the offer of the INVITE before anybody is told of the call.
func (s *Session) takeOffer() {
	if !s.in.offered {
		s.present()
		return
	}
	offer := slices.Clone(s.in.tx.req.Body)
	s.withMedia(func(ctx context.Context) error { return s.media.SetOffer(ctx, offer) }, func(err error) {
		if err != nil {
			s.refuseMedia(err, 488)
			return
		}
		s.setHeld(heldBy(offer))
		s.present()
	})
}

// present shows a call that can be answered, and rings.
func (s *Session) present() {
	if s.replaced != nil {
		s.takePlace()
		return
	}
	s.ua.options.OnInvite(s)
	if s.state != SessionIncoming {
		return
	}
	s.in.noAnswer = s.ua.loop.AfterFunc(secondsOf(s.ua.config.NoAnswerTimeout), func() {
		s.refuse(408, "", Local, CauseNoAnswer, nil)
	})
	s.times.Ringing = time.Now()
	s.in.ring = s.ua.loop.AfterFunc(ringRepetition, s.ring)
	s.changed()
	if s.in.offered || s.in.reliable == nil {
		s.progress(180, nil)
		return
	}
	s.in.reliable.offering = true
	var offer []byte
	s.withMedia(func(ctx context.Context) (err error) { // the first reliable response has it (RFC 3261 section 13.2.1)
		offer, err = s.media.Offer(ctx)
		return err
	}, func(err error) {
		if err != nil {
			s.refuseMedia(err, 500)
			return
		}
		s.offering = true
		s.progress(180, offer)
	})
}

func (s *Session) ring() {
	s.progress(180, nil)
	s.in.ring = s.ua.loop.AfterFunc(ringRepetition, s.ring)
}

// Answer accepts an incoming call. What becomes of it is told by OnChange. It does nothing in any state but
// SessionIncoming.
func (s *Session) Answer() {
	if s.state != SessionIncoming {
		return
	}
	s.in.noAnswer.Stop()
	s.in.expires.Stop()
	s.in.ring.Stop()
	s.setState(SessionAnswering)
	switch p := s.in.reliable; {
	case p == nil:
		s.answerNow()
	case p.holdsAnswer(), p.offering && !s.in.agreed: // its answer comes with the PRACK
		p.answer = true
	default:
		s.answerNow()
	}
}

// answerNow makes the description of the 200 and sends it.
func (s *Session) answerNow() {
	hold := s.wishes.hold
	var body []byte
	s.withMedia(func(ctx context.Context) (err error) {
		s.media.SetHold(hold)
		switch {
		case s.in.offered:
			body, err = s.media.Answer(ctx)
		case !s.in.agreed:
			body, err = s.media.Offer(ctx)
		}
		return err
	}, func(err error) {
		if err != nil {
			s.refuseMedia(err, 500)
			return
		}
		s.in.stopTimers()
		s.times.Answered = time.Now()
		headers := s.timer.answer(s, s.in.tx.req)
		if !s.in.agreed {
			s.wishes.stated = hold
		}
		late := !s.in.offered && !s.in.agreed
		s.offering = late
		s.accept(s.in.tx, headers, body, func(ack *sip.Message) { s.confirmed(ack, late, body) })
	})
}

// accept sends a 2xx with a description to an INVITE and waits for its ACK.
func (s *Session) accept(tx *serverTx, headers []sip.Header, body []byte, onAck func(*sip.Message)) {
	resp := tx.response(200, "")
	resp.Add("Contact", s.dialog.contact)
	resp.Headers = append(resp.Headers, headers...)
	s.ua.addAbilities(resp, "INVITE")
	if body != nil {
		resp.Add("Content-Type", sdpType)
		resp.Body, s.said = body, body
	}
	if !tx.respond(resp) {
		return
	}
	seq, _ := tx.req.CSeq()
	wait := &ackWait{tx: tx, interval: t1, first: tx.req.ToTag() == "", onAck: onAck}
	if s.acks == nil {
		s.acks = make(map[uint32]*ackWait)
	}
	s.acks[seq.Seq] = wait
	var again func()
	again = func() {
		s.ua.connection.send(tx.last)
		wait.interval = min(2*wait.interval, t2)
		wait.timer = s.ua.loop.AfterFunc(wait.interval, again)
	}
	wait.timer = s.ua.loop.AfterFunc(wait.interval, again)
	tx.onEnd = func() { s.noACK(seq.Seq) }
	s.changed()
}

// acknowledged takes the ACK of a 2xx.
func (s *Session) acknowledged(ack *sip.Message) {
	seq, _ := ack.CSeq()
	wait := s.acks[seq.Seq]
	if wait == nil {
		return
	}
	wait.timer.Stop()
	delete(s.acks, seq.Seq)
	if s.state == SessionEnded {
		s.hangUpAfterACK()
		return
	}
	wait.onAck(ack)
}

// noACK: the far end did not acknowledge a 2xx in 32 s. RFC 3261 section 13.3.1.4 wants BYE.
func (s *Session) noACK(seq uint32) {
	wait := s.acks[seq]
	if wait == nil {
		return
	}
	wait.timer.Stop()
	delete(s.acks, seq)
	if s.state == SessionEnded {
		s.hangUpAfterACK()
		return
	}
	s.terminate(Remote, CauseNoACK, 408, CauseNoACK, &TimeoutError{Method: "ACK", After: timeout})
}

// confirmed takes the ACK of the 200 that answered the call; where that had our offer it has the answer.
func (s *Session) confirmed(ack *sip.Message, late bool, offer []byte) {
	s.times.Confirmed = time.Now()
	up := func() {
		s.setState(SessionEstablished)
		s.renegotiate()
	}
	if !late {
		up()
		return
	}
	s.lateAnswer(ack, offer, up)
}

// lateAnswer takes the answer out of the ACK to a 2xx that had our offer.
func (s *Session) lateAnswer(ack *sip.Message, offer []byte, done func()) {
	s.offering = false // the exchange is complete; the media takes its steps in order
	if !isSDP(ack) {
		s.terminate(Remote, CauseBadDescription, 400, CauseMissingSDP, ErrMissingSDP)
		return
	}
	s.applyAnswer(offer, ack.Body, func(err error) {
		if err != nil {
			s.terminate(Local, CauseBadDescription, 488, sip.StatusText(488), fmt.Errorf("take answer: %w", err))
			return
		}
		done()
	})
}

// Reject refuses an incoming call with a status from 300 to 699 (any other is taken for 480); an empty
// reason, or one that cannot stand in a header, is the usual phrase. It does nothing once the call has
// been answered.
func (s *Session) Reject(code int, reason string) {
	if code < 300 || code > 699 {
		code = 480
	}
	if sip.CheckText(reason) != nil {
		reason = ""
	}
	s.refuse(code, reason, Local, CauseRejected, nil)
}

// refuse answers the INVITE with a refusal and ends the call.
func (s *Session) refuse(code int, reason string, by Party, cause string, err error, extra ...sip.Header) {
	if s.in == nil || s.state == SessionEnded || s.in.tx.answered() {
		return
	}
	if reason == "" {
		reason = sip.StatusText(code)
	}
	s.in.tx.reply(code, reason, extra...)
	s.finish(by, cause, code, reason, err)
}

// refuseMedia refuses a call whose description the media will not have.
func (s *Session) refuseMedia(err error, code int) {
	code, extra := mediaRefusal(err, code, s.ua.identity.viaHost)
	cause := CauseMedia
	if code == 488 {
		cause = CauseIncompatible
	}
	s.refuse(code, "", Local, cause, err, extra...)
}

// mediaRefusal is the status and headers for an error of the media; code is for one without its own.
func mediaRefusal(err error, code int, host string) (int, []sip.Header) {
	var refusal *MediaError
	if !errors.As(err, &refusal) {
		return code, nil
	}
	if refusal.StatusCode >= 400 && refusal.StatusCode <= 699 {
		code = refusal.StatusCode
	}
	var extra []sip.Header
	if refusal.Reason != "" && sip.CheckText(refusal.Reason) == nil {
		extra = append(extra, sip.Header{Name: "Warning", Value: "399 " + host + " " + sip.QuoteString(refusal.Reason)})
	}
	if code == 415 {
		extra = append(extra, sip.Header{Name: "Accept", Value: sdpType})
	}
	return code, extra
}

// canceledBy takes a CANCEL that came before our final response.
func (s *Session) canceledBy(cancel *sip.Message) {
	why := reasonOfEnd(cancel)
	if s.state == SessionEnded || s.in.tx.answered() {
		return
	}
	s.in.tx.reply(487, "")
	s.finish(Remote, CauseCanceled, why.code, why.words, nil)
	s.end.Q850 = why.q850
}

// endReason is what the Reason header fields of a BYE, CANCEL or final response say (RFC 3326, RFC 6432).
type endReason struct {
	code  int    // SIP; 0 = none. 200 in a CANCEL says that somebody else answered the call
	words string // its text, or that of Q.850 where there is no other
	q850  int    // ITU-T Q.850; 0 = none
}

// reasonOfEnd reads them; of several of one protocol the first counts.
func reasonOfEnd(m *sip.Message) (r endReason) {
	other := ""
	for _, value := range m.Values("Reason") {
		parts := splitQuoted(value)
		protocol := strings.ToUpper(strings.NewReplacer(".", "", "-", "", " ", "").Replace(parts[0]))
		cause, text := 0, ""
		for _, part := range parts[1:] {
			name, v, _ := strings.Cut(part, "=")
			v = strings.Trim(strings.TrimSpace(v), `"`)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "cause":
				cause, _ = strconv.Atoi(v)
			case "text":
				text = v
			}
		}
		switch {
		case protocol == "SIP" && r.code == 0 && r.words == "":
			r.words = text
			if cause >= 100 && cause <= 699 {
				r.code = cause
			}
		case protocol == "Q850" && r.q850 == 0 && cause > 0 && cause < 128:
			r.q850 = cause
		}
		if other == "" {
			other = text
		}
	}
	if r.words == "" {
		r.words = other
	}
	return r
}

// splitQuoted splits at semicolons that do not stand between quotes.
func splitQuoted(s string) []string {
	quoted := false
	return strings.FieldsFunc(s+" ", func(c rune) bool {
		if c == '"' {
			quoted = !quoted
		}
		return c == ';' && !quoted
	})
}

// caller is who calls: what the network asserts (RFC 3325), else From.
func caller(req *sip.Message) sip.Address {
	from, err := req.From()
	if err != nil { // parsed once already; an odd one is shown as text
		from = sip.Address{Display: req.Get("From")}
	}
	from.Params = nil
	asserted, _ := req.Addresses("P-Asserted-Identity")
	if len(asserted) == 0 {
		return from
	}
	identity := sip.Address{Display: asserted[0].Display, URI: asserted[0].URI}
	if identity.Display == "" {
		identity.Display = from.Display
	}
	return identity
}

// refuseBody answers a request whose body is not one we read; it tells whether it did.
func refuseBody(tx *serverTx) bool {
	if len(tx.req.Body) == 0 {
		return false
	}
	if coding := tx.req.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		tx.reply(415, "", sip.Header{Name: "Accept-Encoding", Value: "identity"})
		return true
	}
	if !isSDP(tx.req) {
		tx.reply(415, "", sip.Header{Name: "Accept", Value: sdpType})
		return true
	}
	return false
}

func acceptsSDP(values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool {
		mediaType, _, _ := strings.Cut(v, ";")
		switch strings.ToLower(strings.TrimSpace(mediaType)) {
		case sdpType, "application/*", "*/*":
			return true
		}
		return false
	})
}
