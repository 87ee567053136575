package netsip

import (
	"testing"
	"time"
)

// RFC 6665 section 4.1.3: what the reason of an end asks for.
func TestSubscriptionTerminatedReasons(t *testing.T) {
	for _, c := range []struct {
		state string
		final bool
		again [2]time.Duration
	}{
		{"terminated;reason=rejected", true, [2]time.Duration{}},
		{"terminated;reason=noresource", true, [2]time.Duration{}},
		{"terminated;reason=invariant", true, [2]time.Duration{}},
		{"terminated;reason=deactivated", false, [2]time.Duration{0, 0}},
		{"terminated;reason=timeout", false, [2]time.Duration{0, 0}},
		{"terminated;reason=probation;retry-after=123", false, [2]time.Duration{123 * time.Second, 123 * time.Second}},
		{"terminated;reason=giveup", false, [2]time.Duration{15 * time.Second, 30 * time.Second}},
		{"terminated;reason=giveup;retry-after=999999", false, [2]time.Duration{maxRetryAfter, maxRetryAfter}},
		{"terminated", false, [2]time.Duration{15 * time.Second, 30 * time.Second}},
		{"terminated;reason=newreason", false, [2]time.Duration{15 * time.Second, 30 * time.Second}},
	} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			l, f := b.granted(w, 900)
			time.Sleep(time.Minute)
			f.notify(c.state, mwiLines...)
			start := time.Now()
			w.expect("200 NOTIFY")
			b.do(func() {
				n := l.news[len(l.news)-1]
				if n.Final != c.final || n.State != SubscriptionTerminated ||
					(l.s.State() == SubscriptionTerminated) != c.final {
					t.Errorf("%s: %+v, %v", c.state, n, l.s.State())
				}
			})
			if c.final {
				w.quiet(2 * time.Hour)
				return
			}
			m := w.expect("SUBSCRIBE")
			if d := time.Since(start); d < c.again[0] || d > c.again[1] || m.ToTag() != "" {
				t.Errorf("%s: again after %v", c.state, d)
			}
		})
	}
}

// A server that ends what it has just granted is not asked in a loop.
func TestSubscriptionEndedAtOnceIsNotAskedInALoop(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.subscribe("alice", SubscribeOptions{Event: "message-summary"})
		start, asked := time.Now(), 0
		for time.Since(start) < time.Hour {
			m := w.expect("SUBSCRIBE")
			asked++
			w.reply(m, 200, farContact, "Expires: 900")
			w.notifier(m).notify("terminated;reason=deactivated")
			w.expect("200 NOTIFY")
		}
		if asked > 15 {
			t.Errorf("asked %d times in an hour", asked)
		}
	})
}

func TestSubscribeStoppedBeforeTheAnswer(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		l := b.subscribe("alice", SubscribeOptions{Event: "message-summary"})
		m := w.expect("SUBSCRIBE")
		b.do(l.s.Stop)
		w.reply(m, 200, farContact, "Expires: 900")
		end := w.expect("SUBSCRIBE")
		if end.Get("Expires") != "0" || end.ToTag() != "far" {
			t.Errorf("end:\n%s", end)
		}
		w.reply(end, 200)
		time.Sleep(time.Minute)
		b.do(func() {
			if len(b.ua.events.subscriptions) != 0 {
				t.Error("left")
			}
		})
	})
}

// Stop takes leave of everybody, and in time.
func TestStopEndsSubscriptionsAndPublications(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.granted(w, 900)
		b.do(func() { _, _ = b.ua.Publish(PublishOptions{Body: []byte("<x/>")}) })
		w.reply(w.expect("PUBLISH"), 200, "SIP-ETag: e1", "Expires: 900")
		done := make(chan struct{})
		start := time.Now()
		b.do(func() { b.ua.Stop(func() { close(done) }) })
		for range 2 {
			m := <-w.in
			if m.Get("Expires") != "0" {
				t.Errorf("%s", m)
			}
			w.reply(m, 200, "Expires: 0")
		}
		<-done
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("stopped after %v", d)
		}
	})
}

// RFC 6665 section 4.1.2.3: the last NOTIFY comes after the answer to the SUBSCRIBE that ends it, and is owed a 200.
func TestStopAnswersTheLastNotify(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, d := b.granted(w, 900)
		done := make(chan struct{})
		start := time.Now()
		b.do(func() { b.ua.Stop(func() { close(done) }) })
		w.reply(w.expect("SUBSCRIBE"), 200, "Expires: 0")
		time.Sleep(100 * time.Millisecond)
		d.notify("terminated;reason=timeout")
		w.expect("200 NOTIFY")
		<-done
		if d := time.Since(start); d > time.Second {
			t.Errorf("stopped after %v", d)
		}
	})
}
