package netsip

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// texting runs a test with a user who can be shown texts.
func texting(t *testing.T, script func(b *bench, w *wire, texts chan *Message)) {
	t.Helper()
	texts := make(chan *Message, 10_000)
	listening(t, testConfig(), func(_ *bench, o *Options) { o.OnMessage = func(m *Message) { texts <- m } },
		func(b *bench, w *wire) { script(b, w, texts) })
}

const plain = "Content-Type: text/plain"

// RFC 3428 section 7.
func TestMessageIn(t *testing.T) {
	texting(t, func(b *bench, w *wire, texts chan *Message) {
		m := w.out("MESSAGE", "Content-Type: text/plain; charset=UTF-8", "Body: grüß dich",
			"P-Asserted-Identity: <sip:real@example.com>")
		w.send(m)
		ok := w.expect("200 MESSAGE")
		if len(ok.Body) != 0 || ok.Has("Contact") { // section 7: neither
			t.Errorf("200:\n%s", ok)
		}
		text := <-texts
		if string(text.Body) != "grüß dich" || text.From.URI.String() != "sip:real@example.com" ||
			text.To.String() != "sip:alice@example.com" ||
			text.ContentType != "text/plain" || text.Session != nil || text.At.IsZero() {
			t.Errorf("%+v", text)
		}
		again := m.Clone() // came by another way too
		again.Set("Via", "SIP/2.0/WSS proxy.example.com;branch=z9hG4bKother")
		w.send(again)
		w.expect("482 MESSAGE")
		if len(texts) != 0 {
			t.Error("shown twice")
		}
	})
}

func TestMessageInsideACall(t *testing.T) {
	texting(t, func(b *bench, w *wire, texts chan *Message) {
		s, f := b.answered(w)
		w.send(f.request("MESSAGE", plain, "Body: hi"))
		w.expect("200 MESSAGE")
		if text := <-texts; text.Session != s || string(text.Body) != "hi" {
			t.Errorf("%+v", text)
		}
	})
}

// What is not plain text is looked at by nobody: no HTML, no reference to another host is followed.
func TestMessageRefusals(t *testing.T) {
	for _, c := range []struct {
		lines  []string
		want   string
		accept string
	}{
		{[]string{"Content-Type: text/html", "Body: <img src=http://127.0.0.1/>"}, "415", "text/plain"},
		{
			[]string{"Content-Type: message/external-body; access-type=URL; URL=\"http://127.0.0.1/\"", "Body: x"},
			"415",
			"text/plain",
		},
		{[]string{"Content-Type: multipart/mixed;boundary=x", "Body: x"}, "415", "text/plain"},
		{[]string{"Content-Type: application/im-iscomposing+xml", "Body: <x/>"}, "415", "text/plain"},
		{[]string{"Content-Type: text/plain;charset=utf-16", "Body: x"}, "415", "text/plain"},
		{[]string{"Body: x"}, "415", "text/plain"},
		{[]string{plain, "Body: \xff"}, "415", "text/plain"},
		{[]string{plain, "Content-Encoding: gzip", "Body: x"}, "415", ""},
		{[]string{plain, "Body: " + strings.Repeat("x", maxMessageText+1)}, "513", ""},
		{[]string{plain, "Require: foo", "Body: x"}, "420", ""},
		{[]string{plain, "uri: sip:bob@example.com", "Body: x"}, "404", ""},
	} {
		texting(t, func(b *bench, w *wire, texts chan *Message) {
			w.sendBinary(w.out("MESSAGE", c.lines...))
			if resp := w.expect(c.want + " MESSAGE"); resp.Get("Accept") != c.accept {
				t.Errorf("%v:\n%s", c.lines, resp)
			}
			if len(texts) > 0 {
				t.Errorf("%v shown", c.lines)
			}
		})
	}
}

func TestMessageWithoutListenerIs405(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, f := b.answered(w)
		w.send(w.out("MESSAGE", plain, "Body: x"))
		if resp := w.expect("405 MESSAGE"); strings.Contains(resp.Get("Allow"), "MESSAGE") || resp.Get("Allow") == "" {
			t.Errorf("405:\n%s", resp)
		}
		w.send(f.request("MESSAGE", plain, "Body: x"))
		w.expect("405 MESSAGE")
	})
}

// A flood takes neither memory nor the user's time: what a server had stored comes at once, then ten a second.
func TestMessageFloodIsBounded(t *testing.T) {
	texting(t, func(b *bench, w *wire, texts chan *Message) {
		answers := make(map[int]int)
		for i := range 2000 {
			w.send(w.out("MESSAGE", plain, "Body: x", fmt.Sprintf("Call-ID: flood-%d", i),
				fmt.Sprintf("Via: SIP/2.0/WSS h;branch=z9hG4bKflood%d", i)))
			answers[(<-w.in).StatusCode]++
			time.Sleep(time.Millisecond)
		}
		if answers[200] < messageBurst || answers[200] > messageBurst+21 || answers[200]+answers[503] != 2000 ||
			len(texts) != answers[200] {
			t.Errorf("answers %v, %d shown", answers, len(texts))
		}
		b.do(func() {
			if len(b.ua.transactions.server) != 0 || len(b.ua.inbox.recent) > maxRecent {
				t.Errorf("%d transactions, %d remembered", len(b.ua.transactions.server), len(b.ua.inbox.recent))
			}
		})
		time.Sleep(time.Minute)
		w.send(w.out("MESSAGE", plain, "Body: x"))
		w.expect("200 MESSAGE")
	})
}

func TestMessageOut(t *testing.T) {
	for code, fails := range map[int]bool{200: false, 202: false, 404: true, 415: true, 480: true} {
		listening(t, testConfig(), knowing(allowed("example.com")), func(b *bench, w *wire) {
			var outcome error
			told := 0
			b.do(func() {
				if err := sendText(b.ua, "bob", "text/plain", []byte("hello"),
					func(err error) { outcome = err; told++ }); err != nil {
					t.Error(err)
				}
			})
			m := w.expect("MESSAGE")
			if m.RequestURI.String() != "sip:bob@example.com" || m.Get("To") != "<sip:bob@example.com>" ||
				m.FromTag() == "" || m.Has("Contact") ||
				m.Get("Content-Type") != "text/plain" || string(m.Body) != "hello" {
				t.Errorf("MESSAGE:\n%s", m)
			}
			w.reply(m, 407, `Proxy-Authenticate: Digest realm="example.com", nonce="n1"`)
			w.reply(w.expect("MESSAGE"), code)
			b.until("told", func() bool { return told > 0 })
			var status *StatusError
			if fails != (outcome != nil) || fails && (!errors.As(outcome, &status) || status.StatusCode != code) {
				t.Errorf("%d: %v", code, outcome)
			}
			b.clean()
			if told != 1 {
				t.Errorf("told %d times", told)
			}
		})
	}
}

func TestMessageOutFailures(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		none := func(error) { t.Error("told") }
		b.do(func() {
			for target, kind := range map[string]string{
				"": "text/plain", "bob\r\nX: y": "text/plain",
				"bob": "text/plain\r\nX: y", "carol": "text", "dave": "",
			} {
				if err := sendText(b.ua, target, kind, nil, none); err == nil {
					t.Errorf("%q %q sent", target, kind)
				}
			}
			if err := sendText(b.ua, "bob", "text/plain", make([]byte, maxMessageText+1), none); !errors.Is(err,
				ErrMessageTooLarge) {
				t.Errorf("too large: %v", err)
			}
		})
		var outcome error
		done := func(err error) { outcome = err }
		b.do(func() { _ = sendText(b.ua, "bob", "text/plain", []byte("x"), done) })
		w.expect("MESSAGE")
		b.until("timeout", func() bool { return outcome != nil })
		var late *TimeoutError
		if !errors.As(outcome, &late) {
			t.Error(outcome)
		}
		b.do(func() { _ = sendText(b.ua, "bob", "text/plain", []byte("x"), done) })
		w.expect("MESSAGE")
		w.close()
		b.until("lost", func() bool { return errors.Is(outcome, ErrConnectionLost) })
	})
}

func TestQueryOptions(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		var got *Abilities
		var outcome error
		done := func(a *Abilities, err error) { got, outcome = a, err }
		b.do(func() {
			if err := b.ua.QueryOptions("bob", done); err != nil {
				t.Error(err)
			}
		})
		m := w.expect("OPTIONS")
		if m.RequestURI.String() != "sip:bob@example.com" || m.Get("Contact") == "" ||
			m.Get("Accept") != "application/sdp" {
			t.Errorf("OPTIONS:\n%s", m)
		}
		time.Sleep(40 * time.Millisecond)
		w.reply(m, 200, "Allow: INVITE, ACK", "Allow: BYE", "Supported: timer,replaces", "Accept: application/sdp",
			"Server: kamailio")
		b.until("told", func() bool { return got != nil })
		if strings.Join(got.Allow, " ") != "INVITE ACK BYE" || strings.Join(got.Supported, " ") != "timer replaces" ||
			got.UserAgent != "kamailio" ||
			strings.Join(got.Accept, " ") != "application/sdp" || got.RTT != 40*time.Millisecond {
			t.Errorf("%+v", got)
		}
		b.do(func() { _ = b.ua.QueryOptions("bob", done) })
		w.reply(w.expect("OPTIONS"), 404)
		b.until("refused", func() bool { return outcome != nil })
		var status *StatusError
		if !errors.As(outcome, &status) || status.StatusCode != 404 || got != nil {
			t.Errorf("%v %v", got, outcome)
		}
		b.do(func() {
			if err := b.ua.QueryOptions("bob\r\nX: y", done); err == nil {
				t.Error("sent")
			}
		})
	})
}

// TestMessagesThatAreNotWantedAreRefused with the status that is asked for, once and by whatever way they come, and
// nobody sees them.
func TestMessagesThatAreNotWantedAreRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
	}{{"taken", 0}, {"declined", 603}, {"busy", 486}, {"forbidden", 403}, {"not now", 480}} {
		t.Run(c.name, func(t *testing.T) {
			var asked *Message
			texts := 0
			listening(t, testConfig(), func(_ *bench, o *Options) {
				o.OnMessage = func(*Message) { texts++ }
				o.RefuseMessage = func(m *Message) int { asked = m; return c.status }
			}, func(b *bench, w *wire) {
				m := w.out("MESSAGE", plain, "Body: hi", "P-Asserted-Identity: <sip:real@example.com>")
				w.send(m)
				want := 200
				if c.status != 0 {
					want = c.status
				}
				w.expect(fmt.Sprint(want, " MESSAGE"))
				again := m.Clone() // by another way
				again.Set("Via", "SIP/2.0/WSS proxy.example.com;branch=z9hG4bKother")
				w.send(again)
				w.expect("482 MESSAGE")
				b.ua.options.Loop.Do(func() {
					if (texts == 1) != (c.status == 0) || asked.From.URI.String() != "sip:real@example.com" ||
						asked.Written.String() != "sip:bob@example.com" {
						t.Errorf("%d shown, asked of %+v", texts, asked)
					}
				})
			})
		})
	}
}
