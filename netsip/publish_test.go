package netsip

import (
	"errors"
	"testing"
	"time"
)

func (b *bench) publish(o PublishOptions) *Publication {
	b.Helper()
	var p *Publication
	var err error
	b.do(func() { p, err = b.ua.Publish(o) })
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// RFC 3903 sections 4.1 to 4.5.
func TestPublishRefreshUpdateAndRemove(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		p := b.publish(PublishOptions{Body: []byte("<one/>"), Expires: time.Hour})
		m := w.expect("PUBLISH")
		if m.RequestURI.String() != "sip:alice@example.com" || m.Get("Event") != "presence" ||
			m.Get("Expires") != "3600" || m.Has("SIP-If-Match") ||
			m.Get("Content-Type") != "application/pidf+xml" || string(m.Body) != "<one/>" || m.Has("Contact") {
			t.Errorf("PUBLISH:\n%s", m)
		}
		w.reply(m, 200, "SIP-ETag: e1", "Expires: 100")
		b.until("published", func() bool { return p.Published() && p.Err() == nil })
		start := time.Now()
		m = w.expect("PUBLISH")
		if d := time.Since(start).Round(time.Second); d != 95*time.Second || m.Get("SIP-If-Match") != "e1" ||
			len(m.Body) != 0 || m.Has("Content-Type") {
			t.Errorf("refresh after %v:\n%s", d, m)
		}
		b.do(func() { p.Update([]byte("<two/>")) }) // while the refresh is under way
		w.reply(m, 200, "SIP-ETag: e2", "Expires: 100")
		m = w.expect("PUBLISH")
		if m.Get("SIP-If-Match") != "e2" || string(m.Body) != "<two/>" {
			t.Errorf("update:\n%s", m)
		}
		w.reply(m, 200, "SIP-ETag: e3", "Expires: 100")
		time.Sleep(time.Second)
		b.do(p.Stop)
		m = w.expect("PUBLISH")
		if m.Get("SIP-If-Match") != "e3" || m.Get("Expires") != "0" || len(m.Body) != 0 {
			t.Errorf("removal:\n%s", m)
		}
		w.reply(m, 200)
		w.quiet(time.Hour)
		b.clean()
	})
}

// RFC 3903 section 4.1: 412 says that the server has lost what we published; it gets all of it.
func TestPublishAfter412IsFresh(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		p := b.publish(PublishOptions{Body: []byte("<one/>")})
		w.reply(w.expect("PUBLISH"), 200, "SIP-ETag: e1", "Expires: 60")
		w.reply(w.expect("PUBLISH"), 412)
		m := w.expect("PUBLISH")
		if m.Has("SIP-If-Match") || string(m.Body) != "<one/>" {
			t.Errorf("PUBLISH:\n%s", m)
		}
		w.reply(m, 200, "SIP-ETag: e2", "Expires: 60")
		if m = w.expect("PUBLISH"); m.Get("SIP-If-Match") != "e2" || !p.Published() {
			t.Errorf("PUBLISH:\n%s", m)
		}
		w.reply(m, 412)
		w.reply(w.expect("PUBLISH"), 412) // without a tag that means nothing, and is not asked in a loop
		start := time.Now()
		w.expect("PUBLISH")
		if d := time.Since(start); d < 15*time.Second {
			t.Errorf("again after %v", d)
		}
	})
}

func TestPublishRefusals(t *testing.T) {
	for code, lines := range map[int][]string{
		423: {"Min-Expires: 2000"}, 503: {"Retry-After: 50"}, 500: nil, 489: nil,
		405: nil, 403: nil,
	} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			p := b.publish(PublishOptions{Body: []byte("<one/>")})
			w.reply(w.expect("PUBLISH"), code, lines...)
			start := time.Now()
			switch code {
			case 423:
				if m := w.expect("PUBLISH"); m.Get("Expires") != "2000" || time.Since(start) > time.Second ||
					string(m.Body) != "<one/>" {
					t.Errorf("PUBLISH:\n%s", m)
				}
			case 500, 503:
				m := w.expect("PUBLISH")
				if d := time.Since(start); d < 15*time.Second ||
					code == 503 && d.Round(time.Second) != 50*time.Second || string(m.Body) != "<one/>" {
					t.Errorf("%d: again after %v", code, d)
				}
			default:
				w.quiet(2 * time.Hour)
				var status *StatusError
				if !errors.As(p.Err(), &status) || status.StatusCode != code || p.Published() ||
					len(b.ua.events.publications) != 0 {
					t.Errorf("%d: %v", code, p.Err())
				}
			}
		})
	}
}

func TestPublishWaitsForAFlow(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		p := b.publish(PublishOptions{Body: []byte("<one/>")})
		w.expect("PUBLISH")
		w.close()
		b.until("lost", func() bool { return !b.ua.connection.up() })
		b.do(func() { p.Update([]byte("<two/>")) })
		w = b.next()
		m := w.expect("PUBLISH")
		if string(m.Body) != "<two/>" {
			t.Errorf("PUBLISH:\n%s", m)
		}
		w.reply(m, 200, "SIP-ETag: e1")
		b.until("published", p.Published)
	})
}

// A new flow may lead to a server that was started again: it is asked whether it still has what we published.
func TestPublishIsRefreshedOverANewFlow(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		p := b.publish(PublishOptions{Body: []byte("<one/>"), Expires: time.Hour})
		w.reply(w.expect("PUBLISH"), 200, "SIP-ETag: e1", "Expires: 3600")
		b.until("published", p.Published)
		w.close()
		start := time.Now()
		w = b.next()
		m := w.expect("PUBLISH")
		if d := time.Since(start); m.Get("SIP-If-Match") != "e1" || len(m.Body) != 0 || d > time.Minute {
			t.Errorf("after %v:\n%s", d, m)
		}
		w.reply(m, 412)
		if m = w.expect("PUBLISH"); m.Has("SIP-If-Match") || string(m.Body) != "<one/>" {
			t.Errorf("after 412:\n%s", m)
		}
	})
}

func TestPublishStoppedBeforeTheAnswer(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		p := b.publish(PublishOptions{Body: []byte("<one/>")})
		m := w.expect("PUBLISH")
		b.do(p.Stop)
		w.reply(m, 200, "SIP-ETag: e1")
		if m = w.expect("PUBLISH"); m.Get("Expires") != "0" || m.Get("SIP-If-Match") != "e1" {
			t.Errorf("removal:\n%s", m)
		}
		w.reply(m, 200)
		w.quiet(time.Hour)
	})
}

func TestPublishOptionsAreChecked(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		for _, o := range []PublishOptions{
			{},
			{Body: []byte("x"), Event: "a b"},
			{Body: []byte("x"), ContentType: "a\r\nb"},
			{Body: make([]byte, 64<<10)},
		} {
			b.do(func() {
				if _, err := b.ua.Publish(o); err == nil {
					t.Errorf("%q %q taken", o.Event, o.ContentType)
				}
			})
		}
		w.quiet(time.Second)
	})
}

func TestPublishFollows423OnlySoOften(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.do(func() { _, _ = b.ua.Publish(PublishOptions{Body: []byte("<x/>")}) })
		start := time.Now()
		for n := range 2 * maxTries {
			w.reply(w.expect("PUBLISH"), 423, "Min-Expires: "+itoa(1000+n))
		}
		if d := time.Since(start); d < upkeepRetryBase/2 {
			t.Errorf("%d PUBLISHs in %v", 2*maxTries, d)
		}
	})
}
