package faults

import (
	"errors"
	"fmt"
	"strings"
	"testing"
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
				"any 10 min after the first 2; a call goes on, and the far end's BYE arrives", v.limit),
			figure: "from the server's return to both being registered", limit: v.limit, virtual: true,
			missing: map[bool]string{true: "25 in the first 10 min, of which there are about 51: that takes a mean " +
				"of 24 s, and a thousand accounts can only come back evenly after a minute (F02) when each asks " +
				"every 4 s so long"}[v.away >= 10*time.Minute],
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
				first := min(v.away-seen, 2*time.Minute)
				time.Sleep(first)
				for rest := v.away - seen - first; rest > 0; rest -= 10 * time.Minute {
					w.seldom(min(rest, 10*time.Minute))
				}
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

// seldom sleeps up to 10 min, in which there must not be more than 25 attempts.
func (w *world) seldom(rest time.Duration) {
	dials := w.dials.Load()
	time.Sleep(rest)
	if n := w.dials.Load() - dials; n > 25 {
		w.Errorf("%d attempts in %v", n, rest)
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
		{"at once", 0, false, 2 * time.Second},
		{"after 10 s", 10 * time.Second, false, 2 * time.Second},
		{"after 40 s", 40 * time.Second, false, 2 * time.Second},
		{"after 55 s", 55 * time.Second, false, 2 * time.Second},
		{"after 10 s, the far end cut off as well", 10 * time.Second, true, 5 * time.Second},
	} {
		fault{
			name: "F12", done: "no signalling for 60 s, and the user hangs up " + v.name,
			required: "the call ends here within 200 ms, and the BYE arrives soon after the connection is back: " +
				"within 2 s, or 5 s where the far end must connect too",
			figure: "from the connection to the BYE", limit: v.limit, virtual: true,
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

// TestF12ARingingCallIsGivenUp while signalling is dead: whoever waits at the other end is told afterwards.
//
// Holds: faults
func TestF12ARingingCallIsGivenUp(t *testing.T) {
	for _, v := range []struct {
		name string
		hang time.Duration // of the outage's 60 s, before the user gives up
		ours bool          // alice called
	}{
		{"gives up after 10 s", 10 * time.Second, true},
		{"gives up at once", 0, true},
		{"declines after 10 s", 10 * time.Second, false},
		{"declines at once", 0, false},
	} {
		fault{
			name: "F12", done: "no signalling for 60 s while a call rings, and the user " + v.name,
			required: "it ends here at once, and at the far end within 2 s of the connection",
			figure:   "from the connection to the far end's end", limit: 2 * time.Second, virtual: true,
		}.try(t, func(t *testing.T) time.Duration {
			return inWorld(t, sandbox.Options{}, func(w *world) time.Duration {
				from, to := "bob", "alice"
				if v.ours {
					from, to = to, from
				}
				time.Sleep(2 * time.Minute)
				out, in := w.ringing(from, to)
				time.Sleep(5 * time.Second)
				w.ways.forget(true)
				time.Sleep(v.hang)
				here, there := in, out
				if v.ours {
					here, there = out, in
				}
				w.loop.Do(here.HangUp)
				if ended := w.after("ended", func() bool { return here.End() != nil }); ended > 200*time.Millisecond {
					w.Errorf("ended %v after the user gave up", ended)
				}
				time.Sleep(time.Minute - v.hang)
				w.ways.heal()
				w.until("connected", func() bool { return w.registered("alice") })
				return w.after("the far end's end", func() bool { return there.End() != nil })
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
