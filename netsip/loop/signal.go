package loop

import "sync/atomic"

// Signal has something done on a loop soon: once for all that was raised since it was done last, after what else waits
// there, so that changes that come together are told together.
type Signal struct {
	post   func(func())
	run    func()
	raised atomic.Bool
}

// NewSignal returns a Signal whose done runs by post: Loop.Post, or that of another loop.
func NewSignal(post func(func()), done func()) *Signal {
	s := &Signal{post: post}
	s.run = func() {
		s.raised.Store(false)
		done()
	}
	return s
}

// Raise has it done, from any goroutine.
func (s *Signal) Raise() {
	if !s.raised.Swap(true) {
		s.post(s.run)
	}
}
