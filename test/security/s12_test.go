package security

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calla/netsip/sip"
	"calla/test/peers"
)

// TestS12DigestsAreNotWeakened: of several challenges the strongest is answered, Basic never; a registrar that was
// seen with a stronger one gets no weaker; a wrong password is tried twice at most; nc grows and cnonce is fresh.
//
// Holds: credentials
func TestS12DigestsAreNotWeakened(t *testing.T) {
	md5, sha := `Digest realm="r", nonce="1", algorithm=MD5, qop="auth"`,
		`Digest realm="r", nonce="2", algorithm=SHA-256, qop="auth"`
	for _, c := range []struct {
		name       string
		challenges []string
		want       string // in the credentials; "" = none are given
	}{
		{"SHA-256 first", []string{sha, md5}, "algorithm=SHA-256"},
		{"SHA-256 last", []string{md5, sha}, "algorithm=SHA-256"},
		{"MD5 alone", []string{md5}, "algorithm=MD5"},
		{"Basic alone", []string{`Basic realm="r"`}, ""},
		{"Basic beside MD5", []string{`Basic realm="r"`, md5}, "Digest"},
		{"an unknown algorithm", []string{`Digest realm="r", nonce="1", algorithm=ROT13`}, ""},
		{
			"auth-int and auth",
			[]string{`Digest realm="r", nonce="1", algorithm=SHA-256, qop="auth-int,auth"`},
			"qop=auth",
		},
		{"an unknown qop", []string{`Digest realm="r", nonce="1", qop="auth-foo"`}, ""},
		{"no nonce", []string{`Digest realm="r"`}, ""},
		{"a scheme of its own", []string{`Negotiate abc`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := peers.StartHostile(t)
			h.Register = func(w *peers.Wire, m *sip.Message) bool {
				if m.Has("Authorization") {
					return false
				}
				var lines []string
				for _, line := range c.challenges {
					lines = append(lines, "WWW-Authenticate: "+line)
				}
				w.Reply(m, 401, lines...)
				return true
			}
			p := peers.Run(t, nil, "register", "--config", h.Config("alice", nil))
			defer func() { p.Signal(9) }()
			w := h.Next(20 * time.Second)
			r, exit := p.Result(20 * time.Second)
			var shown string
			for _, m := range w.Messages() {
				shown += credentials(m)
			}
			if c.want == "" && (shown != "" || exit != 4) || !strings.Contains(shown, c.want) ||
				strings.Contains(shown, "Basic") {
				t.Errorf("shown %q, exit code %d, %v", shown, exit, r)
			}
		})
	}
	for name, stale := range map[string]string{
		"a wrong password": "", "stale for ever": ", stale=true", "a new realm each time": " ", "the same nonce": "",
		"a new opaque each time": `, opaque="%d"`,
	} {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int64
			h := peers.StartHostile(t)
			h.Register = func(w *peers.Wire, m *sip.Message) bool {
				i := n.Add(1)
				realm, nonce := "r", fmt.Sprint(i)
				switch name {
				case "a new realm each time":
					realm = fmt.Sprint("r", i)
				case "the same nonce":
					nonce = "1"
				case "a new opaque each time":
					stale = fmt.Sprintf(`, opaque="%d"`, i)
				}
				w.Reply(m, 401, fmt.Sprintf(
					`WWW-Authenticate: Digest realm="%s", nonce="%s", algorithm=SHA-256, qop="auth"%s`,
					realm, nonce, stale))
				return true
			}
			p := peers.Run(t, nil, "register", "--config", h.Config("alice", nil))
			defer func() { p.Signal(9) }()
			w := h.Next(20 * time.Second)
			if _, exit := p.Result(30 * time.Second); exit != 4 {
				t.Errorf("exit code %d", exit)
			}
			nonces := map[string]bool{}
			tries := 0
			for _, m := range w.Messages() {
				if value := credentials(m); value != "" {
					tries++
					_, cnonce, _ := strings.Cut(value, "cnonce=")
					nonces[strings.SplitN(cnonce, ",", 2)[0]] = true
				}
			}
			if limit := 2; tries > limit && name != "stale for ever" || tries > 6 || len(nonces) < tries {
				t.Errorf("%d tries, %d of them with a cnonce of their own", tries, len(nonces))
			}
		})
	}
	t.Run("weaker than before", func(t *testing.T) {
		var weak atomic.Bool
		h := peers.StartHostile(t)
		h.Register = func(w *peers.Wire, m *sip.Message) bool {
			if strings.Contains(m.Get("Authorization"), "SHA-256") && !weak.Load() {
				return false
			}
			challenge := sha
			if weak.Load() {
				challenge = md5
			}
			w.Reply(m, 401, "WWW-Authenticate: "+challenge)
			return true
		}
		g := attackFrom(t, h, nil)
		weak.Store(true)
		g.Wire.Close(1001)
		g.again()
		g.WaitText("weaker", 1, 20*time.Second)
		for _, m := range g.Messages() {
			if strings.Contains(credentials(m), "MD5") {
				t.Errorf("shown %s", credentials(m))
			}
		}
	})
}
