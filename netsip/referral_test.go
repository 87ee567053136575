package netsip

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
)

// asked runs a test with a user who can be asked about REFERs; each wish comes through the channel.
func asked(t *testing.T, script func(b *bench, w *wire, wishes chan *Referral)) {
	t.Helper()
	wishes := make(chan *Referral, 200)
	listening(t, testConfig(), func(_ *bench, o *Options) { o.OnRefer = func(r *Referral) { wishes <- r } },
		func(b *bench, w *wire) { script(b, w, wishes) })
}

// expectSipfrag takes a NOTIFY of the user agent and answers it.
func (w *wire) expectSipfrag(id int, state, status string) *sip.Message {
	w.b.Helper()
	m := w.expect("NOTIFY")
	if got := m.Get("Event"); got != fmt.Sprintf("refer;id=%d", id) {
		w.b.Errorf("Event %s", got)
	}
	if got := m.Get("Subscription-State"); got != state {
		w.b.Errorf("Subscription-State %s, want %s", got, state)
	}
	if got := string(m.Body); got != "SIP/2.0 "+status+"\r\n" ||
		m.Get("Content-Type") != "message/sipfrag;version=2.0" {
		w.b.Errorf("body %q of %s, want %s", got, m.Get("Content-Type"), status)
	}
	w.reply(m, 200)
	return m
}

const active = "active;expires=300"

// RFC 3515 section 2.4 and 4.1, in the transferee's place.
func TestReferralFollowed(t *testing.T) {
	asked(t, func(b *bench, w *wire, wishes chan *Referral) {
		s, f := b.answered(w)
		refer := f.request("REFER", "Refer-To: \"Carol\" "+
			"<sip:carol@example.org;x=y?Replaces=c1%40h%3Bto-tag%3Dt1%3Bfrom-tag%3Df1"+
			"&Route=%3Csip%3Aevil%3E&Subject=hi>",
			"Referred-By: Bob <sip:bob@example.com?Route=x>;cid=1", farContact)
		w.send(refer)
		w.expect("202 REFER")
		w.expectSipfrag(f.seq, active, "100 Trying")
		r := <-wishes
		if r.Session() != s || !r.Attended() || r.Target().Display != "Carol" ||
			r.Target().URI.String() != "sip:carol@example.org;x=y" ||
			r.ReferredBy().URI.String() != "sip:bob@example.com" {
			t.Errorf("%+v", r)
		}
		var call *Session
		b.do(func() {
			var err error
			if call, err = r.Accept(CallOptions{}); err != nil {
				t.Error(err)
			}
			if _, err = r.Accept(CallOptions{}); !errors.Is(err, ErrReferralOver) {
				t.Errorf("accepted twice: %v", err)
			}
		})
		invite := w.expect("INVITE")
		if invite.RequestURI.String() != "sip:carol@example.org;x=y" ||
			invite.Get("To") != "<sip:carol@example.org;x=y>" ||
			invite.Get("Replaces") != "c1@h;to-tag=t1;from-tag=f1" ||
			invite.Get("Referred-By") != `"Bob" <sip:bob@example.com>` ||
			invite.Has("Route") || invite.Has("Subject") {
			t.Errorf("INVITE:\n%s", invite)
		}
		w.reply(invite, 100)
		w.reply(invite, 180, farContact)
		w.expectSipfrag(f.seq, active, "180 Ringing")
		w.agree(invite, answerSDP)
		w.expectSipfrag(f.seq, "terminated;reason=noresource", "200 OK")
		b.do(func() {
			if s.state != SessionEstablished || call.state != SessionEstablished {
				t.Errorf("calls %v %v", s.state, call.state)
			}
		})
		f.hangUp()
		b.ended(s, Remote, CauseBye)
		b.do(call.HangUp)
		w.reply(w.expect("BYE"), 200)
		b.clean()
	})
}

func TestReferralToldOfFailure(t *testing.T) {
	for status, code := range map[string]int{"486 Busy Here": 486, "603 Decline": 603, "404 Not Found": 404} {
		asked(t, func(b *bench, w *wire, wishes chan *Referral) {
			s, f := b.answered(w)
			w.send(f.request("REFER", "Refer-To: sip:carol@example.org"))
			w.expect("202 REFER")
			w.expectSipfrag(f.seq, active, "100 Trying")
			r := <-wishes
			b.do(func() { _, _ = r.Accept(CallOptions{}) })
			w.reply(w.expect("INVITE"), code)
			w.expect("ACK")
			w.expectSipfrag(f.seq, "terminated;reason=noresource", status)
			if s.state != SessionEstablished {
				t.Errorf("the call is %v", s.state)
			}
			w.quiet(time.Minute)
		})
	}
}

// A call costs money: no answer of the user is No.
func TestReferralDeclinedAfter15Seconds(t *testing.T) {
	asked(t, func(b *bench, w *wire, wishes chan *Referral) {
		_, f := b.answered(w)
		w.send(f.request("REFER", "Refer-To: <sip:+1900555@example.com>"))
		start := time.Now()
		w.expect("202 REFER")
		w.expectSipfrag(f.seq, active, "100 Trying")
		r := <-wishes
		w.expectSipfrag(f.seq, "terminated;reason=rejected", "603 Decline")
		if d := time.Since(start).Round(time.Second); d != 15*time.Second {
			t.Errorf("after %v", d)
		}
		b.do(func() {
			if _, err := r.Accept(CallOptions{}); !errors.Is(err, ErrReferralOver) {
				t.Errorf("accepted too late: %v", err)
			}
		})
		w.quiet(time.Minute)
	})
}

// Toll fraud: what is refused without a question.
func TestReferRefusals(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{nil, "400"},
		{[]string{"Refer-To: <sip:a@b>, <sip:c@d>"}, "400"},
		{[]string{"Refer-To: <sip:a@b"}, "400"},
		{[]string{"Refer-To: <sip:b>"}, "400"},
		{[]string{"Refer-To: <tel:+1900555>"}, "416"},
		{[]string{"Refer-To: <sips:a@b>"}, "416"},
		{[]string{"Refer-To: <mailto:a@b>"}, "416"},
		{[]string{"Refer-To: <javascript:x>"}, "416"},
		{[]string{"Refer-To: <sip:a@b;method=BYE>"}, "603"},
		{[]string{"Refer-To: <sip:a@b?Replaces=x>"}, "400"},
		{
			[]string{"Refer-To: <sip:a@b?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2&" +
				"replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>"},
			"400",
		},
		{[]string{"Refer-To: <sip:a@b?Replaces=x%3Bto-tag%3D1%0d%0aX:y%3Bfrom-tag%3D2>"}, "400"},
	} {
		asked(t, func(b *bench, w *wire, wishes chan *Referral) {
			s, f := b.answered(w)
			w.send(f.request("REFER", c.lines...))
			w.expect(c.want + " REFER")
			w.quiet(time.Minute)
			if len(wishes) > 0 || s.state != SessionEstablished {
				t.Errorf("%v asked, call %v", c.lines, s.state)
			}
		})
	}
}

func TestReferTwiceIs400(t *testing.T) {
	asked(t, func(b *bench, w *wire, wishes chan *Referral) {
		_, f := b.answered(w)
		refer := f.request("REFER", "Refer-To: <sip:a@b>")
		refer.Add("r", "<sip:c@d>")
		w.send(refer)
		w.expect("400 REFER")
	})
}

func TestReferOutOfDialogOrWhileRingingIs603(t *testing.T) {
	asked(t, func(b *bench, w *wire, wishes chan *Referral) {
		w.send(w.out("REFER", "Refer-To: <sip:a@b>"))
		w.expect("603 REFER")
		s, invite := b.calling(w)
		resp := w.reply(invite, 180, farContact)
		b.reaches(s, SessionRinging)
		w.send(w.callee(invite, resp).request("REFER", "Refer-To: <sip:a@b>"))
		w.expect("603 REFER")
		if len(wishes) > 0 {
			t.Error("asked")
		}
	})
}

func TestReferWithoutListenerIs603(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, f := b.answered(w)
		w.send(f.request("REFER", "Refer-To: <sip:a@b>"))
		w.expect("603 REFER")
	})
}

// One question at a time, whoever asks.
func TestHundredRefersAskOnce(t *testing.T) {
	asked(t, func(b *bench, w *wire, wishes chan *Referral) {
		_, f := b.answered(w)
		w.send(f.request("REFER", "Refer-To: <sip:a@b>"))
		w.expect("202 REFER")
		w.expectSipfrag(f.seq, active, "100 Trying")
		for range 99 {
			w.send(f.request("REFER", "Refer-To: <sip:a@b>"))
			w.expect("491 REFER")
		}
		if len(wishes) != 1 {
			t.Errorf("asked %d times", len(wishes))
		}
		r := <-wishes
		b.do(r.Decline)
		b.do(r.Decline)
		w.reply(w.expect("NOTIFY"), 200)
		w.send(f.request("REFER", "Refer-To: <sip:a@b>"))
		w.expect("202 REFER")
	})
}

// RFC 4488: a REFER that wants no subscription.
func TestReferSubFalseSendsNoNotify(t *testing.T) {
	asked(t, func(b *bench, w *wire, wishes chan *Referral) {
		_, f := b.answered(w)
		w.send(f.request("REFER", "Refer-To: <sip:a@b>", "Refer-Sub: false", "Require: norefersub"))
		if resp := w.expect("202 REFER"); resp.Get("Refer-Sub") != "false" {
			t.Errorf("202:\n%s", resp)
		}
		r := <-wishes
		b.do(func() { _, _ = r.Accept(CallOptions{}) })
		w.agree(w.expect("INVITE"), answerSDP)
		w.quiet(10 * time.Minute)
	})
}

// A far end that hangs up as soon as its REFER is taken has still asked for the call, and is told (RFC 5057 section 4).
func TestReferralOutlivesItsCall(t *testing.T) {
	asked(t, func(b *bench, w *wire, wishes chan *Referral) {
		s, f := b.answered(w)
		w.send(f.request("REFER", "Refer-To: <sip:a@b>"))
		id := f.seq
		w.expect("202 REFER")
		w.expectSipfrag(id, active, "100 Trying")
		f.hangUp()
		b.ended(s, Remote, CauseBye)
		r := <-wishes
		var call *Session
		b.do(func() { call, _ = r.Accept(CallOptions{}) })
		w.agree(w.expect("INVITE"), answerSDP)
		w.expectSipfrag(id, "terminated;reason=noresource", "200 OK")
		b.do(call.HangUp)
		w.reply(w.expect("BYE"), 200)
		b.clean()
	})
}

func TestReferralDeclinedByHangingUp(t *testing.T) {
	asked(t, func(b *bench, w *wire, wishes chan *Referral) {
		s, f := b.answered(w)
		w.send(f.request("REFER", "Refer-To: <sip:a@b>"))
		w.expect("202 REFER")
		w.expectSipfrag(f.seq, active, "100 Trying")
		b.do(s.HangUp)
		w.reply(w.expect("BYE"), 200)
		w.expectSipfrag(f.seq, "terminated;reason=rejected", "603 Decline")
		b.clean()
	})
}

// The subscription that REFER makes can be renewed and ended (RFC 6665 section 4.2.1).
func TestReferSubscriptionRefreshedAndEnded(t *testing.T) {
	asked(t, func(b *bench, w *wire, wishes chan *Referral) {
		_, f := b.answered(w)
		w.send(f.request("REFER", "Refer-To: <sip:a@b>"))
		id := f.seq
		event := fmt.Sprintf("Event: refer;id=%d", id)
		w.expect("202 REFER")
		w.expectSipfrag(id, active, "100 Trying")
		r := <-wishes
		b.do(func() { _, _ = r.Accept(CallOptions{}) })
		invite := w.expect("INVITE")
		w.reply(invite, 180, farContact)
		w.expectSipfrag(id, active, "180 Ringing")
		w.send(f.request("SUBSCRIBE", event, "Expires: 100"))
		if resp := w.expect("200 SUBSCRIBE"); resp.Get("Expires") != "100" {
			t.Errorf("200:\n%s", resp)
		}
		w.expectSipfrag(id, "active;expires=100", "180 Ringing")
		for event, want := range map[string]string{"Event: refer;id=9": "481", "Event: dialog": "489", "X: y": "400"} {
			w.send(f.request("SUBSCRIBE", event))
			w.expect(want + " SUBSCRIBE")
		}
		time.Sleep(101 * time.Second)
		w.expectSipfrag(id, "terminated;reason=timeout", "180 Ringing")
		w.send(f.request("SUBSCRIBE", event, "Expires: 0"))
		w.expect("481 SUBSCRIBE")
		w.agree(invite, answerSDP)
		w.quiet(time.Minute)
	})
}

// A far end that does not want NOTIFYs gets no more of them.
func TestReferralNotifyRefused(t *testing.T) {
	asked(t, func(b *bench, w *wire, wishes chan *Referral) {
		s, f := b.answered(w)
		w.send(f.request("REFER", "Refer-To: <sip:a@b>"))
		w.expect("202 REFER")
		w.reply(w.expect("NOTIFY"), 481)
		r := <-wishes
		b.do(func() { _, _ = r.Accept(CallOptions{}) })
		w.agree(w.expect("INVITE"), answerSDP)
		w.quiet(time.Minute)
		if s.state != SessionEstablished {
			t.Errorf("the call is %v", s.state)
		}
	})
}

// The outcome is not lost with the flow.
func TestReferralOutcomeWaitsForAFlow(t *testing.T) {
	asked(t, func(b *bench, w *wire, wishes chan *Referral) {
		_, f := b.answered(w, "Allow: INVITE,UPDATE")
		w.send(f.request("REFER", "Refer-To: <sip:a@b>"))
		w.expect("202 REFER")
		w.expectSipfrag(f.seq, active, "100 Trying")
		r := <-wishes
		w.close()
		b.do(r.Decline)
		w = b.next()
		var got []string
		for range 2 {
			m := <-w.in
			got = append(got, m.Method+" "+m.Get("Subscription-State"))
			w.reply(m, 200, farContact)
		}
		if all := strings.Join(got, ","); !strings.Contains(all, "NOTIFY terminated;reason=rejected") {
			t.Errorf("sent %s", all)
		}
	})
}

// referRequest is a REFER as a far end may write it.
func referRequest(referTo, referredBy string) *sip.Message {
	m := sip.NewRequest("REFER", sip.URI{Scheme: "sip", User: "alice", Host: "example.com"})
	m.Add("CSeq", "7 REFER")
	m.Add("Refer-To", referTo)
	m.Add("Referred-By", referredBy)
	return m
}

func TestManyRefersDoNotGrow(t *testing.T) {
	asked(t, func(b *bench, w *wire, wishes chan *Referral) {
		s, f := b.answered(w)
		for range 20 {
			w.send(f.request("REFER", "Refer-To: <sip:carol@example.org>", "Refer-Sub: false", farContact))
			w.expect("202 REFER")
			r := <-wishes
			b.do(r.Decline)
		}
		b.do(func() {
			if len(s.changes.watches) > 0 || len(s.usages.referrals) > 0 {
				t.Errorf("%d watchers, %d referrals", len(s.changes.watches), len(s.usages.referrals))
			}
		})
	})
}
