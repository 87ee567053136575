package bench

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"calla/phone/robots"
	"calla/test/peers"
)

// How many calls show whether memory grows: what comes once has come after the first of them.
const (
	firstCalls = 400
	manyCalls  = 2000
	linger     = 34 * time.Second // that what a call was asked is answered alike (RFC 6026 section 8.7), and a little more
)

// measureMemoryOfCalls: the program without a display calls the echo and hangs up when the sound is there, again and
// again. It is measured from outside; the callee at the other end, engine and media alike, is in this process, where the
// heap can be told as well.
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
	for n := 1; n <= manyCalls; n++ {
		call()
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
	return held{int64(m.HeapAlloc), peers.UsageOf(os.Getpid()).RSS, runtime.NumGoroutine()}
}

func (h held) String() string {
	return fmt.Sprintf("heap %.1f MB, RSS %.1f MB, %d goroutines", float64(h.heap)/1e6, float64(h.rss)/1e6, h.goroutines)
}
