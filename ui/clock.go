package ui

import (
	"sync"
	"time"

	"fyne.io/fyne/v2"
)

// ticker calls a function on Fyne's goroutine at a steady pace while it is on. When it is off there is
// no goroutine and nothing is drawn: an idle window costs nothing.
type ticker struct {
	every time.Duration
	tick  func() // on Fyne's goroutine
	do    func(func())

	mu   sync.Mutex
	stop chan struct{} // nil while off
	done sync.WaitGroup
}

func newTicker(every time.Duration, tick func()) *ticker {
	return &ticker{every: every, tick: tick, do: fyne.DoAndWait}
}

// set switches the ticker on or off.
func (t *ticker) set(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case on && t.stop == nil:
		t.stop = make(chan struct{})
		t.done.Add(1)
		go t.run(t.stop)
	case !on && t.stop != nil:
		close(t.stop)
		t.stop = nil
	}
}

func (t *ticker) run(stop chan struct{}) {
	defer t.done.Done()
	beat := time.NewTicker(t.every)
	defer beat.Stop()
	for {
		select {
		case <-stop:
			return
		case <-beat.C:
		}
		t.do(func() {
			select {
			case <-stop:
			default:
				t.tick()
			}
		})
	}
}
