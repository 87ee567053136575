package netsip_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sandbox"
)

// herd is many accounts at one server, in virtual time.
type herd struct {
	server *sandbox.Server
	loop   *loop.Loop
	agents []*netsip.UserAgent

	mu    sync.Mutex
	times []time.Time // of the 200s to REGISTER
}

func newHerd(t *testing.T, size int) *herd {
	h := &herd{
		server: sandbox.New(sandbox.Options{AnyUser: true, MaxConnections: 4 * size}), loop: loop.New(),
	}
	registered := sandbox.SentStatus("REGISTER", 200)
	h.server.Observe(func(e sandbox.Event) {
		if registered(e) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.times = append(h.times, time.Now())
		}
	})
	for i := range size {
		ua, err := netsip.New(netsip.Options{
			Loop: h.loop, Dial: h.server.Dial, Rand: rand.New(rand.NewPCG(uint64(i), 11)),
			Config: config.Config{
				URI:       fmt.Sprintf("sip:u%d@%s", i, h.server.Domain()),
				WSServers: []config.Server{{WSURI: "ws://sandbox.invalid"}}, RegisterExpires: 3600,
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		h.agents = append(h.agents, ua)
		h.loop.Do(ua.Start)
	}
	return h
}

// registrations returns the times of registrations since the last call, and forgets them.
func (h *herd) registrations() []time.Time {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	times := h.times
	h.times = nil
	return times
}

func (h *herd) close() {
	var all sync.WaitGroup
	all.Add(len(h.agents))
	for _, ua := range h.agents {
		h.loop.Do(func() { ua.Stop(all.Done) })
	}
	all.Wait()
	h.loop.Stop()
	h.server.Close()
}

// spread puts times into bins of 100 ms from the first one on.
func spread(times []time.Time) (span time.Duration, most int, mean float64) {
	slices.SortFunc(times, time.Time.Compare)
	bins := map[int]int{}
	for _, at := range times {
		bins[int(at.Sub(times[0])/(100*time.Millisecond))]++
		span = max(span, at.Sub(times[0]))
	}
	for _, n := range bins {
		most = max(most, n)
	}
	return span, most, float64(len(times)) / float64(int(span/(100*time.Millisecond))+1)
}

// A server that restarts, or was away, is not run over by its clients: a thousand of them are back within 31 s, evenly,
// in no tenth of a second more than twice as many as on average; and after a restart each is back within 1.5 s of the
// server.
func TestThousandClientsOfARestartedServerComeBackEvenly(t *testing.T) {
	size, outages := 1000, []time.Duration{
		0, 200 * time.Millisecond, time.Second, 3 * time.Second, 4500 * time.Millisecond, 8 * time.Second,
		12 * time.Second, 30 * time.Second, time.Minute, 100 * time.Second,
	}
	if testing.Short() { // too few to be even over a longer window
		size, outages = 300, outages[:5]
	}
	synctest.Test(t, func(t *testing.T) {
		h := newHerd(t, size)
		defer h.close()
		time.Sleep(2 * time.Minute)
		if n := len(h.registrations()); n != size {
			t.Fatalf("%d registered at first", n)
		}
		for _, outage := range outages {
			h.server.Faults().OnConnect(-1, sandbox.ConnectFault{Refuse: true})
			if n := h.server.Faults().Cut(""); n != size {
				t.Fatalf("%d connections cut", n)
			}
			time.Sleep(outage)
			h.server.Faults().Clear()
			back := time.Now()
			time.Sleep(2 * time.Minute)
			times := h.registrations()
			if len(times) != size {
				t.Errorf("outage of %v: %d registrations, want %d", outage, len(times), size)
				continue
			}
			span, most, mean := spread(times)
			last := times[0].Add(span).Sub(back)
			t.Logf("outage of %v: the last is back %v after the server; at most %d in 100 ms, %.1f on average", outage,
				last, most, mean)
			if last > 31*time.Second || outage < 5*time.Second && last > 1500*time.Millisecond {
				t.Errorf("outage of %v: the last is back %v after the server", outage, last)
			}
			if float64(most) > 2*mean {
				t.Errorf("outage of %v: %d in 100 ms, %.1f on average", outage, most, mean)
			}
		}
	})
}
