package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"calla/netsip/sip"
)

func TestCallThroughTheProxy(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		a.send(a.request("INVITE", "sip:bob@example.com"))
		a.expect(100)
		invite := b.expectRequest("INVITE")
		if invite.RequestURI.String() != b.contact {
			t.Errorf("Request-URI %s, want %s", invite.RequestURI, b.contact)
		}
		if n := len(invite.Values("Via")); n != 2 {
			t.Errorf("%d Via", n)
		}
		if hops, _, _ := invite.Uint("Max-Forwards"); hops != 68 {
			t.Errorf("Max-Forwards %d", hops)
		}
		b.respond(invite, 180)
		a.expect(180)
		b.respond(invite, 200)
		ok := a.expect(200)
		if n := len(ok.Values("Via")); n != 1 {
			t.Errorf("%d Via in the 200", n)
		}
		b.respond(invite, 200) // repeated until the ACK comes
		a.expect(200)
		a.send(a.inDialog("ACK", ok))
		if ack := b.expectRequest("ACK"); ack.Has("Route") {
			t.Errorf("Route %q", ack.Get("Route"))
		}
		a.send(a.inDialog("BYE", ok))
		b.respond(b.expectRequest("BYE"), 200)
		a.expect(200)
	})
}

func TestCalleeEndsTheCallOverTheFlowToken(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		_, invite := call(a, b)
		bye := b.request("BYE", a.contact)
		bye.Set("From", invite.Get("To")+";tag=bob-tag")
		bye.Set("To", invite.Get("From"))
		bye.Set("Call-ID", invite.CallID())
		bye.Prepend("Route", invite.Get("Record-Route"))
		b.send(bye)
		a.respond(a.expectRequest("BYE"), 200)
		b.expect(200)
	})
}

func TestDialogSurvivesANewConnectionOfTheCallee(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		ok, _ := call(a, b)
		_ = b.ws.Close()
		synctest.Wait()
		again := dial(t, s, "bob")
		again.contact = b.contact
		again.seq = b.seq
		again.register("builder", ";expires=600")
		a.send(a.inDialog("BYE", ok))
		again.respond(again.expectRequest("BYE"), 200)
		a.expect(200)
	})
}

func TestUnknownAndUnregisteredUsers(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a := registered(t, s, "alice", "wonder")
		for uri, status := range map[string]int{
			"sip:nobody@example.com":  404,
			"sip:bob@example.com":     480,
			"sip:bob@elsewhere.test":  404,
			"tel:+15550199":           416,
			"sip:example.com":         405,
			"sip:b%6Fb@EXAMPLE.com":   480,
			"sip:bob@example.com;x=y": 480,
		} {
			a.send(a.request("INVITE", uri))
			a.expect(status)
			ack := a.request("ACK", uri)
			a.send(ack) // never answered
		}
		a.send(a.request("OPTIONS", "sip:example.com"))
		a.expect(200)
		a.quiet(time.Second)
	})
}

func TestMaxForwardsZeroGets483(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a := registered(t, s, "alice", "wonder")
		registered(t, s, "bob", "builder")
		req := a.request("INVITE", "sip:bob@example.com")
		req.Set("Max-Forwards", "0")
		a.send(req)
		a.expect(483)
	})
}

func TestForkFirstAnswerWinsOthersAreCancelled(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a := registered(t, s, "alice", "wonder")
		b1, b2, b3 := registered(t, s, "bob", "builder"), registered(t, s, "bob", "builder"),
			registered(t, s, "bob", "builder")
		a.send(a.request("INVITE", "sip:bob@example.com"))
		i1, i2, i3 := b1.expectRequest("INVITE"), b2.expectRequest("INVITE"), b3.expectRequest("INVITE")
		b1.respond(i1, 180)
		b2.respond(i2, 180)
		a.expect(180)
		a.expect(180)
		b2.respond(i2, 200)
		a.expect(200)
		cancel := b1.expectRequest("CANCEL")
		if !strings.Contains(cancel.Get("Reason"), "elsewhere") {
			t.Errorf("Reason %q", cancel.Get("Reason"))
		}
		b1.respond(cancel, 200)
		b1.respond(i1, 487)
		b1.expectRequest("ACK")
		b3.quiet(time.Second) // no provisional response yet: RFC 3261 section 9.1
		b3.respond(i3, 180)
		b3.respond(b3.expectRequest("CANCEL"), 200)
		b3.respond(i3, 487)
		b3.expectRequest("ACK")
		a.quiet(time.Minute)
	})
}

func TestForkBestResponseIsPassed(t *testing.T) {
	for _, test := range []struct{ first, second, want int }{
		{486, 302, 302}, {480, 486, 486}, {500, 404, 404}, {486, 401, 401}, {486, 603, 603}, {503, 500, 500},
	} {
		t.Run(fmt.Sprintf("%d and %d", test.first, test.second), func(t *testing.T) {
			bubble(t, Options{}, func(t *testing.T, s *Server) {
				a := registered(t, s, "alice", "wonder")
				b1, b2 := registered(t, s, "bob", "builder"), registered(t, s, "bob", "builder")
				a.send(a.request("INVITE", "sip:bob@example.com"))
				b1.respond(b1.expectRequest("INVITE"), test.first)
				ack := b1.expectRequest("ACK")
				if ack.ToTag() != "bob-tag" {
					t.Errorf("ACK with To %q", ack.Get("To"))
				}
				b2.respond(b2.expectRequest("INVITE"), test.second)
				b2.expectRequest("ACK")
				m := a.next()
				for m.StatusCode == 100 {
					m = a.next()
				}
				if first480 := test.first == 480 && m.StatusCode == 480; m.StatusCode != test.want && !first480 {
					t.Errorf("got %d, want %d", m.StatusCode, test.want)
				}
			})
		})
	}
}

func TestCancelReachesTheCallee(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		req := a.request("INVITE", "sip:bob@example.com")
		a.send(req)
		invite := b.expectRequest("INVITE")
		b.respond(invite, 180)
		a.expect(180)
		cancel := a.request("CANCEL", "sip:bob@example.com")
		for _, name := range []string{"Via", "To", "From", "Call-ID"} {
			cancel.Set(name, req.Get(name))
		}
		cseq, _ := req.CSeq()
		cancel.Set("CSeq", fmt.Sprintf("%d CANCEL", cseq.Seq))
		a.send(cancel)
		a.expect(200)
		got := b.expectRequest("CANCEL")
		if got.Get("Via") != invite.Values("Via")[0] || got.RequestURI.String() != b.contact {
			t.Errorf("CANCEL does not match its INVITE: %s", got)
		}
		b.respond(got, 200)
		b.respond(invite, 487)
		b.expectRequest("ACK")
		a.expect(487)
		ack := a.request("ACK", "sip:bob@example.com")
		for _, name := range []string{"Via", "From", "Call-ID"} {
			ack.Set(name, req.Get(name))
		}
		ack.Set("CSeq", fmt.Sprintf("%d ACK", cseq.Seq))
		a.send(ack)
		b.quiet(time.Minute)
		a.send(cancel)
		a.expect(481)
	})
}

func TestCallerLostCancelsTheCall(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		a.send(a.request("INVITE", "sip:bob@example.com"))
		b.respond(b.expectRequest("INVITE"), 180)
		a.expect(180)
		_ = a.ws.Close()
		b.expectRequest("CANCEL")
	})
}

func TestCalleeLostGets430(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		a.send(a.request("INVITE", "sip:bob@example.com"))
		b.expectRequest("INVITE")
		_ = b.ws.Close()
		a.expect(430)
	})
}

func TestSilentCalleeGets408(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		start := time.Now()
		for _, method := range []string{"MESSAGE", "INVITE"} {
			a.send(a.request(method, "sip:bob@example.com"))
			b.expectRequest(method)
			a.expect(408)
		}
		if d := time.Since(start); d != 64*time.Second {
			t.Errorf("after %v", d)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.transaction) != 1 || len(s.branches) != 1 { // the INVITE
			t.Errorf("%d transactions and %d branches left", len(s.transaction), len(s.branches))
		}
	})
}

func TestRingingForEverIsCancelled(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		a.send(a.request("INVITE", "sip:bob@example.com"))
		b.respond(b.expectRequest("INVITE"), 180)
		a.expect(180)
		b.expectRequest("CANCEL")
		a.expect(408)
	})
}

func TestCallsAreChallengedWhereAsked(t *testing.T) {
	bubble(t, Options{ChallengeCalls: true}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		req := a.request("INVITE", "sip:bob@example.com")
		a.send(req)
		good := a.authorize(req, a.expect(407), "wonder")
		a.send(good)
		invite := b.expectRequest("INVITE")
		if invite.Has("Proxy-Authorization") {
			t.Error("credentials passed on to the callee")
		}
		forged := a.request("INVITE", "sip:bob@example.com")
		forged.Set("From", "<sip:bob@example.com>;tag=1")
		a.send(forged)
		a.send(a.authorize(forged, a.expect(407), "wonder"))
		a.expect(403)
	})
}

func TestRetransmittedRequestIsForwardedOnce(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		req := a.request("INVITE", "sip:bob@example.com")
		a.send(req)
		a.send(req)
		a.expect(100)
		a.expect(100)
		b.expectRequest("INVITE")
		b.quiet(time.Second)
	})
}

func TestProxyRequireIsRefused(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a := registered(t, s, "alice", "wonder")
		req := a.request("INVITE", "sip:bob@example.com")
		req.Add("Proxy-Require", "foo, bar")
		a.send(req)
		if got := a.expect(420).Get("Unsupported"); got != "foo, bar" {
			t.Errorf("Unsupported %q", got)
		}
	})
}

func TestMalformedMessageLeavesTheConnectionUp(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a := dial(t, s, "alice")
		bad := a.request("OPTIONS", "sip:example.com")
		bad.Set("Max-Forwards", "300")
		a.send(bad)
		a.expect(400)
		for _, frame := range []string{"", "\r\n", "\x00", "hello\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n"} {
			if err := a.ws.WriteMessage(websocket.BinaryMessage, []byte(frame)); err != nil {
				t.Fatal(err)
			}
		}
		a.quiet(time.Second)
		a.send(a.request("OPTIONS", "sip:example.com"))
		a.expect(200)
	})
}

func TestOversizeMessages(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a := dial(t, s, "alice")
		req := a.request("MESSAGE", "sip:bob@example.com")
		req.Body = make([]byte, sip.MaxMessageSize)
		a.send(req)
		a.expect(513)
		go func() { _ = a.ws.WriteMessage(websocket.BinaryMessage, make([]byte, 3*sip.MaxMessageSize)) }()
		if err := <-a.ended; !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestPendingTransactionsAreLimited(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		for range maxPending {
			a.send(a.request("MESSAGE", "sip:bob@example.com"))
			b.expectRequest("MESSAGE")
		}
		a.send(a.request("MESSAGE", "sip:bob@example.com"))
		a.expect(503)
		time.Sleep(time.Minute)
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.transaction)+len(s.branches) != 0 {
			t.Errorf("%d transactions and %d branches left", len(s.transaction), len(s.branches))
		}
	})
}

// The ACK of a refusal is hop by hop: it ends at who refused.
func TestACKOfARefusalOfTheServerIsNotForwarded(t *testing.T) {
	bubble(t, Options{ChallengeCalls: true}, func(t *testing.T, s *Server) {
		a, b := registered(t, s, "alice", "wonder"), registered(t, s, "bob", "builder")
		invite := a.request("INVITE", "sip:bob@example.com")
		a.send(invite)
		refusal := a.expect(407)
		ack := sip.NewRequest("ACK", invite.RequestURI)
		for _, name := range []string{"Via", "From", "Call-ID"} {
			ack.Add(name, invite.Get(name))
		}
		ack.Add("To", refusal.Get("To"))
		ack.Add("CSeq", strings.Replace(invite.Get("CSeq"), "INVITE", "ACK", 1))
		a.send(ack)
		b.quiet(time.Minute)
	})
}
