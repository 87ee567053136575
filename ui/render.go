package ui

import (
	"sync/atomic"

	"fyne.io/fyne/v2"

	"calla/netsip/loop"
	"calla/phone"
)

// renderer carries States from the controller's goroutine to Fyne's. At most one drawing is waiting at
// any time; a State that is replaced before its turn is never drawn.
//
//	controller ── publish(State) ──▶ newest ── one pending fyne.Do ──▶ draw(newest)
type renderer struct {
	draw   func(phone.State) // on Fyne's goroutine
	do     func(func())      // fyne.Do
	newest atomic.Pointer[phone.State]
	stale  *loop.Signal // newest is not drawn
}

func newRenderer(draw func(phone.State)) *renderer {
	r := &renderer{draw: draw, do: fyne.Do}
	r.stale = loop.NewSignal(func(f func()) { r.do(f) }, func() { r.draw(*r.newest.Load()) })
	return r
}

// publish takes a State from one goroutine at a time, any, and returns at once.
func (r *renderer) publish(s phone.State) {
	r.newest.Store(&s)
	r.stale.Raise()
}
