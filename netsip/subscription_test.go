package netsip

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
)

// lamp is a subscription and what it told.
type lamp struct {
	s       *Subscription
	news    []*Notification
	changes []string
}

const mwiBody = "Messages-Waiting: yes\r\nVoice-Message: 2/8 (0/2)\r\n"

func (b *bench) subscribe(target string, o SubscribeOptions) *lamp {
	b.Helper()
	l := &lamp{}
	o.OnNotify = func(n *Notification) { l.news = append(l.news, n) }
	o.OnChange = func(s *Subscription) { l.changes = append(l.changes, fmt.Sprint(s.State())) }
	var err error
	b.do(func() { l.s, err = b.ua.Subscribe(target, o) })
	if err != nil {
		b.Fatal(err)
	}
	return l
}

// notifier is the far end of a subscription of the user agent.
func (w *wire) notifier(subscribe *sip.Message) *far {
	contacts, err := subscribe.Contacts()
	if err != nil || len(contacts) != 1 {
		w.b.Fatalf("SUBSCRIBE without Contact:\n%s", subscribe)
	}
	return &far{
		w: w, callID: subscribe.CallID(), tag: "far", remoteTag: subscribe.FromTag(),
		target: contacts[0].URI.String(), branch: int(time.Now().UnixNano() % 1e9),
	}
}

func (f *far) notify(state string, lines ...string) *sip.Message {
	f.w.b.Helper()
	m := f.request("NOTIFY", append([]string{"Event: message-summary", "Subscription-State: " + state, farContact},
		lines...)...)
	f.w.send(m)
	return m
}

var mwiLines = []string{"Content-Type: application/simple-message-summary", "Body: " + mwiBody}

// granted lets the far end accept a subscription to message-summary for so many seconds, and tell the first state.
func (b *bench) granted(w *wire, expires int) (*lamp, *far) {
	b.Helper()
	l := b.subscribe("alice", SubscribeOptions{Event: "message-summary"})
	m := w.expect("SUBSCRIBE")
	w.reply(m, 200, farContact, fmt.Sprintf("Expires: %d", expires))
	f := w.notifier(m)
	f.notify("active;expires="+fmt.Sprint(expires), mwiLines...)
	w.expect("200 NOTIFY")
	b.until("active", func() bool { return l.s.State() == SubscriptionActive })
	return l, f
}

// RFC 6665 sections 4.1.2 and 4.1.3, RFC 3842.
func TestSubscribeAndNotify(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		l := b.subscribe("alice", SubscribeOptions{
			Event:        "message-summary",
			ExtraHeaders: []sip.Header{{Name: "X-Box", Value: "1"}},
		})
		m := w.expect("SUBSCRIBE")
		if m.RequestURI.String() != "sip:alice@example.com" || m.Get("Event") != "message-summary" ||
			m.Get("Expires") != "900" ||
			m.Get("Accept") != "application/simple-message-summary" || m.Get("X-Box") != "1" || m.Get("Contact") == "" {
			t.Errorf("SUBSCRIBE:\n%s", m)
		}
		w.reply(m, 200, farContact, "Expires: 900", "Record-Route: <sip:p2;lr>, <sip:p1;lr>")
		f := w.notifier(m)
		f.notify("pending;expires=900")
		w.expect("200 NOTIFY")
		f.notify("active;expires=900", mwiLines...)
		w.expect("200 NOTIFY")
		b.do(func() {
			if len(l.news) != 2 || l.news[0].State != SubscriptionPending || l.news[1].State != SubscriptionActive ||
				l.news[1].Final ||
				string(l.news[1].Body) != mwiBody || l.news[1].ContentType != "application/simple-message-summary" ||
				l.news[1].Event != "message-summary" {
				t.Errorf("%+v", l.news)
			}
		})
		start := time.Now()
		again := w.expect("SUBSCRIBE")
		if d := time.Since(start); d < 449*time.Second || d > 831*time.Second { // spec: e/2 + rand (e/2 - 70)
			t.Errorf("refreshed after %v", d)
		}
		if again.ToTag() != "far" || again.CallID() != m.CallID() ||
			again.RequestURI.String() != "sip:bob@192.0.2.1;transport=ws" ||
			strings.Join(again.Lines("Route"), " ") != "<sip:p1;lr> <sip:p2;lr>" ||
			again.Get("Event") != "message-summary" {
			t.Errorf("refresh:\n%s", again)
		}
		b.do(l.s.Stop)
		w.quiet(time.Second) // until the refresh is answered
		w.reply(again, 200, farContact, "Expires: 900")
		last := w.expect("SUBSCRIBE")
		if last.Get("Expires") != "0" {
			t.Errorf("end:\n%s", last)
		}
		w.reply(last, 200, "Expires: 0")
		f.notify("terminated;reason=timeout", mwiLines...)
		w.expect("200 NOTIFY")
		b.do(func() {
			if len(l.news) != 2 || l.s.State() != SubscriptionTerminated || len(b.ua.events.subscriptions) != 0 {
				t.Errorf("%d told, %v, %d left", len(l.news), l.s.State(), len(b.ua.events.subscriptions))
			}
		})
		w.quiet(time.Hour)
		b.clean()
	})
}

func TestSubscribeRefreshWindow(t *testing.T) {
	for expires, window := range map[int][2]time.Duration{
		140: {70 * time.Second, 71 * time.Second}, 3600: {1800 * time.Second, 3531 * time.Second},
		139: {134 * time.Second, 135 * time.Second}, 60: {55 * time.Second, 56 * time.Second},
		1: {30 * time.Second, 31 * time.Second}, // whatever a server grants, it is not asked more often
	} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			l := b.subscribe("alice", SubscribeOptions{Event: "message-summary", Expires: time.Hour})
			m := w.expect("SUBSCRIBE")
			f := w.notifier(m)
			w.reply(m, 200, farContact, fmt.Sprintf("Expires: %d", expires))
			f.notify("active", mwiLines...)
			w.expect("200 NOTIFY")
			start := time.Now()
			w.expect("SUBSCRIBE")
			if d := time.Since(start); d < window[0] || d > window[1] {
				t.Errorf("%d: refreshed after %v", expires, d)
			}
			b.do(l.s.Stop)
		})
	}
}

// RFC 6665 section 4.4.1: a NOTIFY may be faster than the 2xx, and makes the dialog; of forks the first one does.
func TestNotifyBeforeThe2xxOfSubscribe(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		l := b.subscribe("alice", SubscribeOptions{Event: "message-summary"})
		m := w.expect("SUBSCRIBE")
		f := w.notifier(m)
		f.notify("active;expires=200", append(mwiLines, "Record-Route: <sip:p1;lr>, <sip:p2;lr>")...)
		w.expect("200 NOTIFY")
		fork := w.notifier(m)
		fork.tag = "fork"
		fork.notify("active", mwiLines...)
		w.expect("481 NOTIFY")
		w.reply(m, 200, farContact, "Expires: 200")
		b.until("active", func() bool { return l.s.State() == SubscriptionActive })
		again := w.expect("SUBSCRIBE")
		first, _ := m.CSeq()
		if seq, _ := again.CSeq(); seq.Seq != first.Seq+1 || again.ToTag() != "far" || again.FromTag() != m.FromTag() ||
			strings.Join(again.Lines("Route"), " ") != "<sip:p1;lr> <sip:p2;lr>" {
			t.Errorf("refresh:\n%s", again)
		}
	})
}

// Spec 4.14: a NOTIFY that shortens the time is followed.
func TestNotifyShortensTheSubscription(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, f := b.granted(w, 900)
		f.notify("active;expires=100", mwiLines...)
		w.expect("200 NOTIFY")
		start := time.Now()
		w.expect("SUBSCRIBE")
		if d := time.Since(start).Round(time.Second); d != 95*time.Second {
			t.Errorf("after %v", d)
		}
	})
}

func TestSubscribeRefusals(t *testing.T) {
	for _, c := range []struct {
		code  int
		lines []string
		state SubscriptionState
		again [2]time.Duration // when it is asked again
	}{
		{403, nil, SubscriptionTerminated, [2]time.Duration{}},
		{404, nil, SubscriptionTerminated, [2]time.Duration{}},
		{405, nil, SubscriptionTerminated, [2]time.Duration{}},
		{489, nil, SubscriptionTerminated, [2]time.Duration{}},
		{501, nil, SubscriptionTerminated, [2]time.Duration{}},
		{603, nil, SubscriptionTerminated, [2]time.Duration{}},
		{481, nil, SubscriptionPending, [2]time.Duration{15 * time.Second, 30 * time.Second}},
		{480, nil, SubscriptionPending, [2]time.Duration{15 * time.Second, 30 * time.Second}},
		{500, nil, SubscriptionPending, [2]time.Duration{15 * time.Second, 30 * time.Second}},
		{503, []string{"Retry-After: 77"}, SubscriptionPending, [2]time.Duration{77 * time.Second, 77 * time.Second}},
		{423, nil, SubscriptionPending, [2]time.Duration{15 * time.Second, 30 * time.Second}},
		{
			423,
			[]string{"Min-Expires: 4294967295"},
			SubscriptionPending,
			[2]time.Duration{15 * time.Second, 30 * time.Second},
		},
		{423, []string{"Min-Expires: 1000"}, SubscriptionPending, [2]time.Duration{0, 0}},
	} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			l := b.subscribe("alice", SubscribeOptions{Event: "message-summary"})
			m := w.expect("SUBSCRIBE")
			w.reply(m, c.code, c.lines...)
			if c.state == SubscriptionTerminated {
				b.until("terminated", func() bool { return l.s.State() == SubscriptionTerminated })
				var status *StatusError
				if !errors.As(l.s.Err(), &status) || status.StatusCode != c.code {
					t.Errorf("%d: %v", c.code, l.s.Err())
				}
				w.quiet(2 * time.Hour)
				return
			}
			start := time.Now()
			again := w.expect("SUBSCRIBE")
			if d := time.Since(start); d < c.again[0] || d > c.again[1] {
				t.Errorf("%d %v: again after %v", c.code, c.lines, d)
			}
			if c.lines != nil && c.lines[0] == "Min-Expires: 1000" && again.Get("Expires") != "1000" {
				t.Errorf("after 423:\n%s", again)
			}
			if l.s.State() != c.state {
				t.Errorf("%d: %v", c.code, l.s.State())
			}
		})
	}
}

// A refresh answered by 481: the dialog is gone, the subscription is made again at once.
func TestSubscriptionMadeAgainAfter481(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		l, f := b.granted(w, 60)
		w.reply(w.expect("SUBSCRIBE"), 481)
		m := w.expect("SUBSCRIBE")
		if m.ToTag() != "" || m.CallID() == f.callID {
			t.Errorf("SUBSCRIBE:\n%s", m)
		}
		w.reply(m, 200, farContact, "Expires: 60")
		w.notifier(m).notify("active", mwiLines...)
		w.expect("200 NOTIFY")
		b.until("active", func() bool { return l.s.State() == SubscriptionActive && len(l.news) == 2 })
		f.notify("active", mwiLines...) // of the old one
		w.expect("481 NOTIFY")
	})
}

func TestSubscriptionNotifyRefusals(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		l, f := b.granted(w, 900)
		for _, c := range []struct {
			want  string
			lines []string
		}{
			{"489", []string{"Event: presence", "Subscription-State: active"}},
			{"489", []string{"Event: check-sync", "Subscription-State: active"}},
			{"400", []string{"Subscription-State: active"}},
			{"400", []string{"Event: message-summary"}},
			{"415", []string{
				"Event: message-summary", "Subscription-State: active", "Content-Type: text/html",
				"Body: <b>",
			}},
			{"500", []string{"Event: message-summary", "Subscription-State: active", "CSeq: 1 NOTIFY"}},
		} {
			w.send(f.request("NOTIFY", append(c.lines, farContact)...))
			w.expect(c.want + " NOTIFY")
		}
		w.send(f.request("MESSAGE", plain, "Body: x"))
		w.expect("405 MESSAGE")
		w.send(f.request("BYE"))
		w.expect("481 BYE")
		b.do(func() {
			if len(l.news) != 1 || l.s.State() != SubscriptionActive {
				t.Errorf("%d told, %v", len(l.news), l.s.State())
			}
		})
	})
}

// RFC 6665 section 4.1.2.4, timer N.
func TestSubscriptionWithoutNotifyIsAskedAgain(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		l := b.subscribe("alice", SubscribeOptions{Event: "message-summary"})
		m := w.expect("SUBSCRIBE")
		start := time.Now()
		w.reply(m, 200, farContact, "Expires: 900")
		b.until("silence noted", func() bool { return l.s.Err() != nil })
		if d := time.Since(start).Round(time.Second); d != timeout {
			t.Errorf("after %v", d)
		}
		w.expect("SUBSCRIBE")
	})
}

// A new flow: the far end is told our Contact, or asked anew.
func TestSubscriptionAfterANewFlow(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		l, f := b.granted(w, 900)
		early := b.subscribe("bob", SubscribeOptions{Event: "dialog"}) // unanswered when the flow is lost
		w.expect("SUBSCRIBE")
		w.close()
		w = b.next()
		var renewed, fresh *sip.Message
		for range 2 {
			if m := w.expect("SUBSCRIBE"); m.ToTag() == "" {
				fresh = m
			} else {
				renewed = m
			}
		}
		if renewed == nil || fresh == nil || renewed.CallID() != f.callID || fresh.Get("Event") != "dialog" {
			t.Fatalf("%v %v", renewed, fresh)
		}
		w.reply(renewed, 200, farContact, "Expires: 900")
		w.reply(fresh, 200, farContact, "Expires: 900")
		dialogs := w.notifier(fresh)
		w.send(dialogs.request("NOTIFY", "Event: dialog", "Subscription-State: active", farContact,
			"Content-Type: application/dialog-info+xml",
			`Body: <dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="0" state="full" `+
				`entity="sip:bob@example.com"/>`))
		w.expect("200 NOTIFY")
		b.do(func() {
			if l.s.State() != SubscriptionActive || early.s.State() != SubscriptionActive || len(early.news) != 1 {
				t.Errorf("%v %v", l.s.State(), early.s.State())
			}
		})
	})
}

// Asked for without a connection: sent when there is one; SUBSCRIBE is challenged like any request.
func TestSubscribeBeforeConnectedAndChallenged(t *testing.T) {
	listening(t, testConfig(), knowing(allowed("example.com")), func(b *bench, w *wire) {
		w.close()
		b.until("lost", func() bool { return !b.ua.connection.up() })
		l := b.subscribe("alice", SubscribeOptions{Event: "presence"})
		w = b.next()
		w.reply(w.expect("SUBSCRIBE"), 401, `WWW-Authenticate: Digest realm="example.com", nonce="n"`)
		m := w.expect("SUBSCRIBE")
		if !m.Has("Authorization") || m.Get("Accept") != "application/pidf+xml" {
			t.Errorf("SUBSCRIBE:\n%s", m)
		}
		w.reply(m, 401, `WWW-Authenticate: Digest realm="example.com", nonce="n2"`)
		b.until("given up", func() bool { return l.s.State() == SubscriptionTerminated })
		if !errors.Is(l.s.Err(), ErrRefusedCredentials) {
			t.Errorf("%v", l.s.Err())
		}
	})
}

// Before the registration servers refuse what else we ask for, and a wrong password would be tried once more.
func TestSubscribeAndPublishWaitForTheRegistration(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		register := w.expect("REGISTER")
		b.subscribe("alice", SubscribeOptions{Event: "message-summary"})
		b.publish(PublishOptions{Body: []byte("<x/>")})
		w.quiet(10 * time.Second)
		w.reply(register, 403)
		w.quiet(time.Hour)
		b.do(b.ua.Register)
		b.registered(w, 3600)
		w.reply(w.expect("SUBSCRIBE"), 489)
		w.reply(w.expect("PUBLISH"), 489)
		w.quiet(10 * time.Minute)
	})
}

func TestSubscribeOptionsAreChecked(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		for _, o := range []SubscribeOptions{
			{},
			{Event: "x"},
			{Event: "a b", Accept: []string{"a/b"}},
			{Event: "x\r\nY: z", Accept: []string{"a/b"}},
			{Event: "x", Accept: []string{"a\r\nb"}},
			{Event: "presence", ExtraHeaders: []sip.Header{{Name: "Via", Value: "x"}}},
			{Event: "presence", ExtraHeaders: []sip.Header{{Name: "X", Value: "x\ny"}}},
		} {
			b.do(func() {
				if _, err := b.ua.Subscribe("alice", o); err == nil {
					t.Errorf("%+v taken", o)
				}
			})
		}
		w.quiet(time.Second)
	})
}
