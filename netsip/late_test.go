package netsip

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
)

// RFC 3261 section 13.2.2.4: the ACK answers the offer in the 2xx, and waits for that answer.
func TestLateOfferIsAnsweredInTheACK(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.delay = time.Second
		s := b.call("bob", CallOptions{LateOffer: true})
		invite := w.expect("INVITE")
		if len(invite.Body) != 0 || invite.Has("Content-Type") {
			t.Errorf("INVITE:\n%s", invite)
		}
		w.reply(invite, 183, farContact, answerSDP) // not reliable: no offer
		ok := w.reply(invite, 200, farContact, holdSDP)
		w.quiet(500 * time.Millisecond)
		w.send(ok)
		ack := w.expect("ACK")
		if len(ack.Body) == 0 || ack.Get("Content-Type") != sdpType {
			t.Errorf("ACK:\n%s", ack)
		}
		b.reaches(s, SessionEstablished)
		if !b.held(s) {
			t.Error("hold in the offer not seen")
		}
		w.send(ok)
		if again := w.expect("ACK"); string(again.Body) != string(ack.Body) {
			t.Error("another answer in the second ACK")
		}
		if got := b.media.last().history(); got != "set offer, answer" {
			t.Errorf("media did %s", got)
		}
	})
}

func TestLateOfferInAReliableProvisionalIsAnsweredByPRACK(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s := b.call("bob", CallOptions{LateOffer: true})
		invite := w.expect("INVITE")
		w.reply(invite, 183, farContact, "Require: 100rel", "RSeq: 5", offerSDP)
		prack := w.expect("PRACK")
		if len(prack.Body) == 0 || prack.Get("Content-Type") != sdpType {
			t.Errorf("PRACK:\n%s", prack)
		}
		w.reply(prack, 200)
		w.reply(invite, 200, farContact)
		if ack := w.expect("ACK"); len(ack.Body) != 0 {
			t.Errorf("ACK:\n%s", ack)
		}
		b.reaches(s, SessionEstablished)
	})
}

func TestLateOfferThatIsRefusedIsAcknowledgedAndHungUp(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.setOfferErr = &MediaError{StatusCode: 488, Reason: "no DTLS"}
		s := b.call("bob", CallOptions{LateOffer: true})
		w.reply(w.expect("INVITE"), 200, farContact, offerSDP)
		if ack := w.expect("ACK"); len(ack.Body) != 0 {
			t.Errorf("ACK:\n%s", ack)
		}
		w.reply(w.expect("BYE"), 200)
		b.ended(s, Local, CauseBadDescription)
		b.clean()
	})
}

func TestLateOfferMissingInThe2xx(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s := b.call("bob", CallOptions{LateOffer: true})
		w.reply(w.expect("INVITE"), 200, farContact)
		w.expect("ACK")
		w.reply(w.expect("BYE"), 200)
		b.ended(s, Remote, CauseBadDescription)
		b.clean()
	})
}

func TestHangUpWhileALateOfferIsAnswered(t *testing.T) {
	for _, remote := range []bool{false, true} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			b.media.next.delay = time.Second
			s := b.call("bob", CallOptions{LateOffer: true})
			invite := w.expect("INVITE")
			ok := w.reply(invite, 200, farContact, offerSDP)
			w.quiet(100 * time.Millisecond)
			if remote {
				w.send(w.callee(invite, ok).request("BYE"))
				w.expect("200 BYE")
				w.expect("ACK")
				b.ended(s, Remote, CauseBye)
			} else {
				b.do(s.HangUp)
				w.expect("ACK")
				w.reply(w.expect("BYE"), 200)
				b.ended(s, Local, CauseBye)
			}
			b.clean()
		})
	}
}

// RFC 3261 section 13.2.2.4: what a 2xx says replaces what an 18x said of the same dialog.
func Test2xxRefreshesTargetAndRoutesOfItsEarlyDialog(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, invite := b.calling(w)
		w.reply(invite, 180, farContact, "Record-Route: <sip:old;lr>")
		w.reply(invite, 200, "Contact: <sip:desk@192.0.2.7>", "Record-Route: <sip:new;lr>", answerSDP)
		ack := w.expect("ACK")
		b.reaches(s, SessionEstablished)
		b.do(s.HangUp)
		for _, m := range []*sip.Message{ack, w.expect("BYE")} {
			if m.RequestURI.User != "desk" || m.Get("Route") != "<sip:new;lr>" {
				t.Errorf("%s to the old target:\n%s", m.Method, m)
			}
		}
	})
}

func TestForkThatAnswersIsNotTheOneWithEarlyMedia(t *testing.T) {
	for _, described := range []bool{true, false} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			s, invite := b.calling(w)
			w.reply(invite, 183, "To-Tag: one", farContact, answerSDP)
			b.until("early media", func() bool { return s.state == SessionEarlyMedia })
			second := []string{"To-Tag: two", "Contact: <sip:two@192.0.2.2>"}
			if !described { // its description came with its 183
				w.reply(invite, 183, append(second, holdSDP)...)
				w.reply(invite, 200, second...)
			} else {
				w.reply(invite, 200, append(second, holdSDP)...)
			}
			if ack := w.expect("ACK"); ack.ToTag() != "two" {
				t.Errorf("ACK:\n%s", ack)
			}
			b.reaches(s, SessionEstablished)
			if got := b.media.last().history(); got != "offer, set answer, set answer" {
				t.Errorf("media did %s", got)
			}
			if !b.held(s) {
				t.Error("description of the first fork in force")
			}
		})
	}
}

func TestRedirectionIsTheUsersToFollow(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s := b.call("bob", CallOptions{Redirected: []string{"sip:first@example.com"}})
		w.reply(w.expect("INVITE"), 302,
			`Contact: <sip:low@example.com>;q=0.1, "Mail" <mailto:bob@example.com>, <sips:safe@example.com>`,
			`Contact: "Carol" <sip:carol@example.com>;q=0.9;expires=60, `+
				`<sip:x@example.com?Replaces=1>, <sip:y@example.com;method=REFER>`,
			`Contact: <tel:+4912345>, <sip:first@example.com>, <sip:bob@example.com>, <sip:carol@example.com>`)
		w.expect("ACK")
		end := b.ended(s, Remote, CauseRedirected)
		var got []string
		for _, a := range end.Redirect {
			got = append(got, a.String())
		}
		want := []string{`"Carol" <sip:carol@example.com>`, "<sip:low@example.com>"}
		if !slices.Equal(got, want) {
			t.Errorf("redirected to %q, want %q", got, want)
		}
		w.quiet(time.Second) // nothing is called without asking
	})
}

func TestRedirectionInACircleIsRefused(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, _ *wire) {
		b.do(func() {
			if _, err := callText(b.ua, "bob", CallOptions{Redirected: []string{
				"carol",
				"sip:bob@EXAMPLE.com",
			}}); !errors.Is(err, ErrRedirectLoop) {
				t.Errorf("error %v", err)
			}
			six := CallOptions{Redirected: strings.Split("a b c d e f", " ")}
			if _, err := callText(b.ua, "bob", six); !errors.Is(err, ErrRedirectLoop) {
				t.Errorf("sixth: error %v", err)
			}
			if _, err := callText(b.ua, "bob", CallOptions{Redirected: strings.Split("a b c d e", " ")}); err != nil {
				t.Errorf("fifth: error %v", err)
			}
		})
	})
}

// Whoever calls anonymously is not named in any request of the call.
func TestAnonymousCallLeaksNothingInAnyRequest(t *testing.T) {
	c := testConfig()
	c.DisplayName = "Alice Ü"
	ladder(t, c, func(b *bench, w *wire) {
		s := b.call("bob", CallOptions{Anonymous: true})
		invite := w.expect("INVITE")
		w.reply(invite, 183, farContact, "Allow: INVITE, UPDATE", "Require: 100rel", "RSeq: 1", answerSDP)
		all := []*sip.Message{w.expect("PRACK")}
		w.reply(all[0], 200)
		resp := w.reply(invite, 200, farContact, "Session-Expires: 90;refresher=uac")
		all = append(all, w.expect("ACK"))
		b.reaches(s, SessionEstablished)
		update := w.expect("UPDATE")
		w.reply(update, 200, "Session-Expires: 90;refresher=uac")
		b.do(func() { s.SetHold(true) })
		hold := w.expect("INVITE")
		w.reply(hold, 200, farContact, recvSDP)
		all = append(all, update, hold, w.expect("ACK"))
		b.do(func() { s.SendInfo("application/dtmf-relay", []byte("Signal=1\r\n")) })
		info := w.expect("INFO")
		w.reply(info, 200)
		w.send(w.callee(invite, resp).request("UPDATE", farContact, offerSDP))
		if answer := w.expect("200 UPDATE"); answer.Get("Contact") != invite.Get("Contact") {
			t.Errorf("answer:\n%s", answer)
		}
		b.do(s.HangUp)
		all = append(all, info, w.expect("BYE"))
		for _, m := range all {
			text := strings.ToLower(m.String())
			if m.Get("From") != invite.Get("From") || strings.Contains(text, "alice") ||
				strings.Contains(text, "p-preferred") {
				t.Errorf("leaks who calls:\n%s", m)
			}
		}
	})
}

// The far end has answered by then: it is told with a BYE, for a CANCEL comes too late.
func TestLateOfferRefusedAfterTheAnswerIsHungUp(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.delay = time.Second
		b.media.next.setOfferErr = &MediaError{StatusCode: 488, Reason: "no codec"}
		s := b.call("bob", CallOptions{LateOffer: true})
		invite := w.expect("INVITE")
		w.reply(invite, 183, farContact, "Require: 100rel", "RSeq: 5", offerSDP)
		w.reply(invite, 200, farContact, offerSDP)
		w.expect("ACK")
		w.reply(w.expect("BYE"), 200)
		b.ended(s, Local, CauseIncompatible)
		b.clean()
	})
}
