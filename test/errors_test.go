package test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"calla/test/peers"
)

// TestEachFailureHasItsOwnSentence runs the built program against every way a server can be wrong and
// reads what it tells: a sentence of its own for each, never a bare code.
func TestEachFailureHasItsOwnSentence(t *testing.T) {
	peers.Binary(t)
	closed := fmt.Sprintf("ws://127.0.0.1:%d/ws", peers.FreePort(t))
	seen := map[string]string{} // sentence → case
	for _, c := range []struct {
		name string
		url  func(*testing.T) string
		exit int
		says []string // words of the title, in any order
	}{
		{
			"UnknownHost", func(*testing.T) string { return "wss://no-such-host.invalid/ws" }, 3,
			[]string{"no-such-host.invalid"},
		},
		{"RefusedPort", func(*testing.T) string { return closed }, 3, []string{"nothing is listening"}},
		{"WrongPath", wrongPath, 3, []string{"/ws"}},
		{"ForbiddenHandshake", forbidden, 3, []string{"403"}},
		{"MissingSubprotocol", noSubprotocol, 3, []string{"does not speak SIP"}},
		{"UntrustedCertificate", untrusted, 3, []string{"certificate"}},
		{"SilentServer", silent, 3, []string{"127.0.0.1"}},
		{"NoAnswerToRegister", deaf, 4, []string{"registration"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := c.url(t)
			calla := peers.Run(t, nil, "register", "--config", writeJSON(t, map[string]any{
				"uri": "sip:alice@example.test", "password": "Secret-7531", "ws_servers": url,
				"stun_servers": []string{},
			}))
			r, code := calla.Result(60 * time.Second)
			if code != c.exit {
				t.Errorf("exit code %d, want %d", code, c.exit)
			}
			problem, _ := r["problem"].(map[string]any)
			title, _ := problem["title"].(string)
			for _, word := range c.says {
				if !strings.Contains(title, word) {
					t.Errorf("the title %q does not say %q", title, word)
				}
			}
			for _, bare := range []string{"null", "nil", "undefined", "%!", "EOF"} {
				if strings.Contains(title, bare) {
					t.Errorf("the title %q has %q in it", title, bare)
				}
			}
			if other, ok := seen[title]; ok {
				t.Errorf("%s says the same: %q", other, title)
			}
			seen[title] = c.name
			if all := fmt.Sprint(calla.Events()) + calla.Output.String(); strings.Contains(all, "Secret-7531") {
				t.Error("the password was printed")
			}
		})
	}
}

// wsURL is the address of an HTTP test server as a WebSocket address.
func wsURL(s *httptest.Server) string { return "ws" + strings.TrimPrefix(s.URL, "http") + "/ws" }

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func wrongPath(t *testing.T) string {
	return wsURL(serve(t, http.NotFound))
}

func forbidden(t *testing.T) string {
	return wsURL(serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
}

func noSubprotocol(t *testing.T) string {
	return wsURL(serve(t, func(w http.ResponseWriter, r *http.Request) {
		var u websocket.Upgrader
		if c, err := u.Upgrade(w, r, nil); err == nil {
			_, _, _ = c.ReadMessage() // until the client leaves
			c.Close()
		}
	}))
}

func untrusted(t *testing.T) string {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	s.StartTLS()
	t.Cleanup(s.Close)
	return wsURL(s)
}

// silent accepts TCP and never says a word.
func silent(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				t.Cleanup(func() { c.Close() })
			}
		}
	}()
	return "ws://" + l.Addr().String() + "/ws"
}

// deaf speaks the sub-protocol but never answers a message.
func deaf(t *testing.T) string {
	return wsURL(serve(t, func(w http.ResponseWriter, r *http.Request) {
		u := websocket.Upgrader{Subprotocols: []string{"sip"}}
		c, err := u.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		for {
			if _, _, err := c.ReadMessage(); err != nil {
				return
			}
		}
	}))
}

// TestWrongPasswordStopsAfterOneRetry counts what Kamailio is asked: an account must not be locked by
// a phone that keeps trying.
func TestWrongPasswordStopsAfterOneRetry(t *testing.T) {
	k := peers.StartKamailio(t)
	calla := peers.Run(t, nil, "--trace", "register", "--config", writeJSON(t, map[string]any{
		"uri": "sip:alice@" + k.Domain, "password": "wr0ng-canary", "ws_servers": k.URL, "stun_servers": []string{},
	}))
	got := wantResult(t, calla, 4, map[string]any{"ok": false, "status": "failed"})
	problem, _ := got["problem"].(map[string]any)
	if short := problem["short"]; short != "Wrong password" {
		t.Errorf("in short: %q", short)
	}
	printed := calla.Output.String()
	if n := strings.Count(printed, "\nREGISTER sip:"); n != 2 {
		t.Errorf("%d REGISTER requests, want 2 (one without credentials, one with)", n)
	}
	if strings.Contains(printed, "wr0ng-canary") ||
		strings.Contains(printed, "response=\"") && !strings.Contains(printed, "hidden") {
		t.Error("a secret is in the trace")
	}
}
