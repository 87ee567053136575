package netsip

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// register answers a REGISTER with the binding it asked for.
func (w *wire) register(m *sip.Message, expires int, params ...string) {
	w.b.Helper()
	contact, _, _ := strings.Cut(m.Get("Contact"), ";expires=")
	w.reply(m, 200, "Contact: <sip:other@192.0.2.9>;expires=99, "+contact+fmt.Sprintf(";expires=%d",
		expires)+strings.Join(params, ""))
}

func (b *bench) registered(w *wire, expires int) {
	b.Helper()
	w.register(w.expect("REGISTER"), expires)
	b.until("registered", func() bool { return b.ua.registration.state == Registered })
}

func TestRegisterLayout(t *testing.T) {
	c := registering()
	c.DisplayName = `Alice ¶€ "Ü" \`
	c.UsePreloadedRoute = true
	c.WSServers = []config.Server{{WSURI: "wss://proxy.example.com:8443/x"}}
	ladder(t, c, func(b *bench, w *wire) {
		m := w.expect("REGISTER")
		via := b.ua.identity.viaHost
		want := []string{
			"REGISTER sip:example.com SIP/2.0",
			"Route: <sip:proxy.example.com:8443;transport=ws;lr>",
			"Via: SIP/2.0/WSS " + via + ";branch=*",
			"Max-Forwards: 69",
			"To: <sip:alice@example.com>",
			`From: "Alice ¶€ \"Ü\" \\" <sip:alice@example.com>;tag=*`,
			"Call-ID: *",
			"CSeq: 1 REGISTER",
			"Contact: <sip:" + b.ua.identity.plain.User + "@" + via +
				`;transport=ws>;+sip.ice;reg-id=1;` +
				`+sip.instance="<urn:uuid:8f1fa16a-1165-4a96-8341-785b1ef24f12>";expires=600`,
			"Expires: 600",
			"Allow: INVITE,ACK,CANCEL,BYE,UPDATE,OPTIONS,INFO,NOTIFY,PRACK",
			"Supported: path,gruu,outbound",
			"User-Agent: Calla/0.0.0",
			"Content-Length: 0",
		}
		got := strings.Split(strings.TrimSuffix(m.String(), "\r\n\r\n"), "\r\n")
		if len(got) != len(want) {
			t.Fatalf("%d lines, want %d:\n%s", len(got), len(want), m)
		}
		for i := range want {
			if before, wild := strings.CutSuffix(want[i], "*"); got[i] != want[i] && (!wild ||
				!strings.HasPrefix(got[i], before)) {
				t.Errorf("line %d: %s\n   want %s", i+1, got[i], want[i])
			}
		}
		if len(m.CallID()) != 22 || len(m.FromTag()) != 10 {
			t.Errorf("Call-ID %s, tag %s", m.CallID(), m.FromTag())
		}
	})
}

// The parameters whose effect is on Via and Contact alone.
func TestHacks(t *testing.T) {
	for _, c := range []struct {
		change    func(*config.Config)
		transport string
	}{
		{func(*config.Config) {}, "WSS"},
		{func(c *config.Config) { c.HackViaWS = true }, "WS"},
		{func(c *config.Config) { c.HackViaTCP = true }, "TCP"},
		{func(c *config.Config) { c.HackViaTCP, c.HackViaWS = true, true }, "TCP"},
		{func(c *config.Config) { c.WSServers[0].WSURI = "ws://a.example.com" }, "WS"},
	} {
		config := registering()
		c.change(&config)
		config.HackIPInContact = true
		ladder(t, config, func(_ *bench, w *wire) {
			m := w.expect("REGISTER")
			via, err := m.TopVia()
			if err != nil || via.Transport != c.transport || !strings.HasPrefix(via.Host, "192.0.2.") {
				t.Errorf("Via %v %v, want %s", via, err, c.transport)
			}
			contacts, _ := m.Contacts()
			if contacts[0].URI.Host != via.Host {
				t.Errorf("Contact %v", contacts)
			}
		})
	}
}

func TestRegisterRefreshesInTheWindow(t *testing.T) {
	for _, c := range []struct {
		asked, granted int
		from, to       time.Duration
	}{
		{600, 600, 300 * time.Second, 568 * time.Second},
		{600, 64, 59 * time.Second, 59 * time.Second},
		{64, 64, 59 * time.Second, 59 * time.Second},
		{10, 10, 5 * time.Second, 5 * time.Second}, // as the user wants it
		{4, 4, 2 * time.Second, 2 * time.Second},
		{1, 1, time.Second, time.Second},
	} {
		config := registering()
		config.RegisterExpires = c.asked
		ladder(t, config, func(b *bench, w *wire) {
			first := w.expect("REGISTER")
			w.register(first, c.granted)
			start := time.Now()
			again := w.expect("REGISTER")
			if after := time.Since(start); after < c.from || after > c.to+time.Millisecond {
				t.Errorf("granted %d s: refreshed after %v", c.granted, after)
			}
			if again.CallID() != first.CallID() || again.Get("CSeq") != "2 REGISTER" ||
				again.FromTag() == first.FromTag() {
				t.Errorf("refresh:\n%s", again)
			}
			w.register(again, 3600)
		})
	}
}

func TestRegisterExpiresHeaderAndOwnContactByInstance(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		m := w.expect("REGISTER")
		w.reply(m, 200, "Expires: 120", "Contact: "+
			"<sip:changed@10.0.0.1:5060>;reg-id=1;+sip.instance=\"<urn:uuid:8F1FA16A-1165-4A96-8341-785B1EF24F12>\"")
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
		if s := b.state(); s.Expires != 120*time.Second || s.Err != nil {
			t.Errorf("state %+v", s)
		}
	})
}

func TestRegister200WithoutOurContactIsAFailure(t *testing.T) {
	for _, line := range []string{"X-None: 1", "Contact: <sip:other@192.0.2.9>;expires=600", "Contact: <sip:nonsense"} {
		ladder(t, registering(), func(b *bench, w *wire) {
			w.reply(w.expect("REGISTER"), 200, line)
			b.until("failed", func() bool { return b.ua.registration.state == RegistrationFailed })
			if s := b.state(); !errors.Is(s.Err, ErrNoBinding) || s.RetryAt.IsZero() {
				t.Errorf("state %+v", s)
			}
			w.register(w.expect("REGISTER"), 600)
		})
	}
}

func TestRegister423RaisesTheTime(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 423, "Min-Expires: 1200")
		m := w.expect("REGISTER")
		if m.Get("Expires") != "1200" || !strings.HasSuffix(m.Get("Contact"), ";expires=1200") {
			t.Errorf("asked again with %s", m.Get("Expires"))
		}
		w.reply(m, 423, "Min-Expires: 1200") // a server that cannot be pleased
		b.until("failed", func() bool { return b.ua.registration.state == RegistrationFailed })
		if w.expect("REGISTER").Get("Expires") != "1200" {
			t.Error("forgot what it learnt")
		}
	})
}

func TestRegisterBacksOff(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		limit := 30 * time.Second
		for range 8 {
			m := w.expect("REGISTER")
			w.reply(m, 500)
			start := time.Now()
			limit = min(2*limit, registerRetryMax)
			b.until("failed", func() bool {
				return !b.ua.registration.retryAt.IsZero() &&
					b.ua.registration.pending == nil
			})
			wait := b.state().RetryAt.Sub(start)
			if wait < limit/2 || wait > limit {
				t.Errorf("waits %v, want %v to %v", wait, limit/2, limit)
			}
			var status *StatusError
			if !errors.As(b.state().Err, &status) || status.StatusCode != 500 {
				t.Errorf("error %v", b.state().Err)
			}
			time.Sleep(wait)
		}
	})
}

func TestRegisterMindsRetryAfter(t *testing.T) {
	for given, want := range map[string]time.Duration{
		"120": 120 * time.Second, "4000000000": 1800 * time.Second,
		"7 (busy)": 7 * time.Second,
	} {
		ladder(t, registering(), func(b *bench, w *wire) {
			w.reply(w.expect("REGISTER"), 503, "Retry-After: "+given)
			start := time.Now()
			w.expect("REGISTER")
			if wait := time.Since(start); wait < want || wait > want+want/10+time.Millisecond {
				t.Errorf("Retry-After %s: waited %v", given, wait)
			}
		})
	}
}

func TestRegisterStopsWhenRefused(t *testing.T) {
	for _, code := range []int{403, 404, 604} {
		ladder(t, registering(), func(b *bench, w *wire) {
			w.reply(w.expect("REGISTER"), code)
			w.quiet(2 * time.Hour)
			if s := b.state(); s.Registration != RegistrationFailed || !s.RetryAt.IsZero() {
				t.Errorf("%d: state %+v", code, s)
			}
		})
	}
}

func TestRegister3xxIsNotFollowed(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 302, "Contact: <sip:evil.example>")
		if m := w.expect("REGISTER"); m.RequestURI.String() != "sip:example.com" {
			t.Errorf("asked %s", m.RequestURI.String())
		}
	})
}

func TestRegisterTimesOut(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		w.expect("REGISTER")
		start := time.Now()
		b.until("failed", func() bool { return b.ua.registration.state == RegistrationFailed })
		var late *TimeoutError
		if s := b.state(); !errors.As(s.Err, &late) || time.Since(start).Round(time.Second) != 32*time.Second {
			t.Errorf("after %v: %+v", time.Since(start), s)
		}
	})
}

func TestUnregisterOneAndAll(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		b.do(func() { b.ua.Unregister(false) })
		m := w.expect("REGISTER")
		if !strings.HasSuffix(m.Get("Contact"), ";expires=0") || m.Get("Expires") != "0" {
			t.Errorf("unregister:\n%s", m)
		}
		w.reply(m, 200)
		b.until("unregistered", func() bool { return b.ua.registration.state == Unregistered })
		w.quiet(time.Hour)
		b.do(func() { b.ua.Unregister(true) })
		if m := w.expect("REGISTER"); m.Get("Contact") != "*" {
			t.Errorf("Contact %s", m.Get("Contact"))
		}
	})
}

func TestUnregisterWaitsForTheREGISTERUnderWay(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		m := w.expect("REGISTER")
		b.do(func() { b.ua.Unregister(false) })
		w.quiet(time.Second)
		w.register(m, 600)
		if m := w.expect("REGISTER"); m.Get("Expires") != "0" {
			t.Error("still registers")
		}
	})
}

func TestGRUUBecomesTheContactOfCalls(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		w.register(w.expect("REGISTER"), 600,
			`;pub-gruu="sip:alice@example.com;gr=urn:uuid:x";temp-gruu="sip:tgruu.7h@example.com;gr"`)
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
		b.call("bob", CallOptions{})
		if got := w.expect("INVITE").Get("Contact"); got != "<sip:alice@example.com;gr=urn:uuid:x>" {
			t.Errorf("Contact %s", got)
		}
		b.call("bob", CallOptions{Anonymous: true})
		if got := w.expect("INVITE").Get("Contact"); got != "<sip:tgruu.7h@example.com;gr>" {
			t.Errorf("anonymous Contact %s", got)
		}
		b.do(b.ua.Register)
		if got := w.expect("REGISTER").Get("Contact"); strings.Contains(got, "gr=") {
			t.Errorf("REGISTER Contact %s", got)
		}
	})
}

func TestRegisterAgainAfterTheFlowIsLost(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		first := w.expect("REGISTER")
		w.register(first, 600)
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
		w.close()
		w = b.next()
		again := w.expect("REGISTER")
		if again.CallID() != first.CallID() || again.Get("CSeq") != "2 REGISTER" {
			t.Errorf("new flow:\n%s", again)
		}
		w.close() // while it is under way
		w = b.next()
		w.register(w.expect("REGISTER"), 600)
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
	})
}

// RFC 5626 section 11.6: the first hop does not support outbound; the binding is made without.
func TestRegister439LeavesOutboundOut(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 439)
		m := w.expect("REGISTER")
		if strings.Contains(m.Get("Contact"), "reg-id") || !strings.Contains(m.Get("Contact"), "+sip.instance") {
			t.Errorf("Contact %s", m.Get("Contact"))
		}
		w.reply(m, 439) // a server that cannot be pleased
		b.until("failed", func() bool { return b.ua.registration.state == RegistrationFailed })
		w.register(w.expect("REGISTER"), 600)
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
	})
}

// RFC 3327: a Path in the response is the registrar's business; RFC 5626: so is Require: outbound.
func TestRegisterToleratesPathAndRequireInThe200(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		m := w.expect("REGISTER")
		if got := m.Get("Supported"); got != "path,gruu,outbound" {
			t.Errorf("Supported %s", got)
		}
		w.reply(m, 200, "Contact: "+m.Get("Contact"), "Path: <sip:edge.example.com;lr;ob>", "Require: outbound",
			"Supported: path, outbound")
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
		b.call("bob", CallOptions{})
		if invite := w.expect("INVITE"); invite.Has("Route") || !strings.Contains(invite.Get("Contact"), ";ob") {
			t.Errorf("INVITE:\n%s", invite)
		}
	})
}

// Asking again with what was refused would lock the account, over a new flow as well.
func TestRefusedCredentialsAreNotTriedOverANewFlow(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		w.reply(w.expect("REGISTER"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="1", qop="auth"`)
		w.reply(w.expect("REGISTER"), 403)
		b.until("refused", func() bool { return b.ua.registration.refused })
		for range 3 {
			w.close()
			w = b.next()
			w.quiet(10 * time.Minute)
			b.do(b.ua.NetworkChanged)
			w.quiet(time.Minute)
			if s := b.state(); s.Registration != RegistrationFailed || s.Err == nil || !s.RetryAt.IsZero() {
				t.Errorf("state %+v", s)
			}
		}
		b.do(b.ua.RetryNow) // the user's wish
		w.register(w.expect("REGISTER"), 600)
	})
}

// TestARefreshThatWasSleptThroughIsMadeOnWakingUp: timers stand still while the computer sleeps, and the registrar's
// do not. What the clock on the wall says is set here, as no test can have the two run apart.
//
// Holds: faults
func TestARefreshThatWasSleptThroughIsMadeOnWakingUp(t *testing.T) {
	for _, v := range []struct {
		name  string
		due   time.Duration // from waking up, by the clock on the wall
		asked bool
	}{
		{"slept for 8 h", -8 * time.Hour, true},
		{"slept for 10 min", -5 * time.Minute, true},
		{"due just now", 0, true},
		{"not yet due", time.Minute, false},
		{"the clock was set back", time.Hour, false},
	} {
		t.Run(v.name, func(t *testing.T) {
			ladder(t, registering(), func(b *bench, w *wire) {
				b.registered(w, 600)
				b.do(func() {
					b.ua.registration.due = time.Now().Round(0).Add(v.due)
					b.ua.NetworkChanged()
					b.ua.NetworkChanged() // the system may say so twice
				})
				if v.asked {
					b.registered(w, 600)
				}
				w.quiet(time.Minute)
			})
		})
	}
}
