package faults

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"calla/netsip/sandbox"
	"calla/test/peers"
)

// password is that of every user of a test's server.
const password = "wonderland"

// patience bounds every wait for what has no time of its own.
const patience = time.Minute

// server is a SIP server on loopback that tells what it gets.
type server struct {
	*sandbox.Server
	mu   sync.Mutex
	seen []sandbox.Event
}

// startServer starts one until the test ends, for alice, bob and carol. Its address may be in a network namespace that
// the test entered before.
func startServer(t *testing.T, address string) *server {
	t.Helper()
	s := &server{Server: sandbox.New(sandbox.Options{
		Users: map[string]string{"alice": password, "bob": password, "carol": password},
	})}
	s.Observe(func(e sandbox.Event) {
		s.mu.Lock()
		s.seen = append(s.seen, e)
		s.mu.Unlock()
	})
	if _, err := s.Listen(address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// config writes the configuration of a user.
func (s *server) config(t *testing.T, user string, more map[string]any) string {
	t.Helper()
	return configuration(t, user, s.Domain(), password, s.URL(), more)
}

// configuration writes the configuration of a user of any server into a file.
func configuration(t *testing.T, user, domain, password, url string, more map[string]any) string {
	t.Helper()
	c := map[string]any{
		"uri": "sip:" + user + "@" + domain, "password": password, "ws_servers": url, "stun_servers": []string{},
	}
	for k, v := range more {
		c[k] = v
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), user+".json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// when returns the time of the first message since then that a client sent, or the server did, and that matches.
func (s *server) when(since time.Time, match func(sandbox.Event) bool) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.seen, func(e sandbox.Event) bool { return e.At.After(since) && match(e) })
	if i < 0 {
		return time.Time{}, false
	}
	return s.seen[i].At, true
}

// count is how many messages match since then.
func (s *server) count(since time.Time, match func(sandbox.Event) bool) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.seen {
		if e.At.After(since) && match(e) {
			n++
		}
	}
	return n
}

// until waits for a message since then and returns how long after it came.
func (s *server) until(t *testing.T, since time.Time, what string, match func(sandbox.Event) bool) time.Duration {
	t.Helper()
	var at time.Time
	peers.Until(t, patience, what, func() (ok bool) { at, ok = s.when(since, match); return ok })
	return at.Sub(since)
}

// registered waits until the registrar has a binding of a user, or has none.
func (s *server) registered(t *testing.T, user string, is bool) {
	t.Helper()
	what := user + " to be registered"
	if !is {
		what = user + " to be unregistered"
	}
	peers.Until(t, patience, what, func() bool { return (len(s.Bindings(user)) > 0) == is })
}

// answering starts the built program as a user who takes every call.
func (s *server) answering(t *testing.T, user string, args ...string) *peers.Calla {
	t.Helper()
	far := peers.Run(t, nil, append([]string{"answer", "--config", s.config(t, user, nil)}, args...)...)
	s.registered(t, user, true)
	return far
}
