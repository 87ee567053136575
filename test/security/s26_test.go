package security

import (
	"strings"
	"testing"
)

// TestS26NothingIsFetched: addresses in SIP messages are text. None of them is ever connected to.
func TestS26NothingIsFetched(t *testing.T) {
	addr, visited := canary(t)
	g := attack(t, nil)
	page := "<http://" + addr + "/x>"
	for _, c := range []struct{ name, line string }{
		{"Alert-Info", "Alert-Info: " + page},
		{"Call-Info", "Call-Info: " + page + ";purpose=icon, " + page + ";purpose=card"},
		{"Error-Info", "Error-Info: " + page},
		{"Identity", "Identity: x;info=" + page + ";alg=ES256"},
		{"Identity-Info", "Identity-Info: " + page},
		{"Geolocation", "Geolocation: " + page},
		{"Reply-To", "Reply-To: " + page},
		{"a Contact", "Contact: <sip:mallory@" + addr + ";transport=ws>"},
		{"a Record-Route", "Record-Route: <sip:" + addr + ";transport=ws;lr>"},
		{"P-Asserted-Identity", "P-Asserted-Identity: <sip:x@" + addr + ">"},
		{"History-Info", "History-Info: <sip:x@" + addr + ">;index=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if code := g.try(g.Request("INVITE", offer, c.line)); code != 180 && code != 400 {
				t.Errorf("answered with %d", code)
			}
			invite := g.call("bob")
			g.Reply(invite, 404, c.line)
			g.Expect("ACK")
			g.settled()
		})
	}
	for name, lines := range map[string][]string{
		"an external body": {
			`Content-Type: message/external-body; access-type="URL"; URL="http://` + addr + `/x"`,
			"Body: Content-Type: text/plain\r\n\r\n",
		},
		"a web page":         {"Content-Type: text/html", "Body: <img src=http://" + addr + "/x>"},
		"a text with a link": {"Content-Type: text/plain", "Body: see http://" + addr + "/x"},
		"a list":             {"Content-Type: text/uri-list", "Body: http://" + addr + "/x"},
		"a description": {
			"Content-Type: application/sdp",
			"Body: " + strings.Replace(offer, "s=-\r\n", "s=-\r\nu=http://"+addr+"/x\r\n", 1),
		},
	} {
		t.Run("a message, "+name, func(t *testing.T) {
			g.wantStatus(name, g.Request("MESSAGE", lines...), 200, 202, 415, 400, 488)
		})
	}
	g.Alive("all of it")
	if visited() {
		t.Error("an address of a message was connected to")
	}
}
