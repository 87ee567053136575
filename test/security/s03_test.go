package security

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/netsip/sip"
	"calla/test/peers"
)

// TestS03NothingIsInjectedIntoWhatIsSent: whatever a text of ours has in it, the message on the wire has the header
// fields of an ordinary one and no other, or the text is refused (sipgo GHSA-chcx-pf5f-wxc7).
func TestS03NothingIsInjectedIntoWhatIsSent(t *testing.T) {
	h := peers.StartHostile(t)
	plain, _ := outgoing(t, h, nil, "call", "bob", "--header", "X-Team: blue")
	if plain == nil {
		t.Fatal("no INVITE")
	}
	for _, c := range []struct{ name, text string }{
		{"a line of its own", "bob\r\nX-Evil: 1"},
		{"a bare line feed", "bob\nX-Evil: 1"},
		{"a bare return", "bob\rX-Evil: 1"},
		{"an escaped line", "bob%0d%0aX-Evil:%201"},
		{"a line separator", "bob\u2028X-Evil: 1"},
		{"quotes", `bob" <sip:evil@evil.test>;x="`},
		{"an angle", "bob>;X-Evil=1"},
		{"a Route", "bob?Route=<sip:evil.test>"},
		{"an escaped Route", "sip:bob@hostile.test?Route=%3Csip:evil.test%3E&X-Evil=1"},
		{"a method", "sip:bob@hostile.test;method=BYE?X-Evil=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for field, run := range map[string]func() (*sip.Message, int){
				"the dialled text": func() (*sip.Message, int) { return outgoing(t, h, nil, "call", "--", c.text) },
				"the display name": func() (*sip.Message, int) {
					return outgoing(t, h, map[string]any{"display_name": c.text}, "call", "bob")
				},
				"a header": func() (*sip.Message, int) {
					return outgoing(t, h, nil, "call", "bob", "--header", "X-Team: "+c.text)
				},
				"a message's target": func() (*sip.Message,
					int,
				) {
					return outgoing(t, h, nil, "message", "send", "--", c.text, "hello")
				},
			} {
				m, exit := run()
				if m == nil {
					if exit != 1 && exit != 2 && exit != 5 {
						t.Errorf("%s: nothing is sent, exit code %d", field, exit)
					}
					continue
				}
				for _, header := range m.Headers {
					known := plain.Has(header.Name) ||
						slices.Contains([]string{"Content-Type", "Content-Length"}, header.Name)
					if !known || header.Name == "Route" {
						t.Errorf("%s: the %s has %s: %s", field, m.Method, header.Name, header.Value)
					}
				}
				for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq", "Contact", "X-Team"} {
					if n := len(m.Lines(name)); n > 1 {
						t.Errorf("%s: %d times %s", field, n, name)
					}
				}
				if m.RequestURI.Headers != "" || strings.Contains(m.RequestURI.String(), "method=") {
					t.Errorf("%s: Request-URI %s", field, m.RequestURI)
				}
			}
		})
	}
}

// outgoing runs a command and returns the first message that it sends besides REGISTER, or how it ended without one.
func outgoing(t *testing.T, h *peers.Hostile, more map[string]any, args ...string) (*sip.Message, int) {
	t.Helper()
	at := slices.Index(args, "--")
	if at < 0 {
		at = len(args)
	}
	args = slices.Insert(slices.Clone(args), at, "--config", h.Config("alice", more))
	c := peers.RunPlain(t, nil, args...)
	defer func() {
		c.Signal(syscall.SIGKILL) // a call that nobody answers is left at leisure
		c.Stop()
	}()
	var w *peers.Wire
	peers.Until(t, 20*time.Second, "a connection, or the end", func() bool {
		if h.Connections() > 0 {
			w = h.Next(time.Second)
		}
		return w != nil || c.Exited()
	})
	if w == nil {
		return nil, c.ExitCode()
	}
	var m *sip.Message
	peers.Until(t, 20*time.Second, "a message, or the end", func() bool {
		m = w.Find(10*time.Millisecond, func(m *sip.Message) bool { return m.Method != "REGISTER" })
		return m != nil || c.Exited()
	})
	if m == nil {
		return nil, c.ExitCode()
	}
	return m, 0
}
