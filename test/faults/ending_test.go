package faults

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/netsip/sandbox"
	"calla/test/peers"
)

// TestF21TheTerminalGoes in a call of the program without a window.
//
// Holds: faults
// Holds: ends-on-its-own
func TestF21TheTerminalGoes(t *testing.T) {
	for _, v := range []struct {
		name string
		do   func(cmd *exec.Cmd, out io.Closer)
		ends bool
		late bool // it notices when it says something
	}{
		{"SIGHUP", func(cmd *exec.Cmd, _ io.Closer) { _ = cmd.Process.Signal(syscall.SIGHUP) }, true, false},
		{"SIGHUP three times", func(cmd *exec.Cmd, _ io.Closer) {
			for range 3 {
				_ = cmd.Process.Signal(syscall.SIGHUP)
				time.Sleep(5 * time.Millisecond)
			}
		}, true, false},
		{"SIGTERM", func(cmd *exec.Cmd, _ io.Closer) { _ = cmd.Process.Signal(syscall.SIGTERM) }, true, false},
		{"SIGINT", func(cmd *exec.Cmd, _ io.Closer) { _ = cmd.Process.Signal(syscall.SIGINT) }, true, false},
		{"who reads what it says goes", func(_ *exec.Cmd, out io.Closer) { out.Close() }, true, true},
		{"SIGPIPE, as of a connection that broke", func(cmd *exec.Cmd, _ io.Closer) {
			_ = cmd.Process.Signal(syscall.SIGPIPE)
		}, false, false},
	} {
		required := "BYE and un-REGISTER within 2 s, and the program ends"
		if !v.ends {
			required = "the call goes on"
		}
		fault{
			name: "F21", done: v.name + ", in a call without a window", required: required,
			figure: "until both were there", limit: 2 * time.Second, quick: 1,
		}.try(t, func(t *testing.T) time.Duration {
			s := startServer(t, "127.0.0.1:0")
			far := s.answering(t, "bob", "--dtmf", ",5") // after 3 s, which is told
			cmd := exec.Command(peers.Binary(t), "call", "bob", "--config", s.config(t, "alice", nil), "--json")
			home := t.TempDir()
			cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "DISPLAY=")
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			cmd.Stdout = w
			alice := peers.Start(t, cmd)
			w.Close()
			lines := bufio.NewScanner(r)
			for lines.Scan() && !strings.Contains(lines.Text(), `"phase":"established"`) {
			}
			began := time.Now()
			v.do(cmd, r)
			if !v.ends {
				time.Sleep(2 * time.Second)
				if _, ended := s.when(began, sandbox.Received("BYE")); ended || alice.Exited() {
					t.Error("the call ended")
				}
				return 0
			}
			bye := s.until(t, began, "a BYE", sandbox.Received("BYE"))
			s.registered(t, "alice", false)
			gone := time.Since(began)
			_ = alice.Wait(t, patience)
			far.WaitFor("ended", patience)
			if v.late {
				gone, bye = gone-3*time.Second, bye-3*time.Second // nothing was said before
			}
			return max(0, bye, gone)
		})
	}
}
