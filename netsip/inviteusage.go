package netsip

import (
	"cmp"
	"fmt"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// maxForks bounds the far ends that are heard on one INVITE.
const maxForks = 16

// inviteUsage is one INVITE of ours and all that comes back on it (RFC 3261 sections 13.2 and 14.1, RFC 3262, RFC
// 5057). A new call, a re-INVITE and a call that is re-established are INVITEs alike.
//
//	sent ──1xx──▶ early dialogs, one a fork: PRACK ──2xx──▶ ACK, again for each that comes again
//	  │ ↺ 401, 407: with credentials           │ └─ of another fork, or not wanted: ACK, BYE
//	  │                                        │
//	  └────────300–699, nobody, given up───────┴──▶ over
type inviteUsage struct {
	ua      *UserAgent
	inviter inviter
	label   string  // of the log: the call's ID
	inside  *dialog // a re-INVITE's; nil where the 2xx makes one
	seq     uint32  // CSeq outside a dialog, as sent last

	exchange *exchange          // challenges are answered in it; nil until sent
	ringing  *Session           // whose far end rings: requests in early dialogs are for it; nil for none
	lost     func()             // told that our flow is gone; nil = the INVITE fails with it
	early    map[string]*dialog // by To tag
	dialog   *dialog            // of the 2xx that was wanted
	acks     map[string][]byte  // of each 2xx, by To tag
	patience *loop.Timer        // until it is given up
	unwanted bool               // a 2xx is acknowledged, and what it makes hung up
}

// inviter is whose INVITE it is.
type inviter interface {
	// provisional takes a 1xx.
	provisional(p provisional)
	// accepted takes the first 2xx, and acknowledges it. It is not whole where it has no usable Contact: then the far
	// end can only be asked to stop, by way of its address.
	accepted(resp *sip.Message, d *dialog, whole bool)
	// refused takes a final refusal; err tells why a challenge was not answered.
	refused(resp *sip.Message, err error)
	// failed: there is no final response.
	failed(err error)
}

// provisional is a 1xx to an INVITE of ours.
type provisional struct {
	*sip.Message
	dialog *dialog // early, or that of the re-INVITE; nil for none
	rseq   uint32  // of one that is acknowledged by PRACK; 0 = it is not reliable
	news   bool    // else it shows that somebody is there, and no more: it is a server's, or not the next in order
}

// fork names the far end that sent it: by its To tag, which one of RFC 2543 does not have (RFC 3261 section 12.1.2).
func (p provisional) fork() string { return cmp.Or(p.ToTag(), " ") }

// start sends an INVITE that makes a dialog (RFC 3261 section 13.2.1), under the CSeq after that of o.
func (u *inviteUsage) start(o outline) {
	u.seq = o.seq
	nextSeq := func() uint32 {
		u.seq++
		return u.seq
	}
	o.method, o.seq = "INVITE", nextSeq()
	u.send(u.ua.newRequest(o), nextSeq)
}

// startInside sends a re-INVITE (RFC 3261 section 14.1).
func (u *inviteUsage) startInside(d *dialog, headers []sip.Header, body []byte) {
	u.inside = d
	d.countAnew()
	u.send(d.request("INVITE", d.nextSeq(), headers, body), d.nextSeq)
}

func (u *inviteUsage) send(m *sip.Message, nextSeq func() uint32) {
	u.exchange = &exchange{
		ua: u.ua, dialog: u.inside, msg: m, nextSeq: nextSeq, onLost: u.lost,
		onProvisional: u.receiveProvisional, onResponse: u.receiveFinal,
		onError: func(err error) {
			u.patience.Stop()
			u.inviter.failed(err)
		},
	}
	u.exchange.start()
}

// limit gives the INVITE up when it has no final response in time: one that got a 100 has no timer of its own (RFC 3261
// section 17.1.1.2).
func (u *inviteUsage) limit() { u.patience = u.ua.loop.AfterFunc(timeout, u.cancel) }

// cancel gives the INVITE up (RFC 3261 section 9.1); what becomes of it is still told.
func (u *inviteUsage) cancel() {
	u.patience.Stop()
	if u.exchange != nil {
		u.exchange.stopped = true
		u.exchange.tx.cancel(nil)
	}
}

// receiveProvisional takes a 1xx: a fork that rings, perhaps with sound.
func (u *inviteUsage) receiveProvisional(resp *sip.Message) {
	if u.unwanted || u.dialog != nil {
		return
	}
	if resp.StatusCode == 100 || resp.ToTag() == "" {
		// A far end of RFC 2543 has no tag, and makes no dialog; what else has none is a server's.
		rings := resp.StatusCode == 180 || resp.StatusCode > 100 && isSDP(resp)
		u.inviter.provisional(provisional{Message: resp, news: rings})
		return
	}
	d := u.earlyDialog(resp)
	rseq, reliable := reliableSeq(resp)
	reliable = reliable && u.ua.capabilities.reliable()
	if reliable && (d == nil || !d.inSequence(rseq)) {
		u.inviter.provisional(provisional{Message: resp, dialog: d})
		return
	}
	if d != nil && u.inside == nil {
		d.learn(resp)
	}
	if !reliable {
		rseq = 0
	}
	p := provisional{Message: resp, dialog: d, rseq: rseq, news: true}
	u.inviter.provisional(p)
	// An offer in it is answered in the PRACK, by the inviter (RFC 3262 section 5).
	if offers := len(u.exchange.msg.Body) == 0 && isSDP(resp); reliable && !offers {
		u.acknowledgeProvisional(p, nil)
	}
}

// earlyDialog finds or makes the early dialog of a 1xx (RFC 3261 section 12.1.2); nil where it makes none.
func (u *inviteUsage) earlyDialog(resp *sip.Message) *dialog {
	if u.inside != nil {
		return u.inside
	}
	tag := resp.ToTag()
	if d := u.early[tag]; d != nil || len(u.early) >= maxForks {
		return d
	}
	d, ok := u.ua.callerDialog(u.exchange.msg, resp)
	if !ok {
		return nil
	}
	d.knowRealms(u.exchange)
	if u.early == nil {
		u.early = make(map[string]*dialog)
	}
	u.early[tag] = d
	if u.ringing != nil {
		u.ua.calls.enter(d, u.ringing)
		d.log("new early dialog")
	}
	return d
}

// acknowledgeProvisional sends the PRACK of a reliable provisional response, with the answer to the offer in it (RFC
// 3262 section 4).
func (u *inviteUsage) acknowledgeProvisional(p provisional, answer []byte) {
	seq, _ := u.exchange.msg.CSeq()
	headers := []sip.Header{{Name: "RAck", Value: fmt.Sprintf("%d %d INVITE", p.rseq, seq.Seq)}}
	if answer != nil {
		headers = append(headers, sip.Header{Name: "Content-Type", Value: sdpType})
	}
	p.dialog.send("PRACK", headers, answer, func(resp *sip.Message, err error) {
		if resp.StatusCode >= 300 {
			u.ua.log.warn(logSession, u.label, statusError("PRACK", resp, err).Error())
		}
	}, func(error) {})
}

// receiveFinal takes a final response.
func (u *inviteUsage) receiveFinal(resp *sip.Message, err error) {
	u.patience.Stop()
	if resp.StatusCode >= 300 {
		u.inviter.refused(resp, err)
		return
	}
	u.receive2xx(resp)
}

// receive2xx takes a 2xx: the first one is the inviter's; one that comes again is acknowledged again; one of another
// fork, or one that crossed our CANCEL, is acknowledged and hung up (RFC 3261 section 13.2.2.4).
func (u *inviteUsage) receive2xx(resp *sip.Message) {
	tag := u.tagOf(resp)
	ack, known := u.acks[tag]
	switch {
	case known:
		u.ua.connection.send(ack)
		return
	case u.dialog != nil && u.dialog.remoteTag == tag, // the answer that its ACK will carry is being made
		len(u.acks) > maxForks:
		return
	}
	d, whole := u.dialogOf(resp)
	switch {
	case u.inside != nil && u.unwanted: // its dialog has its own end
		u.confirm(d, nil)
	case u.unwanted || u.dialog != nil:
		u.confirm(d, nil)
		u.ua.hangUp(d, nil)
	default:
		u.dialog = d
		u.forgetEarly()
		u.inviter.accepted(resp, d, whole)
	}
}

// tagOf names the far end of a 2xx. Inside a dialog there is only one.
func (u *inviteUsage) tagOf(resp *sip.Message) string {
	if u.inside != nil {
		return u.inside.remoteTag
	}
	return resp.ToTag()
}

// dialogOf is the dialog that a 2xx confirms or makes; false where it has no usable Contact.
func (u *inviteUsage) dialogOf(resp *sip.Message) (d *dialog, whole bool) {
	if u.inside != nil {
		return u.inside, true
	}
	if d = u.early[resp.ToTag()]; d != nil {
		whole = d.confirm(resp)
	} else if d, whole = u.ua.callerDialog(u.exchange.msg, resp); !whole {
		d = u.ua.contactlessDialog(u.exchange.msg, resp)
	}
	d.knowRealms(u.exchange)
	return d, whole
}

// acknowledge sends the ACK of the 2xx that was wanted, with our answer where that had the offer. It tells whether it
// did: there is one.
func (u *inviteUsage) acknowledge(answer []byte) bool {
	if u == nil || u.dialog == nil {
		return false
	}
	if _, done := u.acks[u.dialog.remoteTag]; done {
		return false
	}
	u.confirm(u.dialog, answer)
	return true
}

// confirm sends the ACK of a 2xx with the credentials of the INVITE (RFC 3261 sections 13.2.2.4 and 22.1), and keeps it
// for the retransmissions of that 2xx.
func (u *inviteUsage) confirm(d *dialog, answer []byte) {
	invite := u.exchange.msg
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
	if u.acks == nil {
		u.acks = make(map[string][]byte)
	}
	ack := u.ua.transactions.sendACK(m)
	u.acks[d.remoteTag] = ack
	d.acknowledged(ack)
}

// drop: the INVITE is not wanted any more. It is not cancelled by that.
func (u *inviteUsage) drop() {
	u.unwanted = true
	u.patience.Stop()
	u.forgetEarly()
}

// forgetEarly forgets the early dialogs; the one that the 2xx has confirmed is in u.dialog.
func (u *inviteUsage) forgetEarly() {
	for tag := range u.early {
		u.forgetFork(tag)
	}
}

// forgetFork forgets one early dialog.
func (u *inviteUsage) forgetFork(tag string) {
	d := u.early[tag]
	delete(u.early, tag)
	if u.ringing != nil && u.ua.calls.in(d.key()) == u.ringing && d != u.dialog {
		u.ua.calls.exit(d, u.ringing)
		d.log("early dialog ended")
	}
}

// reliableSeq reads RSeq of a provisional response that is to be acknowledged (RFC 3262 section 4); false where it is
// not.
func reliableSeq(resp *sip.Message) (uint32, bool) {
	if !listed(resp.Values("Require"), reliable) {
		return 0, false
	}
	n, ok, err := resp.Uint("RSeq")
	return n, ok && err == nil && n != 0
}
