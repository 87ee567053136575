package test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/rtc"
	"calla/netsip/sip"
	"calla/test/peers"
)

// lab is a Kamailio that writes down what reaches it, and real user agents around it.
type lab struct {
	*peers.Watched
	t    *testing.T
	loop *loop.Loop
}

func newLab(t *testing.T, w peers.Watch) *lab {
	t.Helper()
	if !peers.Required() {
		t.Skip("runs against Kamailio: CALLA_E2E=1")
	}
	l := &lab{Watched: peers.StartWatched(t, w), t: t, loop: loop.New()}
	t.Cleanup(l.loop.Stop)
	return l
}

// values is a configuration in the page's names; more replaces and adds, by parameter's name.
func (l *lab) values(user string, more map[string]any) map[string]any {
	v := map[string]any{
		"uri": "sip:" + user + "@" + l.Domain, "password": l.Password, "ws_servers": l.URL, "stun_servers": []any{},
	}
	for name, value := range more {
		if group, part, nested := strings.Cut(name, "."); nested {
			if v[group] == nil {
				v[group] = map[string]any{}
			}
			v[group].(map[string]any)[part] = value
			continue
		}
		v[name] = value
	}
	return v
}

// labAgent is a user agent of the lab, and what it tells. Its fields are read under its lock.
type labAgent struct {
	*netsip.UserAgent
	lab *lab

	domain string // of its account

	mu   sync.Mutex
	now  netsip.State
	last *netsip.Session // that came in last
	logs []string        // "category content"
}

// agent starts a user agent with a configuration in the page's names; it ends with the test.
func (l *lab) agent(user string, more map[string]any) *labAgent {
	l.t.Helper()
	c, _, err := config.Parse(l.values(user, more), nil)
	if err == nil {
		c, err = c.Normalize()
	}
	if err != nil {
		l.t.Fatal(err)
	}
	a := &labAgent{lab: l, domain: c.Domain()}
	c.Log.Connector = func(_ config.LogLevel, category, _, content string) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.logs = append(a.logs, category+" "+content)
	}
	media := rtc.Config{
		IncludeLoopback: true, GatherCap: time.Duration(c.Calla.ICEGatheringTimeout) * time.Millisecond,
		RelayOnly: c.Calla.ICETransportPolicy == config.ICERelay,
	}
	for _, s := range c.StunServers {
		media.ICEServers = append(media.ICEServers, rtc.ICEServer{URLs: []string{s}})
	}
	for _, s := range c.TurnServers {
		media.ICEServers = append(media.ICEServers,
			rtc.ICEServer{URLs: s.URLs, Username: s.Username, Credential: s.Credential.Reveal()})
	}
	engine, err := rtc.NewEngine(media)
	if err != nil {
		l.t.Fatal(err)
	}
	a.UserAgent, err = netsip.New(netsip.Options{
		Loop: l.loop, Config: c, Media: engine, UserAgent: "Calla/test",
		OnState:  func(s netsip.State) { a.mu.Lock(); a.now = s; a.mu.Unlock() },
		OnInvite: func(s *netsip.Session) { a.mu.Lock(); a.last = s; a.mu.Unlock() },
	})
	if err != nil {
		l.t.Fatal(err)
	}
	l.loop.Do(a.Start)
	l.t.Cleanup(func() {
		done := make(chan struct{})
		l.loop.Do(func() { a.Stop(func() { close(done) }) })
		<-done
		_ = engine.Close()
	})
	return a
}

// state is the latest one told.
func (a *labAgent) state() netsip.State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now
}

func (a *labAgent) registered() *labAgent {
	a.lab.t.Helper()
	peers.Until(a.lab.t, 30*time.Second, "registration",
		func() bool { return a.state().Registration == netsip.Registered })
	return a
}

// call calls what a user dials and returns the session.
func (a *labAgent) call(dialled string) *netsip.Session {
	a.lab.t.Helper()
	uri, err := config.DialTarget(dialled, a.domain)
	if err != nil {
		a.lab.t.Fatal(err)
	}
	var s *netsip.Session
	a.lab.loop.Do(func() { s, err = a.Call(sip.Address{URI: uri}, netsip.CallOptions{}) })
	if err != nil {
		a.lab.t.Fatal(err)
	}
	return s
}

// incoming waits for a call that comes in.
func (a *labAgent) incoming() *netsip.Session {
	a.lab.t.Helper()
	var s *netsip.Session
	peers.Until(a.lab.t, 30*time.Second, "incoming call", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		s = a.last
		return s != nil
	})
	return s
}

// reach waits for a state of a session.
func (l *lab) reach(s *netsip.Session, want netsip.SessionState) {
	l.t.Helper()
	peers.Until(l.t, 30*time.Second, "call "+want.String(), func() bool {
		var now netsip.SessionState
		l.loop.Do(func() { now = s.State() })
		return now == want
	})
}

// of waits for the n-th request of a method that a user sent to Kamailio, 1 the first.
func (l *lab) of(user, method string, n int) peers.Seen {
	l.t.Helper()
	var found peers.Seen
	peers.Until(l.t, 30*time.Second, fmt.Sprintf("%s %d of %s at Kamailio", method, n, user), func() bool {
		left := n
		for _, m := range l.Messages(l.t) {
			if m.Received && strings.HasPrefix(m.Text, method+" ") &&
				strings.Contains(strings.Join(m.Header("From"), ""), ":"+user+"@") {
				if left--; left == 0 {
					found = m
					return true
				}
			}
		}
		return false
	})
	return found
}

// contains asserts that a header field, all its lines joined, has a text in it.
func contains(t *testing.T, m peers.Seen, header, want string) {
	t.Helper()
	if got := strings.Join(m.Header(header), ", "); !strings.Contains(got, want) {
		t.Errorf("%s is %q, want %q in it:\n%s", header, got, want, m.Text)
	}
}

// lacks asserts that it has not.
func lacks(t *testing.T, m peers.Seen, header, not string) {
	t.Helper()
	if got := strings.Join(m.Header(header), ", "); strings.Contains(got, not) {
		t.Errorf("%s is %q, want no %q in it", header, got, not)
	}
}

// registeredOr waits for the registration, or for the connection alone where the registrar may not like what a
// parameter says.
func (a *labAgent) registeredOr(connected bool) *labAgent {
	a.lab.t.Helper()
	if !connected {
		return a.registered()
	}
	peers.Until(a.lab.t, 30*time.Second, "connection", func() bool { return a.state().Flow == netsip.FlowConnected })
	return a
}
