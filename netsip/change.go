package netsip

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sip"
)

// maxTries bounds how often what is refused is asked for again in a row.
const maxTries = 6

// wishes are what the far end is to be told as soon as signalling is free for it.
type wishes struct {
	hold    bool  // we want to hold the call
	stated  bool  // what the agreement in force says of that
	holdErr error // why the last wish did not come true
	restart bool  // a new transport for the media
	refresh bool  // our Contact, and the session timer
	stale   bool  // our flow is a new one: the far end may not be able to reach us

	tries   int
	waiting bool // after a refusal, until wait is over
	wait    *loop.Timer

	remade     time.Time // when our flow was made again last
	unknown    bool      // whoever answered the last attempt to take the call up does not know it
	recoveries int       // attempts in a row to take the call up anew
}

// change is a re-INVITE or UPDATE of ours; there is one at a time in a call.
//
//	wished ──signalling free──▶ offer is made ──▶ sent ──2xx──▶ in force
//	  ▲                                            │
//	  ├────────── 491, 500, nobody answers ────────┤
//	  └─── forgotten ◀── refused: all is as before ┘
type change struct {
	dialog   *dialog
	method   string
	offered  bool // it has an offer
	hold     bool // that says so of our hold
	restart  bool // and is for a new transport
	offer    []byte
	answer   []byte // that came in a reliable provisional response
	exchange *exchange
	patience *loop.Timer
	ack      []byte // of an INVITE's 2xx, for its retransmissions
}

// refresh renews the call at the far end: its session timer, and our Contact in its eyes.
func (s *Session) refresh() {
	s.wishes.refresh = true
	s.renegotiate()
}

// flowRemade: the Contact that the far end knows leads to a socket that is gone (RFC 5626 section 4.3).
func (s *Session) flowRemade() {
	w := &s.wishes
	w.wait.Stop()
	w.tries, w.waiting, w.stale, w.unknown, w.recoveries, w.remade = 0, false, true, false, 0, time.Now()
	s.refreshEarly()
	s.refresh()
}

// changeable is the dialog in which a change may be asked for now, nil for none: RFC 3261 section 14.1 wants no
// other INVITE or offer under way in either direction.
func (s *Session) changeable() *dialog {
	switch {
	case s.wishes.waiting, !s.ua.connection.up(), s.change != nil, s.offering, s.answering != nil, len(s.acks) > 0:
		return nil
	case s.state == SessionEstablished:
		return s.dialog
	case s.out != nil && s.dialog == nil && s.out.agreed:
		if d := s.out.early[s.out.earlyTag]; d != nil && d.updates {
			return d
		}
	case s.in != nil && s.in.agreed && !s.in.tx.answered() && s.dialog.updates:
		return s.dialog
	}
	return nil
}

// renegotiate tells the far end what it is to know. Whoever frees signalling, or has a new wish, calls it.
func (s *Session) renegotiate() {
	d := s.changeable()
	w := &s.wishes
	offered := w.restart || w.hold != w.stated
	if d == nil || !offered && !w.refresh {
		return
	}
	c := &change{dialog: d, method: "INVITE", offered: true, hold: w.hold, restart: w.restart}
	switch {
	case s.state != SessionEstablished: // early: the INVITE is not over (RFC 3311 section 5.1)
		c.method, c.offered = "UPDATE", offered
	case !offered && d.updates && s.ua.refreshesByUpdate():
		c.method, c.offered = "UPDATE", false
	}
	s.change = c
	if !c.offered {
		s.sendChange(c)
		return
	}
	s.offering, w.restart = true, false
	s.withMedia(func(ctx context.Context) (err error) {
		s.media.SetHold(c.hold)
		if c.restart {
			s.media.RestartICE()
		}
		c.offer, err = s.media.Offer(ctx)
		return err
	}, func(err error) {
		if err != nil {
			s.closeChange(c)
			s.changeFailed(c, fmt.Errorf("make offer: %w", err))
			return
		}
		s.sendChange(c)
	})
}

// refreshesByUpdate tells whether a refresh without an offer goes by UPDATE where the far end has it.
func (ua *UserAgent) refreshesByUpdate() bool {
	return !strings.EqualFold(ua.config.SessionTimersRefreshMethod, "INVITE")
}

func (s *Session) sendChange(c *change) {
	headers := []sip.Header{{Name: "Contact", Value: c.dialog.contact}}
	if c.offered {
		s.said = c.offer
		headers = append(headers, sip.Header{Name: "Content-Type", Value: sdpType})
	}
	headers = append(headers, s.timer.refreshRequest()...)
	c.exchange = c.dialog.send(c.method, headers, c.offer,
		func(resp *sip.Message, err error) { s.changeAnswered(c, resp, err) },
		func(err error) { s.changeUnanswered(c, err) })
	c.dialog.rseq = 0
	c.exchange.onProvisional = func(resp *sip.Message) { s.changeProgresses(c, resp) }
	if c.method == "INVITE" { // one that got a 100 has no timer of its own
		c.patience = s.ua.loop.AfterFunc(timeout, c.cancel)
	}
}

// changeProgresses acknowledges a reliable provisional response to our re-INVITE, which may have its answer.
func (s *Session) changeProgresses(c *change, resp *sip.Message) {
	rseq, ok := reliableSeq(resp)
	if !ok || s.ua.reliability() == config.ReliableOff || s.state == SessionEnded || !c.dialog.inSequence(rseq) {
		return
	}
	s.prack(c.dialog, c.exchange.msg, rseq, nil)
	if isSDP(resp) {
		c.answer = slices.Clone(resp.Body)
	}
}

// cancel gives a re-INVITE up; what becomes of it is still told.
func (c *change) cancel() {
	c.patience.Stop()
	if c.exchange != nil && c.method == "INVITE" {
		c.exchange.stopped = true
		c.exchange.tx.cancel(nil)
	}
}

// abandonChange cancels what is under way: the call is over.
func (s *Session) abandonChange() {
	if s.change != nil {
		s.change.cancel()
	}
}

// changeAnswered takes a final response. The 2xx of an INVITE is acknowledged whatever has become of the call.
func (s *Session) changeAnswered(c *change, resp *sip.Message, err error) {
	c.patience.Stop()
	accepted := resp.StatusCode < 300
	switch {
	case c.ack != nil:
		s.ua.connection.send(c.ack)
		return
	case accepted && c.method == "INVITE":
		c.ack = s.ua.acknowledge(c.dialog, c.exchange.msg, nil)
	}
	switch {
	case s.state == SessionEnded || s.change != c:
	case !accepted:
		s.closeChange(c)
		s.changeRefused(c, resp, err)
	case !c.offered:
		s.changeAccepted(c, resp)
	default:
		s.takeChange(c, resp)
	}
}

// takeChange applies the answer to a change. The exchange is complete on the wire: what the far end wants next may
// come, and the media takes its steps in order.
func (s *Session) takeChange(c *change, resp *sip.Message) {
	answer := c.answer
	if isSDP(resp) {
		answer = slices.Clone(resp.Body)
	}
	s.offering = false
	s.withMedia(func(ctx context.Context) error {
		err := ErrMissingSDP
		if answer != nil {
			err = s.media.SetAnswer(ctx, answer)
		}
		if err != nil { // the far end may think otherwise, but the call goes on as it was
			_ = s.media.Rollback(ctx)
			return fmt.Errorf("take answer: %w", err)
		}
		return nil
	}, func(err error) {
		if err != nil {
			s.forgetChange(c)
			s.changeFailed(c, err)
			return
		}
		s.answeredHold(c.offer, answer)
		s.changeAccepted(c, resp)
	})
}

// changeAccepted: the far end has agreed.
func (s *Session) changeAccepted(c *change, resp *sip.Message) {
	w := &s.wishes
	w.tries, w.refresh, w.stale = 0, false, false
	if c.offered {
		w.stated = c.hold
	}
	c.dialog.learn(resp)
	c.dialog.refreshTarget(resp)
	if s.timer.interval != 0 {
		s.timer.accepted(s, resp)
	}
	s.change = nil
	s.changed()
	s.renegotiate()
}

// closeChange takes back what has not been agreed on (RFC 6141): the agreement before it stays.
func (s *Session) closeChange(c *change) {
	s.forgetChange(c)
	if c.offered {
		s.offering = false
		s.withMedia(s.media.Rollback, func(error) {})
	}
}

// forgetChange ends a change that has not come about; a new transport is still wished for.
func (s *Session) forgetChange(c *change) {
	c.patience.Stop()
	s.change = nil
	s.wishes.restart = s.wishes.restart || c.restart
}

// changeRefused takes a final response from 300 up.
func (s *Session) changeRefused(c *change, resp *sip.Message, err error) {
	refusal := statusError(c.method, resp, err)
	switch code := resp.StatusCode; {
	case unreachable(code) && refusal.RetryAfter == 0 && s.cutOff():
		s.recover()
	case s.state == SessionEstablished && (code == 481 || code == 408 && s.lastsByRefresh(c)): // while early, the INVITE decides
		s.dialogLost(refusal)
	case code == 491:
		s.again(c, s.glareWait(), refusal)
	case code == 422 && s.wishes.tries < maxTries && s.timer.raise(resp):
		s.wishes.tries++
		s.renegotiate()
	case c.method == "UPDATE" && (code == 405 || code == 501):
		c.dialog.updates = false
		s.renegotiate()
	case code >= 500 && code < 600 && refusal.RetryAfter > 0 && refusal.RetryAfter <= timeout:
		s.again(c, refusal.RetryAfter, refusal)
	default:
		s.changeFailed(c, refusal)
	}
}

// changeUnanswered: no final response came.
func (s *Session) changeUnanswered(c *change, err error) {
	c.patience.Stop()
	if s.state == SessionEnded || s.change != c {
		return
	}
	s.closeChange(c)
	var late *TimeoutError
	switch {
	case errors.Is(err, ErrConnectionLost) || errors.Is(err, ErrNotConnected): // the next flow brings it up again
	case errors.As(err, &late) && s.cutOff():
		s.recover()
	case s.lastsByRefresh(c):
		s.dialogLost(err)
	default:
		s.changeFailed(c, err)
	}
}

// lastsByRefresh tells whether the call ends when that change finds nobody (RFC 4028 section 10).
func (s *Session) lastsByRefresh(c *change) bool {
	return s.timer.interval != 0 && s.wishes.refresh && c.hold == s.wishes.stated && !c.restart
}

// dialogLost ends a call that the far end does not know any more (RFC 5057 section 5.1).
func (s *Session) dialogLost(err error) {
	var status *StatusError
	if !errors.As(err, &status) {
		s.terminate(System, CauseSessionTimer, 408, CauseSessionTimer, err)
		return
	}
	s.ua.hangUp(s.dialog, nil)
	s.finish(Remote, CauseDialog, status.StatusCode, status.Reason, err)
}

// changeFailed forgets a hold that was refused and tells so. What the call needs is tried again: what refuses is
// likely a server that is not ready yet.
func (s *Session) changeFailed(c *change, err error) {
	w := &s.wishes
	if c.offered && c.hold != w.stated && w.hold == c.hold {
		w.hold, w.holdErr = w.stated, err
		s.changed()
	}
	s.ua.log.warn(logSession, s.id, "change of the call failed: "+err.Error())
	s.again(c, time.Second<<w.tries, err)
}

// again lets what is still wished wait for its next attempt; after too many of them it is given up.
func (s *Session) again(c *change, wait time.Duration, err error) {
	w := &s.wishes
	if !w.restart && !w.refresh && w.hold == w.stated {
		w.tries = 0
		return
	}
	if w.tries >= maxTries {
		w.tries, w.restart, w.refresh = 0, false, false
		if w.hold != w.stated {
			w.hold, w.holdErr = w.stated, err
			s.changed()
		}
		return
	}
	w.tries++
	w.waiting = true
	w.wait.Stop()
	w.wait = s.ua.loop.AfterFunc(wait, func() {
		w.waiting = false
		s.renegotiate()
	})
}

// glareWait is how long to wait after 491 (RFC 3261 section 14.1), in steps of 10 ms: 2.1 to 4 s for the owner of the
// Call-ID, 0 to 2 s for the other.
func (s *Session) glareWait() time.Duration {
	units := s.ua.rand.IntN(201)
	if s.direction == Outgoing {
		units = 210 + s.ua.rand.IntN(191)
	}
	return time.Duration(units) * 10 * time.Millisecond
}
