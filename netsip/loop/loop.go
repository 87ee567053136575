// Package loop is the one goroutine that owns all signalling and call state, with its timers, and what works beside
// it. It knows nothing of SIP.
package loop

import (
	"context"
	"sync"
	"time"
)

// Loop is the one goroutine that owns all signalling and call state: an unbounded mailbox of
// functions, run one after the other. One Loop serves any number of user agents.
//
// Nothing that runs on the loop may block: work that does goes through Go.
type Loop struct {
	ctx    context.Context // ends with Stop
	cancel context.CancelFunc
	ended  chan struct{}  // closed when the loop's goroutine has returned
	wake   chan struct{}  // one token: the mailbox may hold something
	work   sync.WaitGroup // goroutines started by Go
	Frames sync.Pool      // room for frames that are being written, shared by all flows

	mu      sync.Mutex
	mailbox []func()
	stopped bool
}

// NewLoop returns a Loop whose goroutine runs until Stop.
func New() *Loop {
	l := &Loop{ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	go l.run()
	return l
}

func (l *Loop) run() {
	defer close(l.ended)
	var batch []func()
	for {
		l.mu.Lock()
		batch, l.mailbox = l.mailbox, batch[:0]
		l.mu.Unlock()
		for i, f := range batch {
			batch[i] = nil
			if l.ctx.Err() != nil {
				return
			}
			f()
		}
		if len(batch) > 0 {
			continue
		}
		select {
		case <-l.wake:
		case <-l.ctx.Done():
			return
		}
	}
}

// Post runs f on the loop, after everything posted before. It never blocks and may be called from
// any goroutine; after Stop f is dropped.
func (l *Loop) Post(f func()) { l.post(f) }

// post is Post; it tells whether f was taken.
func (l *Loop) post(f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped {
		return false
	}
	l.mailbox = append(l.mailbox, f)
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return true
}

// Do runs f on the loop and returns when it has run, or when the loop has stopped without running
// it. It must not be called on the loop.
func (l *Loop) Do(f func()) {
	ran := make(chan struct{})
	if !l.post(func() { defer close(ran); f() }) {
		return
	}
	select {
	case <-ran:
	case <-l.ended:
	}
}

// Timer is a function that waits for its time to run on the loop.
type Timer struct {
	timer   *time.Timer
	stopped bool // loop only
}

// AfterFunc runs f on the loop once d has passed, unless the Timer or the Loop is stopped before.
// It is called on the loop.
func (l *Loop) AfterFunc(d time.Duration, f func()) *Timer {
	t := &Timer{}
	t.timer = time.AfterFunc(d, func() {
		l.Post(func() {
			if !t.stopped {
				t.stopped = true
				f()
			}
		})
	})
	return t
}

// Stop keeps the function from running, also when its time has already come and it only waits for
// the loop. It is called on the loop; a nil Timer has nothing to stop.
func (t *Timer) Stop() {
	if t == nil {
		return
	}
	t.stopped = true
	t.timer.Stop()
}

// Go runs work on a goroutine of its own and then done on the loop; done may be nil. The context of
// work ends with Stop. After Stop neither runs. State may have changed by the time done runs: look
// again before acting.
func (l *Loop) Go(work func(ctx context.Context), done func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped {
		return
	}
	l.work.Go(func() {
		work(l.ctx)
		if done != nil {
			l.Post(done)
		}
	})
}

// Stop ends the loop after the function that is running, drops what waits, ends the contexts given
// by Go and waits for their goroutines. It must not be called on the loop. Stopping twice is the
// same as once.
func (l *Loop) Stop() {
	l.mu.Lock()
	l.stopped = true
	l.mailbox = nil
	l.mu.Unlock()
	l.cancel()
	<-l.ended
	l.work.Wait()
}
