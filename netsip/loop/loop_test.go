package loop

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLoopRunsInOrderFromManyGoroutines(t *testing.T) {
	l := New()
	defer l.Stop()
	var got [8][]int
	var posted sync.WaitGroup
	for g := range got {
		posted.Go(func() {
			for i := range 1000 {
				l.Post(func() { got[g] = append(got[g], i) })
			}
		})
	}
	posted.Wait()
	l.Do(func() {})
	for g := range got {
		if len(got[g]) != 1000 || !slices.IsSorted(got[g]) {
			t.Errorf("goroutine %d: %d functions, sorted %v", g, len(got[g]), slices.IsSorted(got[g]))
		}
	}
}

func TestLoopTimerStoppedAfterItFiredDoesNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New()
		defer l.Stop()
		ran := 0
		var timer *Timer
		l.Do(func() { timer = l.AfterFunc(time.Second, func() { ran++ }) })
		l.Do(func() {
			time.Sleep(2 * time.Second) // the loop is held: the timer fires and its function waits behind us
			timer.Stop()
		})
		l.Do(func() {})
		l.Do(func() { l.AfterFunc(time.Second, func() { ran += 10 }) })
		time.Sleep(time.Second)
		synctest.Wait()
		l.Do(func() {
			if ran != 10 {
				t.Errorf("ran %d", ran)
			}
		})
	})
}

func TestLoopStopEndsWorkAndDropsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New()
		ended, done := false, false
		l.Do(func() {
			l.Go(func(ctx context.Context) { <-ctx.Done(); ended = true }, func() { done = true })
			l.AfterFunc(time.Second, func() { done = true })
		})
		l.Stop()
		l.Stop()
		l.Post(func() { done = true })
		l.Do(func() { done = true })
		l.Go(func(context.Context) { done = true }, nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		if !ended || done {
			t.Errorf("work ended %v, something ran after Stop %v", ended, done)
		}
	})
}
