package netsip

import (
	"errors"
	"slices"
	"strings"
	"time"

	"calla/netsip/event"
	"calla/netsip/loop"
	"calla/netsip/sip"
)

const (
	maxNotifiers   = 50               // subscriptions of far ends that one account keeps; more get 503
	minNotifyTime  = 60 * time.Second // shorter ones get 423
	maxNotifyTime  = time.Hour        // granted at most
	messageSummary = "message-summary"
)

// Notifier is a far end's subscription to an event of ours (RFC 6665 section 4.2). Without a decision of the
// listener it is pending. It belongs to the loop.
//
//	asked ──Reject──▶ over
//	  │ ──Accept──▶ active ──Terminate, expiry, far end──▶ over
//	  └── (neither) ──▶ pending ──Accept──▶ active
type Notifier struct {
	ua     *UserAgent
	tx     *serverTx // of the SUBSCRIBE, until it is answered
	dialog *dialog
	event  string // with its id, as the far end wrote it
	name   string // of the package

	active      bool
	over        bool
	fetch       bool // Expires: 0: one NOTIFY and no more
	until       time.Time
	expiry      *loop.Timer
	contentType string
	body        []byte
	reason      string    // of the end
	pending     *exchange // NOTIFY under way
	stale       bool      // the far end does not know the present state
	onEnd       func(reason string)
}

// Event is the package, in lower case, without parameters.
func (n *Notifier) Event() string { return n.name }

// Active tells whether the subscription has been accepted and is not over.
func (n *Notifier) Active() bool { return n.active && !n.over }

// OnEnd sets what is called on the loop when the subscription is over, by the far end's wish or silence or for its
// age; not after Reject and Terminate.
func (n *Notifier) OnEnd(f func(reason string)) { n.onEnd = f }

// Accept grants the subscription and tells the present state. It does nothing once it is over.
func (n *Notifier) Accept(contentType string, body []byte) {
	if !n.over {
		n.active = true
		n.Notify(contentType, body)
	}
}

// Reject refuses the subscription with a status from 300 to 699 (any other is taken for 403), or ends it where it
// has been answered already.
func (n *Notifier) Reject(code int) {
	if n.tx == nil {
		n.Terminate("rejected")
		return
	}
	if code < 300 || code > 699 {
		code = 403
	}
	var extra []sip.Header
	if code == 489 {
		extra = append(extra, n.ua.capabilities.allowEvents())
	}
	n.tx.reply(code, "", extra...)
	n.tx, n.over = nil, true
}

// Notify tells a new state; contentType must be one line. What follows upon itself faster than the far end answers is
// told together: only the last one goes out.
func (n *Notifier) Notify(contentType string, body []byte) {
	if n.over || sip.CheckText(contentType) != nil {
		return
	}
	n.contentType, n.body, n.stale = contentType, slices.Clone(body), true
	n.send()
}

// Terminate ends the subscription; reason is one of RFC 6665 section 4.1.3, such as "noresource".
func (n *Notifier) Terminate(reason string) {
	if n.over {
		return
	}
	if n.tx != nil {
		n.Reject(403)
		return
	}
	if sip.CheckText(reason) != nil || strings.ContainsAny(reason, "; ,") {
		reason = "noresource"
	}
	n.end(reason)
}

// end tells the far end that it is over.
func (n *Notifier) end(reason string) {
	n.over, n.reason, n.stale = true, reason, true
	n.expiry.Stop()
	n.send()
}

// subscribed takes a SUBSCRIBE that wants a new subscription (RFC 6665 section 4.2.1.1).
func (ua *UserAgent) subscribed(tx *serverTx) {
	req := tx.req
	name, _ := readEvent(req)
	if !req.Has("Event") || name == "" || len(req.Get("Event")) > maxEventName {
		tx.refuse(Refusal{400, "Event missing, or too long", "RFC 6665 section 8.2.1"})
		return
	}
	if ua.options.OnSubscribe == nil {
		tx.refuse(Refusal{489, "", "RFC 6665 section 4.2.1.1"}, ua.capabilities.allowEvents())
		return
	}
	granted := maxNotifyTime
	if seconds, given := ua.log.number(req, "Expires"); given {
		granted = min(granted, time.Duration(seconds)*time.Second)
	}
	d, ok := ua.calleeDialog(req, tx.toTag, ua.identity.contact(contactFor{}))
	switch {
	case !ok || !req.Has("Contact"):
		tx.refuse(Refusal{400, noDialog, "RFC 3261 section 8.1.1.8"})
		return
	case granted > 0 && granted < minNotifyTime:
		tx.refuse(Refusal{423, "", "RFC 6665 section 4.2.1.1"},
			sip.Header{Name: "Min-Expires", Value: secondsText(minNotifyTime)})
		return
	case len(ua.events.notifiers) >= maxNotifiers:
		tx.refuse(Refusal{503, "", "Calla: fifty subscriptions at most"}, sip.Header{Name: "Retry-After", Value: "600"})
		return
	}
	n := &Notifier{
		ua: ua, tx: tx, dialog: d,
		event: req.Get("Event"), name: name,
	}
	ua.options.OnSubscribe(n)
	if n.over {
		return
	}
	ua.events.addNotifier(n)
	n.grant(tx, granted)
	n.tx = nil
	if granted == 0 {
		n.fetch = true
		n.end("timeout")
		return
	}
	n.stale = true
	n.send()
}

// grant answers a SUBSCRIBE with 200.
func (n *Notifier) grant(tx *serverTx, d time.Duration) {
	n.until = time.Now().Add(d)
	n.expiry.Stop()
	if d > 0 {
		n.expiry = n.ua.loop.AfterFunc(d, func() { n.expired("timeout") })
	}
	resp := tx.response(200, "")
	resp.Add("Expires", secondsText(d))
	resp.Add("Contact", n.dialog.contact)
	n.ua.capabilities.addTo(resp, "SUBSCRIBE")
	tx.respond(resp)
}

// expired ends a subscription that was not renewed, or that the far end wants no more.
func (n *Notifier) expired(reason string) {
	if n.over {
		return
	}
	n.end(reason)
	n.tellEnd(reason)
}

func (n *Notifier) tellEnd(reason string) {
	if onEnd := n.onEnd; onEnd != nil {
		n.onEnd = nil
		n.ua.loop.Post(func() { onEnd(reason) })
	}
}

// subscribeReceived takes a SUBSCRIBE that renews or ends the subscription.
func (n *Notifier) subscribeReceived(tx *serverTx) {
	name, _ := readEvent(tx.req)
	switch {
	case !n.dialog.inOrder(tx.req):
		tx.refuse(Refusal{500, "CSeq out of order", "RFC 3261 section 12.2.2"})
		return
	case n.over:
		tx.refuse(Refusal{481, "Subscription does not exist", "RFC 6665 section 4.1.2.2"})
		return
	case name != n.name:
		tx.refuse(Refusal{489, "", "RFC 6665 section 4.2.1.1"}, n.ua.capabilities.allowEvents())
		return
	}
	d := maxNotifyTime
	if seconds, given := n.ua.log.number(tx.req, "Expires"); given {
		d = min(d, time.Duration(seconds)*time.Second)
	}
	if d > 0 && d < minNotifyTime {
		tx.refuse(Refusal{423, "", "RFC 6665 section 4.2.1.1"},
			sip.Header{Name: "Min-Expires", Value: secondsText(minNotifyTime)})
		return
	}
	n.dialog.refreshTarget(tx.req)
	n.grant(tx, d)
	if d == 0 {
		n.expired("timeout")
		return
	}
	n.stale = true
	n.send()
}

// send sends the present state, one NOTIFY at a time.
func (n *Notifier) send() {
	if n.pending != nil || !n.stale || n.tx != nil || !n.ua.connection.up() {
		return
	}
	n.stale = false
	state := "pending"
	if n.active {
		state = "active"
	}
	state += ";expires=" + secondsText(time.Until(n.until).Round(time.Second))
	if n.over {
		state = "terminated;reason=" + n.reason
	}
	headers := []sip.Header{
		{Name: "Event", Value: n.event},
		{Name: "Subscription-State", Value: state},
		{Name: "Contact", Value: n.dialog.contact},
	}
	var body []byte
	if n.active && len(n.body) > 0 {
		headers = append(headers, sip.Header{Name: "Content-Type", Value: n.contentType})
		body = n.body
	}
	over := n.over
	n.pending = n.dialog.send("NOTIFY", headers, body, func(resp *sip.Message, _ error) {
		n.pending = nil
		switch {
		case over:
			n.forget("")
		case resp.StatusCode >= 300 && resp.StatusCode != 491: // it wants no more (RFC 6665 section 4.2.2)
			n.forget("noresource")
		default:
			n.send()
		}
	}, func(err error) {
		n.pending = nil
		if errors.Is(err, ErrConnectionLost) || errors.Is(err, ErrNotConnected) { // told over the next flow
			n.stale = true
			return
		}
		n.forget("giveup")
	})
}

// flowRemade tells the far end our new Contact, and what it missed.
func (n *Notifier) flowRemade() {
	n.dialog.contact = n.ua.identity.contact(contactFor{})
	n.stale = true
	n.send()
}

// forget ends the subscription here; reason "" tells nobody.
func (n *Notifier) forget(reason string) {
	n.over = true
	n.expiry.Stop()
	n.ua.events.removeNotifier(n)
	if reason != "" {
		n.tellEnd(reason)
	}
}

// unsolicited takes a NOTIFY outside any subscription. Only a count of waiting messages that our own server makes for
// our own account is taken (FreeSWITCH and Asterisk tell it unasked); nothing that would make the phone act
// (check-sync, talk, hold) ever is.
func (ua *UserAgent) unsolicited(tx *serverTx) {
	req := tx.req
	eventType, _ := readEvent(req)
	mediaType, _ := req.ContentType()
	switch {
	case !req.Has("Event"):
		tx.refuse(Refusal{400, "Missing Event", "RFC 6665 section 8.2.1"})
	case eventType != messageSummary && bodiesOf(eventType) == nil && eventType != "refer":
		tx.refuse(Refusal{489, "", "RFC 6665 section 8.3.2"}, ua.capabilities.allowEvents())
	case eventType != messageSummary, ua.options.OnMessageSummary == nil, !ua.fromOwnServer(req):
		tx.refuse(Refusal{481, "Subscription does not exist", "RFC 6665 section 4.1.3"})
	case mediaType != event.MessageSummaryType:
		tx.refuse(Refusal{415, "", "RFC 3261 section 8.2.3"},
			sip.Header{Name: "Accept", Value: event.MessageSummaryType})
	default:
		summary, err := event.ParseMessageSummary(req.Body)
		if err != nil {
			tx.refuse(Refusal{400, "Bad Request - malformed message summary", "RFC 3842 section 5.2"})
			return
		}
		tx.reply(200, "")
		ua.options.OnMessageSummary(summary)
	}
}

// fromOwnServer tells whether a request names our account and was made by the server at the other end of our WebSocket,
// in the name of the account or of the server itself. What has come farther, as its second Via shows, or in the name of
// somebody else, of our own domain too, may be a stranger's: news of the mailbox comes by our subscription then
// (RFC 3842).
func (ua *UserAgent) fromOwnServer(req *sip.Message) bool {
	to, errTo := req.To()
	from, errFrom := req.From()
	vias, errVias := req.Vias()
	if errTo != nil || errFrom != nil || errVias != nil || len(vias) != 1 || !ua.identity.names(to.URI) {
		return false
	}
	nameless := from.URI.User == ""
	return ua.identity.ownDomain(from.URI) && (nameless || from.URI.UserDecoded() == ua.identity.aor.UserDecoded())
}
