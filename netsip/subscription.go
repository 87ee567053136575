package netsip

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"calla/netsip/config"
	"calla/netsip/event"
	"calla/netsip/sip"
)

// subscribeExpires is asked for where the caller names no time.
const subscribeExpires = 900 * time.Second

// SubscriptionState is where a subscription stands (RFC 6665 section 4.1.2).
//
//	Pending ──NOTIFY active──▶ Active ──NOTIFY pending──▶ Pending
//	   ▲                         │ lost, expired, ended for a reason that may pass
//	   └─────────────────────────┘
//	any ──Stop, refused for good──▶ Terminated
type SubscriptionState int

// The states of a subscription.
const (
	SubscriptionPending SubscriptionState = iota // asked for, or waiting to be asked for again
	SubscriptionActive
	SubscriptionTerminated
)

func (s SubscriptionState) String() string {
	return [...]string{"pending", "active", "terminated"}[s]
}

// SubscribeOptions tell what is wanted.
type SubscribeOptions struct {
	Event        string              // package, such as "message-summary", "dialog" or "presence"
	Accept       []string            // media types; nil = the package's own
	Expires      time.Duration       // asked for, whole seconds; 0 = 15 min
	ExtraHeaders []sip.Header        // put into each SUBSCRIBE
	OnNotify     func(*Notification) // on the loop
	OnChange     func(*Subscription) // after a change of State or Err; on the loop
}

// Notification is what a NOTIFY brought: the far end's text.
type Notification struct {
	Event       string
	ContentType string // media type in lower case; "" without a body
	Body        []byte // at most 64 KiB; package event reads it
	State       SubscriptionState
	Reason      string // why it is over, such as "rejected"; "" if not
	Final       bool   // no more will come
}

// Subscription is kept up until Stop: refreshed in time, made again after a new flow, a lost dialog or an end for
// a reason that may pass (RFC 6665 section 4.1). It belongs to the loop.
type Subscription struct {
	upkeep
	target   sip.URI
	options  SubscribeOptions
	state    SubscriptionState
	reason   string
	err      error
	asked    time.Duration // Expires of the next SUBSCRIBE
	callID   string
	localTag string
	dialog   *dialog   // nil until a 2xx or NOTIFY makes it
	until    time.Time // end of what was granted
	notified bool      // a NOTIFY came in this dialog
	began    time.Time // of this dialog
	pending  *exchange
	stopped  bool
}

// Subscribe asks target, which is read by DialTarget, to be told of an event, now or as soon as we are connected and,
// where the account registers, registered, and keeps that up until Stop. The error is ErrStopped, a *TargetError or
// about the options.
func (ua *UserAgent) Subscribe(target string, o SubscribeOptions) (*Subscription, error) {
	uri, err := config.DialTarget(target, ua.config.Domain())
	if err != nil {
		return nil, err
	}
	if ua.stopped {
		return nil, ErrStopped
	}
	if o.Accept == nil {
		o.Accept = bodiesOf(o.Event)
	}
	if o.Event == "" || strings.ContainsAny(o.Event, " \t;,\r\n\x00") || len(o.Accept) == 0 {
		return nil, fmt.Errorf("subscribe: event %q with body types %q", o.Event, o.Accept)
	}
	accepts := sip.Header{Name: "Accept", Value: strings.Join(o.Accept, ", ")}
	for _, h := range append(slices.Clone(o.ExtraHeaders), accepts) {
		if err := config.CheckHeader(h); err != nil {
			return nil, err
		}
	}
	s := &Subscription{upkeep: upkeep{ua: ua}, target: uri, options: o, asked: o.Expires.Truncate(time.Second)}
	if s.asked <= 0 {
		s.asked = subscribeExpires
	}
	ua.events.addSubscription(s)
	s.renew()
	return s, nil
}

// bodiesOf are the media types of the event packages we read.
func bodiesOf(eventType string) []string {
	switch eventType {
	case "message-summary":
		return []string{event.MessageSummaryType}
	case "dialog":
		return []string{event.DialogInfoType}
	case "presence":
		return []string{event.PresenceType}
	}
	return nil
}

// State tells where the subscription stands.
func (s *Subscription) State() SubscriptionState { return s.state }

// Reason is why the far end ended it last, as it says; "" if it did not.
func (s *Subscription) Reason() string { return s.reason }

// Err tells why the subscription is not active at the moment, or not any more; nil when all is well.
func (s *Subscription) Err() error { return s.err }

// Stop ends the subscription. No notification comes after it.
func (s *Subscription) Stop() {
	if s.stopped {
		return
	}
	s.stopped = true
	s.timer.Stop()
	s.set(SubscriptionTerminated, nil)
	switch {
	case s.pending != nil: // the end is asked for once it is answered
	case s.dialog == nil, !s.ua.connection.up():
		s.forget()
	default:
		s.unsubscribe()
	}
}

// unsubscribe asks for the end. The last NOTIFY is answered, when it comes.
func (s *Subscription) unsubscribe() {
	s.dialog.send("SUBSCRIBE", s.headers(0), nil, func(resp *sip.Message, _ error) {
		if resp.StatusCode >= 300 {
			s.forget()
		}
	}, func(error) { s.forget() })
	s.timer = s.ua.loop.AfterFunc(timeout, s.forget)
}

func (s *Subscription) forget() {
	s.timer.Stop()
	s.ua.events.removeSubscription(s)
	s.ua.loadChanged()
}

func (s *Subscription) set(state SubscriptionState, err error) {
	if s.state == state && s.err == err {
		return
	}
	s.state, s.err = state, err
	if s.options.OnChange != nil {
		s.ua.loop.Post(func() { s.options.OnChange(s) })
	}
}

func (s *Subscription) headers(expires time.Duration) []sip.Header {
	headers := slices.Clone(s.options.ExtraHeaders)
	return append(headers,
		sip.Header{Name: "Event", Value: s.options.Event},
		sip.Header{Name: "Expires", Value: secondsText(expires)},
		sip.Header{Name: "Accept", Value: strings.Join(s.options.Accept, ", ")},
		sip.Header{Name: "Contact", Value: s.ua.identity.contact(contactFor{outbound: true})})
}

// renew asks for more time in the dialog while it lives, else for a new one.
func (s *Subscription) renew() {
	if s.stopped || s.pending != nil || !s.ua.settled() {
		return
	}
	s.timer.Stop()
	switch {
	case s.dialog != nil && time.Now().Before(s.until):
		var e *exchange
		e = s.dialog.send("SUBSCRIBE", s.headers(s.asked), nil,
			func(resp *sip.Message, err error) { s.response(e, resp, err) },
			func(err error) { s.unanswered(e, err) })
		s.pending = e
	default:
		s.begin()
	}
}

// begin asks for a new subscription.
func (s *Subscription) begin() {
	s.timer.Stop()
	s.dialog, s.notified, s.began = nil, false, time.Now()
	if s.state == SubscriptionActive {
		s.set(SubscriptionPending, s.err)
	}
	var e *exchange
	e = s.ua.ask("SUBSCRIBE", s.target, s.headers(s.asked), nil,
		func(resp *sip.Message, err error) { s.response(e, resp, err) },
		func(err error) { s.unanswered(e, err) })
	s.pending = e
	s.callID, s.localTag = e.msg.CallID(), e.msg.FromTag()
}

// response takes the final response to a SUBSCRIBE.
func (s *Subscription) response(e *exchange, resp *sip.Message, err error) {
	if s.pending != e { // of a dialog that ended meanwhile
		return
	}
	s.pending = nil
	switch code := resp.StatusCode; {
	case code < 300:
		s.accepted(e, resp)
		return
	case s.stopped:
		s.forget()
		return
	case code == 423 && s.raise(resp, &s.asked):
		s.renew()
		return
	case code == 481 && e.dialog != nil:
		s.begin()
		return
	}
	s.refused(statusError("SUBSCRIBE", resp, err), err != nil)
}

// accepted takes a 2xx: the dialog and the time granted.
func (s *Subscription) accepted(e *exchange, resp *sip.Message) {
	if s.dialog == nil {
		d, ok := s.ua.callerDialog(e.msg, resp)
		if !ok {
			d = s.ua.contactlessDialog(e.msg, resp)
			d.contact = e.msg.Get("Contact")
		}
		s.dialog = d
	}
	s.dialog.knowRealms(e)
	s.raises = 0
	if s.stopped {
		s.unsubscribe()
		return
	}
	granted := s.asked
	if n, given := s.ua.log.number(resp, "Expires"); given {
		granted = min(granted, time.Duration(n)*time.Second)
	}
	s.granted(granted)
	if !s.notified {
		s.timer.Stop()
		s.timer = s.ua.loop.AfterFunc(min(timeout, granted), s.silent)
	}
}

// granted plans the next SUBSCRIBE.
func (s *Subscription) granted(d time.Duration) {
	s.until = time.Now().Add(d)
	s.timer.Stop()
	s.timer = s.ua.loop.AfterFunc(s.renewalDelay(d), s.renew)
}

// silent: accepted, but no NOTIFY came (RFC 6665 section 4.1.2.4, timer N).
func (s *Subscription) silent() {
	s.again(0, fmt.Errorf("subscribe: %w", &TimeoutError{Method: "NOTIFY", After: timeout}))
}

// unanswered: no final response. What is lost with the flow is asked for again on the next one.
func (s *Subscription) unanswered(e *exchange, err error) {
	if s.pending != e {
		return
	}
	s.pending = nil
	switch {
	case s.stopped || errors.Is(err, ErrStopped):
		s.forget()
	case !s.ua.connection.up():
		s.set(SubscriptionPending, fmt.Errorf("subscribe: %w", err))
	default:
		s.again(0, fmt.Errorf("subscribe: %w", err))
	}
}

// refused takes a refusal: some are for good (RFC 5057 section 5.1), others may pass.
func (s *Subscription) refused(refusal *StatusError, unanswerable bool) {
	if unanswerable || refusesForGood(refusal.StatusCode) {
		s.over(refusal)
		return
	}
	s.again(refusal.RetryAfter, refusal)
}

// refusesForGood tells whether asking again cannot help.
func refusesForGood(code int) bool {
	switch code {
	case 408, 412, 423, 429, 480, 481, 491, 500, 502, 503, 504, 580:
		return false
	}
	return true
}

// again waits and asks anew.
func (s *Subscription) again(after time.Duration, err error) {
	s.set(SubscriptionPending, err)
	s.retry(after, s.renew)
}

// over ends the subscription for good.
func (s *Subscription) over(err error) {
	s.stopped = true
	s.set(SubscriptionTerminated, err)
	s.forget()
}

// notifyReceived takes a NOTIFY (RFC 6665 section 4.1.3).
func (s *Subscription) notifyReceived(tx *serverTx) {
	req := tx.req
	eventType, _ := readEvent(req)
	state, given := readSubscriptionState(req)
	mediaType, _ := req.ContentType()
	switch {
	case s.dialog != nil && !s.dialog.inOrder(req):
		tx.refuse(Refusal{500, "CSeq out of order", "RFC 3261 section 12.2.2"})
		return
	case !req.Has("Event"):
		tx.refuse(Refusal{400, "Missing Event", "RFC 6665 section 8.2.1"})
		return
	case eventType != strings.ToLower(s.options.Event):
		tx.refuse(Refusal{489, "", "RFC 6665 section 4.1.3"}, s.ua.capabilities.allowEvents())
		return
	case !given:
		tx.refuse(Refusal{400, "Missing Subscription-State", "RFC 6665 section 8.2.3"})
		return
	case len(req.Body) > 0 && !listed(s.options.Accept, mediaType):
		tx.refuse(Refusal{415, "", "RFC 3261 section 8.2.3"},
			sip.Header{Name: "Accept", Value: strings.Join(s.options.Accept, ", ")})
		return
	}
	if s.dialog == nil {
		d, ok := s.ua.notifiedDialog(s.pending, req)
		if !ok {
			tx.refuse(Refusal{400, noDialog, "RFC 6665 section 4.4.1"})
			return
		}
		s.dialog = d
	}
	s.dialog.refreshTarget(req)
	tx.reply(200, "")
	s.news(state, eventType, mediaType, req.Body)
}

// notifiedDialog is the dialog a NOTIFY makes that is faster than the 2xx to our SUBSCRIBE (RFC 6665 section 4.4.1).
func (ua *UserAgent) notifiedDialog(subscribe *exchange, notify *sip.Message) (*dialog, bool) {
	if subscribe == nil {
		return nil, false
	}
	d, ok := ua.calleeDialog(notify, notify.ToTag(), subscribe.msg.Get("Contact"))
	if ok {
		seq, _ := subscribe.msg.CSeq()
		d.caller, d.local, d.localSeq = true, subscribe.msg.Get("From"), seq.Seq
	}
	return d, ok
}

// news takes what a NOTIFY tells.
func (s *Subscription) news(state subscriptionState, eventType, mediaType string, body []byte) {
	if s.stopped {
		if state.over() {
			s.forget()
		}
		return
	}
	first := !s.notified
	s.notified = true
	n := &Notification{
		Event: eventType, ContentType: mediaType, Body: slices.Clone(body),
		State: SubscriptionPending, Reason: state.reason,
	}
	switch {
	case state.over():
		s.reason = state.reason
		n.State, n.Final = SubscriptionTerminated, endsForGood(state.reason)
	case state.state == "active":
		n.State = SubscriptionActive
		s.failures = 0
		s.set(SubscriptionActive, nil)
	default:
		s.set(SubscriptionPending, nil)
	}
	if s.options.OnNotify != nil {
		s.options.OnNotify(n)
	}
	switch {
	case s.stopped: // by OnNotify
	case n.Final:
		s.over(fmt.Errorf("subscription ended: %s", reasonText(state.reason)))
	case state.over():
		s.ended(state)
	case state.expires > 0 && (first || s.until.Sub(time.Now().Add(state.expires)) > 2*time.Second):
		s.granted(min(state.expires, s.asked))
	case first && s.pending == nil: // until now the timer waited for a NOTIFY
		s.granted(time.Until(s.until))
	}
}

// endsForGood tells whether a subscription that ended for this reason is not to be made again (RFC 6665
// section 4.1.3).
func endsForGood(reason string) bool {
	return reason == "rejected" || reason == "noresource" || reason == "invariant"
}

func reasonText(reason string) string {
	if reason == "" {
		return "no reason given"
	}
	return reason
}

// ended takes an end for a reason that may pass.
func (s *Subscription) ended(state subscriptionState) {
	s.dialog, s.pending = nil, nil
	s.callID, s.localTag = "", ""
	err := fmt.Errorf("subscription ended: %s", reasonText(state.reason))
	atOnce := (state.reason == "deactivated" || state.reason == "timeout") && state.retryAfter == 0
	if atOnce && time.Since(s.began) > minRenewal {
		s.set(SubscriptionPending, err)
		s.begin()
		return
	}
	s.again(state.retryAfter, err)
}
