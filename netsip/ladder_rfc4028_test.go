package netsip

import (
	"testing"
	"time"
)

// RFC 4028: session timers. That the far end knows UPDATE is told by its Allow.

func rfc4028(section, name, what, rule string) plan {
	return plan{
		name: "rfc4028-" + section + "-" + name, title: "RFC 4028 section " + section + ": " + what, rule: rule,
		show: []string{"Session-Expires", "Min-SE"},
	}
}

func TestRFC4028CallerRefreshesByUpdate(t *testing.T) {
	p := rfc4028("10", "caller-refreshes-by-update", "the caller refreshes",
		"UPDATE without an offer at half the interval, as long as the call lasts")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, _ := d.established("Allow: UPDATE", "Session-Expires: 200;refresher=uac", "Require: timer")
		for range 3 {
			d.reply(d.expect("UPDATE"), 200, "Session-Expires: 200;refresher=uac")
		}
		d.hangsUp(s)
	})
}

func TestRFC4028CallerRefreshesByReinvite(t *testing.T) {
	p := rfc4028("7.4", "caller-refreshes-by-reinvite", "the caller refreshes a peer without UPDATE",
		"a re-INVITE refreshes where UPDATE is not known")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, _ := d.established("Allow: INVITE, ACK, BYE, CANCEL", "Session-Expires: 200;refresher=uac")
		d.reply(d.expect("INVITE"), 200, farContact, answerSDP, "Session-Expires: 200;refresher=uac")
		d.expect("ACK")
		d.hangsUp(s)
	})
}

func TestRFC4028UpdateRefusedFallsBackToReinvite(t *testing.T) {
	p := rfc4028("7.4", "fallback", "UPDATE is refused",
		"405 or 501 to UPDATE: the refresh is done by re-INVITE from then on")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, _ := d.established("Allow: UPDATE", "Session-Expires: 200;refresher=uac")
		d.reply(d.expect("UPDATE"), 501)
		for range 2 {
			d.reply(d.expect("INVITE"), 200, farContact, answerSDP, "Session-Expires: 200;refresher=uac")
			d.expect("ACK")
		}
		d.hangsUp(s)
	})
}

func TestRFC4028CallerRefreshedByTheFarEnd(t *testing.T) {
	p := rfc4028("10", "far-end-refreshes", "the far end refreshes, then no more",
		"without a refresh BYE is sent min(32 s, a third) before the interval ends")
	draw(t, p, testConfig(), func(d *drawing) {
		_, _, f := d.established("Allow: UPDATE", "Session-Expires: 90;refresher=uas")
		for range 2 {
			time.Sleep(45 * time.Second)
			d.send(f.request("UPDATE", farContact, "Supported: timer", "Session-Expires: 90;refresher=uac"))
			d.expect("200 UPDATE")
		}
		d.reply(d.expect("BYE"), 200)
	})
}

func TestRFC4028RefreshUnanswered(t *testing.T) {
	p := rfc4028("10", "refresh-unanswered", "no refresh gets through",
		"the refresher sends BYE too when its refreshes are not answered in time")
	draw(t, p, testConfig(), func(d *drawing) {
		_, _, _ = d.established("Allow: UPDATE", "Session-Expires: 90;refresher=uac")
		for {
			m := <-d.w.in
			if m.Method == "BYE" {
				d.reply(m, 200)
				break
			}
			if time.Since(d.sheet.Start) > time.Hour {
				t.Fatal("never hung up")
			}
		}
	})
}

func TestRFC4028RefreshFinds481(t *testing.T) {
	p := rfc4028("10", "refresh-481", "the far end does not know the call any more", "481 to a refresh ends the call")
	draw(t, p, testConfig(), func(d *drawing) {
		_, _, _ = d.established("Allow: UPDATE", "Session-Expires: 90;refresher=uac")
		d.reply(d.expect("UPDATE"), 481)
		d.reply(d.expect("BYE"), 481)
	})
}

func TestRFC4028RefreshGlareIsTriedAgain(t *testing.T) {
	p := rfc4028("10", "refresh-491", "glare", "491 to a refresh is waited out by the rule of RFC 3261 section "+
		"14.1, and the refresh sent again under a new CSeq")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, _ := d.established("Allow: UPDATE", "Session-Expires: 90;refresher=uac")
		update := d.expect("UPDATE")
		d.reseed(4028)
		d.reply(update, 491)
		d.reply(d.expect("UPDATE"), 200, "Session-Expires: 90;refresher=uac")
		d.hangsUp(s)
	})
}

func TestRFC4028CallerFollows422(t *testing.T) {
	p := rfc4028("7.3", "caller-422", "the interval is too small for the far end",
		"422: the INVITE is sent again with at least Min-SE, in the same Call-ID")
	draw(t, p, testConfig(), func(d *drawing) {
		_, invite := d.calls(CallOptions{})
		d.reply(invite, 422, "Min-SE: 3600")
		d.expect("ACK")
		again := d.expect("INVITE")
		if again.CallID() != invite.CallID() || again.FromTag() != invite.FromTag() {
			t.Errorf("again:\n%s", again)
		}
		f := d.w.callee(again, d.reply(again, 200, farContact, answerSDP, "Session-Expires: 3600;refresher=uas"))
		d.expect("ACK")
		d.byes(f)
	})
}

func TestRFC4028CalleeAnswers422(t *testing.T) {
	p := rfc4028("9", "callee-422", "the caller asks for less than 90 s",
		"an interval below 90 s is refused with 422 and Min-SE; it never rings")
	draw(t, p, testConfig(), func(d *drawing) {
		f := d.w.caller()
		d.send(f.request("INVITE", farContact, offerSDP, "Supported: timer", "Session-Expires: 60"))
		d.expect("100 INVITE")
		d.send(f.ackOf(d.expect("422 INVITE")))
		d.send(f.request("INVITE", farContact, offerSDP, "Supported: timer", "Session-Expires: 90", "Min-SE: 90"))
		d.expect("100 INVITE")
		d.expect("180 INVITE")
		s := d.lastInvite()
		d.does("answer", s.Answer)
		f.learn(d.expect("200 INVITE"))
		d.send(f.request("ACK"))
		d.byes(f)
	})
}

func TestRFC4028CalleeRefreshesForACallerWithoutTimers(t *testing.T) {
	p := rfc4028("9", "callee-refreshes", "a proxy asks for a timer, the caller has none",
		"the callee is the refresher, and Require: timer is not sent")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _ := d.answered("Session-Expires: 300", "Allow: UPDATE")
		d.reply(d.expect("UPDATE"), 200)
		d.hangsUp(s)
	})
}

func TestRFC4028WithoutSessionExpiresThereIsNoTimer(t *testing.T) {
	p := rfc4028("7.2", "no-timer", "the far end has no session timers",
		"a 2xx without Session-Expires: no refresh, no end by time")
	draw(t, p, testConfig(), func(d *drawing) {
		_, _, f := d.established("Allow: UPDATE")
		d.w.quiet(time.Hour)
		d.byes(f)
	})
}

func TestRFC4028EarlyUpdateStartsNoTimer(t *testing.T) {
	p := rfc4028("9", "early-update", "UPDATE with Session-Expires while the call rings",
		"there is no session to time before the call is answered")
	c := testConfig()
	c.NoAnswerTimeout = 600
	draw(t, p, c, func(d *drawing) {
		s, invite := d.calls(CallOptions{})
		f := d.w.callee(invite, d.reply(invite, 180, farContact))
		d.send(f.request("UPDATE", farContact, "Supported: timer", "Session-Expires: 90;refresher=uac"))
		d.expect("200 UPDATE")
		d.w.quiet(10 * time.Minute)
		d.reply(invite, 200, farContact, answerSDP)
		d.expect("ACK")
		d.hangsUp(s)
	})
}
