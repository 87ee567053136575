package sandbox

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// sipDialer dials as a client of this kind does.
func sipDialer() *websocket.Dialer { return &websocket.Dialer{Subprotocols: []string{"sip"}} }

func listen(t *testing.T, o Options) *Server {
	t.Helper()
	o.Users, o.Domain = map[string]string{"alice": "wonder", "bob": "builder"}, "example.com"
	s := New(o)
	t.Cleanup(s.Close)
	addr, err := s.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if s.URL() != "ws://"+addr.String()+"/" {
		t.Errorf("URL %q", s.URL())
	}
	return s
}

func TestCallOverLoopback(t *testing.T) {
	s := listen(t, Options{})
	var clients []*client
	for user, password := range map[string]string{"alice": "wonder", "bob": "builder"} {
		ws, _, err := sipDialer().Dial(s.URL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		c := newClient(t, s, user, ws)
		ok := c.register(password, "")
		if via, err := ok.TopVia(); err != nil || via.Params.String() == "" ||
			!strings.Contains(ok.Get("Via"), "received=127.0.0.1") {
			t.Errorf("Via %q", ok.Get("Via"))
		}
		clients = append(clients, c)
	}
	ok, _ := call(clients[0], clients[1])
	clients[0].send(clients[0].inDialog("BYE", ok))
	clients[1].respond(clients[1].expectRequest("BYE"), 200)
	clients[0].expect(200)
}

func TestHandshakeIsChecked(t *testing.T) {
	s := listen(t, Options{})
	plain := &websocket.Dialer{Subprotocols: []string{"xmpp"}}
	if _, resp, err := plain.Dial(s.URL(), nil); err == nil || resp.StatusCode != 400 {
		t.Errorf("another subprotocol: %v", err)
	}
	if _, resp, err := sipDialer().Dial(s.URL(), http.Header{"Origin": {"https://evil.example"}}); err == nil ||
		resp.StatusCode != 403 {
		t.Errorf("another origin: %v", err)
	}
	resp, err := http.Get(strings.Replace(s.URL(), "ws:", "http:", 1))
	if err != nil || resp.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("plain HTTP: %v, %v", resp, err)
	} else {
		_ = resp.Body.Close()
	}
	open := listen(t, Options{AnyOrigin: true})
	ws, _, err := sipDialer().Dial(open.URL(), http.Header{"Origin": {"https://other.example"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = ws.Close()
}

func TestConnectionsAreLimited(t *testing.T) {
	s := listen(t, Options{MaxConnections: 2})
	for range 2 {
		ws, _, err := sipDialer().Dial(s.URL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		newClient(t, s, "alice", ws)
	}
	if _, resp, err := sipDialer().Dial(s.URL(), nil); err == nil || resp == nil || resp.StatusCode != 503 {
		t.Errorf("third connection: %v", err)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	s := listen(t, Options{})
	ws, _, err := sipDialer().Dial(s.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, s, "alice", ws)
	c.register("wonder", "")
	s.Close()
	if err := <-c.ended; !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("ended with %v", err)
	}
	s.Close()
	if _, err := s.Listen("127.0.0.1:0"); err == nil {
		t.Error("listens after Close")
	}
	if _, _, err := opened(t.Context(), s); err == nil {
		t.Error("dialled after Close")
	}
}
