package sandbox

import (
	"net/http"
	"slices"
	"time"

	"calla/netsip/sip"
)

// Faults are what a Server does wrong on purpose. Get it by Server.Faults.
type Faults struct {
	server   *Server
	connects []*connectRule
	rules    []*Fault
	gate     chan struct{}            // closed when a stall ends; nil = no stall
	delayed  map[*time.Timer]struct{} // messages that a fault holds back
}

// NoSubprotocol as ConnectFault.Subprotocol leaves the answer's subprotocol out.
const NoSubprotocol = "-"

// ConnectFault is what happens to a new connection. The first field that is set decides.
type ConnectFault struct {
	Refuse      bool        // over a pipe refused; over TCP closed before any answer
	Stall       bool        // accepted, and nothing is ever said
	HTTPStatus  int         // the handshake is answered so
	Header      http.Header // with HTTPStatus, such as Retry-After
	Subprotocol string      // the handshake chooses this subprotocol instead of "sip"
	Cut         bool        // the WebSocket is opened and cut at once
	CloseCode   int         // the WebSocket is opened and closed at once, with this code
	Line        Line        // beside the others: what the line to this client is like once it is open
}

type connectRule struct {
	fault ConnectFault
	times int
}

// Fault is what happens to messages that match. Where several match, the oldest decides. Drop, Status, Cut and
// CloseCode keep the message from being handled; Edit and Delay do not.
type Fault struct {
	Match func(Event) bool // nil = every message; it must not call the server
	Times int              // 0 = once, negative = always

	Edit      func(*sip.Message) // changes a message that the server sends
	Delay     time.Duration      // the message is handled or sent so much later, others before it
	Drop      bool               // the message is lost
	Status    int                // a received request is answered so, and goes no further
	Reason    string             // with Status; "" = the default phrase
	Headers   []sip.Header       // with Status, such as Retry-After
	Cut       bool               // the message is lost and its connection cut
	CloseCode int                // the message is lost and its connection closed with this code
}

// loses does to a connection what the fault does to it. It tells whether the message is lost.
func (f *Fault) loses(c *connection) bool {
	switch {
	case f.Drop:
	case f.Cut:
		c.cut()
	case f.CloseCode != 0:
		c.closeWith(f.CloseCode, "")
	default:
		return false
	}
	return true
}

// Faults gives the server's faults.
func (s *Server) Faults() *Faults { return &s.faults }

// OnConnect has the next connections, times of them or, if negative, all, fail. Faults of several calls follow
// one another.
func (f *Faults) OnConnect(times int, fault ConnectFault) {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	if times != 0 {
		f.connects = append(f.connects, &connectRule{fault, times})
	}
}

// Add adds a fault. The returned function takes it away.
func (f *Faults) Add(fault Fault) (remove func()) {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	if fault.Times == 0 {
		fault.Times = 1
	}
	rule := &fault
	f.rules = append(f.rules, rule)
	return func() {
		f.server.mu.Lock()
		defer f.server.mu.Unlock()
		f.rules = slices.DeleteFunc(f.rules, func(r *Fault) bool { return r == rule })
	}
}

// Clear takes all faults away and ends a stall.
func (f *Faults) Clear() {
	f.server.mu.Lock()
	f.connects, f.rules = nil, nil
	f.server.mu.Unlock()
	f.Resume()
}

// Cut ends the connections a user is bound to, or all where user is "", without a close frame. It tells how
// many there were.
func (f *Faults) Cut(user string) int {
	return f.each(user, (*connection).cut)
}

// CloseWith closes the connections a user is bound to, or all where user is "", with a close code, such as 1012.
func (f *Faults) CloseWith(user string, code int, reason string) int {
	return f.each(user, func(c *connection) { c.closeWith(code, reason) })
}

func (f *Faults) each(user string, do func(*connection)) int {
	s := f.server
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.connections {
		bound := func(b *binding) bool { return b.connection == c }
		if !c.gone() && (user == "" || slices.ContainsFunc(s.live(user), bound)) {
			do(c)
			n++
		}
	}
	return n
}

// Stall has the server freeze: connections stay, nothing is read or written on them, no Ping answered.
func (f *Faults) Stall() {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	if f.gate == nil {
		f.gate = make(chan struct{})
	}
}

// Resume ends a Stall; what came meanwhile is handled.
func (f *Faults) Resume() {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	if f.gate != nil {
		close(f.gate)
		f.gate = nil
	}
}

// ExpireNonces makes all nonces given so far stale: the next request with one of them is challenged with
// stale=true.
func (f *Faults) ExpireNonces() {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	f.server.nonces.init()
}

// wait returns when no stall holds the connection.
func (f *Faults) wait(c *connection) {
	for {
		f.server.mu.Lock()
		gate := f.gate
		f.server.mu.Unlock()
		if gate == nil {
			return
		}
		select {
		case <-gate:
		case <-c.done:
			return
		}
	}
}

// stop ends what waits, as Close does.
func (f *Faults) stop() {
	if f.gate != nil {
		close(f.gate)
		f.gate = nil
	}
	for timer := range f.delayed {
		timer.Stop()
	}
	f.delayed = nil
}

// refuses takes a refusal that is due, before a pipe is made.
func (f *Faults) refuses() bool {
	return len(f.connects) > 0 && f.connects[0].fault.Refuse && f.takeConnect().Refuse
}

func (f *Faults) takeConnect() ConnectFault {
	if len(f.connects) == 0 {
		return ConnectFault{}
	}
	rule := f.connects[0]
	if rule.times > 0 {
		if rule.times--; rule.times == 0 {
			f.connects = f.connects[1:]
		}
	}
	return rule.fault
}

// take finds the fault for a message, nil for none.
func (f *Faults) take(e Event) *Fault {
	for i, rule := range f.rules {
		if rule.Match != nil && !rule.Match(e) {
			continue
		}
		if rule.Times > 0 {
			if rule.Times--; rule.Times == 0 {
				f.rules = slices.Delete(f.rules, i, i+1)
			}
		}
		return rule
	}
	return nil
}

// later calls do under the server's mutex after d, unless the server has closed.
func (f *Faults) later(d time.Duration, do func()) {
	if f.delayed == nil {
		f.delayed = make(map[*time.Timer]struct{})
	}
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		f.server.mu.Lock()
		defer f.server.mu.Unlock()
		delete(f.delayed, timer)
		if !f.server.closed {
			do()
		}
	})
	f.delayed[timer] = struct{}{}
}

// Received matches requests of a method that a client sends to the server; "" is any method.
func Received(method string) func(Event) bool { return requests(false, method) }

// Sent matches requests of a method that the server sends to a client; "" is any method.
func Sent(method string) func(Event) bool { return requests(true, method) }

// ReceivedStatus matches responses to a method that a client sends to the server. "" is any method, 0 any status.
func ReceivedStatus(method string, status int) func(Event) bool {
	return responses(false, method, status)
}

// SentStatus matches responses to a method that the server sends to a client. "" is any method, 0 any status.
func SentStatus(method string, status int) func(Event) bool { return responses(true, method, status) }

func requests(sent bool, method string) func(Event) bool {
	return func(e Event) bool {
		return e.Sent == sent && e.Message != nil && e.Message.IsRequest() && (method == "" ||
			e.Message.Method == method)
	}
}

func responses(sent bool, method string, status int) func(Event) bool {
	return func(e Event) bool {
		if e.Sent != sent || e.Message == nil || e.Message.IsRequest() {
			return false
		}
		cseq, _ := e.Message.CSeq()
		return (status == 0 || e.Message.StatusCode == status) && (method == "" || cseq.Method == method)
	}
}
