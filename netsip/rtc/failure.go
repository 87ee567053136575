package rtc

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

// lacks tells what keeps the transport from carrying sound.
func (p *peer) lacks() Failure {
	switch failure := Failure(p.failure.Load()); {
	case failure != FailureNone:
		return failure
	case p.secured.Load():
		return FailurePathLost
	case p.begun.Load():
		return FailureHandshake
	}
	return FailureNoPath
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
