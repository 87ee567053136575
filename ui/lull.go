package ui

import (
	"sync"
	"time"
)

// How long nobody has to have been in a call before memory is given back, and how seldom that is done: it takes a
// collection of all that is there.
const (
	lullTime  = 10 * time.Second
	lullLeast = time.Minute
)

// gcPercent is by how much the memory in use may grow before what is dead of it is looked for. Most of a window's is
// fonts, which stay: to let it double, as Go does by itself, would be for little that is new.
const gcPercent = 25

// lull gives memory back to the system when what needed it is over: the start, a call, a window that was seen. Go keeps
// as much again as is in use for what may come next, which in a telephone at rest is nothing.
type lull struct {
	free func() // gives it back; nil = never

	mu   sync.Mutex
	next *time.Timer // nil while none is to come
	last time.Time
}

// begin is called when something has ended.
func (l *lull) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.free == nil || l.next != nil {
		return
	}
	l.next = time.AfterFunc(max(lullTime, lullLeast-time.Since(l.last)), func() {
		l.mu.Lock()
		l.next, l.last = nil, time.Now()
		l.mu.Unlock()
		l.free()
	})
}

// end is called when something begins.
func (l *lull) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next != nil {
		l.next.Stop()
		l.next = nil
	}
}
