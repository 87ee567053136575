package bench

import (
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/trace"
	"calla/test/peers"
)

// crowd is many accounts registered from this process on one loop.
type crowd struct {
	loop       *loop.Loop
	agents     []*netsip.UserAgent
	registered []bool // loop only
	up         int    // loop only
}

// gather registers n accounts at k. wire, which may be nil, gets their messages, by the number of the account.
func gather(t *testing.T, k *peers.Kamailio, n int, wire *trace.Trace) *crowd {
	t.Helper()
	c := &crowd{loop: loop.New(), registered: make([]bool, n)}
	t.Cleanup(c.loop.Stop)
	c.loop.Do(func() {
		for i := range n {
			o := netsip.Options{
				Loop: c.loop,
				Config: config.Config{
					URI: fmt.Sprintf("sip:user%d@%s", i, k.Domain), Password: config.Secret(k.Password),
					StunServers: []string{},
					WSServers:   []config.Server{{WSURI: k.URL}},
				},
				OnState: func(s netsip.State) { c.changed(i, s) },
			}
			if wire != nil {
				o.Trace = wire.Source(fmt.Sprint(i))
			}
			ua, err := netsip.New(o)
			if err != nil {
				t.Error(err)
				return
			}
			c.agents = append(c.agents, ua)
		}
	})
	for batch := range slices.Chunk(c.agents, 100) { // not all at once: this is not what is measured
		c.loop.Do(func() {
			for _, ua := range batch {
				ua.Start()
			}
		})
		time.Sleep(20 * time.Millisecond)
	}
	c.wait(t, n, time.Minute)
	return c
}

func (c *crowd) changed(i int, s netsip.State) {
	up := s.Registration == netsip.Registered
	if up != c.registered[i] {
		c.registered[i] = up
		if up {
			c.up++
		} else {
			c.up--
		}
	}
}

// wait waits until n are registered and returns how long that took.
func (c *crowd) wait(t *testing.T, n int, limit time.Duration) time.Duration {
	t.Helper()
	start := time.Now()
	peers.Until(t, limit, fmt.Sprintf("%d accounts to be registered", n), func() bool {
		up := 0
		c.loop.Do(func() { up = c.up })
		return up == n
	})
	return time.Since(start)
}

// measureHerd restarts Kamailio under 1,000 accounts: how long until all are back, and how evenly they come.
func measureHerd(t *testing.T, r *row) {
	for _, outage := range []time.Duration{200 * time.Millisecond, 3 * time.Second, 12 * time.Second, time.Minute} {
		t.Run(outage.String(), func(t *testing.T) { // each with accounts that have lost no connection before
			k := peers.StartKamailio(t)
			const n = 1000
			wire := trace.New(20*n, 20*n<<12)
			c := gather(t, k, n, wire)
			after := wire.Subscribe(false)
			k.Kill(t)
			time.Sleep(outage)
			k.Restart(t)
			took := c.wait(t, n, 2*time.Minute)
			peak, mean := bins(firstRegisters(t, after), 100*time.Millisecond)
			r.add("server away %v: all back %v after it, the busiest 100 ms has %.1f times the mean (%d of %.0f "+
				"REGISTERs)",
				outage, took.Round(100*time.Millisecond), float64(peak)/mean, peak, mean)
		})
	}
}

// firstRegisters are the times of each account's first REGISTER.
func firstRegisters(t *testing.T, wire *trace.Subscription) (at []time.Time) {
	t.Helper()
	first := map[string]bool{}
	for {
		e, missed, ok := wire.Take()
		if missed > 0 {
			t.Errorf("%d messages of the trace were missed", missed)
		}
		if !ok {
			return at
		}
		if e.Outgoing && !first[e.Account] && strings.HasPrefix(e.Text, "REGISTER") {
			first[e.Account] = true
			at = append(at, e.Time)
		}
	}
}

// bins counts instants by intervals of width: the most in one, and the mean from the first to the last.
func bins(at []time.Time, width time.Duration) (peak int, mean float64) {
	if len(at) == 0 {
		return 0, 1
	}
	slices.SortFunc(at, time.Time.Compare)
	count := make([]int, at[len(at)-1].Sub(at[0])/width+1)
	for _, when := range at {
		count[when.Sub(at[0])/width]++
	}
	return slices.Max(count), float64(len(at)) / float64(len(count))
}

// measureAccounts compares the memory of a registered account, heap and stacks, and its growth.
func measureAccounts(t *testing.T, r *row) {
	engine, out := benchmarks(t, "netsip", "-run=^$", "-bench=BenchmarkRegisteredAccounts", "-benchtime=1x", "-count=1",
		".")
	if len(engine) == 0 {
		t.Errorf("no figures in:\n%s", out)
	}
	k := peers.StartKamailio(t)
	const n = 1000
	before := inUse()
	c := gather(t, k, n, nil)
	for _, size := range []string{"1000", "3000", "10000"} {
		r.add("%s: %s", size, perAccount(out, "RegisteredAccounts/"+size))
	}
	r.add("%d at Kamailio over real sockets: %d kB each", n, (inUse()-before)/1000/n)
	runtime.KeepAlive(c)
	r.peer(t, "JsSIP in Chromium", func(t *testing.T) string {
		const n = 100
		browser := peers.StartChromium(t)
		page := browser.Open(t, "many")
		before := browser.Usage()
		page.Do("many", map[string]any{"url": k.URL, "domain": k.Domain, "password": k.Password, "count": n})
		for range n {
			page.Wait("registered", time.Minute)
		}
		return fmt.Sprintf("%d kB each, of %d in one page", (browser.Usage().PSS-before.PSS)/1000/n, n)
	})
}

// inUse is the memory of heap and stacks that is really used.
func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// perAccount finds what a benchmark told of each account, and what the refreshes of all take.
func perAccount(out, benchmark string) string {
	line := regexp.MustCompile(`(?m)^Benchmark` + regexp.QuoteMeta(benchmark) + `(?:-\d+)?\s.*$`).FindString(out)
	figure := func(unit string) string {
		m := regexp.MustCompile(`([\d.]+) ` + regexp.QuoteMeta(unit)).FindStringSubmatch(line)
		if m == nil {
			return "?"
		}
		return m[1]
	}
	return fmt.Sprintf("%s kB each, refreshes and keep-alive of all %s %% of a core", figure("kB/account"),
		figure("%core"))
}
