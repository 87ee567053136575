package netsip

import (
	"math"
	"math/rand/v2"
	"time"

	"calla/netsip/config"
)

const (
	// restartWindow is the time between attempts at a server that has just dropped us. A client begins at a random
	// instant of the window and then keeps the period. So whenever the server is back, its clients come back spread
	// evenly over one window (a thousand of them as 83 in each tenth of a second), and each within the window.
	restartWindow = 1200 * time.Millisecond
	// restartTime is how long a server that drops its clients may take to be back before it counts as away, and is
	// asked no more often than connection_recovery_min_interval allows.
	restartTime = 5 * time.Second
	// awayTime is how long it is asked again with a period of twice the shortest wait; then the period is the longest.
	awayTime = 2 * time.Minute
)

// servers is the choice among ws_servers and the time between attempts.
//
//	ready ──dial failed, or dropped twice──▶ failed ──every server failed──▶ ready
//	ready ◀──▶ connected
//
// A server that names a time (Retry-After) is passed over until then in either state.
type servers struct {
	targets   []config.Server // ws_servers, as configured
	list      []ServerState
	rand      *rand.Rand
	min, max  time.Duration // connection_recovery_min_interval, connection_recovery_max_interval
	attempts  int           // recovery attempts since the last healthy connection
	drops     int           // connections that did not last since then
	droppedAt time.Time     // when the first of these was lost
	period    time.Duration // between attempts at servers that are away for longer than a restart; 0 = none yet
}

func newServers(c config.Config, r *rand.Rand) *servers {
	s := &servers{
		rand: r, targets: c.WSServers,
		list: make([]ServerState, 0, len(c.WSServers)),
	}
	for _, server := range c.WSServers {
		s.list = append(s.list, ServerState{URL: server.WSURI, Weight: server.Weight})
	}
	s.configure(c)
	return s
}

// configure takes over what of a configuration is followed at work.
func (s *servers) configure(c config.Config) {
	s.min = secondsOf(c.ConnectionRecoveryMinInterval)
	s.max = secondsOf(c.ConnectionRecoveryMaxInterval)
}

// secondsOf converts a parameter, which may be too large for a Duration.
func secondsOf(n int) time.Duration { return time.Duration(min(n, math.MaxInt32)) * time.Second }

// choose returns the heaviest server that has not failed and may be dialled at that time, at random among
// equals; false when there is none.
func (s *servers) choose(at time.Time) (int, bool) {
	best, equals := -1, 0
	for i, server := range s.list {
		switch {
		case server.Status == ServerFailed, server.NextTry.After(at):
		case best < 0 || server.Weight > s.list[best].Weight:
			best, equals = i, 1
		case server.Weight == s.list[best].Weight:
			equals++
			if s.rand.IntN(equals) == 0 { // each of n equals is kept with 1/n
				best = i
			}
		}
	}
	return best, best >= 0
}

// recover makes every server eligible again and returns which is dialled next, and after what wait.
func (s *servers) recover(atLeast time.Duration) (int, time.Duration) {
	for i := range s.list {
		s.list[i].Status = ServerReady
	}
	now := time.Now()
	wait := max(s.recoveryWait(now), atLeast)
	if i, ok := s.choose(now.Add(wait)); ok {
		return i, wait
	}
	first := 0 // every server wants to be left alone for longer
	for i, server := range s.list {
		if server.NextTry.Before(s.list[first].NextTry) {
			first = i
		}
	}
	return first, s.list[first].NextTry.Sub(now)
}

// failed marks server i as passed over until all have failed, and not before retryAfter has passed.
func (s *servers) failed(i int, err error, retryAfter time.Duration) {
	s.left(i, err)
	s.list[i].Status = ServerFailed
	s.list[i].Failures++
	s.list[i].NextTry = time.Time{}
	if retryAfter > 0 {
		s.list[i].NextTry = time.Now().Add(s.between(retryAfter, retryAfter+retryAfter/10))
	}
}

// connected marks server i as the one in use.
func (s *servers) connected(i int) {
	s.list[i].Status = ServerConnected
	s.list[i].ConnectedSince = time.Now()
	s.list[i].NextTry = time.Time{}
}

// left marks server i as no longer in use, eligible still.
func (s *servers) left(i int, err error) {
	s.list[i].Status = ServerReady
	s.list[i].ConnectedSince = time.Time{}
	s.list[i].RTT = 0
	if err != nil {
		s.list[i].LastError, s.list[i].LastErrorAt = err, time.Now()
	}
}

// dropped counts a connection that was lost.
func (s *servers) dropped() {
	if s.drops == 0 {
		s.droppedAt, s.period = time.Now(), 0
	}
	s.drops++
}

// recoveryWait is the wait after every server has failed. Of one that had served us it is periodic, since clients that
// have lost it together would come back in bunches by the formula; any other is asked as the formula says.
func (s *servers) recoveryWait(now time.Time) time.Duration {
	away := now.Sub(s.droppedAt)
	switch {
	case s.drops != 1:
		wait := s.recoveryDelay()
		s.attempts++ // the one that this wait ends with
		return wait
	case away < restartTime:
		return s.window()
	case away < awayTime:
		return s.periodicWait(2 * s.min)
	}
	return s.periodicWait(s.max)
}

// periodicWait is a period within the bounds that are configured, and the first time one that sets its phase: from the
// shortest wait on, anything in one period. So whenever the server is back, its clients come evenly over one period.
func (s *servers) periodicWait(period time.Duration) time.Duration {
	period = min(period, s.max)
	if s.period == period {
		return period
	}
	s.period = period
	return s.between(s.min, min(s.min+period, s.max))
}

// recoveryDelay is the wait for servers that have not served us, JsSIP's formula: k times the minimum,
// k uniform in 1…2^n after n attempts; beyond the maximum it is the minimum and n starts again.
// Up to a second is added, within the bounds, so that many clients of one server do not come back together.
func (s *servers) recoveryDelay() time.Duration {
	k := math.Floor(s.rand.Float64()*math.Exp2(float64(s.attempts)) + 1)
	delay := s.min
	if k*s.min.Seconds() > s.max.Seconds() {
		s.attempts = 0
	} else {
		delay = time.Duration(k) * s.min
	}
	return delay + s.between(0, min(time.Second, s.max-delay))
}

// window is restartWindow, shortened for who wants to be back sooner than that.
func (s *servers) window() time.Duration { return min(s.min, restartWindow) }

// dropDelay is the wait before a dropped server is tried once more: jitter only.
func (s *servers) dropDelay() time.Duration { return s.between(0, s.window()) }

// hammerDelay is the least wait when every server accepts and drops.
func (s *servers) hammerDelay() time.Duration {
	limit := time.Duration(math.Min(30, math.Exp2(float64(s.drops))) * float64(time.Second))
	return s.between(limit/2, limit)
}

// healthy is told that the connection to server i lasts: the waits start again.
func (s *servers) healthy(i int) {
	s.attempts, s.drops = 0, 0
	s.list[i].Failures = 0
}

// between returns a time uniform in [from, to).
func (s *servers) between(from, to time.Duration) time.Duration {
	return from + time.Duration(s.rand.Float64()*float64(to-from))
}
