package netsip

import (
	"errors"
	"slices"
	"time"

	"calla/netsip/sip"

	"calla/netsip/loop"
)

// callDirection tells who called.
type callDirection int

// The directions of a call.
const (
	outgoingCall callDirection = iota
	incomingCall
)

func (d callDirection) String() string { return [...]string{"outgoing", "incoming"}[d] }

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
	CauseReplaced       = "Replaced"
)

// End is how a call ended.
type End struct {
	By         Party
	Cause      string // one of the Cause constants
	StatusCode int    // of the response or Reason header that ended it; 0 = none
	Reason     string // its phrase
	Err        error  // *StatusError, *TimeoutError, *DialError, *MediaError, …; nil for an orderly end
	At         time.Time
	Q850       int // cause of the telephone network (ITU-T Q.850, RFC 3326, RFC 6432); 0 = none told
	// Told is the text of the Reason header field of a refusal, in the far end's words; "" = none.
	Told string
	// Redirect are the addresses a 3xx gives instead, the best first. Those that cannot be called, that carry
	// headers or that have been tried are left out. Whether one of them is called is the user's to say.
	Redirect []sip.Address
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
	Media        MediaSession // nil = made from Options.Media; closed by the session in any case
	ExtraHeaders []sip.Header // put into the INVITE
	Anonymous    bool         // RFC 3323: hide who calls
	LateOffer    bool         // let the far end make the offer: INVITE without a description
	// Redirected are the targets that redirected this call so far, the first one first. A sixth, or one that
	// comes again, is refused with ErrRedirectLoop.
	Redirected []string
	// Replaces is a call of ours whose place this one takes at its far end (RFC 3891); it is hung up when this one
	// is established.
	Replaces *Session
	// ReferredBy is at whose wish we call (RFC 3892): an address such as "<sip:bob@example.com>"; "" = nobody's.
	ReferredBy string
	replaces   string         // value of Replaces where it is not a call of ours
	OnChange   func(*Session) // as Session.OnChange
}

// Session is one call, from the first wish to its end. It belongs to the loop. What a part of it is about is that
// part's alone to write: see the types of the fields.
type Session struct {
	ua        *UserAgent
	direction callDirection
	id        string
	remote    sip.Address
	party     sip.Address // who the far end is now
	from      sip.URI     // of its requests, where that has changed
	state     SessionState
	times     Times
	end       *End
	dialog    *dialog // once confirmed; of an incoming call from the start

	out         *outgoing // of an outgoing call
	in          *incoming // of an incoming call
	negotiation negotiation
	acks        unacknowledged
	requests    waits // of the far end, in the dialog
	timer       sessionTimer
	reinvites   reinvites
	path        path

	reestablishment reestablishment
	place           place
	usages          usages
	changes         changes
	onInfo          func(contentType string, body []byte)
}

// changes tell of all changes of a call.
type changes struct {
	told    func(*Session)
	signal  *loop.Signal // has told called, once for all changes of one turn of the loop
	watches []func()     // called after each change of the state, at once
}

// listen sets who is told; it replaces whoever was before.
func (c *changes) listen(f func(*Session)) { c.told = f }

// watch has f called after each change of the state.
func (c *changes) watch(f func()) { c.watches = append(c.watches, f) }

// stamp notes an instant of a call, the first time that it happens.
func stamp(instant *time.Time) {
	if instant.IsZero() {
		*instant = time.Now()
	}
}

func (ua *UserAgent) newSession(d callDirection, id string, remote sip.Address, media MediaSession) *Session {
	s := &Session{ua: ua, direction: d, id: id, remote: remote, party: remote}
	if d == incomingCall {
		s.state = SessionIncoming
	}
	s.negotiation = negotiation{log: ua.log, changed: s.changed, steps: newMediaSteps(ua, media)}
	s.reinvites.session, s.reestablishment.session, s.path.session, s.usages.session = s, s, s, s
	s.changes.signal = loop.NewSignal(ua.loop.Post, s.tellChanges)
	stamp(&s.times.Created)
	media.OnPath(func(alive bool) { ua.loop.Post(func() { s.path.changed(alive) }) })
	media.OnUntaken(func() { ua.loop.Post(s.path.untaken) })
	ua.calls.add(s)
	ua.log.debug(logSession, s.id, "new session, ", d.String())
	return s
}

// ID is Call-ID and the caller's tag, joined: it stays the same from the start.
func (s *Session) ID() string { return s.id }

// State tells where the call stands.
func (s *Session) State() SessionState { return s.state }

// Remote is the far end: whom we called, or who calls as the network asserts (P-Asserted-Identity),
// else as From says. It is the far end's text: show it with care.
func (s *Session) Remote() sip.Address { return s.remote }

// RemoteHeld tells whether the far end has put the call on hold.
func (s *Session) RemoteHeld() bool { return s.negotiation.remote.Held }

// Media is the media side of the call, nil when that is over.
func (s *Session) Media() MediaSession { return s.negotiation.steps.media }

// Times are the instants of the call.
func (s *Session) Times() Times { return s.times }

// End is how the call ended, nil until then.
func (s *Session) End() *End { return s.end }

// OnChange sets what is called on the loop after any change; it replaces what was set before.
func (s *Session) OnChange(f func(*Session)) { s.changes.listen(f) }

// OnInfo sets what is called with each INFO of the far end, such as DTMF in application/dtmf-relay.
func (s *Session) OnInfo(f func(contentType string, body []byte)) { s.onInfo = f }

// changed tells the owner, once for all changes of one turn of the loop.
func (s *Session) changed() { s.changes.signal.Raise() }

func (s *Session) tellChanges() {
	s.ua.log.debug(logEvents, "", "state of a session changed")
	over := s.state == SessionEnded // an owner that ends it when told of another state is to be told that too
	if s.changes.told != nil {
		s.changes.told(s)
	}
	if over { // its owner knows all there is; the call is known for a while longer
		s.changes.told, s.onInfo = nil, nil
	}
}

func (s *Session) setState(state SessionState) {
	if s.state != state {
		s.ua.log.debug(logSession, s.id, s.state.String(), " → ", state.String())
		s.state = state
		for _, watch := range slices.Clone(s.changes.watches) {
			watch()
		}
		s.changed()
	}
}

// enterDialog makes d the dialog of the call: requests in it are the call's.
func (s *Session) enterDialog(d *dialog) {
	s.dialog = d
	s.ua.calls.enter(d, s)
}

// finish ends the call, once and for good. Requests that have to be sent for that are sent before.
func (s *Session) finish(end End) {
	if s.state == SessionEnded {
		return
	}
	stamp(&s.times.Ended)
	end.At = s.times.Ended
	s.end = &end
	s.timer.stop()
	s.path.stop()
	s.negotiation.end()
	s.reinvites.cancel()
	s.reestablishment.cancel()
	if s.in != nil {
		s.in.stopTimers()
	}
	if s.out != nil && s.dialog == nil {
		s.out.drop()
	}
	s.ua.log.info(logSession, s.id, "call ended: "+end.Cause)
	s.ua.forget(s)
	s.setState(SessionEnded)
	s.usages.sessionEnded(end.By)
}

// causeOf is JsSIP's word for a final status.
func causeOf(code int) string {
	switch code {
	case 300, 301, 302, 305, 380:
		return CauseRedirected
	case 486, 600:
		return CauseBusy
	case 403, 603:
		return CauseRejected
	case 404, 604:
		return CauseNotFound
	case 480, 410, 408, 430:
		return CauseUnavailable
	case 484, 424:
		return CauseIncomplete
	case 488, 606:
		return CauseIncompatible
	case 401, 407:
		return CauseAuthentication
	default:
		return CauseStatus
	}
}

// requestFailure is the end of a call whose request got no final response.
func requestFailure(err error) End {
	var late *TimeoutError
	if errors.As(err, &late) {
		return End{By: System, Cause: CauseTimeout, Err: err}
	}
	return End{By: System, Cause: CauseConnection, Err: err}
}
