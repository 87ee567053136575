package netsip

import (
	"fmt"
	"testing"
	"time"

	"calla/netsip/sip"
)

// RFC 3515: REFER, and RFC 3891: Replaces, in each of the three roles of a transfer (RFC 5589).

// transfers has Alice send the far end of s elsewhere, and gives the REFER.
func (d *drawing) transfers(what string, start func(onChange func(*Transfer)) (*Transfer, error)) *sip.Message {
	d.Helper()
	d.does(what, func() {
		if _, err := start(d.changedTransfer); err != nil {
			d.Error(err)
		}
	})
	return d.expect("REFER")
}

func (d *drawing) changedTransfer(t *Transfer) {
	text := "transfer: " + t.State().String()
	if t.Code() != 0 {
		text += fmt.Sprintf(" (%d)", t.Code())
	}
	d.mark("%s", text)
}

// tells sends a NOTIFY of the far end's call and takes its answer.
func (d *drawing) tells(f *far, refer *sip.Message, state, status string) {
	d.Helper()
	d.send(f.sipfragNotify(referID(refer), state, status))
	d.expect("200 NOTIFY")
}

const fragActive, fragOver = "active;expires=60", "terminated;reason=noresource"

func TestRFC3515BlindTransferByUs(t *testing.T) {
	p := ladderOf("3515", "2.4", "transferor", "blind transfer, Alice transfers",
		"the NOTIFYs tell what becomes of it; 2xx ends our call, not before")
	p.show = []string{"Referred-By"}
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, f := d.established()
		refer := d.transfers("transfer to carol",
			func(on func(*Transfer)) (*Transfer, error) { return s.Transfer("carol", on) })
		d.reply(refer, 202, farContact)
		d.tells(f, refer, fragActive, "100 Trying")
		d.tells(f, refer, fragActive, "180 Ringing")
		d.tells(f, refer, fragOver, "200 OK")
		d.reply(d.expect("BYE"), 200)
		d.clean()
	})
}

func TestRFC3515TransferThatFailsKeepsTheCall(t *testing.T) {
	p := ladderOf("3515", "2.4", "transferor-busy", "the target is busy",
		"a final status from 300 up ends the transfer, and the call goes on")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, f := d.established()
		refer := d.transfers("transfer to carol",
			func(on func(*Transfer)) (*Transfer, error) { return s.Transfer("carol", on) })
		d.reply(refer, 202, farContact)
		d.tells(f, refer, fragActive, "100 Trying")
		d.tells(f, refer, fragOver, "486 Busy Here")
		d.w.quiet(time.Second)
		d.hangsUp(s)
		d.clean()
	})
}

func TestRFC3515ReferRefused(t *testing.T) {
	p := ladderOf("3515", "2.4", "transferor-refused", "the far end will not",
		"a refusal of REFER is the end of the transfer, without a subscription; the call goes on")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, _ := d.established()
		refer := d.transfers("transfer to carol",
			func(on func(*Transfer)) (*Transfer, error) { return s.Transfer("carol", on) })
		d.reply(refer, 603)
		d.hangsUp(s)
		d.clean()
	})
}

// referred draws a script in which Alice's user can be asked.
func referred(t *testing.T, p plan, script func(d *drawing, wish func() *Referral)) {
	t.Helper()
	wishes := make(chan *Referral, 10)
	drawTuned(t, p, testConfig(), func(d *drawing, o *Options) {
		o.OnRefer = func(r *Referral) {
			d.mark("asked to call %s", r.Target().URI.String())
			wishes <- r
		}
	}, func(d *drawing) {
		script(d, func() *Referral { return <-wishes })
	})
}

// news takes a NOTIFY of Alice's and answers it.
func (d *drawing) news() {
	d.Helper()
	d.reply(d.expect("NOTIFY"), 200)
}

func TestRFC3515BlindTransferOfUs(t *testing.T) {
	p := ladderOf("3515", "2.4", "transferee", "blind transfer, Alice is transferred",
		"nothing is called before the user says so; then the outcome is told, and the far end hangs up")
	p.lanes = []string{"Bob", "Carol"}
	p.show = []string{"Referred-By"}
	referred(t, p, func(d *drawing, wish func() *Referral) {
		d.tags["carol"] = "Carol"
		_, f := d.answered()
		d.send(f.request("REFER", "Refer-To: <sip:carol@example.com>", "Referred-By: <sip:bob@example.com>",
			farContact))
		d.expect("202 REFER")
		d.news()
		r := wish()
		var call *Session
		d.does("accept", func() {
			var err error
			if call, err = r.Accept(CallOptions{OnChange: d.changedCall}); err != nil {
				t.Error(err)
			}
		})
		invite := d.expect("INVITE")
		d.reply(invite, 180, "To-Tag: carol", "Contact: <sip:carol@192.0.2.3;transport=ws>")
		d.news()
		d.reply(invite, 200, "To-Tag: carol", "Contact: <sip:carol@192.0.2.3;transport=ws>", answerSDP)
		d.expect("ACK")
		d.news()
		d.byes(f)
		d.hangsUp(call)
		d.clean()
	})
}

func TestRFC3515TransferOfUsIsDeclinedByDefault(t *testing.T) {
	p := ladderOf("3515", "2.4", "transferee-declined", "the user does not answer",
		"after 15 s the answer is no: 603 by NOTIFY; a second wish meanwhile gets 491")
	referred(t, p, func(d *drawing, wish func() *Referral) {
		s, f := d.answered()
		d.send(f.request("REFER", "Refer-To: <sip:0900123@example.com>", farContact))
		d.expect("202 REFER")
		d.news()
		wish()
		d.send(f.request("REFER", "Refer-To: <sip:0900124@example.com>", farContact))
		d.expect("491 REFER")
		d.news()
		d.hangsUp(s)
		d.clean()
	})
}

func TestRFC3515ReferThatIsNotFollowed(t *testing.T) {
	p := ladderOf("3515", "2.4", "transferee-refusals", "REFER that cannot be followed",
		"without a target 400, not a SIP address 416, not for an INVITE 603, outside a call 603; nobody is asked")
	drawTuned(t, p, testConfig(), func(d *drawing, o *Options) {
		o.OnRefer = func(*Referral) { t.Error("the user was asked") }
	}, func(d *drawing) {
		s, f := d.answered()
		d.send(f.request("REFER", farContact))
		d.expect("400 REFER")
		d.send(f.request("REFER", "Refer-To: <tel:+1900>", farContact))
		d.expect("416 REFER")
		d.send(f.request("REFER", "Refer-To: <sip:carol@example.com;method=BYE>", farContact))
		d.expect("603 REFER")
		stranger := d.w.carol()
		d.send(stranger.request("REFER", "Refer-To: <sip:carol@example.com>", farContact))
		d.expect("603 REFER")
		d.hangsUp(s)
	})
}

func TestJsSIPDefect17NobodyListens(t *testing.T) {
	p := jssip("17", "no-listener", "REFER and Replaces without a listener hang for ever or get 405",
		"without a listener REFER gets 603 and Replaces 486; both have an end")
	draw(t, p, testConfig(), func(d *drawing) {
		s, f := d.answered()
		d.send(f.request("REFER", "Refer-To: <sip:carol@example.com>", farContact))
		d.expect("603 REFER")
		carol := d.w.carol()
		d.send(carol.request("INVITE", farContact, offerSDP, f.replacesLine("")))
		d.expect("100 INVITE")
		d.send(carol.ackOf(d.expect("486 INVITE")))
		d.hangsUp(s)
		d.clean()
	})
}

func TestRFC3891AttendedTransferByUs(t *testing.T) {
	p := ladderOf("3891", "3", "transferor", "attended transfer, Alice transfers Bob to Carol",
		"Refer-To names our dialog with Carol as she knows it; success ends both our calls")
	p.lanes = []string{"Bob", "Carol"}
	draw(t, p, testConfig(), func(d *drawing) {
		d.tags["carol"] = "Carol"
		s, _, f := d.established()
		d.does("hold", func() { s.SetHold(true) })
		d.reply(d.expect("INVITE"), 200, farContact, heldSDP)
		d.expect("ACK")
		consult, invite := d.callsTo("carol", CallOptions{})
		d.reply(invite, 200, "To-Tag: carol", "Contact: <sip:carol@192.0.2.3;transport=ws>", answerSDP)
		d.expect("ACK")
		refer := d.transfers("transfer", func(on func(*Transfer)) (*Transfer,
			error,
		) {
			return s.TransferTo(consult, on)
		})
		d.reply(refer, 202, farContact)
		d.tells(f, refer, fragActive, "100 Trying")
		d.tells(f, refer, fragOver, "200 OK")
		d.reply(d.expect("BYE"), 200)
		d.reply(d.expect("BYE"), 200)
		d.clean()
	})
}

// replaced draws a script in which Alice's calls may be replaced.
func replaced(t *testing.T, p plan, script func(d *drawing)) {
	t.Helper()
	p.lanes = []string{"Bob", "Carol"}
	drawTuned(t, p, testConfig(), func(d *drawing, o *Options) {
		d.tags["from-carol"] = "Carol"
		o.OnReplace = func(_, call *Session) { d.watch(call) }
	}, script)
}

func TestRFC3891CallThatTakesThePlaceOfAnother(t *testing.T) {
	p := ladderOf("3891", "3", "target", "attended transfer, Alice is who it is about",
		"the INVITE that names our call is answered without ringing, and the old call gets BYE once the new one is "+
			"confirmed")
	replaced(t, p, func(d *drawing) {
		_, bob := d.answered()
		carol := d.w.carol()
		d.send(carol.request("INVITE", farContact, offerSDP, bob.replacesLine(""), "Require: replaces"))
		d.expect("100 INVITE")
		carol.learn(d.expect("200 INVITE"))
		d.send(carol.request("ACK"))
		d.reply(d.expect("BYE"), 200)
		time.Sleep(time.Second)
		d.byes(carol)
		d.clean()
	})
}

func TestRFC3891CallThatTakesThePlaceOfOneThatRings(t *testing.T) {
	p := ladderOf("3891", "3", "early", "the replaced call only rings there",
		"early-only is held: our INVITE is cancelled")
	replaced(t, p, func(d *drawing) {
		_, invite := d.calls(CallOptions{})
		bob := d.w.callee(invite, d.reply(invite, 180, farContact))
		carol := d.w.carol()
		d.send(carol.request("INVITE", farContact, offerSDP, bob.replacesLine(";early-only")))
		d.expect("100 INVITE")
		carol.learn(d.expect("200 INVITE"))
		d.send(carol.request("ACK"))
		d.reply(d.expect("CANCEL"), 200)
		d.reply(invite, 487)
		d.expect("ACK")
		d.byes(carol)
		d.clean()
	})
}

func TestRFC3891ReplacesThatCannotBe(t *testing.T) {
	p := ladderOf("3891", "3", "refusals", "Replaces that cannot be",
		"unknown dialog 481, early-only on an established call 486, two of them 400, an ended call 603; the call "+
			"there is goes on")
	replaced(t, p, func(d *drawing) {
		_, bob := d.answered()
		for i, c := range []struct {
			line string
			code int
		}{
			{"Replaces: none;to-tag=1;from-tag=2", 481},
			{bob.replacesLine(";early-only"), 486},
			{bob.replacesLine("") + ", x;to-tag=1;from-tag=2", 400},
		} {
			carol := d.w.carol()
			carol.callID, carol.branch = fmt.Sprintf("carol-%d", i), 2000+10*i
			d.send(carol.request("INVITE", farContact, offerSDP, c.line))
			d.expect("100 INVITE")
			d.send(carol.ackOf(d.expect(fmt.Sprintf("%d INVITE", c.code))))
		}
		d.byes(bob)
		carol := d.w.carol()
		carol.branch = 3000
		d.send(carol.request("INVITE", farContact, offerSDP, bob.replacesLine("")))
		d.expect("100 INVITE")
		d.send(carol.ackOf(d.expect("603 INVITE")))
		d.clean()
	})
}

func TestRFC3891CallWhoseAnswerWaitsCannotBeReplaced(t *testing.T) {
	p := ladderOf("3891", "3", "answer-waits", "the call to be replaced has its answer held back",
		"until its 200 is sent it is an early dialog that the other side began: 481, and it goes on")
	replaced(t, p, func(d *drawing) {
		bob := d.w.caller()
		d.send(bob.request("INVITE", farContact, "Require: 100rel"))
		d.expect("100 INVITE")
		ringing := d.expect("180 INVITE")
		bob.learn(ringing)
		s := d.lastInvite()
		d.does("answer", s.Answer)
		carol := d.w.carol()
		d.send(carol.request("INVITE", farContact, offerSDP, bob.replacesLine("")))
		d.expect("100 INVITE")
		d.send(carol.ackOf(d.expect("481 INVITE")))
		d.send(bob.request("PRACK", "RAck: "+ringing.Get("RSeq")+" 1 INVITE", answerSDP))
		d.expect("200 PRACK")
		d.expect("200 INVITE")
		bob.seq = 1
		d.send(bob.request("ACK"))
		d.hangsUp(s)
		d.clean()
	})
}

func TestRFC3891WeTakeThePlaceOfACall(t *testing.T) {
	p := ladderOf("3891", "4", "transferee", "attended transfer, Alice is transferred to Carol",
		"the INVITE carries the Replaces of the Refer-To, and no other header of it")
	p.lanes = []string{"Bob", "Carol"}
	p.show = []string{"Referred-By", "Subject"}
	referred(t, p, func(d *drawing, wish func() *Referral) {
		d.tags["carol"] = "Carol"
		_, f := d.answered()
		d.send(f.request("REFER", "Refer-To: "+
			"<sip:carol@example.com?Replaces=c1%40h%3Bto-tag%3Dt1%3Bfrom-tag%3Df1&Route=%3Csip%3Aevil%3E&Subject=hi>",
			farContact))
		d.expect("202 REFER")
		d.news()
		r := wish()
		d.does("accept", func() {
			if _, err := r.Accept(CallOptions{OnChange: d.changedCall}); err != nil {
				t.Error(err)
			}
		})
		invite := d.expect("INVITE")
		if invite.Get("Replaces") != "c1@h;to-tag=t1;from-tag=f1" || invite.Has("Route") || invite.Has("Subject") {
			t.Errorf("INVITE:\n%s", invite)
		}
		d.reply(invite, 200, "To-Tag: carol", "Contact: <sip:carol@192.0.2.3;transport=ws>", answerSDP)
		d.expect("ACK")
		d.news()
		d.byes(f)
	})
}
