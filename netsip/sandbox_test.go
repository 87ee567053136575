package netsip_test

import (
	"context"
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

// Two user agents over the sandbox's registrar and proxy.

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
func (*agreeableSession) OnUntaken(func())               {}

// world is a server and two users, who share a loop.
type world struct {
	*testing.T
	server  *sandbox.Server
	loop    *loop.Loop
	ua      map[string]*netsip.UserAgent
	invites map[string][]*netsip.Session
}

func inWorld(t *testing.T, o sandbox.Options, script func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o.Users = map[string]string{"alice": "a secret", "bob": "b secret"}
		w := &world{
			T: t, server: sandbox.New(o), loop: loop.New(),
			ua: map[string]*netsip.UserAgent{}, invites: map[string][]*netsip.Session{},
		}
		for name, password := range o.Users {
			ua, err := netsip.New(netsip.Options{
				Loop: w.loop, Media: agreeable{}, Dial: w.server.Dial,
				Config: config.Config{
					URI:       "sip:" + name + "@" + w.server.Domain(),
					WSServers: []config.Server{{WSURI: "ws://sandbox.invalid"}},
					Password:  config.Secret(password),
				},
				OnInvite: func(s *netsip.Session) { w.invites[name] = append(w.invites[name], s) },
			})
			if err != nil {
				t.Fatal(err)
			}
			w.ua[name] = ua
			w.loop.Do(ua.Start)
		}
		for name, ua := range w.ua {
			w.until(name+" registered", func() bool { return ua.State().Registration == netsip.Registered })
		}
		script(w)
		for _, ua := range w.ua {
			stopped := make(chan struct{})
			w.loop.Do(func() { ua.Stop(func() { close(stopped) }) })
			<-stopped
		}
		w.loop.Stop()
		w.server.Close()
	})
}

func (w *world) until(what string, ok func() bool) {
	w.Helper()
	for range 4000 {
		synctest.Wait()
		met := false
		w.loop.Do(func() { met = ok() })
		if met {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.Fatalf("never happened: %s", what)
}

// named is the address of a user of the sandbox.
func named(server *sandbox.Server, user string) sip.URI {
	return sip.URI{Scheme: "sip", User: user, Host: server.Domain()}
}

// call lets alice call bob and waits until he rings.
func (w *world) call() (out, in *netsip.Session) {
	w.Helper()
	n := 0
	w.loop.Do(func() {
		var err error
		n = len(w.invites["bob"])
		if out, err = w.ua["alice"].Call(sip.Address{URI: named(w.server, "bob")}, netsip.CallOptions{}); err != nil {
			w.Error(err)
		}
	})
	w.until("ringing", func() bool { return len(w.invites["bob"]) > n && out.State() == netsip.SessionRinging })
	w.loop.Do(func() { in = w.invites["bob"][n] })
	return out, in
}

func (w *world) answered() (out, in *netsip.Session) {
	w.Helper()
	out, in = w.call()
	w.loop.Do(in.Answer)
	w.until("established", func() bool {
		return out.State() == netsip.SessionEstablished && in.State() == netsip.SessionEstablished
	})
	return out, in
}

func (w *world) bothEnded(out, in *netsip.Session, cause string) {
	w.Helper()
	w.until("ended", func() bool { return out.End() != nil && in.End() != nil })
	w.loop.Do(func() {
		if out.End().Cause != cause {
			w.Errorf("the caller's call ended with %q, want %q: %v", out.End().Cause, cause, out.End().Err)
		}
	})
}

func TestCallOverTheSandbox(t *testing.T) {
	for _, o := range []sandbox.Options{
		{},
		{ChallengeCalls: true},
		{Algorithms: []string{"MD5"}},
		{Algorithms: []string{"SHA-512-256-sess"}, NonceLifetime: time.Second},
	} {
		inWorld(t, o, func(w *world) {
			out, in := w.answered()
			time.Sleep(3 * time.Hour) // session timers and registrations are refreshed
			w.loop.Do(func() {
				if out.End() != nil || in.End() != nil {
					w.Errorf("ended: %+v %+v", out.End(), in.End())
				}
			})
			w.loop.Do(in.HangUp)
			w.bothEnded(out, in, netsip.CauseBye)
			out, in = w.call()
			w.loop.Do(func() { in.Reject(486, "") })
			w.bothEnded(out, in, netsip.CauseBusy)
			out, in = w.call()
			w.loop.Do(out.HangUp)
			w.bothEnded(out, in, netsip.CauseCanceled)
		})
	}
}

func TestWrongPasswordAtTheSandbox(t *testing.T) {
	inWorld(t, sandbox.Options{}, func(w *world) {
		alice := w.ua["alice"]
		w.loop.Do(func() { alice.SetCredentials("wrong") })
		w.until("refused", func() bool { return alice.State().Registration == netsip.RegistrationFailed })
		w.loop.Do(func() { alice.SetCredentials("a secret") })
		w.until("registered", func() bool { return alice.State().Registration == netsip.Registered })
	})
}

// A server that forgets its connections when it is restarted cannot reach the Contacts that the dialogs know: the
// call goes on as the same one, and the BYE arrives, ten restarts in a row.
func TestCallOutlivesRestartsOfAServerThatLosesBothEnds(t *testing.T) {
	inWorld(t, sandbox.Options{}, func(w *world) {
		var mu sync.Mutex
		dead, latest := map[string]bool{}, "" // Call-IDs
		w.server.Observe(func(e sandbox.Event) {
			mu.Lock()
			defer mu.Unlock()
			if m := e.Message; m != nil && e.Sent && m.StatusCode == 200 && strings.HasSuffix(m.Get("CSeq"), "INVITE") {
				latest = m.CallID()
			}
		})
		w.server.Faults().Add(sandbox.Fault{
			Match: func(e sandbox.Event) bool {
				mu.Lock()
				defer mu.Unlock()
				m := e.Message
				return m != nil && !e.Sent && m.IsRequest() && m.Method != "ACK" && dead[m.CallID()]
			},
			Times: -1, Status: 404,
		})
		out, in := w.answered()
		for range 10 {
			mu.Lock()
			dead[latest] = true
			mu.Unlock()
			w.server.Faults().Cut("")
			w.until("taken up anew", func() bool {
				mu.Lock()
				defer mu.Unlock()
				return !dead[latest]
			})
			time.Sleep(time.Minute)
		}
		w.loop.Do(func() {
			if out.State() != netsip.SessionEstablished || in.State() != netsip.SessionEstablished ||
				len(w.invites["bob"]) != 1 {
				w.Errorf("states %v, %v", out.State(), in.State())
			}
		})
		w.loop.Do(in.HangUp)
		w.bothEnded(out, in, netsip.CauseBye)
		if by := out.End().By; by != netsip.Remote {
			w.Errorf("ended by %v: the BYE did not arrive", by)
		}
	})
}
