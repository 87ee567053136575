package netsip

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestCallInAndHangUp(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		invite := f.request("INVITE", farContact, offerSDP, "Record-Route: <sip:p1;lr>, <sip:p2;lr>")
		w.send(invite)
		trying := w.expect("100 INVITE")
		ringing := w.expect("180 INVITE")
		if trying.ToTag() != "" || ringing.ToTag() == "" || ringing.Get("Contact") == "" ||
			strings.Contains(ringing.Get("Contact"), ";ob") ||
			ringing.Get("Record-Route") != "<sip:p1;lr>, <sip:p2;lr>" {
			t.Errorf("100 and 180:\n%s\n%s", trying, ringing)
		}
		s := b.lastInvite()
		b.do(func() {
			if s.Remote().Display != "Bob" || s.Remote().URI.String() != "sip:bob@example.com" ||
				s.ID() != "call-1@farfrom-far" {
				t.Errorf("from %v, ID %s", s.Remote(), s.ID())
			}
			s.Answer()
		})
		ok := w.expect("200 INVITE")
		if ok.ToTag() != ringing.ToTag() || len(ok.Body) == 0 || ok.Get("Content-Type") != "application/sdp" {
			t.Errorf("200:\n%s", ok)
		}
		f.learn(ok)
		w.send(f.request("ACK"))
		b.reaches(s, SessionEstablished)
		w.quiet(pingInterval)
		b.do(s.HangUp)
		bye := w.expect("BYE")
		if bye.RequestURI.String() != "sip:bob@192.0.2.1;transport=ws" ||
			strings.Join(bye.Lines("Route"), ",") != "<sip:p1;lr>,<sip:p2;lr>" ||
			bye.FromTag() != ok.ToTag() || bye.ToTag() != "from-far" {
			t.Errorf("BYE:\n%s", bye)
		}
		w.reply(bye, 200)
		b.ended(s, Local, CauseBye)
		if got := b.media.last().history(); got != "set offer, answer, close" {
			t.Errorf("media did %s", got)
		}
		b.clean()
	})
}

func TestCallInHungUpByTheFarEnd(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f := b.answered(w)
		f.hangUp()
		b.ended(s, Remote, CauseBye)
		b.clean()
	})
}

func TestOfferIsCheckedBeforeRinging(t *testing.T) {
	for _, c := range []struct {
		err   error
		lines []string
		want  string
	}{
		{&MediaError{StatusCode: 488, Reason: `no "DTLS"`}, []string{offerSDP}, "488 INVITE"},
		{&MediaError{StatusCode: 400, Reason: "not SDP"}, []string{offerSDP}, "400 INVITE"},
		{errors.New("x"), []string{offerSDP}, "488 INVITE"},
		{nil, []string{"Content-Type: text/plain"}, "415 INVITE"},
		{nil, []string{"Content-Type: Application/SDP; charset=UTF-8"}, "180 INVITE"},
		{nil, []string{"Content-Type: application/sdp", "Content-Encoding: gzip"}, "415 INVITE"},
		{nil, []string{"Content-Type: application/sdp", "Accept: text/nothing"}, "406 INVITE"},
		{nil, []string{"Content-Type: application/sdp", "Accept: text/nothing, application/sdp;level=1"}, "180 INVITE"},
		{nil, []string{"Content-Type: application/sdp", "Contact: <tel:+1>"}, "400 INVITE"},
	} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			b.media.next.setOfferErr = c.err
			m := w.caller().request("INVITE", append([]string{farContact}, c.lines...)...)
			m.Body = []byte(offerSDP)
			w.send(m)
			w.expect("100 INVITE")
			resp := w.expect(c.want)
			if strings.HasPrefix(c.want, "415") && !resp.Has("Accept") && !resp.Has("Accept-Encoding") {
				t.Errorf("415 without what is accepted:\n%s", resp)
			}
			if c.want[0] == '4' {
				b.do(func() {
					if len(b.invites) != 0 {
						t.Errorf("%v rang", c.lines)
					}
				})
			}
		})
	}
}

func TestWarningNamesWhatTheOfferLacks(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.setOfferErr = &MediaError{StatusCode: 488, Reason: `no "DTLS"`}
		w.send(w.caller().request("INVITE", farContact, offerSDP))
		w.expect("100 INVITE")
		if got := w.expect("488 INVITE").Get("Warning"); !strings.HasSuffix(got, ` "no \"DTLS\""`) ||
			!strings.HasPrefix(got, "399 ") {
			t.Errorf("Warning %s", got)
		}
	})
}

func TestOldCallerWithoutContactIsReachedByItsFrom(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		f.send("INVITE", offerSDP)
		w.expect("100 INVITE")
		f.learn(w.expect("180 INVITE"))
		s := b.lastInvite()
		b.do(s.Answer)
		w.expect("200 INVITE")
		w.send(f.request("ACK"))
		b.reaches(s, SessionEstablished)
		b.do(s.HangUp)
		if bye := w.expect("BYE"); bye.RequestURI.String() != "sip:bob@example.com" {
			t.Errorf("BYE to %s", bye.RequestURI.String())
		}
		other := w.caller()
		other.callID, other.branch = "other", 50
		other.send("INVITE", "From: <tel:+1555>;tag=x", offerSDP)
		w.expect("100 INVITE")
		w.expect("400 INVITE")
	})
}

// send sends a request.
func (f *far) send(method string, lines ...string) {
	f.w.b.Helper()
	f.w.send(f.request(method, lines...))
}

func TestLateOffer(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		f.ring(farContact)
		s := b.lastInvite()
		b.do(s.Answer)
		ok := w.expect("200 INVITE")
		if len(ok.Body) == 0 {
			t.Error("200 without an offer")
		}
		f.learn(ok)
		w.send(f.request("ACK", holdSDP))
		b.reaches(s, SessionEstablished)
		b.do(func() {
			if !s.RemoteHeld() {
				t.Error("hold of the answer not seen")
			}
		})
		if got := b.media.last().history(); got != "offer, set answer" {
			t.Errorf("media did %s", got)
		}
	})
}

func TestLateOfferWithoutOrWithABadAnswer(t *testing.T) {
	for _, bad := range []bool{true, false} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			b.media.next.setAnswerErr = errors.New("bad")
			f := w.caller()
			f.ring(farContact)
			s := b.lastInvite()
			b.do(s.Answer)
			f.learn(w.expect("200 INVITE"))
			reason := `SIP ;cause=400; text="Missing SDP"`
			by := Remote
			if bad {
				w.send(f.request("ACK", answerSDP))
				reason, by = `SIP ;cause=488; text="Not Acceptable Here"`, Local
			} else {
				w.send(f.request("ACK"))
			}
			bye := w.expect("BYE")
			if bye.Get("Reason") != reason {
				t.Errorf("Reason %s", bye.Get("Reason"))
			}
			w.reply(bye, 200)
			b.ended(s, by, CauseBadDescription)
			b.clean()
		})
	}
}

func Test200IsSentAgainUntilTheACK(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f := b.answering(w)
		last := time.Now()
		for _, wait := range []time.Duration{t1, 2 * t1, 4 * t1, t2, t2} {
			w.expect("200 INVITE")
			if d := time.Since(last); d != wait {
				t.Errorf("sent again after %v, want %v", d, wait)
			}
			last = time.Now()
		}
		w.send(f.request("ACK"))
		w.quiet(time.Minute)
		b.do(func() {
			if s.state != SessionEstablished {
				t.Errorf("state %v", s.state)
			}
		})
		w.send(f.request("ACK")) // twice
		w.quiet(time.Second)
	})
}

func TestNoACKIsHungUp(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _ := b.ringing(w)
		start := time.Now()
		b.do(s.Answer)
		for {
			m := <-w.in
			if m.Method == "BYE" {
				w.reply(m, 200)
				break
			}
		}
		if d := time.Since(start); d != timeout {
			t.Errorf("hung up after %v", d)
		}
		b.ended(s, Remote, CauseNoACK)
		b.clean()
	})
}

func TestNoAnswerTimeoutIs408(t *testing.T) {
	c := testConfig()
	c.NoAnswerTimeout = 20
	ladder(t, c, func(b *bench, w *wire) {
		s, f := b.ringing(w)
		start := time.Now()
		m := w.expect("408 INVITE")
		if d := time.Since(start); d != 20*time.Second {
			t.Errorf("after %v", d)
		}
		w.send(f.ackOf(m))
		b.ended(s, Local, CauseNoAnswer)
		b.clean()
	})
}

func TestExpiresOfTheInvite(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f := b.ringing(w, "Expires: 7")
		w.send(f.ackOf(w.expect("487 INVITE")))
		b.ended(s, System, CauseExpires)
		b.clean()
	})
}

func TestRingingIsRepeated(t *testing.T) {
	c := testConfig()
	c.NoAnswerTimeout = 200
	ladder(t, c, func(b *bench, w *wire) {
		w.caller().ring(farContact, offerSDP)
		start := time.Now()
		w.expect("180 INVITE")
		w.expect("180 INVITE")
		if d := time.Since(start); d != 2*ringRepetition {
			t.Errorf("after %v", d)
		}
	})
}

func TestHangUpBeforeTheACKWaitsForIt(t *testing.T) {
	for _, comes := range []bool{true, false} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			s, f := b.answering(w)
			b.do(s.HangUp)
			b.ended(s, Local, CauseBye)
			w.expect("200 INVITE") // still
			if comes {
				w.send(f.request("ACK"))
			}
			for {
				m := <-w.in
				if m.Method == "BYE" {
					w.reply(m, 200)
					break
				}
			}
			b.clean()
		})
	}
}

func TestByeBeforeTheACK(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f := b.answering(w)
		f.hangUp()
		b.ended(s, Remote, CauseBye)
		w.quiet(time.Minute)
		b.clean()
	})
}

func TestRetransmittedInvite(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		invite := f.ring(farContact, offerSDP)
		w.send(invite)
		w.expect("180 INVITE")
		s := b.lastInvite()
		b.do(s.Answer)
		f.learn(w.expect("200 INVITE"))
		w.send(invite) // absorbed: RFC 6026
		w.send(f.request("ACK"))
		b.reaches(s, SessionEstablished)
		w.quiet(time.Second)
	})
}

func TestAssertedIdentityNamesTheCaller(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		w.caller().ring(farContact, offerSDP, `P-Asserted-Identity: <tel:+15551234>, <sip:x@y>`)
		b.do(func() {
			if r := b.invites[0].Remote(); r.URI.String() != "tel:+15551234" || r.Display != "Bob" {
				t.Errorf("remote %v", r)
			}
		})
	})
}

func TestAnsweredAfterTheFlowWasRemade(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f := b.ringing(w)
		w.close()
		w = b.next()
		f.w = w
		w.expect("180 INVITE")
		b.do(s.Answer)
		f.learn(w.expect("200 INVITE"))
		w.send(f.request("ACK"))
		b.reaches(s, SessionEstablished)
	})
}

func TestInviteFloodIsBounded(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		count := map[string]int{}
		for i := range 500 {
			f := w.caller()
			f.callID, f.branch = "flood"+itoa(i), 1000*i
			w.send(f.request("INVITE", farContact, offerSDP))
			synctest.Wait()
			for len(w.in) > 0 {
				count[title(<-w.in)]++
			}
		}
		if count["180 INVITE"] != MaxRinging || count["486 INVITE"] != maxServerTxs-MaxRinging ||
			count["503 INVITE"] != 500-maxServerTxs {
			t.Errorf("%v", count)
		}
		for _, s := range b.invites {
			b.do(func() { s.Reject(486, "") })
		}
		b.clean()
	})
}

func TestStopAfterTheAnswerWaitsForTheACKAndHangsUp(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, f := b.answering(w)
		b.do(func() { b.ua.Stop(nil) })
		w.quiet(100 * time.Millisecond)
		w.send(f.request("ACK"))
		w.reply(w.expect("BYE"), 200)
	})
}

// Stop waits some seconds for the ACK; nothing of the call goes on after that.
func TestStopEndsTheRepetitionOfA200(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _ := b.ringing(w)
		b.do(s.Answer)
		w.expect("200 INVITE")
		stopped := make(chan struct{})
		b.do(func() { b.ua.Stop(func() { close(stopped) }) })
		<-stopped
		b.do(func() {
			if len(s.acks.waits) != 0 {
				t.Error("the 200 is still to be sent again")
			}
		})
	})
}
