package netsip

import (
	"time"

	"calla/netsip/sip"
)

// Direction tells who called.
type Direction int

// The directions of a call.
const (
	Outgoing Direction = iota
	Incoming
)

// SessionState is where a call stands.
//
//	outgoing                                   incoming
//	Calling      offer made, INVITE sent       Incoming     180 sent
//	  │ 1xx with To tag                          │ Answer
//	Ringing                                    Answering    200 on its way, ACK awaited
//	  │ description in a 1xx                     │ ACK
//	EarlyMedia                                   │
//	  │ 2xx, ACK sent                            │
//	  └────────────▶ Established ◀───────────────┘
//	any ──refused, cancelled, hung up, failed──▶ Ended (for good)
type SessionState int

// The states of a call.
const (
	SessionCalling SessionState = iota
	SessionRinging
	SessionEarlyMedia
	SessionIncoming
	SessionAnswering
	SessionEstablished
	SessionEnded
)

func (s SessionState) String() string {
	return [...]string{"calling", "ringing", "early media", "incoming", "answering", "established", "ended"}[s]
}

// Party is who ended a call.
type Party int

// The parties; System is this program, the network or time.
const (
	Local Party = iota
	Remote
	System
)

// The causes of an end, JsSIP's words.
const (
	CauseBye            = "Terminated"
	CauseCanceled       = "Canceled"
	CauseRejected       = "Rejected"
	CauseBusy           = "Busy"
	CauseRedirected     = "Redirected"
	CauseUnavailable    = "Unavailable"
	CauseNotFound       = "Not Found"
	CauseIncomplete     = "Address Incomplete"
	CauseIncompatible   = "Incompatible SDP"
	CauseAuthentication = "Authentication Error"
	CauseStatus         = "SIP Failure Code"
	CauseConnection     = "Connection Error"
	CauseTimeout        = "Request Timeout"
	CauseInternal       = "Internal Error"
	CauseMissingSDP     = "Missing SDP"
	CauseDialog         = "Dialog Error"
	CauseMedia          = "WebRTC Error"
	CauseNoAnswer       = "No Answer"
	CauseExpires        = "Expires"
	CauseNoACK          = "No ACK"
	CauseBadDescription = "Bad Media Description"
	CauseRTPTimeout     = "RTP Timeout"
	CauseSessionTimer   = "Session Timer Expired"
)

// End is how a call ended.
type End struct {
	By         Party
	Cause      string // one of the Cause constants
	StatusCode int    // of the response or Reason header that ended it; 0 = none
	Reason     string // its phrase
	Err        error  // *StatusError, *TimeoutError, *DialError, *MediaError, …; nil for an orderly end
	At         time.Time
}

// Times are the instants of a call, zero where it did not get there.
type Times struct {
	Created          time.Time // Call, or the INVITE came in
	InviteSent       time.Time
	FirstProvisional time.Time // of any kind, 100 too
	Ringing          time.Time // 180 sent, or a 101 to 199 came in
	Answered         time.Time // 2xx sent or received
	Confirmed        time.Time // ACK sent or received
	Ended            time.Time
}

// CallOptions are the particulars of one outgoing call.
type CallOptions struct {
	Media        MediaSession   // nil = made from Options.Media; closed by the session in any case
	ExtraHeaders []sip.Header   // put into the INVITE
	Anonymous    bool           // RFC 3323: hide who calls
	OnChange     func(*Session) // as Session.OnChange
}
