package security

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestS02OddURIs: what is no SIP URI, or a strange one, stands where a SIP URI is expected (CVE-2021-33056 of
// belle-sip: "/" became a generic URI; CVE-2021-43611: a display name that ends in a backslash). It rings with
// the text or is refused; nothing is opened.
func TestS02OddURIs(t *testing.T) {
	g := attack(t, nil)
	odd := map[string]string{
		"a slash": "</>", "empty": "<>", "nothing": "", "a star": "*", "a backslash name": `"\" <sip:a@h>`,
		"two backslashes": `"\\" <sip:a@h>`,
		"an empty name":   `"" <sip:a@h>`, "an open quote": `"a <sip:a@h>`, "a book": "<isbn:2983792873>",
		"a telephone": "<tel:+4930123>",
		"a urn":       "<urn:service:sos>", "data": "<data:text/html,x>", "a script": "<javascript:alert(1)>",
		"a file":     "<file:///etc/passwd>",
		"a web page": "<http://127.0.0.1:1/x>", "mail": "<mailto:a@h>", "no host": "<sip:a@>", "no user": "<sip:@h>",
		"only the scheme": "<sip:>",
		"two ats":         "<sip:a@b@c>", "an open bracket": "<sip:a@[::1>", "an open angle": "<sip:a@h",
		"a closed angle": "sip:a@h>", "a large port": "<sip:a@h:99999>",
		"a negative port": "<sip:a@h:-1>", "escapes": "<sip:%00%0d%0a@h>", "half an escape": "<sip:%4@h>",
		"headers":  "<sip:a@h?Route=%3Csip:e%3E>",
		"a method": "<sip:a@h;method=BYE>", "spaces": "<sip: a @ h >", "tabs": "<\tsip:a@h\t>",
		"controls": "<sip:a\x01\x1b[2J@h>", "no UTF-8": "\"\xff\xfe\" <sip:a@h>",
		"a long user": "<sip:" + strings.Repeat("a", 60<<10) + "@h>",
		"a long host": "<sip:a@" + strings.Repeat("h.", 30<<10) + "h>",
		"a long name": `"` + strings.Repeat("n", 60<<10) + `" <sip:a@h>`, "nested angles": "<<sip:a@h>>",
		"a comma":              "<sip:a@h>, <sip:b@h>",
		"a million semicolons": "<sip:a@h>" + strings.Repeat(";", 50<<10), "sips": "<sips:a@h>",
		"upper case": "<SIP:A@H>",
	}
	for _, header := range []string{"From", "To", "Contact", "Diversion", "P-Asserted-Identity"} {
		t.Run(header, func(t *testing.T) {
			g.bounded(header, 8<<20, func() {
				for name, value := range odd {
					m := g.Request("INVITE", offer)
					if header == "From" || header == "To" {
						m.Set(header, value)
						if header == "From" {
							m.Set(header, value+";tag=odd")
						}
					} else {
						m.Set(header, value)
					}
					m.Set("Call-ID", fmt.Sprintf("odd-%s-%s", header, strings.ReplaceAll(name, " ", "-")))
					if code := g.try(m); code != 0 && code != 180 && code < 400 {
						t.Errorf("%s in %s: answered with %d", name, header, code)
					}
					g.Wire.Alive(name + " in " + header)
				}
			})
		})
	}
	for _, m := range g.Messages() {
		refusal := strings.HasPrefix(string(m.Body), "SIP/2.0 4") // with the odd URI in it, as the standard says
		if m.IsRequest() && !slices.Contains([]string{"REGISTER", "SUBSCRIBE"}, m.Method) && !refusal {
			t.Errorf("the phone sent %s %s", m.Method, m.Body)
		}
	}
}
