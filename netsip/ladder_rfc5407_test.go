package netsip

import (
	"strings"
	"testing"
	"time"
)

// RFC 5407: race conditions. Moratorium is the time between a 2xx and its ACK, mortal that after BYE. The appendices of
// the RFC are flows too.

func rfc5407(section, what, rule string) plan {
	return plan{
		name:  "rfc5407-" + strings.NewReplacer(", as ", "-", "section ", "", " ", "-").Replace(section),
		title: "RFC 5407 " + section + ": " + what, rule: rule,
	}
}

// moratorium has Bob call Alice, who answers; the ACK is not there yet.
func (d *drawing) moratorium(lines ...string) (*Session, *far) {
	d.Helper()
	s, f, _ := d.rings(append([]string{farContact}, lines...)...)
	d.does("answer", s.Answer)
	f.learn(d.expect("200 INVITE"))
	return s, f
}

func TestRFC5407Section3_1_1InviteRetransmissionInTheMoratorium(t *testing.T) {
	p := rfc5407("section 3.1.1", "callee receives a retransmission of the INVITE in the moratorium",
		"the retransmission is absorbed (RFC 6026): the 200 goes out again by its own timer, until the ACK")
	draw(t, p, testConfig(), func(d *drawing) {
		s, f, invite := d.rings(farContact, offerSDP)
		d.does("answer", s.Answer)
		f.learn(d.expect("200 INVITE"))
		d.send(invite)
		d.expect("200 INVITE")
		d.send(f.request("ACK"))
		d.w.quiet(time.Second)
		d.hangsUp(s)
	})
}

func TestRFC5407Section3_1_2CancelInTheMoratorium(t *testing.T) {
	p := rfc5407("section 3.1.2, as callee", "callee receives CANCEL in the moratorium",
		"CANCEL is answered but has no effect on an INVITE that has its 200; the caller then hangs up")
	draw(t, p, testConfig(), func(d *drawing) {
		_, f := d.moratorium(offerSDP)
		d.send(f.request("CANCEL"))
		d.expect("200 CANCEL")
		d.send(f.request("ACK"))
		d.byes(f)
	})
}

func TestRFC5407Section3_1_2CancelCrosses200(t *testing.T) {
	p := rfc5407("section 3.1.2, as caller", "our CANCEL crosses the 200", "the 200 is acknowledged and hung up by BYE")
	draw(t, p, testConfig(), func(d *drawing) {
		s, invite := d.calls(CallOptions{})
		d.reply(invite, 180, farContact)
		d.does("hang up", s.HangUp)
		cancel := d.expect("CANCEL")
		d.reply(invite, 200, farContact, answerSDP)
		d.expect("ACK")
		bye := d.expect("BYE")
		d.reply(cancel, 200)
		d.reply(bye, 200)
		d.clean()
	})
}

func TestRFC5407Section3_1_3EarlyByeInTheMoratorium(t *testing.T) {
	p := rfc5407("section 3.1.3", "callee receives a BYE of the early dialog in the moratorium",
		"BYE is answered 200 and ends the call; the 200 of the INVITE is not sent again, and the ACK is absorbed")
	draw(t, p, testConfig(), func(d *drawing) {
		_, f := d.moratorium(offerSDP)
		d.send(f.request("BYE"))
		d.expect("200 BYE")
		f.seq--
		d.send(f.request("ACK"))
		d.w.quiet(time.Minute)
		d.clean()
	})
}

func TestRFC5407Section3_1_4ReinviteInTheMoratoriumWithTheOfferAnswered(t *testing.T) {
	p := rfc5407("section 3.1.4", "callee receives a re-INVITE in the moratorium (case 1: offer in the INVITE)",
		"offer and answer are complete, so the re-INVITE is answered; each 200 waits for its own ACK")
	draw(t, p, testConfig(), func(d *drawing) {
		s, f := d.moratorium(offerSDP)
		first := f.request("ACK")
		d.send(f.request("INVITE", farContact, holdSDP))
		d.expect("100 INVITE")
		d.expect("200 INVITE")
		second := f.request("ACK")
		d.send(first)
		d.send(second)
		d.w.quiet(time.Second)
		d.hangsUp(s)
	})
}

func TestRFC5407Section3_1_5ReinviteInTheMoratoriumWithTheAnswerDue(t *testing.T) {
	p := rfc5407("section 3.1.5", "callee receives a re-INVITE in the moratorium (case 2: offer in the 200)",
		"our offer has no answer yet, so another one is refused with 491")
	draw(t, p, testConfig(), func(d *drawing) {
		s, f := d.moratorium()
		first := f.request("ACK", answerSDP)
		d.send(f.request("INVITE", farContact, offerSDP))
		d.expect("100 INVITE")
		refused := d.expect("491 INVITE")
		d.send(f.ackOf(refused))
		d.send(first)
		d.send(f.request("INVITE", farContact, offerSDP))
		d.expect("100 INVITE")
		d.expect("200 INVITE")
		d.send(f.request("ACK"))
		d.hangsUp(s)
	})
}

func TestRFC5407Section3_1_6ByeInTheMoratorium(t *testing.T) {
	p := rfc5407("section 3.1.6", "callee receives BYE in the moratorium, the ACK being lost",
		"BYE ends the call without the ACK; the 200 of the INVITE is not sent again")
	draw(t, p, testConfig(), func(d *drawing) {
		_, f := d.moratorium(offerSDP)
		d.expect("200 INVITE") // again: the ACK is lost
		d.byes(f)
		d.w.quiet(time.Minute)
		d.clean()
	})
}

func TestRFC5407Section3_2_1ByeInTheMortalState(t *testing.T) {
	p := rfc5407("section 3.2.1", "both sides hang up", "a BYE that crosses ours is answered 200")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, f := d.established()
		d.does("hang up", s.HangUp)
		bye := d.expect("BYE")
		d.byes(f)
		d.reply(bye, 200)
		d.clean()
	})
}

func TestRFC5407Section3_2_2ReinviteInTheMortalState(t *testing.T) {
	p := rfc5407("section 3.2.2", "a re-INVITE crosses our BYE", "the dialog has ended for us: 481")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, f := d.established()
		d.does("hang up", s.HangUp)
		bye := d.expect("BYE")
		d.send(f.request("INVITE", farContact, offerSDP))
		d.expect("100 INVITE")
		d.send(f.ackOf(d.expect("481 INVITE")))
		d.reply(bye, 200)
		d.clean()
	})
}

func TestRFC5407Section3_2_3ReinviteIsAcceptedInTheMortalState(t *testing.T) {
	p := rfc5407("section 3.2.3", "the 200 of our re-INVITE crosses our BYE",
		"the 200 is acknowledged all the same, so that it is not sent again")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, _ := d.established()
		d.does("refresh", s.refresh)
		invite := d.expect("INVITE")
		d.does("hang up", s.HangUp)
		bye := d.expect("BYE")
		d.reply(invite, 200, farContact, answerSDP)
		d.expect("ACK")
		d.reply(bye, 200)
		d.clean()
	})
}

func TestRFC5407Section3_2_4AckInTheMortalState(t *testing.T) {
	p := rfc5407("section 3.2.4", "callee receives the ACK after the BYE that overtook it", "the late ACK is absorbed")
	draw(t, p, testConfig(), func(d *drawing) {
		_, f := d.moratorium(offerSDP)
		ack := f.request("ACK")
		d.byes(f)
		d.send(ack)
		d.w.quiet(time.Minute)
		d.clean()
	})
}

func TestRFC5407Section3_2_4ByeOfTheCalleeWaitsForTheACK(t *testing.T) {
	p := rfc5407("section 3.2.4, as callee", "the callee hangs up in the moratorium",
		"BYE waits for the ACK (RFC 3261 section 15)")
	draw(t, p, testConfig(), func(d *drawing) {
		s, f := d.moratorium(offerSDP)
		d.does("hang up", s.HangUp)
		d.w.quiet(100 * time.Millisecond)
		d.send(f.request("ACK"))
		d.reply(d.expect("BYE"), 200)
		d.clean()
	})
}

// crossover lets our re-INVITE and one of the far end cross.
func (d *drawing) crossover(s *Session, f *far) {
	d.Helper()
	d.does("refresh", s.refresh)
	ours := d.expect("INVITE")
	d.send(f.request("INVITE", farContact, holdSDP))
	d.expect("100 INVITE")
	d.send(f.ackOf(d.expect("491 INVITE")))
	d.reseed(491)
	d.reply(ours, 491)
	d.expect("ACK")
	d.reply(d.expect("INVITE"), 200, farContact, answerSDP)
	d.expect("ACK")
}

func TestRFC5407Section3_3_1ReinviteCrossoverOwner(t *testing.T) {
	p := rfc5407("section 3.3.1, as owner", "re-INVITE crossover",
		"both get 491; the owner of the Call-ID tries again after 2.1 to 4 s")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, f := d.established()
		d.crossover(s, f)
		d.hangsUp(s)
	})
}

func TestRFC5407Section3_3_1ReinviteCrossoverOther(t *testing.T) {
	p := rfc5407("section 3.3.1, as other", "re-INVITE crossover",
		"both get 491; who does not own the Call-ID tries again after 0 to 2 s")
	draw(t, p, testConfig(), func(d *drawing) {
		s, f := d.answered()
		d.crossover(s, f)
		d.hangsUp(s)
	})
}

func TestRFC5407Section3_3_2UpdateAndReinviteCrossover(t *testing.T) {
	p := rfc5407("section 3.3.2", "UPDATE and re-INVITE crossover",
		"an UPDATE with an offer that crosses our re-INVITE gets 491; one without an offer does not touch it")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, f := d.established()
		d.does("refresh", s.refresh)
		ours := d.expect("INVITE")
		d.send(f.request("UPDATE", farContact, offerSDP))
		d.expect("491 UPDATE")
		d.send(f.request("UPDATE", farContact))
		d.expect("200 UPDATE")
		d.reseed(332)
		d.reply(ours, 491)
		d.expect("ACK")
		d.reply(d.expect("INVITE"), 200, farContact, answerSDP)
		d.expect("ACK")
		d.hangsUp(s)
	})
}

func TestRFC5407Section3_3_3ReferInTheMortalState(t *testing.T) {
	p := rfc5407("section 3.3.3", "a REFER crosses our BYE", "the dialog has ended for us: 481, and nobody is asked")
	drawTuned(t, p, testConfig(), func(d *drawing, o *Options) {
		o.OnRefer = func(*Referral) { t.Error("the user was asked") }
	}, func(d *drawing) {
		s, _, f := d.established()
		d.does("hang up", s.HangUp)
		bye := d.expect("BYE")
		d.send(f.request("REFER", "Refer-To: <sip:carol@example.com>", farContact))
		d.expect("481 REFER")
		d.reply(bye, 200)
		d.clean()
	})
}

func TestRFC5407AppendixAByeInTheEarlyDialog(t *testing.T) {
	p := rfc5407("appendix A", "BYE in the early dialog", "BYE is answered 200 and the INVITE 487, as by CANCEL")
	draw(t, p, testConfig(), func(d *drawing) {
		s, f, _ := d.rings(farContact, offerSDP)
		d.do(func() { f.remoteTag = s.dialog.localTag })
		d.send(f.request("BYE"))
		d.expect("200 BYE")
		f.seq--
		d.send(f.ackOf(d.expect("487 INVITE")))
		d.clean()
	})
}

func TestRFC5407AppendixAByeOfACalleeThatRings(t *testing.T) {
	p := rfc5407("appendix A, as caller", "BYE of a callee in the early dialog",
		"a far end that ought to refuse says BYE: its dialog ends; the call goes on while it rings elsewhere, else "+
			"the INVITE is cancelled")
	p.lanes = []string{"Bob", "Bob's second phone"}
	draw(t, p, testConfig(), func(d *drawing) {
		d.tags["second"] = "Bob's second phone"
		_, invite := d.calls(CallOptions{})
		first := d.w.callee(invite, d.reply(invite, 180, farContact))
		second := d.w.callee(invite, d.reply(invite, 180, "To-Tag: second",
			"Contact: <sip:bob@192.0.2.2;transport=ws>"))
		second.branch = 500
		d.byes(first)
		d.byes(second)
		d.reply(d.expect("CANCEL"), 200)
		d.reply(invite, 487)
		d.expect("ACK")
		d.clean()
	})
}

func TestRFC5407AppendixBByeOverlapsReinvite(t *testing.T) {
	p := rfc5407("appendix B", "BYE overlaps with a re-INVITE", "the far end's BYE ends its own re-INVITE: 200 and 487")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, f := d.established()
		d.do(func() { d.media.last().delay = time.Second })
		reinvite := f.request("INVITE", farContact, offerSDP)
		d.send(reinvite)
		d.expect("100 INVITE")
		d.send(f.request("BYE"))
		d.expect("200 BYE")
		refusal := d.expect("487 INVITE")
		ack := f.request("ACK")
		ack.Set("Via", reinvite.Get("Via"))
		ack.Set("CSeq", strings.Replace(reinvite.Get("CSeq"), "INVITE", "ACK", 1))
		ack.Set("To", refusal.Get("To"))
		d.send(ack)
		d.bench.ended(s, Remote, CauseBye)
		d.clean()
	})
}

func TestRFC5407AppendixBOurByeOverlapsOurReinvite(t *testing.T) {
	p := rfc5407("appendix B, as caller", "our BYE overlaps with our re-INVITE",
		"what the far end makes of the re-INVITE is acknowledged; nothing is left")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, _ := d.established()
		d.does("refresh", s.refresh)
		invite := d.expect("INVITE")
		d.reply(invite, 100)
		d.does("hang up", s.HangUp)
		messages := []string{}
		for range 2 { // BYE, and CANCEL of the re-INVITE
			m := <-d.w.in
			messages = append(messages, m.Method)
			d.reply(m, 200)
		}
		if got := strings.Join(messages, " "); got != "BYE CANCEL" && got != "CANCEL BYE" {
			t.Errorf("sent %s", got)
		}
		d.reply(invite, 487)
		d.expect("ACK")
		d.clean()
	})
}

func TestRFC5407AppendixCCancelWaitsForAProvisionalResponse(t *testing.T) {
	p := rfc5407("appendix C", "CANCEL before any response",
		"CANCEL is held until a provisional response has come; then the INVITE is cancelled")
	draw(t, p, testConfig(), func(d *drawing) {
		s, invite := d.calls(CallOptions{})
		d.does("hang up", s.HangUp)
		time.Sleep(2 * time.Second)
		d.reply(invite, 100)
		d.reply(d.expect("CANCEL"), 200)
		d.reply(invite, 487)
		d.expect("ACK")
		d.clean()
	})
}

func TestRFC5407AppendixEForkingAndNewToTags(t *testing.T) {
	p := rfc5407("appendix E", "forking and new To tags",
		"a 2xx of another fork is acknowledged and hung up in its own dialog; the call goes on")
	p.lanes = []string{"Bob", "Bob's second phone"}
	draw(t, p, testConfig(), func(d *drawing) {
		d.tags["second"] = "Bob's second phone"
		_, invite := d.calls(CallOptions{})
		d.reply(invite, 180, farContact)
		d.reply(invite, 180, "To-Tag: second", "Contact: <sip:bob@192.0.2.2;transport=ws>")
		f := d.w.callee(invite, d.reply(invite, 200, farContact, answerSDP))
		d.expect("ACK")
		d.reply(invite, 200, "To-Tag: second", "Contact: <sip:bob@192.0.2.2;transport=ws>", answerSDP)
		d.expect("ACK")
		bye := d.expect("BYE")
		if bye.ToTag() != "second" {
			t.Errorf("BYE:\n%s", bye)
		}
		d.reply(bye, 200)
		time.Sleep(5 * time.Second)
		d.byes(f)
		d.clean()
	})
}
