package netsip

import (
	"errors"
	"testing"
	"time"
)

// A large re-INVITE that cuts the connection is not sent again as it was. When the next one does it too, the call is
// over, and says why; the registration stays.
func TestPoisonOfAReinviteEndsTheCallAtTheSecondTime(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 36000)
		s, invite, _ := b.established(w)
		b.media.last().padding = largeMessage
		b.do(s.refresh)
		first := w.expect("INVITE")
		w.close()
		w = b.next()
		b.registered(w, 36000)
		second := w.expect("INVITE") // for the new flow
		if first.Get("CSeq") == second.Get("CSeq") {
			t.Error("the same message again")
		}
		b.do(func() {
			if s.state != SessionEstablished {
				t.Errorf("the call ended at the first time: %+v", s.End())
			}
		})
		w.close()
		end := b.ended(s, System, CauseConnection)
		if !errors.Is(end.Err, ErrMessageTooLarge) {
			t.Errorf("error %v", end.Err)
		}
		w = b.next()
		b.registered(w, 36000)
		bye := w.expect("BYE")
		if bye.CallID() != invite.CallID() {
			t.Error("BYE of another call")
		}
		w.reply(bye, 200)
		w.quiet(time.Minute)
		if s := b.state(); s.Registration != Registered {
			t.Errorf("state %+v", s)
		}
	})
}

// A response cannot be made anew: it is not sent again, and its call is over.
func TestPoisonOfAResponseEndsTheCall(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 36000)
		w.caller().ring(farContact, offerSDP)
		s := b.lastInvite()
		b.do(func() {
			b.media.last().padding = largeMessage
			s.Answer()
		})
		w.expect("200 INVITE")
		w.close()
		if end := b.ended(s, System, CauseConnection); !errors.Is(end.Err, ErrMessageTooLarge) {
			t.Errorf("error %v", end.Err)
		}
		w = b.next()
		b.registered(w, 36000)
		for range 40 { // the 200 would come again until the ACK does
			select {
			case m := <-w.in:
				if m.StatusCode == 200 {
					t.Fatal("the 200 was sent again")
				}
				if m.Method == "BYE" {
					w.reply(m, 481)
				}
			case <-time.After(time.Second):
			}
		}
		if s := b.state(); s.Registration != Registered {
			t.Errorf("state %+v", s)
		}
	})
}

// A connection lost long after, or after messages of common size, is nobody's fault.
func TestPoisonNeedsALargeMessageAndAQuickCut(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 36000)
		s, _, _ := b.established(w, "Allow: INVITE")
		b.media.last().padding = largeMessage
		for range 4 {
			b.do(s.refresh)
			m := w.expect("INVITE")
			w.agree(m, answerSDP)
			time.Sleep(killTime + time.Second)
			w.close()
			w = b.next()
			b.registered(w, 36000)
			w.agree(w.expect("INVITE"), answerSDP)
			time.Sleep(2 * time.Minute)
		}
		b.do(func() {
			if s.state != SessionEstablished || len(b.ua.connection.oversize.calls) != 0 {
				t.Errorf("call %v, %d remembered", s.state, len(b.ua.connection.oversize.calls))
			}
			s.HangUp()
		})
		w.reply(w.expect("BYE"), 200)
	})
}
