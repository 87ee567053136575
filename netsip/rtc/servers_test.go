package rtc

import (
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5/vnet"
	"github.com/pion/turn/v5"
)

const serverAddress = "198.51.100.9"

// serve puts a STUN and TURN server on the lan.
func (l *lan) serve() {
	l.t.Helper()
	n, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{serverAddress}})
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.router.AddNet(n); err != nil {
		l.t.Fatal(err)
	}
	l.start()
	conn, err := n.ListenPacket("udp4", serverAddress+":3478")
	if err != nil {
		l.t.Fatal(err)
	}
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	server, err := turn.NewServer(turn.ServerConfig{
		Realm: "calla", LoggerFactory: quiet,
		AuthHandler: func(a *turn.RequestAttributes) (string, []byte, bool) {
			return a.Username, turn.GenerateAuthKey(a.Username, a.Realm, "secret"), true
		},
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn: conn,
			RelayAddressGenerator: &turn.RelayAddressGeneratorStatic{
				RelayAddress: net.ParseIP(serverAddress), Address: serverAddress, Net: n,
			},
		}},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { server.Close() })
}

// TestRelayOnlyShowsNoLocalAddress: a call through TURN, in whose descriptions no address of the
// machine stands.
func TestRelayOnlyShowsNoLocalAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLAN(t, 5*time.Millisecond)
		relay := func(c *Config) {
			c.RelayOnly = true
			c.ICEServers = []ICEServer{{
				URLs: []string{"turn:" + serverAddress + ":3478"}, Username: "u",
				Credential: "secret",
			}}
		}
		a, b := l.engine("198.51.100.1", relay), l.engine("198.51.100.2", relay)
		l.serve()
		p := &pair{T: t, a: newTestSession(t, a), b: newTestSession(t, b)}
		offer, answer := p.offer(p.a, p.b)
		for _, sdp := range []string{offer, answer} {
			if strings.Contains(sdp, "198.51.100.1") || strings.Contains(sdp, "198.51.100.2") {
				t.Errorf("local address in\n%s", sdp)
			}
			if !strings.Contains(sdp, "c=IN IP4 "+serverAddress) ||
				!strings.Contains(sdp, "typ relay raddr 0.0.0.0 rport 0") {
				t.Errorf("no relayed candidate in\n%s", sdp)
			}
		}
		waitState(t, p.a, Connected)
		waitState(t, p.b, Connected)
		talk(t, p.a, p.b, "by the relay", 10)
		talk(t, p.b, p.a, "by the relay", 10)
		if s := p.a.Stats(); s.LocalCandidate != "relay" {
			t.Errorf("local candidate %s", s.LocalCandidate)
		}
		p.a.Close()
		p.b.Close()
	})
}

// TestFirstServerReflexiveCandidateIsEnough: with one STUN server that answers and one that does not,
// the offer does not wait for the latter.
func TestFirstServerReflexiveCandidateIsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLAN(t, 5*time.Millisecond)
		e := l.engine("198.51.100.1", func(c *Config) {
			c.ICEServers = []ICEServer{{URLs: []string{"stun:" + serverAddress + ":3478", "stun:198.51.100.99:3478"}}}
		})
		l.serve()
		s := newTestSession(t, e)
		begin := time.Now()
		if _, err := s.Offer(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < 10*time.Millisecond || took > 110*time.Millisecond {
			t.Errorf("offer after %v, want one round trip of 10 ms and %v", took, gatherSettle)
		}
		s.Close()
	})
}
