package netsip

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/config"
)

// reliably is testConfig with a reliable_provisional.
func reliably(mode string) config.Config {
	c := testConfig()
	c.Calla.ReliableProvisional = mode
	return c
}

func TestReliableProvisionalsOfTheCalleeAreAcknowledgedInOrder(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		if !listed(invite.Values("Supported"), "100rel") || !listed(invite.Values("Allow"), "PRACK") ||
			invite.Has("Require") {
			t.Errorf("INVITE:\n%s", invite)
		}
		seq := strings.Fields(invite.Get("CSeq"))[0]
		first := []string{farContact, "Require: 100rel", "RSeq: 900"}
		w.reply(invite, 180, first...)
		prack := w.expect("PRACK")
		if prack.Get("RAck") != "900 "+seq+" INVITE" || prack.ToTag() != "far" ||
			prack.RequestURI.String() != "sip:bob@192.0.2.1;transport=ws" {
			t.Errorf("PRACK:\n%s", prack)
		}
		w.reply(invite, 180, first...) // its PRACK is under way
		w.quiet(100 * time.Millisecond)
		w.reply(prack, 200)
		w.reply(invite, 183, farContact, "Require: 100rel", "RSeq: 902", answerSDP) // one is missing
		w.quiet(100 * time.Millisecond)
		b.do(func() {
			if s.state != SessionRinging {
				t.Errorf("state %v: took a response after a gap", s.state)
			}
		})
		w.reply(invite, 183, farContact, "Require: 100rel", "RSeq: 901", answerSDP)
		w.reply(w.expect("PRACK"), 200)
		b.until("early media", func() bool { return s.state == SessionEarlyMedia })
		w.reply(invite, 200, farContact) // the answer went reliably
		ack := w.expect("ACK")
		b.reaches(s, SessionEstablished)
		if ack.Get("CSeq") != seq+" ACK" {
			t.Errorf("ACK %s", ack.Get("CSeq"))
		}
		b.do(s.HangUp)
		bye := w.expect("BYE")
		if is, _ := bye.CSeq(); itoa(int(is.Seq)) <= strings.Fields(prack.Get("CSeq"))[0] {
			t.Errorf("CSeq %d is not above that of the PRACK %s", is.Seq, prack.Get("CSeq"))
		}
	})
}

func TestReliableProvisionalsOfTwoForksAreCountedApart(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, invite := b.calling(w)
		w.reply(invite, 180, "To-Tag: one", farContact, "Require: 100rel", "RSeq: 7")
		w.reply(w.expect("PRACK"), 200)
		w.reply(invite, 180, "To-Tag: two", farContact, "Require: 100rel", "RSeq: 4000")
		if m := w.expect("PRACK"); m.ToTag() != "two" || !strings.HasPrefix(m.Get("RAck"), "4000 ") {
			t.Errorf("PRACK:\n%s", m)
		}
	})
}

func TestReliableProvisionalWithoutContactIsDropped(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		w.reply(invite, 183, "Require: 100rel", "RSeq: 7", answerSDP)
		w.quiet(time.Second)
		b.do(func() {
			if s.state != SessionCalling {
				t.Errorf("state %v", s.state)
			}
		})
	})
}

func TestCallThatRequires100rel(t *testing.T) {
	ladder(t, reliably(config.ReliableRequired), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		if invite.Get("Require") != "100rel" {
			t.Errorf("INVITE:\n%s", invite)
		}
		w.reply(invite, 420, "Unsupported: 100rel")
		w.expect("ACK")
		b.ended(s, Remote, CauseStatus)
	})
}

func TestReliableProvisionalOff(t *testing.T) {
	ladder(t, reliably(config.ReliableOff), func(b *bench, w *wire) {
		_, invite := b.calling(w)
		if strings.Contains(invite.String(), "100rel") || strings.Contains(invite.String(), "PRACK") {
			t.Errorf("INVITE:\n%s", invite)
		}
		f := w.caller()
		w.send(f.request("INVITE", farContact, offerSDP, "Require: 100rel"))
		refusal := w.expect("420 INVITE")
		if refusal.Get("Unsupported") != "100rel" {
			t.Errorf("420:\n%s", refusal)
		}
		w.send(f.request("PRACK", "RAck: 1 1 INVITE"))
		w.expect("405 PRACK")
	})
}

func TestReliableRingingIsRepeatedUntilPRACK(t *testing.T) {
	patient := testConfig()
	patient.NoAnswerTimeout = 600
	ladder(t, patient, func(b *bench, w *wire) {
		f := w.caller()
		f.invite(farContact, offerSDP, "Require: 100rel", "Supported: 100rel")
		ringing := w.expect("180 INVITE")
		start := time.Now()
		rseq, ok := reliableSeq(ringing)
		if !ok || rseq == 0 || ringing.Get("Contact") == "" {
			t.Fatalf("180:\n%s", ringing)
		}
		for _, at := range []time.Duration{t1, 3 * t1, 7 * t1, 15 * t1} {
			again := w.expect("180 INVITE")
			if again.Get("RSeq") != ringing.Get("RSeq") || time.Since(start) != at {
				t.Errorf("again after %v, want %v:\n%s", time.Since(start), at, again)
			}
		}
		f.learn(ringing)
		w.send(f.request("PRACK", "RAck: 1 1 INVITE"))
		w.expect("481 PRACK")
		w.send(f.request("PRACK", "RAck: "+ringing.Get("RSeq")+" 1 INVITE"))
		w.expect("200 PRACK")
		w.send(f.request("PRACK", "RAck: "+ringing.Get("RSeq")+" 1 INVITE"))
		w.expect("481 PRACK")
		w.quiet(30 * time.Second)
		next := w.expect("180 INVITE") // of every minute
		if n, _ := reliableSeq(next); n != rseq+1 {
			t.Errorf("RSeq %d after %d", n, rseq)
		}
		w.send(f.request("PRACK", "RAck: "+next.Get("RSeq")+" 1 INVITE"))
		w.expect("200 PRACK")
		b.do(b.lastInvite().Answer)
		if m := w.expect("200 INVITE"); len(m.Body) == 0 || m.Has("RSeq") {
			t.Errorf("200:\n%s", m)
		}
	})
}

func TestReliableRingingWithoutPRACKIs504(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		w.send(f.request("INVITE", farContact, offerSDP, "Require: 100rel"))
		start := time.Now()
		w.expect("100 INVITE")
		for {
			m := <-w.in
			if m.StatusCode == 180 {
				continue
			}
			if title(m) != "504 INVITE" || time.Since(start) != timeout {
				t.Errorf("%s after %v", title(m), time.Since(start))
			}
			w.send(f.ackOf(m))
			break
		}
		b.ended(b.lastInvite(), Remote, CauseNoACK)
		b.clean()
	})
}

func TestAnswerNeedNotWaitForPRACKOfARingingWithoutADescription(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		f.invite(farContact, offerSDP, "Require: 100rel")
		ringing := w.expect("180 INVITE")
		s := b.lastInvite()
		b.do(s.Answer)
		f.learn(w.expect("200 INVITE"))
		w.send(f.request("PRACK", "RAck: "+ringing.Get("RSeq")+" 1 INVITE"))
		w.expect("200 PRACK")
		f.seq = 1
		w.send(f.request("ACK"))
		b.reaches(s, SessionEstablished)
		w.quiet(time.Minute)
	})
}

// RFC 3262 section 5: an INVITE without an offer gets ours in the first reliable response; PRACK has the answer.
func TestOfferInReliableRingingAnsweredByPRACK(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		f.invite(farContact, "Require: 100rel", "Allow: INVITE, UPDATE")
		ringing := w.expect("180 INVITE")
		if len(ringing.Body) == 0 || ringing.Get("Content-Type") != sdpType {
			t.Fatalf("180 without an offer:\n%s", ringing)
		}
		s := b.lastInvite()
		b.do(s.Answer)
		w.quiet(100 * time.Millisecond) // the 200 waits for the PRACK
		f.learn(ringing)
		w.send(f.request("UPDATE", farContact, offerSDP)) // glare with our offer
		w.expect("491 UPDATE")
		w.send(f.request("PRACK", "RAck: "+ringing.Get("RSeq")+" 1 INVITE", holdSDP))
		w.expect("200 PRACK")
		if m := w.expect("200 INVITE"); len(m.Body) != 0 || m.Has("Content-Type") {
			t.Errorf("200 with a second description:\n%s", m)
		}
		f.seq = 1
		w.send(f.request("ACK"))
		b.reaches(s, SessionEstablished)
		if !b.held(s) {
			t.Error("answer in PRACK not taken")
		}
		if got := b.media.last().history(); got != "offer, set answer" {
			t.Errorf("media did %s", got)
		}
	})
}

func TestPRACKWithoutTheAnswerEndsTheCall(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		f.invite(farContact, "Require: 100rel")
		ringing := w.expect("180 INVITE")
		f.learn(ringing)
		w.send(f.request("PRACK", "RAck: "+ringing.Get("RSeq")+" 1 INVITE"))
		w.expect("400 PRACK")
		w.expect("400 INVITE")
		b.ended(b.lastInvite(), Remote, CauseBadDescription)
	})
}

func TestOfferInPRACKIsAnswered(t *testing.T) {
	patient := testConfig()
	patient.NoAnswerTimeout = 600
	ladder(t, patient, func(b *bench, w *wire) {
		f := w.caller()
		f.invite(farContact, "Require: 100rel")
		ringing := w.expect("180 INVITE")
		f.learn(ringing)
		w.send(f.request("PRACK", "RAck: "+ringing.Get("RSeq")+" 1 INVITE", answerSDP))
		w.expect("200 PRACK")
		w.quiet(50 * time.Second)
		again := w.expect("180 INVITE")
		w.send(f.request("PRACK", "RAck: "+again.Get("RSeq")+" 1 INVITE", holdSDP))
		if m := w.expect("200 PRACK"); len(m.Body) == 0 {
			t.Errorf("200 without an answer:\n%s", m)
		}
		if !b.held(b.lastInvite()) {
			t.Error("offer in PRACK not taken")
		}
	})
}

func TestRingingIsReliableForACallerThatOnlySupportsItWhereTheAccountWantsIt(t *testing.T) {
	for mode, want := range map[string]bool{config.ReliableSupported: false, config.ReliableRequired: true} {
		ladder(t, reliably(mode), func(b *bench, w *wire) {
			w.send(w.caller().request("INVITE", farContact, offerSDP, "Supported: timer, 100rel"))
			w.expect("100 INVITE")
			if _, ok := reliableSeq(w.expect("180 INVITE")); ok != want {
				t.Errorf("%s: reliable %v", mode, ok)
			}
		})
	}
}

// RFC 3311 section 5.1: once offer and answer went reliably, both may be renewed before the call is answered.
func TestUpdateInAnEarlyDialog(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		resp := w.reply(invite, 183, farContact, "Allow: INVITE, UPDATE, PRACK", "Require: 100rel", "RSeq: 1",
			answerSDP)
		w.reply(w.expect("PRACK"), 200)
		b.until("early media", func() bool { return s.state == SessionEarlyMedia })
		f := w.callee(invite, resp)
		w.send(f.request("UPDATE", "Contact: <sip:moved@192.0.2.1>", holdSDP))
		w.expect("200 UPDATE")
		if !b.held(s) {
			t.Error("hold not seen")
		}
		b.do(func() { s.SetHold(true) })
		update := w.expect("UPDATE")
		if direction(update) != "sendonly" || update.RequestURI.User != "moved" {
			t.Errorf("UPDATE:\n%s", update)
		}
		w.send(f.request("UPDATE", farContact, offerSDP)) // glare
		w.expect("491 UPDATE")
		w.reply(update, 200, farContact, inactiveSDP)
		b.holding(s, true, false)
		w.reply(invite, 200, farContact)
		w.expect("ACK")
		b.reaches(s, SessionEstablished)
		w.quiet(pingInterval)
	})
}

func TestUpdateBeforeTheOfferIsAnsweredIsRefused(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f := b.ringing(w)
		b.do(func() { f.remoteTag = s.dialog.localTag })
		w.send(f.request("UPDATE", farContact, offerSDP)) // we owe an answer
		if m := w.expect("500 UPDATE"); m.Get("Retry-After") == "" {
			t.Errorf("500:\n%s", m)
		}
		f.invite(farContact, offerSDP)
		w.expect("500 INVITE")
		w.send(f.request("UPDATE", "Contact: <sip:new@192.0.2.9>")) // without an offer it is welcome
		w.expect("200 UPDATE")
		s2 := b.call("carol", CallOptions{})
		invite := w.expect("INVITE")
		g := w.callee(invite, w.reply(invite, 180, farContact))
		synctest.Wait()
		w.send(g.request("UPDATE", farContact, offerSDP)) // it owes us one
		w.expect("491 UPDATE")
		b.do(s2.HangUp)
	})
}

func TestReliableProvisionalOfAReinvite(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, hold := b.askingToHold(w)
		w.reply(hold, 183, farContact, "Require: 100rel", "RSeq: 3", recvSDP)
		prack := w.expect("PRACK")
		if got, want := prack.Get("RAck"), "3 "+hold.Get("CSeq"); got != want {
			t.Errorf("RAck %s, want %s", got, want)
		}
		w.reply(prack, 200)
		w.reply(hold, 200, farContact)
		w.expect("ACK")
		b.holding(s, true, false)
	})
}

// TestAnswerOfThe2xxIsTakenWhereTheEarlyOneIsOfNoUse: also while the media has not yet found that out.
func TestAnswerOfThe2xxIsTakenWhereTheEarlyOneIsOfNoUse(t *testing.T) {
	for name, lines := range map[string][]string{
		"reliable":   {farContact, answerSDP, "Require: 100rel", "RSeq: 1"},
		"unreliable": {farContact, answerSDP},
	} {
		t.Run(name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				b.media.next.delay = time.Second
				b.media.next.setAnswerErr = &MediaError{StatusCode: 488, Reason: "of no use"}
				s, invite := b.calling(w)
				w.reply(invite, 183, lines...)
				if name == "reliable" {
					w.reply(w.expect("PRACK"), 200)
				}
				synctest.Wait()
				b.media.last().setAnswerErr = nil
				w.agree(invite, answerSDP)
				b.reaches(s, SessionEstablished)
				if got := b.media.last().history(); got != "offer, set answer, set answer" {
					t.Errorf("media did %s", got)
				}
			})
		})
	}
}
