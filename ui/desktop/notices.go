package desktop

import (
	"cmp"
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"calla/phone"
)

// Options are how notifications are shown. Its functions are called on a goroutine of the notices'.
type Options struct {
	Do    func(Press)              // somebody pressed something; it must return soon
	On    func() bool              // whether notifications are wanted now; nil = always
	Plain func(title, body string) // shows text where the system has no D-Bus
	Log   *slog.Logger             // nil = none

	end, tells time.Duration // a test's, in the place of endTime and capabilityTime
}

const (
	// how long Close waits for the desktop to take notifications back
	endTime = 500 * time.Millisecond
	// that a server is waited for which does not tell what it can: then it gets plain text
	capabilityTime = 2 * time.Second
)

// Notices shows what happens as notifications of the desktop.
type Notices struct {
	options Options
	follow  following
	latest  atomic.Pointer[[]notice]
	wake    chan struct{} // one token: latest has changed
	cancel  context.CancelFunc
	ended   chan struct{}
}

// NewNotices begins; nobody is asked anything before there is something to tell.
func NewNotices(o Options) *Notices {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.On == nil {
		o.On = func() bool { return true }
	}
	o.end, o.tells = cmp.Or(o.end, endTime), cmp.Or(o.tells, capabilityTime)
	ctx, cancel := context.WithCancel(context.Background())
	n := &Notices{options: o, wake: make(chan struct{}, 1), cancel: cancel, ended: make(chan struct{})}
	n.latest.Store(new([]notice))
	go func() {
		defer close(n.ended)
		n.serve(ctx)
	}()
	return n
}

// Follow takes in a State and returns at once. It is called with each State, on one goroutine.
func (n *Notices) Follow(s phone.State) {
	all := n.follow.next(s)
	if !n.options.On() {
		all = nil
	}
	n.latest.Store(&all)
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// Close takes all notifications back, as far as the desktop answers within endTime.
func (n *Notices) Close() {
	n.cancel()
	waitEnd(n.ended, n.options.end)
}

// waitEnd waits for an end, and not for ever.
func waitEnd(ended <-chan struct{}, most time.Duration) {
	select {
	case <-ended:
	case <-time.After(most):
	}
}
