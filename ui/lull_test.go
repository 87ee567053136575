package ui

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/phone"
)

// TestMemoryIsGivenBackAtRest: some time after the start, a call, or a window that was seen, and seldom; never in a
// call.
func TestMemoryIsGivenBackAtRest(t *testing.T) {
	call := func(o *opened) { o.update(inPhase(phone.PhaseEstablished)) }
	over := func(o *opened) { o.update(idle()) }
	for _, c := range []struct {
		name  string
		do    func(o *opened) // two minutes after the start
		times int             // in five minutes after
	}{
		{"nothing happens", func(*opened) {}, 0},
		{"a call", func(o *opened) { call(o); time.Sleep(time.Minute); over(o) }, 1},
		{"a call that goes on", call, 0},
		{"two calls, one soon after the other", func(o *opened) {
			call(o)
			over(o)
			time.Sleep(lullTime / 2)
			call(o)
			time.Sleep(time.Minute)
			over(o)
		}, 1},
		{"many short calls", func(o *opened) {
			for range 10 {
				call(o)
				over(o)
				time.Sleep(lullTime + time.Second)
			}
		}, 3},
		{"the window goes into the tray", func(o *opened) { o.setHidden(true) }, 1},
		{"it is minimised again and again", func(o *opened) {
			for range 10 {
				o.setIconified(true)
				o.setIconified(false)
			}
		}, 1},
		{"it goes into the tray in a call", func(o *opened) { call(o); o.setHidden(true) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, Options{})
			synctest.Test(t, func(t *testing.T) {
				times := 0
				o.lull.free = func() { times++ }
				o.lull.begin()
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				if times != 1 {
					t.Fatalf("given back %d times after the start", times)
				}
				c.do(o)
				time.Sleep(5 * time.Minute)
				synctest.Wait()
				if times-1 != c.times {
					t.Errorf("given back %d times, want %d", times-1, c.times)
				}
				o.pace.set(tempo{})
				o.pace.done.Wait()
			})
		})
	}
}
