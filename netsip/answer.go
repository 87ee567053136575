package netsip

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// MaxRinging is how many incoming calls of one account may wait for an answer; more are refused as busy (486).
const MaxRinging = 4

const ringRepetition = 60 * time.Second // of 180, RFC 3261 section 13.3.1.1

// incoming is the INVITE that starts an incoming call, and what only such a call has.
type incoming struct {
	session  *Session
	tx       *serverTx
	reliable *provisionals
	noAnswer *loop.Timer
	answerBy time.Time // when nobody answers any more
	expires  *loop.Timer
	until    time.Time // when expires ends it; zero = never
	ring     *loop.Timer

	invitation *Invitation // what the INVITE says beside who calls; nil until somebody asks
}

func (in *incoming) stopTimers() {
	in.noAnswer.Stop()
	in.expires.Stop()
	in.ring.Stop()
	in.reliable.stop()
}

// invited takes an INVITE that starts a call.
func (ua *UserAgent) invited(tx *serverTx) {
	req := tx.req
	if refuseBody(tx) || ua.tooSmallInterval(tx) {
		return
	}
	if values := req.Values("Accept"); req.Has("Accept") && !acceptsSDP(values) {
		tx.refuse(Refusal{406, "", "RFC 3261 section 21.4.7"}, sip.Header{Name: "Accept", Value: accept})
		return
	}
	if s := ua.reestablishedBy(req); s != nil {
		s.reestablishment.answer(tx)
		return
	}
	old, ok := ua.replacing(tx)
	if !ok {
		return
	}
	d, ok := ua.calleeDialog(req, tx.toTag, ua.identity.contact(contactFor{}))
	switch {
	case !ok:
		tx.refuse(Refusal{400, noDialog, "RFC 3261 section 8.1.1.8"})
		return
	case old == nil && ua.calls.ringing() >= MaxRinging:
		tx.refuse(Refusal{486, "", "Calla: four calls ring at most"})
		return
	case ua.options.Media == nil || ua.options.OnInvite == nil:
		tx.refuse(Refusal{480, "", "RFC 3261 section 21.4.18"})
		return
	}
	media, err := ua.options.Media.NewMediaSession()
	if err != nil {
		ua.log.warn(logSession, "", "no media for incoming call: "+err.Error())
		tx.refuse(Refusal{480, "", "RFC 3261 section 21.4.18"})
		return
	}
	s := ua.newSession(incomingCall, d.callID+d.remoteTag, ua.caller(req), media)
	s.in = &incoming{session: s, tx: tx}
	if ua.capabilities.wantsReliable(req) {
		s.in.reliable = &provisionals{}
	}
	s.enterDialog(d)
	d.log("new dialog")
	if old != nil {
		s.replace(old)
	}
	tx.onAbort = func(cancel *sip.Message) { s.in.canceledBy(cancel) }
	if n, given := ua.log.number(req, "Expires"); given {
		s.in.until = time.Now().Add(time.Duration(n) * time.Second)
		s.in.expires = ua.loop.AfterFunc(time.Duration(n)*time.Second, func() {
			ua.transactions.tell(req, Refusal{487, sip.StatusText(487), "RFC 3261 section 13.3.1"})
			s.refuse(End{By: System, Cause: CauseExpires, StatusCode: 487})
		})
	}
	ua.loadChanged()
	s.in.checkOffer()
}

// AnswerBy is when an incoming call is given up: by us, who refuse it then (no_answer_timeout), or before that by the
// caller (Expires of the INVITE, RFC 3261 section 13.3.1).
func (s *Session) AnswerBy() time.Time {
	if s.in == nil {
		return time.Time{}
	}
	return s.in.answerBy
}

// checkOffer has the media check the offer of the INVITE before anybody is told of the call.
func (in *incoming) checkOffer() {
	s := in.session
	offer := in.tx.req.Body
	if len(offer) == 0 { // we make it (RFC 3261 section 13.3.1.4)
		in.present()
		return
	}
	s.negotiation.receiveOffer(offer, func(err error) {
		if err != nil {
			s.refuseMedia(err, 488)
			return
		}
		in.present()
	})
}

// present shows a call that can be answered, and rings.
func (in *incoming) present() {
	s := in.session
	if s.place.of != nil {
		s.answerInPlace()
		return
	}
	patience := secondsOf(s.ua.config.NoAnswerTimeout)
	if in.answerBy = time.Now().Add(patience); !in.until.IsZero() && in.until.Before(in.answerBy) {
		in.answerBy = in.until
	}
	s.ua.options.OnInvite(s)
	if s.state != SessionIncoming {
		return
	}
	in.noAnswer = s.ua.loop.AfterFunc(patience, func() {
		s.refuse(End{By: Local, Cause: CauseNoAnswer, StatusCode: 408})
	})
	stamp(&s.times.Ringing)
	in.ring = s.ua.loop.AfterFunc(ringRepetition, in.ringAgain)
	s.changed()
	if s.negotiation.state != negotiationNone || in.reliable == nil {
		in.progress(180, nil)
		return
	}
	// The first reliable response has the offer (RFC 3261 section 13.2.1).
	s.negotiation.offer(transportInUse, func(err error) {
		if err != nil {
			s.refuseMedia(err, 500)
			return
		}
		in.progress(180, s.negotiation.local)
	})
}

func (in *incoming) ringAgain() {
	s := in.session
	in.progress(180, nil)
	in.ring = s.ua.loop.AfterFunc(ringRepetition, in.ringAgain)
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
		s.in.answerNow()
	case p.holdsAnswer(), s.negotiation.state == negotiationLocalOffer: // its answer comes with the PRACK
		p.answerLater()
	default:
		s.in.answerNow()
	}
}

// answerNow makes the description of the 200 and sends it (RFC 3261 section 13.3.1.4): our answer, our offer where the
// INVITE had none, or nothing where that was answered in PRACK.
func (in *incoming) answerNow() {
	s := in.session
	n := &s.negotiation
	if n.agreed() {
		n.steps.after(func() { in.accept200(nil) })
		return
	}
	step := n.answer
	if n.state == negotiationNone {
		step = func(done func(error)) { n.offer(transportInUse, done) }
	}
	step(func(err error) {
		if err != nil {
			s.refuseMedia(err, 500)
			return
		}
		in.accept200(n.local)
	})
}

// accept200 sends the 200.
func (in *incoming) accept200(description []byte) {
	s := in.session
	in.stopTimers()
	stamp(&s.times.Answered)
	headers := s.timer.answer(s, in.tx.req)
	s.accept(in.tx, headers, description, in.confirmed)
}

// accept sends a 2xx with a description to an INVITE and waits for its ACK.
func (s *Session) accept(tx *serverTx, headers []sip.Header, body []byte, onAck func(*sip.Message)) {
	resp := tx.response(200, "")
	resp.Add("Contact", s.dialog.contact)
	resp.Headers = append(resp.Headers, headers...)
	s.ua.capabilities.addTo(resp, "INVITE")
	if body != nil {
		resp.Add("Content-Type", sdpType)
		resp.Body = body
	}
	if tx.respond(resp) {
		s.acks.await(s, tx, onAck)
		s.changed()
	}
}

// confirmed takes the ACK of the 200 that answered the call; where that had our offer it has the answer.
func (in *incoming) confirmed(ack *sip.Message) {
	s := in.session
	stamp(&s.times.Confirmed)
	up := func() {
		s.setState(SessionEstablished)
		s.reinvites.next()
	}
	if s.negotiation.agreed() {
		up()
		return
	}
	s.answeredInACK(ack, up)
}

// answeredInACK gives the media the answer in the ACK to a 2xx that had our offer (RFC 3261 section 13.2.2.4).
func (s *Session) answeredInACK(ack *sip.Message, done func()) {
	if !isSDP(ack) {
		s.terminate(missingDescription())
		return
	}
	s.negotiation.receiveAnswer(ack.Body, func(err error) {
		if err != nil {
			s.terminate(uselessAnswer(err))
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
	s.refuse(End{By: Local, Cause: CauseRejected, StatusCode: code, Reason: reason})
}

// Decline refuses an incoming call for all phones of the address (603) and tells the caller why, by the text of a
// Reason header field with the cause "call rejected" (RFC 6432 section 3); a text that is empty, too long or cannot
// stand in a header is not told. It does nothing once the call has been answered.
func (s *Session) Decline(text string) {
	end := End{By: Local, Cause: CauseRejected, StatusCode: 603}
	if text == "" || len(text) > maxPhrase || sip.CheckText(text) != nil {
		s.refuse(end)
		return
	}
	const callRejected = 21 // ITU-T Q.850
	s.refuse(end, sip.Header{
		Name: "Reason", Value: fmt.Sprintf("Q.850 ;cause=%d ;text=%s", callRejected, sip.QuoteString(text)),
	})
}

// refuse answers the INVITE with a refusal and ends the call; its phrase is the usual one where none is given.
func (s *Session) refuse(end End, extra ...sip.Header) {
	if s.in == nil || s.state == SessionEnded || s.in.tx.answered() {
		return
	}
	if end.Reason == "" {
		end.Reason = sip.StatusText(end.StatusCode)
	}
	s.in.tx.rings = !s.times.Ringing.IsZero()
	s.in.tx.reply(end.StatusCode, end.Reason, extra...)
	s.finish(end)
}

// refuseMedia refuses a call whose description the media will not have (RFC 3261 section 13.3.1.3).
func (s *Session) refuseMedia(err error, code int) {
	code, extra := mediaRefusal(err, code, s.ua.identity.viaHost)
	cause := CauseMedia
	if code == 488 {
		cause = CauseIncompatible
	}
	s.refuse(End{By: Local, Cause: cause, StatusCode: code, Err: err}, extra...)
}

// canceledBy takes a CANCEL that came before our final response (RFC 3261 section 9.2).
func (in *incoming) canceledBy(cancel *sip.Message) {
	s := in.session
	why := reasonOfEnd(cancel)
	if s.state == SessionEnded || in.tx.answered() {
		return
	}
	in.tx.reply(487, "")
	s.finish(End{By: Remote, Cause: CauseCanceled, StatusCode: why.code, Reason: why.words, Q850: why.q850})
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
			v = strings.TrimSpace(v)
			if plain := sip.UnquoteString(v); plain != v {
				v = plain
			} else { // a quote without its partner
				v = strings.Trim(v, `"`)
			}
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
	r.words = sip.Readable(r.words)
	return r
}

// splitQuoted splits at semicolons that do not stand between quotes.
func splitQuoted(s string) []string {
	quoted, escaped := false, false
	return strings.FieldsFunc(s+" ", func(c rune) bool {
		switch {
		case escaped:
			escaped = false
			return false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		}
		return c == ';' && !quoted
	})
}

// refuseBody answers a request whose body is not one we read (RFC 3261 section 8.2.3); it tells whether it did.
func refuseBody(tx *serverTx) bool {
	if len(tx.req.Body) == 0 {
		return false
	}
	if !identityCoding(tx.req.Get("Content-Encoding")) {
		tx.refuse(Refusal{415, "", "RFC 3261 section 8.2.3"}, sip.Header{Name: "Accept-Encoding", Value: "identity"})
		return true
	}
	if !isSDP(tx.req) {
		tx.refuse(Refusal{415, "", "RFC 3261 section 8.2.3"}, sip.Header{Name: "Accept", Value: sdpType})
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
