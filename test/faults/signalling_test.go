package faults

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
)

// TestF01TheServerDies and is back: nothing of a call is lost.
//
// Holds: faults
func TestF01TheServerDies(t *testing.T) {
	for _, v := range []struct {
		name  string
		calls bool
		away  time.Duration
		limit time.Duration
	}{
		{"for 0.2 s, in a call", true, 200 * time.Millisecond, 1500 * time.Millisecond},
		{"for 3 s, in a call", true, 3 * time.Second, 1500 * time.Millisecond},
		{"for 12 s, in a call", true, 12 * time.Second, 31 * time.Second},
		{"for 30 s, in a call", true, 30 * time.Second, 31 * time.Second},
		{"for 10 min, in a call", true, 10 * time.Minute, 31 * time.Second},
		{"for 8 h", false, 8 * time.Hour, 31 * time.Second},
	} {
		fault{
			name: "F01", done: "the server dies " + v.name,
			required: fmt.Sprintf("seen at once, registered again within %v of its return, at most 25 attempts in "+
				"10 min; a call goes on, and the far end's BYE arrives", v.limit),
			figure: "from the server's return to both being registered", limit: v.limit, virtual: true,
			missing: map[bool]string{true: "about 55 attempts in the first 10 min"}[v.away >= 10*time.Minute],
		}.try(t, func(t *testing.T) time.Duration {
			return inWorld(t, sandbox.Options{}, func(w *world) time.Duration {
				var out, in *netsip.Session
				if v.calls {
					out, in = w.answered()
				}
				time.Sleep(2 * time.Minute)
				dials := w.dials.Load()
				back := w.down()
				seen := w.after("seen", func() bool { return w.ua["alice"].State().Flow != netsip.FlowConnected })
				if seen > 50*time.Millisecond {
					w.Errorf("seen after %v", seen)
				}
				time.Sleep(v.away - seen)
				back()
				took := w.after("registered again", func() bool { return w.registered("alice") && w.registered("bob") })
				if n := w.dials.Load() - dials; n > attempts(v.away) {
					w.Errorf("%d attempts", n)
				}
				time.Sleep(5 * time.Second)
				if v.calls {
					w.still(out, in)
				}
				return took
			})
		})
	}
}

// attempts bounds the dials of an outage: one in 1.2 s for 5 s, in 4 s for 2 min and in 30 s then.
func attempts(away time.Duration) int64 {
	n := 2 + min(away, 5*time.Second)/(1200*time.Millisecond) + min(away, 2*time.Minute)/(4*time.Second)
	return int64(n + away/(30*time.Second))
}

// TestF03ANATForgets the connection: nothing that is sent arrives, and nobody says so.
//
// Holds: faults
func TestF03ANATForgets(t *testing.T) {
	for _, v := range []struct {
		name  string
		calls bool
		limit time.Duration
	}{
		{"idle", false, 35 * time.Second},
		{"in a call", true, 8 * time.Second},
	} {
		fault{
			name: "F03", done: "a NAT forgets the connection, " + v.name,
			required: fmt.Sprintf("seen within %v, registered within 2 s then", v.limit),
			figure:   "until it is seen", limit: v.limit, virtual: true,
		}.try(t, func(t *testing.T) time.Duration {
			return inWorld(t, sandbox.Options{}, func(w *world) time.Duration {
				var out, in *netsip.Session
				if v.calls {
					out, in = w.answered()
				}
				time.Sleep(3 * time.Minute)
				w.ways.forget(false)
				seen := w.after("seen", func() bool { return w.ua["alice"].State().Flow != netsip.FlowConnected })
				if again := w.after("registered", func() bool { return w.registered("alice") }); again > 2*time.Second {
					w.Errorf("registered %v after it was seen", again)
				}
				if v.calls {
					time.Sleep(5 * time.Second)
					w.still(out, in)
				}
				return seen
			})
		})
	}
	fault{
		name: "F03", done: "nothing arrives for 60 s, and the user hangs up meanwhile",
		required: "the call ends here at once, and at the far end within 2 s of the first connection",
		figure:   "from the connection to the far end's end", limit: 2 * time.Second, virtual: true,
	}.try(t, func(t *testing.T) time.Duration {
		return inWorld(t, sandbox.Options{}, func(w *world) time.Duration {
			out, in := w.answered()
			time.Sleep(time.Minute)
			w.ways.forget(true)
			w.loop.Do(out.HangUp)
			if ended := w.after("ended", func() bool { return out.End() != nil }); ended > 32*time.Second {
				w.Errorf("ended %v after the user hung up", ended)
			}
			time.Sleep(10 * time.Second)
			w.ways.heal()
			w.until("registered", func() bool { return w.registered("alice") })
			return w.after("the BYE", func() bool { return in.End() != nil })
		})
	})
}

// TestF04TheServerFreezes: its connections stay, and nothing is answered.
//
// Holds: faults
func TestF04TheServerFreezes(t *testing.T) {
	for _, v := range []struct {
		name string
		time time.Duration
	}{
		{"for 3 s", 3 * time.Second}, {"for 10 s", 10 * time.Second}, {"for a minute", time.Minute},
	} {
		fault{
			name: "F04", done: "the server freezes " + v.name + ", in a call, and a second one is begun meanwhile",
			required: "registered again and both calls well once it goes on: none is there twice, none lost",
			figure:   "from its going on to being registered", limit: 31 * time.Second, virtual: true,
		}.try(t, func(t *testing.T) time.Duration {
			return inWorld(t, sandbox.Options{}, func(w *world) time.Duration {
				out, in := w.answered()
				time.Sleep(time.Minute)
				w.server.Faults().Stall()
				time.Sleep(time.Second)
				second := w.invite(netsip.CallOptions{})
				time.Sleep(v.time - time.Second)
				w.server.Faults().Resume()
				took := w.after("registered", func() bool { return w.registered("alice") && w.registered("bob") })
				time.Sleep(40 * time.Second)
				if n := len(w.calls()); n > 2 {
					w.Errorf("%d calls reached bob", n-1)
				}
				w.loop.Do(func() {
					if s := second.State(); second.End() == nil && s != netsip.SessionRinging {
						w.Errorf("the second call is neither here nor there: %v", s)
					}
				})
				w.still(out, in)
				return took
			})
		})
	}
}

// TestF05TheServerAcceptsAndCloses at once, a thousand times.
//
// Holds: faults
func TestF05TheServerAcceptsAndCloses(t *testing.T) {
	for _, v := range []struct {
		name  string
		fault sandbox.ConnectFault
	}{
		{"with 1011", sandbox.ConnectFault{CloseCode: 1011}},
		{"with 1012", sandbox.ConnectFault{CloseCode: 1012}},
		{"with 1013", sandbox.ConnectFault{CloseCode: 1013}},
		{"without a word", sandbox.ConnectFault{Cut: true}},
		{"by 503", sandbox.ConnectFault{HTTPStatus: 503}},
	} {
		fault{
			name: "F05", done: "each connection is accepted and closed at once " + v.name,
			required: "at most 6 attempts a minute after the first; registered within 31 s once it stops",
			figure:   "from its stopping to being registered", limit: 31 * time.Second, virtual: true,
		}.try(t, func(t *testing.T) time.Duration {
			return inWorld(t, sandbox.Options{}, func(w *world) time.Duration {
				time.Sleep(2 * time.Minute)
				w.server.Faults().OnConnect(-1, v.fault)
				w.server.Faults().Cut("")
				time.Sleep(time.Minute)
				dials := w.dials.Load()
				time.Sleep(10 * time.Minute)
				if n := w.dials.Load() - dials; n > 60 {
					w.Errorf("%d attempts in 10 min", n)
				}
				w.server.Faults().Clear()
				return w.after("registered", func() bool { return w.registered("alice") })
			})
		})
	}
}

// TestF06ALargeMessageCutsTheConnection is never sent again.
//
// Holds: faults
func TestF06ALargeMessageCutsTheConnection(t *testing.T) {
	for _, v := range []struct {
		name string
		code int
	}{
		{"without a word", 0}, {"with 1009", 1009}, {"with 1002", 1002}, {"with 1007", 1007}, {"with 1011", 1011},
	} {
		fault{
			name: "F06", done: "the connection is cut " + v.name + " by an INVITE of 17 kB",
			required: "the INVITE is not sent again, its call ends and says why; registered within 1.5 s",
			figure:   "until registered again", limit: 1500 * time.Millisecond, virtual: true,
		}.try(t, func(t *testing.T) time.Duration {
			return inWorld(t, sandbox.Options{}, func(w *world) time.Duration {
				time.Sleep(2 * time.Minute)
				invites := 0
				w.server.Faults().Add(sandbox.Fault{
					Match: func(e sandbox.Event) bool {
						large := !e.Sent && e.Message != nil && e.Message.Method == "INVITE" && len(e.Frame) > 16384
						if large {
							invites++
						}
						return large
					},
					Times: -1, Cut: v.code == 0, CloseCode: v.code,
				})
				began := time.Now()
				out := w.invite(netsip.CallOptions{
					ExtraHeaders: []sip.Header{{Name: "X-Large", Value: strings.Repeat("x", 17_000)}},
				})
				w.until("ended", func() bool { return out.End() != nil && w.registered("alice") })
				took := time.Since(began)
				time.Sleep(5 * time.Minute)
				w.loop.Do(func() {
					if e := out.End(); !errors.Is(e.Err, netsip.ErrMessageTooLarge) || invites > 2 {
						w.Errorf("%d INVITEs; %+v", invites, e)
					}
				})
				return took
			})
		})
	}
}

// TestF12SignallingIsDead while the media goes on.
//
// Holds: faults
func TestF12SignallingIsDead(t *testing.T) {
	for _, v := range []struct {
		name  string
		hang  time.Duration // of the outage's 60 s, before the user hangs up
		both  bool          // the far end has none either
		limit time.Duration
	}{
		{"after 10 s", 10 * time.Second, false, 0}, // how late the far end learns of it is not judged: see missing
		{"after 40 s", 40 * time.Second, false, 2 * time.Second},
		{"after 55 s", 55 * time.Second, false, 2 * time.Second},
		{"after 10 s, the far end cut off as well", 10 * time.Second, true, 5 * time.Second},
	} {
		missing := ""
		if v.limit == 0 {
			missing = "a BYE that nothing answers is given up after 32 s: the far end learns of it by its session timer"
		}
		fault{
			name: "F12", done: "no signalling for 60 s, and the user hangs up " + v.name,
			required: "the call ends here within 200 ms, and the BYE arrives soon after the connection is back: " +
				"within 2 s, or 5 s where the far end must connect too",
			figure: "from the connection to the BYE", limit: v.limit, virtual: true, missing: missing,
		}.try(t, func(t *testing.T) time.Duration {
			return inWorld(t, sandbox.Options{}, func(w *world) time.Duration {
				out, in := w.answered()
				time.Sleep(2 * time.Minute)
				back := w.ways.heal
				if v.both {
					back = w.down()
				} else {
					w.ways.forget(true)
				}
				time.Sleep(v.hang)
				w.loop.Do(func() {
					if !up(out) {
						w.Errorf("the call ended: %+v", out.End())
					}
					out.HangUp()
				})
				ended := w.after("ended", func() bool { return !up(out) })
				if ended > 200*time.Millisecond {
					w.Errorf("ended %v after the user hung up", ended)
				}
				time.Sleep(time.Minute - v.hang - ended)
				back()
				w.until("connected", func() bool { return w.registered("alice") && w.registered("bob") })
				return w.after("the BYE", func() bool { return in.End() != nil })
			})
		})
	}
}

// TestF13ARefreshFallsIntoAnOutage of a session timer (RFC 4028).
//
// Holds: faults
func TestF13ARefreshFallsIntoAnOutage(t *testing.T) {
	for _, v := range []struct {
		name       string
		from, away time.Duration
		survives   bool
	}{
		{"5 s long", 43 * time.Second, 5 * time.Second, true},
		{"15 s long", 40 * time.Second, 15 * time.Second, true},
		{"begun right after a refresh", 46 * time.Second, 20 * time.Second, true},
		{"past the first expiry", 40 * time.Second, 5 * time.Minute, false},
		{"half an hour long", 40 * time.Second, 30 * time.Minute, false},
	} {
		required := "the call goes on"
		if !v.survives {
			required = "the call ends at both ends with a reason, or goes on at both"
		}
		fault{
			name: "F13", done: "a session of 90 s, its refresh in an outage " + v.name,
			required: required, virtual: true,
		}.try(t, func(t *testing.T) time.Duration {
			return inWorld(t, sandbox.Options{}, func(w *world) time.Duration {
				w.server.Faults().Add(sandbox.Fault{ // both ends agree on 90 s
					Match: func(e sandbox.Event) bool {
						return e.Sent && e.Message != nil && e.Message.Get("Session-Expires") != ""
					},
					Times: -1, Edit: func(m *sip.Message) {
						_, refresher, _ := strings.Cut(m.Get("Session-Expires"), ";")
						if refresher != "" {
							refresher = ";" + refresher
						}
						m.Set("Session-Expires", "90"+refresher)
					},
				})
				out, in := w.answered()
				time.Sleep(v.from)
				w.server.Faults().OnConnect(-1, sandbox.ConnectFault{Refuse: true})
				w.server.Faults().Cut("")
				time.Sleep(v.away)
				w.server.Faults().Clear()
				w.until("registered", func() bool { return w.registered("alice") && w.registered("bob") })
				time.Sleep(5 * time.Minute)
				ended := false
				w.loop.Do(func() {
					ended = out.End() != nil
					if ended != (in.End() != nil) {
						w.Errorf("ended here: %+v; there: %+v", out.End(), in.End())
					} else if ended && out.End().Cause == "" {
						w.Errorf("ended without a reason: %+v", out.End())
					}
				})
				if ended && v.survives {
					w.Errorf("the call ended: %+v", out.End())
				}
				if !ended {
					w.still(out, in)
				}
				return 0
			})
		})
	}
}

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
			if n > 3 || w.registered("alice") {
				w.Errorf("%d REGISTERs", n)
			}
			return 0
		})
	})
}
