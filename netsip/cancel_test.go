package netsip

import (
	"testing"
	"time"
)

func TestCancelWhileRinging(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f := b.ringing(w)
		cancel := f.request("CANCEL", `Reason: SIP;cause=200;text="Call completed elsewhere"`)
		w.send(cancel)
		w.expect("200 CANCEL")
		refusal := w.expect("487 INVITE")
		w.send(f.ackOf(refusal))
		if end := b.ended(s, Remote, CauseCanceled); end.StatusCode != 200 || end.Reason != "Call completed elsewhere" {
			t.Errorf("end %+v", end)
		}
		b.clean()
		w.send(cancel)
		w.expect("481 CANCEL")
	})
}

func TestCancelWhileTheAnswerIsMade(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.delay = time.Second
		s, f := b.ringing(w)
		b.do(s.Answer)
		w.send(f.request("CANCEL"))
		w.expect("200 CANCEL")
		w.send(f.ackOf(w.expect("487 INVITE")))
		b.ended(s, Remote, CauseCanceled)
		w.quiet(time.Minute)
		b.clean()
	})
}

func TestCancelBeforeTheOfferIsChecked(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		b.media.next.delay = time.Second
		f := w.caller()
		f.invite(farContact, offerSDP)
		w.send(f.request("CANCEL"))
		w.expect("200 CANCEL")
		w.send(f.ackOf(w.expect("487 INVITE")))
		w.quiet(time.Minute)
		b.do(func() {
			if len(b.invites) != 0 {
				t.Error("a cancelled call rang")
			}
		})
		b.clean()
	})
}

func TestCancelAfterOur200HasNoEffect(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f := b.answering(w)
		w.send(f.request("CANCEL"))
		w.expect("200 CANCEL")
		w.send(f.request("ACK"))
		b.reaches(s, SessionEstablished)
		f.hangUp()
		b.clean()
	})
}

func TestByeBeforeTheAnswer(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		f := w.caller()
		f.w.send(f.request("INVITE", farContact, offerSDP))
		w.expect("100 INVITE")
		f.learn(w.expect("180 INVITE"))
		s := b.lastInvite()
		branch := f.branch
		f.hangUp()
		refusal := w.expect("487 INVITE")
		f.branch = branch
		f.seq--
		w.send(f.ackOf(refusal))
		b.ended(s, Remote, CauseCanceled)
		b.clean()
	})
}
