package netsip

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/config"
)

func TestSessionTimersOff(t *testing.T) {
	c := testConfig()
	c.SessionTimers = config.Off
	ladder(t, c, func(b *bench, w *wire) {
		s, invite, _ := b.established(w, "Session-Expires: 90;refresher=uac")
		if invite.Has("Session-Expires") || listed(invite.Values("Supported"), "timer") {
			t.Errorf("INVITE:\n%s", invite)
		}
		w.quiet(5 * time.Minute)
		b.do(s.HangUp)
		w.reply(w.expect("BYE"), 200)
		f := w.caller()
		w.send(f.request("INVITE", farContact, offerSDP, "Supported: timer", "Require: timer", "Session-Expires: 90"))
		if m := w.expect("420 INVITE"); m.Get("Unsupported") != "timer" {
			t.Errorf("420:\n%s", m)
		}
	})
}

func TestSessionTimerOffAcceptsACallerWithIt(t *testing.T) {
	c := testConfig()
	c.SessionTimers = config.Off
	ladder(t, c, func(b *bench, w *wire) {
		f := w.caller()
		f.ring(farContact, offerSDP, "Supported: timer", "Session-Expires: 30")
		b.do(b.lastInvite().Answer)
		if m := w.expect("200 INVITE"); m.Has("Session-Expires") || m.Has("Require") {
			t.Errorf("200:\n%s", m)
		}
	})
}

func TestSessionTimerRefreshMethod(t *testing.T) {
	for _, test := range []struct{ method, allow, want string }{
		{"UPDATE", "INVITE, UPDATE", "UPDATE"},
		{"UPDATE", "INVITE", "INVITE"}, // a far end without UPDATE (JsSIP issue 506)
		{"INVITE", "INVITE, UPDATE", "INVITE"},
	} {
		c := testConfig()
		c.SessionTimersRefreshMethod = test.method
		ladder(t, c, func(b *bench, w *wire) {
			b.established(w, "Allow: "+test.allow, "Session-Expires: 90;refresher=uac")
			start := time.Now()
			m := w.expect(test.want)
			if d := time.Since(start); d != 45*time.Second || m.Get("Session-Expires") != "90;refresher=uac" {
				t.Errorf("%+v: after %v:\n%s", test, d, m)
			}
		})
	}
}

func TestSessionTimerForceRefresher(t *testing.T) {
	c := testConfig()
	c.SessionTimersForceRefresher = true
	ladder(t, c, func(b *bench, w *wire) {
		_, invite, _ := b.established(w)
		if invite.Get("Session-Expires") != "1800;refresher=uac" {
			t.Errorf("Session-Expires %s", invite.Get("Session-Expires"))
		}
		f := w.caller()
		f.ring(farContact, offerSDP, "Supported: timer", "Session-Expires: 90")
		b.do(b.lastInvite().Answer)
		if m := w.expect("200 INVITE"); m.Get("Session-Expires") != "90;refresher=uas" {
			t.Errorf("200:\n%s", m)
		}
	})
}

func TestSessionTimerRefreshRefusedWith422IsRaised(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.established(w, "Allow: UPDATE", "Session-Expires: 200;refresher=uac")
		w.reply(w.expect("UPDATE"), 422, "Min-SE: 400")
		again := w.expect("UPDATE")
		if again.Get("Session-Expires") != "400;refresher=uac" || again.Get("Min-SE") != "400" {
			t.Errorf("again:\n%s", again)
		}
		start := time.Now()
		w.reply(again, 200, "Session-Expires: 400;refresher=uac")
		if m := w.expect("UPDATE"); time.Since(start) != 200*time.Second || m.Get("Min-SE") != "400" {
			t.Errorf("after %v:\n%s", time.Since(start), m)
		}
	})
}

func TestSessionTimer422OfARefreshOfTheFarEnd(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, _, f := b.established(w, "Session-Expires: 90;refresher=uas")
		w.send(f.request("UPDATE", farContact, "Supported: timer", "Session-Expires: 30"))
		if m := w.expect("422 UPDATE"); m.Get("Min-SE") != "90" {
			t.Errorf("422:\n%s", m)
		}
	})
}

// RFC 4028 section 10.
func TestSessionTimerRefreshAnswered408Or481EndsTheCall(t *testing.T) {
	for _, code := range []int{408, 481} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			s, _, _ := b.established(w, "Allow: UPDATE", "Session-Expires: 90;refresher=uac")
			w.reply(w.expect("UPDATE"), code)
			w.reply(w.expect("BYE"), 200)
			if end := b.ended(s, Remote, CauseDialog); end.StatusCode != code {
				t.Errorf("end %+v", end)
			}
			b.clean()
		})
	}
}

func TestSessionTimerRefreshThatMeetsAnotherIsTriedAgain(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.established(w, "Session-Expires: 90;refresher=uac")
		w.reply(w.expect("INVITE"), 491)
		w.expect("ACK")
		start := time.Now()
		again := w.expect("INVITE")
		if d := time.Since(start); d < 2100*time.Millisecond || d > 4*time.Second {
			t.Errorf("again after %v", d)
		}
		w.agree(again, answerSDP)
	})
}

// JsSIP defect 16: a refresh that fell due while the call was busy was never made.
func TestSessionTimerOfABusyCallIsNotForgotten(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, _, f := b.established(w, "Allow: UPDATE", "Session-Expires: 90;refresher=uac")
		time.Sleep(44 * time.Second)
		f.invite(farContact, "Session-Expires: 90;refresher=uas", "Supported: timer")
		w.expect("200 INVITE") // with our offer: the call is busy until the ACK
		start := time.Now()
		for len(w.in) == 0 && time.Since(start) < 20*time.Second {
			time.Sleep(time.Second)
			synctest.Wait()
			for len(w.in) > 0 {
				if m := <-w.in; m.StatusCode != 200 {
					t.Fatalf("user agent sent %s", title(m))
				}
			}
		}
		w.send(f.request("ACK", answerSDP))
		update := w.expect("UPDATE") // at half of the new interval at the latest
		if d := time.Since(start); d > 45*time.Second || !strings.HasPrefix(update.Get("Session-Expires"), "90") {
			t.Errorf("after %v:\n%s", d, update)
		}
	})
}

func TestSessionTimerExpiryIsABitBeforeItsEnd(t *testing.T) {
	for interval, want := range map[string]time.Duration{"90": 60 * time.Second, "1800": 1768 * time.Second} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			s, _, _ := b.established(w, "Session-Expires: "+interval+";refresher=uas")
			start := time.Now()
			w.reply(w.expect("BYE"), 200)
			if d := time.Since(start); d != want {
				t.Errorf("BYE after %v, want %v", d, want)
			}
			b.ended(s, System, CauseSessionTimer)
		})
	}
}

func TestSessionTimerOutlivesARequestThatDoesNotNameIt(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, _, f := b.established(w, "Allow: UPDATE", "Session-Expires: 90;refresher=uac")
		w.send(f.request("UPDATE", farContact))
		if m := w.expect("200 UPDATE"); m.Get("Session-Expires") != "90;refresher=uas" {
			t.Errorf("200:\n%s", m)
		}
		start := time.Now()
		w.expect("UPDATE")
		if d := time.Since(start); d != 45*time.Second {
			t.Errorf("refreshed after %v", d)
		}
	})
}
