package netsip

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func (b *bench) held(s *Session) bool {
	var held bool
	b.do(func() { held = s.RemoteHeld() })
	return held
}

func TestReinviteHoldsAndResumes(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		f.invite("Contact: <sip:new@192.0.2.3>", holdSDP)
		ok := w.expect("200 INVITE")
		if len(ok.Body) == 0 || ok.Get("Contact") == "" {
			t.Errorf("200:\n%s", ok)
		}
		w.send(f.request("ACK"))
		if !b.held(s) {
			t.Error("hold not seen")
		}
		w.quiet(pingInterval)
		w.send(f.request("UPDATE", "Contact: <sip:newer@192.0.2.3>", offerSDP))
		w.expect("200 UPDATE")
		if b.held(s) {
			t.Error("resume not seen")
		}
		b.do(s.HangUp)
		if bye := w.expect("BYE"); bye.RequestURI.String() != "sip:newer@192.0.2.3" {
			t.Errorf("BYE to %s", bye.RequestURI.String())
		}
	})
}

func TestReinviteWithoutAnOffer(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		f.invite(farContact)
		if ok := w.expect("200 INVITE"); len(ok.Body) == 0 {
			t.Error("200 without an offer")
		}
		w.send(f.request("UPDATE", farContact, offerSDP)) // before the answer
		f.seq--
		w.expect("491 UPDATE")
		w.send(f.request("ACK", answerSDP))
		w.quiet(pingInterval)
		if got := b.media.last().history(); got != "offer, set answer, offer, set answer" {
			t.Errorf("media did %s", got)
		}
		b.do(func() {
			if s.state != SessionEstablished || s.negotiation.state != negotiationAgreed {
				t.Errorf("state %v, %v", s.state, s.negotiation.state)
			}
		})
	})
}

func TestReinviteRefusedLeavesTheCallAsItWas(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		media := b.media.last()
		b.do(func() { media.setOfferErr = &MediaError{StatusCode: 488, Reason: "no codec"} })
		f.invite("Contact: <sip:evil@192.0.2.3>", holdSDP)
		refusal := w.expect("488 INVITE")
		w.send(f.ackOf(refusal))
		text := f.request("INVITE", farContact, offerSDP)
		text.Set("Content-Type", "text/plain")
		w.send(text)
		w.expect("100 INVITE")
		w.send(f.ackOf(w.expect("415 INVITE")))
		if b.held(s) {
			t.Error("held by a refused offer")
		}
		b.do(s.HangUp)
		if bye := w.expect("BYE"); bye.RequestURI.String() != "sip:bob@192.0.2.1;transport=ws" {
			t.Errorf("BYE to %s", bye.RequestURI.String())
		}
	})
}

func TestReinviteWhileOneIsAnsweredIs500(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.delay = time.Second
		_, _, f := b.established(w)
		f.invite(farContact, offerSDP)
		f.invite(farContact, offerSDP)
		refusal := w.expect("500 INVITE")
		if n, ok, err := refusal.Uint("Retry-After"); !ok || err != nil || n < 1 || n > 10 {
			t.Errorf("Retry-After %s", refusal.Get("Retry-After"))
		}
		w.expect("200 INVITE")
	})
}

func TestReinviteCanceled(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.delay = time.Second
		s, _, f := b.established(w)
		f.invite(farContact, holdSDP)
		w.send(f.request("CANCEL"))
		w.expect("200 CANCEL")
		w.send(f.ackOf(w.expect("487 INVITE")))
		w.quiet(pingInterval)
		b.do(func() {
			if s.state != SessionEstablished || s.RemoteHeld() {
				t.Errorf("state %v held %v", s.state, s.RemoteHeld())
			}
		})
	})
}

func TestByeWhileAReinviteIsAnswered(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.delay = time.Second
		s, _, f := b.established(w)
		f.invite(farContact, offerSDP)
		f.hangUp()
		w.expect("487 INVITE")
		b.ended(s, Remote, CauseBye)
		b.clean()
	})
}

func TestReinviteWithoutACKIsHungUp(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		f.invite(farContact, offerSDP)
		for {
			m := <-w.in
			if m.Method == "BYE" {
				w.reply(m, 200)
				break
			}
		}
		b.ended(s, Remote, CauseNoACK)
		b.clean()
	})
}

func TestUpdateWithoutADescriptionRefreshes(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, _, f := b.established(w)
		w.send(f.request("UPDATE", "Contact: <sip:new@192.0.2.3>"))
		if ok := w.expect("200 UPDATE"); ok.Get("Contact") == "" || len(ok.Body) != 0 {
			t.Errorf("200:\n%s", ok)
		}
		w.send(f.request("UPDATE", "Contact: <sip:newer@192.0.2.3>", "CSeq: 1 UPDATE"))
		w.expect("500 UPDATE")
	})
}

func TestGlareIsRetriedByTheRules(t *testing.T) {
	for _, outgoing := range []bool{true, false} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			var s *Session
			if outgoing {
				s, _, _ = b.established(w)
			} else {
				s, _ = b.answered(w)
			}
			b.do(s.refresh) // no UPDATE in the far end's Allow: re-INVITE
			first := w.expect("INVITE")
			w.reply(first, 491)
			w.expect("ACK")
			start := time.Now()
			again := w.expect("INVITE")
			d := time.Since(start)
			if outgoing && (d < 2100*time.Millisecond || d > 4*time.Second) || !outgoing && d > 2*time.Second {
				t.Errorf("outgoing %v: again after %v", outgoing, d)
			}
			was, _ := first.CSeq()
			if is, _ := again.CSeq(); is.Seq != was.Seq+1 {
				t.Errorf("CSeq %v after %v", is, was)
			}
			w.reply(again, 200, "Contact: <sip:moved@192.0.2.8>", answerSDP)
			if ack := w.expect("ACK"); ack.Get("CSeq") != strings.Replace(again.Get("CSeq"), "INVITE", "ACK", 1) {
				t.Errorf("ACK %s", ack.Get("CSeq"))
			}
			b.until("refreshed", func() bool { return s.dialog.target.User == "moved" })
		})
	}
}

func TestGlareOfBothSidesIs491(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		b.do(s.refresh)
		ours := w.expect("INVITE")
		f.invite(farContact, holdSDP)
		w.send(f.ackOf(w.expect("491 INVITE")))
		w.reply(ours, 491)
		w.expect("ACK")
		w.agree(w.expect("INVITE"), answerSDP)
		f.invite(farContact, holdSDP)
		w.expect("200 INVITE")
		w.send(f.request("ACK"))
		if !b.held(s) {
			t.Error("not held")
		}
	})
}

// The Contact that the far end knows leads to the socket that is gone.
func TestTargetRefreshOfEveryCallAfterTheFlowIsRemade(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		first, _, _ := b.established(w, "Allow: INVITE, UPDATE")
		second, f := b.answered(w)
		w.close()
		w = b.next()
		w.register(w.expect("REGISTER"), 600)
		update := w.expect("UPDATE")
		if update.Get("Contact") == "" || len(update.Body) != 0 {
			t.Errorf("UPDATE:\n%s", update)
		}
		w.reply(update, 200, farContact)
		invite := w.expect("INVITE")
		w.agree(invite, answerSDP)
		f.w = w
		f.hangUp()
		b.ended(second, Remote, CauseBye)
		b.do(func() {
			if first.state != SessionEstablished {
				t.Errorf("state %v", first.state)
			}
		})
	})
}

func TestRefreshFallsBackToReinvite(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.established(w, "Allow: INVITE, UPDATE")
		b.do(s.refresh)
		w.reply(w.expect("UPDATE"), 405, "Allow: INVITE")
		w.agree(w.expect("INVITE"), answerSDP)
	})
}

func TestRefreshTriesAgainAndOnly481EndsTheCall(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.established(w, "Allow: INVITE, UPDATE")
		b.do(s.refresh)
		for _, code := range []int{408, 500, 503} {
			w.reply(w.expect("UPDATE"), code)
		}
		w.reply(w.expect("UPDATE"), 481)
		w.reply(w.expect("BYE"), 481)
		b.ended(s, Remote, CauseDialog)
		b.clean()
	})
}

func TestInfoIsAnsweredAndTold(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		var got string
		b.do(func() { s.OnInfo(func(contentType string, body []byte) { got += contentType + "|" + string(body) }) })
		m := f.request("INFO", "Content-Type: application/dtmf-relay")
		m.Body = []byte("Signal=5\r\nDuration=100")
		w.send(m)
		w.expect("200 INFO")
		w.send(m) // its CSeq is used up: not a second digit
		w.expect("500 INFO")
		b.do(func() {
			if got != "application/dtmf-relay|Signal=5\r\nDuration=100" {
				t.Errorf("told %q", got)
			}
			s.SendInfo("application/dtmf-relay", []byte("Signal=1\r\nDuration=160"))
			s.SendInfo("a\r\nX: y", nil)
		})
		info := w.expect("INFO")
		if info.Get("Content-Type") != "application/dtmf-relay" || string(info.Body) != "Signal=1\r\nDuration=160" {
			t.Errorf("INFO:\n%s", info)
		}
		w.reply(info, 481)
		w.reply(w.expect("BYE"), 481)
		b.ended(s, Remote, CauseDialog)
	})
}

func TestSessionTimerRefreshedByUs(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.established(w, "Allow: UPDATE", "Session-Expires: 200;refresher=uac")
		start := time.Now()
		for range 3 {
			update := w.expect("UPDATE")
			if d := time.Since(start); d != 100*time.Second || update.Get("Session-Expires") != "200;refresher=uac" {
				t.Errorf("after %v: %s", d, update.Get("Session-Expires"))
			}
			start = time.Now()
			w.reply(update, 200, "Session-Expires: 200;refresher=uac")
		}
		b.do(s.HangUp)
	})
}

func TestSessionTimerRefreshUnansweredEndsTheCall(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.established(w, "Allow: UPDATE", "Session-Expires: 200")
		start := time.Now()
		for {
			if m := <-w.in; m.Method == "BYE" {
				if d := time.Since(start); d != 132*time.Second ||
					m.Get("Reason") != `SIP ;cause=408; text="Session Timer Expired"` {
					t.Errorf("BYE after %v: %s", d, m.Get("Reason"))
				}
				break
			}
		}
		b.ended(s, System, CauseSessionTimer)
	})
}

func TestSessionTimerRefreshedByTheFarEnd(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f := b.ringing(w, "Supported: timer", "Session-Expires: 90")
		b.do(s.Answer)
		ok := w.expect("200 INVITE")
		if ok.Get("Session-Expires") != "90;refresher=uac" || ok.Get("Require") != "timer" {
			t.Errorf("200:\n%s", ok)
		}
		f.learn(ok)
		w.send(f.request("ACK"))
		for range 3 {
			w.quiet(45 * time.Second)
			w.send(f.request("UPDATE", farContact, "Supported: timer", "Session-Expires: 90;refresher=uac"))
			if ok := w.expect("200 UPDATE"); ok.Get("Session-Expires") != "90;refresher=uac" {
				t.Errorf("200:\n%s", ok)
			}
		}
		start := time.Now()
		bye := w.expect("BYE")
		if d := time.Since(start); d != 60*time.Second {
			t.Errorf("BYE after %v", d)
		}
		w.reply(bye, 200)
		b.ended(s, System, CauseSessionTimer)
		b.clean()
	})
}

func TestSessionTimerTooSmallIs422(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		w.send(w.caller().request("INVITE", farContact, offerSDP, "Supported: timer", "Session-Expires: 60"))
		w.expect("100 INVITE")
		if m := w.expect("422 INVITE"); m.Get("Min-SE") != "90" {
			t.Errorf("Min-SE %s", m.Get("Min-SE"))
		}
	})
}

func TestSessionTimerForACallerWithoutIt(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f := b.ringing(w, "Session-Expires: 300", "Allow: UPDATE")
		b.do(s.Answer)
		ok := w.expect("200 INVITE")
		if ok.Get("Session-Expires") != "300;refresher=uas" || ok.Has("Require") {
			t.Errorf("200:\n%s", ok)
		}
		f.learn(ok)
		w.send(f.request("ACK"))
		if m := w.expect("UPDATE"); m.Get("Session-Expires") != "300;refresher=uac" {
			t.Errorf("Session-Expires %s", m.Get("Session-Expires"))
		}
	})
}

// A BYE that finds no flow is sent over the next one.
func TestByeIsSentAfterTheFlowIsRemade(t *testing.T) {
	ladder(t, registering(), func(b *bench, w *wire) {
		b.registered(w, 600)
		one, _, _ := b.established(w)
		two, _, _ := b.established(w)
		b.do(one.HangUp)
		w.expect("BYE") // swallowed
		w.close()
		synctest.Wait()
		b.do(two.HangUp)
		b.ended(two, Local, CauseBye)
		w = b.next()
		w.register(w.expect("REGISTER"), 600)
		for range 2 {
			w.reply(w.expect("BYE"), 200)
		}
		b.clean()
	})
}

func TestByeCrossesBye(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		b.do(s.HangUp)
		bye := w.expect("BYE")
		f.hangUp()
		w.reply(bye, 200)
		b.clean()
		w.send(f.request("BYE"))
		w.expect("481 BYE")
	})
}

func TestMediaFailureOfARefreshLeavesTheCall(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.established(w)
		media := b.media.last()
		b.do(func() { media.offerErr = errors.New("no sockets"); s.refresh() })
		w.quiet(pingInterval)
		b.do(func() {
			if s.state != SessionEstablished || s.negotiation.state != negotiationAgreed {
				t.Errorf("state %v, %v", s.state, s.negotiation.state)
			}
		})
	})
}

func TestRefreshThatNobodyAnswersIsCanceled(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		b.do(s.refresh)
		invite := w.expect("INVITE")
		w.reply(invite, 100)
		start := time.Now()
		cancel := w.expect("CANCEL")
		if d := time.Since(start); d != timeout {
			t.Errorf("canceled after %v", d)
		}
		w.reply(cancel, 200)
		w.reply(invite, 487)
		w.expect("ACK")
		again := w.expect("INVITE")
		w.reply(again, 100)
		f.hangUp()
		w.expect("CANCEL")
		b.clean()
	})
}

// The media is busy with a step of the re-INVITE that was canceled: what we want waits until that is taken back.
func TestHoldAfterAReinviteWasCanceled(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.delay = time.Second
		s, _, f := b.established(w)
		f.invite(farContact)
		b.do(func() { s.SetHold(true) })
		w.send(f.request("CANCEL"))
		w.expect("200 CANCEL")
		w.send(f.ackOf(w.expect("487 INVITE")))
		w.agree(w.expect("INVITE"), recvSDP)
		b.until("hold", func() bool { return !s.HoldPending() })
		if got := b.media.last().history(); got != "offer, set answer, offer, rollback, offer, set answer" {
			t.Errorf("media did %s", got)
		}
	})
}
