// Package wstest is what tests of the ways to servers need: names that can be looked up, or not.
package wstest

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// Fault is what a name server does wrong.
type Fault int

// The faults.
const (
	Well      Fault = iota
	NoSuch          // it knows no name (NXDOMAIN)
	Fails           // it cannot tell (SERVFAIL)
	Refuses         // it does not want to tell
	Nothing         // names have no address
	Silent          // it says nothing
	Unreached       // it is not there
)

// Names is a name server in memory. Any goroutine may use it.
type Names struct {
	mu    sync.Mutex
	known map[string][]netip.Addr
	fault Fault
	conns []net.Conn
}

// Set gives a name its addresses, in the place of those that it had.
func (n *Names) Set(name string, addresses ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil {
		n.known = make(map[string][]netip.Addr)
	}
	n.known[name] = nil
	for _, a := range addresses {
		n.known[name] = append(n.known[name], netip.MustParseAddr(a))
	}
}

// Break lets it do something wrong from now on; Well mends it.
func (n *Names) Break(f Fault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault = f
}

// Close ends it: whoever waits for an answer gets none.
func (n *Names) Close() {
	n.Break(Unreached)
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.conns {
		_ = c.Close()
	}
}

// Resolver asks it.
func (n *Names) Resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.fault == Unreached {
			return nil, &net.OpError{Op: "dial", Err: io.ErrClosedPipe}
		}
		near, far := net.Pipe()
		n.conns = append(n.conns, far)
		go n.serve(far)
		return near, nil
	}}
}

// serve answers one connection, on which each message has its length before it (RFC 1035 section 4.2.2).
func (n *Names) serve(conn net.Conn) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, question); err != nil {
			return
		}
		answer := n.answer(question)
		if answer == nil {
			continue
		}
		binary.BigEndian.PutUint16(size[:], uint16(len(answer)))
		if _, err := conn.Write(append(size[:], answer...)); err != nil {
			return
		}
	}
}

// answer is what is said to a question; nil = nothing.
func (n *Names) answer(question []byte) []byte {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil || len(m.Questions) != 1 {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	name := strings.ToLower(strings.TrimSuffix(m.Questions[0].Name.String(), "."))
	addresses, known := n.known[name]
	switch {
	case n.fault == Silent:
		return nil
	case n.fault == Fails:
		m.RCode = dnsmessage.RCodeServerFailure
	case n.fault == Refuses:
		m.RCode = dnsmessage.RCodeRefused
	case n.fault == NoSuch, !known:
		m.RCode = dnsmessage.RCodeNameError
	case n.fault == Nothing:
	default:
		m.Answers = answersOf(m.Questions[0], addresses)
	}
	packed, err := m.Pack()
	if err != nil {
		return nil
	}
	return packed
}

func answersOf(q dnsmessage.Question, addresses []netip.Addr) (all []dnsmessage.Resource) {
	for _, a := range addresses {
		r := dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}}
		switch {
		case q.Type == dnsmessage.TypeA && a.Is4():
			r.Body = &dnsmessage.AResource{A: a.As4()}
		case q.Type == dnsmessage.TypeAAAA && a.Is6():
			r.Body = &dnsmessage.AAAAResource{AAAA: a.As16()}
		default:
			continue
		}
		all = append(all, r)
	}
	return all
}
