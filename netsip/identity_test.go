package netsip

import (
	"strings"
	"testing"

	"calla/netsip/sip"
)

func TestContactURIIsContactAndItsHostIsVia(t *testing.T) {
	for _, test := range []struct{ uri, contact, host string }{
		{
			"sip:al@Pbx.Example.net:5090;transport=ws;x-line=1", "sip:al@pbx.example.net:5090;transport=ws;x-line=1",
			"pbx.example.net",
		},
		{"sip:al@[2001:db8::7]", "sip:al@[2001:db8::7]", "[2001:db8::7]"},
		{"sip:10.0.0.1;transport=ws", "sip:10.0.0.1;transport=ws", "10.0.0.1"},
	} {
		c := registering()
		c.ContactURI, c.HackIPInContact = test.uri, true
		ladder(t, c, func(b *bench, w *wire) {
			m := w.expect("REGISTER")
			if got := m.Get("Contact"); !strings.HasPrefix(got, "<"+test.contact+">;") {
				t.Errorf("Contact: %s", got)
			}
			if via := m.Get("Via"); !strings.HasPrefix(via, "SIP/2.0/WSS "+test.host+";branch=") {
				t.Errorf("Via: %s", via)
			}
			w.register(m, 600)
			w.sendRaw(strings.ReplaceAll(optionsTo, "URI", test.contact))
			w.expect("200 OPTIONS")
		})
	}
}

const optionsTo = "OPTIONS URI SIP/2.0\r\nVia: SIP/2.0/WSS far.invalid;branch=z9hG4bKx1\r\nMax-Forwards: 70\r\n" +
	"To: <sip:alice@example.com>\r\nFrom: <sip:far@example.com>;tag=1\r\nCall-ID: x1\r\nCSeq: 1 " +
	"OPTIONS\r\nContent-Length: 0\r\n\r\n"

func TestAnonymousCallHidesContactURI(t *testing.T) {
	c := testConfig()
	c.ContactURI = "sip:alice@10.0.0.1:5090;line=7"
	ladder(t, c, func(b *bench, w *wire) {
		b.call("bob", CallOptions{Anonymous: true})
		if got := w.expect("INVITE").Get("Contact"); got != "<sip:anonymous@anonymous.invalid;transport=ws;ob>" {
			t.Errorf("Contact: %s", got)
		}
	})
}

func TestExtraHeadersAreInRequestsAndResponses(t *testing.T) {
	c := registering()
	c.ExtraHeaders = []string{"X-Team: blue", "x-list:a,b", `P-Asserted: "Ü"`}
	ladder(t, c, func(b *bench, w *wire) {
		check := func(m *sip.Message) {
			t.Helper()
			if m.Get("X-Team") != "blue" || m.Get("X-List") != "a,b" || m.Get("P-Asserted") != `"Ü"` ||
				len(m.Lines("X-Team")) != 1 {
				t.Errorf("not there:\n%s", m)
			}
		}
		m := w.expect("REGISTER")
		check(m)
		w.reply(m, 401, `WWW-Authenticate: Digest realm="example.com", nonce="n"`)
		m = w.expect("REGISTER")
		check(m)
		w.register(m, 600)
		w.sendRaw(strings.ReplaceAll(optionsTo, "URI", "sip:alice@example.com"))
		check(w.expect("200 OPTIONS"))
		b.call("bob", CallOptions{ExtraHeaders: []sip.Header{{Name: "X-Call", Value: "1"}}})
		m = w.expect("INVITE")
		check(m)
		if m.Get("X-Call") != "1" {
			t.Error("header of the call lost")
		}
	})
}

func TestUserAgentAndRport(t *testing.T) {
	c := registering()
	c.UserAgent, c.Calla.ForceRport = `Brick "3310" (ü)`, true
	ladder(t, c, func(_ *bench, w *wire) {
		m := w.expect("REGISTER")
		if got := m.Get("User-Agent"); got != `Brick "3310" (ü)` {
			t.Errorf("User-Agent: %s", got)
		}
		via, err := m.TopVia()
		if v, given := via.Params.Get("rport"); err != nil || !given || v != "" {
			t.Errorf("Via: %s", m.Get("Via"))
		}
	})
}
