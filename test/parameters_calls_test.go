package test

import (
	"encoding/binary"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calla/netsip"
	"calla/test/peers"
)

// TestInviteShowsTheParameters: what of a parameter stands in the INVITE of a call.
func TestInviteShowsTheParameters(t *testing.T) {
	l := newLab(t, peers.Watch{})
	rows := []struct {
		name   string
		values map[string]any
		check  func(t *testing.T, m peers.Seen)
	}{
		{"display_name", map[string]any{"display_name": "Alice ¶€ĸøĸø"}, func(t *testing.T, m peers.Seen) {
			contains(t, m, "From", `"Alice ¶€ĸøĸø" <sip:display_name@example.test>;tag=`)
		}},
		{"hack_ip_in_contact", map[string]any{"hack_ip_in_contact": true}, func(t *testing.T, m peers.Seen) {
			contains(t, m, "Contact", "@192.0.2.")
			contains(t, m, "Via", "SIP/2.0/WS 192.0.2.")
		}},
		{
			"hack_via_tcp",
			map[string]any{"hack_via_tcp": true},
			func(t *testing.T, m peers.Seen) { contains(t, m, "Via", "SIP/2.0/TCP ") },
		},
		{"use_preloaded_route", map[string]any{"use_preloaded_route": true}, func(t *testing.T, m peers.Seen) {
			contains(t, m, "Route", strings.TrimSuffix(strings.TrimPrefix(l.URL, "ws://"), "/ws")+";")
		}},
		{"contact_uri", map[string]any{"contact_uri": "sip:al@192.0.2.77"}, func(t *testing.T, m peers.Seen) {
			contains(t, m, "Contact", "<sip:al@192.0.2.77;ob>")
			contains(t, m, "Via", "SIP/2.0/WS 192.0.2.77;")
		}},
		{
			"extra_headers",
			map[string]any{"extra_headers": []any{"X-Team: blue"}},
			func(t *testing.T, m peers.Seen) { contains(t, m, "X-Team", "blue") },
		},
		{"session_timers on", nil, func(t *testing.T, m peers.Seen) {
			contains(t, m, "Supported", "timer")
			contains(t, m, "Session-Expires", "1800")
			lacks(t, m, "Session-Expires", "refresher")
		}},
		{"session_timers", map[string]any{"session_timers": false}, func(t *testing.T, m peers.Seen) {
			lacks(t, m, "Supported", "timer")
			if got := m.Header("Session-Expires"); got != nil {
				t.Errorf("Session-Expires: %v", got)
			}
		}},
		{
			"session_timers_force_refresher",
			map[string]any{"session_timers_force_refresher": true},
			func(t *testing.T, m peers.Seen) {
				contains(t, m, "Session-Expires", "1800;refresher=uac")
			},
		},
		{"calla.reliable_provisional default", nil, func(t *testing.T, m peers.Seen) {
			contains(t, m, "Supported", "100rel")
			lacks(t, m, "Require", "100rel")
		}},
		{
			"calla.reliable_provisional",
			map[string]any{"calla.reliable_provisional": "required"},
			func(t *testing.T, m peers.Seen) { contains(t, m, "Require", "100rel") },
		},
		{
			"calla.reliable_provisional off",
			map[string]any{"calla.reliable_provisional": "off"},
			func(t *testing.T, m peers.Seen) {
				lacks(t, m, "Supported", "100rel")
				lacks(t, m, "Require", "100rel")
			},
		},
	}
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			at := &lab{Watched: l.Watched, t: t, loop: l.loop}
			user := strings.Fields(row.name)[0]
			if strings.Contains(row.name, " ") || strings.Contains(row.name, ".") {
				user = "user" + strconv.Itoa(i)
			}
			a := at.agent(user, row.values).registeredOr(row.values["contact_uri"] != nil)
			a.call("nobody")
			m := at.of(user, "INVITE", 1)
			if m.Line() != "INVITE sip:nobody@example.test SIP/2.0" {
				t.Error(m.Line())
			}
			row.check(t, m)
		})
	}
}

// TestNoAnswerTimeoutIs408: what rings for longer is refused with 408, at the server.
func TestNoAnswerTimeoutIs408(t *testing.T) {
	l := newLab(t, peers.Watch{})
	l.agent("alice", map[string]any{"no_answer_timeout": 1}).registered()
	s := l.agent("bob", nil).registered().call("alice")
	// It is told when the phone has the INVITE, which is a little after this: it has to be long enough from then on.
	asked := l.Until(t, 30*time.Second, "the INVITE at the phone",
		func(m peers.Seen) bool { return !m.Received && strings.HasPrefix(m.Text, "INVITE ") })
	l.Until(t, 30*time.Second, "ringing",
		func(m peers.Seen) bool { return m.Received && strings.HasPrefix(m.Text, "SIP/2.0 180 ") })
	refused := l.Until(t, 30*time.Second, "refusal", func(m peers.Seen) bool {
		return m.Received && strings.HasPrefix(m.Text, "SIP/2.0 408 ") && strings.Contains(m.Text, " INVITE\r\n")
	})
	if after := refused.At.Sub(asked.At); after < 990*time.Millisecond || after > 20*time.Second { // else after 60 s
		t.Errorf("refused after %v", after)
	}
	l.reach(s, netsip.SessionEnded)
	var end *netsip.End
	l.loop.Do(func() { end = s.End() })
	if end.StatusCode != 408 {
		t.Errorf("the caller was told %+v", end)
	}
}

// TestRefreshMethodAtKamailio: a call is refreshed by the configured request, here since the connection was made anew.
func TestRefreshMethodAtKamailio(t *testing.T) {
	for _, method := range []string{"UPDATE", "INVITE"} {
		t.Run(method, func(t *testing.T) {
			l := newLab(t, peers.Watch{})
			fast := map[string]any{
				"connection_recovery_min_interval": 1, "connection_recovery_max_interval": 1,
				"session_timers_refresh_method": method,
			}
			bob := l.agent("bob", fast).registered()
			s := l.agent("alice", fast).registered().call("bob")
			l.loop.Do(bob.incoming().Answer)
			l.reach(s, netsip.SessionEstablished)
			count := func() int {
				n := 0
				for _, m := range l.Messages(t) {
					if m.Received && strings.HasPrefix(m.Text, method+" ") &&
						strings.Contains(strings.Join(m.Header("To"), ""), ";tag=") {
						n++
					}
				}
				return n
			}
			before := count()
			l.Kill(t)
			l.Restart(t)
			peers.Until(t, 30*time.Second, method+" inside the call", func() bool { return count() > before })
		})
	}
}

// stunServer is a UDP server that tells everyone another address than theirs, or nothing.
type stunServer struct {
	url   string
	asked atomic.Int32 // Binding requests
}

// mapped is a reflexive address that nobody here has (TEST-NET-3).
const mapped = "203.0.113.9"

func startSTUN(t *testing.T, answers bool) *stunServer {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &stunServer{url: "stun:" + conn.LocalAddr().String()}
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			const cookie = 0x2112A442 // RFC 8489 section 5
			if n < 20 || binary.BigEndian.Uint16(buf) != 1 || binary.BigEndian.Uint32(buf[4:]) != cookie {
				continue
			}
			s.asked.Add(1)
			if !answers {
				continue
			}
			port := uint16(from.(*net.UDPAddr).Port)
			ip := binary.BigEndian.Uint32(net.ParseIP(mapped).To4())
			resp := []byte{0x01, 0x01, 0, 12}
			resp = append(resp, buf[4:20]...)
			resp = append(resp, 0, 0x20, 0, 8, 0, 1) // XOR-MAPPED-ADDRESS, section 14.2
			resp = binary.BigEndian.AppendUint16(resp, port^(cookie>>16))
			resp = binary.BigEndian.AppendUint32(resp, ip^cookie)
			_, _ = conn.WriteTo(resp, from)
		}
	}()
	return s
}

// TestSTUNServersGiveTheReflexiveCandidate: the address the STUN server tells is in the offer that reaches Kamailio.
func TestSTUNServersGiveTheReflexiveCandidate(t *testing.T) {
	l := newLab(t, peers.Watch{})
	stun := startSTUN(t, true)
	l.agent("alice", map[string]any{
		"stun_servers": stun.url, "calla.ice_gathering_timeout": 20_000,
	}).registered().call("nobody")
	m := l.of("alice", "INVITE", 1)
	if !strings.Contains(m.Text, " "+mapped+" ") || !strings.Contains(m.Text, " typ srflx ") || stun.asked.Load() == 0 {
		t.Errorf("asked %d times; no reflexive candidate in\n%s", stun.asked.Load(), m.Text)
	}
	l.agent("bob", nil).registered().call("nobody")
	if m := l.of("bob", "INVITE", 1); strings.Contains(m.Text, "srflx") {
		t.Errorf("without a STUN server:\n%s", m.Text)
	}
}

// TestGatheringTimeoutSendsTheInvite: a STUN server that is silent holds an INVITE up for so long, and no longer.
func TestGatheringTimeoutSendsTheInvite(t *testing.T) {
	l := newLab(t, peers.Watch{})
	stun := startSTUN(t, false)
	const quick, patient = 200 * time.Millisecond, 3 * time.Second
	for user, wait := range map[string]time.Duration{"quick": quick, "patient": patient} {
		a := l.agent(user, map[string]any{
			"stun_servers":                stun.url,
			"calla.ice_gathering_timeout": int(wait / time.Millisecond),
		}).registered()
		began := time.Now()
		a.call("nobody")
		most := map[string]time.Duration{"quick": patient, "patient": 30 * time.Second}[user] // on whatever machine
		if took := l.of(user, "INVITE", 1).At.Sub(began); took < wait-20*time.Millisecond || took > most {
			t.Errorf("%s: INVITE after %v, want %v", user, took, wait)
		}
	}
	if stun.asked.Load() == 0 {
		t.Error("the STUN server was not asked")
	}
}

// TestTURNServersGiveTheRelayedCandidate: what coturn relays is offered, beside the rest or, with ice_transport_policy
// relay, alone.
func TestTURNServersGiveTheRelayedCandidate(t *testing.T) {
	l := newLab(t, peers.Watch{})
	turn := map[string]any{"urls": peers.StartTURN(t, peers.Loopback()).Address, "username": "u", "credential": "p"}
	stun := startSTUN(t, true)
	l.agent("all", map[string]any{
		"turn_servers": turn, "stun_servers": stun.url,
		"calla.ice_gathering_timeout": 20_000,
	}).registered().call("nobody")
	m := l.of("all", "INVITE", 1)
	for _, kind := range []string{"host", "srflx", "relay"} {
		if !strings.Contains(m.Text, " typ "+kind) {
			t.Errorf("no candidate of type %s in\n%s", kind, m.Text)
		}
	}
	asked := stun.asked.Load()
	l.agent("relayed", map[string]any{
		"turn_servers": turn, "stun_servers": stun.url, "calla.ice_transport_policy": "relay",
		"calla.ice_gathering_timeout": 20_000,
	}).registered().call("nobody")
	m = l.of("relayed", "INVITE", 1)
	if !strings.Contains(m.Text, " typ relay raddr 0.0.0.0 rport 0") || strings.Contains(m.Text, " typ host") ||
		strings.Contains(m.Text, " typ srflx") {
		t.Errorf("relay only:\n%s", m.Text)
	}
	if stun.asked.Load() != asked {
		t.Error("the STUN server was asked, and so learnt our address")
	}
	_, sdp, _ := strings.Cut(m.Text, "\r\n\r\n")
	for line := range strings.SplitSeq(sdp, "\r\n") {
		if strings.HasPrefix(line, "o=") && !strings.HasSuffix(line, " IN IP4 0.0.0.0") && !strings.HasSuffix(line,
			" IN IP4 127.0.0.1") {
			t.Errorf("address shown in %s", line)
		}
	}
}
