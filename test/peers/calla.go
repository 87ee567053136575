package peers

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Calla is the built program running one subcommand with --json.
type Calla struct {
	*Process
	t      testing.TB
	args   []string
	stdin  io.WriteCloser
	mu     sync.Mutex
	events []map[string]any
	seen   int
	more   chan struct{}
}

// Binary returns the built program, build/calla or what CALLA_BIN names.
func Binary(t testing.TB) string {
	t.Helper()
	bin := os.Getenv("CALLA_BIN")
	if bin == "" {
		bin = filepath.Join(Root(t), "build", "calla")
	}
	if _, err := os.Stat(bin); err != nil {
		Missing(t, bin+" is missing (make build)")
	}
	return bin
}

// RunPlain starts the program with args as they are; its Output is what it prints.
func RunPlain(t testing.TB, env []string, args ...string) *Process {
	t.Helper()
	cmd := exec.Command(Binary(t), args...)
	cmd.Env = append(alone(t.TempDir()), env...)
	return Start(t, cmd)
}

// alone is the environment with a home, and without a display or a keyring.
func alone(home string) []string {
	return append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_RUNTIME_DIR="+home,
		"DISPLAY=", "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
}

// Run starts the program with args and --json, and env added to the environment.
func Run(t testing.TB, env []string, args ...string) *Calla {
	t.Helper()
	return RunAt(t, Loopback(), env, args...)
}

// RunAt does so at a place.
func RunAt(t testing.TB, at *Place, env []string, args ...string) *Calla {
	t.Helper()
	c := &Calla{t: t, args: args, more: make(chan struct{}, 1)}
	cmd := at.Command(Binary(t), append(args, "--json")...)
	cmd.Env = append(alone(t.TempDir()), env...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.stdin = in
	r, w := io.Pipe()
	cmd.Stdout = w
	c.Process = Start(t, cmd)
	go func() { <-c.Done(); w.Close() }()
	go c.read(r)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("calla %s said %v", strings.Join(args, " "), c.Events())
		}
	})
	return c
}

func (c *Calla) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e map[string]any
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			e = map[string]any{"event": "text", "text": lines.Text()}
		}
		c.mu.Lock()
		c.events = append(c.events, e)
		c.mu.Unlock()
		select {
		case c.more <- struct{}{}:
		default:
		}
	}
}

// Events returns what was said so far.
func (c *Calla) Events() []map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]map[string]any(nil), c.events...)
}

// WaitFor returns the next event of this name; others before it are passed over.
func (c *Calla) WaitFor(event string, limit time.Duration) map[string]any {
	c.t.Helper()
	deadline := time.After(limit)
	for {
		c.mu.Lock()
		for i := c.seen; i < len(c.events); i++ {
			if c.events[i]["event"] == event {
				c.seen = i + 1
				e := c.events[i]
				c.mu.Unlock()
				return e
			}
		}
		c.mu.Unlock()
		select {
		case <-c.more:
		case <-deadline:
			c.t.Fatalf("calla %v: no %q in %v; it said %v", c.args, event, limit, c.Events())
		}
	}
}

// Result waits for the program's end and returns its last word, the result event, and exit code.
func (c *Calla) Result(limit time.Duration) (map[string]any, int) {
	c.t.Helper()
	r := c.WaitFor("result", limit)
	_ = c.Wait(c.t, 30*time.Second)
	return r, c.ExitCode()
}

// Interrupt asks the program to end as ctrl-C does.
func (c *Calla) Interrupt() { c.Signal(syscall.SIGINT) }
