// Package peers starts the programs Calla is judged against, each on loopback and for the length
// of one test: Kamailio, JsSIP in Chromium, PulseAudio with null sinks, gnome-keyring, an X server.
//
// A missing peer is a skip that names it on a person's machine, and a failure where CALLA_E2E=1.
package peers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Required tells that a missing peer is a failure: CALLA_E2E=1.
func Required() bool { return os.Getenv("CALLA_E2E") == "1" }

// Need skips the test, by name, unless every program is installed; where peers are Required it fails.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			Missing(t, p+" is not installed (packaging/system-packages test)")
		}
	}
}

// Missing ends the test for want of a peer.
func Missing(t testing.TB, what string) {
	t.Helper()
	if Required() {
		t.Fatal(what)
	}
	t.Skip(what)
}

// Root is the top folder of the project.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the working directory")
	return ""
}

// FreePort returns a port that nobody has on loopback, for TCP and UDP, and that is the test's until it ends. It is
// none of those that the system gives to connections (32768 to 60999), one of which could have it before the peer
// does, or while that is started again.
func FreePort(t testing.TB) int {
	t.Helper()
	const first, ports = 10_000, 10_000 // below those for media, too
	for range 1000 {
		port := first + rand.IntN(ports)
		address := fmt.Sprintf("127.0.0.1:%d", port)
		mark, err := net.Listen("unix", fmt.Sprintf("@calla-port-%d", port)) // against tests in other processes
		if err != nil {
			continue
		}
		stream, err := net.Listen("tcp", address)
		if err == nil {
			_ = stream.Close()
			var packets net.PacketConn
			if packets, err = net.ListenPacket("udp", address); err == nil {
				_ = packets.Close()
				t.Cleanup(func() { _ = mark.Close() })
				return port
			}
		}
		_ = mark.Close()
	}
	t.Fatal("no port is free")
	return 0
}

// Until polls ok every 20 ms until it holds; after limit the test fails with what was waited for.
func Until(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s", limit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Output collects what a program prints, for the test's log when it fails.
type Output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// mostShown is how much of what a peer printed is shown, in octets: what the test says itself is to be found beside it.
const mostShown = 2500

// Process is a running peer.
type Process struct {
	Cmd    *exec.Cmd
	Output *Output // standard output and standard error, unless they were taken
	done   chan struct{}
	err    error
}

// Start runs cmd in a process group of its own, ends it with the test, and shows its output when
// the test has failed.
func Start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{Cmd: cmd, Output: &Output{}, done: make(chan struct{})}
	if cmd.Stdout == nil {
		cmd.Stdout = p.Output
	}
	if cmd.Stderr == nil {
		cmd.Stderr = p.Output
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	go func() {
		p.err = cmd.Wait()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its children, while the number is nobody else's
		close(p.done)
	}()
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Logf("%s printed:\n%s", filepath.Base(cmd.Path), tail(p.Output.String(), mostShown))
		}
	})
	return p
}

// Signal sends sig to the process.
func (p *Process) Signal(sig syscall.Signal) { _ = p.Cmd.Process.Signal(sig) }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait returns how the process ended, waiting at most limit.
func (p *Process) Wait(t testing.TB, limit time.Duration) error {
	t.Helper()
	select {
	case <-p.done:
		return p.err
	case <-time.After(limit):
		t.Fatalf("%s still runs after %v; it printed:\n%s", filepath.Base(p.Cmd.Path), limit,
			tail(p.Output.String(), mostShown))
		return nil
	}
}

// Exited tells whether the process has ended.
func (p *Process) Exited() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Stop ends the process and its children: SIGTERM, then SIGKILL after two seconds.
func (p *Process) Stop() {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if p.Exited() {
			return
		}
		_ = syscall.Kill(-p.Cmd.Process.Pid, sig)
		select {
		case <-p.done:
		case <-time.After(2 * time.Second):
		}
	}
	<-p.done
}

// ExitCode is the code of a process that has ended, or -1.
func (p *Process) ExitCode() int {
	var exit *exec.ExitError
	switch {
	case !p.Exited():
		return -1
	case errors.As(p.err, &exit):
		return exit.ExitCode()
	case p.err != nil:
		return -1
	}
	return 0
}

// Listening tells whether something accepts TCP at addr.
func Listening(addr string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

func tail(s string, n int) string {
	if len(s) > n {
		s = "…" + s[len(s)-n:]
	}
	return strings.TrimRight(s, "\n")
}
