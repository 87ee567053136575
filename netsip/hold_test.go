package netsip

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sip"
)

const (
	recvSDP     = "v=0\r\no=- 2 4 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=recvonly\r\n"
	inactiveSDP = "v=0\r\no=- 2 5 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=inactive\r\n"
)

// direction is what a description of the user agent says.
func direction(m *sip.Message) string {
	for _, name := range []string{"sendrecv", "sendonly", "recvonly", "inactive"} {
		if strings.Contains(string(m.Body), "a="+name+"\r\n") {
			return name
		}
	}
	return "none"
}

// holding requires what the session says of our hold.
func (b *bench) holding(s *Session, held, pending bool) {
	b.Helper()
	synctest.Wait()
	b.do(func() {
		if s.Held() != held || s.HoldPending() != pending {
			b.Errorf("held %v, pending %v; want %v, %v", s.Held(), s.HoldPending(), held, pending)
		}
	})
}

func TestHoldIsToldAndTakenBack(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.established(w)
		b.do(func() { s.SetHold(true) })
		b.holding(s, true, true)
		hold := w.expect("INVITE")
		if direction(hold) != "sendonly" || hold.ToTag() != "far" || hold.Get("Contact") == "" {
			t.Errorf("hold:\n%s", hold)
		}
		w.agree(hold, recvSDP)
		b.holding(s, true, false)
		if b.held(s) {
			t.Error("our hold taken for the far end's")
		}
		b.do(func() { s.SetHold(false) })
		resume := w.expect("INVITE")
		if direction(resume) != "sendrecv" {
			t.Errorf("resume:\n%s", resume)
		}
		w.agree(resume, answerSDP)
		b.holding(s, false, false)
		w.quiet(pingInterval)
	})
}

// JsSIP issue 977: a re-INVITE of the far end ended our hold without a word.
func TestHoldIsKeptInEveryLaterAnswerAndOffer(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f, hold := b.askingToHold(w)
		w.agree(hold, recvSDP)
		b.holding(s, true, false)

		f.invite(farContact, offerSDP)
		if m := w.expect("200 INVITE"); direction(m) != "sendonly" {
			t.Errorf("answer to a re-INVITE: %s", direction(m))
		}
		w.send(f.request("ACK"))
		w.send(f.request("UPDATE", farContact, offerSDP))
		if m := w.expect("200 UPDATE"); direction(m) != "sendonly" {
			t.Errorf("answer to an UPDATE: %s", direction(m))
		}
		f.invite(farContact)
		if m := w.expect("200 INVITE"); direction(m) != "sendonly" {
			t.Errorf("offer in a 200: %s", direction(m))
		}
		w.send(f.request("ACK", recvSDP))
		synctest.Wait()
		b.do(s.refresh)
		refresh := w.expect("INVITE")
		if direction(refresh) != "sendonly" {
			t.Errorf("refresh: %s", direction(refresh))
		}
		w.agree(refresh, recvSDP)
		b.holding(s, true, false)
	})
}

func TestHoldOfBothSides(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		f.invite(farContact, holdSDP)
		w.expect("200 INVITE")
		w.send(f.request("ACK"))
		synctest.Wait()
		b.do(func() { s.SetHold(true) })
		w.agree(w.expect("INVITE"), inactiveSDP)
		b.holding(s, true, false)
		if !b.held(s) {
			t.Error("the far end's hold is forgotten")
		}
		w.send(f.request("INVITE", farContact, recvSDP)) // it resumes, we do not
		w.expect("100 INVITE")
		w.expect("200 INVITE")
		w.send(f.request("ACK"))
		if b.held(s) {
			t.Error("the far end's resume is not seen")
		}
		b.holding(s, true, false)
	})
}

func TestHoldWaitsUntilSignallingIsFree(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		f.invite(farContact)
		w.expect("200 INVITE")
		b.do(func() { s.SetHold(true) })
		w.quiet(100 * time.Millisecond) // the 200 has our offer
		w.send(f.request("ACK", answerSDP))
		w.agree(w.expect("INVITE"), recvSDP)
		b.holding(s, true, false)
	})
}

func TestHoldIsTakenBackByItsOppositeWithoutAWord(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		f.invite(farContact)
		w.expect("200 INVITE")
		b.do(func() {
			s.SetHold(true)
			s.SetHold(false)
		})
		w.send(f.request("ACK", answerSDP))
		w.quiet(pingInterval)
		b.holding(s, false, false)
	})
}

func TestHoldAndResumeWhileTheHoldIsUnderWay(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, hold := b.askingToHold(w)
		b.do(func() { s.SetHold(false) })
		w.quiet(time.Second)
		w.agree(hold, recvSDP)
		resume := w.expect("INVITE")
		if direction(resume) != "sendrecv" {
			t.Errorf("resume:\n%s", resume)
		}
		w.agree(resume, answerSDP)
		b.holding(s, false, false)
	})
}

func TestHoldComesTrueInOurAnswer(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.delay = time.Second
		s, _, f := b.established(w)
		f.invite(farContact, offerSDP)
		b.do(func() { s.SetHold(true) })
		if m := w.expect("200 INVITE"); direction(m) != "sendonly" {
			t.Errorf("answer: %s", direction(m))
		}
		w.send(f.request("ACK"))
		w.quiet(pingInterval)
		b.holding(s, true, false)
	})
}

func TestHoldOfACallThatRingsIsToldWhenItIsAnswered(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		w.reply(invite, 180, farContact)
		b.do(func() { s.SetHold(true) })
		w.quiet(time.Second)
		w.agree(invite, answerSDP)
		hold := w.expect("INVITE")
		if direction(hold) != "sendonly" {
			t.Errorf("hold:\n%s", hold)
		}
	})
}

// RFC 6141 section 3.1: a refused offer changes nothing, and the call goes on.
func TestHoldThatIsRefusedIsToldAndTheCallGoesOn(t *testing.T) {
	for _, code := range []int{403, 404, 408, 480, 488, 500, 503, 603} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			s, _, hold := b.askingToHold(w)
			w.reply(hold, code)
			w.expect("ACK")
			b.holding(s, false, false)
			b.do(func() {
				var status *StatusError
				if !errors.As(s.HoldErr(), &status) || status.StatusCode != code {
					t.Errorf("%d: told %v", code, s.HoldErr())
				}
				if s.State() != SessionEstablished {
					t.Errorf("%d: state %v", code, s.State())
				}
			})
			w.quiet(pingInterval)
			if got := b.media.last().history(); got != "offer, set answer, offer, rollback" {
				t.Errorf("media did %s", got)
			}
			b.do(func() { s.SetHold(true) }) // and may be wished again
			w.agree(w.expect("INVITE"), recvSDP)
			b.holding(s, true, false)
		})
	}
}

func TestHoldThatNobodyAnswersIsTold(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, hold := b.askingToHold(w)
		w.reply(hold, 100)
		w.reply(w.expect("CANCEL"), 200)
		w.reply(hold, 487)
		w.expect("ACK")
		b.until("told", func() bool { return s.HoldErr() != nil })
		b.holding(s, false, false)
		b.do(func() { s.SetHold(true) })
		w.expect("INVITE")
		w.quiet(timeout + time.Second) // not even 100
		b.holding(s, false, false)
		b.do(func() {
			if s.State() != SessionEstablished {
				t.Errorf("state %v", s.State())
			}
		})
	})
}

func TestHoldAnsweredWithRubbishIsTold(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, hold := b.askingToHold(w)
		w.reply(hold, 200, farContact)
		w.expect("ACK")
		b.until("told", func() bool { return errors.Is(s.HoldErr(), ErrMissingSDP) })
		b.holding(s, false, false)
		w.quiet(pingInterval)
	})
}

func TestHoldOfBothAtOnceMeetsAndIsTriedAgain(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f, ours := b.askingToHold(w)
		f.invite(farContact, holdSDP)
		w.send(f.ackOf(w.expect("491 INVITE")))
		w.reply(ours, 491)
		w.expect("ACK")
		w.send(f.request("INVITE", farContact, holdSDP)) // the callee waits less long
		w.expect("100 INVITE")
		w.expect("200 INVITE") // says that we hold, too
		w.send(f.request("ACK"))
		w.quiet(5 * time.Second)
		b.holding(s, true, false)
		if !b.held(s) {
			t.Error("the far end's hold is not seen")
		}
	})
}

func TestHoldWithoutAFlowIsToldOverTheNextOne(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.established(w)
		w.close()
		synctest.Wait()
		b.do(func() { s.SetHold(true) })
		b.holding(s, true, true)
		w = b.next()
		hold := w.expect("INVITE") // and our new Contact with it
		if direction(hold) != "sendonly" {
			t.Errorf("hold:\n%s", hold)
		}
		w.agree(hold, recvSDP)
		b.holding(s, true, false)
		w.quiet(pingInterval)
	})
}

func TestHoldUnderWayWhenTheFlowIsLostIsToldAgain(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.askingToHold(w)
		w.close()
		w = b.next()
		w.expect("ACK") // of the 2xx that there may have been
		w.agree(w.expect("INVITE"), recvSDP)
		b.holding(s, true, false)
	})
}

func TestMediaIsMovedByAReinviteWithNewCredentials(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.established(w)
		b.do(s.RestartMedia)
		m := w.expect("INVITE")
		if !strings.Contains(string(m.Body), "a=ice-ufrag:2") {
			t.Errorf("offer:\n%s", m)
		}
		b.do(s.RestartMedia) // one at a time: the next one follows
		w.quiet(time.Second)
		w.agree(m, answerSDP)
		m = w.expect("INVITE")
		w.reply(m, 491)
		w.expect("ACK")
		m = w.expect("INVITE")
		if !strings.Contains(string(m.Body), "a=ice-ufrag:2") {
			t.Errorf("offer after glare:\n%s", m)
		}
		w.agree(m, answerSDP)
		w.quiet(pingInterval)
	})
}

func TestDeadPathIsMovedAfterThreeSecondsAndEndsTheCallAfterAMinute(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.established(w)
		media := b.media.last()
		media.path(false)
		start := time.Now()
		first := w.expect("INVITE")
		if d := time.Since(start); d != pathPatience {
			t.Errorf("moved after %v", d)
		}
		b.do(func() {
			if !s.Reconnecting() {
				t.Error("nobody is told")
			}
		})
		w.agree(first, answerSDP)
		media.path(true)
		w.quiet(2 * pathLife)
		b.do(func() {
			if s.Reconnecting() || s.State() != SessionEstablished {
				t.Error("still reconnecting")
			}
		})
		media.path(false)
		start = time.Now()
		for {
			m := <-w.in
			if m.Method == "INVITE" {
				w.reply(m, 200, farContact, answerSDP)
			}
			if m.Method == "BYE" {
				w.reply(m, 200)
				break
			}
		}
		if d := time.Since(start); d != pathLife {
			t.Errorf("ended after %v", d)
		}
		b.ended(s, System, CauseRTPTimeout)
		b.clean()
	})
}

// A far end that answers on a path and does not take it is asked anew at once, and less and less often where that does
// not help.
//
// Holds: late-answers
func TestUntakenPathIsRestartedAtOnceAndThenLessOften(t *testing.T) {
	for _, c := range []struct {
		name  string
		every time.Duration // that it is told
		want  []time.Duration
	}{
		{"told once", time.Hour, []time.Duration{0}},
		{"told again and again", 200 * time.Millisecond, []time.Duration{0, 4, 12, 28, 60}},
		{"told each second", time.Second, []time.Duration{0, 4, 12, 28, 60}},
		{"told now and then", 5 * time.Second, []time.Duration{0, 5, 15, 35}},
		{"told seldom", 12 * time.Second, []time.Duration{0, 12, 24, 48}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				b.established(w)
				media, start := b.media.last(), time.Now()
				done := make(chan struct{})
				defer close(done)
				go func() {
					for {
						media.untaken()
						select {
						case <-time.After(c.every):
						case <-done:
							return
						}
					}
				}()
				for _, want := range c.want {
					invite := w.expect("INVITE")
					if at := time.Since(start); at != want*time.Second {
						t.Errorf("asked after %v, want %v", at, want*time.Second)
					}
					w.agree(invite, answerSDP)
				}
				if len(c.want) == pathUntakes {
					w.quiet(5 * time.Minute)
				}
			})
		})
	}
}

// Sound before the answer may stop for good: the minute begins again with the call.
func TestDeadPathOfACallThatRangLongEndsIt(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		w.reply(invite, 183, farContact, answerSDP)
		b.until("early media", func() bool { return s.state == SessionEarlyMedia })
		b.media.last().path(false)
		w.quiet(pathLife + time.Second)
		w.agree(invite, answerSDP)
		for start := time.Now(); ; {
			m := <-w.in
			if m.Method == "INVITE" {
				w.reply(m, 200, farContact, answerSDP)
			}
			if m.Method == "BYE" {
				w.reply(m, 200)
				break
			}
			if time.Since(start) > 2*pathLife {
				t.Fatal("never hung up")
			}
		}
		b.ended(s, System, CauseRTPTimeout)
	})
}
