package security

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestS08HeaderFloods: messages of 64 KiB that are made to be slow to read. Each is answered, or refused, in linear
// time; what is longer is 513 or closes the connection.
func TestS08HeaderFloods(t *testing.T) {
	g := attack(t, nil)
	const size = 60 << 10
	fill := func(head, each string) string { return head + strings.Repeat(each, (size-len(head))/len(each)) }
	for _, c := range []struct{ name, lines string }{
		{"Via fields", fill("", "Via: SIP/2.0/WS h;branch=z9hG4bKx\r\n")},
		{"Vias in one field", fill("Via: SIP/2.0/WS h", ", SIP/2.0/WS h") + "\r\n"},
		{"header fields", fill("", "X: y\r\n")},
		{"one long field", fill("Subject: ", "x") + "\r\n"},
		{"Record-Routes", fill("Record-Route: <sip:h;lr>", ",<sip:h;lr>") + "\r\n"},
		{"Routes", fill("", "Route: <sip:h;lr>\r\n")},
		{"commas", fill("Contact: ", ",") + "\r\n"},
		{"quotes", fill("Contact: ", `"\"`) + "\r\n"},
		{"folding", fill("Subject: a\r\n", " b\r\n")},
		{"parameters", fill("Contact: <sip:a@h>", ";a=b") + "\r\n"},
		{"nested comments", fill("User-Agent: ", "(") + "\r\n"},
		{"angles", fill("Contact: ", "<") + "\r\n"},
		{"escapes", fill("Contact: <sip:", "%41") + "@h>\r\n"},
		{"unknown options", fill("Require: a", ",b") + "\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g.bounded(c.name, 8<<20, func() {
				began := time.Now()
				for i := range 10 {
					m := g.Request("OPTIONS")
					m.Set("Call-ID", fmt.Sprintf("flood-%s-%d", strings.ReplaceAll(c.name, " ", "-"), i))
					head, _, _ := strings.Cut(m.String(), "\r\n\r\n")
					if !g.Send([]byte(head + "\r\n" + c.lines + "\r\n")) {
						t.Fatal("the connection is closed")
					}
				}
				g.Wire.Alive(c.name)
				if d := time.Since(began); d > 20*time.Second { // of any machine
					t.Errorf("ten took %v", d)
				}
			})
		})
	}
	t.Run("longer than a message may be", func(t *testing.T) {
		m := g.Request("OPTIONS", "Subject: "+strings.Repeat("x", 70<<10))
		g.wantStatus("70 KiB", m, 0, 400, 513)
		g.Wire.Alive("70 KiB")
	})
}
