// Package doctor finds out why an account does not connect, and tells it as a cause.
//
// Run walks the way a registration takes, one Step after the other: name, TCP, TLS, WebSocket,
// sub-protocol, REGISTER, and beside it STUN and TURN. It uses sockets and a user agent of its own, so that a
// live registration of the same account is not disturbed. Explain finds the cause of one error of the
// engine; the phone uses it for what it shows of a live account.
package doctor

import (
	"time"

	"calla/phone/cause"
)

// Status is how a Step stands.
type Status int

// The statuses of a Step.
const (
	Running Status = iota
	OK
	Failed
	Remark  // it failed, and the account works without it
	Skipped // not needed (TLS of a ws: address), or an earlier step failed
)

// Step is one check. Each is reported twice, as Running and with its end, save the skipped ones,
// which are reported once.
type Step struct {
	ID     int           // the same for both reports of one check; grows in order
	Check  cause.Kind    // one of cause.CheckSettings … CheckTURN
	Server string        // what is checked: a WebSocket address, a STUN or TURN URI; "" for the settings
	Status Status        //
	Took   time.Duration // 0 while Running and for Skipped
	Cause  cause.Cause   // what was found, or why it failed or was skipped; the zero one tells nothing
}

// Wrong tells whether the check did not succeed: Cause says why.
func (s Step) Wrong() bool { return s.Status == Failed || s.Status == Remark }
