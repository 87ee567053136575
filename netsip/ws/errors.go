package ws

import (
	"errors"
	"fmt"
	"time"
)

// Errors a caller branches on.
var (
	// ErrEndless: the far end says more than it may at this point.
	ErrEndless = errors.New("the answer is too long")
	// ErrUnofferedExtension: the server uses a WebSocket extension that was not offered.
	ErrUnofferedExtension = errors.New("the server uses a WebSocket extension that was not offered")
	// ErrSilent: the server did not answer a Ping in time.
	ErrSilent = errors.New("no answer to a WebSocket Ping")
	// ErrUnproven: nor in the short time after the network has changed, the computer woke up or the user wants to know.
	ErrUnproven = fmt.Errorf("%w in a short time", ErrSilent)
	// ErrSlowMessage: a message that began did not end in time.
	ErrSlowMessage = errors.New("a message took longer than 30 s")
	// ErrStalled: the socket takes nothing and the frames that wait for it are too many.
	ErrStalled = errors.New("connection stalled")
	// ErrAddressGone: the network that the connection went over is gone.
	ErrAddressGone = errors.New("the local address is gone")
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
	// RetryAfter is what the server asked for with a refused upgrade, at most MaxRetryAfter; 0 = nothing.
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

// WeakKeyError: a certificate of a server, or of who vouches for it, has an RSA key that can be broken.
type WeakKeyError struct {
	Name string // of the certificate's owner
	Bits int
}

func (e *WeakKeyError) Error() string {
	return fmt.Sprintf("certificate of %s: RSA key of %d bits, fewer than %d", e.Name, e.Bits, minRSA)
}
