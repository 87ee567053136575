package faults

import (
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
)

// TestF15TheServerIsSlow, and so is the way to it.
//
// Holds: faults
func TestF15TheServerIsSlow(t *testing.T) {
	for _, v := range []struct {
		name string
		line sandbox.Line
	}{
		{"the first answer after 5 s", sandbox.Line{}},
		{"0.5 s of latency", sandbox.Line{Latency: 500 * time.Millisecond}},
		{"1.5 s of latency", sandbox.Line{Latency: 1500 * time.Millisecond}},
		{"3 s of latency", sandbox.Line{Latency: 3 * time.Second}},
		{"4.5 s of latency", sandbox.Line{Latency: 4500 * time.Millisecond}},
		{"an octet every 2 ms", sandbox.Line{PerByte: 2 * time.Millisecond}},
		{"both", sandbox.Line{Latency: time.Second, PerByte: time.Millisecond}},
	} {
		fault{
			name: "F15", done: "a slow server: " + v.name + ", answered after 40 s",
			required: "the call comes up, without a second INVITE", virtual: true,
		}.try(t, func(t *testing.T) time.Duration {
			return inWorld(t, sandbox.Options{}, func(w *world) time.Duration {
				w.server.Faults().SetLine("alice", v.line)
				w.server.Faults().Add(sandbox.Fault{
					Match: func(e sandbox.Event) bool {
						return e.Sent && e.Message != nil && !e.Message.IsRequest() && e.Message.StatusCode < 200
					},
					Times: -1, Delay: 5 * time.Second,
				})
				out := w.invite(netsip.CallOptions{})
				w.until("it rings", func() bool { return len(w.calls()) > 0 })
				time.Sleep(40 * time.Second)
				in := w.calls()[0]
				w.loop.Do(in.Answer)
				w.until("established", func() bool { return up(out) && up(in) || out.End() != nil })
				if n := len(w.calls()); n != 1 {
					w.Errorf("%d calls reached bob", n)
				}
				time.Sleep(time.Minute)
				w.still(out, in)
				return 0
			})
		})
	}
}

// TestF17TheRegistrarRefuses, with and without saying when to ask again.
//
// Holds: faults
func TestF17TheRegistrarRefuses(t *testing.T) {
	after := func(seconds string) []sip.Header { return []sip.Header{{Name: "Retry-After", Value: seconds}} }
	for _, v := range []struct {
		name     string
		status   int
		headers  []sip.Header
		min, max time.Duration // until the next REGISTER; 0 = none within an hour
	}{
		{"503 with Retry-After 0", 503, after("0"), 1, 61 * time.Second},
		{"503 with Retry-After 7", 503, after("7"), 7 * time.Second, 7701 * time.Millisecond},
		{"503 with Retry-After 120", 503, after("120"), 120 * time.Second, 132001 * time.Millisecond},
		{"503 with Retry-After 10^9", 503, after("1000000000"), 30 * time.Minute, 33*time.Minute + time.Second},
		{"500", 500, nil, time.Second, 61 * time.Second},
		{"408", 408, nil, time.Second, 61 * time.Second},
		{"423 with a longer expiry", 423, []sip.Header{{Name: "Min-Expires", Value: "1200"}}, 1, 2 * time.Second},
		{"403", 403, nil, 0, 0},
		{"404", 404, nil, 0, 0},
	} {
		fault{
			name: "F17", done: "the registrar answers " + v.name,
			required: "asked again when it said, or as the rules have it, and no other time", virtual: true,
		}.try(t, func(t *testing.T) time.Duration {
			return inWorld(t, sandbox.Options{}, func(w *world) time.Duration {
				w.server.Faults().Add(sandbox.Fault{
					Match: func(e sandbox.Event) bool { return e.User == "alice" && sandbox.Received("REGISTER")(e) },
					Times: 1, Status: v.status, Headers: v.headers,
				})
				var refused, asked time.Time
				stop := w.server.Observe(func(e sandbox.Event) {
					switch {
					case e.User != "alice":
					case sandbox.SentStatus("REGISTER", v.status)(e):
						refused = e.At
					case sandbox.Received("REGISTER")(e) && !refused.IsZero() && asked.IsZero():
						asked = e.At
					}
				})
				defer stop()
				w.loop.Do(w.ua["alice"].Register)
				time.Sleep(time.Hour)
				synctest.Wait()
				switch took := asked.Sub(refused); {
				case refused.IsZero():
					w.Error("not refused")
				case v.max == 0 && !asked.IsZero():
					w.Errorf("asked again after %v", took)
				case v.max != 0 && (asked.IsZero() || took < v.min-time.Millisecond || took > v.max):
					w.Errorf("asked again after %v, want %v to %v", took, v.min, v.max)
				}
				return 0
			})
		})
	}
	fault{
		name: "F17", done: "the registrar challenges without end",
		required: "at most two answers, and no more until the user does something", virtual: true,
	}.try(t, func(t *testing.T) time.Duration {
		return inWorld(t, sandbox.Options{}, func(w *world) time.Duration {
			n := 0
			w.server.Faults().Add(sandbox.Fault{
				Match: func(e sandbox.Event) bool {
					is := e.User == "alice" && sandbox.Received("REGISTER")(e)
					if is {
						n++
					}
					return is
				},
				Times: -1, Status: 401, Headers: []sip.Header{{
					Name:  "WWW-Authenticate",
					Value: `Digest realm="` + w.server.Domain() + `", nonce="n", algorithm=MD5`,
				}},
			})
			w.loop.Do(w.ua["alice"].Register)
			time.Sleep(time.Hour)
			synctest.Wait()
			w.loop.Do(func() {
				if n > 3 || w.registered("alice") {
					w.Errorf("%d REGISTERs", n)
				}
			})
			return 0
		})
	})
}
