package ws

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"calla/netsip/config"
	"calla/netsip/ws/wstest"
)

// named is a server that is reached by a name, and who dials it.
type named struct {
	*Dialer
	names *wstest.Names
	url   string
}

// newNamed starts a server with a certificate of its name, or without any.
func newNamed(t *testing.T, secure bool) *named {
	t.Helper()
	names := &wstest.Names{}
	t.Cleanup(names.Close)
	n := &named{names: names, Dialer: &Dialer{
		Config: config.Additions{Proxy: config.ProxyNone}, Resolver: names.Resolver(), Addresses: &Addresses{},
	}}
	server := webServer(t)
	if secure {
		cert, pool := certificate(t, "sip.test", time.Now().Add(time.Hour))
		server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
		n.TLS = &tls.Config{RootCAs: pool}
	}
	n.url = started(t, server, secure)
	names.Set("sip.test", "127.0.0.1")
	return n
}

// started starts a server and returns its address by name.
func started(t *testing.T, server *httptest.Server, secure bool) string {
	t.Helper()
	scheme := "ws"
	if secure {
		scheme = "wss"
		server.StartTLS()
	} else {
		server.Start()
	}
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return scheme + "://sip.test:" + port + "/ws"
}

// dials opens the WebSocket and closes it again; it returns the address it went to.
func (n *named) dials(t *testing.T) (string, error) {
	t.Helper()
	conn, _, err := n.Dial(context.Background(), n.url)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return conn.socket.RemoteAddr().String(), nil
}

// Whatever is wrong with the look-up, a server is reached where it was last, under the name it has to have.
//
// Holds: old-addresses
func TestLastGoodAddressIsTriedWhenTheNameCannotBeLookedUp(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault wstest.Fault
	}{
		{"no such name", wstest.NoSuch},
		{"the name server fails", wstest.Fails},
		{"the name server refuses", wstest.Refuses},
		{"the name has no address", wstest.Nothing},
		{"the name server says nothing", wstest.Silent},
		{"the name server is not there", wstest.Unreached},
	} {
		for kind, secure := range map[string]bool{", over TLS": true, ", in clear text": false} {
			t.Run(c.name+kind, func(t *testing.T) {
				t.Parallel()
				n := newNamed(t, secure)
				n.names.Break(c.fault)
				var dial *DialError
				if _, err := n.dials(t); !errors.As(err, &dial) || dial.Stage != StageDNS {
					t.Fatalf("before it was ever reached: %v", err)
				}
				n.names.Break(wstest.Well)
				first, err := n.dials(t)
				if err != nil {
					t.Fatal(err)
				}
				n.names.Break(c.fault)
				again, err := n.dials(t)
				if err != nil || again != first {
					t.Fatalf("reached %s, then %q: %v", first, again, err)
				}
			})
		}
	}
}

// The address that was good last is good for one who proves the name, or for the same network; and not for ever.
//
// Holds: old-addresses
func TestLastGoodAddressIsNotTrusted(t *testing.T) {
	for _, c := range []struct {
		name   string
		secure bool
		spoil  func(t *testing.T, n *named)
		stage  DialStage
	}{
		{"somebody else is there now", true, func(t *testing.T, n *named) {
			cert, _ := certificate(t, "sip.test", time.Now().Add(time.Hour))
			n.elsewhere(t, cert)
		}, StageTLS},
		{"somebody with another name is there now", true, func(t *testing.T, n *named) {
			cert, pool := certificate(t, "other.test", time.Now().Add(time.Hour))
			n.TLS = &tls.Config{RootCAs: pool}
			n.elsewhere(t, cert)
		}, StageTLS},
		{"its certificate has expired", true, func(t *testing.T, n *named) {
			cert, pool := certificate(t, "sip.test", time.Now().Add(-time.Hour))
			n.TLS = &tls.Config{RootCAs: pool}
			n.elsewhere(t, cert)
		}, StageTLS},
		{"it was good a long time ago", true, func(_ *testing.T, n *named) {
			n.age(func(g *goodAddress) { g.at = g.at.Add(-goodFor - time.Minute) })
		}, StageDNS},
		{"in clear text, from another network", false, func(_ *testing.T, n *named) {
			n.age(func(g *goodAddress) { g.own = net.IPv4(203, 0, 113, 7) })
		}, StageDNS},
		{"nobody is there any more", true, func(_ *testing.T, n *named) {
			n.age(func(g *goodAddress) { g.address = "127.0.0.1:1" })
		}, StageDNS},
		{"its handshake never came about", true, func(_ *testing.T, n *named) {
			n.Addresses = &Addresses{}
			n.url = strings.Replace(n.url, "/ws", "/forbidden", 1)
			_, _, _ = n.Dial(context.Background(), n.url)
		}, StageDNS},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := newNamed(t, c.secure)
			if _, err := n.dials(t); err != nil {
				t.Fatal(err)
			}
			c.spoil(t, n)
			n.names.Break(wstest.Fails)
			var dial *DialError
			if at, err := n.dials(t); !errors.As(err, &dial) || dial.Stage != c.stage {
				t.Fatalf("reached %q: %v", at, err)
			}
		})
	}
}

// elsewhere lets the address that is remembered be that of another server, with a certificate.
func (n *named) elsewhere(t *testing.T, cert tls.Certificate) {
	t.Helper()
	server := webServer(t)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.StartTLS()
	n.age(func(g *goodAddress) { g.address = server.Listener.Addr().String() })
}

// age changes what is remembered.
func (n *named) age(change func(*goodAddress)) {
	for name, good := range n.Addresses.last {
		change(&good)
		n.Addresses.last[name] = good
	}
}

// A name that can be looked up says where its server is, whatever was good before; of several addresses a dead one
// costs no more than RFC 8305 wants.
//
// Holds: old-addresses
func TestNamesThatCanBeLookedUpAreFollowed(t *testing.T) {
	for _, c := range []struct {
		name      string
		addresses []string
		want      string // "" = it is not reached
	}{
		{"moved", []string{"127.0.0.2"}, "127.0.0.2"},
		{"moved to where nobody is", []string{"192.0.2.1"}, ""},
		{"a dead address beside it", []string{"2001:db8::1", "127.0.0.3"}, "127.0.0.3"},
		{"one that refuses beside it", []string{"::1", "127.0.0.1"}, "127.0.0.1"},
		{"back again", []string{"127.0.0.1"}, "127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := newNamed(t, false)
			l, err := net.Listen("tcp4", "0.0.0.0:0")
			if err != nil {
				t.Fatal(err)
			}
			server := webServer(t)
			_ = server.Listener.Close()
			server.Listener = l
			n.url = started(t, server, false)
			if at, err := n.dials(t); err != nil || !strings.HasPrefix(at, "127.0.0.1:") {
				t.Fatalf("reached %q: %v", at, err)
			}
			n.names.Set("sip.test", c.addresses...)
			at, err := n.dials(t)
			if host, _, _ := net.SplitHostPort(at); host != c.want {
				t.Errorf("reached %q: %v", at, err)
			}
			if want := ""; c.want == want { // nothing of that is remembered
				n.names.Set("sip.test", "127.0.0.1")
				if at, err := n.dials(t); err != nil {
					t.Errorf("reached %q: %v", at, err)
				}
			}
		})
	}
}

// Other servers than those of SIP are reached where they were last as well.
//
// Holds: old-addresses
func TestLastGoodAddressOfOtherServers(t *testing.T) {
	n := newNamed(t, true)
	address := strings.TrimSuffix(strings.TrimPrefix(n.url, "wss://"), "/ws")
	for _, fault := range []wstest.Fault{wstest.Well, wstest.NoSuch, wstest.Fails} {
		n.names.Break(fault)
		conn, err := n.DialTCP(context.Background(), address)
		if err != nil {
			t.Fatalf("fault %d: %v", fault, err)
		}
		_ = conn.Close()
	}
}

// TestALostQuestionToANameServerIsPutAgain, and not waited for; a name server that is only slow is.
//
// Holds: old-addresses
func TestALostQuestionToANameServerIsPutAgain(t *testing.T) {
	for _, c := range []struct {
		name   string
		secure bool
		silent time.Duration // from the start
		again  wstest.Fault  // then
		fails  bool
	}{
		{"mended after half a second", false, 500 * time.Millisecond, wstest.Well, false},
		{"mended after half a second, with TLS", true, 500 * time.Millisecond, wstest.Well, false},
		{"mended after a second and a half", false, 1500 * time.Millisecond, wstest.Well, false},
		{"mended between two questions", false, 2500 * time.Millisecond, wstest.Well, false},
		{"then there is no such name", false, 500 * time.Millisecond, wstest.NoSuch, true},
		{"never mended", false, time.Minute, wstest.Well, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := newNamed(t, c.secure)
			n.names.Break(wstest.Silent)
			mend := time.AfterFunc(c.silent, func() { n.names.Break(c.again) })
			defer mend.Stop()
			conn, _, err := n.Dial(t.Context(), n.url) // for 5 s at most, after which Go's resolver would ask again
			if err == nil {
				conn.Close()
			}
			if (err != nil) != c.fails {
				t.Errorf("%v", err)
			}
			var none *net.DNSError
			if known := errors.As(err, &none) && none.IsNotFound; known != (c.again == wstest.NoSuch) {
				t.Errorf("told as %v", err)
			}
		})
	}
}
