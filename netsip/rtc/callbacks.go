package rtc

import "time"

// callbacks are who is told what becomes of a session, and what they have not been told yet. They are called one after
// the other on a goroutine of the session's, so that they may call any of its methods. The fields belong to
// Session.mu.
type callbacks struct {
	onChange    func(MediaState)
	onDTMF      func(rune, time.Duration)
	onPath      func(alive bool)
	onRelayLost func()
	pathDead    bool     // as told last
	everUp      bool     // connected once
	reports     []func() // callbacks not made yet
	reporting   bool
	onUntaken   func()
}

// OnChange sets what is told each new state. All callbacks of a session come one after the other from
// a goroutine of its own; they may call any method.
func (s *Session) OnChange(f func(MediaState)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onChange = f
}

// OnDTMF sets what is told each digit of the far end, once, when it ends.
func (s *Session) OnDTMF(f func(digit rune, duration time.Duration)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onDTMF = f
}

// OnPath sets what is told when the far end, once connected, is not heard any more, and when it is again.
func (s *Session) OnPath(f func(alive bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onPath = f
}

// OnUntaken sets what is told, about every 200 ms, that the far end answers on a path and does not take it: there is no
// other, and one that controls ICE has given its checks up, as many do after some seconds; or it spoke before ICE was
// restarted, and nothing comes by the path of the restart. It begins anew only when it is restarted.
func (s *Session) OnUntaken(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onUntaken = f
}

// untaken tells of it where it matters.
func (s *Session) untaken(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.onUntaken; f != nil && s.state != Connected && s.state != Closed && s.current.Load() == p {
		s.call(f)
	}
}

// unused tells that a far end which spoke sends nothing over the path in use, where it may speak.
func (s *Session) unused(p *peer, q *path) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.agreed.Load()
	if f := s.onUntaken; f != nil && s.state == Connected && s.current.Load() == p && p.used.Load() == q &&
		p.tried == nil && a != nil && a.local.Receives() && a.remote.Sends() {
		s.call(f)
	}
}

// tellPath tells of a path that has died or come back. The caller holds mu.
func (s *Session) tellPath(state MediaState) {
	s.everUp = s.everUp || state == Connected
	dead := s.pathDead
	switch state {
	case Connected:
		dead = false
	case Disconnected, Failed:
		dead = s.everUp
	}
	if dead == s.pathDead {
		return
	}
	s.pathDead = dead
	if f := s.onPath; f != nil {
		s.call(func() { f(!dead) })
	}
}

// call queues a callback. The caller holds mu.
func (s *Session) call(f func()) {
	s.reports = append(s.reports, f)
	if s.reporting {
		return
	}
	s.reporting = true
	go func() {
		for {
			s.mu.Lock()
			if len(s.reports) == 0 {
				s.reporting = false
				s.mu.Unlock()
				return
			}
			f := s.reports[0]
			s.reports = s.reports[1:]
			s.mu.Unlock()
			f()
		}
	}()
}
