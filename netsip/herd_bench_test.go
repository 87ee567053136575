//go:build unix

package netsip_test

import (
	"fmt"
	"testing"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
)

// BenchmarkServerRestart has a thousand clients on real sockets, whose server is killed and started again. It tells
// when the last client is back after the server, how many there are at most in a tenth of a second, in multiples
// of the average, and what the clients take of a core meanwhile.
func BenchmarkServerRestart(b *testing.B) {
	for _, outage := range []time.Duration{200 * time.Millisecond, 3 * time.Second, 12 * time.Second, time.Minute} {
		b.Run(outage.String(), func(b *testing.B) {
			stub := startStubRegistrar(b, "127.0.0.1:0")
			loop := loop.New()
			defer loop.Stop()
			agents := make([]*netsip.UserAgent, 1000)
			for i := range agents {
				ua, err := netsip.New(netsip.Options{Loop: loop, Config: config.Config{
					URI:       fmt.Sprintf("sip:u%d@example.com", i),
					WSServers: []config.Server{{WSURI: "ws://" + stub.address + "/ws"}},
				}})
				if err != nil {
					b.Fatal(err)
				}
				agents[i] = ua
				loop.Do(ua.Start)
			}
			awaitRegistered(b, loop, agents)
			for b.Loop() {
				time.Sleep(61 * time.Second) // connections are healthy after a minute
				stub.kill()
				cpu := cpuTime()
				time.Sleep(outage)
				stub = startStubRegistrar(b, stub.address)
				back := time.Now()
				time.Sleep(5 * time.Second)
				awaitRegistered(b, loop, agents)
				b.ReportMetric((cpuTime()-cpu).Seconds()*1000, "ms-CPU")
				var times []time.Time
				loop.Do(func() {
					for _, ua := range agents {
						times = append(times, ua.State().RegisteredAt)
					}
				})
				span, most, mean := spread(times)
				b.ReportMetric(times[0].Add(span).Sub(back).Seconds(), "s-last-back")
				b.ReportMetric(float64(most)/mean, "peak/mean")
			}
			for _, ua := range agents {
				loop.Do(func() { ua.Stop(nil) })
			}
		})
	}
}
