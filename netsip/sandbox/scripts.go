package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"calla/netsip/sip"
)

// Script is something that goes wrong on purpose, by name, for who tries a phone out.
type Script struct {
	Name string
	Help string // one line
	run  func(*Server)
}

// Scripts gives all scripts, in the order of their help.
func Scripts() []Script {
	return []Script{
		{
			"fork", "a call rings at every phone of the user; nothing is needed but several registrations",
			func(*Server) {},
		},
		{
			"glare", "re-INVITEs are held for half a second, so that those of both sides cross",
			func(s *Server) { s.faults.Glare(500 * time.Millisecond) },
		},
		{"lost-ack", "every other ACK is lost", func(s *Server) { s.faults.LoseACK(2) }},
		{"stale-nonce", "every nonce is stale after a second", func(s *Server) { s.faults.StaleNonces(time.Second) }},
		{"unavailable", "the next 3 REGISTER and the next 3 INVITE get 503 with Retry-After: 5", func(s *Server) {
			s.faults.Unavailable("REGISTER", 3, 5*time.Second)
			s.faults.Unavailable("INVITE", 3, 5*time.Second)
		}},
		{"cut", "each connection is cut after 4000 octets, wherever that is in a message", func(s *Server) {
			s.faults.OnConnect(-1, ConnectFault{Line: Line{CutAt: 4000}})
		}},
		{
			"slow", "every octet takes 2 ms to a client",
			func(s *Server) { s.faults.OnConnect(-1, ConnectFault{Line: Line{PerByte: 2 * time.Millisecond}}) },
		},
		{"latency", "what is sent to a client arrives 300 ms later", func(s *Server) {
			s.faults.OnConnect(-1, ConnectFault{Line: Line{Latency: 300 * time.Millisecond}})
		}},
		{"redirect", "calls to the user busy are sent on to the user echo (302)", func(s *Server) {
			s.faults.Redirect("busy", "sip:echo@"+s.options.Domain)
		}},
		{
			"flood", "who registers gets 200 INVITEs from as many callers",
			func(s *Server) { s.faults.FloodOnRegister("INVITE", 200) },
		},
		{"refuse", "every other connection is refused", func(s *Server) {
			for range 1000 {
				s.faults.OnConnect(1, ConnectFault{})
				s.faults.OnConnect(1, ConnectFault{Refuse: true})
			}
		}},
		{"restart", "after 30 s all connections are closed as by a server that restarts (1012)", func(s *Server) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.faults.later(30*time.Second, func() {
				for _, c := range s.connections {
					c.closeWith(1012, "restart")
				}
			})
		}},
	}
}

// RunScript starts a script of Scripts.
func (s *Server) RunScript(name string) error {
	var names []string
	for _, script := range Scripts() {
		if script.Name == name {
			script.run(s)
			return nil
		}
		names = append(names, script.Name)
	}
	return fmt.Errorf("sandbox: no script %q; there are %s", name, strings.Join(names, ", "))
}

// LoseACK loses one in n of the ACKs that clients send, from the next one on.
func (f *Faults) LoseACK(n int) (remove func()) {
	count := 0
	return f.Add(Fault{Times: -1, Drop: true, Match: func(e Event) bool {
		if e.Sent || e.Message == nil || e.Message.Method != "ACK" {
			return false
		}
		count++
		return (count-1)%n == 0
	}})
}

// Glare holds each re-INVITE that a client sends for a while, so that those of both sides of a call cross.
func (f *Faults) Glare(hold time.Duration) (remove func()) {
	return f.Add(Fault{Times: -1, Delay: hold, Match: func(e Event) bool {
		return !e.Sent && e.Message != nil && e.Message.Method == "INVITE" && e.Message.ToTag() != ""
	}})
}

// StaleNonces has nonces live so long, whatever Options say.
func (f *Faults) StaleNonces(lifetime time.Duration) {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	f.server.options.NonceLifetime = lifetime
}

// Unavailable answers the next requests of a method with 503, times of them or, if negative, all. retryAfter is told
// in seconds, 0 not at all.
func (f *Faults) Unavailable(method string, times int, retryAfter time.Duration) (remove func()) {
	fault := Fault{Match: Received(method), Times: times, Status: 503}
	if retryAfter > 0 {
		fault.Headers = []sip.Header{{Name: "Retry-After", Value: strconv.Itoa(int(retryAfter / time.Second))}}
	}
	return f.Add(fault)
}

// Redirect answers calls to a user with 302 and these targets, the most wanted first.
func (f *Faults) Redirect(user string, targets ...string) (remove func()) {
	fault := Fault{Times: -1, Status: 302, Match: func(e Event) bool {
		m := e.Message
		return !e.Sent && m != nil && m.Method == "INVITE" && m.ToTag() == "" && f.server.ours(m.RequestURI) &&
			m.RequestURI.UserDecoded() == user
	}}
	for i, target := range targets {
		q := strconv.FormatFloat(max(0, 1-float64(i)/10), 'f', 1, 64)
		fault.Headers = append(fault.Headers, sip.Header{Name: "Contact", Value: "<" + target + ">;q=" + q})
	}
	return f.Add(fault)
}

// SetLine has the connections a user is bound to, or all where user is "", become a line like this from now on. It
// tells how many there were.
func (f *Faults) SetLine(user string, like Line) int {
	return f.each(user, func(c *connection) { c.become(like) })
}

// Flood sends a user's newest connection n requests of a method that have nothing to do with one another: each of its
// own caller, Call-ID and branch. The server does nothing with the answers.
func (f *Faults) Flood(user, method string, n int) error {
	for i := range n {
		if err := f.server.Send(user, f.server.stranger(user, method, i)); err != nil {
			return err
		}
	}
	return nil
}

// FloodOnRegister floods each user once, after the first REGISTER that is accepted.
func (f *Faults) FloodOnRegister(method string, n int) (remove func()) {
	done := make(map[string]bool)
	return f.Add(Fault{Times: -1, Edit: func(*sip.Message) {}, Match: func(e Event) bool {
		if e.User == "" || done[e.User] || !SentStatus("REGISTER", 200)(e) {
			return false
		}
		done[e.User] = true
		f.later(10*time.Millisecond, func() {
			list := f.server.live(e.User)
			for i := range n {
				if len(list) > 0 {
					list[len(list)-1].connection.queue(f.server.stranger(e.User, method, i))
				}
			}
		})
		return true
	}})
}

// stranger makes a request from nobody in particular.
func (s *Server) stranger(user, method string, i int) []byte {
	to := sip.URI{Scheme: "sip", User: sip.EscapeUser(user), Host: s.options.Domain}
	m := sip.NewRequest(method, to)
	m.Add("Via", "SIP/2.0/WS "+s.options.Domain+";branch="+newBranch())
	m.Add("Max-Forwards", "70")
	m.Add("From", fmt.Sprintf("<sip:stranger-%d@%s>;tag=%s", i, s.options.Domain, token()))
	m.Add("To", "<"+to.String()+">")
	m.Add("Call-ID", token())
	m.Add("CSeq", "1 "+method)
	m.Add("Contact", fmt.Sprintf("<sip:stranger-%d@%s>", i, s.options.Domain))
	if method == "INVITE" {
		m.Add("Content-Type", "application/sdp")
		m.Body = []byte("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n")
	}
	return m.Bytes()
}
