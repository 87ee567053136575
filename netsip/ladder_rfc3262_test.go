package netsip

import (
	"fmt"
	"testing"
	"time"

	"calla/netsip/config"
)

// RFC 3262: reliable provisional responses. RFC 3311: UPDATE.

func ladderOf(rfc, section, name, what, rule string) plan {
	return plan{
		name:  "rfc" + rfc + "-" + section + "-" + name,
		title: "RFC " + rfc + " section " + section + ": " + what, rule: rule,
	}
}

func TestRFC3262EachReliableResponseIsAcknowledgedInOrder(t *testing.T) {
	p := ladderOf("3262", "4", "caller-in-order", "the far end's provisional responses are reliable",
		"each one gets a PRACK with its RSeq; one that comes again gets none, and one after a gap waits for what is "+
			"missing")
	draw(t, p, testConfig(), func(d *drawing) {
		s, invite := d.calls(CallOptions{})
		first := []string{farContact, "Require: 100rel", "RSeq: 900"}
		d.reply(invite, 180, first...)
		d.reply(d.expect("PRACK"), 200)
		d.reply(invite, 180, first...)
		d.reply(invite, 183, farContact, "Require: 100rel", "RSeq: 902", answerSDP)
		d.reply(invite, 183, farContact, "Require: 100rel", "RSeq: 901", answerSDP)
		d.reply(d.expect("PRACK"), 200)
		d.reply(invite, 200, farContact)
		d.expect("ACK")
		d.hangsUp(s)
	})
}

func TestRFC3262OfferInTheReliableResponseIsAnsweredByPRACK(t *testing.T) {
	p := ladderOf("3262", "5", "caller-answers-in-prack", "a late offer comes in a 183",
		"PRACK has the answer, and the 200 needs no description")
	draw(t, p, testConfig(), func(d *drawing) {
		s, invite := d.calls(CallOptions{LateOffer: true})
		d.reply(invite, 183, farContact, "Require: 100rel", "RSeq: 1", offerSDP)
		d.reply(d.expect("PRACK"), 200)
		d.reply(invite, 200, farContact)
		d.expect("ACK")
		d.hangsUp(s)
	})
}

func TestRFC3262UnreliableResponsesAreTakenAsWell(t *testing.T) {
	p := ladderOf("3262", "4", "caller-fallback", "the far end does not use 100rel",
		"Supported: 100rel asks for nothing: a plain 180 gets no PRACK")
	p.show = []string{"Supported"}
	draw(t, p, testConfig(), func(d *drawing) {
		_, invite := d.calls(CallOptions{})
		d.reply(invite, 180, farContact)
		f := d.w.callee(invite, d.reply(invite, 200, farContact, answerSDP))
		d.expect("ACK")
		d.byes(f)
	})
}

func TestRFC3262RingingIsRepeatedUntilPRACK(t *testing.T) {
	p := ladderOf("3262", "3", "callee-repeats", "a caller that requires 100rel",
		"180 is sent again after T1, 2·T1, 4·T1 until its PRACK; a PRACK for another response gets 481")
	draw(t, p, testConfig(), func(d *drawing) {
		f := d.w.caller()
		d.send(f.request("INVITE", farContact, offerSDP, "Require: 100rel"))
		d.expect("100 INVITE")
		ringing := d.expect("180 INVITE")
		f.learn(ringing)
		d.expect("180 INVITE")
		d.expect("180 INVITE")
		rseq, _ := reliableSeq(ringing)
		d.send(f.request("PRACK", fmt.Sprintf("RAck: %d 1 INVITE", rseq+6)))
		d.expect("481 PRACK")
		d.send(f.request("PRACK", "RAck: "+ringing.Get("RSeq")+" 1 INVITE"))
		d.expect("200 PRACK")
		d.w.quiet(20 * time.Second)
		s := d.lastInvite()
		d.does("answer", s.Answer)
		d.expect("200 INVITE")
		f.seq = 1
		d.send(f.request("ACK"))
		d.hangsUp(s)
	})
}

func TestRFC3262WithoutPRACKTheInviteIsRefused(t *testing.T) {
	p := ladderOf("3262", "3", "callee-504", "no PRACK comes", "after 64·T1 the INVITE is refused with 504")
	draw(t, p, testConfig(), func(d *drawing) {
		f := d.w.caller()
		d.send(f.request("INVITE", farContact, offerSDP, "Require: 100rel"))
		d.expect("100 INVITE")
		for {
			m := <-d.w.in
			if m.StatusCode > 180 {
				d.send(f.ackOf(m))
				break
			}
		}
		d.bench.ended(d.lastInvite(), Remote, CauseNoACK)
	})
}

func TestRFC3262AnswerWaitsForThePRACKOfOurOffer(t *testing.T) {
	p := ladderOf("3262", "3", "callee-200-waits", "our offer is in the 180",
		"the 200 is not sent before the PRACK has brought the answer")
	draw(t, p, testConfig(), func(d *drawing) {
		f := d.w.caller()
		d.send(f.request("INVITE", farContact, "Require: 100rel"))
		d.expect("100 INVITE")
		ringing := d.expect("180 INVITE")
		f.learn(ringing)
		s := d.lastInvite()
		d.does("answer", s.Answer)
		d.w.quiet(200 * time.Millisecond)
		d.send(f.request("PRACK", "RAck: "+ringing.Get("RSeq")+" 1 INVITE", answerSDP))
		d.expect("200 PRACK")
		d.expect("200 INVITE")
		f.seq = 1
		d.send(f.request("ACK"))
		d.hangsUp(s)
	})
}

func TestRFC3262CallEndsWhileThePRACKIsTaken(t *testing.T) {
	p := ladderOf("3262", "3", "callee-canceled", "CANCEL while the answer in a PRACK is taken",
		"the PRACK gets its final response too")
	draw(t, p, testConfig(), func(d *drawing) {
		f := d.w.caller()
		d.send(f.request("INVITE", farContact, "Require: 100rel"))
		d.expect("100 INVITE")
		ringing := d.expect("180 INVITE")
		f.learn(ringing)
		d.do(func() { d.media.last().delay = time.Second })
		d.send(f.request("PRACK", "RAck: "+ringing.Get("RSeq")+" 1 INVITE", answerSDP))
		f.seq, f.branch, f.remoteTag = 1, 1, ""
		d.send(f.request("CANCEL"))
		d.expect("200 CANCEL")
		d.send(f.ackOf(d.expect("487 INVITE")))
		d.expect("487 PRACK")
		d.clean()
	})
}

func TestRFC3262RequiredButSwitchedOff(t *testing.T) {
	p := ladderOf("3262", "3", "callee-off", "reliable_provisional is off", "an INVITE that requires 100rel gets 420")
	draw(t, p, reliably(config.ReliableOff), func(d *drawing) {
		f := d.w.caller()
		d.send(f.request("INVITE", farContact, offerSDP, "Require: 100rel"))
		d.send(f.ackOf(d.expect("420 INVITE")))
	})
}

func TestRFC3262CallThatRequires100rel(t *testing.T) {
	p := ladderOf("3262", "4", "caller-requires", "reliable_provisional is required",
		"INVITE has Require: 100rel; 420 ends the call")
	draw(t, p, reliably(config.ReliableRequired), func(d *drawing) {
		_, invite := d.calls(CallOptions{})
		d.reply(invite, 420, "Unsupported: 100rel")
		d.expect("ACK")
	})
}

func TestRFC3311UpdateRenewsOfferAndAnswerInAnEarlyDialog(t *testing.T) {
	p := ladderOf("3311", "5.1", "early-hold", "hold before the call is answered",
		"once offer and answer went reliably, UPDATE changes them; re-INVITE has to wait for the 200")
	draw(t, p, testConfig(), func(d *drawing) {
		s, invite := d.calls(CallOptions{})
		d.reply(invite, 183, farContact, "Require: 100rel", "RSeq: 1", "Allow: INVITE, UPDATE, PRACK", answerSDP)
		d.reply(d.expect("PRACK"), 200)
		d.does("hold", func() { s.SetHold(true) })
		d.reply(d.expect("UPDATE"), 200, farContact, heldSDP)
		d.reply(invite, 200, farContact)
		d.expect("ACK")
		d.hangsUp(s)
	})
}

// heldSDP is an answer that lets itself be held.
const heldSDP = "v=0\r\no=- 2 4 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=recvonly\r\n"

func TestRFC3311EarlyUpdateRefusedWith481(t *testing.T) {
	p := ladderOf("3311", "5.1", "early-481", "UPDATE is refused while the call rings",
		"481 in an early dialog ends the change, not the call: the INVITE decides")
	draw(t, p, testConfig(), func(d *drawing) {
		s, invite := d.calls(CallOptions{})
		d.reply(invite, 183, farContact, "Require: 100rel", "RSeq: 1", "Allow: INVITE, UPDATE, PRACK", answerSDP)
		d.reply(d.expect("PRACK"), 200)
		d.does("hold", func() { s.SetHold(true) })
		d.reply(d.expect("UPDATE"), 481)
		d.do(func() {
			if s.HoldErr() == nil || s.Held() {
				t.Errorf("held %v, error %v", s.Held(), s.HoldErr())
			}
		})
		d.reply(invite, 200, farContact)
		d.expect("ACK")
		d.hangsUp(s)
	})
}

func TestRFC3311UpdateOfTheFarEnd(t *testing.T) {
	p := ladderOf("3311", "5.2", "callee", "the far end holds by UPDATE",
		"the offer is answered in the 200, without an ACK")
	draw(t, p, testConfig(), func(d *drawing) {
		s, f := d.answered("Allow: INVITE, UPDATE")
		d.send(f.request("UPDATE", farContact, holdSDP))
		d.expect("200 UPDATE")
		d.send(f.request("UPDATE", farContact, offerSDP))
		d.expect("200 UPDATE")
		d.hangsUp(s)
	})
}

func TestRFC3311UpdateWhileAnOfferIsOpen(t *testing.T) {
	p := ladderOf("3311", "5.2", "glare", "UPDATE while an offer is open",
		"491 while our own offer waits for its answer; 500 with Retry-After while theirs is being answered")
	p.show = nil
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, f := d.established()
		d.does("hold", func() { s.SetHold(true) })
		ours := d.expect("INVITE")
		d.send(f.request("UPDATE", farContact, offerSDP))
		d.expect("491 UPDATE")
		d.reply(ours, 200, farContact, heldSDP)
		d.expect("ACK")
		d.do(func() { d.media.last().delay = time.Second })
		d.reseed(3311)
		d.send(f.request("UPDATE", farContact, offerSDP))
		d.send(f.request("UPDATE", farContact, offerSDP))
		d.expect("500 UPDATE")
		d.expect("200 UPDATE")
		d.hangsUp(s)
	})
}

func TestRFC3311UpdateWithoutAnOfferMovesTheTarget(t *testing.T) {
	p := ladderOf("3311", "5.2", "target", "UPDATE without an offer",
		"a new Contact, and nothing else, also in the middle of our re-INVITE")
	p.show = []string{"Contact"}
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, f := d.established()
		d.send(f.request("UPDATE", "Contact: <sip:bob@192.0.2.200;transport=ws>"))
		d.expect("200 UPDATE")
		d.does("hang up", s.HangUp)
		bye := d.expect("BYE")
		if bye.RequestURI.Host != "192.0.2.200" {
			t.Errorf("BYE to %s", bye.RequestURI.String())
		}
		d.reply(bye, 200)
	})
}
