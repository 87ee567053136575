package netsip

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"calla/netsip/event"
	"calla/netsip/loop"
	"calla/netsip/sip"
)

// ErrReferralOver: the far end's wish has been answered already, or waited too long.
var ErrReferralOver = errors.New("the far end's wish to transfer is over")

// referralPatience is how long a user is asked; no answer is No: calls cost money.
const referralPatience = 15 * time.Second

// Referral is a far end's wish that we call somebody else in its place (RFC 3515). Nothing is called unless
// Accept is. The far end is told of the outcome by NOTIFYs, which the engine sends. It belongs to the loop.
//
//	asked ──Accept──▶ following (NOTIFY 100, 180, …) ──▶ over (NOTIFY with the final status)
//	  └── Decline, 15 s ──▶ over (NOTIFY 603)
type Referral struct {
	session    *Session
	id         uint32 // CSeq of the REFER
	target     sip.Address
	referredBy sip.Address
	replaces   string // value for the new INVITE; "" = none
	silent     bool   // Refer-Sub: false (RFC 4488): no NOTIFYs
	asked      bool   // the user has not answered
	call       *Session
	patience   *loop.Timer
	until      time.Time // when patience ends
	expires    time.Time // of the subscription
	expiry     *loop.Timer
	told       event.Sipfrag // by the last NOTIFY
}

// Session is the call whose far end asks.
func (r *Referral) Session() *Session { return r.session }

// Target is whom we are asked to call: the far end's text, shown with care.
func (r *Referral) Target() sip.Address { return r.target }

// Until is when the wish is declined if nobody has answered it.
func (r *Referral) Until() time.Time { return r.until }

// ReferredBy is who asks, as Referred-By tells (RFC 3892); zero if it does not.
func (r *Referral) ReferredBy() sip.Address { return r.referredBy }

// Attended tells that the new call is to take the place of one the far end has with the target.
func (r *Referral) Attended() bool { return r.replaces != "" }

// Accept calls the target. Replaces and ReferredBy of o are set here. The call with the far end that asked goes
// on until that hangs up. The error is ErrReferralOver, or that of Call.
func (r *Referral) Accept(o CallOptions) (*Session, error) {
	if !r.asked {
		return nil, ErrReferralOver
	}
	r.answered()
	o.Replaces, o.replaces = nil, r.replaces
	if r.referredBy.URI.Scheme != "" {
		o.ReferredBy = r.referredBy.String()
	}
	call, err := r.session.ua.Call(r.target, o)
	if err != nil {
		r.tell(event.Sipfrag{Code: 503, Phrase: sip.StatusText(503)}, "noresource")
		return nil, fmt.Errorf("follow a transfer: %w", err)
	}
	r.call = call
	call.changes.watch(r.follow)
	return call, nil
}

// Decline refuses. It does nothing once the wish is answered.
func (r *Referral) Decline() {
	if r.asked {
		r.answered()
		r.tell(event.Sipfrag{Code: 603, Phrase: sip.StatusText(603)}, "rejected")
	}
}

func (r *Referral) answered() {
	r.asked = false
	r.patience.Stop()
	if r.session.ua.calls.asked == r {
		r.session.ua.calls.asked = nil
	}
}

// referReceived takes a REFER in a call's dialog. What it asks for costs the user money and may be fraud: it is
// refused unless the user can be asked, and one question is asked at a time.
func (s *Session) referReceived(tx *serverTx) {
	r, refusal := readReferral(tx.req)
	switch {
	case refusal.StatusCode != 0:
		tx.refuse(refusal)
		return
	case s.state != SessionEstablished, s.ua.options.OnRefer == nil:
		tx.refuse(Refusal{603, "", "RFC 3515 section 2.4.2"})
		return
	case s.ua.calls.asked != nil, len(s.usages.referrals) > 0:
		tx.refuse(Refusal{491, "", "Calla: one question at a time"})
		return
	}
	r.session, r.asked = s, true
	resp := tx.response(202, "")
	resp.Add("Contact", s.dialog.contact)
	if r.silent {
		resp.Add("Refer-Sub", "false")
	}
	tx.respond(resp)
	s.ua.calls.asked = r
	s.usages.addReferral(r)
	r.until = time.Now().Add(referralPatience)
	r.patience = s.ua.loop.AfterFunc(referralPatience, r.Decline)
	r.live(referExpires)
	r.tell(event.Sipfrag{Code: 100, Phrase: sip.StatusText(100)}, "")
	s.ua.options.OnRefer(r)
}

// readReferral reads a REFER; a refusal of status 0 is none. Of what the target's URI brings to be
// put into the new INVITE nothing is taken but Replaces.
func readReferral(req *sip.Message) (r *Referral, refusal Refusal) {
	lines := req.Lines("Refer-To")
	if len(lines) != 1 {
		return nil, Refusal{400, "", "RFC 3515 section 2.4.2"}
	}
	target, err := sip.ParseAddress(lines[0])
	switch {
	case err != nil:
		return nil, Refusal{400, "", "RFC 3515 section 2.1"}
	case target.URI.Scheme != "sip":
		return nil, Refusal{416, "", "RFC 3261 section 8.2.2.1"}
	case target.URI.Host == "" || target.URI.User == "", !fits(target.URI.WithoutHeaders()):
		return nil, Refusal{400, "", "RFC 3515 section 2.1"}
	}
	if method, given := target.URI.Params.Get("method"); given && !strings.EqualFold(method, "INVITE") {
		return nil, Refusal{603, "", "Calla: only calls are made for others"}
	}
	seq, _ := req.CSeq()
	r = &Referral{id: seq.Seq, silent: strings.EqualFold(firstToken(req.Get("Refer-Sub")), "false")}
	for header := range strings.SplitSeq(target.URI.Headers, "&") {
		name, value, _ := strings.Cut(header, "=")
		if !strings.EqualFold(sip.Unescape(name), "Replaces") {
			continue
		}
		named, err := parseReplaces(sip.Unescape(value))
		if err != nil || r.replaces != "" || len(value) > maxCallID+2*maxParty {
			return nil, Refusal{400, "", "RFC 3891 section 6.1"}
		}
		r.replaces = named.String()
	}
	target.URI = withoutOrders(target.URI)
	target.Params = nil
	r.target = target
	if by, err := sip.ParseAddress(req.Get("Referred-By")); err == nil && by.URI.Scheme == "sip" && by.URI.Host != "" {
		if by = (sip.Address{Display: by.Display, URI: by.URI.WithoutHeaders()}); len(by.String()) <= maxParty {
			r.referredBy = by
		}
	}
	return r, Refusal{}
}

// firstToken is a header value without its parameters.
func firstToken(value string) string {
	token, _, _ := strings.Cut(value, ";")
	return strings.TrimSpace(token)
}

// follow tells what becomes of the new call.
func (r *Referral) follow() {
	switch c := r.call; c.state {
	case SessionRinging:
		r.tell(event.Sipfrag{Code: 180, Phrase: sip.StatusText(180)}, "")
	case SessionEarlyMedia:
		r.tell(event.Sipfrag{Code: 183, Phrase: sip.StatusText(183)}, "")
	case SessionEstablished:
		r.tell(event.Sipfrag{Code: 200, Phrase: "OK"}, "noresource")
	case SessionEnded:
		r.tell(statusOfEnd(c.end), "noresource")
	}
}

// statusOfEnd is the final status a call's end stands for.
func statusOfEnd(end *End) event.Sipfrag {
	var refused *StatusError
	var late *TimeoutError
	code := 500
	switch {
	case end.StatusCode >= 300:
		code = end.StatusCode
	case errors.As(end.Err, &refused) && refused.StatusCode >= 300:
		code = refused.StatusCode
	case errors.As(end.Err, &late):
		code = 408
	case end.Cause == CauseCanceled:
		code = 487
	case end.Cause == CauseConnection:
		code = 503
	case end.Cause == CauseBadDescription, end.Cause == CauseMedia, end.Cause == CauseIncompatible:
		code = 488
	}
	return event.Sipfrag{Code: code, Phrase: sip.StatusText(code)}
}

// live renews the subscription the far end has by its REFER.
func (r *Referral) live(d time.Duration) {
	r.expires = time.Now().Add(d)
	r.expiry.Stop()
	r.expiry = r.session.ua.loop.AfterFunc(d, func() { r.tell(r.told, "timeout") })
}

// tell sends a NOTIFY (RFC 3515 section 2.4.5); reason ends the subscription, "" keeps it.
func (r *Referral) tell(status event.Sipfrag, reason string) {
	s := r.session
	if !slices.Contains(s.usages.referrals, r) || status == r.told && reason == "" {
		return
	}
	r.told = status
	state := "active;expires=" + secondsText(time.Until(r.expires).Round(time.Second))
	if reason != "" {
		state = "terminated;reason=" + reason
	}
	var send func()
	send = func() {
		s.dialog.send("NOTIFY", []sip.Header{
			{Name: "Event", Value: fmt.Sprintf("refer;id=%d", r.id)},
			{Name: "Subscription-State", Value: state},
			{Name: "Contact", Value: s.dialog.contact},
			{Name: "Content-Type", Value: event.SipfragType + ";version=2.0"},
		}, []byte(status.String()), func(resp *sip.Message, _ error) {
			if resp.StatusCode >= 300 { // the far end does not want to know
				r.end()
			}
		}, func(err error) {
			lost := errors.Is(err, ErrConnectionLost) || errors.Is(err, ErrNotConnected)
			if lost && reason != "" && !s.ua.stopped { // the outcome may not get lost
				s.ua.transactions.keep(unsentRequest{send, func() {}, r.expires})
			}
		})
	}
	if !r.silent {
		send()
	}
	if reason != "" {
		r.end()
	}
}

// end ends the subscription here.
func (r *Referral) end() {
	r.expiry.Stop()
	r.session.usages.endReferral(r)
}

// subscribeReceived takes a SUBSCRIBE in a call's dialog: the far end renews or ends what its REFER made. A call's
// dialog is not for others (RFC 6665 section 4.5.2).
func (s *Session) subscribeReceived(tx *serverTx) {
	eventType, id := readEvent(tx.req)
	if !tx.req.Has("Event") {
		tx.refuse(Refusal{400, "Missing Event", "RFC 6665 section 8.2.1"})
		return
	}
	if eventType != "refer" {
		tx.refuse(Refusal{489, "", "RFC 6665 section 4.5.2"}, s.ua.capabilities.allowEvents())
		return
	}
	at := slices.IndexFunc(s.usages.referrals,
		func(r *Referral) bool { return itoa(int(r.id)) == id || id == "" && len(s.usages.referrals) == 1 })
	if at < 0 {
		tx.refuse(Refusal{481, "Subscription does not exist", "RFC 6665 section 4.1.2.2"})
		return
	}
	r := s.usages.referrals[at]
	d := referExpires
	if n, given := s.ua.log.number(tx.req, "Expires"); given {
		d = min(d, time.Duration(n)*time.Second)
	}
	tx.reply(200, "", sip.Header{Name: "Expires", Value: secondsText(d)},
		sip.Header{Name: "Contact", Value: s.dialog.contact})
	told := r.told
	r.told = event.Sipfrag{}
	if d == 0 {
		r.tell(told, "timeout")
		return
	}
	r.live(d)
	r.tell(told, "")
}

// notifyReceived takes a NOTIFY in a call's dialog: of a REFER of ours (RFC 3515 section 2.4.4).
func (s *Session) notifyReceived(tx *serverTx) {
	eventType, id := readEvent(tx.req)
	state, given := readSubscriptionState(tx.req)
	switch {
	case !tx.req.Has("Event"):
		tx.refuse(Refusal{400, "Missing Event", "RFC 6665 section 8.2.1"})
		return
	case eventType != "refer":
		tx.refuse(Refusal{489, "", "RFC 6665 section 8.3.2"}, s.ua.capabilities.allowEvents())
		return
	}
	t := s.transferOf(id)
	switch {
	case t == nil:
		tx.refuse(Refusal{481, "Subscription does not exist", "RFC 6665 section 4.1.3"})
		return
	case !given:
		tx.refuse(Refusal{400, "Missing Subscription-State", "RFC 6665 section 8.2.3"})
		return
	}
	var status event.Sipfrag
	told := len(tx.req.Body) > 0
	if told {
		body, ok := sipfragOf(tx.req)
		if !ok {
			tx.refuse(Refusal{415, "", "RFC 3515 section 2.4.5"}, sip.Header{Name: "Accept", Value: event.SipfragType})
			return
		}
		var err error
		if status, err = event.ParseSipfrag(body); err != nil {
			tx.refuse(Refusal{400, "Bad Request - malformed sipfrag", "RFC 3420 section 2"})
			return
		}
	}
	s.dialog.refreshTarget(tx.req)
	tx.reply(200, "")
	expires := referExpires
	if state.expires > 0 {
		expires = min(state.expires, maxReferLives)
	}
	t.news(status, told, expires, state)
}

// sipfragOf is the message/sipfrag body of a NOTIFY: all of it, without a type too, which can be nothing else, or one
// of its parts.
func sipfragOf(notify *sip.Message) ([]byte, bool) {
	mediaType, params := notify.ContentType()
	if multi, is := strings.CutPrefix(mediaType, "multipart/"); is {
		boundary, _ := params.Get("boundary")
		p := bodyParts{kind: event.SipfragType, strict: true}
		body, err := p.read(notify.Body, multi, boundary, 1)
		return body, err == nil && body != nil
	}
	return notify.Body, mediaType == event.SipfragType || mediaType == ""
}
