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
	// ErrEndless: the far end says more than it may at this point.
	ErrEndless = errors.New("the answer is too long")
	// ErrUnofferedExtension: the server uses a WebSocket extension that was not offered.
	ErrUnofferedExtension = errors.New("the server uses a WebSocket extension that was not offered")
	// ErrHeavierServer: the server was left because one of greater weight can be reached again.
	ErrHeavierServer = errors.New("a server of greater weight is back")
)

// DialStage is how far a connection attempt came.
type DialStage int

// The stages in their order.
const (
	StageDNS         DialStage = iota // looking the name up
	StageTCP                          // connecting
	StageTLS                          // TLS handshake and certificate
	StageHTTP                         // WebSocket upgrade
	StageSubprotocol                  // the server did not choose "sip" (RFC 7118 section 4.1)
	StageClosed                       // was up, then lost
)

func (s DialStage) String() string {
	switch s {
	case StageDNS:
		return "DNS"
	case StageTCP:
		return "TCP"
	case StageTLS:
		return "TLS"
	case StageHTTP:
		return "HTTP"
	case StageSubprotocol:
		return "subprotocol"
	default:
		return "closed"
	}
}

// DialTimings is how long each stage of a dial took; zero for a stage not reached or not needed.
type DialTimings struct {
	DNS, TCP, TLS, HTTP time.Duration
}

// Total is the time of all stages.
func (t DialTimings) Total() time.Duration { return t.DNS + t.TCP + t.TLS + t.HTTP }

// DialError tells why a server could not be reached or was lost.
type DialError struct {
	URL     string
	Stage   DialStage
	Status  int  // HTTP status of a refused upgrade, else 0
	Timeout bool // the stage did not end in time
	// RetryAfter is what the server asked for with a refused upgrade, at most 1800 s; 0 = nothing.
	RetryAfter time.Duration
	Timings    DialTimings
	Err        error // *net.DNSError, x509.UnknownAuthorityError, *CloseError, …
}

func (e *DialError) Error() string {
	switch {
	case e.Stage == StageHTTP && e.Status != 0:
		return fmt.Sprintf("dial %s: HTTP status %d", e.URL, e.Status)
	case e.Stage == StageSubprotocol:
		return fmt.Sprintf("dial %s: server does not speak the subprotocol sip", e.URL)
	case e.Stage == StageClosed:
		return fmt.Sprintf("connection to %s: %v", e.URL, e.Err)
	default:
		return fmt.Sprintf("dial %s: %s: %v", e.URL, e.Stage, e.Err)
	}
}

// Unwrap returns the cause.
func (e *DialError) Unwrap() error { return e.Err }

// FileError tells that a file which the configuration names cannot be used.
type FileError struct {
	Parameter string // which names it
	Path      string
	Err       error
}

func (e *FileError) Error() string { return e.Parameter + " " + e.Path + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// ProxyError tells that the proxy on the way to a server cannot be reached or refuses.
type ProxyError struct {
	Proxy      string // host:port
	StatusCode int    // of its answer to CONNECT; 0 = none came
	Err        error
}

func (e *ProxyError) Error() string { return "proxy " + e.Proxy + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ProxyError) Unwrap() error { return e.Err }

// CloseError is how an established WebSocket ended.
type CloseError struct {
	Code   int // RFC 6455 section 7.4: 1006 when there was no Close frame
	Reason string
	Err    error // of the socket; may be nil
}

func (e *CloseError) Error() string {
	s := fmt.Sprintf("closed with code %d", e.Code)
	if e.Reason != "" {
		s += " " + fmt.Sprintf("%q", e.Reason)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *CloseError) Unwrap() error { return e.Err }

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

// WeakKeyError: a certificate of a server, or of who vouches for it, has an RSA key that can be broken.
type WeakKeyError struct {
	Name string // of the certificate's owner
	Bits int
}

func (e *WeakKeyError) Error() string {
	return fmt.Sprintf("certificate of %s: RSA key of %d bits, fewer than %d", e.Name, e.Bits, minRSA)
}

// TimeoutError: no final response came in the time of the transaction (RFC 3261 timers B and F).
type TimeoutError struct {
	Method string
	After  time.Duration
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("%s: no answer in %s", e.Method, e.After)
}
