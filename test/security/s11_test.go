package security

import (
	"slices"
	"testing"
	"time"

	"calla/netsip/sip"
)

// foreign are challenges that a far end makes: none of them is our registrar's.
func foreign() map[string]string {
	return map[string]string{
		"a realm of its own":       `Digest realm="evil.test", nonce="a", algorithm=SHA-256, qop="auth"`,
		"an empty realm":           `Digest realm="", nonce="a", algorithm=SHA-256, qop="auth"`,
		"our realm in upper case":  `Digest realm="HOSTILE.TEST", nonce="a", algorithm=SHA-256, qop="auth"`,
		"our realm and a space":    `Digest realm="hostile.test ", nonce="a", algorithm=SHA-256, qop="auth"`,
		"our realm in other signs": "Digest realm=\"hostile.t\u0435st\", nonce=\"a\", algorithm=SHA-256, qop=\"auth\"",
		"our realm without qop":    `Digest realm="hostile.test", nonce="a", algorithm=SHA-256`,
		"our realm with MD5":       `Digest realm="hostile.test", nonce="a", algorithm=MD5, qop="auth"`,
		"our realm, no algorithm":  `Digest realm="hostile.test", nonce="a"`,
		"Basic":                    `Basic realm="hostile.test"`,
	}
}

// TestS11DigestsAreNotHarvested: a far end answers requests inside a call, and the first ones too, with 401 and 407
// (CVE-2021-41158; "Hacking your softphone with a malicious call" of SySS). It gets no digest.
//
// Holds: credentials
func TestS11DigestsAreNotHarvested(t *testing.T) {
	g := attackFrom(t, registrar(t, ourRealm), nil)
	for name, challenge := range foreign() {
		t.Run(name, func(t *testing.T) {
			for _, code := range []int{401, 407} {
				header := map[int]string{401: "WWW-Authenticate: ", 407: "Proxy-Authenticate: "}[code] + challenge
				mark := len(g.Messages())
				// The first INVITE, and a message.
				g.printed("■", func() {
					g.Reply(g.call("bob"), code, header)
					g.Expect("ACK")
				})
				g.Say("message sip:bob@hostile.test hello")
				g.Reply(g.Expect("MESSAGE"), code, header)
				// Inside a call: hold is a re-INVITE or an UPDATE, then REFER and BYE.
				g.talk("bob")
				g.Say("hold")
				challenged(t, g, code, header, "INVITE", "UPDATE")
				g.Say("transfer sip:carol@hostile.test")
				challenged(t, g, code, header, "REFER")
				g.Say("hangup")
				challenged(t, g, code, header, "BYE")
				g.Wire.Alive(name)
				g.settled()
				if m := g.leak(mark); m != nil {
					t.Fatalf("%d: the %s shows %s", code, m.Method, credentials(m))
				}
			}
		})
	}
}

// challenged answers the next request of one of these methods with a challenge.
func challenged(t *testing.T, g *target, code int, header string, methods ...string) {
	t.Helper()
	m := g.Find(10*time.Second, func(m *sip.Message) bool { return slices.Contains(methods, m.Method) })
	if m == nil {
		t.Fatalf("no %v was sent", methods)
	}
	g.Reply(m, code, header)
}
