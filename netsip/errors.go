package netsip

import (
	"errors"
	"fmt"
	"time"
)

// Errors a caller branches on.
var (
	// ErrStopped: the user agent has been stopped.
	ErrStopped = errors.New("user agent stopped")
	// ErrNotConnected: there is no WebSocket to send on.
	ErrNotConnected = errors.New("not connected to a server")
	// ErrConnectionLost: the WebSocket was lost while an answer was waited for.
	ErrConnectionLost = errors.New("connection lost")
	// ErrLostWhileRinging: the WebSocket was lost while the far end rang, and the call was not found again.
	ErrLostWhileRinging = errors.New("connection lost while it rang")
	// ErrNoPassword: the server asks for a password and none is set.
	ErrNoPassword = errors.New("no password set")
	// ErrRefusedCredentials: the server asked again after an answer made with the password.
	ErrRefusedCredentials = errors.New("credentials refused")
	// ErrForeignRealm: a challenge that may not be answered, as it would show our digest to a stranger; see RealmError.
	ErrForeignRealm = errors.New("challenge of a foreign realm not answered")
	// ErrWeakerDigest: the registrar used a stronger digest.
	ErrWeakerDigest = errors.New("challenge with a weaker digest than before not answered")
	// ErrUnsupportedChallenge: no scheme, algorithm or qop of the challenge is one we have.
	ErrUnsupportedChallenge = errors.New("unsupported authentication challenge")
	// ErrLongChallenge: a challenge that would make every request after it too large.
	ErrLongChallenge = errors.New("authentication challenge is longer than is answered")
	// ErrNoBinding: the registrar accepted but did not list our contact.
	ErrNoBinding = errors.New("registrar did not keep our contact")
	// ErrMissingSDP: a 2xx or ACK came without the description it must carry.
	ErrMissingSDP = errors.New("session description missing")
	// ErrRedirectLoop: the call has been redirected too often, or to where it was before.
	ErrRedirectLoop = errors.New("call is redirected in a circle")
	// ErrMessageTooLarge: the connection was cut right after a large message, which is not sent again.
	ErrMessageTooLarge = errors.New("connection cut right after a large message")
	// ErrHeavierServer: the server was left because one of greater weight can be reached again.
	ErrHeavierServer = errors.New("a server of greater weight is back")
)

// StatusError is a final response that refuses.
type StatusError struct {
	Method     string
	StatusCode int
	Reason     string
	RetryAfter time.Duration // 0 = not given; at most 1800 s
	Warning    string        // text of the Warning header
	Err        error         // ErrRefusedCredentials, ErrNoPassword, …; nil when the status says it all
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s: %d %s", e.Method, e.StatusCode, e.Reason)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns why the response could not be dealt with.
func (e *StatusError) Unwrap() error { return e.Err }

// BriefGrantError: the registrar keeps our binding for less time than lies between two refreshes.
type BriefGrantError struct {
	Granted time.Duration
}

func (e *BriefGrantError) Error() string {
	return fmt.Sprintf("registrar keeps our contact for %s only", e.Granted)
}

// TimeoutError: no final response came in the time of the transaction (RFC 3261 timers B and F).
type TimeoutError struct {
	Method string
	After  time.Duration
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("%s: no answer in %s", e.Method, e.After)
}
