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
		s.cancel(Local, CauseCanceled, nil)
	case s.in != nil && !s.in.tx.answered():
		s.refuse(480, "", Local, CauseRejected, nil)
	default:
		s.terminate(Local, CauseBye, 0, "", nil)
	}
}

// cancel gives an outgoing call up that has no final response yet. A 200 that crosses the CANCEL is
// acknowledged and hung up: see accepted.
func (s *Session) cancel(by Party, cause string, err error) {
	if e := s.out.exchange; e != nil {
		e.stopped = true
		e.tx.cancel(nil)
	}
	s.finish(by, cause, 0, "", err)
}

// terminate ends a call for a reason of ours; code and words go into BYE's Reason, 0 for none. One that is not
// answered yet has no dialog for BYE: its INVITE is cancelled or refused.
func (s *Session) terminate(by Party, cause string, code int, words string, err error) {
	switch {
	case s.state == SessionEnded:
		return
	case s.dialog == nil:
		s.cancel(by, cause, err)
		return
	case s.in != nil && !s.in.tx.answered():
		s.refuse(480, "", by, cause, err)
		return
	}
	var reason []sip.Header
	if code != 0 {
		reason = []sip.Header{{Name: "Reason", Value: fmt.Sprintf("SIP ;cause=%d; text=%s", code, sip.QuoteString(words))}}
	}
	if s.awaitsFirstACK() {
		s.farewell = s.ua.transactions.asking.hold() // BYE must not overtake the ACK (RFC 3261 section 15)
		s.finish(by, cause, code, words, err)
		return
	}
	s.stopACKs()
	s.acknowledge2xx(nil) // a 2xx is acknowledged even where its offer is not answered
	s.ua.hangUp(s.dialog, reason)
	s.finish(by, cause, code, words, err)
}

// abandonAnswer refuses a re-INVITE or UPDATE that is being answered: the call is over.
func (s *Session) abandonAnswer() {
	if s.answering != nil && !s.answering.answered() {
		s.answering.reply(487, "")
	}
	s.answering = nil
}

// abandon leaves what outlives a call, ACKs and the outcomes of transfers: the user agent has stopped.
func (s *Session) abandon() {
	s.stopACKs()
	for _, t := range slices.Clone(s.transfers) {
		t.silenceFor(ErrStopped)
	}
	for _, r := range slices.Clone(s.referrals) {
		r.answered()
		r.end()
	}
}

// awaitsFirstACK tells whether the 200 that made the dialog is not acknowledged yet.
func (s *Session) awaitsFirstACK() bool {
	for _, wait := range s.acks {
		if wait.first {
			return true
		}
	}
	return false
}

func (s *Session) stopACKs() {
	for seq, wait := range s.acks {
		wait.timer.Stop()
		delete(s.acks, seq)
	}
}

// hangUpAfterACK sends the BYE that waited for the ACK.
func (s *Session) hangUpAfterACK() {
	if s.farewell.held() {
		s.farewell.release()
		s.stopACKs()
		s.ua.hangUp(s.dialog, nil)
	}
}

// hangUp sends BYE in a dialog. One that gets lost with the flow, or finds none, is sent again when there
// is one, for 32 s.
func (ua *UserAgent) hangUp(d *dialog, reason []sip.Header) {
	patience := time.Now().Add(timeout)
	over := func() {
		ua.dropDialog(d)
		d.log("dialog ended")
	}
	var send func()
	send = func() {
		d.send("BYE", reason, nil,
			func(resp *sip.Message, _ error) {
				if s := ua.dialogs[d.key()]; s != nil && s.dialog == d && s.wishes.stale && unreachable(resp.StatusCode) {
					s.hangUpAnew()
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

// byeReceived takes a BYE of the far end. Whatever of the call is still open is closed with it.
func (s *Session) byeReceived(tx *serverTx) {
	tx.reply(200, "")
	if s.state == SessionEnded { // both hung up at once
		return
	}
	why := reasonOfEnd(tx.req)
	defer func() {
		if s.end != nil {
			s.end.Q850 = why.q850
		}
	}()
	code, words := why.code, why.words
	if s.dialog == nil {
		s.earlyByeReceived(tx.req.FromTag(), code, words)
		return
	}
	if s.in != nil && !s.in.tx.answered() { // instead of CANCEL; JsSIP of old did so
		s.in.tx.reply(487, "BYE Received")
		s.finish(Remote, CauseCanceled, code, words, nil)
		return
	}
	s.stopACKs()
	s.acknowledge2xx(nil)
	s.finish(Remote, CauseBye, code, words, nil)
	s.ua.dropDialog(s.dialog)
}

// earlyByeReceived takes a BYE of a far end that rings, which ought to refuse the INVITE instead (RFC 3261 section
// 15). The call goes on as long as it rings elsewhere.
func (s *Session) earlyByeReceived(tag string, code int, words string) {
	if d := s.out.early[tag]; d != nil && len(s.out.early) > 1 {
		if c := s.change; c != nil && c.dialog == d {
			s.closeChange(c)
		}
		delete(s.out.early, tag)
		delete(s.ua.dialogs, d.key())
		return
	}
	s.out.exchange.stopped = true
	s.out.exchange.tx.cancel(nil)
	s.finish(Remote, CauseBye, code, words, nil)
}
