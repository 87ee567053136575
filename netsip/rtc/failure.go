package rtc

import (
	"context"
	"time"

	"github.com/pion/webrtc/v4"
)

// Failure is what the media of a session lacks. It is an error, too.
type Failure int

// What media can lack.
const (
	FailureNone     Failure = iota
	FailureNoPath           // no candidate of ours reaches one of the far end's (RFC 8445 section 6.1.4.3)
	FailurePathLost         // there was a path, and nothing comes on it any more (RFC 7675)
	// DTLS was refused, by us for another certificate than was announced (RFC 8827 section 6.5)
	FailureEncryption
	FailureHandshake // there is a path, and DTLS has not been completed on it
	FailureSources   // the far end sends from more sources than anybody needs
)

// Error implements error.
func (f Failure) Error() string {
	switch f {
	case FailureNoPath:
		return "no network path to the far end"
	case FailurePathLost:
		return "the network path to the far end is lost"
	case FailureEncryption:
		return "encryption with the far end was refused"
	case FailureHandshake:
		return "encryption with the far end was not completed in time"
	case FailureSources:
		return "far end sends from too many sources"
	}
	return "nothing failed"
}

// dtlsWait is how long a handshake may take from when there is a path.
const dtlsWait = 30 * time.Second

// handshakeTime is the context of the transport's handshake, made when that begins.
func (p *peer) handshakeTime() (context.Context, func()) {
	ctx, cancel := context.WithTimeout(p.alive, dtlsWait)
	p.mu.Lock()
	p.handshake = ctx
	p.mu.Unlock()
	return ctx, cancel
}

// lacks tells what keeps the transport from carrying sound.
func (p *peer) lacks() Failure {
	p.mu.Lock()
	handshake := p.handshake
	p.mu.Unlock()
	switch {
	case p.connectsIn.Load() != 0:
		return FailurePathLost
	case handshake == nil:
		return FailureNoPath
	case handshake.Err() != context.DeadlineExceeded &&
		p.pc.SCTP().Transport().State() == webrtc.DTLSTransportStateFailed:
		return FailureEncryption
	}
	return FailureHandshake
}

// Failure tells what the media lacks: why it is Failed or, before that, what it waits for. FailureNone while it is
// Connected. After Close it stays what it was.
func (s *Session) Failure() Failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed()
}

// failed is Failure. The caller holds mu.
func (s *Session) failed() Failure {
	switch s.state {
	case Connected:
		return FailureNone
	case Failed, Closed:
		return s.failure
	}
	if p := s.current.Load(); p != nil {
		return p.lacks()
	}
	return FailureNone
}
