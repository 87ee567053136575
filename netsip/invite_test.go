package netsip

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sip"
)

func TestCallOutAndHangUp(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		if got := invite.RequestURI.String(); got != "sip:bob@example.com" {
			t.Errorf("Request-URI %s", got)
		}
		if !strings.Contains(invite.Get("Contact"), ";ob>") {
			t.Errorf("Contact %s", invite.Get("Contact"))
		}
		w.reply(invite, 100)
		w.reply(invite, 180, farContact)
		b.reaches(s, SessionRinging)
		ok := w.reply(invite, 200, "Contact: <sip:moved@192.0.2.7>", "Record-Route: <sip:p2;lr>, <sip:p1;lr>",
			answerSDP)
		ack := w.expect("ACK")
		if ack.RequestURI.String() != "sip:moved@192.0.2.7" { // the 180's Contact is not the 200's
			t.Errorf("ACK to %s", ack.RequestURI.String())
		}
		if got := strings.Join(ack.Lines("Route"), " "); got != "<sip:p1;lr> <sip:p2;lr>" {
			t.Errorf("routes %s", got)
		}
		b.reaches(s, SessionEstablished)
		w.send(ok) // its ACK was lost
		if again := w.expect("ACK"); again.String() != ack.String() {
			t.Error("the second ACK is another")
		}
		b.do(s.HangUp)
		bye := w.expect("BYE")
		was, _ := invite.CSeq()
		if is, _ := bye.CSeq(); is.Seq != was.Seq+1 || bye.ToTag() != "far" || bye.FromTag() != invite.FromTag() {
			t.Errorf("BYE:\n%s", bye)
		}
		w.reply(bye, 200)
		b.ended(s, Local, CauseBye)
		if got := b.media.last().history(); got != "offer, set answer, close" {
			t.Errorf("media did %s", got)
		}
		var times Times
		b.do(func() { times = s.Times() })
		if times.InviteSent.IsZero() || times.FirstProvisional.IsZero() || times.Ringing.IsZero() ||
			times.Answered.IsZero() ||
			times.Confirmed.IsZero() || times.Ended.IsZero() {
			t.Errorf("times %+v", times)
		}
		b.clean()
	})
}

// clean waits until nothing of a call is left in the user agent.
func (b *bench) clean() {
	b.Helper()
	time.Sleep(2 * timeout)
	synctest.Wait()
	b.do(func() {
		ua := b.ua
		if len(ua.transactions.client)+len(ua.transactions.server)+len(ua.transactions.unsent) != 0 ||
			len(ua.calls.sessions)+len(ua.calls.dialogs) != 0 {
			b.Errorf("left: %d client and %d server transactions, %d sessions, %d dialogs, %d BYEs",
				len(ua.transactions.client), len(ua.transactions.server), len(ua.calls.sessions), len(ua.calls.dialogs),
				len(ua.transactions.unsent))
			for key, tx := range ua.transactions.client {
				b.Errorf("client transaction %s in state %v, age %v", key, tx.state, time.Since(tx.sentAt))
			}
			for _, tx := range ua.transactions.server {
				b.Errorf("server transaction in state %v of\n%s", tx.state, tx.req)
			}
		}
	})
}

func TestCallOutRefusals(t *testing.T) {
	for code, cause := range map[int]string{
		302: CauseRedirected, 404: CauseNotFound, 408: CauseUnavailable, 480: CauseUnavailable, 484: CauseIncomplete,
		486: CauseBusy,
		488: CauseIncompatible, 500: CauseStatus, 600: CauseBusy, 603: CauseRejected,
	} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			s, invite := b.calling(w)
			w.reply(invite, code, "Retry-After: 5", `Warning: 399 h "words"`)
			ack := w.expect("ACK")
			if ack.Get("Via") != invite.Get("Via") || ack.Get("Max-Forwards") == "" || ack.ToTag() != "far" {
				t.Errorf("ACK:\n%s", ack)
			}
			end := b.ended(s, Remote, cause)
			var status *StatusError
			if end.StatusCode != code || !errors.As(end.Err, &status) || status.RetryAfter != 5*time.Second ||
				status.Warning != "words" {
				t.Errorf("end %+v", end)
			}
			w.quiet(time.Minute)
			b.clean()
		})
	}
}

func TestCallOutTimesOutWithoutAnyResponse(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s := b.call("bob", CallOptions{})
		w.expect("INVITE")
		start := time.Now()
		end := b.ended(s, System, CauseTimeout)
		var late *TimeoutError
		if !errors.As(end.Err, &late) || end.At.Sub(start).Round(time.Second) != timeout {
			t.Errorf("end %+v", end)
		}
	})
}

func TestCallOutRingsWithoutLimit(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		w.reply(invite, 180, farContact)
		w.quiet(10 * time.Minute)
		w.agree(invite, answerSDP)
		b.reaches(s, SessionEstablished)
	})
}

func TestCancelIsHeldUntilAProvisionalResponse(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		b.do(s.HangUp)
		b.ended(s, Local, CauseCanceled)
		w.quiet(time.Second)
		w.reply(invite, 100)
		cancel := w.expect("CANCEL")
		if cancel.Get("Via") != invite.Get("Via") || cancel.Get("To") != invite.Get("To") ||
			cancel.RequestURI.String() != invite.RequestURI.String() ||
			cancel.Get("Max-Forwards") == "" {
			t.Errorf("CANCEL:\n%s", cancel)
		}
		w.reply(cancel, 200)
		w.reply(invite, 487)
		w.expect("ACK")
		w.quiet(time.Minute)
		b.clean()
	})
}

func TestHangUpBeforeTheInviteSendsNothing(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.delay = 300 * time.Millisecond // gathering
		s := b.call("bob", CallOptions{})
		b.do(s.HangUp)
		b.ended(s, Local, CauseCanceled)
		w.quiet(time.Minute)
		b.clean()
	})
}

func TestInvite200CrossesCancel(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		w.reply(invite, 180, farContact)
		b.reaches(s, SessionRinging)
		b.do(s.HangUp)
		cancel := w.expect("CANCEL")
		ok := w.reply(invite, 200, farContact, answerSDP)
		w.expect("ACK")
		bye := w.expect("BYE")
		w.reply(cancel, 200)
		w.reply(bye, 200)
		w.send(ok)
		w.expect("ACK")
		w.quiet(time.Minute)
		b.ended(s, Local, CauseCanceled)
		b.clean()
	})
}

func TestHangUpThen200WithoutProvisional(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		b.do(s.HangUp)
		w.agree(invite, answerSDP)
		w.reply(w.expect("BYE"), 200)
		b.clean()
	})
}

func TestCanceledInviteIsNotAuthenticatedAgain(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		b.do(s.HangUp)
		w.reply(invite, 407, `Proxy-Authenticate: Digest realm="p", nonce="1"`)
		w.expect("ACK")
		w.quiet(time.Minute)
		b.clean()
	})
}

func TestCancelWithoutAnyFinalResponseIsForgotten(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s := b.call("bob", CallOptions{})
		w.reply(w.expect("INVITE"), 180, farContact)
		b.reaches(s, SessionRinging)
		b.do(s.HangUp)
		w.reply(w.expect("CANCEL"), 200)
		b.clean()
	})
}

func TestForkedEarlyMediaIsAppliedOnce(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		w.reply(invite, 183, "To-Tag: one", farContact, answerSDP)
		b.until("early media", func() bool { return s.state == SessionEarlyMedia })
		w.reply(invite, 183, "To-Tag: two", farContact, answerSDP)
		w.reply(invite, 183, "To-Tag: one", farContact, answerSDP)
		w.reply(invite, 180, "To-Tag: three", farContact)
		w.reply(invite, 200, "To-Tag: one", farContact) // its description came with the 183
		w.expect("ACK")
		b.reaches(s, SessionEstablished)
		if got := b.media.last().history(); got != "offer, set answer" {
			t.Errorf("media did %s", got)
		}
		b.do(func() {
			if len(b.ua.calls.dialogs) != 1 {
				t.Errorf("%d dialogs", len(b.ua.calls.dialogs))
			}
		})
	})
}

func TestForked200OfAnotherForkIsHungUp(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		w.reply(invite, 180, "To-Tag: one", farContact)
		w.reply(invite, 180, "To-Tag: two", farContact)
		w.reply(invite, 200, "To-Tag: one", farContact, answerSDP)
		w.expect("ACK")
		second := w.reply(invite, 200, "To-Tag: two", "Contact: <sip:two@192.0.2.2>", answerSDP)
		ack, bye := w.expect("ACK"), w.expect("BYE")
		for _, m := range []*sip.Message{ack, bye} {
			if m.ToTag() != "two" || m.RequestURI.String() != "sip:two@192.0.2.2" {
				t.Errorf("%s goes to the wrong fork:\n%s", m.Method, m)
			}
		}
		w.send(second)
		if again := w.expect("ACK"); again.ToTag() != "two" {
			t.Error("ACK to the wrong fork")
		}
		w.reply(bye, 200)
		w.quiet(time.Second)
		b.do(func() {
			if s.state != SessionEstablished || s.dialog.remoteTag != "one" {
				t.Errorf("the good call is %v", s.state)
			}
		})
	})
}

func TestInvite2xxWithoutADescription(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s := b.call("bob", CallOptions{})
		w.reply(w.expect("INVITE"), 200, farContact)
		w.expect("ACK")
		bye := w.expect("BYE")
		if got := bye.Get("Reason"); got != `SIP ;cause=400; text="Missing SDP"` {
			t.Errorf("Reason %s", got)
		}
		w.reply(bye, 200)
		b.ended(s, Remote, CauseBadDescription)
		b.clean()
	})
}

func TestInvite2xxWithAnAnswerThatIsRefused(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.setAnswerErr = &MediaError{StatusCode: 488, Reason: "no DTLS"}
		s := b.call("bob", CallOptions{})
		w.agree(w.expect("INVITE"), answerSDP)
		bye := w.expect("BYE")
		if got := bye.Get("Reason"); got != `SIP ;cause=488; text="Not Acceptable Here"` {
			t.Errorf("Reason %s", got)
		}
		w.reply(bye, 200)
		end := b.ended(s, Local, CauseBadDescription)
		var refusal *MediaError
		if !errors.As(end.Err, &refusal) {
			t.Errorf("error %v", end.Err)
		}
		b.clean()
	})
}

func TestInvite2xxWithoutContactIsEnded(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s := b.call("bob", CallOptions{})
		w.reply(w.expect("INVITE"), 200, answerSDP)
		w.expect("ACK")
		w.reply(w.expect("BYE"), 200)
		b.ended(s, Remote, CauseInternal)
		b.clean()
	})
}

func TestOfferFailureEndsTheCall(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.offerErr = errors.New("no sockets")
		s := b.call("bob", CallOptions{})
		b.ended(s, Local, CauseMedia)
		w.quiet(time.Second)
		b.clean()
	})
}

func TestHangUpWhileTheAnswerIsApplied(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.delay = time.Second
		s := b.call("bob", CallOptions{})
		w.agree(w.expect("INVITE"), answerSDP)
		b.do(s.HangUp)
		w.reply(w.expect("BYE"), 200)
		b.ended(s, Local, CauseBye)
		b.clean()
	})
}

func TestByeOfTheFarEndWhileTheAnswerIsApplied(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.delay = time.Second
		s, invite := b.calling(w)
		resp := w.reply(invite, 200, farContact, answerSDP)
		w.expect("ACK")
		w.send(w.callee(invite, resp).request("BYE", `Reason: Q.850;cause=16, SIP;cause=480;text="gone"`))
		w.expect("200 BYE")
		if end := b.ended(s, Remote, CauseBye); end.StatusCode != 480 || end.Reason != "gone" {
			t.Errorf("end %+v", end)
		}
		b.clean()
	})
}

func TestAnonymousCallStaysAnonymous(t *testing.T) {
	c := testConfig()
	c.DisplayName = "Alice"
	ladder(t, c, func(b *bench, w *wire) {
		s := b.call("bob", CallOptions{Anonymous: true, ExtraHeaders: []sip.Header{{Name: "X-Test", Value: "1"}}})
		invite := w.expect("INVITE")
		if !strings.HasPrefix(invite.Get("From"), `"Anonymous" <sip:anonymous@anonymous.invalid>;tag=`) ||
			invite.Get("Privacy") != "id" || invite.Get("P-Preferred-Identity") != "sip:alice@example.com" ||
			invite.Get("Contact") != "<sip:anonymous@anonymous.invalid;transport=ws;ob>" ||
			invite.Get("X-Test") != "1" {
			t.Errorf("INVITE:\n%s", invite)
		}
		w.reply(invite, 200, farContact, answerSDP)
		ack := w.expect("ACK")
		b.reaches(s, SessionEstablished)
		b.do(s.HangUp)
		bye := w.expect("BYE")
		for _, m := range []*sip.Message{ack, bye} {
			if m.Get("From") != invite.Get("From") || strings.Contains(m.String(), "alice") ||
				strings.Contains(m.String(), "Alice") {
				t.Errorf("leaks who calls:\n%s", m)
			}
		}
		w.reply(bye, 200)
	})
}

func TestInviteOffersTheSessionTimerAndFollows422(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, invite := b.calling(w)
		if invite.Get("Session-Expires") != "1800" {
			t.Errorf("Session-Expires %s", invite.Get("Session-Expires"))
		}
		w.reply(invite, 422, "Min-SE: 3600")
		w.expect("ACK")
		again := w.expect("INVITE")
		if again.Get("Session-Expires") != "3600" || again.Get("Min-SE") != "3600" ||
			again.CallID() != invite.CallID() {
			t.Errorf("again:\n%s", again)
		}
		w.agree(again, answerSDP)
	})
}

// Header injection: every text that goes into a message is refused with CR, LF or NUL, and cannot replace
// a header field of ours.
func TestInjectionIsRefused(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		for _, h := range []sip.Header{
			{Name: "X-A", Value: "a\r\nRoute: <sip:evil>"},
			{Name: "X-A", Value: "a\nb"},
			{Name: "X-A", Value: "a\x00"},
			{Name: "X-A: b\r\nY", Value: "c"},
			{Name: "", Value: "x"},
			{Name: "X A", Value: "x"},
			{Name: "Route", Value: "<sip:evil>"},
			{Name: "contact", Value: "<sip:evil>"},
			{Name: "v", Value: "x"},
			{Name: "Content-length", Value: "7"},
		} {
			b.do(func() {
				if _, err := callText(b.ua, "bob", CallOptions{ExtraHeaders: []sip.Header{h}}); err == nil {
					t.Errorf("took %q", h)
				}
			})
		}
		for _, target := range []string{
			"bob\r\nRoute: <sip:evil>", "", "bob@\n", "\x00",
			"sip:bob@example.com?Route=%3Csip:evil%3E&Subject=x",
		} {
			b.do(func() {
				if _, err := callText(b.ua, target, CallOptions{}); err == nil {
					t.Errorf("took %q", target)
				}
			})
		}
		w.quiet(time.Second)
	})
}

func TestCallWithoutAFlowOrAfterStop(t *testing.T) {
	inBench(t, testConfig(), func(b *bench) {
		b.setRefuse(func(string) error { return errors.New("refused") })
		b.start()
		synctest.Wait()
		b.do(func() {
			if _, err := callText(b.ua, "bob", CallOptions{}); !errors.Is(err, ErrNotConnected) {
				t.Errorf("error %v", err)
			}
			b.ua.Stop(nil)
			if _, err := callText(b.ua, "bob", CallOptions{}); !errors.Is(err, ErrStopped) {
				t.Errorf("error %v", err)
			}
		})
	})
}

func TestLargeMessageThatKillsTheFlowIsNotSentAgain(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s := b.call("bob", CallOptions{ExtraHeaders: []sip.Header{{
			Name:  "X-Large",
			Value: strings.Repeat("x", largeMessage),
		}}})
		w.expect("INVITE")
		w.close()
		end := b.ended(s, System, CauseConnection)
		if !errors.Is(end.Err, ErrMessageTooLarge) {
			t.Errorf("error %v", end.Err)
		}
		b.next().quiet(time.Minute)
	})
}

func TestManyForksAreBounded(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		for i := range 200 {
			w.reply(invite, 180, fmt.Sprintf("To-Tag: t%d", i), farContact)
		}
		b.reaches(s, SessionRinging)
		b.do(func() {
			if len(s.out.invite.early) > maxForks || len(b.ua.calls.dialogs) > maxForks {
				t.Errorf("%d early dialogs", len(s.out.invite.early))
			}
		})
		b.do(s.HangUp)
		w.expect("CANCEL")
	})
}

// A far end must not keep us calling by asking for a little more each time.
func TestInviteFollows422OnlySoOften(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s := b.call("bob", CallOptions{})
		for n := 0; ; n++ {
			m := <-w.in
			if m.Method == "INVITE" {
				w.reply(m, 422, "Min-SE: "+itoa(2000+n))
				w.expect("ACK")
			}
			synctest.Wait()
			over := false
			b.do(func() { over = s.state == SessionEnded })
			if over {
				break
			}
			if n > maxTries {
				t.Fatal("no end")
			}
		}
	})
}
