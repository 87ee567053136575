package rtc

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/transport/v5/vnet"
	"go.uber.org/goleak"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/ladder"
	"calla/netsip/loop"
	"calla/netsip/sandbox"
	"calla/netsip/sip"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the golden ladders instead of comparing with them")
	goleak.VerifyTestMain(m)
}

// stage is two user agents with true media in virtual time, the sandbox's proxy between them, and a ladder of it all.
type stage struct {
	*testing.T
	sheet  *ladder.Sheet
	server *sandbox.Server
	loop   *loop.Loop
	agents map[string]*netsip.UserAgent
	media  map[string]*Session
	came   atomic.Pointer[netsip.Session] // to Bob

	mu         sync.Mutex
	said       map[string]*description // by user: the last
	sessions   map[string]int          // ICE sessions by credentials, numbered
	handshakes atomic.Int64            // ClientHellos without those that were sent again
}

// kept hands out the media of an engine and keeps it.
type kept struct {
	*Engine
	keep func(*Session)
}

func (k kept) NewMediaSession() (netsip.MediaSession, error) {
	s, err := k.NewSession()
	if err == nil {
		k.keep(s)
	}
	return s, err
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{
		T: t, loop: loop.New(), agents: map[string]*netsip.UserAgent{}, media: map[string]*Session{},
		said: map[string]*description{}, sessions: map[string]int{},
		server: sandbox.New(sandbox.Options{
			Domain: "example.com", Users: map[string]string{"alice": "a secret", "bob": "b secret"},
		}),
	}
	l := newLAN(t, 20*time.Millisecond)
	l.router.AddChunkFilter(func(c vnet.Chunk) bool {
		if d := c.UserData(); isDTLS(c) && len(d) > 18 && d[0] == 22 && d[13] == 1 && d[17] == 0 && d[18] == 0 {
			s.handshakes.Add(1) // a ClientHello, the first of its handshake (RFC 6347 section 4.2.1)
		}
		return true
	})
	for i, name := range []string{"alice", "bob"} {
		e := l.engine(fmt.Sprintf("198.51.100.%d", i+1), nil)
		ua, err := netsip.New(netsip.Options{
			Loop: s.loop, Dial: s.server.Dial, Rand: rand.New(rand.NewPCG(uint64(i), 5)),
			Media: kept{e, func(m *Session) { s.media[name] = m }},
			Config: config.Config{
				URI: "sip:" + name + "@example.com", WSServers: []config.Server{{WSURI: "ws://example.com"}},
				Password:   config.Secret(name[:1] + " secret"),
				InstanceID: fmt.Sprintf("8f1fa16a-1165-4a96-8341-78%010d", i),
			},
			OnInvite: func(call *netsip.Session) { s.came.Store(call) },
		})
		if err != nil {
			t.Fatal(err)
		}
		s.agents[name] = ua
	}
	l.start()
	return s
}

// until waits for what is asked on the loop.
func (s *stage) until(what string, met func() bool) {
	s.Helper()
	for range 4000 {
		ok := false
		s.loop.Do(func() { ok = met() })
		if ok {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.Fatalf("never: %s", what)
}

// observe draws what the server receives and sends, and beside each description what is of the media's way in it.
func (s *stage) observe(e sandbox.Event) {
	if e.Message == nil || e.User == "" {
		return
	}
	user, proxy := s.sheet.Lane(strings.ToUpper(e.User[:1])+e.User[1:]), s.sheet.Lane("Proxy")
	if e.Sent {
		s.sheet.Message(e.At, proxy, user, e.Message)
		return
	}
	s.sheet.Message(e.At, user, proxy, e.Message)
	d, err := readAny(e.Message.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.said[e.User]
	s.said[e.User] = d
	if s.sessions[d.ufrag] == 0 {
		s.sessions[d.ufrag] = len(s.sessions) + 1
	}
	text := fmt.Sprintf("ICE session %d", s.sessions[d.ufrag])
	switch {
	case before == nil:
		text += ", its certificate"
	case slices.Equal(before.fingerprints, d.fingerprints):
		text += ", the same certificate"
	default:
		text += ", another certificate"
	}
	s.sheet.Note(e.At, user, text)
}

// TestRFC8445Section9RestartWithinOneAssociation: a restart by either end is new ICE credentials at both, and nothing
// else: no handshake, no other certificate or SSRC, no packet lost.
//
// Holds: ice-restart
func TestRFC8445Section9RestartWithinOneAssociation(t *testing.T) {
	for _, c := range []struct{ name, part, by string }{
		{"rfc8445-9-caller", "by the caller", "alice"},
		{"rfc8445-9-callee", "by the callee", "bob"},
	} {
		t.Run(c.part, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t)
				for _, name := range []string{"alice", "bob"} {
					s.loop.Do(s.agents[name].Start)
				}
				s.until("registered", func() bool {
					return len(s.server.Bindings("alice")) > 0 && len(s.server.Bindings("bob")) > 0
				})
				time.Sleep(time.Second)
				hidden := []string{}
				for i, name := range []string{"alice", "bob"} {
					for _, b := range s.server.Bindings(name) {
						hidden = append(hidden, b.Connection, name)
					}
					latency := []time.Duration{10, 13}[i] * time.Millisecond
					s.server.Faults().SetLine(name, sandbox.Line{Latency: latency})
				}
				s.sheet = ladder.New(time.Now(), "Alice", "Proxy", "Bob")
				s.sheet.Names = strings.NewReplacer(hidden...)
				forget := s.server.Observe(s.observe)
				calls := s.play(c.by)
				forget()
				s.end(calls)
				s.sheet.Sort()
				s.compare(c.name, fmt.Sprintf("RFC 8445 section 9, %s: ICE restart within one DTLS association\n"+
					"Rule: both ends have new credentials and the certificates they had; the handshake, the SSRCs and"+
					" the keys stay, and no packet is lost\n"+
					"Test: TestRFC8445Section9RestartWithinOneAssociation\n\n%s", c.part, s.sheet.Text()))
			})
		})
	}
}

// play has Alice call Bob, and one of them restart ICE while both talk.
func (s *stage) play(by string) map[string]*netsip.Session {
	s.Helper()
	calls := map[string]*netsip.Session{}
	s.loop.Do(func() {
		to, err := sip.ParseURI("sip:bob@example.com")
		if err == nil {
			calls["alice"], err = s.agents["alice"].Call(sip.Address{URI: to}, netsip.CallOptions{})
		}
		if err != nil {
			s.Error(err)
		}
	})
	s.until("ringing", func() bool { return s.came.Load() != nil })
	calls["bob"] = s.came.Load()
	s.loop.Do(calls["bob"].Answer)
	s.until("established", func() bool {
		return calls["alice"].State() == netsip.SessionEstablished && calls["bob"].State() == netsip.SessionEstablished
	})
	waitState(s.T, s.media["alice"], Connected)
	waitState(s.T, s.media["bob"], Connected)
	stop := make(chan struct{})
	var talking sync.WaitGroup
	talking.Go(func() {
		for {
			for _, m := range s.media {
				_ = m.WriteAudio([]byte("word"), 960)
			}
			select {
			case <-time.After(20 * time.Millisecond):
			case <-stop:
				return
			}
		}
	})
	time.Sleep(time.Until(s.sheet.Start.Add(time.Second))) // as what was before took its time
	s.told()
	time.Sleep(500 * time.Millisecond)
	s.loop.Do(calls[by].RestartMedia)
	time.Sleep(2 * time.Second)
	close(stop)
	talking.Wait()
	time.Sleep(500 * time.Millisecond)
	s.told()
	return calls
}

// told notes how the media of both ends is.
func (s *stage) told() {
	for _, name := range []string{"alice", "bob"} {
		m := s.media[name]
		m.figures.mu.Lock()
		sources := len(m.figures.sources)
		m.figures.mu.Unlock()
		s.sheet.Note(time.Now(), s.sheet.Lane(strings.ToUpper(name[:1])+name[1:]), fmt.Sprintf(
			"%v by %d handshake, hears %d SSRC, %d packets lost",
			m.State(), s.handshakes.Load(), sources, m.Stats().PacketsLost))
	}
}

func (s *stage) end(calls map[string]*netsip.Session) {
	s.Helper()
	s.loop.Do(calls["alice"].HangUp)
	s.until("ended", func() bool { return calls["alice"].End() != nil && calls["bob"].End() != nil })
	for _, ua := range s.agents {
		stopped := make(chan struct{})
		s.loop.Do(func() { ua.Stop(func() { close(stopped) }) })
		<-stopped
	}
	for _, m := range s.media {
		m.Close()
	}
	s.loop.Stop()
	s.server.Close()
}

// compare holds a ladder against its golden file, or writes that.
func (s *stage) compare(name, got string) {
	s.Helper()
	file := "../testdata/ladders/" + name + ".txt"
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			s.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		s.Fatalf("%v; draw it with -update:\n%s", err, got)
	}
	if got != string(want) {
		s.Errorf("%s is not what happened (-update draws it again, if that is right):\n%s\nwant\n%s", file, got, want)
	}
}
