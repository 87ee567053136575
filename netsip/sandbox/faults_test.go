package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

func TestConnectFaults(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		f := s.Faults()
		f.OnConnect(1, ConnectFault{Refuse: true})
		f.OnConnect(1, ConnectFault{HTTPStatus: 404})
		f.OnConnect(1, ConnectFault{HTTPStatus: 503, Header: http.Header{"Retry-After": {"7"}}})
		f.OnConnect(1, ConnectFault{Stall: true})
		f.OnConnect(1, ConnectFault{Subprotocol: "xmpp"})
		f.OnConnect(1, ConnectFault{Subprotocol: NoSubprotocol})
		if _, _, err := dialError(s, time.Second); !errors.Is(err, errRefused) {
			t.Errorf("refused: %v", err)
		}
		for _, want := range []int{404, 503} {
			if status, _, err := dialError(s, time.Second); err == nil || status != want {
				t.Errorf("status %d, %v", status, err)
			}
		}
		start := time.Now()
		if _, _, err := dialError(s, 5*time.Second); err == nil || time.Since(start) != 5*time.Second {
			t.Errorf("stalled: %v after %v", err, time.Since(start))
		}
		for _, want := range []string{"xmpp", "", "sip"} {
			if _, protocol, err := dialError(s, time.Second); err != nil || protocol != want {
				t.Errorf("subprotocol %q, %v", protocol, err)
			}
		}
	})
}

func TestAcceptThenClose(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		s.Faults().OnConnect(2, ConnectFault{CloseCode: 1013})
		s.Faults().OnConnect(-1, ConnectFault{Cut: true})
		for range 2 {
			if err := <-dial(t, s, "alice").ended; !websocket.IsCloseError(err, 1013) {
				t.Errorf("ended with %v", err)
			}
		}
		for range 3 {
			err := <-dial(t, s, "alice").ended
			if !websocket.IsUnexpectedCloseError(err) && !errors.Is(err, io.EOF) && !errors.Is(err,
				io.ErrUnexpectedEOF) {
				t.Errorf("ended with %v", err)
			}
		}
		s.Faults().Clear()
		registered(t, s, "alice", "wonder")
	})
}

func TestMessageFaults(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		options := func() { a.send(a.request("OPTIONS", "sip:example.com")) }

		s.Faults().Add(Fault{
			Match: Received("OPTIONS"), Status: 503,
			Headers: []sip.Header{{Name: "Retry-After", Value: "7"}},
		})
		options()
		if got := a.expect(503).Get("Retry-After"); got != "7" {
			t.Errorf("Retry-After %q", got)
		}
		s.Faults().Add(Fault{Match: Received("OPTIONS"), Drop: true})
		options()
		a.quiet(time.Minute)
		s.Faults().Add(Fault{Match: SentStatus("OPTIONS", 200), Drop: true})
		options()
		a.quiet(time.Minute)
		s.Faults().Add(Fault{
			Match: SentStatus("OPTIONS", 200),
			Edit:  func(m *sip.Message) { m.Add("X-Edited", "yes") },
		})
		options()
		if !a.expect(200).Has("X-Edited") {
			t.Error("not edited")
		}
		for _, match := range []func(Event) bool{Received("OPTIONS"), SentStatus("OPTIONS", 0)} {
			s.Faults().Add(Fault{Match: match, Delay: 3 * time.Second})
			start := time.Now()
			options()
			a.expect(200)
			if d := time.Since(start); d != 3*time.Second {
				t.Errorf("delayed by %v", d)
			}
		}
		remove := s.Faults().Add(Fault{Match: Received(""), Times: -1, Drop: true})
		options()
		options()
		a.quiet(time.Minute)
		remove()
		options()
		a.expect(200)

		s.Faults().Add(Fault{Match: Sent("MESSAGE"), Cut: true})
		a.send(a.request("MESSAGE", "sip:bob@example.com"))
		<-b.ended
		a.expect(430)
		s.Faults().Add(Fault{Match: Received("MESSAGE"), CloseCode: 1012})
		a.send(a.request("MESSAGE", "sip:bob@example.com"))
		if err := <-a.ended; !websocket.IsCloseError(err, 1012) {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestCutAndCloseConnections(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		if n := s.Faults().Cut("alice"); n != 1 {
			t.Errorf("%d cut", n)
		}
		<-a.ended
		if n := s.Faults().CloseWith("", 1012, "restart"); n != 1 {
			t.Errorf("%d closed", n)
		}
		if err := <-b.ended; !websocket.IsCloseError(err, 1012) {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestStallFreezesTheServer(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a := registered(t, s, "alice", "wonder")
		s.Faults().Stall()
		go func() { // nobody reads: over net.Pipe the write waits too
			_ = a.ws.WriteControl(websocket.PingMessage, nil, time.Time{})
			a.send(a.request("OPTIONS", "sip:example.com"))
		}()
		a.quiet(time.Hour)
		if len(a.pongs) != 0 {
			t.Error("answered a Ping while stalled")
		}
		s.Faults().Resume()
		a.expect(200)
		<-a.pongs
	})
}

func TestExpiredNoncesAreStale(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a := dial(t, s, "alice")
		req := a.registerRequest("")
		a.send(req)
		challenge := a.expect(401)
		s.Faults().ExpireNonces()
		a.send(a.authorize(req, challenge, "wonder"))
		challenge = a.expect(401)
		list, _ := sip.ParseChallenges(challenge.Get("WWW-Authenticate"))
		if stale, _ := list[0].Params.Get("stale"); stale != "true" {
			t.Errorf("stale %q", stale)
		}
		a.send(a.authorize(req, challenge, "wonder"))
		a.expect(200)
	})
}

func TestObserverSeesEveryMessage(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		var seen []string
		s.Observe(func(Event) { t.Error("called after its end") })()
		s.Observe(func(e Event) {
			line := "client: "
			if e.Sent {
				line = "server: "
			}
			if e.Err != nil {
				line += e.Err.Error()
			} else {
				line += firstLine(e.Message)
			}
			seen = append(seen, line)
		})
		a := registered(t, s, "alice", "wonder")
		want := []string{
			"client: REGISTER sip:example.com SIP/2.0", "server: SIP/2.0 401 Unauthorized",
			"client: REGISTER sip:example.com SIP/2.0", "server: SIP/2.0 200 OK",
		}
		if len(seen) != len(want) {
			t.Fatalf("saw %q", seen)
		}
		for i := range want {
			if seen[i] != want[i] {
				t.Errorf("saw %q, want %q", seen[i], want[i])
			}
		}
		raw := a.request("NOTIFY", a.contact)
		if err := s.Send("alice", raw.Bytes()); err != nil {
			t.Fatal(err)
		}
		if got := a.expectRequest("NOTIFY"); got.String() != raw.String() {
			t.Errorf("sent %s", got)
		}
		if err := s.Send("nobody", nil); err == nil {
			t.Error("sent to nobody")
		}
	})
}

func TestServerPingsAndCutsTheSilent(t *testing.T) {
	bubble(t, Options{PingInterval: 30 * time.Second}, func(t *testing.T, s *Server) {
		a := registered(t, s, "alice", "wonder")
		time.Sleep(10 * time.Minute) // gorilla answers
		a.send(a.request("OPTIONS", "sip:example.com"))
		a.expect(200)
		a.deaf.Store(true)
		start := time.Now()
		<-a.ended
		if d := time.Since(start); d > time.Minute {
			t.Errorf("cut after %v", d)
		}
	})
}

func TestDialEndsWithItsContext(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		s.Faults().OnConnect(1, ConnectFault{Stall: true})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		if _, _, err := opened(ctx, s); err == nil || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		ws, _, err := opened(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		_ = ws.Close()
	})
}

func TestClientThatReadsNothingIsCut(t *testing.T) {
	bubble(t, Options{AnyUser: true}, func(t *testing.T, s *Server) {
		ws, _, err := opened(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
		deaf := &client{t: t, s: s, ws: ws, user: "deaf", contact: "sip:deaf@deaf.invalid", callID: token()}
		deaf.send(deaf.registerRequest(""))
		synctest.Wait()
		if n := len(s.Bindings("deaf")); n != 1 {
			t.Fatalf("%d bindings", n)
		}
		a := registered(t, s, "alice", "wonder")
		a.send(a.request("MESSAGE", "sip:deaf@example.com"))
		start := time.Now()
		a.expect(430)
		if d := time.Since(start); d > writeTimeout {
			t.Errorf("cut after %v", d)
		}
	})
}
