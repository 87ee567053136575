package faults

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
)

// sleeper is carol, whose computer sleeps while those of the world do not: nothing of hers runs then, and all timers
// that were due are when she wakes up.
type sleeper struct {
	*world
	own   *loop.Loop
	ua    *netsip.UserAgent
	awoke time.Time
}

// startSleeper has carol registered.
func (w *world) startSleeper() *sleeper {
	w.Helper()
	s := &sleeper{world: w, own: loop.New()}
	var err error
	s.ua, err = netsip.New(netsip.Options{
		Loop: s.own, Media: agreeable{}, Dial: w.dialer("alice"), // whose ways can be lost
		Config: config.Config{
			URI: "sip:carol@" + w.server.Domain(), WSServers: []config.Server{{WSURI: "ws://sandbox.invalid"}},
		},
	})
	if err != nil {
		w.Fatal(err)
	}
	s.own.Do(s.ua.Start)
	s.met("registered", s.there)
	return s
}

// end ends what is carol's.
func (s *sleeper) end() {
	stopped := make(chan struct{})
	s.own.Do(func() { s.ua.Stop(func() { close(stopped) }) })
	<-stopped
	s.own.Stop()
}

// met waits for what is true on carol's loop, in steps of 10 ms, and returns how long that took.
func (s *sleeper) met(what string, ok func() bool) time.Duration {
	s.Helper()
	began := time.Now()
	for range 20_000 {
		synctest.Wait()
		met := false
		s.own.Do(func() { met = ok() })
		if met {
			return time.Since(began)
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.Fatalf("never happened: %s", what)
	return 0
}

// there tells whether carol is registered, at the registrar too.
func (s *sleeper) there() bool {
	return s.ua.State().Registration == netsip.Registered && len(s.server.Bindings("carol")) == 1
}

// sleeps has carol asleep for so long; meanwhile happens in the middle of it. When she wakes up the system says so.
func (s *sleeper) sleeps(d time.Duration, meanwhile func()) {
	s.Helper()
	slept := make(chan struct{})
	s.own.Post(func() {
		time.Sleep(d)
		close(slept)
	})
	time.Sleep(d / 2)
	meanwhile()
	<-slept
	s.awoke = time.Now()
	time.AfterFunc(250*time.Millisecond, func() { s.own.Post(s.ua.NetworkChanged) })
}

// inFlight are the REGISTERs of carol.
type inFlight struct {
	mu       sync.Mutex
	sent     []time.Time
	open     int
	together int // at most
}

// registers watches them until the returned function is called.
func (s *sleeper) registers() (f *inFlight, stop func()) {
	f = &inFlight{}
	of := func(e sandbox.Event) bool {
		return e.Message != nil && strings.Contains(e.Message.Get("To"), "carol")
	}
	stop = s.server.Observe(func(e sandbox.Event) {
		f.mu.Lock()
		defer f.mu.Unlock()
		switch {
		case sandbox.Received("REGISTER")(e) && of(e):
			f.sent = append(f.sent, e.At)
			f.open++
			f.together = max(f.together, f.open)
		case sandbox.SentStatus("REGISTER", 0)(e) && of(e):
			f.open--
		}
	})
	return f, stop
}

// since counts those that came after a time.
func (f *inFlight) since(t time.Time) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, at := range f.sent {
		if !at.Before(t) {
			n++
		}
	}
	return n
}

// TestF08Sleep of the computer: nobody is asked for what was due meanwhile, and all is well soon.
//
// Holds: faults
func TestF08Sleep(t *testing.T) {
	for _, v := range []struct {
		name      string
		meanwhile func(w *world)
		waking    func(w *world) // what the network does when the computer is awake
		anew      bool           // by a new connection
	}{
		{"and nothing else happens", func(*world) {}, func(*world) {}, false},
		{"and the server is restarted", func(w *world) { w.down()() }, func(*world) {}, true},
		{
			"and the server is away until then",
			func(w *world) { w.down() }, func(w *world) { w.server.Faults().Clear() }, true,
		},
		{"and a NAT forgets the connection", func(w *world) { w.ways.forget(false) }, func(*world) {}, true},
		{
			"and there is no network until then",
			func(w *world) { w.ways.forget(true) }, func(w *world) { w.ways.heal() }, true,
		},
	} {
		for _, d := range []time.Duration{10 * time.Second, 10 * time.Minute, 8 * time.Hour} {
			fault{
				name: "F08", done: fmt.Sprintf("the computer sleeps for %v, %s", d, v.name),
				required: "registered within 3 s of its waking up, with one REGISTER in flight at most",
				figure:   "from waking up to being registered", limit: 3 * time.Second, virtual: true,
			}.try(t, func(t *testing.T) time.Duration {
				return inWorld(t, sandbox.Options{AnyUser: true}, func(w *world) time.Duration {
					s := w.startSleeper()
					defer s.end()
					f, stop := s.registers()
					defer stop()
					before := s.server.Bindings("carol")[0].Connection
					s.sleeps(d, func() { v.meanwhile(w) })
					v.waking(w)
					time.Sleep(260 * time.Millisecond) // by then the system has said so
					took := 260*time.Millisecond + s.met("registered again", func() bool {
						return s.there() && (s.server.Bindings("carol")[0].Connection != before) == v.anew
					})
					time.Sleep(20 * time.Second)
					s.met("still registered", s.there)
					if n := f.since(s.awoke); n > 1 || f.together > 1 {
						t.Errorf("%d REGISTERs, %d at once", n, f.together)
					}
					return took
				})
			})
		}
	}
}

// talks has carol call bob.
func (s *sleeper) talks() (out, in *netsip.Session) {
	s.Helper()
	calls := len(s.calls())
	var err error
	s.own.Do(func() {
		bob := sip.URI{Scheme: "sip", User: "bob", Host: s.server.Domain()}
		out, err = s.ua.Call(sip.Address{URI: bob}, netsip.CallOptions{})
	})
	if err != nil {
		s.Fatal(err)
	}
	s.met("ringing", func() bool { return len(s.calls()) > calls })
	in = s.calls()[calls]
	s.loop.Do(in.Answer)
	s.met("established", func() bool { return up(out) })
	return out, in
}

// TestF08ACallThatEndsInSleep is no call any more soon after waking up, and was as long as that.
//
// Holds: faults
// Holds: ends-on-its-own
func TestF08ACallThatEndsInSleep(t *testing.T) {
	for _, v := range []struct {
		name   string
		before func(w *world) // the far end hangs up
	}{
		{"", func(*world) {}},
		{", over a connection that a NAT has forgotten", func(w *world) { w.ways.forget(false) }},
		{", and the server is restarted", func(w *world) { w.down()() }},
		{", while there is no network", func(w *world) { w.ways.forget(true) }},
	} {
		for _, d := range []time.Duration{10 * time.Second, 10 * time.Minute, 8 * time.Hour} {
			fault{
				name:     "F08",
				done:     fmt.Sprintf("the computer sleeps for %v in a call, and the far end hangs up%s", d, v.name),
				required: "the call has ended within 5 s of its waking up", virtual: true,
				figure: "from there to its end", limit: 5 * time.Second,
			}.try(t, func(t *testing.T) time.Duration {
				return inWorld(t, sandbox.Options{AnyUser: true}, func(w *world) time.Duration {
					s := w.startSleeper()
					defer s.end()
					out, in := s.talks()
					began := time.Now()
					s.sleeps(d, func() {
						v.before(w)
						w.loop.Do(in.HangUp)
					})
					w.ways.heal()
					took := s.met("the end of the call", func() bool { return out.End() != nil })
					s.own.Do(func() {
						length := out.End().At.Sub(began)
						if length < d || length > d+10*time.Second {
							t.Errorf("a call of %v", length)
						}
					})
					return took
				})
			})
		}
	}
}
