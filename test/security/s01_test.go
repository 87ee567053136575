package security

import (
	"fmt"
	"strings"
	"testing"

	"calla/netsip/sip"
)

// TestS01MissingHeaders: every subset of the headers that each message must have is left out, of requests and
// responses (CVE-2025-68274 of sipgo: no To; belle-sip 74233464: From without a tag).
func TestS01MissingHeaders(t *testing.T) {
	g := attack(t, nil)
	must := []string{"Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards"}
	for _, c := range []struct {
		name string
		make func() *sip.Message
	}{
		{"INVITE", func() *sip.Message { return g.Request("INVITE", offer) }},
		{"BYE", func() *sip.Message { return g.Request("BYE") }},
		{"OPTIONS", func() *sip.Message { return g.Request("OPTIONS") }},
		{"200", func() *sip.Message { return sip.NewResponse(g.Request("OPTIONS"), 200, "") }},
		{"180", func() *sip.Message { return sip.NewResponse(g.Request("INVITE"), 180, "") }},
		{"From without a tag", func() *sip.Message { return g.Request("BYE", "From: <sip:m@h>") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			g.bounded(c.name, 4<<20, func() {
				for subset := range 1 << len(must) {
					m := c.make()
					var without []string
					for i, name := range must {
						if subset&(1<<i) != 0 {
							m.Del(name)
							without = append(without, name)
						}
					}
					m.Set("Subject", fmt.Sprint(subset))
					if !g.Send(m.Bytes()) {
						t.Fatalf("the connection ended after %s without %s", c.name, strings.Join(without, ", "))
					}
				}
			})
		})
	}
	for _, m := range g.Messages() {
		if m.StatusCode/100 == 2 && m.Get("Subject") == "" && strings.Contains(m.Get("CSeq"), "INVITE") {
			t.Errorf("a call was answered: %s", m)
		}
	}
}
