package netsip

import (
	"math"
	"math/rand/v2"
	"time"
)

// servers is the choice among ws_servers and the time between attempts.
//
//	ready ──dial failed, or dropped twice──▶ failed ──every server failed──▶ ready
//	ready ◀──▶ connected
type servers struct {
	list     []ServerState
	rand     *rand.Rand
	min, max time.Duration // connection_recovery_min_interval, connection_recovery_max_interval
	attempts int           // recovery attempts since the last healthy connection
	drops    int           // connections that did not last since then
}

func newServers(c Config, r *rand.Rand) *servers {
	s := &servers{
		rand: r,
		min:  secondsOf(c.ConnectionRecoveryMinInterval),
		max:  secondsOf(c.ConnectionRecoveryMaxInterval),
	}
	for _, server := range c.WSServers {
		s.list = append(s.list, ServerState{URL: server.WSURI, Weight: server.Weight})
	}
	return s
}

// secondsOf converts a parameter, which may be too large for a Duration.
func secondsOf(n int) time.Duration { return time.Duration(min(n, math.MaxInt32)) * time.Second }

// choose returns the heaviest server that has not failed, at random among equals; false when all
// have failed.
func (s *servers) choose() (int, bool) {
	var best []int
	for i, server := range s.list {
		switch {
		case server.Status == ServerFailed:
		case len(best) == 0 || server.Weight > s.list[best[0]].Weight:
			best = append(best[:0], i)
		case server.Weight == s.list[best[0]].Weight:
			best = append(best, i)
		}
	}
	if len(best) == 0 {
		return 0, false
	}
	return best[s.rand.IntN(len(best))], true
}

// failed marks server i as passed over.
func (s *servers) failed(i int, err error) {
	s.left(i, err)
	s.list[i].Status = ServerFailed
}

// connected marks server i as the one in use.
func (s *servers) connected(i int) {
	s.list[i].Status = ServerConnected
	s.list[i].ConnectedSince = time.Now()
}

// left marks server i as no longer in use, eligible still.
func (s *servers) left(i int, err error) {
	s.list[i].Status = ServerReady
	s.list[i].ConnectedSince = time.Time{}
	s.list[i].RTT = 0
	if err != nil {
		s.list[i].LastError = err
	}
}

// reset makes every server eligible again.
func (s *servers) reset() {
	for i := range s.list {
		s.list[i].Status = ServerReady
	}
}

// recoveryDelay is the wait after every server has failed, JsSIP's formula: k times the minimum,
// k uniform in 1…2^n after n attempts; beyond the maximum it is the minimum and n starts again.
// Up to a second is added so that many clients of one server do not come back together.
func (s *servers) recoveryDelay() time.Duration {
	k := math.Floor(s.rand.Float64()*math.Exp2(float64(s.attempts)) + 1)
	delay := s.min
	if k*s.min.Seconds() > s.max.Seconds() {
		s.attempts = 0
	} else {
		delay = time.Duration(k) * s.min
	}
	return delay + s.between(0, time.Second)
}

// dropDelay is the wait before a dropped server is tried once more: jitter only.
func (s *servers) dropDelay() time.Duration { return s.between(0, s.min) }

// hammerDelay is the least wait when every server accepts and drops.
func (s *servers) hammerDelay() time.Duration {
	limit := time.Duration(math.Min(30, math.Exp2(float64(s.drops))) * float64(time.Second))
	return s.between(limit/2, limit)
}

// healthy is told that a connection lasts: the waits start again.
func (s *servers) healthy() { s.attempts, s.drops = 0, 0 }

// between returns a time uniform in [from, to).
func (s *servers) between(from, to time.Duration) time.Duration {
	return from + time.Duration(s.rand.Float64()*float64(to-from))
}
