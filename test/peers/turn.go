package peers

import (
	"fmt"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// TURN is a coturn with one user, u, whose password is p. It relays to loopback too.
type TURN struct {
	*Process
	Address string // host:port, over UDP and TCP
	place   *Place
	port    string
	more    []string
	t       testing.TB // whose end ends it
}

// StartTURN runs one at a place until the test ends, with more arguments of its command line.
func StartTURN(t testing.TB, at *Place, more ...string) *TURN {
	t.Helper()
	Need(t, "turnserver")
	s := &TURN{place: at, port: strconv.Itoa(FreePort(t)), more: more, t: t}
	s.Address = fmt.Sprintf("%s:%s", at.Host, s.port)
	s.Restart()
	return s
}

// Kill ends it as a crash does: what it relayed is gone.
func (s *TURN) Kill() {
	s.t.Helper()
	s.Signal(syscall.SIGKILL)
	_ = s.Wait(s.t, 10*time.Second)
}

// Restart starts it again after Kill, at the same address.
func (s *TURN) Restart() {
	s.t.Helper()
	dir := s.t.TempDir()
	s.Process = Start(s.t, s.place.Command("turnserver", append([]string{
		"-n", "--no-cli", "--listening-ip=" + s.place.Host, "--listening-port=" + s.port,
		"--relay-ip=" + s.place.Host, "--allow-loopback-peers", "--lt-cred-mech", "--user=u:p", "--realm=example.test",
		"--no-tls", "--no-dtls", "--no-tcp-relay", "--log-file=stdout", "--simple-log", "--verbose",
		"--pidfile=" + filepath.Join(dir, "pid"), "--userdb=" + filepath.Join(dir, "db"),
	}, s.more...)...))
	p := s.Process
	s.t.Cleanup(func() { p.Signal(syscall.SIGKILL) }) // it takes seconds to end by itself
	Until(s.t, 30*time.Second, "coturn to listen", func() bool {
		if s.Exited() {
			s.t.Fatalf("coturn ended: %s", s.Output)
		}
		return s.place.Listening(s.Address)
	})
}
