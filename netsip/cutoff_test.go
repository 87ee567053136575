package netsip

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestReinviteCutOffIsAcknowledged: a far end that answered a re-INVITE whose connection broke waits for an ACK until
// it ends the call, and JsSIP refuses everything with 403 until then. The ACK comes over the next flow, before anything
// else does.
//
// Holds: call-found-again
func TestReinviteCutOffIsAcknowledged(t *testing.T) {
	resume := func(b *bench, w *wire, s *Session) {
		b.do(func() { s.SetHold(true) })
		w.agree(w.expect("INVITE"), recvSDP)
		b.holding(s, true, false)
		b.do(func() { s.SetHold(false) })
	}
	for _, c := range []struct {
		name   string
		called bool // by the far end
		asks   func(b *bench, w *wire, s *Session)
	}{
		{"a hold", false, func(b *bench, _ *wire, s *Session) { b.do(func() { s.SetHold(true) }) }},
		{"a hold of the callee", true, func(b *bench, _ *wire, s *Session) { b.do(func() { s.SetHold(true) }) }},
		{"a resumption", false, resume},
		{"a resumption of the callee", true, resume},
		{"a restart of ICE", false, func(b *bench, _ *wire, s *Session) { b.do(s.RestartMedia) }},
		{"a restart of ICE by the callee", true, func(b *bench, _ *wire, s *Session) { b.do(s.RestartMedia) }},
		{"our Contact", false, func(b *bench, _ *wire, s *Session) { b.do(s.refresh) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, registering(), func(b *bench, w *wire) {
				b.registered(w, 600)
				var s *Session
				if c.called {
					s, _ = b.answered(w)
				} else {
					s, _, _ = b.established(w)
				}
				c.asks(b, w, s)
				lost := w.expect("INVITE")
				w = b.remade(w)
				ack := w.expect("ACK")
				seq, _ := lost.CSeq()
				if got, _ := ack.CSeq(); got.Seq != seq.Seq || ack.ToTag() != lost.ToTag() || len(ack.Body) > 0 ||
					ack.RequestURI.String() != lost.RequestURI.String() || ack.Get("Via") == lost.Get("Via") {
					t.Errorf("ACK:\n%s\nof\n%s", ack, lost)
				}
				again := w.expect("INVITE")
				if got, _ := again.CSeq(); got.Seq != seq.Seq+1 || direction(again) != direction(lost) {
					t.Errorf("asked again:\n%s", again)
				}
				w.agree(again, answerSDP)
				w = b.remade(w)
				if m := w.expect("INVITE"); m.CallID() != lost.CallID() {
					t.Errorf("then:\n%s", m)
				}
			})
		})
	}
}

// TestTheLastACKComesOverTheNextFlowToo: who is called and answers in the moment in which a server goes has no ACK,
// cannot hang up, and ends the call after 32 s; its 200 may not find us over the next flow, but our ACK finds it.
//
// Holds: call-found-again
func TestTheLastACKComesOverTheNextFlowToo(t *testing.T) {
	for _, c := range []struct {
		name   string
		called bool                                // by the far end
		before func(b *bench, w *wire, s *Session) // the flow goes
		away   time.Duration                       // it is
		times  int                                 // it goes
		again  int                                 // ACKs that come again
	}{
		{"at once", false, nil, 0, 1, 1},
		{"after a while", false, nil, 20 * time.Second, 1, 1},
		{"when nobody waits any more", false, nil, 33 * time.Second, 1, 0},
		{"twice, and a re-INVITE with the second", false, nil, 0, 2, 1}, // whose ACK is another
		{"twice, the second time too late", false, nil, 20 * time.Second, 2, 1},
		{"of the callee, who owes none", true, nil, 0, 1, 0},
		{"of a re-INVITE of the callee", true, putOnHold, 0, 1, 1},
		{"of a re-INVITE of the caller", false, putOnHold, 0, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, registering(), func(b *bench, w *wire) {
				b.registered(w, 600)
				var s *Session
				if c.called {
					s, _ = b.answered(w)
				} else {
					s, _, _ = b.established(w)
				}
				if c.before != nil {
					c.before(b, w, s)
				}
				for range c.times {
					w = b.cutFor(w, c.away)
					b.registered(w, 600)
					synctest.Wait()
				}
				if b.repeated != c.again {
					t.Errorf("%d ACKs came again, not %d", b.repeated, c.again)
				}
			})
		})
	}
}

// putOnHold puts the far end on hold.
func putOnHold(b *bench, w *wire, s *Session) {
	b.do(func() { s.SetHold(true) })
	w.agree(w.expect("INVITE"), recvSDP)
	b.holding(s, true, false)
}
