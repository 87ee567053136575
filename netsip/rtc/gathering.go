package rtc

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/pion/ice/v4"

	"calla/netsip"
)

// gatherLook is how often what has been gathered is looked at, beyond the cap.
const gatherLook = 20 * time.Millisecond

// await waits until there is enough to describe: gathering is complete, or the candidates worth
// waiting for are there, or the cap is reached, counted from the start of gathering. While there is nothing at all to
// be reached by, it waits on: for the end of gathering on a machine too busy to have opened a socket by then, and where
// only relays count, for as long as a TURN server may yet give one.
func (q *path) await(ctx context.Context, ended <-chan struct{}) error {
	limit := time.NewTimer(time.Until(q.begun.Add(q.config.GatherCap)))
	defer limit.Stop()
	for waiting := true; waiting; {
		select {
		case <-q.gathered:
			waiting = false
		case <-q.enough:
			waiting = false
		case <-limit.C:
			waiting = len(q.candidates()) == 0 && (!q.config.RelayOnly || q.relays.promising())
			limit.Reset(gatherLook)
		case <-ctx.Done():
			return fmt.Errorf("gather candidates: %w", context.Cause(ctx))
		case <-ended:
			return ErrClosed
		}
	}
	q.gatherTook.CompareAndSwap(0, int64(max(1, time.Since(q.begun))))
	return nil
}

// reachable refuses to describe a path that nobody could reach us by: nobody is called, and no call answered, without a
// candidate.
func (q *path) reachable() error {
	switch {
	case len(q.candidates()) > 0:
		return nil
	case q.config.RelayOnly:
		return &netsip.MediaError{
			Fault: netsip.MediaFaultNoRelay, StatusCode: 480, Reason: "no relay for the media",
			Err: &RelayError{q.relays.failures()},
		}
	}
	return &netsip.MediaError{
		Fault: netsip.MediaFaultNoAddress, StatusCode: 480, Reason: "no network address for the media",
	}
}

// RelayFailures are the TURN servers that have given no relay by now, of the path that was made last; none while
// each may yet give one. It may be called from any goroutine.
func (s *Session) RelayFailures() []RelayFailure {
	if r := s.relays.Load(); r != nil {
		return r.failures()
	}
	return nil
}

// OnRelayLost sets what is told when the TURN server over which sound goes has lost our relay: it was started anew, or
// is gone. No sound will come over it again; a new transport may find another way.
func (s *Session) OnRelayLost(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onRelayLost = f
}

// relayLost follows the loss of a relay of a path. Others than the one that sound goes over matter to nobody.
func (s *Session) relayLost(q *path, relayed netip.AddrPort) {
	pair, err := q.agent.GetSelectedCandidatePair()
	if err != nil || pair == nil || pair.Local.Type() != ice.CandidateTypeRelay {
		return
	}
	ip, err := netip.ParseAddr(pair.Local.Address())
	if err != nil || netip.AddrPortFrom(ip.Unmap(), uint16(pair.Local.Port())) != relayed {
		return
	}
	s.engine.log.Info("the TURN server has lost the relay of a call")
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.current.Load()
	if f := s.onRelayLost; f != nil && s.state != Closed && p != nil && p.used.Load() == q {
		s.call(f)
	}
}
