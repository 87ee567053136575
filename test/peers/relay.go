package peers

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Relay is a way to a server that a test can cut, while the server lives.
type Relay struct {
	URL string // of the server, by way of the relay

	to       string
	mu       sync.Mutex
	cut      bool
	conns    map[net.Conn]struct{}
	listener net.Listener
}

// StartRelay leads to a ws:// server until the test ends.
func StartRelay(t testing.TB, url string) *Relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, path, _ := strings.Cut(strings.TrimPrefix(url, "ws://"), "/")
	r := &Relay{
		URL: "ws://" + l.Addr().String() + "/" + path, to: address, conns: map[net.Conn]struct{}{}, listener: l,
	}
	go r.serve()
	t.Cleanup(func() {
		_ = l.Close()
		r.Cut()
	})
	return r
}

// Cut ends all connections, and every new one at once, until Mend.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = true
	for c := range r.conns {
		_ = c.Close()
	}
}

// Mend lets connections through again.
func (r *Relay) Mend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = false
}

func (r *Relay) serve() {
	for {
		near, err := r.listener.Accept()
		if err != nil {
			return
		}
		go r.pass(near)
	}
}

// pass carries one connection until either end has ended it.
func (r *Relay) pass(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	defer far.Close()
	if !r.keep(near, far) {
		return
	}
	defer r.forget(near, far)
	go func() {
		_, _ = io.Copy(far, near)
		_ = far.Close()
	}()
	_, _ = io.Copy(near, far)
}

func (r *Relay) keep(conns ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		r.conns[c] = struct{}{}
	}
	return !r.cut
}

func (r *Relay) forget(conns ...net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		delete(r.conns, c)
	}
}
