package netsip

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sip"
)

// RFC 3608: requests outside dialogs take the way the registrar has told, REGISTER does not.
func TestServiceRouteIsTheWayOfRequestsOutsideDialogs(t *testing.T) {
	for _, c := range []struct {
		preloaded bool
		service   []string
		want      string
	}{
		{
			false,
			[]string{"Service-Route: <sip:s1.example.com;lr>, <sip:s2.example.com;lr>"},
			"<sip:s1.example.com;lr>|<sip:s2.example.com;lr>",
		},
		{false, []string{"Service-Route: <sip:s1.example.com;lr>", "Service-Route: \"x\" " +
			"<sip:s2.example.com;lr?Route=%3Csip:evil%3E>;a=b"}, "<sip:s1.example.com;lr>|<sip:s2.example.com;lr>"},
		{
			true,
			[]string{"Service-Route: <sip:s1.example.com;lr>"},
			"<sip:a.example.com;transport=ws;lr>|<sip:s1.example.com;lr>",
		},
		{
			true,
			[]string{"Service-Route: <sip:A.example.com;lr>, <sip:s1.example.com;lr>"},
			"<sip:a.example.com;transport=ws;lr>|<sip:s1.example.com;lr>",
		},
		{
			false,
			[]string{"Service-Route: <sip:strict.example.com>, <tel:+1;lr>, nonsense, <sip:s1.example.com;lr>"},
			"<sip:s1.example.com;lr>",
		},
		{false, nil, ""},
	} {
		config := registering()
		config.UsePreloadedRoute = c.preloaded
		ladder(t, config, func(b *bench, w *wire) {
			m := w.expect("REGISTER")
			contact := "Contact: " + m.Get("Contact")
			w.reply(m, 200, append(c.service, contact)...)
			b.until("registered", func() bool { return b.ua.registration.state == Registered })
			_, invite := b.calling(w)
			if got := strings.Join(invite.Lines("Route"), "|"); got != c.want {
				t.Errorf("%v: Route %s, want %s", c.service, got, c.want)
			}
			if got := strings.Join(b.state().ServiceRoutes, "|"); !c.preloaded && got != c.want {
				t.Errorf("state %s", got)
			}
			w.reply(invite, 486)
			w.expect("ACK")
			b.do(b.ua.Register)
			again := w.expect("REGISTER")
			if want := len(m.Lines("Route")); len(again.Lines("Route")) != want {
				t.Errorf("REGISTER has Route %v", again.Lines("Route"))
			}
			w.reply(again, 200, contact) // without Service-Route there is none any more
			b.until("registered", func() bool { return b.ua.registration.pending == nil })
			if routes := b.state().ServiceRoutes; len(routes) != 0 {
				t.Errorf("still %v", routes)
			}
		})
	}
}

// PJSIP acc03b57: a registrar's Service-Routes and Contacts are bounded.
func TestHostileRegistrarServiceRoutesAndContactsAreBounded(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		m := w.expect("REGISTER")
		var routes, contacts []string
		for i := range 400 {
			routes = append(routes, fmt.Sprintf("<sip:s%d.example.com;lr>", i))
			contacts = append(contacts, fmt.Sprintf("<sip:x@192.0.2.%d>;expires=60", i%250))
		}
		w.reply(m, 200, "Service-Route: "+strings.Join(routes, ","), "Contact: "+strings.Join(contacts, ","),
			"Contact: "+m.Get("Contact"))
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
		s := b.state()
		if len(s.ServiceRoutes) != maxServiceRoutes || len(s.Bindings) != maxBindings {
			t.Errorf("%d routes, %d bindings", len(s.ServiceRoutes), len(s.Bindings))
		}
	})
}

func TestBindingsOfTheAccountAreListed(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		w.register(w.expect("REGISTER"), 600)
		b.until("registered", func() bool { return b.ua.registration.state == Registered })
		list := b.state().Bindings
		if len(list) != 2 || list[0].Own || !list[1].Own {
			t.Fatalf("bindings %+v", list)
		}
		if list[0].Contact != "sip:other@192.0.2.9" || !list[0].Expires.Equal(time.Now().Add(99*time.Second)) ||
			list[0].InstanceID != "" {
			t.Errorf("other's %+v", list[0])
		}
		if list[1].InstanceID != "8f1fa16a-1165-4a96-8341-785b1ef24f12" {
			t.Errorf("own %+v", list[1])
		}
		b.do(func() { b.ua.Unregister(false) })
		w.reply(w.expect("REGISTER"), 200, "Contact: <sip:other@192.0.2.9>;expires=99")
		b.until("unregistered", func() bool { return b.ua.registration.state == Unregistered })
		if list := b.state().Bindings; len(list) != 1 || list[0].Own {
			t.Errorf("after unregistering %+v", list)
		}
		b.do(func() { b.ua.Unregister(true) })
		w.reply(w.expect("REGISTER"), 200)
		b.until("unregistered", func() bool { return b.ua.registration.pending == nil })
		if list := b.state().Bindings; len(list) != 0 {
			t.Errorf("after unregistering all %+v", list)
		}
	})
}

// A registrar that grants next to nothing cannot make us its generator of traffic: no refresh comes within 30 s of the
// last. In between the binding is gone, and that is what the state says.
//
// Holds: strangers
func TestHostileRegistrarTinyGrantsAreRationed(t *testing.T) {
	for _, c := range []struct {
		name      string
		granted   int
		first     time.Duration // until the first refresh
		most, few int           // refreshes in an hour
	}{
		{"nothing", 0, 0, 0, 0},
		{"1 s", 1, 30 * time.Second, 121, 118},
		{"4 s", 4, 30 * time.Second, 121, 118},
		{"5 s", 5, 30 * time.Second, 121, 118},
		{"10 s", 10, 30 * time.Second, 121, 118},
		{"20 s", 20, 30 * time.Second, 121, 118},
		{"30 s", 30, 30 * time.Second, 121, 118},
		{"40 s", 40, 35 * time.Second, 104, 101},
		{"64 s", 64, 59 * time.Second, 62, 60},
	} {
		ladder(t, registering(), func(b *bench, w *wire) {
			if c.granted == 0 {
				w.register(w.expect("REGISTER"), 0)
				b.until("failed", func() bool { return b.ua.registration.state == RegistrationFailed })
				if err := b.state().Err; !errors.Is(err, ErrNoBinding) {
					t.Errorf("error %v", err)
				}
				return
			}
			w.register(w.expect("REGISTER"), c.granted)
			start := time.Now()
			time.Sleep(min(time.Duration(c.granted), 25)*time.Second - time.Millisecond)
			if s := b.state(); s.Registration != Registered {
				t.Errorf("granted %s: %v while it lasts", c.name, s.Registration)
			}
			time.Sleep(100 * time.Millisecond)
			var brief *BriefGrantError
			if s := b.state(); c.granted < 30 && (s.Registration != RegistrationFailed || !errors.As(s.Err, &brief) ||
				!s.RetryAt.Equal(start.Add(leastRefresh))) {
				t.Errorf("granted %s: %v, %v, again %v after", c.name, s.Registration, s.Err, s.RetryAt.Sub(start))
			}
			m := w.expect("REGISTER")
			if d := time.Since(start); d < c.first || d > c.first+10*time.Millisecond {
				t.Errorf("granted %d s: refreshed after %v", c.granted, d)
			}
			w.register(m, c.granted)
			for time.Since(start) < time.Hour {
				w.register(w.expect("REGISTER"), c.granted)
			}
			n := 0
			for time.Since(start) < 2*time.Hour {
				w.register(w.expect("REGISTER"), c.granted)
				n++
			}
			if n > c.most || n < c.few {
				t.Errorf("granted %d s: %d refreshes in an hour", c.granted, n)
			}
		})
	}
}

// Min-Expires and grants without measure do not end the refreshing.
func TestHostileRegistrarHugeTimes(t *testing.T) {
	for _, least := range []string{"4294967295", "86401", "4294967296", "-1", "x"} {
		ladder(t, registering(), func(b *bench, w *wire) {
			w.reply(w.expect("REGISTER"), 423, "Min-Expires: "+least)
			b.until("failed", func() bool { return b.ua.registration.state == RegistrationFailed })
			if m := w.expect("REGISTER"); m.Get("Expires") != "600" {
				t.Errorf("asked for %s", m.Get("Expires"))
			}
		})
	}
	ladder(t, registering(), func(b *bench, w *wire) {
		w.register(w.expect("REGISTER"), 4294967295)
		start := time.Now()
		w.expectIn("REGISTER", 25*time.Hour)
		if d := time.Since(start); d > longestGrant {
			t.Errorf("refreshed after %v", d)
		}
	})
}

// expectIn is expect with more patience.
func (w *wire) expectIn(want string, patience time.Duration) {
	w.b.Helper()
	select {
	case m := <-w.in:
		if title(m) != want {
			w.b.Fatalf("user agent sent %s, want %s", title(m), want)
		}
	case <-time.After(patience):
		w.b.Fatalf("user agent did not send %s", want)
	}
}

// Refreshes cost no memory: 10^5 of them, 10^4 with -short.
func TestManyRefreshesDoNotGrow(t *testing.T) {
	count := 100_000
	if testing.Short() {
		count = 10_000
	}
	inBench(t, registering(), func(b *bench) {
		b.untraced = true
		b.start()
		w := b.next()
		nonce := 0
		round := func() {
			m := w.expectAny("REGISTER")
			if !m.Has("Authorization") || nonce%10 == 0 { // a new nonce now and then
				w.reply(m, 401, fmt.Sprintf(
					`WWW-Authenticate: Digest realm="example.com", nonce="n%d", qop="auth", stale=true`, nonce))
				m = w.expectAny("REGISTER")
			}
			nonce++
			w.register(m, 25, ";q=0.5")
		}
		for range 1000 {
			round()
		}
		heap := func() uint64 {
			synctest.Wait()
			runtime.GC()
			runtime.GC()
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			return s.HeapAlloc
		}
		before := heap()
		for range count {
			round()
		}
		after := heap()
		t.Logf("%d refreshes: heap %d kB before, %d kB after", count, before>>10, after>>10)
		if after > before+256<<10 {
			t.Errorf("heap grew from %d to %d octets", before, after)
		}
	})
}

// expectAny is expect with any patience.
func (w *wire) expectAny(want string) *sip.Message {
	w.b.Helper()
	m := <-w.in
	if title(m) != want {
		w.b.Fatalf("user agent sent %s, want %s", title(m), want)
	}
	return m
}

// A Min-Expires that grows a second at a time is followed six times; then the waits of a failure apply.
func TestHostileRegistrarGrowingMinExpires(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		start := time.Now()
		for n := range 2 * maxTries {
			w.reply(w.expect("REGISTER"), 423, "Min-Expires: "+itoa(1000+n))
		}
		if d := time.Since(start); d < registerRetryBase {
			t.Errorf("%d REGISTERs in %v", 2*maxTries, d)
		}
	})
}
