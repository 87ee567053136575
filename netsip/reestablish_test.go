package netsip

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// remade cuts the flow and brings up the next one.
func (b *bench) remade(w *wire) *wire {
	b.Helper()
	w.close()
	w = b.next()
	w.register(w.expect("REGISTER"), 600)
	return w
}

func TestCallWhoseFarEndLostItsFlowTooIsTakenUpAnew(t *testing.T) {
	for _, code := range []int{404, 408, 430, 477, 478, 480, 481, 500, 503} {
		ladder(t, registering(), func(b *bench, w *wire) {
			b.registered(w, 600)
			s, first, _ := b.established(w, "Allow: INVITE, UPDATE", "Session-Expires: 1800;refresher=uac")
			id := s.ID()
			w = b.remade(w)
			w.reply(w.expect("UPDATE"), code)
			invite := w.expect("INVITE")
			want := first.CallID() + ";to-tag=far;from-tag=" + first.FromTag()
			if invite.Get("Replaces") != want || invite.Get("Require") != "replaces" ||
				invite.CallID() == first.CallID() ||
				invite.RequestURI.String() != "sip:bob@example.com" || invite.ToTag() != "" ||
				!strings.Contains(string(invite.Body), "a=ice-ufrag:2") {
				t.Errorf("%d: INVITE:\n%s", code, invite)
			}
			ok := w.reply(invite, 200, "To-Tag: back", "Contact: <sip:bob@192.0.2.77>", answerSDP)
			if ack := w.expect("ACK"); ack.ToTag() != "back" {
				t.Errorf("ACK:\n%s", ack)
			}
			f := w.callee(invite, ok)
			synctest.Wait()
			old := w.callee(first, ok)
			old.tag = "far"
			w.send(old.request("BYE")) // of the dialog that was replaced
			w.expect("200 BYE")
			w.quiet(pingInterval)
			b.do(func() {
				if s.State() != SessionEstablished || s.ID() != id || len(b.ua.Sessions()) != 1 {
					t.Errorf("%d: state %v", code, s.State())
				}
			})
			f.hangUp()
			b.ended(s, Remote, CauseBye)
			b.clean()
		})
	}
}

func TestCallTakenUpAnewKeepsItsHold(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		s, _, hold := b.askingToHold(w, "Allow: INVITE, UPDATE")
		w.agree(hold, recvSDP)
		synctest.Wait()
		w = b.remade(w)
		w.reply(w.expect("UPDATE"), 404)
		invite := w.expect("INVITE")
		if direction(invite) != "sendonly" {
			t.Errorf("direction %s", direction(invite))
		}
		w.agree(invite, recvSDP)
		b.holding(s, true, false)
	})
}

func TestCallIsTakenUpAnewByTheCallerFirst(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		s, f := b.answered(w, "Allow: INVITE, UPDATE")
		w = b.remade(w)
		w.reply(w.expect("UPDATE"), 404)
		start := time.Now()
		// The caller is back in time.
		w.quiet(reestablishHeadstart / 2)
		again := &far{w: w, callID: "call-2@far", tag: "again", branch: 100, target: "sip:alice@example.com"}
		w.send(again.request("INVITE", "Contact: <sip:bob@192.0.2.9>", offerSDP,
			"Replaces: "+f.callID+";to-tag="+f.remoteTag+";from-tag="+f.tag, "Require: replaces"))
		w.expect("100 INVITE")
		ok := w.expect("200 INVITE")
		again.learn(ok)
		w.send(again.request("ACK"))
		if bye := w.expect("BYE"); bye.CallID() != f.callID {
			t.Errorf("BYE in the wrong dialog:\n%s", bye)
		} else {
			w.reply(bye, 404)
		}
		w.quiet(time.Minute)
		b.do(func() {
			if s.State() != SessionEstablished || len(b.ua.Sessions()) != 1 || len(b.invites) != 1 {
				t.Errorf("state %v after %v", s.State(), time.Since(start))
			}
		})
		if got := b.media.last().history(); got != "set offer, answer, set offer, answer" {
			t.Errorf("media did %s", got)
		}
		b.do(s.HangUp)
		if bye := w.expect("BYE"); bye.CallID() != again.callID {
			t.Errorf("BYE in the wrong dialog:\n%s", bye)
		}
	})
}

func TestCallIsTakenUpAnewByTheCalleeWhereTheCallerDoesNot(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		s, f := b.answered(w, "Allow: INVITE, UPDATE")
		w = b.remade(w)
		w.reply(w.expect("UPDATE"), 404)
		start := time.Now()
		invite := w.expect("INVITE")
		if d := time.Since(start); d != reestablishHeadstart {
			t.Errorf("after %v", d)
		}
		if got, want := invite.Get("Replaces"), f.callID+";to-tag="+f.tag+";from-tag="+f.remoteTag; got != want {
			t.Errorf("Replaces %s, want %s", got, want)
		}
		w.reply(invite, 480) // not back yet
		w.expect("ACK")
		start = time.Now()
		invite = w.expect("INVITE")
		if d := time.Since(start); d != time.Second {
			t.Errorf("again after %v", d)
		}
		w.agree(invite, answerSDP)
		b.until("taken up", func() bool {
			return s.reestablishment.underWay == nil &&
				s.dialog.callID == invite.CallID()
		})
	})
}

func TestBothTakeTheCallUpAtOnce(t *testing.T) {
	for _, outgoing := range []bool{true, false} {
		ladder(t, registering(), func(b *bench, w *wire) {
			b.registered(w, 600)
			var s *Session
			var callID, local, remote string
			if outgoing {
				s, _, _ = b.established(w, "Allow: UPDATE")
			} else {
				s, _ = b.answered(w, "Allow: UPDATE")
			}
			b.do(func() { callID, local, remote = s.dialog.callID, s.dialog.localTag, s.dialog.remoteTag })
			w = b.remade(w)
			w.reply(w.expect("UPDATE"), 404)
			ours := w.expect("INVITE")
			theirs := &far{w: w, callID: "call-2@far", tag: "again", branch: 100, target: "sip:alice@example.com"}
			w.send(theirs.request("INVITE", farContact, offerSDP,
				"Replaces: "+callID+";to-tag="+local+";from-tag="+remote))
			w.expect("100 INVITE")
			if outgoing { // the caller's goes on
				w.send(theirs.ackOf(w.expect("491 INVITE")))
				w.agree(ours, answerSDP)
				b.until("taken up", func() bool { return s.dialog.callID == ours.CallID() })
				return
			}
			w.reply(ours, 100)
			var ok, cancel bool
			for !ok || !cancel {
				switch m := <-w.in; title(m) {
				case "200 INVITE":
					ok = true
					theirs.learn(m)
				case "CANCEL":
					cancel = true
					w.reply(m, 200)
				default:
					t.Fatalf("user agent sent %s", title(m))
				}
			}
			w.reply(ours, 200, "To-Tag: crosses", farContact, answerSDP)
			w.expect("ACK")
			w.reply(w.expect("BYE"), 200)
			b.do(func() {
				if s.State() != SessionEstablished || s.dialog.callID != theirs.callID {
					t.Errorf("state %v, in %s", s.State(), s.dialog.callID)
				}
			})
		})
	}
}

func TestCallThatTheFarEndHasLeftIsNotTakenUp(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		s, w := b.forgotten(w)
		w.reply(w.expect("INVITE"), 603)
		w.expect("ACK")
		b.ended(s, Remote, CauseBye)
		b.clean()
	})
}

func TestCallThatOnlyStrangersAnswerForIsGivenUp(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		s, w := b.forgotten(w)
		for range 3 {
			w.reply(w.expect("INVITE"), 481)
			w.expect("ACK")
		}
		b.media.last().path(false) // the right one is gone as well
		b.ended(s, Remote, CauseBye)
		b.clean()
	})
}

func TestCallOfAFarEndWithoutReplacesGoesOnAsLongAsItsMedia(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		s, w := b.forgotten(w)
		w.reply(w.expect("INVITE"), 420, "Unsupported: replaces")
		w.expect("ACK")
		w.quiet(4 * time.Minute)
		if got := b.media.last().history(); !strings.HasSuffix(got, "offer, rollback") {
			t.Errorf("media did %s", got)
		}
		b.do(func() {
			if s.State() != SessionEstablished {
				t.Errorf("state %v", s.State())
			}
			s.HangUp()
		})
		w.reply(w.expect("BYE"), 404)
		w.reply(w.expect("INVITE"), 420)
		w.expect("ACK")
		b.clean()
	})
}

func TestHangUpWhileTheCallIsTakenUp(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		s, w := b.forgotten(w)
		invite := w.expect("INVITE")
		b.do(s.HangUp)
		w.reply(w.expect("BYE"), 486)
		ok := w.reply(invite, 200, farContact, answerSDP)
		if ack := w.expect("ACK"); ack.CallID() != invite.CallID() {
			t.Errorf("ACK:\n%s", ack)
		}
		bye := w.expect("BYE")
		if bye.CallID() != invite.CallID() {
			t.Errorf("BYE:\n%s", bye)
		}
		w.send(ok)
		w.expect("ACK")
		w.reply(bye, 200)
		b.ended(s, Local, CauseBye)
		b.clean()
	})
}

// RFC 3261 section 15: who answers does not hang up before the ACK.
func TestHangUpRightAfterTheCallIsTakenUpWaitsForTheACK(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		s, f := b.answered(w, "Allow: UPDATE")
		w = b.remade(w)
		w.reply(w.expect("UPDATE"), 500)
		again := &far{w: w, callID: "call-2@far", tag: "again", branch: 100, target: "sip:alice@example.com"}
		w.send(again.request("INVITE", farContact, offerSDP,
			"Replaces: "+f.callID+";to-tag="+f.remoteTag+";from-tag="+f.tag))
		w.expect("100 INVITE")
		again.learn(w.expect("200 INVITE"))
		b.do(s.HangUp)
		w.quiet(100 * time.Millisecond)
		w.send(again.request("ACK"))
		if bye := w.expect("BYE"); bye.CallID() != again.callID {
			t.Errorf("BYE:\n%s", bye)
		}
		b.ended(s, Local, CauseBye)
	})
}

func TestHangUpOfACallWhoseFarEndCannotBeReached(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		s, f := b.answered(w, "Allow: UPDATE")
		w = b.remade(w)
		w.reply(w.expect("UPDATE"), 500)
		b.do(s.HangUp)
		w.reply(w.expect("BYE"), 500)
		w.reply(w.expect("INVITE"), 491) // it is trying the same
		w.expect("ACK")
		invite := w.expect("INVITE")
		if got, want := invite.Get("Replaces"), f.callID+";to-tag="+f.tag+";from-tag="+f.remoteTag; got != want ||
			len(invite.Body) == 0 {
			t.Errorf("Replaces %s, want %s", got, want)
		}
		w.agree(invite, answerSDP)
		bye := w.expect("BYE")
		if bye.CallID() != invite.CallID() {
			t.Errorf("BYE:\n%s", bye)
		}
		w.reply(bye, 200)
		b.ended(s, Local, CauseBye)
		b.clean()
	})
}

// Where our flow has not been made again, an INVITE with Replaces is a third party's or another device's.
func TestInviteWithReplacesWithoutAnOutageIsAnotherCall(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f := b.answered(w)
		other := &far{w: w, callID: "call-2@far", tag: "again", branch: 100, target: "sip:alice@example.com"}
		w.send(other.request("INVITE", farContact, offerSDP,
			"Replaces: "+f.callID+";to-tag="+f.remoteTag+";from-tag="+f.tag))
		w.expect("100 INVITE")
		w.expect("486 INVITE") // nobody asked for it
		b.do(func() {
			if s.State() != SessionEstablished || s.dialog.callID != f.callID {
				t.Error("call moved")
			}
		})
	})
}

// RFC 3323 and 3325: who does not want to be named says so in every INVITE that makes a dialog.
func TestAnonymousCallStaysAnonymousWhenItIsTakenUpAnew(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		s := b.call("bob", CallOptions{Anonymous: true})
		first := w.expect("INVITE")
		w.reply(first, 200, farContact, answerSDP, "Allow: INVITE, UPDATE")
		w.expect("ACK")
		b.reaches(s, SessionEstablished)
		w = b.remade(w)
		w.reply(w.expect("UPDATE"), 480)
		again := w.expect("INVITE")
		from, err := again.From()
		if err != nil || from.URI.Host != "anonymous.invalid" || again.Get("Privacy") != "id" ||
			again.Get("P-Preferred-Identity") != first.Get("P-Preferred-Identity") ||
			strings.Contains(again.Get("Contact"), "alice") {
			t.Errorf("INVITE:\n%s", again)
		}
	})
}
