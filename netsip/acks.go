package netsip

import (
	"time"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

// unacknowledged are the 2xx of ours to INVITEs of one call whose ACK has not come: each is sent again and again until
// then, since nobody else does that for a 2xx (RFC 3261 section 13.3.1.4).
//
//	200 sent ──ACK──▶ gone
//	  │ ↺ after T1, 2·T1, 4·T1 … T2
//	  └── 64·T1 ──▶ BYE
type unacknowledged struct {
	waits map[uint32]*ackWait // by CSeq
	owed  func()              // BYE of a call that is over, which waits for the first ACK; nil for none
	wait  wait                // for it
}

// ackWait is one of them.
type ackWait struct {
	timer    *loop.Timer
	interval time.Duration
	again    func()
	first    bool // it makes the dialog
	onAck    func(ack *sip.Message)
}

// any tells whether an ACK is awaited.
func (u *unacknowledged) any() bool { return len(u.waits) > 0 }

// awaitsFirst tells whether the 200 that made the dialog is not acknowledged yet.
func (u *unacknowledged) awaitsFirst() bool {
	for _, wait := range u.waits {
		if wait.first {
			return true
		}
	}
	return false
}

// await waits for the ACK of the 2xx that tx has sent.
func (u *unacknowledged) await(s *Session, tx *serverTx, onAck func(*sip.Message)) {
	seq, _ := tx.req.CSeq()
	wait := &ackWait{interval: t1, first: tx.req.ToTag() == "", onAck: onAck}
	if u.waits == nil {
		u.waits = make(map[uint32]*ackWait)
	}
	u.waits[seq.Seq] = wait
	wait.again = func() {
		s.ua.connection.send(tx.last)
		wait.interval = min(2*wait.interval, t2)
		wait.timer = s.ua.loop.AfterFunc(wait.interval, wait.again)
	}
	wait.timer = s.ua.loop.AfterFunc(wait.interval, wait.again)
	tx.onEnd = func() { s.noACK(seq.Seq) }
}

// found takes a 2xx off the list, by the CSeq of its ACK; nil where it is not on it.
func (u *unacknowledged) found(seq uint32) *ackWait {
	wait := u.waits[seq]
	if wait != nil {
		wait.timer.Stop()
		delete(u.waits, seq)
	}
	return wait
}

// resend sends each again at once, over a new flow.
func (u *unacknowledged) resend() {
	for _, wait := range u.waits {
		wait.timer.Stop()
		wait.again()
	}
}

// stop forgets all.
func (u *unacknowledged) stop() {
	for seq := range u.waits {
		u.found(seq)
	}
}

// owe keeps the BYE of a call that is over until the ACK has come or is given up (RFC 3261 section 15: BYE must not
// overtake it).
func (u *unacknowledged) owe(w wait, bye func()) { u.wait, u.owed = w, bye }

// pay sends it.
func (u *unacknowledged) pay() {
	if bye := u.owed; bye != nil {
		u.owed = nil
		u.wait.release()
		u.stop()
		bye()
	}
}

// ackReceived takes the ACK of a 2xx.
func (s *Session) ackReceived(ack *sip.Message) {
	seq, _ := ack.CSeq()
	wait := s.acks.found(seq.Seq)
	switch {
	case wait == nil:
	case s.state == SessionEnded:
		s.acks.pay()
	default:
		wait.onAck(ack)
	}
}

// noACK: the far end did not acknowledge a 2xx in 32 s, which ends the call (RFC 3261 section 13.3.1.4).
func (s *Session) noACK(seq uint32) {
	switch {
	case s.acks.found(seq) == nil:
	case s.state == SessionEnded:
		s.acks.pay()
	default:
		s.terminate(End{
			By: Remote, Cause: CauseNoACK, StatusCode: 408, Reason: CauseNoACK,
			Err: &TimeoutError{Method: "ACK", After: timeout},
		})
	}
}
