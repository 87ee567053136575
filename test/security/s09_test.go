package security

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calla/netsip/sip"
	"calla/test/peers"
)

// TestS09MaliciousRegistrar: answers to REGISTER with absurd lists and times (PJSIP acc03b57: the count of
// Service-Routes). What is kept is bounded, what is sent later does not grow, and nothing is refreshed without a rest.
func TestS09MaliciousRegistrar(t *testing.T) {
	list := func(n int, each string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = strings.ReplaceAll(each, "#", fmt.Sprint(i))
		}
		return strings.Join(all, ",")
	}
	for _, c := range []struct {
		name  string
		code  int
		lines []string
	}{
		{"a thousand Service-Routes", 200, []string{"Service-Route: " + list(1000, "<sip:s#.hostile.test;lr>")}},
		{"a long Service-Route", 200, []string{"Service-Route: <sip:" + strings.Repeat("s", 50<<10) + ".test;lr>"}},
		{"a huge P-Associated-URI", 200, []string{"P-Associated-URI: " + list(2000, "<sip:p#@hostile.test>")}},
		{"a thousand Contacts", 200, []string{"Expires: 600", "Contact-List"}},
		{"Expires of nought", 200, []string{"Expires: 0"}},
		{"Expires of a second", 200, []string{"Expires: 1"}},
		{"Expires of 2^32", 200, []string{"Expires: 4294967296"}},
		{"a long GRUU", 200, []string{"Expires: 600", "GRUU"}},
		{"a Path", 200, []string{"Path: " + list(500, "<sip:p#.hostile.test;lr>")}},
		{"Min-Expires of 2^32", 423, []string{"Min-Expires: 4294967296"}},
		{"Min-Expires without end", 423, []string{"Min-Expires: 99999999999999999999"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var registers atomic.Int64
			h := peers.StartHostile(t)
			h.Register = func(w *peers.Wire, m *sip.Message) bool {
				registers.Add(1)
				lines := slices.Clone(c.lines)
				contact := "Contact: " + m.Get("Contact")
				if c.lines[len(c.lines)-1] == "Contact-List" {
					lines = lines[:1]
					contact += "," + list(1000, "<sip:c#@192.0.2.1>;expires=60")
				}
				if c.lines[len(c.lines)-1] == "GRUU" {
					lines = lines[:1]
					contact += `;pub-gruu="sip:` + strings.Repeat("g", 20<<10) + `@hostile.test;gr";temp-gruu="sip:` +
						strings.Repeat("t", 20<<10) + `@hostile.test;gr"`
				}
				if !strings.Contains(strings.Join(lines, ""), "xpires") {
					lines = append(lines, "Expires: 600")
				}
				w.Reply(m, c.code, append(lines, contact)...)
				return true
			}
			console := peers.StartConsole(t, h.Config("alice", nil))
			t.Cleanup(func() { console.Signal(9) })
			g := &target{Console: console, t: t, server: h, Wire: h.Next(20 * time.Second)}
			g.Expect("REGISTER")
			g.bounded(c.name, 6<<20, func() {
				g.Wire.Alive(c.name)
				invite := g.call("bob")
				if n := len(invite.Lines("Route")); n > 16 {
					t.Errorf("%d Routes", n)
				}
				if n := len(invite.Bytes()); n > 8<<10 {
					t.Errorf("the INVITE has %d octets", n)
				}
				g.Reply(invite, 486)
			})
			if !strings.Contains(c.name, "xpires") {
				return
			}
			before := registers.Load()
			g.Find(3*time.Second, func(*sip.Message) bool { return registers.Load() > before+2 })
			if n := registers.Load() - before; n > 2 {
				t.Errorf("%d more REGISTERs in 3 s", n)
			}
		})
	}
}
