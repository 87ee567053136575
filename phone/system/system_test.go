package system

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// watched runs a watch over a network that the test changes.
type watched struct {
	watch
	network atomic.Value // string
	calls   []time.Time  // of changed
}

func watching(t *testing.T, poll bool, script func(w *watched)) {
	synctest.Test(t, func(t *testing.T) {
		w := &watched{}
		w.network.Store("home")
		w.watch = watch{
			poll: poll, network: make(chan struct{}, 1), woke: make(chan struct{}, 1),
			look:    func() string { return w.network.Load().(string) },
			changed: func() { w.calls = append(w.calls, time.Now()) },
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { w.run(ctx); close(done) }()
		synctest.Wait()
		script(w)
		cancel()
		<-done
	})
}

func (w *watched) count() int {
	synctest.Wait()
	return len(w.calls)
}

// A change of network comes as many signs and is told once, when there is quiet, and soon.
func TestChangeOfNetworkIsToldOnceAndSoon(t *testing.T) {
	watching(t, false, func(w *watched) {
		start := time.Now()
		w.network.Store("mobile")
		for range 5 {
			sign(w.watch.network)
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		if n := w.count(); n != 1 {
			t.Fatalf("told %d times", n)
		}
		if d := w.calls[0].Sub(start); d > 200*time.Millisecond+watchSettle {
			t.Errorf("told after %v", d)
		}
	})
}

func TestSignsWithoutEndDoNotPutOffTheChange(t *testing.T) {
	watching(t, false, func(w *watched) {
		start := time.Now()
		w.network.Store("mobile")
		for range 100 {
			sign(w.watch.network)
			time.Sleep(100 * time.Millisecond)
		}
		if n := w.count(); n != 1 {
			t.Fatalf("told %d times", n)
		}
		if d := w.calls[0].Sub(start); d > watchLate+watchSettle {
			t.Errorf("told after %v", d)
		}
	})
}

func TestSignsOfNoChangeAreNotTold(t *testing.T) {
	watching(t, false, func(w *watched) {
		for range 100 {
			sign(w.watch.network)
			time.Sleep(time.Second)
		}
		if n := w.count(); n != 0 {
			t.Errorf("told %d times", n)
		}
	})
}

func TestNetworkIsLookedAtWhereTheSystemTellsNothing(t *testing.T) {
	watching(t, true, func(w *watched) {
		time.Sleep(time.Minute)
		start := time.Now()
		w.network.Store("mobile")
		time.Sleep(time.Minute)
		if n := w.count(); n != 1 {
			t.Fatalf("told %d times", n)
		}
		if d := w.calls[0].Sub(start); d > watchEvery+watchSettle {
			t.Errorf("told after %v", d)
		}
	})
}

func TestWakingUpIsToldThoughTheNetworkIsTheSame(t *testing.T) {
	watching(t, false, func(w *watched) {
		sign(w.woke)
		time.Sleep(time.Minute)
		if n := w.count(); n != 1 {
			t.Errorf("told %d times", n)
		}
	})
}

// The monotonic clock stands still in sleep, the wall clock does not.
func TestSleepIsSeenByTheWallClock(t *testing.T) {
	before := time.Now()
	for _, c := range []struct {
		wall time.Duration
		want bool
	}{
		{watchEvery, false},
		{watchEvery + 2*time.Second, false},
		{-time.Hour, false},
		{10 * time.Second, true},
		{8 * time.Hour, true},
	} {
		if got := slept(before, before.Round(0).Add(c.wall)); got != c.want {
			t.Errorf("%v between two looks: %v", c.wall, got)
		}
	}
}

// The real thing starts, looks and ends with its context.
func TestChangesEndWithTheirContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	done := make(chan struct{})
	go func() {
		Changes(ctx, func() {})
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("goes on")
	}
	if before, after := networkSignature(), networkSignature(); before != after {
		t.Error("the network changes by itself")
	}
}
