package loop

import "sync/atomic"

// Signal has something done on a loop soon: once for all that was raised since it was done last, after what else waits
// there, so that changes that come together are told together.
type Signal struct {
	post   func(func())
	done   func()
	raised atomic.Bool
}

// NewSignal returns a Signal whose done runs by post: Loop.Post, or that of another loop.
func NewSignal(post func(func()), done func()) *Signal { return &Signal{post: post, done: done} }

// Raise has it done, from any goroutine.
func (s *Signal) Raise() {
	if s.raised.Swap(true) {
		return
	}
	s.post(func() {
		s.raised.Store(false)
		s.done()
	})
}
