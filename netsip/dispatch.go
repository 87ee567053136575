package netsip

import (
	"slices"
	"strings"

	"calla/netsip/sip"
	"calla/netsip/trace"
)

// received takes what the flow read, in order.
func (ua *UserAgent) received(data []byte, m *sip.Message, bad *sip.ParseError) {
	if bad != nil {
		ua.trace.message(trace.Entry{Server: ua.connection.url(), Error: bad.Reason}, data)
		ua.log.warn(logParser, "", "message refused: "+bad.Reason)
		if bad.StatusCode != 0 && bad.Message != nil && !ua.stopped {
			ua.transactions.send(ua.identity.response(bad.Message, bad.StatusCode, bad.Reason, ua.identity.newTag()))
		}
		ua.transactions.tell(bad.Message, refusalOf(bad))
		return
	}
	ua.trace.message(trace.Entry{Server: ua.connection.url()}, data)
	ua.trace.shown.conceal(m)
	ua.log.message("received ", m)
	ua.log.oddities(m)
	ua.described(m)
	if !m.IsRequest() {
		ua.response(m)
		return
	}
	switch {
	case !ua.stopped, m.Method == "CANCEL", m.ToTag() != "": // of what ends: our BYE waits for an ACK, crosses another
		ua.request(m)
	default: // whoever asked is not to wait for us
		ua.transactions.refuse(m, Refusal{480, "", "RFC 3261 section 21.4.18"})
	}
}

// response finds the transaction of a response (RFC 3261 section 17.1.3). One with several Vias is not for us
// (section 8.1.3.3).
func (ua *UserAgent) response(m *sip.Message) {
	vias, err := m.Vias()
	if err != nil || len(vias) != 1 {
		ua.transactions.drop(m, Refusal{400, "needs exactly one Via", "RFC 3261 section 8.1.3.3"})
		return
	}
	seq, err := m.CSeq()
	if err != nil {
		return
	}
	tx := ua.transactions.clientOf(vias[0].Branch(), seq.Method)
	if tx == nil {
		ua.transactions.drop(m, Refusal{0, "no transaction", "RFC 3261 section 18.1.2"})
		return
	}
	tx.receive(m)
}

// request takes a request through the checks of RFC 3261 section 8.2, in their order.
func (ua *UserAgent) request(m *sip.Message) {
	if via, err := m.TopVia(); err != nil || via.Branch() == branchCookie {
		refusal := Refusal{400, "Bad Request - branch is only the magic cookie", "RFC 3261 section 8.1.1.7"}
		ua.transactions.refuse(m, refusal)
		return
	}
	switch m.Method {
	case "ACK":
		ua.ackReceived(m)
		return
	case "CANCEL":
		ua.cancel(m)
		return
	}
	if tx := ua.transactions.serverOf(m, m.Method); tx != nil {
		tx.retransmitted()
		return
	}
	room, taken := ua.room(m)
	switch {
	case !ua.methodAllowed(m):
	case m.RequestURI.Scheme != "sip":
		ua.transactions.refuse(m, Refusal{416, "", "RFC 3261 section 8.2.2.1"})
	case m.ToTag() == "" && ua.identity.ownCallID(m.CallID()):
		ua.transactions.refuse(m, Refusal{482, "", "RFC 3261 section 8.2.2.2"})
	case m.ToTag() == "" && ua.transactions.merged(m):
		ua.transactions.refuse(m, Refusal{482, "", "RFC 3261 section 8.2.2.2"})
	case ua.lacksExtension(m):
	case !taken:
		ua.transactions.refuse(m, Refusal{503, "", "Calla: 200 transactions at most, 50 in a call"},
			sip.Header{Name: "Retry-After", Value: "10"})
	case m.ToTag() != "":
		ua.inDialog(ua.transactions.serve(m, room))
	case !ua.identity.names(m.RequestURI):
		ua.transactions.refuse(m, Refusal{404, "", "RFC 3261 section 8.2.2.1"})
	default:
		ua.outsideDialog(ua.transactions.serve(m, room))
	}
}

// room tells which bound holds for a request, and whether there is room for it. The far end of a call has a bound of
// its own, so that strangers cannot keep it from reaching us; what belongs to a subscription is answered at once.
func (ua *UserAgent) room(m *sip.Message) (*waits, bool) {
	s := ua.calls.in(dialogKey(m.CallID(), m.ToTag(), m.FromTag()))
	if s == nil && m.Method == "INVITE" && m.ToTag() == "" {
		s = ua.reestablishedBy(m)
	}
	strangers := &ua.transactions.strangers
	switch {
	case s != nil && s.state != SessionEnded:
		return &s.requests, m.Method == "BYE" || s.requests.n < maxCallTxs
	case s != nil && outlivesCall(m.Method), s == nil && ua.events.has(m):
		return strangers, true
	}
	return strangers, strangers.n < maxServerTxs
}

// methodAllowed refuses methods we do not have: 405 for known ones, 501 for all others.
func (ua *UserAgent) methodAllowed(m *sip.Message) bool {
	allowed, refusal := false, Refusal{405, "", "RFC 3261 section 8.2.1"}
	switch m.Method {
	case "INVITE", "BYE", "OPTIONS", "INFO", "UPDATE", "REFER", "NOTIFY", "SUBSCRIBE":
		return true
	case "PRACK":
		allowed = ua.capabilities.reliable()
	case "MESSAGE":
		allowed = ua.options.OnMessage != nil
	case "REGISTER", "PUBLISH":
	default:
		refusal = Refusal{501, "", "RFC 3261 section 21.5.2"}
	}
	if !allowed {
		ua.transactions.refuse(m, refusal, sip.Header{Name: "Allow", Value: ua.capabilities.allow()})
	}
	return allowed
}

// lacksExtension answers 420 when Require names what we do not understand.
func (ua *UserAgent) lacksExtension(m *sip.Message) bool {
	var unknown []string
	for _, tag := range m.Values("Require") {
		if tag != "" && !ua.capabilities.understands(strings.ToLower(tag)) {
			unknown = append(unknown, tag)
		}
	}
	if len(unknown) == 0 {
		return false
	}
	ua.transactions.refuse(m, Refusal{420, "", "RFC 3261 section 8.2.2.3"},
		sip.Header{Name: "Unsupported", Value: strings.Join(unknown, ", ")})
	return true
}

func (ua *UserAgent) outsideDialog(tx *serverTx) {
	switch tx.req.Method {
	case "INVITE":
		ua.invited(tx)
	case "OPTIONS":
		ua.options200(tx)
	case "MESSAGE":
		ua.messageReceived(tx, nil)
	case "REFER": // of strangers
		tx.refuse(Refusal{603, "", "RFC 3261 section 21.6.2"})
	case "NOTIFY":
		ua.unsolicited(tx)
	case "SUBSCRIBE":
		ua.subscribed(tx)
	default: // BYE, INFO, UPDATE mean nothing without a dialog
		tx.refuse(Refusal{481, "", "RFC 3261 section 12.2.2"})
	}
}

// inDialog takes a request that says it belongs to a dialog (section 12.2.2).
func (ua *UserAgent) inDialog(tx *serverTx) {
	m := tx.req
	s := ua.calls.in(dialogKey(m.CallID(), m.ToTag(), m.FromTag()))
	var d *dialog
	if s != nil {
		d = s.dialogOf(m)
	}
	switch {
	case s == nil:
		ua.inSubscription(tx)
	case d == nil, s.state == SessionEnded && !outlivesCall(m.Method):
		tx.refuse(Refusal{481, "", "RFC 3261 section 12.2.2"})
	case !d.inOrder(m):
		tx.refuse(Refusal{500, "CSeq out of order", "RFC 3261 section 12.2.2"})
	case slices.Contains(s.reestablishment.left, d): // the call has left it
		s.leftReceived(tx)
	case m.Method == "BYE":
		s.byeReceived(tx)
	case m.Method == "INFO":
		s.infoReceived(tx)
	case m.Method == "OPTIONS":
		ua.options200(tx)
	case m.Method == "PRACK":
		s.prackReceived(tx)
	case m.Method == "MESSAGE":
		ua.messageReceived(tx, s)
	case m.Method == "REFER":
		s.referReceived(tx)
	case m.Method == "NOTIFY" && s.dialog != nil:
		s.notifyReceived(tx)
	case m.Method == "SUBSCRIBE":
		s.subscribeReceived(tx)
	case m.Method == "NOTIFY":
		tx.refuse(Refusal{481, "Subscription does not exist", "RFC 6665 section 4.1.3"})
	default:
		s.reinvited(tx, d)
	}
}

// inSubscription takes a request of a dialog that is no call's.
func (ua *UserAgent) inSubscription(tx *serverTx) {
	if s := ua.events.subscription(tx.req); s != nil && tx.req.Method == "NOTIFY" {
		s.notifyReceived(tx)
		return
	}
	if n := ua.events.notifier(tx.req); n != nil && tx.req.Method == "SUBSCRIBE" {
		n.subscribeReceived(tx)
		return
	}
	reason := ""
	if tx.req.Method == "NOTIFY" || tx.req.Method == "SUBSCRIBE" {
		reason = "Subscription does not exist"
	}
	tx.refuse(Refusal{481, reason, "RFC 3261 section 12.2.2"})
}

// outlivesCall tells whether a request may come in a dialog whose call has ended: a BYE that crossed ours, and what
// concerns the subscription that REFER made (RFC 5057 section 4).
func outlivesCall(method string) bool {
	return method == "BYE" || method == "NOTIFY" || method == "SUBSCRIBE"
}

// dialogOf is the dialog of the session a request belongs to.
func (s *Session) dialogOf(m *sip.Message) *dialog {
	if s.dialog != nil && s.dialog.remoteTag == m.FromTag() && s.dialog.callID == m.CallID() {
		return s.dialog
	}
	for _, d := range s.reestablishment.left {
		if d.remoteTag == m.FromTag() && d.callID == m.CallID() {
			return d
		}
	}
	if s.out != nil {
		return s.out.invite.early[m.FromTag()]
	}
	return nil
}

// ackReceived takes an ACK: of a refusal it belongs to the INVITE's transaction, of a 2xx to the dialog. Any
// other is dropped.
func (ua *UserAgent) ackReceived(m *sip.Message) {
	if tx := ua.transactions.serverOf(m, "INVITE"); tx != nil && tx.state == txCompleted {
		tx.confirm()
		return
	}
	if s := ua.calls.in(dialogKey(m.CallID(), m.ToTag(), m.FromTag())); s != nil {
		s.ackReceived(m)
		return
	}
	ua.transactions.drop(m, neverAnswered())
}

// cancel takes a CANCEL (section 9.2): answered in any case, but without effect once the INVITE is.
func (ua *UserAgent) cancel(m *sip.Message) {
	tx := ua.transactions.serverOf(m, "INVITE")
	if tx == nil {
		ua.transactions.refuse(m, Refusal{481, "", "RFC 3261 section 9.2"})
		return
	}
	ua.transactions.send(ua.identity.response(m, 200, "", tx.toTag))
	if !tx.answered() && tx.onAbort != nil {
		tx.onAbort(m)
	}
}
