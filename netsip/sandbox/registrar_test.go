package sandbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRegisterNeedsTheRightPassword(t *testing.T) {
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		t.Run(algorithm, func(t *testing.T) {
			bubble(t, Options{Algorithms: []string{algorithm}}, func(t *testing.T, s *Server) {
				c := dial(t, s, "alice")
				req := c.registerRequest(";expires=600")
				c.send(req)
				challenge := c.expect(401)
				c.send(c.authorize(req, challenge, "guess"))
				again := c.expect(401)
				if strings.Contains(again.Get("WWW-Authenticate"), "stale") {
					t.Error("a wrong password is not stale")
				}
				if len(s.Bindings("alice")) != 0 {
					t.Error("bound without the password")
				}
				c.send(c.authorize(req, again, "wonder"))
				ok := c.expect(200)
				contacts, err := ok.Contacts()
				if err != nil || len(contacts) != 1 || contacts[0].URI.String() != c.contact {
					t.Errorf("Contact %q, %v", ok.Get("Contact"), err)
				}
				if expires, _ := contacts[0].Params.Get("expires"); expires != "600" {
					t.Errorf("expires %q", expires)
				}
			})
		})
	}
}

func TestChallengesStandStrongestFirst(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		c := dial(t, s, "alice")
		c.send(c.registerRequest(""))
		lines := c.expect(401).Lines("WWW-Authenticate")
		if len(lines) != 2 || !strings.Contains(lines[0], "SHA-256") || !strings.Contains(lines[1], "MD5") {
			t.Errorf("challenges %q", lines)
		}
	})
}

func TestOldNonceIsStale(t *testing.T) {
	bubble(t, Options{NonceLifetime: time.Minute}, func(t *testing.T, s *Server) {
		c := dial(t, s, "alice")
		req := c.registerRequest("")
		c.send(req)
		challenge := c.expect(401)
		time.Sleep(61 * time.Second)
		c.send(c.authorize(req, challenge, "wonder"))
		challenge = c.expect(401)
		if !strings.Contains(challenge.Get("WWW-Authenticate"), "stale=true") {
			t.Error("not called stale")
		}
		good := c.authorize(req, challenge, "wonder")
		c.send(good)
		c.expect(200)
		replay := good.Clone()
		replay.Set("Via", "SIP/2.0/WS x.invalid;branch="+newBranch())
		c.send(replay) // the same nonce count again
		c.expect(401)
	})
}

func TestRegisterOfAnotherUserIsForbidden(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		c := dial(t, s, "alice")
		req := c.registerRequest("")
		req.Set("To", "<sip:bob@example.com>")
		c.send(req)
		c.send(c.authorize(req, c.expect(401), "wonder"))
		c.expect(403)
		req.Set("To", "<sip:nobody@example.com>")
		c.send(req)
		c.expect(404)
	})
}

func TestAnyUserRegistersWithoutPassword(t *testing.T) {
	bubble(t, Options{AnyUser: true}, func(t *testing.T, s *Server) {
		c := dial(t, s, "guest")
		c.send(c.registerRequest(""))
		c.expect(200)
		known := dial(t, s, "alice")
		known.send(known.registerRequest(""))
		known.expect(401)
	})
}

func TestAddedUserRegisters(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		s.AddUser("carol", "late")
		registered(t, s, "carol", "late")
	})
}

func TestBindingExpiresAndIsRefreshed(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		c := dial(t, s, "alice")
		c.register("wonder", ";expires=60")
		time.Sleep(50 * time.Second)
		c.register("wonder", ";expires=60")
		time.Sleep(59 * time.Second)
		if n := len(s.Bindings("alice")); n != 1 {
			t.Errorf("%d bindings after the refresh", n)
		}
		time.Sleep(2 * time.Second)
		if n := len(s.Bindings("alice")); n != 0 {
			t.Errorf("%d bindings after the end", n)
		}
	})
}

func TestTooShortExpiryGets423(t *testing.T) {
	bubble(t, Options{MinExpires: time.Minute}, func(t *testing.T, s *Server) {
		c := dial(t, s, "alice")
		req := c.registerRequest(";expires=59")
		c.send(req)
		c.send(c.authorize(req, c.expect(401), "wonder"))
		if min := c.expect(423).Get("Min-Expires"); min != "60" {
			t.Errorf("Min-Expires %q", min)
		}
		ok := c.register("wonder", ";expires=100000")
		contacts, _ := ok.Contacts()
		if expires, _ := contacts[0].Params.Get("expires"); expires != "3600" {
			t.Errorf("granted %q", expires)
		}
	})
}

func TestUnregisterOneAndAll(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		c, d := registered(t, s, "alice", "wonder"), registered(t, s, "alice", "wonder")
		if n := len(s.Bindings("alice")); n != 2 {
			t.Fatalf("%d bindings", n)
		}
		if ok := c.register("wonder", ";expires=0"); len(ok.Values("Contact")) != 1 {
			t.Errorf("left over: %q", ok.Values("Contact"))
		}
		req := d.registerRequest("")
		req.Set("Contact", "*")
		d.send(req)
		d.send(d.authorize(req, d.expect(401), "wonder"))
		d.expect(400) // without Expires: 0
		req.Set("Expires", "0")
		d.send(req)
		d.send(d.authorize(req, d.expect(401), "wonder"))
		d.expect(200)
		if n := len(s.Bindings("alice")); n != 0 {
			t.Errorf("%d bindings after *", n)
		}
	})
}

const instance = `;+sip.instance="<urn:uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12>"`

func TestSameInstanceReplacesItsBinding(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		dial(t, s, "alice").register("wonder", ";reg-id=1"+instance)
		d := dial(t, s, "alice")
		ok := d.register("wonder", ";reg-id=1"+instance)
		list := s.Bindings("alice")
		if len(list) != 1 || list[0].Contact.String() != d.contact || list[0].RegID != "1" {
			t.Errorf("bindings %+v", list)
		}
		if ok.Get("Require") != "outbound" {
			t.Errorf("Require %q", ok.Get("Require"))
		}
		dial(t, s, "alice").register("wonder", ";reg-id=2"+instance)
		if n := len(s.Bindings("alice")); n != 2 {
			t.Errorf("%d bindings with another reg-id", n)
		}
	})
}

func TestGRUUIsGivenAndRouted(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		other := registered(t, s, "alice", "wonder")
		c := dial(t, s, "alice")
		ok := c.register("wonder", ";reg-id=1"+instance)
		var public, temporary string
		contacts, err := ok.Contacts()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range contacts {
			if a.URI.String() == c.contact {
				public, _ = a.Params.Get("pub-gruu")
				temporary, _ = a.Params.Get("temp-gruu")
			}
		}
		if public != "sip:alice@example.com;gr=urn:uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12" {
			t.Errorf("pub-gruu %q", public)
		}
		b := registered(t, s, "bob", "builder")
		for _, gruu := range []string{public, temporary} {
			b.send(b.request("OPTIONS", gruu))
			req := c.expectRequest("OPTIONS")
			if req.RequestURI.String() != c.contact {
				t.Errorf("Request-URI %s", req.RequestURI)
			}
			c.respond(req, 200)
			b.expect(200)
		}
		other.quiet(time.Second)
		_ = c.ws.Close()
		synctest.Wait()
		b.send(b.request("OPTIONS", public))
		b.expect(480)
	})
}

func TestBindingsAreLimited(t *testing.T) {
	bubble(t, Options{MaxBindings: 2}, func(t *testing.T, s *Server) {
		registered(t, s, "alice", "wonder")
		registered(t, s, "alice", "wonder")
		c := dial(t, s, "alice")
		req := c.registerRequest("")
		c.send(req)
		c.send(c.authorize(req, c.expect(401), "wonder"))
		c.expect(503)
	})
}

func TestPathIsEchoed(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		c := dial(t, s, "alice")
		req := c.registerRequest("")
		req.Add("Path", "<sip:edge.example.com;lr>")
		c.send(req)
		c.send(c.authorize(req, c.expect(401), "wonder"))
		if path := c.expect(200).Get("Path"); path != "<sip:edge.example.com;lr>" {
			t.Errorf("Path %q", path)
		}
	})
}

func TestLostConnectionLosesItsBindings(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		c := registered(t, s, "alice", "wonder")
		_ = c.ws.Close()
		synctest.Wait()
		if n := len(s.Bindings("alice")); n != 0 {
			t.Errorf("%d bindings", n)
		}
	})
}
