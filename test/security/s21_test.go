package security

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/netsip/sip"
	"calla/test/peers"
)

// TestS21SecretsAreInNoLog: a password is used at the loudest level, echoed by the server, and the program is made to
// crash; neither it nor what is made of it stands in any output or file.
func TestS21SecretsAreInNoLog(t *testing.T) {
	const canary = `Cänary-%s-73"\`
	hide := []string{
		canary, url.QueryEscape(canary), url.PathEscape(canary), base64.StdEncoding.EncodeToString([]byte(canary)),
		fmt.Sprintf("%x", md5.Sum([]byte("alice:hostile.test:"+canary))),
		fmt.Sprintf("%x", sha256.Sum256([]byte("alice:hostile.test:"+canary))),
	}
	for _, c := range []struct {
		name string
		echo func(w *peers.Wire, m *sip.Message) []string
	}{
		{"nothing is echoed", func(*peers.Wire, *sip.Message) []string { return nil }},
		{"echoed in a header", func(_ *peers.Wire, m *sip.Message) []string {
			return []string{"Authorization: " + m.Get("Authorization")}
		}},
		{"echoed in a header of its own", func(_ *peers.Wire,
			m *sip.Message,
		) []string {
			return []string{"X-Echo: " + m.Get("Authorization")}
		}},
		{"echoed in a warning", func(_ *peers.Wire, m *sip.Message) []string {
			return []string{`Warning: 399 h "` + strings.ReplaceAll(m.Get("Authorization"), `"`, "'") + `"`}
		}},
		{"echoed in a body", func(_ *peers.Wire, m *sip.Message) []string {
			return []string{"Content-Type: message/sip", "Body: " + m.String()}
		}},
		{"echoed in the server's name", func(_ *peers.Wire, m *sip.Message) []string {
			return []string{"Server: " + m.Get("Authorization")}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			h := peers.StartHostile(t)
			var digests []string
			h.Register = func(w *peers.Wire, m *sip.Message) bool {
				if !m.Has("Authorization") {
					w.Reply(m, 401, "WWW-Authenticate: "+ourRealm)
					return true
				}
				if _, rest, ok := strings.Cut(m.Get("Authorization"), `response="`); ok {
					digests = append(digests, strings.SplitN(rest, `"`, 2)[0])
				}
				w.Registered(m, c.echo(w, m)...)
				return true
			}
			config := h.Config("alice", map[string]any{"password": canary, "trace_sip": true})
			p := peers.RunPlain(t, []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home, "GOTRACEBACK=all"},
				"register", "--duration", "60s", "--log", "debug", "--trace", "--config", config)
			defer p.Signal(9)
			w := h.Next(20 * time.Second)
			w.Find(20*time.Second, func(m *sip.Message) bool { return m.Has("Authorization") })
			w.Alive(c.name)
			p.Signal(syscall.SIGQUIT)
			_ = p.Wait(t, 20*time.Second)
			everything := p.Output.String()
			_ = filepath.WalkDir(home, func(path string, d os.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() {
					data, _ := os.ReadFile(path)
					everything += path + string(data)
				}
				return nil
			})
			if len(digests) == 0 || !strings.Contains(everything, "REGISTER") {
				t.Fatalf("no digest was made, or nothing traced: %v", digests)
			}
			for _, secret := range append(hide, digests...) {
				if strings.Contains(everything, secret) {
					t.Errorf("it contains %s", secret)
				}
			}
		})
	}
}
