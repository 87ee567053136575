package bench

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"calla/phone/robots"
)

// How many calls show whether memory grows: what comes once has come after the first of them.
const (
	firstCalls = 400
	manyCalls  = 2000
	callEvery  = 100 * time.Millisecond
	linger     = 34 * time.Second // longer than an ended call is known (RFC 6026 section 8.7)
)

// measureMemoryOfCalls: the program without a display calls the echo and hangs up when the sound is there, again and
// again, no more than ten a second: an ended call is known for 32 s, so at most 320 are at any time, before the first
// figure and after it. The program is measured from outside; the callee at the other end, engine and media alike, is in
// this process, where the heap can be told as well.
func measureMemoryOfCalls(t *testing.T, r *row) {
	s := startServer(t)
	p := run(t, command(t, nil, built(t, "calla-headless"), "console", "--no-sound", "--config", s.config(t, "alice")))
	p.until(t, startLimit, "registration", holding("●"))
	call := func() {
		for _, step := range []struct{ line, what, shown string }{
			{"call " + robots.Echo, "encrypted sound", "encrypted"},
			{"hangup", "the end of the call", "■"},
		} {
			if _, err := fmt.Fprintln(p.in, step.line); err != nil {
				t.Fatal(err)
			}
			p.until(t, startLimit, step.what, holding(step.shown))
		}
		p.said = nil
	}
	caller, callee := map[int]int64{}, map[int]held{}
	turn := time.NewTicker(callEvery)
	defer turn.Stop()
	for n := 1; n <= manyCalls; n++ {
		call()
		<-turn.C
		if n == firstCalls || n == manyCalls {
			time.Sleep(linger)
			caller[n], callee[n] = p.usage().RSS, holds()
		}
	}
	r.add("calling: RSS %.1f → %.1f MB", float64(caller[firstCalls])/1e6, float64(caller[manyCalls])/1e6)
	r.add("answering: %v → %v", callee[firstCalls], callee[manyCalls])
	p.end(t)
}

// held is what this process holds.
type held struct {
	heap, rss  int64 // bytes; after a collection
	goroutines int
}

func holds() held {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	var rss int64
	if text, err := os.ReadFile("/proc/self/statm"); err == nil { // of this process alone: the program is a child of it
		_, _ = fmt.Sscan(string(text), new(int64), &rss)
	}
	return held{int64(m.HeapAlloc), rss * int64(os.Getpagesize()), runtime.NumGoroutine()}
}

func (h held) String() string {
	return fmt.Sprintf("heap %.1f MB, RSS %.1f MB, %d goroutines", float64(h.heap)/1e6, float64(h.rss)/1e6,
		h.goroutines)
}
