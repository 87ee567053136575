package security

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
	"calla/test/peers"
)

// TestS27CommandLineAndSockets: a text that looks like an option is none after "--", nothing that a text says is
// dialled by another way than its own, and what the program listens on is for this user alone. (That a link is only
// filled in needs a window: it is looked at in test/.)
func TestS27CommandLineAndSockets(t *testing.T) {
	h := peers.StartHostile(t)
	config := h.Config("alice", nil)
	for _, c := range []struct{ name, text string }{
		{"an option", "--help"},
		{"another configuration", "--config=/etc/passwd"},
		{"a short option", "-h"},
		{"an option in a link", "sip:--config=/etc/passwd@h"},
		{"a link with headers", "sip:bob@hostile.test?Replaces=a&X-Evil=b"},
		{"a link with a body", "sip:bob@hostile.test?body=v%3D0"},
		{"a link with a method", "sip:bob@hostile.test;method=REGISTER"},
		{"a script", "javascript:alert(1)"},
		{"a file", "file:///etc/passwd"},
		{"a shell", "sip:$(touch x)`touch y`;touch z@h"},
		{"a NUL in escapes", "sip:bob%00@hostile.test"},
		{"a very long link", "sip:" + strings.Repeat("a", 60_000) + "@h"},
		{"nothing", ""},
		{"a page", "http://127.0.0.1/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			p := peers.RunPlain(t, []string{"HOME=" + home, "XDG_RUNTIME_DIR=" + home}, "call", "--config", config,
				"--", c.text)
			defer p.Signal(9)
			var w *peers.Wire
			peers.Until(t, 20*time.Second, "a connection, or the end", func() bool {
				if h.Connections() > 0 {
					w = h.Next(time.Second)
				}
				return w != nil || p.Exited()
			})
			if w != nil {
				var m *sip.Message
				peers.Until(t, 20*time.Second, "a call, or the end", func() bool {
					m = w.Find(10*time.Millisecond, func(m *sip.Message) bool { return m.Method == "INVITE" })
					return m != nil || p.Exited()
				})
				if m != nil && (m.RequestURI.Headers != "" || m.Has("Replaces") || m.Has("X-Evil") ||
					strings.Contains(m.RequestURI.String(), "method=")) {
					t.Errorf("sent %s", m)
				}
			}
			if p.Exited() && p.ExitCode() == 0 || strings.Contains(p.Output.String(), "Usage: calla") {
				t.Errorf("exit code %d: %s", p.ExitCode(), p.Output)
			}
			for _, name := range []string{"x", "y", "z"} {
				if _, err := os.Stat(filepath.Join(home, name)); err == nil {
					t.Errorf("a shell has run: %s", name)
				}
			}
		})
	}
	t.Run("what is listened on", func(t *testing.T) {
		run := t.TempDir()
		p := peers.StartConsole(t, config)
		defer p.Signal(9)
		h.Next(20 * time.Second).Expect("REGISTER")
		_ = filepath.WalkDir(run, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type()&os.ModeSocket != 0 {
				if info, err := d.Info(); err == nil && info.Mode().Perm()&0o077 != 0 {
					t.Errorf("%s is open to others: %v", path, info.Mode())
				}
			}
			return nil
		})
		for _, l := range listening(t, p.Cmd.Process.Pid) {
			t.Errorf("the program listens on %s", l)
		}
	})
}

// listening are the TCP addresses that a process accepts connections on.
func listening(t *testing.T, pid int) []string {
	t.Helper()
	sockets := map[string]bool{}
	links, _ := filepath.Glob("/proc/" + itoa(pid) + "/fd/*")
	for _, l := range links {
		if to, err := os.Readlink(l); err == nil && strings.HasPrefix(to, "socket:[") {
			sockets[strings.Trim(to, "socket:[]")] = true
		}
	}
	var found []string
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" && sockets[f[9]] {
				found = append(found, net.JoinHostPort(f[1], ""))
			}
		}
	}
	return found
}
