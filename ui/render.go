package ui

import (
	"sync"

	"fyne.io/fyne/v2"

	"calla/phone"
)

// renderer carries States from the controller's goroutine to Fyne's. At most one drawing is waiting at
// any time; a State that is replaced before its turn is never drawn.
//
//	controller ── publish(State) ──▶ newest ── one pending fyne.Do ──▶ draw(newest)
type renderer struct {
	draw func(phone.State) // on Fyne's goroutine
	do   func(func())      // fyne.Do

	mu      sync.Mutex
	newest  phone.State
	pending bool
}

func newRenderer(draw func(phone.State)) *renderer {
	return &renderer{draw: draw, do: fyne.Do}
}

// publish takes a State from any goroutine and returns at once.
func (r *renderer) publish(s phone.State) {
	r.mu.Lock()
	r.newest = s
	waiting := r.pending
	r.pending = true
	r.mu.Unlock()
	if !waiting {
		r.do(r.flush)
	}
}

func (r *renderer) flush() {
	r.mu.Lock()
	s := r.newest
	r.pending = false
	r.mu.Unlock()
	r.draw(s)
}
