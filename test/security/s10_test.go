package security

import (
	"net"
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
	"calla/test/peers"
)

// canary is a server that nobody may come to.
func canary(t *testing.T) (addr string, visited func() bool) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	came := make(chan struct{}, 100)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
			select {
			case came <- struct{}{}:
			default:
			}
		}
	}()
	return l.Addr().String(), func() bool { return len(came) > 0 }
}

// TestS10Redirections: a server that sends us elsewhere is not followed without being asked, no header that its
// Contact escapes is sent, and no other host is connected to.
func TestS10Redirections(t *testing.T) {
	addr, visited := canary(t)
	t.Run("a registration", func(t *testing.T) {
		h := peers.StartHostile(t)
		h.Register = func(w *peers.Wire, m *sip.Message) bool {
			w.Reply(m, 302, "Contact: <sip:alice@"+addr+";transport=ws>")
			return true
		}
		c := peers.Run(t, nil, "register", "--config", h.Config("alice", nil))
		defer func() { c.Signal(9) }()
		w := h.Next(20 * time.Second)
		w.Expect("REGISTER")
		if r, code := c.Result(20 * time.Second); code == 0 || r["ok"] == true {
			t.Errorf("registered: %v", r)
		}
		if n := len(w.Messages()); n > 3 {
			t.Errorf("%d messages", n)
		}
	})
	g := attack(t, nil)
	for _, c := range []struct{ name, contact string }{
		{"a premium number", "<sip:+190055512345@hostile.test>"},
		{"another domain", "<sip:bob@evil.test>"},
		{"another host's address", "<sip:bob@" + addr + ";transport=ws>"},
		{"a telephone", "<tel:+190055512345>"},
		{"a Route in the address", "<sip:bob@hostile.test?Route=%3Csip:" + addr + "%3E>"},
		{"an Authorization in the address", "<sip:bob@hostile.test?Authorization=x>"},
		{"another method", "<sip:bob@hostile.test;method=REGISTER>"},
		{"a web page", "<http://" + addr + "/>"},
		{"ourselves", "<sip:alice@hostile.test>"},
		{"a thousand", strings.TrimSuffix(strings.Repeat("<sip:bob@evil.test>,", 1000), ",")},
	} {
		t.Run(c.name, func(t *testing.T) {
			invite := g.call("bob")
			g.Reply(invite, 302, "Contact: "+c.contact)
			g.Expect("ACK")
			g.Wire.Alive(c.name)
			g.settled()
			if m := g.Find(200*time.Millisecond, func(m *sip.Message) bool { return m.Method == "INVITE" }); m != nil {
				t.Errorf("followed unasked: %s", m)
			}
		})
	}
	t.Run("ten hops that are asked for", func(t *testing.T) {
		h := peers.StartHostile(t)
		c := peers.Run(t, nil, "call", "bob", "--redirect", "follow", "--config", h.Config("alice", nil))
		defer func() { c.Signal(9) }()
		w := h.Next(20 * time.Second)
		hops := 0
		for ; hops < 12; hops++ {
			m := w.Find(5*time.Second, func(m *sip.Message) bool { return m.Method == "INVITE" })
			if m == nil {
				break
			}
			if m.RequestURI.Headers != "" || m.Has("X-Evil") || m.Has("Authorization") {
				t.Errorf("sent %s", m)
			}
			w.Reply(m, 302, "Contact: <sip:hop"+string(rune('a'+hops))+"@hostile.test?X-Evil=1&Authorization=x>")
		}
		if hops > 6 {
			t.Errorf("%d INVITEs", hops)
		}
	})
	if visited() {
		t.Error("the host that was named was connected to")
	}
}
