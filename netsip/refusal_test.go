package netsip

import (
	"strings"
	"testing"

	"calla/netsip/sip"
)

// What the engine refuses or drops is told as a value: the status that went out, its phrase, and the rule.
//
// Holds: told-refusals
func TestEngineTellsItsRefusalsAsValues(t *testing.T) {
	for _, c := range []struct {
		name   string
		method string
		change func(m *sip.Message)
		want   Refusal
		silent bool // nothing is answered
		wrong  bool
	}{
		{"an unknown method", "DANCE", nil, Refusal{501, "Not Implemented", "RFC 3261 section 21.5.2"}, false, false},
		{
			"a method that is not allowed", "PUBLISH", nil,
			Refusal{405, "Method Not Allowed", "RFC 3261 section 8.2.1"},
			false, false,
		},
		{
			"a scheme that is not ours", "OPTIONS", func(m *sip.Message) { m.RequestURI.Scheme = "sips" },
			Refusal{416, "Unsupported URI Scheme", "RFC 3261 section 8.2.2.1"},
			false, true,
		},
		{
			"somebody else's address", "OPTIONS", func(m *sip.Message) { m.RequestURI.User = "bob" },
			Refusal{404, "Not Found", "RFC 3261 section 8.2.2.1"},
			false, false,
		},
		{
			"an extension we do not have", "OPTIONS", func(m *sip.Message) { m.Add("Require", "nothing") },
			Refusal{420, "Bad Extension", "RFC 3261 section 8.2.2.3"},
			false, true,
		},
		{
			"a branch that is only the cookie", "OPTIONS",
			func(m *sip.Message) { m.Set("Via", "SIP/2.0/WS far.example;branch=z9hG4bK") },
			Refusal{400, "Bad Request - branch is only the magic cookie", "RFC 3261 section 8.1.1.7"},
			false, true,
		},
		{
			"a BYE of no call", "BYE", nil,
			Refusal{481, "Call/Transaction Does Not Exist", "RFC 3261 section 12.2.2"},
			false, false,
		},
		{
			"a CANCEL of no INVITE", "CANCEL", nil,
			Refusal{481, "Call/Transaction Does Not Exist", "RFC 3261 section 9.2"},
			false, false,
		},
		{"a REFER of a stranger", "REFER", nil, Refusal{603, "Decline", "RFC 3261 section 21.6.2"}, false, false},
		{
			"a SUBSCRIBE to nothing", "SUBSCRIBE", nil,
			Refusal{400, "Event missing, or too long", "RFC 6665 section 8.2.1"},
			false, true,
		},
		{
			"a NOTIFY of no subscription", "NOTIFY", func(m *sip.Message) { m.Add("Event", "dialog") },
			Refusal{481, "Subscription does not exist", "RFC 6665 section 4.1.3"},
			false, false,
		},
		{
			"a call with a picture", "INVITE",
			func(m *sip.Message) { m.Set("Content-Type", "image/png"); m.Body = []byte("x") },
			Refusal{415, "Unsupported Media Type", "RFC 3261 section 8.2.3"},
			false, true,
		},
		{
			"a call that takes no descriptions", "INVITE", func(m *sip.Message) { m.Add("Accept", "text/plain") },
			Refusal{406, "Not Acceptable", "RFC 3261 section 21.4.7"},
			false, true,
		},
		{"an ACK of nothing", "ACK", nil, Refusal{0, "an ACK is never answered", "RFC 3261 section 17"}, true, false},
		{
			"a response to nothing", "OPTIONS",
			func(m *sip.Message) { m.StatusCode, m.Reason, m.Method = 200, "OK", "" },
			Refusal{0, "no transaction", "RFC 3261 section 18.1.2"},
			true, false,
		},
		{
			"a response with two Vias", "OPTIONS", func(m *sip.Message) {
				m.StatusCode, m.Reason, m.Method = 200, "OK", ""
				m.Set("Via", m.Get("Via")+", SIP/2.0/WS other.example;branch=z9hG4bKo")
			},
			Refusal{400, "needs exactly one Via", "RFC 3261 section 8.1.3.3"},
			true, true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var told []Refusal
			listening(t, testConfig(), func(_ *bench, o *Options) {
				o.OnSubscribe = func(*Notifier) {}
				o.OnRefusal = func(_ *sip.Message, r Refusal) { told = append(told, r) }
			}, func(b *bench, w *wire) {
				m := w.caller().request(c.method)
				if c.change != nil {
					c.change(m)
				}
				w.sendRaw(m.String())
				if c.silent {
					w.quiet(t1)
				} else {
					for resp := range w.in {
						if resp.StatusCode == 100 {
							continue
						}
						if resp.StatusCode != c.want.StatusCode || resp.Reason != c.want.Reason {
							t.Errorf("answered %d %s", resp.StatusCode, resp.Reason)
						}
						break
					}
				}
				b.do(func() {
					if len(told) != 1 || told[0] != c.want || told[0].Wrong() != c.wrong {
						t.Errorf("told %+v, want %+v", told, c.want)
					}
				})
			})
		})
	}
	t.Run("what cannot be read", func(t *testing.T) {
		var told []Refusal
		listening(t, testConfig(), func(_ *bench, o *Options) {
			o.OnRefusal = func(_ *sip.Message, r Refusal) { told = append(told, r) }
		}, func(b *bench, w *wire) {
			text := w.caller().request("OPTIONS").String()
			w.sendRaw(strings.Replace(text, " OPTIONS\r\n", " X\r\n", 1))
			w.expect("400 X")
			b.do(func() {
				if len(told) != 1 || told[0].StatusCode != 400 ||
					!strings.HasPrefix(told[0].Rule, "RFC 3261 section ") || !told[0].Wrong() {
					t.Errorf("told %+v", told)
				}
			})
		})
	})
}
