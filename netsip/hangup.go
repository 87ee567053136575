package netsip

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"calla/netsip/sip"
)

// HangUp ends the call by whatever is right where it stands (RFC 3261 sections 9 and 15): nothing is sent before
// the INVITE is; then CANCEL, held until the far end has shown life; an incoming call is refused with 480; after
// our 200 BYE waits for the ACK; an established call gets BYE. The call ends here at once.
func (s *Session) HangUp() {
	switch {
	case s.state == SessionEnded:
	case s.out != nil && s.dialog == nil:
		s.cancel(End{By: Local, Cause: CauseCanceled})
	case s.in != nil && !s.in.tx.answered():
		s.refuse(End{By: Local, Cause: CauseRejected, StatusCode: 480})
	default:
		s.terminate(End{By: Local, Cause: CauseBye})
	}
}

// cancel gives an outgoing call up that has no final response yet (RFC 3261 section 9.1). A 200 that crosses the CANCEL
// is acknowledged and hung up: see inviteUsage.
func (s *Session) cancel(end End) {
	s.out.invite.cancel()
	s.out.search.farewell()
	s.finish(end)
}

// terminate ends a call for a reason of ours, which BYE tells where it has a status (RFC 3326). One that is not
// answered yet has no dialog for BYE: its INVITE is cancelled or refused.
func (s *Session) terminate(end End) {
	switch {
	case s.state == SessionEnded:
		return
	case s.dialog == nil:
		s.cancel(End{By: end.By, Cause: end.Cause, Err: end.Err})
		return
	case s.in != nil && !s.in.tx.answered():
		s.refuse(End{By: end.By, Cause: end.Cause, StatusCode: 480, Err: end.Err})
		return
	}
	if s.acks.awaitsFirst() { // BYE must not overtake the ACK (RFC 3261 section 15)
		s.acks.owe(s.ua.transactions.asking.hold(), func() { s.ua.hangUp(s.dialog, nil) })
		s.finish(end)
		return
	}
	var reason []sip.Header
	if end.StatusCode != 0 {
		value := fmt.Sprintf("SIP ;cause=%d; text=%s", end.StatusCode, sip.QuoteString(end.Reason))
		reason = []sip.Header{{Name: "Reason", Value: value}}
	}
	s.acks.stop()
	s.acknowledge2xx(nil) // a 2xx is acknowledged even where its offer is not answered
	s.ua.hangUp(s.dialog, reason)
	s.finish(end)
}

// abandon leaves what outlives a call, ACKs and the outcomes of transfers: the user agent has stopped.
func (s *Session) abandon() {
	s.acks.stop()
	for _, t := range slices.Clone(s.usages.transfers) {
		t.silenceFor(ErrStopped)
	}
	for _, r := range slices.Clone(s.usages.referrals) {
		r.answered()
		r.end()
	}
}

// farewellPatience is how long the end of a call may wait for a flow. A far end that has a session timer has found out
// by then (RFC 4028 section 4.2: 30 min is recommended).
const farewellPatience = 30 * time.Minute

// hangUp sends BYE in a dialog. One that gets lost with the flow, or finds none, is sent again when there
// is one, however long that takes, for half an hour: until then the far end talks to nobody.
func (ua *UserAgent) hangUp(d *dialog, reason []sip.Header) {
	patience := time.Now().Add(farewellPatience)
	over := func() {
		ua.calls.leave(d)
		d.log("dialog ended")
	}
	var send func()
	send = func() {
		d.send("BYE", reason, nil,
			func(resp *sip.Message, _ error) {
				s := ua.calls.in(d.key())
				if s != nil && s.dialog == d && s.reestablishment.stale && unreachable(resp.StatusCode) {
					s.reestablishment.hangUpAnew()
				}
				over()
			},
			func(err error) {
				lost := errors.Is(err, ErrConnectionLost) || errors.Is(err, ErrNotConnected)
				if !lost || ua.stopped || time.Now().After(patience) {
					over()
					return
				}
				ua.transactions.keep(unsentRequest{send, over, patience})
			})
	}
	send()
}

// byeReceived takes a BYE of the far end (RFC 3261 section 15.1.2). Whatever of the call is still open is closed with
// it.
func (s *Session) byeReceived(tx *serverTx) {
	tx.reply(200, "")
	if s.state == SessionEnded { // both hung up at once
		return
	}
	why := reasonOfEnd(tx.req)
	end := End{By: Remote, Cause: CauseBye, StatusCode: why.code, Reason: why.words, Q850: why.q850}
	if s.dialog == nil {
		s.earlyByeReceived(tx.req.FromTag(), end)
		return
	}
	if s.in != nil && !s.in.tx.answered() { // instead of CANCEL; JsSIP of old did so
		s.in.tx.reply(487, "BYE Received") // RFC 3261 section 15.1.2
		end.Cause = CauseCanceled
		s.finish(end)
		return
	}
	s.acks.stop()
	s.acknowledge2xx(nil)
	s.finish(end)
	s.ua.calls.leave(s.dialog)
}

// earlyByeReceived takes a BYE of a far end that rings, which ought to refuse the INVITE instead (RFC 3261 section
// 15). The call goes on as long as it rings elsewhere.
func (s *Session) earlyByeReceived(tag string, end End) {
	u := s.out.invite
	if d := u.early[tag]; d != nil && len(u.early) > 1 {
		if c := s.reinvites.underWay; c != nil && c.dialog == d {
			s.reinvites.rollback(c)
		}
		u.forgetFork(tag)
		return
	}
	s.cancel(end)
}
