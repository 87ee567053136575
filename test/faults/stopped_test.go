package faults

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"calla/netsip/sandbox"
	"calla/test/peers"
)

// TestF08TheProgramIsStopped, as a computer that sleeps stops it, and goes on later.
//
// Holds: faults
func TestF08TheProgramIsStopped(t *testing.T) {
	for _, v := range []struct {
		name    string
		calls   bool // it is in a call
		restart bool // the server is restarted meanwhile
		bye     bool // the far end hangs up meanwhile
	}{
		{"idle, and the server is restarted", false, true, false},
		{"in a call", true, false, false},
		{"in a call, and the server is restarted", true, true, false},
		{"in a call, and the far end hangs up", true, false, true},
	} {
		required := "registered within 3 s, with one REGISTER in flight at most"
		if v.calls {
			required += "; the call goes on, or ends where the far end has ended it"
		}
		fault{
			name: "F08", done: "the program is stopped for 10 s (4 s in make test), " + v.name, required: required,
			figure: "from its going on to being registered", limit: 3 * time.Second, quick: 1, beside: true,
		}.try(t, func(t *testing.T) time.Duration {
			away := 4 * time.Second
			if soaking() {
				away = 10 * time.Second
			}
			s := startServer(t, "127.0.0.1:0")
			alice := peers.StartConsole(t, s.config(t, "alice", nil))
			alice.WaitText("Registered", 1, patience)
			var bob *peers.Calla
			if v.calls {
				bob = s.answering(t, "bob", "--tone", "440")
				alice.Say("call bob")
				alice.WaitText("encrypted", 1, patience)
			}
			alice.Signal(syscall.SIGSTOP)
			time.Sleep(away / 2)
			if v.restart {
				s = s.restarted(t)
			}
			if v.bye {
				bob.Interrupt()
			}
			time.Sleep(away / 2)
			began := time.Now()
			alice.Signal(syscall.SIGCONT)
			took := time.Duration(0)
			if v.restart {
				took = s.until(t, began, "the registration", func(e sandbox.Event) bool {
					return sandbox.SentStatus("REGISTER", 200)(e) && strings.Contains(e.Message.Get("To"), "alice")
				})
			}
			s.registered(t, "alice", true)
			if v.bye {
				alice.WaitText("■", 1, patience)
				return took
			}
			time.Sleep(3 * time.Second)
			if n := s.count(began, sandbox.Received("REGISTER")); n > 4 { // each, with a challenge
				t.Errorf("%d REGISTERs", n)
			}
			if v.calls {
				bob.Interrupt()
				alice.WaitText("The other side hung up", 1, patience)
				bob.WaitFor("ended", patience)
			}
			return took
		})
	}
}

// restarted ends the server and has another one in its place, which knows nothing of what was.
func (s *server) restarted(t *testing.T) *server {
	t.Helper()
	address := strings.Trim(strings.TrimPrefix(s.URL(), "ws:"), "/")
	s.Close()
	return startServer(t, address)
}
