package netsip

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/event"
	"calla/netsip/sip"
)

// watched runs a test with a user agent that can be subscribed to; listen decides.
func watched(t *testing.T, listen func(n *Notifier), script func(b *bench, w *wire)) {
	t.Helper()
	listening(t, testConfig(), func(_ *bench, o *Options) { o.OnSubscribe = listen }, script)
}

// expectNotify takes a NOTIFY of the user agent and answers it.
func (w *wire) expectNotify(state, body string) *sip.Message {
	w.b.Helper()
	m := w.expect("NOTIFY")
	if got := m.Get("Subscription-State"); got != state {
		w.b.Errorf("Subscription-State %s, want %s", got, state)
	}
	if string(m.Body) != body || (body != "") != m.Has("Content-Type") {
		w.b.Errorf("body %q, want %q", m.Body, body)
	}
	w.reply(m, 200)
	return m
}

// RFC 6665 section 4.2.
func TestNotifierTellsItsSubscriber(t *testing.T) {
	var n *Notifier
	watched(t, func(asked *Notifier) {
		n = asked
		n.Accept("text/x", []byte("one"))
	}, func(b *bench, w *wire) {
		f := w.caller()
		subscribe := f.request("SUBSCRIBE", "Event: dialog;id=7;sla", "Accept: text/x", "Expires: 600", farContact,
			"Record-Route: <sip:p1;lr>, <sip:p2;lr>")
		w.send(subscribe)
		ok := w.expect("200 SUBSCRIBE")
		if ok.Get("Expires") != "600" || ok.Get("Contact") == "" ||
			strings.Join(ok.Values("Record-Route"), " ") != "<sip:p1;lr> <sip:p2;lr>" {
			t.Errorf("200:\n%s", ok)
		}
		f.learn(ok)
		m := w.expectNotify("active;expires=600", "one")
		if m.Get("Event") != "dialog;id=7;sla" || m.ToTag() != f.tag || m.FromTag() != f.remoteTag ||
			strings.Join(m.Lines("Route"), " ") != "<sip:p1;lr> <sip:p2;lr>" ||
			m.RequestURI.String() != "sip:bob@192.0.2.1;transport=ws" {
			t.Errorf("NOTIFY:\n%s", m)
		}
		synctest.Wait() // the answer to the first NOTIFY is in: the next one goes out at once
		b.do(func() {
			if n.Event() != "dialog" || !n.Active() {
				t.Errorf("%+v", n)
			}
			n.Notify("text/x", []byte("two"))
			n.Notify("text/x", []byte("three"))
			n.Notify("text/x", []byte("four"))
		})
		w.expectNotify("active;expires=600", "two") // one at a time; only the last state matters
		w.expectNotify("active;expires=600", "four")
		w.quiet(100 * time.Second)
		w.send(f.request("SUBSCRIBE", "Event: dialog;id=7;sla", "Expires: 200", farContact))
		if ok := w.expect("200 SUBSCRIBE"); ok.Get("Expires") != "200" {
			t.Errorf("200:\n%s", ok)
		}
		w.expectNotify("active;expires=200", "four")
		ended := ""
		b.do(func() { n.OnEnd(func(reason string) { ended = reason }) })
		w.expectNotify("terminated;reason=timeout", "four")
		b.until("end told", func() bool { return ended == "timeout" })
		w.send(f.request("SUBSCRIBE", "Event: dialog", "Expires: 200", farContact))
		w.expect("481 SUBSCRIBE")
		b.do(func() {
			if len(b.ua.events.notifiers) != 0 || n.Active() {
				t.Error("left")
			}
		})
		b.clean()
	})
}

func TestNotifierPendingThenAcceptedThenTerminated(t *testing.T) {
	var n *Notifier
	watched(t, func(asked *Notifier) { n = asked }, func(b *bench, w *wire) {
		f := w.caller()
		w.send(f.request("SUBSCRIBE", "Event: presence", farContact))
		f.learn(w.expect("200 SUBSCRIBE"))
		w.expectNotify("pending;expires=3600", "")
		b.do(func() { n.Accept("application/pidf+xml", []byte("<x/>")) })
		w.expectNotify("active;expires=3600", "<x/>")
		b.do(func() { n.Terminate("giveup\r\nX: y") })
		w.expectNotify("terminated;reason=noresource", "<x/>")
		w.quiet(2 * time.Hour)
		b.clean()
	})
}

func TestSubscribeRefusedByNotifier(t *testing.T) {
	for _, c := range []struct {
		lines  []string
		reject int
		want   string
		header string
	}{
		{[]string{"Event: presence", farContact}, 403, "403", ""},
		{[]string{"Event: presence", farContact}, 489, "489", "Allow-Events: refer,message-summary,dialog,presence"},
		{[]string{"Event: presence", farContact}, 200, "403", ""},
		{[]string{farContact}, 0, "400", ""},
		{[]string{"Event: presence"}, 0, "400", ""},
		{[]string{"Event: presence", "Expires: 30", farContact}, 0, "423", "Min-Expires: 60"},
		{[]string{"Event: presence", "uri: sip:bob@example.com", farContact}, 0, "404", ""},
		{[]string{"Event: presence", "Require: eventlist", farContact}, 0, "420", "Unsupported: eventlist"},
	} {
		watched(t, func(n *Notifier) { n.Reject(c.reject) }, func(b *bench, w *wire) {
			w.send(w.out("SUBSCRIBE", c.lines...))
			resp := w.expect(c.want + " SUBSCRIBE")
			if name, value, _ := strings.Cut(c.header, ": "); resp.Get(name) != value {
				t.Errorf("%v:\n%s", c.lines, resp)
			}
			w.quiet(time.Minute)
			b.do(func() {
				if len(b.ua.events.notifiers) != 0 {
					t.Error("left")
				}
			})
		})
	}
}

// RFC 6665 section 4.4.3: Expires: 0 asks for the state once.
func TestSubscribeFetches(t *testing.T) {
	watched(t, func(n *Notifier) { n.Accept("text/x", []byte("state")) }, func(b *bench, w *wire) {
		w.send(w.out("SUBSCRIBE", "Event: presence", "Expires: 0", farContact))
		if ok := w.expect("200 SUBSCRIBE"); ok.Get("Expires") != "0" {
			t.Errorf("200:\n%s", ok)
		}
		w.expectNotify("terminated;reason=timeout", "state")
		b.clean()
	})
}

func TestSubscribeWithoutListenerIs489(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		w.send(w.out("SUBSCRIBE", "Event: presence", farContact))
		if resp := w.expect("489 SUBSCRIBE"); resp.Get("Allow-Events") == "" ||
			strings.Contains(resp.Get("Allow"), "SUBSCRIBE") {
			t.Errorf("489:\n%s", resp)
		}
		w.send(w.out("SUBSCRIBE", "Event: presence", "To: <sip:alice@example.com>;tag=none", farContact))
		w.expect("481 SUBSCRIBE")
	})
}

// RFC 6665 section 4.2.2: who refuses a NOTIFY, or does not answer it, is subscribed no more.
func TestNotifierEndsWhenNotifyFails(t *testing.T) {
	for _, answer := range []int{481, 489, 0} {
		var n *Notifier
		reason := ""
		watched(t, func(asked *Notifier) {
			n = asked
			n.Accept("text/x", []byte("one"))
			n.OnEnd(func(r string) { reason = r })
		}, func(b *bench, w *wire) {
			w.send(w.out("SUBSCRIBE", "Event: presence", farContact))
			w.expect("200 SUBSCRIBE")
			m := w.expect("NOTIFY")
			if answer != 0 {
				w.reply(m, answer)
			}
			b.until("ended", func() bool { return reason != "" && len(b.ua.events.notifiers) == 0 })
			b.do(func() { n.Notify("text/x", []byte("two")) })
			w.quiet(time.Minute)
		})
	}
}

// The flow is lost and made again: the subscriber learns what it missed.
func TestNotifierTellsOverTheNextFlow(t *testing.T) {
	var n *Notifier
	watched(t, func(asked *Notifier) {
		n = asked
		n.Accept("text/x", []byte("one"))
	}, func(b *bench, w *wire) {
		w.send(w.out("SUBSCRIBE", "Event: presence", farContact))
		w.expect("200 SUBSCRIBE")
		w.expectNotify("active;expires=3600", "one")
		w.close()
		b.until("lost", func() bool { return !b.ua.connection.up() })
		b.do(func() { n.Notify("text/x", []byte("two")) })
		w = b.next()
		m := w.expect("NOTIFY")
		if string(m.Body) != "two" {
			t.Errorf("NOTIFY:\n%s", m)
		}
		w.reply(m, 200)
	})
}

// A flood of SUBSCRIBEs is bounded.
func TestSubscribeFloodIsBounded(t *testing.T) {
	watched(t, func(n *Notifier) { n.Accept("text/x", []byte("one")) }, func(b *bench, w *wire) {
		answers := make(map[string]int)
		for i := range 300 {
			w.send(w.out("SUBSCRIBE", "Event: presence", farContact, fmt.Sprintf("Call-ID: flood-%d", i),
				fmt.Sprintf("Via: SIP/2.0/WSS h;branch=z9hG4bKflood%d", i)))
		}
		for range 300 + maxNotifiers {
			m := <-w.in
			answers[title(m)]++
			if m.IsRequest() {
				w.reply(m, 200)
			}
		}
		if answers["200 SUBSCRIBE"] != maxNotifiers || answers["503 SUBSCRIBE"] != 300-maxNotifiers ||
			answers["NOTIFY"] != maxNotifiers {
			t.Errorf("%v", answers)
		}
	})
}

// CVE-2021-37624 and its kin: NOTIFYs nobody asked for. News of the mailbox is the own server's alone to tell.
//
// Holds: strangers
func TestUnsolicitedNotify(t *testing.T) {
	const (
		vias = "Via: SIP/2.0/WSS p;branch=z9hG4bK1, SIP/2.0/UDP evil;branch=z9hG4bK2"
		own  = "From: <sip:alice@example.com>;tag=1"
	)
	mwi := func(lines ...string) []string {
		return append(append([]string{"Event: message-summary", "Subscription-State: active", own}, mwiLines...),
			lines...)
	}
	for _, c := range []struct {
		name  string
		lines []string
		want  string
		told  int
	}{
		{"the server for the account", mwi(), "200", 1},
		{"the server for itself", mwi("From: <sip:example.com>;tag=1"), "200", 1},
		{"a stranger", mwi("From: <sip:mallory@evil.example>;tag=1"), "481", 0},
		{"a stranger through the server", mwi("From: <sip:voicemail@evil.example>;tag=1", vias), "481", 0},
		{"a stranger in the name of the account, through the server", mwi(vias), "481", 0},
		{
			"a stranger in the name of the voice mail, through the server",
			mwi("From: <sip:voicemail@example.com>;tag=1", vias), "481", 0,
		},
		{"a colleague", mwi("From: <sip:bob@example.com>;tag=1"), "481", 0},
		{"our name at another domain", mwi("From: <sip:alice@evil.example>;tag=1"), "481", 0},
		{"a telephone number", mwi("From: <tel:+4930123456>;tag=1"), "481", 0},
		{"anonymous", mwi("From: <sip:anonymous@anonymous.invalid>;tag=1"), "481", 0},
		{"for somebody else", mwi("To: <sip:bob@example.com>"), "481", 0},
		{"at somebody else's address", mwi("uri: sip:bob@example.com"), "404", 0},
		{"in a dialog that is not", mwi("To: <sip:alice@example.com>;tag=none"), "481", 0},
		{"a body that is none", mwi("Body: Messages-Waiting: perhaps"), "400", 0},
		{"HTML", mwi("Content-Type: text/html"), "415", 0},
		{"a wish to restart", []string{"Event: check-sync;reboot=true"}, "489", 0},
		{"a wish to answer", []string{"Event: talk"}, "489", 0},
		{"a wish to hold", []string{"Event: hold"}, "489", 0},
		{"an event of a dialog", []string{"Event: dialog", "Subscription-State: active"}, "481", 0},
		{"an event of a transfer", []string{"Event: refer", "Subscription-State: active"}, "481", 0},
		{"no event at all", nil, "400", 0},
	} {
		var told []event.MessageSummary
		listening(t, testConfig(), func(_ *bench, o *Options) {
			o.OnMessageSummary = func(m event.MessageSummary) { told = append(told, m) }
		}, func(b *bench, w *wire) {
			w.send(w.out("NOTIFY", c.lines...))
			w.expect(c.want + " NOTIFY")
			b.do(func() {
				if len(told) != c.told || c.told > 0 && (told[0].New != 2 || !told[0].Waiting) {
					t.Errorf("%s: told %v", c.name, told)
				}
			})
		})
	}
}

func TestUnsolicitedMessageSummaryWithoutListenerIs481(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		w.send(w.out("NOTIFY", append([]string{"Event: message-summary", "Subscription-State: active"},
			mwiLines...)...))
		w.expect("481 NOTIFY")
	})
}

// Nothing a far end writes answers a call, or makes the phone fetch anything (S16, S26).
func TestAlertInfoAndAnswerModeNeverAct(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		f.ring(farContact, offerSDP, "Alert-Info: <http://127.0.0.1:9/x>;info=alert-autoanswer;delay=0",
			"Call-Info: <http://127.0.0.1:9/i>;answer-after=0;purpose=icon",
			"Answer-Mode: Auto;require", "Priv-Answer-Mode: Auto", "P-Auto-Answer: normal")
		s := b.lastInvite()
		for _, event := range []string{"talk", "hold"} {
			f.remoteTag = s.dialog.localTag
			w.send(f.request("NOTIFY", "Event: "+event, "Subscription-State: active"))
			w.expect("489 NOTIFY")
		}
		w.quiet(30 * time.Second)
		if s.state != SessionIncoming {
			t.Errorf("the call is %v", s.state)
		}
	})
}
