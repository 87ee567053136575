package sandbox

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sip"
)

// The server with the user agents it is made for, in virtual time.

// bobAt is the address of bob at the server.
func bobAt(s *Server) sip.Address {
	return sip.Address{URI: sip.URI{Scheme: "sip", User: "bob", Host: s.Domain()}}
}

// agreeable is media that takes every description.
type agreeable struct{}

func (agreeable) NewMediaSession() (netsip.MediaSession, error) { return agreeable{}, nil }
func (agreeable) Offer(context.Context) ([]byte, error)         { return []byte("v=0\r\n"), nil }
func (agreeable) Answer(context.Context) ([]byte, error)        { return []byte("v=0\r\n"), nil }
func (agreeable) SetOffer(context.Context, []byte) (netsip.RemoteMedia, error) {
	return netsip.RemoteMedia{}, nil
}

func (agreeable) SetAnswer(context.Context, []byte) (netsip.RemoteMedia, error) {
	return netsip.RemoteMedia{}, nil
}

func (agreeable) Close() error                   { return nil }
func (agreeable) Rollback(context.Context) error { return nil }
func (agreeable) SetHold(bool)                   {}
func (agreeable) RestartICE()                    {}
func (agreeable) OnPath(func(alive bool))        {}
func (agreeable) OnUntaken(func())               {}

// agent starts a user agent that answers every call, and waits until it is registered.
func agent(t *testing.T, s *Server, loop *loop.Loop, user, password string) *netsip.UserAgent {
	t.Helper()
	var ua *netsip.UserAgent
	loop.Do(func() {
		var err error
		ua, err = netsip.New(netsip.Options{
			Loop: loop, Media: agreeable{}, Dial: s.Dial, OnInvite: (*netsip.Session).Answer,
			Config: config.Config{
				URI:       "sip:" + user + "@example.com",
				WSServers: []config.Server{{WSURI: "wss://example.com/ws"}}, Password: config.Secret(password),
			},
		})
		if err != nil {
			t.Error(err)
			return
		}
		ua.Start()
	})
	synctest.Wait()
	loop.Do(func() {
		if state := ua.State(); state.Registration != netsip.Registered || state.PublicGRUU == "" {
			t.Fatalf("%s: %+v", user, state)
		}
	})
	t.Cleanup(func() {
		stopped := make(chan struct{})
		loop.Do(func() { ua.Stop(func() { close(stopped) }) })
		<-stopped
	})
	return ua
}

func TestUserAgentsCallEachOther(t *testing.T) {
	bubble(t, Options{ChallengeCalls: true}, func(t *testing.T, s *Server) {
		loop := loop.New()
		t.Cleanup(loop.Stop)
		alice := agent(t, s, loop, "alice", "wonder")
		bob := agent(t, s, loop, "bob", "builder")
		for _, endedByCallee := range []bool{true, false} {
			var out *netsip.Session
			loop.Do(func() {
				var err error
				if out, err = alice.Call(bobAt(s), netsip.CallOptions{}); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
			loop.Do(func() {
				if out.State() != netsip.SessionEstablished || len(bob.Sessions()) != 1 {
					t.Fatalf("call is %v, %+v", out.State(), out.End())
				}
				if endedByCallee {
					bob.Sessions()[0].HangUp()
				} else {
					out.HangUp()
				}
			})
			synctest.Wait()
			loop.Do(func() {
				if out.State() != netsip.SessionEnded || len(alice.Sessions())+len(bob.Sessions()) != 0 {
					t.Errorf("call is %v", out.State())
				}
			})
		}
	})
}

func TestCallSurvivesACutOfEitherConnection(t *testing.T) {
	for _, cut := range []string{"alice", "bob", ""} {
		t.Run("cut "+cut, func(t *testing.T) {
			bubble(t, Options{}, func(t *testing.T, s *Server) {
				loop := loop.New()
				t.Cleanup(loop.Stop)
				alice := agent(t, s, loop, "alice", "wonder")
				bob := agent(t, s, loop, "bob", "builder")
				loop.Do(func() { _, _ = alice.Call(bobAt(s), netsip.CallOptions{}) })
				synctest.Wait()
				s.Faults().Cut(cut)
				time.Sleep(time.Minute)
				loop.Do(func() {
					if len(alice.Sessions()) != 1 || len(bob.Sessions()) != 1 {
						t.Fatalf("%d and %d calls are left", len(alice.Sessions()), len(bob.Sessions()))
					}
					bob.Sessions()[0].HangUp()
				})
				synctest.Wait()
				loop.Do(func() {
					if len(alice.Sessions()) != 0 {
						t.Error("the caller was not told of the end")
					}
				})
			})
		})
	}
}

func TestUserAgentStopsAtAWrongPassword(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		loop := loop.New()
		t.Cleanup(loop.Stop)
		registers := 0
		s.Observe(func(e Event) {
			if Received("REGISTER")(e) {
				registers++
			}
		})
		var ua *netsip.UserAgent
		loop.Do(func() {
			ua, _ = netsip.New(netsip.Options{Loop: loop, Dial: s.Dial, Config: config.Config{
				URI: "sip:alice@example.com", WSServers: []config.Server{{WSURI: "wss://example.com/ws"}},
				Password: "guess",
			}})
			ua.Start()
		})
		time.Sleep(time.Hour)
		loop.Do(func() {
			if state := ua.State(); state.Registration != netsip.RegistrationFailed || state.Err == nil {
				t.Errorf("%+v", state)
			}
			ua.Stop(nil)
		})
		time.Sleep(time.Minute)
		if registers > 3 {
			t.Errorf("%d REGISTER", registers)
		}
	})
}
