package faults

import (
	"fmt"
	"hash/fnv"
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

// TestF02AHerd of accounts comes back to a server that was away.
//
// Holds: faults
func TestF02AHerd(t *testing.T) {
	for _, v := range []struct {
		name  string
		away  time.Duration
		limit time.Duration
	}{
		{"for an instant", 0, 1500 * time.Millisecond},
		{"for 3 s", 3 * time.Second, 1500 * time.Millisecond},
		{"for 12 s", 12 * time.Second, 31 * time.Second},
		{"for 60 s", time.Minute, 31 * time.Second},
		{"for 30 s", 30 * time.Second, 31 * time.Second},
	} {
		fault{
			name: "F02", done: "the server of 1,000 accounts is away " + v.name,
			required: fmt.Sprintf("all registered within %v of its return, once each, and in no tenth of a second "+
				"more than twice as many as on average", v.limit),
			figure: "until the last is registered", limit: v.limit, virtual: true, quick: 1,
		}.try(t, func(t *testing.T) (last time.Duration) {
			synctest.Test(t, func(t *testing.T) { last = herdReturns(t, 1000, v.away) })
			return last
		})
	}
}

// chance is that of a user agent: another one in each run of a row, and the same one whenever that is done.
func chance(t *testing.T, agent int) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(t.Name()))
	return rand.New(rand.NewPCG(h.Sum64(), uint64(agent)))
}

// herdReturns has a server be away for a while and returns how long after its return the last account was registered.
func herdReturns(t *testing.T, size int, away time.Duration) time.Duration {
	s := sandbox.New(sandbox.Options{AnyUser: true, MaxConnections: 4 * size})
	l := loop.New()
	var mu sync.Mutex
	var times []time.Time // of the 200s to REGISTER
	ok := sandbox.SentStatus("REGISTER", 200)
	s.Observe(func(e sandbox.Event) {
		if ok(e) {
			mu.Lock()
			times = append(times, e.At)
			mu.Unlock()
		}
	})
	taken := func() (all []time.Time) {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		all, times = times, nil
		return all
	}
	var agents []*netsip.UserAgent
	for i := range size {
		ua, err := netsip.New(netsip.Options{
			Loop: l, Dial: s.Dial, Rand: chance(t, i),
			Config: config.Config{
				URI:       fmt.Sprintf("sip:u%d@%s", i, s.Domain()),
				WSServers: []config.Server{{WSURI: "ws://sandbox.invalid"}}, RegisterExpires: 3600,
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		agents = append(agents, ua)
		l.Do(ua.Start)
	}
	defer func() {
		var all sync.WaitGroup
		all.Add(len(agents))
		for _, ua := range agents {
			l.Do(func() { ua.Stop(all.Done) })
		}
		all.Wait()
		l.Stop()
		s.Close()
	}()
	time.Sleep(2 * time.Minute)
	if n := len(taken()); n != size {
		t.Errorf("%d registered at first", n)
	}
	s.Faults().OnConnect(-1, sandbox.ConnectFault{Refuse: true})
	s.Faults().Cut("")
	time.Sleep(away)
	s.Faults().Clear()
	back := time.Now()
	time.Sleep(2 * time.Minute)
	all := taken()
	if len(all) != size {
		t.Errorf("%d registrations of %d accounts", len(all), size)
		return 0
	}
	slices.SortFunc(all, time.Time.Compare)
	first, last := all[0], all[len(all)-1]
	bins := map[int]int{}
	most := 0
	for _, at := range all {
		i := int(at.Sub(first) / (100 * time.Millisecond))
		bins[i]++
		most = max(most, bins[i])
	}
	if mean := float64(size) / float64(int(last.Sub(first)/(100*time.Millisecond))+1); float64(most) > 2*mean {
		t.Errorf("%d in 100 ms, %.1f on average", most, mean)
	}
	return last.Sub(back)
}
