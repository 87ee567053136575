package netsip

import "testing"

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
				if m := w.expect("INVITE"); m.CallID() != lost.CallID() { // nothing is acknowledged twice
					t.Errorf("then:\n%s", m)
				}
			})
		})
	}
}
