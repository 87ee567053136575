package faults

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
)

// Two user agents over the sandbox's registrar and proxy, in virtual time.

// world is a server and two users, who share a loop.
type world struct {
	*testing.T
	server  *sandbox.Server
	loop    *loop.Loop
	ua      map[string]*netsip.UserAgent
	dials   atomic.Int64 // of alice
	ways    ways         // of alice to the server
	mu      sync.Mutex
	invites []*netsip.Session // that reached either
}

// inWorld runs script in virtual time, once alice and bob are registered, and returns its figure.
func inWorld(t *testing.T, o sandbox.Options, script func(w *world) time.Duration) (figure time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o.Users = map[string]string{"alice": password, "bob": password}
		w := &world{T: t, server: sandbox.New(o), loop: loop.New(), ua: map[string]*netsip.UserAgent{}}
		for name := range o.Users {
			ua, err := netsip.New(netsip.Options{
				Loop: w.loop, Media: agreeable{}, Dial: w.dialer(name), Rand: chance(t, len(name)),
				Config: config.Config{
					URI:       "sip:" + name + "@" + w.server.Domain(),
					WSServers: []config.Server{{WSURI: "ws://sandbox.invalid"}},
					Password:  password, SessionTimers: config.On,
				},
				OnInvite: func(s *netsip.Session) {
					w.mu.Lock()
					defer w.mu.Unlock()
					w.invites = append(w.invites, s)
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			w.ua[name] = ua
			w.loop.Do(ua.Start)
		}
		defer w.close()
		w.until("both registered", func() bool { return w.registered("alice") && w.registered("bob") })
		figure = script(w)
	})
	return figure
}

// close ends all, whatever has become of it.
func (w *world) close() {
	w.ways.heal()
	w.server.Faults().Clear()
	for _, ua := range w.ua {
		stopped := make(chan struct{})
		w.loop.Do(func() { ua.Stop(func() { close(stopped) }) })
		<-stopped
	}
	w.loop.Stop()
	w.server.Close()
	w.ways.end()
}

// dialer counts alice's dials, and leads them over ways that can be lost.
func (w *world) dialer(name string) func(context.Context, string) (net.Conn, error) {
	return func(ctx context.Context, url string) (net.Conn, error) {
		if name != "alice" {
			return w.server.Dial(ctx, url)
		}
		w.dials.Add(1)
		far, err := w.server.Dial(ctx, url)
		if err != nil {
			return nil, err
		}
		return w.ways.over(far), nil
	}
}

func (w *world) registered(name string) bool {
	return w.ua[name].State().Registration == netsip.Registered
}

// until waits for what is true on the loop, in steps of 10 ms.
func (w *world) until(what string, ok func() bool) {
	w.Helper()
	for range 200_000 {
		synctest.Wait()
		met := false
		w.loop.Do(func() { met = ok() })
		if met {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.Fatalf("never happened: %s", what)
}

// after is how long it takes until something is true.
func (w *world) after(what string, ok func() bool) time.Duration {
	w.Helper()
	began := time.Now()
	w.until(what, ok)
	return time.Since(began)
}

// call has alice call bob, and returns both ends once his rings.
func (w *world) call(o netsip.CallOptions) (out, in *netsip.Session) {
	w.Helper()
	return w.rings(func() *netsip.Session { return w.invite(o) })
}

// ringing has one call the other, whose phone rings.
func (w *world) ringing(from, to string) (out, in *netsip.Session) {
	w.Helper()
	return w.rings(func() *netsip.Session { return w.inviteFrom(from, to, netsip.CallOptions{}) })
}

func (w *world) rings(invite func() *netsip.Session) (out, in *netsip.Session) {
	w.Helper()
	before := len(w.calls())
	out = invite()
	w.until("ringing", func() bool { return len(w.calls()) > before && out.State() == netsip.SessionRinging })
	return out, w.calls()[before]
}

// invite has alice call bob.
func (w *world) invite(o netsip.CallOptions) *netsip.Session {
	w.Helper()
	return w.inviteFrom("alice", "bob", o)
}

func (w *world) inviteFrom(from, to string, o netsip.CallOptions) (out *netsip.Session) {
	w.Helper()
	var err error
	w.loop.Do(func() {
		to := sip.URI{Scheme: "sip", User: to, Host: w.server.Domain()}
		out, err = w.ua[from].Call(sip.Address{URI: to}, o)
	})
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// calls are those that reached either.
func (w *world) calls() []*netsip.Session {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]*netsip.Session(nil), w.invites...)
}

// answered is a call that is up.
func (w *world) answered() (out, in *netsip.Session) {
	w.Helper()
	out, in = w.call(netsip.CallOptions{})
	w.loop.Do(in.Answer)
	w.until("established", func() bool { return up(out) && up(in) })
	return out, in
}

func up(s *netsip.Session) bool { return s.State() == netsip.SessionEstablished }

// still fails the test where a call is not up, and ends it from the far end, which must be told to us.
func (w *world) still(out, in *netsip.Session) {
	w.Helper()
	w.loop.Do(func() {
		if !up(out) || !up(in) {
			w.Errorf("the call: %v, %v; %+v", out.State(), in.State(), out.End())
		}
		in.HangUp()
	})
	if w.Failed() {
		return
	}
	w.until("the far end's BYE", func() bool { return out.End() != nil && in.End() != nil })
	w.loop.Do(func() {
		if e := out.End(); e.By != netsip.Remote || e.Err != nil {
			w.Errorf("ended by %v: %+v", e.By, e)
		}
	})
}

// down has the server die, and lose what it knew; the returned function has it back.
func (w *world) down() (back func()) {
	w.server.Faults().OnConnect(-1, sandbox.ConnectFault{Refuse: true})
	w.server.Faults().Cut("")
	return w.server.Faults().Clear
}

// ways are what leads from alice to the server: pipes that can lose all that goes over them, as a NAT that has
// forgotten a connection does.
type ways struct {
	mu   sync.Mutex
	dead []*atomic.Bool // of those there are
	lost bool           // those to come lose everything too
	work sync.WaitGroup
	all  []net.Conn
}

// over leads to far.
func (l *ways) over(far net.Conn) net.Conn {
	near, inner := net.Pipe()
	dead := new(atomic.Bool)
	l.mu.Lock()
	defer l.mu.Unlock()
	dead.Store(l.lost)
	l.dead = append(l.dead, dead)
	l.all = append(l.all, inner, far)
	relay := func(to, from net.Conn) {
		buffer := make([]byte, 64<<10)
		for {
			n, err := from.Read(buffer)
			if dead.Load() {
				if err != nil {
					return // and the other side never hears of it
				}
				continue
			}
			if err == nil {
				_, err = to.Write(buffer[:n])
			}
			if err != nil {
				_ = to.Close()
				_ = from.Close()
				return
			}
		}
	}
	l.work.Go(func() { relay(far, inner) })
	l.work.Go(func() { relay(inner, far) })
	return near
}

// forget loses what goes over the ways that there are; with all, over those to come as well.
func (l *ways) forget(all bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = all
	for _, dead := range l.dead {
		dead.Store(true)
	}
}

// heal has new ways work; those that were lost stay so.
func (l *ways) heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = false
}

// end closes all.
func (l *ways) end() {
	l.mu.Lock()
	for _, c := range l.all {
		_ = c.Close()
	}
	l.mu.Unlock()
	l.work.Wait()
}

// agreeable is media that answers anything.
type agreeable struct{}

func (agreeable) NewMediaSession() (netsip.MediaSession, error) { return &agreeableSession{}, nil }

type agreeableSession struct {
	mu      sync.Mutex
	version int
}

func (s *agreeableSession) describe() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	return fmt.Appendf(nil, "v=0\r\no=- 1 %d IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n",
		s.version), nil
}

func (s *agreeableSession) Offer(context.Context) ([]byte, error)  { return s.describe() }
func (s *agreeableSession) Answer(context.Context) ([]byte, error) { return s.describe() }
func (*agreeableSession) SetOffer(context.Context, []byte) (netsip.RemoteMedia, error) {
	return netsip.RemoteMedia{}, nil
}

func (*agreeableSession) SetAnswer(context.Context, []byte) (netsip.RemoteMedia, error) {
	return netsip.RemoteMedia{}, nil
}

func (*agreeableSession) Close() error                   { return nil }
func (*agreeableSession) Rollback(context.Context) error { return nil }
func (*agreeableSession) SetHold(bool)                   {}
func (*agreeableSession) RestartICE()                    {}
func (*agreeableSession) OnPath(func(alive bool))        {}

func (*agreeableSession) OnUntaken(func()) {}
