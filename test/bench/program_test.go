package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/test/peers"
)

// program is a running program whose every line has its time.
type program struct {
	*peers.Process
	in    io.WriteCloser
	lines chan line
	said  []string // passed over
}

// line is what a program printed, and when: since just before its exec.
type line struct {
	text string
	at   time.Duration
}

// run starts a program and reads what it prints.
func run(t *testing.T, cmd *exec.Cmd) *program {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{lines: make(chan line, 1<<14)}
	if p.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	begun := time.Now()
	p.Process = peers.Start(t, cmd)
	_ = w.Close()
	go func() {
		defer close(p.lines)
		defer func() { _ = r.Close() }()
		for in := bufio.NewScanner(r); in.Scan(); {
			select {
			case p.lines <- line{in.Text(), time.Since(begun)}:
			default: // nobody reads any more
			}
		}
	}()
	return p
}

// until returns the next line that matches; those before it are passed over.
func (p *program) until(t *testing.T, limit time.Duration, what string, match func(string) bool) line {
	t.Helper()
	late := time.After(limit)
	for {
		select {
		case l, ok := <-p.lines:
			if !ok {
				t.Fatalf("%s ended before %s; it printed:\n%s", filepath.Base(p.Cmd.Path), what,
					strings.Join(p.said, "\n"))
			}
			if match(l.text) {
				return l
			}
			p.said = append(p.said, l.text)
		case <-late:
			t.Fatalf("%s: no %s in %v; it printed:\n%s", filepath.Base(p.Cmd.Path), what, limit,
				strings.Join(p.said, "\n"))
		}
	}
}

// has tells whether one of the lines so far, not yet passed over, matches.
func (p *program) has(match func(string) bool) bool {
	for {
		select {
		case l, ok := <-p.lines:
			if !ok {
				return false
			}
			if match(l.text) {
				return true
			}
			p.said = append(p.said, l.text)
		default:
			return false
		}
	}
}

// holding matches lines that hold all of these.
func holding(parts ...string) func(string) bool {
	return func(text string) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
	}
}

// result waits for the JSON line that ends a subcommand.
func (p *program) result(t *testing.T, limit time.Duration) map[string]any {
	t.Helper()
	var r map[string]any
	if err := json.Unmarshal([]byte(p.until(t, limit, "result", holding(`"event":"result"`)).text), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// end interrupts the program and waits for its end.
func (p *program) end(t *testing.T) {
	t.Helper()
	p.Signal(syscall.SIGTERM)
	_ = p.Wait(t, 10*time.Second)
}

// built is one of the programs that make has built.
func built(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(peers.Root(t), "build", name)
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("%s is missing (make build headless)", file)
	}
	return file
}

// command is a program in a home of its own and without a display, unless env says otherwise.
func command(t *testing.T, env []string, name string, args ...string) *exec.Cmd {
	t.Helper()
	home := t.TempDir()
	cmd := exec.Command(name, args...)
	cmd.Env = append(append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_RUNTIME_DIR="+home,
		"DISPLAY=", "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"), env...)
	return cmd
}

// config writes a configuration of a user of Kamailio and returns its file.
func configFile(t *testing.T, k *peers.Kamailio, user string) string {
	t.Helper()
	return writeConfig(t, map[string]any{
		"uri": "sip:" + user + "@" + k.Domain, "password": k.Password, "ws_servers": k.URL, "stun_servers": []string{},
	})
}

func writeConfig(t *testing.T, c map[string]any) string {
	t.Helper()
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// member is a number of a result, taken as milliseconds.
func member(t *testing.T, result map[string]any, key string) time.Duration {
	t.Helper()
	v, ok := result[key].(float64)
	if !ok {
		t.Fatalf("no %s in %v", key, result)
	}
	return time.Duration(v * float64(time.Millisecond))
}

// times are the same thing measured several times.
type times []time.Duration

// quantile is the nearest rank.
func (s times) quantile(q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(max(int(q*float64(len(sorted))+0.999999)-1, 0), len(sorted)-1)]
}

// String tells median and p90, or the one there is.
func (s times) String() string {
	switch len(s) {
	case 0:
		return "not measured"
	case 1:
		return shown(s[0]) + " (once)"
	}
	return fmt.Sprintf("%s (p90 %s, n = %d)", shown(s.quantile(0.5)), shown(s.quantile(0.9)), len(s))
}

func shown(d time.Duration) string {
	switch {
	case d < 20*time.Microsecond:
		return fmt.Sprintf("%.1f µs", float64(d)/1e3)
	case d < time.Millisecond:
		return fmt.Sprintf("%.0f µs", float64(d)/1e3)
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	case d < 10*time.Second:
		return fmt.Sprintf("%.0f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
