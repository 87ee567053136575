package console

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/trace"
)

// stuck is a terminal that takes nothing before it is let go.
type stuck struct {
	mu   sync.Mutex
	open chan struct{}
	out  bytes.Buffer
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.open
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

// TestStuckTerminalHoldsUpNobody: whatever comes while standard error takes nothing, who sends does not wait; what it
// was too much for is told, the rest is printed, and the ladder has its own view of the same trace.
func TestStuckTerminalHoldsUpNobody(t *testing.T) {
	for _, c := range []struct {
		name     string
		messages int
		size     int // octets of each
		printed  int // at least
		missed   bool
	}{
		{"none", 0, 10, 0, false},
		{"one", 1, 10, 1, false},
		{"as many as are kept", tracedEntries, 10, tracedEntries, false},
		{"more than are kept", tracedEntries + 500, 10, tracedEntries, true},
		{"more octets than are kept", 100, tracedOctets / 20, 20, true},
		{"one that is too large", 1, tracedOctets + 1, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := &stuck{open: make(chan struct{})}
				s := &session{errs: newTerminal(out), cli: &cli{Trace: true}}
				w := s.newWiretap()
				source := w.trace.Source("a")
				start := time.Now()
				for i := range c.messages {
					text := fmt.Sprintf("INVITE sip:b@h SIP/2.0\r\nCall-ID: %d\r\nCSeq: 1 INVITE\r\n", i) +
						"From: <sip:a@h>\r\nTo: <sip:b@h>\r\nVia: SIP/2.0/WSS x\r\n\r\n"
					source.Add(trace.Entry{Outgoing: true, Text: text + strings.Repeat("x", max(0, c.size-len(text)))})
				}
				if d := time.Since(start); d != 0 {
					t.Errorf("sending took %v", d)
				}
				drawn := strings.Join(w.ladderLines(true), "\n")
				if n := strings.Count(drawn, "INVITE 1"); n < min(c.printed, 1) || n > c.messages {
					t.Errorf("%d messages drawn", n)
				}
				close(out.open)
				w.close()
				text := out.out.String()
				printed, missed := strings.Count(text, ">>>"), strings.Contains(text, "messages are not shown here")
				if printed < c.printed || missed != c.missed || !missed && printed != c.messages {
					t.Errorf("%d of %d printed; told that some are missing: %v", printed, c.messages, missed)
				}
			})
		})
	}
}
