package sandbox

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sip"
)

func TestLostACK(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		defer s.Faults().LoseACK(2)()
		a.send(a.request("INVITE", "sip:bob@example.com"))
		b.respond(b.expectRequest("INVITE"), 200)
		ok := a.expect(200)
		a.send(a.inDialog("ACK", ok))
		b.quiet(time.Minute)
		a.send(a.inDialog("ACK", ok))
		b.expectRequest("ACK")
	})
}

func TestGlareMakesReinvitesCross(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		ok, invite := call(a, b)
		s.Faults().Glare(500 * time.Millisecond)
		a.send(a.inDialog("INVITE", ok))
		theirs := b.request("INVITE", a.contact)
		theirs.Set("From", ok.Get("To"))
		theirs.Set("To", ok.Get("From"))
		theirs.Set("Call-ID", ok.CallID())
		theirs.Prepend("Route", invite.Get("Record-Route"))
		b.send(theirs)
		a.quiet(400 * time.Millisecond)
		// Each gets the other's INVITE, the ACK of its refusal, and the refusal of its own, which may come in any
		// order.
		a.respond(a.expectRequest("INVITE"), 491)
		for _, c := range []*client{b, a} {
			invited, acknowledged, refused := c == a, false, false
			for !invited || !acknowledged || !refused {
				switch m := c.next(); {
				case m.Method == "INVITE":
					invited = true
					c.respond(m, 491)
				case m.Method == "ACK":
					acknowledged = true
				case m.StatusCode == 491:
					refused = true
				}
			}
		}
	})
}

func TestStaleNoncesUnavailableAndRedirect(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		s.Faults().StaleNonces(time.Second)
		a := registered(t, s, "alice", "wonder")
		time.Sleep(2 * time.Second)
		req := a.registerRequest(";expires=600")
		a.send(req)
		old := a.expect(401)
		time.Sleep(2 * time.Second)
		a.send(a.authorize(req, old, "wonder"))
		if got := a.expect(401).Get("WWW-Authenticate"); !strings.Contains(got, "stale=true") {
			t.Errorf("challenge %s", got)
		}
		s.Faults().Unavailable("OPTIONS", 1, 7*time.Second)
		a.send(a.request("OPTIONS", "sip:example.com"))
		if got := a.expect(503).Get("Retry-After"); got != "7" {
			t.Errorf("Retry-After %s", got)
		}
		remove := s.Faults().Redirect("bob", "sip:carol@example.com", "sip:desk@example.net")
		a.send(a.request("INVITE", "sip:bob@example.com"))
		if got := a.expect(302).Values("Contact"); !slices.Equal(got,
			[]string{"<sip:carol@example.com>;q=1.0", "<sip:desk@example.net>;q=0.9"}) {
			t.Errorf("Contact %q", got)
		}
		remove()
		a.send(a.request("INVITE", "sip:bob@example.com"))
		a.expect(480)
	})
}

func TestFloodIsOfRequestsThatAreNotOne(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a := registered(t, s, "alice", "wonder")
		if err := s.Faults().Flood("alice", "INVITE", 100); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for range 100 {
			m := a.expectRequest("INVITE")
			seen[m.CallID()+m.FromTag()+m.Get("Via")] = true
			a.respond(m, 486)
		}
		if len(seen) != 100 {
			t.Errorf("%d different requests", len(seen))
		}
	})
}

func TestServiceRouteAndPath(t *testing.T) {
	bubble(t, Options{ServiceRoute: true, Path: "<sip:edge.example.com;lr>"}, func(t *testing.T, s *Server) {
		a, b := dial(t, s, "alice"), registered(t, s, "bob", "builder")
		ok := a.register("wonder", ";expires=600")
		if got := ok.Get("Path"); got != "<sip:edge.example.com;lr>" {
			t.Errorf("Path %q", got)
		}
		invite := a.request("INVITE", "sip:bob@example.com")
		a.send(invite)
		a.expect(403)
		invite = a.request("INVITE", "sip:bob@example.com")
		invite.Prepend("Route", ok.Get("Service-Route"))
		a.send(invite)
		b.respond(b.expectRequest("INVITE"), 200)
		a.expect(200)
	})
}

// What is not an INVITE passes too, inside dialogs by their route.
func TestRequestsOfAnyKindPassBetweenUsers(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		a.send(a.request("MESSAGE", "sip:bob@example.com"))
		b.respond(b.expectRequest("MESSAGE"), 200)
		a.expect(200)

		ok, _ := call(a, b)
		for _, method := range []string{"REFER", "NOTIFY", "INFO", "UPDATE", "MESSAGE", "PRACK"} {
			m := a.inDialog(method, ok)
			m.Set("Refer-To", "<sip:carol@example.com>")
			a.send(m)
			got := b.expectRequest(method)
			if got.Has("Route") || got.Get("Refer-To") != "<sip:carol@example.com>" || len(got.Values("Via")) != 2 {
				t.Errorf("%s:\n%s", method, got)
			}
			b.respond(got, 202)
			a.expect(202)
		}

		// The notifier reaches the subscriber by the route of the SUBSCRIBE, though it has no binding of its own
		// Contact.
		subscribe := a.request("SUBSCRIBE", "sip:bob@example.com")
		subscribe.Set("Contact", "<sip:nobody@gone.invalid>")
		a.send(subscribe)
		got := b.expectRequest("SUBSCRIBE")
		b.respond(got, 200)
		a.expect(200)
		notify := b.request("NOTIFY", "sip:nobody@gone.invalid")
		notify.Set("From", got.Get("To")+";tag=bob-tag")
		notify.Set("To", got.Get("From"))
		notify.Set("Call-ID", got.CallID())
		notify.Prepend("Route", got.Get("Record-Route"))
		b.send(notify)
		a.respond(a.expectRequest("NOTIFY"), 200)
		b.expect(200)
	})
}

// Every script runs, and with most a phone that tries again registers in the end.
func TestScripts(t *testing.T) {
	for _, script := range Scripts() {
		if script.Help == "" {
			t.Errorf("%s has no help", script.Name)
		}
		bubble(t, Options{}, func(t *testing.T, s *Server) {
			if err := s.RunScript(script.Name); err != nil {
				t.Fatal(err)
			}
			for range 8 {
				if tryRegister(t, s) {
					return
				}
				time.Sleep(5 * time.Second)
			}
			t.Errorf("%s: never registered", script.Name)
		})
	}
	if err := New(Options{}).RunScript("no such"); err == nil {
		t.Error("an unknown script runs")
	}
}

// tryRegister registers once, if it can.
func tryRegister(t *testing.T, s *Server) bool {
	ws, _, err := opened(t.Context(), s)
	if err != nil {
		return false
	}
	c := newClient(t, s, "alice", ws)
	req := c.registerRequest(";expires=600")
	c.send(req)
	answer := func() *sip.Message {
		select {
		case m := <-c.in:
			return m
		case <-c.ended:
		case <-time.After(time.Minute):
		}
		return nil
	}
	challenged := answer()
	if challenged == nil || challenged.StatusCode != 401 {
		return false
	}
	c.send(c.authorize(req, challenged, "wonder"))
	ok := answer()
	synctest.Wait()
	return ok != nil && ok.StatusCode == 200
}
