package netsip

import (
	"fmt"
	"strings"
	"testing"

	"calla/netsip/sip"
)

// A far end or server sends back what it was sent: neither the trace nor the words of errors show it, wherever it
// stands.
//
// Holds: strangers
func TestEchoedSecretsAreMasked(t *testing.T) {
	for _, c := range []struct {
		name string
		echo func(m *sip.Message, authorization, digest string) // puts it into the response
	}{
		{"in a reason phrase", func(m *sip.Message, _, digest string) { m.Reason = "Bad " + digest }},
		{
			"in a reason phrase in capitals",
			func(m *sip.Message, _, digest string) { m.Reason = strings.ToUpper(digest) },
		},
		{"in a warning", func(m *sip.Message, authorization, _ string) {
			m.Add("Warning", `399 x "`+strings.ReplaceAll(authorization, `"`, `\"`)+`"`)
		}},
		{"in a header field of its own", func(m *sip.Message, authorization,
			_ string,
		) {
			m.Add("X-Debug", authorization)
		}},
		{"in WWW-Authenticate", func(m *sip.Message, _, digest string) {
			m.Add("WWW-Authenticate", `Digest realm="x", opaque="`+digest+`"`)
		}},
		{"in Error-Info", func(m *sip.Message, _, digest string) { m.Add("Error-Info", "<https://x/?r="+digest+">") }},
		{"in a body", func(m *sip.Message, authorization, _ string) {
			m.Add("Content-Type", "message/sip")
			m.Body = []byte("REGISTER sip:example.com SIP/2.0\r\nAuthorization: " + authorization + "\r\n\r\n")
		}},
		{"in a body as JSON", func(m *sip.Message, _, digest string) {
			m.Add("Content-Type", "application/json")
			m.Body = []byte(`{"response":"` + digest + `"}`)
		}},
		{"percent-encoded", func(m *sip.Message, _, digest string) { m.Add("X-Debug", "response%3D%22"+digest+"%22") }},
		{"as a tag", func(m *sip.Message, _, digest string) { m.Set("To", m.Get("To")+";tag="+digest) }},
	} {
		for _, method := range []string{"REGISTER", "INVITE"} {
			t.Run(fmt.Sprint(c.name, " ", method), func(t *testing.T) {
				ladder(t, registering(), func(b *bench, w *wire) {
					w.reply(w.expect("REGISTER"), 401, "WWW-Authenticate: Digest "+ownChallenge)
					m := w.expect("REGISTER")
					field := "Authorization"
					if method == "INVITE" {
						w.register(m, 600)
						b.until("registered", func() bool { return b.ua.registration.state == Registered })
						b.call("bob", CallOptions{})
						w.reply(w.expect("INVITE"), 407, "Proxy-Authenticate: Digest "+ownChallenge)
						w.expect("ACK")
						m, field = w.expect("INVITE"), "Proxy-Authorization"
					}
					digest := parts(t, m, field)["response"]
					if len(digest) != 32 {
						t.Fatalf("digest %q", digest)
					}
					resp := sip.NewResponse(m, 403, "")
					c.echo(resp, m.Get(field), digest)
					if resp.ToTag() == "" {
						resp.Set("To", resp.Get("To")+";tag=x")
					}
					w.send(resp)
					var err error
					if method == "INVITE" {
						w.expect("ACK")
						b.until("over", func() bool { return len(b.ua.calls.sessions) == 0 })
					} else {
						b.until("refused", func() bool { return b.ua.registration.state == RegistrationFailed })
						err = b.state().Err
					}
					seen := fmt.Sprintf("%+v %v", err, err)
					b.do(func() {
						for _, e := range b.traced() {
							seen += e.Text
						}
					})
					if strings.Contains(strings.ToLower(seen), digest) {
						at := strings.Index(strings.ToLower(seen), digest)
						t.Errorf("shown: %s", seen[max(0, at-200):at+40])
					}
				})
			})
		}
	}
}

// Keys of the media, tokens and what calls itself a digest are masked too.
//
// Holds: strangers
func TestWhatCallsItselfASecretIsMaskedAnywhere(t *testing.T) {
	for name, line := range map[string]string{
		"a digest":                `Warning: 399 x "response=s3cret"`,
		"a digest in quotes":      `X: Response = x, response="s3cret"`,
		"a digest behind escapes": `X: \"response=\"s3cret\"`,
		"a server's digest":       `X: rspauth="s3cret"`,
		"a key of ICE":            "\r\na=ice-pwd:s3cret",
		"a key of ICE in a line":  `Warning: 399 x "a=ice-pwd:s3cret"`,
		"a key of SDES":           `X: a=crypto:1 AES_CM_128 inline:s3cret|2^20`,
		"the next nonce":          `X: nextnonce="s3cret"`,
	} {
		if got := masked("INFO sip:a@h SIP/2.0\r\n" + line + "\r\n\r\n"); strings.Contains(got, "s3cret") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
