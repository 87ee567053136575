package loop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Pieces run one after the other, whatever each takes, and what done adds waits its turn.
func TestQueueRunsOnePieceAtATimeInOrder(t *testing.T) {
	for _, c := range []struct {
		name  string
		times []time.Duration // that the pieces take
	}{
		{"alike", []time.Duration{time.Second, time.Second, time.Second}},
		{"the first is slow", []time.Duration{time.Minute, time.Millisecond, 0}},
		{"the last is slow", []time.Duration{0, 0, time.Minute}},
		{"nothing takes time", []time.Duration{0, 0, 0, 0}},
		{"one", []time.Duration{time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := New()
				defer l.Stop()
				q := NewQueue(l)
				var told, want []string
				add := func(i int, d time.Duration, then func()) {
					q.Add(func(context.Context) {
						time.Sleep(d)
						l.Post(func() { told = append(told, fmt.Sprint("worked ", i)) })
					}, func() {
						told = append(told, fmt.Sprint("done ", i))
						then()
					})
				}
				total := time.Duration(0)
				start := time.Now()
				l.Do(func() {
					for i, d := range c.times {
						then := func() {}
						if i == 0 {
							then = func() { add(100, 0, func() {}) }
						}
						add(i, d, then)
					}
				})
				for i, d := range c.times {
					want = append(want, fmt.Sprint("worked ", i), fmt.Sprint("done ", i))
					total += d
				}
				want = append(want, "worked 100", "done 100")
				time.Sleep(total)
				synctest.Wait()
				l.Do(func() {
					if !slices.Equal(told, want) {
						t.Errorf("%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
					}
				})
				if d := time.Since(start); d != total {
					t.Errorf("took %v", d)
				}
			})
		})
	}
}

// After Stop nothing that waits begins, and what runs is told to end.
func TestQueueEndsWithItsLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New()
		q := NewQueue(l)
		begun := 0
		for range 3 {
			l.Do(func() {
				q.Add(func(ctx context.Context) {
					begun++
					<-ctx.Done()
				}, func() { t.Error("done after Stop") })
			})
		}
		synctest.Wait()
		l.Stop()
		if begun != 1 {
			t.Errorf("%d begun", begun)
		}
	})
}

// A signal is done once for all that was raised since, and again for what is raised while it is done.
func TestSignalIsDoneOnceForAllThatWasRaised(t *testing.T) {
	for _, c := range []struct {
		name   string
		raises func(l *Loop, s *Signal)
		want   int
	}{
		{"never", func(*Loop, *Signal) {}, 0},
		{"once", func(l *Loop, s *Signal) { l.Do(s.Raise) }, 1},
		{"a hundred times in one turn", func(l *Loop, s *Signal) {
			l.Do(func() {
				for range 100 {
					s.Raise()
				}
			})
		}, 1},
		{"in two turns", func(l *Loop, s *Signal) {
			l.Do(s.Raise)
			l.Do(func() {})
			l.Do(s.Raise)
		}, 2},
		{"by two that wait together", func(l *Loop, s *Signal) {
			l.Do(func() {
				l.Post(s.Raise)
				l.Post(s.Raise)
			})
		}, 1},
		{"from another goroutine", func(_ *Loop, s *Signal) { s.Raise() }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := New()
				defer l.Stop()
				n := 0
				s := NewSignal(l.Post, func() { n++ })
				c.raises(l, s)
				synctest.Wait()
				l.Do(func() {
					if n != c.want {
						t.Errorf("done %d times, want %d", n, c.want)
					}
				})
			})
		})
	}
	t.Run("while it is done", func(t *testing.T) {
		l := New()
		defer l.Stop()
		n := 0
		over := make(chan struct{})
		var s *Signal
		s = NewSignal(l.Post, func() {
			if n++; n < 3 {
				s.Raise()
				return
			}
			close(over)
		})
		s.Raise()
		<-over
	})
}
