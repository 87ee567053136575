package rtc

import (
	"context"
	"errors"
	"time"

	"github.com/pion/ice/v4"

	"calla/netsip"
)

// follow follows a path of a transport, or what became of its handshake. It comes from pion's goroutines and from
// those of the transport.
func (s *Session) follow(p *peer, q *path) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == Closed || p.alive.Err() != nil {
		return
	}
	if q != nil && p.tried == q {
		switch q.standing() {
		case ice.ConnectionStateConnected:
			s.takeTo(p, q)
		case ice.ConnectionStateFailed:
			p.tried = nil
			s.drop(q.close)
		}
	}
	if p.used.Load().standing() == ice.ConnectionStateConnected {
		p.secure()
	}
	s.stand(p)
}

// takeTo has a transport use the path that was tried. The one before it is heard for a moment: what the far end has
// sent there is under way. The caller holds mu.
func (s *Session) takeTo(p *peer, q *path) {
	old := p.used.Swap(q)
	p.tried = nil
	if p.left(old); p.speaking {
		p.run(func() { p.heardOver(q) })
	}
	s.figures.interval()
	s.work.Go(func() {
		if old.standing() == ice.ConnectionStateConnected {
			select {
			case <-time.After(moveGrace):
			case <-p.alive.Done():
			}
		}
		old.close()
	})
}

// stand makes of how a transport stands how the session does. The caller holds mu.
func (s *Session) stand(p *peer) {
	switch state, failure := p.standing(); {
	case state == Connected:
		s.connected(p)
	case state == Failed:
		s.breaks(p, failure)
	case s.current.Load() != p || s.state == Failed:
	case s.next != nil:
		s.enter(Connecting, FailureNone)
	default:
		s.enter(state, FailureNone)
	}
}

// connected lets audio through, and switches to p if it is the next. The caller holds mu.
func (s *Session) connected(p *peer) {
	if s.next == p {
		s.moveToNext()
	}
	if s.current.Load() == p {
		s.out.over(p)
		s.enter(Connected, FailureNone)
	}
}

// breaks goes back from p, or has the session fail with it. The caller holds mu.
func (s *Session) breaks(p *peer, failure Failure) {
	switch {
	case s.next == p:
		s.next = nil
		s.drop(p.close)
		if s.state != Connected && s.state != Disconnected {
			s.enter(Failed, failure)
			break
		}
		s.out.over(s.current.Load())
	case s.current.Load() != p:
	case s.next != nil:
		s.enter(Connecting, FailureNone)
	default:
		s.out.over(nil)
		s.enter(Failed, failure)
	}
}

// move has the transport in use try a path to the far end of a description: an ICE restart (RFC 8445 section 9).
func (s *Session) move(p *peer, q *path, d *description) error {
	s.mu.Lock()
	if s.state == Closed {
		s.mu.Unlock()
		q.close()
		return ErrClosed
	}
	if p.tried != nil {
		s.drop(p.tried.close)
	}
	p.tried = q
	if s.state == Failed {
		s.enter(Connecting, FailureNone)
	}
	s.mu.Unlock()
	err := p.connect(q, d)
	if err == nil {
		return nil
	}
	s.mu.Lock()
	if p.tried == q {
		p.tried = nil
	}
	s.mu.Unlock()
	q.close()
	return unconnectable(err)
}

// install puts a transport into use and connects it, and takes it out again where that fails. The first
// is used at once; a later one when it is connected.
func (s *Session) install(p *peer, a *agreement, d *description) error {
	s.mu.Lock()
	if s.state == Closed {
		s.mu.Unlock()
		p.close()
		return ErrClosed
	}
	first := s.current.CompareAndSwap(nil, p)
	if first {
		s.agreed.Store(a)
	} else {
		p.later = true
		if s.next != nil {
			s.drop(s.next.close)
		}
		s.next = p
	}
	switch s.state {
	case New, Gathering:
		s.enter(Negotiated, FailureNone)
	case Disconnected, Failed:
		s.enter(Connecting, FailureNone)
	}
	s.mu.Unlock()
	err := p.connect(p.used.Load(), d)
	if err == nil {
		if p.answers {
			time.AfterFunc(answerTravels, func() { s.leaveFor(p) })
		} else {
			s.leaveFor(p)
		}
		return nil
	}
	s.mu.Lock()
	if s.next == p {
		s.next = nil
	}
	if first && s.current.CompareAndSwap(p, nil) {
		s.agreed.Store(nil)
	}
	s.mu.Unlock()
	p.close()
	return unconnectable(err)
}

// unconnectable is why a description leads nowhere.
func unconnectable(err error) error {
	var refused *netsip.MediaError
	if errors.As(err, &refused) || errors.Is(err, ErrClosed) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &netsip.MediaError{StatusCode: 488, Reason: "session description cannot be used", Err: err}
}

// leaveFor sends nothing more on the transport in use where p is to take its place, and gives it up if
// p is not connected soon: the far end has moved, and what answers on the old path would only keep a
// Chromium there, as it prefers the path it last had data on or the best that answers. Where the far
// end opens DTLS, the old transport is given up at once: the ClientHello would go to it.
func (s *Session) leaveFor(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != p {
		return
	}
	s.out.over(nil)
	if !p.client {
		s.moveToNext()
		s.enter(Connecting, FailureNone)
		return
	}
	time.AfterFunc(moveGrace, func() { s.giveUpOld(p) })
}

// giveUpOld goes over to p where it is still the next, connected or not: the far end may keep to the
// old path as long as that answers.
func (s *Session) giveUpOld(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == p {
		s.moveToNext()
		s.enter(Connecting, FailureNone)
	}
}

// moveToNext puts the next transport in the place of the one in use. The caller holds mu.
func (s *Session) moveToNext() {
	old := s.current.Swap(s.next)
	s.next = nil
	s.figures.interval()
	s.drop(old.close)
}

// drop closes a transport or a path on a goroutine of its own. The caller holds mu and has seen that the
// session is not closed.
func (s *Session) drop(end func()) { s.work.Go(end) }

// inUse returns the transport that offer and answer last settled on.
func (s *Session) inUse() *peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != nil {
		return s.next
	}
	return s.current.Load()
}

// pathInUse returns the path that offer and answer last settled on.
func (s *Session) pathInUse() *path {
	p := s.inUse()
	if p == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.tried != nil {
		return p.tried
	}
	return p.used.Load()
}
