package security

import (
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
	"calla/test/peers"
)

// TestS22AddressesOfThisComputerStayHere: with ice_transport_policy relay no address of this computer stands in a
// description or a header, and no STUN server is asked. What goes out is read where it arrives, at the server and the
// TURN server's socket, in the place of a capture of packets.
func TestS22AddressesOfThisComputerStayHere(t *testing.T) {
	stun, asked := silentUDP(t)
	for _, c := range []struct {
		name  string
		calla map[string]any
		relay bool // a relay that does not answer
		local bool // addresses may be told
	}{
		{name: "as usual", local: true},
		{
			"relay and short patience",
			map[string]any{"ice_transport_policy": "relay", "ice_gathering_timeout": 50},
			true,
			false,
		},
		{"relay with a relay that is silent", map[string]any{"ice_transport_policy": "relay"}, true, false},
		{"RELAY in capitals", map[string]any{"ice_transport_policy": "RELAY"}, true, false},
		{"relay and a STUN server", map[string]any{"ice_transport_policy": "relay"}, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			more := map[string]any{"calla": c.calla}
			if c.relay {
				turn, _ := silentUDP(t)
				more["turn_servers"] = map[string]any{"urls": "turn:" + turn, "username": "u", "credential": "c"}
			}
			if strings.Contains(c.name, "STUN") {
				more["stun_servers"] = []string{"stun:" + stun}
			}
			if c.calla == nil {
				delete(more, "calla")
			}
			g := attack(t, more)
			g.Say("call bob")
			patience := 5 * time.Second // for one that need not come
			if c.local {
				patience = 30 * time.Second
			}
			m := g.Find(patience, func(m *sip.Message) bool { return m.Method == "INVITE" })
			if m == nil && c.local {
				t.Fatal("no INVITE")
			}
			for _, m := range g.Messages() {
				for _, address := range local(t) {
					text := m.String()
					bare := regexp.MustCompile(`(^|[^0-9.:])` + regexp.QuoteMeta(address) + `($|[^0-9.:])`)
					if !c.local && bare.MatchString(text) {
						t.Errorf("%s tells %s:\n%s", peers.Title(m), address, text)
					}
				}
				if contacts, err := m.Contacts(); err == nil && m.IsRequest() && len(contacts) > 0 &&
					net.ParseIP(contacts[0].URI.Host) != nil {
					t.Errorf("the Contact is %s", contacts[0])
				}
				if !c.local && strings.Contains(string(m.Body), "typ host") {
					t.Errorf("candidates of this computer: %s", m.Body)
				}
			}
		})
	}
	if asked() {
		t.Error("the STUN server was asked")
	}
}

// local are the addresses that others could know this computer by.
func local(t *testing.T) []string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() { // the o= of RFC 8829 is 127.0.0.1 everywhere
			found = append(found, n.IP.String())
		}
	}
	return found
}

// silentUDP is a socket that answers nothing.
func silentUDP(t *testing.T) (addr string, asked func() bool) {
	t.Helper()
	return scriptedUDP(t, func([]byte) [][]byte { return nil })
}

// scriptedUDP is a socket that answers each packet with others.
func scriptedUDP(t *testing.T, answer func(packet []byte) [][]byte) (addr string, asked func() bool) {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	came := make(chan struct{}, 1000)
	go func() {
		buf := make([]byte, 2000)
		for {
			n, from, err := conn.ReadFromUDP(buf)
			if err != nil {
				return
			}
			select {
			case came <- struct{}{}:
			default:
			}
			for _, packet := range answer(buf[:n]) {
				_, _ = conn.WriteToUDP(packet, from)
			}
		}
	}()
	return conn.LocalAddr().String(), func() bool { return len(came) > 0 }
}
