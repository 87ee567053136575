package security

import (
	"bytes"
	"compress/flate"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/netsip/sip"
	"calla/test/peers"
)

// Credentials are not shown unasked to whom is not of our domain, and a 407 of theirs gets none.
//
// Holds: credentials
func TestCredentialsStayAtHome(t *testing.T) {
	g := attackFrom(t, registrar(t, ourRealm), nil)
	for _, c := range []struct{ name, say, method string }{
		{"a call elsewhere", "call sip:bob@evil.test", "INVITE"},
		{"a call below our domain", "call sip:bob@evil.hostile.test", "INVITE"},
		{"a call to an address", "call sip:bob@198.51.100.7", "INVITE"},
		{"a call to a name that begins as ours", "call sip:bob@hostile.test.evil.test", "INVITE"},
		{"a message elsewhere", "message sip:bob@evil.test hello", "MESSAGE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			mark := len(g.Messages())
			g.Say(c.say)
			m := g.Expect(c.method)
			g.Reply(m, 407, `Proxy-Authenticate: Digest realm="evil.test", nonce="1", algorithm=SHA-256, qop="auth"`)
			g.Wire.Alive(c.name)
			if c.method == "INVITE" {
				g.settled()
			}
			if leaked := g.leak(mark); leaked != nil {
				t.Errorf("the %s shows %s", leaked.Method, credentials(leaked))
			}
		})
	}
}

// One refusal with thirty realms, or many refusals, make no later request larger and end nothing.
//
// Holds: bounded-requests
func TestRealmsDoNotMakeRequestsGrow(t *testing.T) {
	g := attackFrom(t, registrar(t, ourRealm), nil)
	for _, c := range []struct {
		name   string
		header func(i, k int) string
		each   int
	}{
		{"thirty realms in fields", func(i, k int) string {
			return fmt.Sprintf(`Proxy-Authenticate: Digest realm="r%d-%d", nonce="n", algorithm=SHA-256, qop="auth"`, i,
				k)
		}, 30},
		{"thirty realms by the callee", func(i, k int) string {
			return fmt.Sprintf(`WWW-Authenticate: Digest realm="w%d-%d", nonce="n", algorithm=SHA-256, qop="auth"`, i,
				k)
		}, 30},
		{"a long realm", func(int, int) string {
			return `Proxy-Authenticate: Digest realm="` + strings.Repeat("r", 20<<10) + `", nonce="n"`
		}, 1},
		{"a long nonce of ours", func(int, int) string {
			return `Proxy-Authenticate: Digest realm="hostile.test", nonce="` + strings.Repeat("n", 20<<10) +
				`", algorithm=SHA-256, qop="auth"`
		}, 1},
		{"a long opaque of ours", func(int, int) string {
			return `Proxy-Authenticate: Digest realm="hostile.test", nonce="n", opaque="` + strings.Repeat("o",
				20<<10) + `", algorithm=SHA-256, qop="auth"`
		}, 1},
		{"thirty nonces of ours", func(_, k int) string {
			return fmt.Sprintf(
				`Proxy-Authenticate: Digest realm="hostile.test", nonce="n%d", algorithm=SHA-256, qop="auth"`, k)
		}, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i := range 3 {
				code := 407
				var lines []string
				for k := range c.each {
					lines = append(lines, c.header(i, k))
				}
				if strings.HasPrefix(lines[0], "WWW") {
					code = 401
				}
				g.Reply(g.call("bob"), code, lines...)
				g.Expect("ACK")
				if m := g.askedAgain(); m != nil {
					g.Reply(m, 486)
					g.Expect("ACK")
				}
				g.settled()
			}
			invite := g.call("carol")
			if n := len(invite.Bytes()); n > 8<<10 {
				t.Errorf("the next INVITE has %d octets", n)
			}
			g.Reply(invite, 200, append(far(), answer)...)
			g.Expect("ACK")
			g.Say("hangup")
			g.Reply(g.Expect("BYE"), 200)
			g.settled()
		})
	}
}

// askedAgain returns the phone's next INVITE, nil when none comes soon after it has seen all that was sent before.
func (g *target) askedAgain() *sip.Message {
	g.t.Helper()
	probe := g.Request("OPTIONS")
	g.Send(probe.Bytes())
	invite := func(m *sip.Message) bool { return m.Method == "INVITE" }
	m := g.Find(30*time.Second, func(m *sip.Message) bool {
		return invite(m) || !m.IsRequest() && m.CallID() == probe.CallID()
	})
	if m != nil && !invite(m) {
		m = g.Find(500*time.Millisecond, invite)
	}
	return m
}

// A handshake that is answered without end, or with what was not offered, is left, and 64 frames of whatever kind
// take at most 5 MB.
//
// Holds: bounded-reads
func TestMemoryIsNotTheServersToTake(t *testing.T) {
	var zeros bytes.Buffer
	w, _ := flate.NewWriter(&zeros, 9)
	_, _ = w.Write(make([]byte, 100<<20))
	_ = w.Flush()
	accept := func(req *http.Request, lines string) string {
		sum := sha1.Sum([]byte(req.Header.Get("Sec-Websocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: " +
			"Upgrade\r\nSec-WebSocket-Protocol: sip\r\n" +
			lines + "Sec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n"
	}
	deflate := "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; " +
		"client_no_context_takeover\r\n"
	for _, c := range []struct {
		name  string
		begin func(*http.Request) string
		rest  []byte
	}{
		{
			"permessage-deflate", func(r *http.Request) string { return accept(r, deflate) },
			append([]byte{0xc1, 127, 0, 0, 0, 0, 0, byte(zeros.Len() >> 16), byte(zeros.Len() >> 8), byte(zeros.Len())},
				zeros.Bytes()...),
		},
		{
			"another extension", func(r *http.Request) string { return accept(r, "Sec-WebSocket-Extensions: foo\r\n") },
			nil,
		},
		{"another subprotocol too", func(r *http.Request) string {
			return accept(r,
				"Sec-WebSocket-Protocol: xmpp\r\n")
		}, nil},
		{"a status line without end", func(*http.Request) string { return "HTTP/1.1 101 " }, []byte("x")},
		{
			"header fields without end", func(*http.Request) string { return "HTTP/1.1 101 Switching Protocols\r\n" },
			[]byte("X-Field: value\r\n"),
		},
		{
			"one header field without end",
			func(*http.Request) string { return "HTTP/1.1 101 Switching Protocols\r\nX: " }, []byte("x"),
		},
		{
			"interim answers without end", func(*http.Request) string { return "" },
			[]byte("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"),
		},
		{"a body without end", func(*http.Request) string { return "HTTP/1.1 503 Busy\r\n\r\n" }, []byte("x")},
		{"no HTTP", func(*http.Request) string { return "" }, []byte{0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := peers.StartHostile(t)
			tried := make(chan int64, 100)
			h.Handshake = func(conn net.Conn, req *http.Request) bool {
				_, _ = io.WriteString(conn, c.begin(req))
				var n int64
				_ = conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
				for c.rest != nil && n < 256<<20 {
					k, err := conn.Write(bytes.Repeat(c.rest, 1+(64<<10)/len(c.rest)))
					if n += int64(k); err != nil {
						break
					}
				}
				if c.rest == nil {
					_, _ = io.Copy(io.Discard, conn)
				}
				tried <- n
				return true
			}
			p := peers.StartConsole(t, h.Config("alice", nil))
			defer p.Signal(9)
			var most int64
			var n int64
			peers.Until(t, time.Minute, "two tries", func() bool {
				most = max(most, peers.UsageOf(p.Cmd.Process.Pid).RSS)
				select {
				case sent := <-tried:
					n++
					if sent >= 256<<20 {
						t.Error("all of it was read")
					}
				default:
				}
				return n >= 2
			})
			if most > 64<<20 {
				t.Errorf("the program took %d MB", most>>20)
			}
			if p.Exited() || strings.Contains(p.Output.String(), "Registered") {
				t.Errorf("it said %s", p.Output)
			}
		})
	}
	for name, data := range map[string][]byte{
		"64 long texts": bytes.Repeat([]byte("x"), 127<<10),
		"64 headers":    []byte("OPTIONS sip:a@h SIP/2.0\r\n" + strings.Repeat("X: y\r\n", 20_000)),
		"64 bodies":     []byte("MESSAGE sip:a@h SIP/2.0\r\n\r\n" + strings.Repeat("y", 120<<10)),
		"64 returns":    bytes.Repeat([]byte("\r\n"), 60<<10),
		"64 nothings":   {}, "64 controls": bytes.Repeat([]byte{0, 1, 0xff}, 40<<10),
	} {
		t.Run(name, func(t *testing.T) {
			g := attack(t, nil)
			g.bounded(name, 5<<20, func() {
				for range 64 {
					g.Send(data)
				}
			})
		})
	}
}

// What a killed program left of its secrets does not outlive the next start.
//
// Holds: kept-secrets
func TestNoSecretsOutliveAKilledProgram(t *testing.T) {
	for _, c := range []struct{ name, file string }{
		{"a temporary file", ".secrets.json123456"},
		{"one of another spelling", ".secrets.json.tmp"},
		{"one without a number", ".secrets.json"},
		{"an empty one", ".secrets.json-empty"},
		{"one of the accounts", ".accounts.json987"},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			profile := filepath.Join(home, "profile")
			if err := os.MkdirAll(profile, 0o700); err != nil {
				t.Fatal(err)
			}
			stray := filepath.Join(profile, c.file)
			if err := os.WriteFile(stray, []byte(`{"x":{"password":"canary-secret"}}`), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := peers.RunPlain(t, []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home}, "account", "list",
				"--profile", profile)
			_ = cmd.Wait(t, 20*time.Second)
			h := peers.StartHostile(t)
			add := peers.RunPlain(t, []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home}, "account", "add", "--profile",
				profile, h.Config("alice", nil))
			_ = add.Wait(t, 20*time.Second)
			add.Signal(syscall.SIGKILL)
			if _, err := os.Stat(stray); err == nil {
				t.Errorf("%s is still there: %s%s", c.file, cmd.Output, add.Output)
			}
		})
	}
}

// No text of the network is obeyed by the terminal that shows it: in answers to OPTIONS, notifications, the trace, the
// console, and the members of JSON.
//
// Holds: terminal
func TestNoTextOfTheNetworkIsObeyed(t *testing.T) {
	const evil = "E\x1b[2J\x1b]0;pwned\x07\u202eX\u009b2J\x9bZ\u2066Y\bW"
	for _, c := range []struct {
		name string
		args []string
		act  func(w *peers.Wire)
	}{
		{"options", []string{"options", "bob"}, func(w *peers.Wire) {
			w.Reply(w.Expect("OPTIONS"), 200, "User-Agent: "+evil, "Server: "+evil, "Allow: "+evil, "Accept: "+evil,
				"Supported: "+evil)
		}},
		{"options in JSON", []string{"options", "bob", "--json"}, func(w *peers.Wire) {
			w.Reply(w.Expect("OPTIONS"), 200, "User-Agent: "+evil, "Server: "+evil, "Allow: "+evil, "Accept: "+evil)
		}},
		{"options with the trace", []string{"options", "bob", "--trace", "--log", "debug"}, func(w *peers.Wire) {
			w.Reply(w.Expect("OPTIONS"), 200, "User-Agent: "+evil, "X-Any: "+evil)
		}},
		{"a refusal", []string{"call", "bob"}, func(w *peers.Wire) {
			m := sip.NewResponse(w.Expect("INVITE"), 486, evil)
			m.Set("To", m.Get("To")+";tag=x")
			m.Add("Warning", `399 h "`+evil+`"`)
			m.Add("Reason", `SIP;cause=486;text="`+evil+`"`)
			w.Send(m.Bytes())
		}},
		{"a refusal in JSON", []string{"call", "bob", "--json"}, func(w *peers.Wire) {
			m := sip.NewResponse(w.Expect("INVITE"), 603, evil)
			m.Set("To", m.Get("To")+";tag=x")
			w.Send(m.Bytes())
		}},
		{"a redirection", []string{"call", "bob"}, func(w *peers.Wire) {
			w.Reply(w.Expect("INVITE"), 302, `Contact: "`+evil+`" <sip:x@h>`)
		}},
		{
			"a subscription",
			[]string{"subscribe", "presence", "bob", "--count", "1"},
			func(w *peers.Wire) { notify(w, evil) },
		},
		{
			"a subscription in JSON",
			[]string{"subscribe", "presence", "bob", "--count", "1", "--json"},
			func(w *peers.Wire) { notify(w, evil) },
		},
		{"a caller", []string{"answer", "--decline"}, func(w *peers.Wire) {
			w.Send(w.Request("INVITE", offer, `From: "`+evil+`" <sip:m@h>;tag=1`).Bytes())
		}},
		{"a message", []string{"message", "wait", "--count", "1"}, func(w *peers.Wire) {
			w.Send(w.Request("MESSAGE", "Content-Type: text/plain", "Body: "+evil).Bytes())
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := peers.StartHostile(t)
			p := peers.RunPlain(t, nil, append(c.args, "--config", h.Config("alice", nil))...)
			defer p.Signal(9)
			w := h.Next(20 * time.Second)
			w.Expect("REGISTER")
			if strings.HasPrefix(c.name, "a caller") || strings.HasPrefix(c.name, "a message") {
				w.Alive("the start")
			}
			c.act(w)
			select {
			case <-p.Done():
			case <-time.After(2 * time.Second):
				p.Signal(2)
				_ = p.Wait(t, 20*time.Second)
			}
			if len(p.Output.String()) == 0 {
				t.Error("nothing was printed")
			}
			wantPlain(t, c.name, p.Output.String())
			if strings.Contains(c.name, "JSON") {
				for line := range strings.Lines(p.Output.String()) {
					if !json.Valid([]byte(line)) {
						t.Errorf("no JSON: %q", line)
					}
				}
			}
		})
	}
	t.Run("the list of accounts", func(t *testing.T) {
		home := t.TempDir()
		h := peers.StartHostile(t)
		config := h.Config("alice", map[string]any{"display_name": "E\x1b[2J\u202eX\u009b2J"})
		add := peers.RunPlain(t, []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home}, "account", "add", config)
		_ = add.Wait(t, 20*time.Second)
		list := peers.RunPlain(t, []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home}, "account", "list")
		_ = list.Wait(t, 20*time.Second)
		wantPlain(t, "account list", add.Output.String()+list.Output.String())
	})
}

// notify takes a subscription and sends one notification.
func notify(w *peers.Wire, evil string) {
	m := w.Expect("SUBSCRIBE")
	w.Reply(m, 200, "Expires: 60", "Contact: <sip:bob@edge.hostile.test;transport=ws>")
	w.Send(w.Called(m).Request("NOTIFY", "Event: presence", "Subscription-State: active;reason="+evil,
		"Content-Type: text/plain", "Body: "+evil).Bytes())
}

// A configuration that was handed in runs nothing, writes no file and reads no key, unless the command line says so.
//
// Holds: foreign-configuration
func TestAConfigurationRunsNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		key  string
	}{
		{"a command at registering", []string{"register"}, "log_command"},
		{"a command in a call", []string{"call", "bob", "--ring", "1s"}, "log_command"},
		{"a command at asking", []string{"options", "bob"}, "log_command"},
		{"a command in the console", []string{"register", "--duration", "1s", "--log", "debug"}, "log_command"},
		{"a file at registering", []string{"register"}, "log_file"},
		{"a file in a call", []string{"call", "bob", "--ring", "1s"}, "log_file"},
		{"a file at asking", []string{"options", "bob"}, "log_file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := peers.StartHostile(t)
			dir := t.TempDir()
			mark := filepath.Join(dir, "mark")
			value := mark
			if c.key == "log_command" {
				value = "touch " + mark
			}
			config := h.Config("alice", map[string]any{"trace_sip": true, "calla": map[string]any{c.key: value}})
			p := peers.RunPlain(t, nil, append(c.args, "--config", config)...)
			defer p.Signal(9)
			var w *peers.Wire
			peers.Until(t, 20*time.Second, "a connection, or the end", func() bool {
				if h.Connections() > 0 {
					w = h.Next(time.Second)
				}
				return w != nil || p.Exited()
			})
			if w != nil {
				if m := w.Find(3*time.Second,
					func(m *sip.Message) bool { return m.Method == "INVITE" || m.Method == "OPTIONS" }); m != nil {
					w.Reply(m, 486)
				}
			}
			_ = p.Wait(t, 20*time.Second)
			if _, err := os.Stat(mark); err == nil {
				t.Error("what the configuration names was run or written")
			}
		})
	}
}
