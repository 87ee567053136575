package netsip

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/ws"
	"calla/netsip/ws/wstest"
)

// namedServer takes WebSockets on loopback, and ends them when told to.
type namedServer struct {
	*httptest.Server
	conns chan *websocket.Conn
}

func newNamedServer(t *testing.T) *namedServer {
	s := &namedServer{conns: make(chan *websocket.Conn, 100)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{Subprotocols: []string{"sip"}}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		s.conns <- conn
		_, _, _ = conn.ReadMessage()
	}))
	t.Cleanup(s.Close)
	return s
}

// agentOf is a user agent whose server is called sip.test, with so many seconds between attempts.
func (s *namedServer) agentOf(t *testing.T, names *wstest.Names, wait int) (*loop.Loop, *UserAgent) {
	t.Helper()
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := testConfig()
	c.WSServers = []config.Server{{WSURI: "ws://sip.test:" + port + "/ws"}}
	c.ConnectionRecoveryMinInterval, c.ConnectionRecoveryMaxInterval = wait, wait
	c.Calla.Proxy = config.ProxyNone
	l := loop.New()
	t.Cleanup(l.Stop)
	ua, err := New(Options{Loop: l, Config: c, Resolver: names.Resolver()})
	if err != nil {
		t.Fatal(err)
	}
	l.Do(ua.Start)
	t.Cleanup(func() { l.Do(func() { ua.Stop(nil) }) })
	return l, ua
}

func flowOf(t *testing.T, l *loop.Loop, ua *UserAgent, want FlowState) State {
	t.Helper()
	var s State
	for range 3000 {
		if l.Do(func() { s = ua.State() }); s.Flow == want {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("state %+v", s)
	return s
}

// A name that cannot be looked up when the program starts is looked up again and again: its server is not asked more
// often for that, but reached as soon as there is an address, however long the waits are.
//
// Holds: old-addresses
func TestServerIsReachedAsSoonAsItsNameCanBeLookedUp(t *testing.T) {
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
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			names := &wstest.Names{}
			t.Cleanup(names.Close)
			names.Set("sip.test", "127.0.0.1")
			names.Break(c.fault)
			l, ua := newNamedServer(t).agentOf(t, names, 600)
			s := flowOf(t, l, ua, FlowWaiting)
			var dial *ws.DialError
			if !errors.As(s.Err, &dial) || dial.Stage != ws.StageDNS || time.Until(s.RetryAt) < time.Minute {
				t.Fatalf("state %+v", s)
			}
			names.Break(wstest.Well)
			healed := time.Now()
			flowOf(t, l, ua, FlowConnected)
			t.Logf("connected after %v", time.Since(healed))
		})
	}
}

// A server that drops us while its name cannot be looked up is reached again where it was.
//
// Holds: old-addresses
func TestServerIsReachedAgainWithoutItsName(t *testing.T) {
	names := &wstest.Names{}
	t.Cleanup(names.Close)
	names.Set("sip.test", "127.0.0.1")
	server := newNamedServer(t)
	l, ua := server.agentOf(t, names, 1)
	for _, fault := range []wstest.Fault{wstest.NoSuch, wstest.Fails, wstest.Silent} {
		conn := <-server.conns
		names.Break(fault)
		_ = conn.Close()
		flowOf(t, l, ua, FlowConnected)
	}
	<-server.conns
}
