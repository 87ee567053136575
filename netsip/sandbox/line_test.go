package sandbox

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestLineIsLateAndInOrder(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a := registered(t, s, "alice", "wonder")
		if n := s.Faults().SetLine("alice", Line{Latency: 300 * time.Millisecond}); n != 1 {
			t.Fatalf("%d lines", n)
		}
		start := time.Now()
		first, second := a.request("OPTIONS", "sip:example.com"), a.request("OPTIONS", "sip:example.com")
		a.send(first)
		a.send(second)
		if m := a.expect(200); m.CallID() != first.CallID() || time.Since(start) != 300*time.Millisecond {
			t.Errorf("%s after %v", m.CallID(), time.Since(start))
		}
		s.Faults().SetLine("", Line{}) // does not overtake
		a.send(first)
		if m := a.expect(200); m.CallID() != second.CallID() || time.Since(start) != 300*time.Millisecond {
			t.Errorf("%s after %v", m.CallID(), time.Since(start))
		}
		a.expect(200)
	})
}

func TestLineIsSlow(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		a := registered(t, s, "alice", "wonder")
		s.Faults().SetLine("alice", Line{PerByte: 100 * time.Millisecond})
		start := time.Now()
		a.send(a.request("OPTIONS", "sip:example.com"))
		m := a.expect(200)
		if d := time.Since(start); d < time.Duration(len(m.Bytes()))*100*time.Millisecond ||
			d > time.Duration(len(m.Bytes())+20)*100*time.Millisecond {
			t.Errorf("%d octets took %v", len(m.Bytes()), d)
		}
	})
}

// A connection may end at any octet of a message.
func TestLineIsCutAtAnyOctet(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		whole := 0
		for at := 1; at < 2000 && whole < 3; at += 7 {
			a := dial(t, s, "alice")
			s.Faults().SetLine("", Line{CutAt: at})
			a.send(a.request("OPTIONS", "sip:example.com"))
			select {
			case <-a.ended:
				if len(a.in) > 0 {
					whole++
				}
			case <-time.After(time.Second):
				if len(a.in) != 1 {
					t.Fatalf("%d octets: neither answered nor cut", at)
				}
				whole++
				s.Faults().Cut("")
				<-a.ended
			}
			synctest.Wait()
		}
		if whole < 3 {
			t.Errorf("%d answers came through", whole)
		}
	})
}

func TestConnectFaultHasALine(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, s *Server) {
		s.Faults().OnConnect(1, ConnectFault{Line: Line{Latency: time.Second}})
		a := dial(t, s, "alice")
		start := time.Now()
		a.send(a.request("OPTIONS", "sip:example.com"))
		a.expect(200)
		if d := time.Since(start); d != time.Second {
			t.Errorf("answered after %v", d)
		}
	})
}
