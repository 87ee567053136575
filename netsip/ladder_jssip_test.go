package netsip

import (
	"strings"
	"testing"
	"time"

	"calla/netsip/sip"
)

// What the JsSIP user agent gets wrong on the wire, done right: one ladder for each defect that was found by running it
// or reading it.

func jssip(number, name, was, rule string) plan {
	return plan{name: "jssip-" + number + "-" + name, title: "JsSIP defect " + number + ": " + was, rule: rule}
}

func TestJsSIPDefect1Invite200CrossesCancel(t *testing.T) {
	p := jssip("01", "200-crosses-cancel", "a 200 that crosses CANCEL is neither acknowledged nor hung up",
		"ACK, then BYE (RFC 3261 sections 9.1 and 13.2.2.4)")
	draw(t, p, testConfig(), func(d *drawing) {
		s, invite := d.calls(CallOptions{})
		d.reply(invite, 180, farContact)
		d.does("hang up", s.HangUp)
		d.reply(d.expect("CANCEL"), 200)
		ok := d.reply(invite, 200, farContact, answerSDP)
		d.expect("ACK")
		bye := d.expect("BYE")
		d.send(ok) // the first ACK was lost
		d.expect("ACK")
		d.reply(bye, 200)
		d.clean()
	})
}

func TestJsSIPDefect2SecondForkLeavesTheCallAlone(t *testing.T) {
	p := jssip("02", "second-fork", "the 200 of a second fork is hung up in the dialog of the good call",
		"ACK and BYE go to the second fork's Contact, with its tag")
	p.lanes, p.show = []string{"Bob", "Carol"}, nil
	draw(t, p, testConfig(), func(d *drawing) {
		d.tags["carol"] = "Carol"
		s, invite := d.calls(CallOptions{})
		d.reply(invite, 200, farContact, answerSDP)
		d.expect("ACK")
		d.reply(invite, 200, "To-Tag: carol", "Contact: <sip:carol@192.0.2.3;transport=ws>", answerSDP)
		if ack := d.expect("ACK"); ack.RequestURI.User != "carol" {
			t.Errorf("ACK to %s", ack.RequestURI.String())
		}
		bye := d.expect("BYE")
		if bye.RequestURI.User != "carol" || bye.ToTag() != "carol" {
			t.Errorf("BYE:\n%s", bye)
		}
		d.reply(bye, 200)
		d.hangsUp(s)
	})
}

func TestJsSIPDefect3GlareIsRetriedUnderANewCSeq(t *testing.T) {
	p := jssip("03", "491-new-cseq", "after 491 the re-INVITE is sent again under the same CSeq",
		"each try has its own CSeq")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, _ := d.established()
		d.does("refresh", s.refresh)
		first := d.expect("INVITE")
		d.reseed(3)
		d.reply(first, 491)
		d.expect("ACK")
		again := d.expect("INVITE")
		was, _ := first.CSeq()
		if is, _ := again.CSeq(); is.Seq <= was.Seq {
			t.Errorf("CSeq %v after %v", is, was)
		}
		d.reply(again, 200, farContact, answerSDP)
		d.expect("ACK")
		d.hangsUp(s)
	})
}

func TestJsSIPDefect4TargetOfThe200IsTaken(t *testing.T) {
	p := jssip("04", "target-refresh", "ACK and BYE go to the Contact of the 180",
		"the Contact of the 2xx is the remote target (RFC 3261 section 13.2.2.4)")
	p.show = []string{"Contact"}
	draw(t, p, testConfig(), func(d *drawing) {
		s, invite := d.calls(CallOptions{})
		d.reply(invite, 180, farContact)
		d.reply(invite, 200, "Contact: <sip:desk@192.0.2.7;transport=ws>", answerSDP)
		if ack := d.expect("ACK"); ack.RequestURI.User != "desk" {
			t.Errorf("ACK to %s", ack.RequestURI.String())
		}
		d.does("hang up", s.HangUp)
		bye := d.expect("BYE")
		if bye.RequestURI.User != "desk" {
			t.Errorf("BYE to %s", bye.RequestURI.String())
		}
		d.reply(bye, 200)
	})
}

func TestJsSIPDefect5AnonymousToTheEnd(t *testing.T) {
	p := jssip("05", "anonymous", "ACK, BYE and re-INVITE of an anonymous call carry the real display name",
		"From stays as the INVITE had it, in every request of the call")
	p.show = []string{"From", "Privacy"}
	c := testConfig()
	c.DisplayName = "Alice Ü"
	draw(t, p, c, func(d *drawing) {
		s, invite := d.calls(CallOptions{Anonymous: true})
		d.reply(invite, 200, farContact, answerSDP)
		requests := []*sip.Message{invite, d.expect("ACK")}
		d.does("refresh", s.refresh)
		again := d.expect("INVITE")
		d.reply(again, 200, farContact, answerSDP)
		requests = append(requests, again, d.expect("ACK"))
		d.does("hang up", s.HangUp)
		bye := d.expect("BYE")
		d.reply(bye, 200)
		for _, m := range append(requests, bye) {
			if from, _ := m.From(); from.Display != "Anonymous" ||
				from.URI.String() != "sip:anonymous@anonymous.invalid" ||
				strings.Contains(strings.Join(m.Lines("From"), ""), "Alice") {
				t.Errorf("%s:\n%s", m.Method, m)
			}
		}
	})
}

func TestJsSIPDefect6RegistrationIsTriedAgain(t *testing.T) {
	p := jssip("06", "registration-retry", "a failed registration is never tried again; a 200 without our Contact "+
		"leaves the user agent in limbo; a short grant lapses",
		"503, its Retry-After minded; a 200 that does not list us is a failure; 40 s granted are renewed after 35 s")
	p.lanes = []string{"Registrar"}
	draw(t, p, registering(), func(d *drawing) {
		d.reseed(6)
		d.reply(d.expect("REGISTER"), 503, "Retry-After: 20")
		second := d.expect("REGISTER")
		d.reseed(66)
		d.reply(second, 200, "Contact: <sip:other@192.0.2.9>;expires=600")
		third := d.expect("REGISTER")
		contact, _, _ := strings.Cut(third.Get("Contact"), ";expires=")
		d.reply(third, 200, "Contact: "+contact+";expires=40")
		start := time.Now()
		d.reply(d.expect("REGISTER"), 200, "Contact: "+contact+";expires=3600")
		if after := time.Since(start); after > 36*time.Second {
			t.Errorf("renewed after %v", after)
		}
		if d.state().Registration != Registered {
			t.Errorf("state %v", d.state().Registration)
		}
	})
}

func TestJsSIPDefect7RetransmissionAndOddHeader(t *testing.T) {
	p := jssip("07", "retransmission", "a retransmitted request and any message with one odd header are dropped in "+
		"silence", "the last response is sent again; a header that does not matter is let be")
	draw(t, p, testConfig(), func(d *drawing) {
		f := d.w.caller()
		invite := f.request("INVITE", farContact, offerSDP, "P-Odd: \"unbalanced <;;;", "Date: yesterday",
			"Reason: ,;,")
		d.send(invite)
		d.expect("100 INVITE")
		d.expect("180 INVITE")
		d.send(invite)
		d.expect("180 INVITE")
		s := d.lastInvite()
		d.does("reject with 486", func() { s.Reject(486, "") })
		d.expect("486 INVITE")
		d.send(invite)
		d.send(f.ackOf(d.expect("486 INVITE")))
		d.clean()
	})
}

func TestJsSIPDefect8WhatCannotBeServedIsRefused(t *testing.T) {
	p := jssip("08", "refusals", "no 420, no 505, no 400", "Require of what we lack: 420; another version: 505; "+
		"syntax: 400; an unknown method: 501; all answered, nothing rings")
	draw(t, p, testConfig(), func(d *drawing) {
		f := d.w.caller()
		bad := f.request("INVITE", farContact, offerSDP, "Require: foo, bar")
		d.send(bad)
		d.send(f.ackOf(d.expect("420 INVITE")))
		version := f.request("OPTIONS")
		version.Version = "SIP/3.0"
		d.send(version)
		d.expect("505 OPTIONS")
		d.send(f.request("OPTIONS", "Max-Forwards: 999"))
		d.expect("400 OPTIONS")
		d.send(f.request("FLY"))
		d.expect("501 FLY")
		d.do(func() {
			if len(d.invites) != 0 {
				t.Error("it rang")
			}
		})
	})
}

func TestJsSIPDefect9ContentTypeWithParameters(t *testing.T) {
	p := jssip("09", "content-type", "application/sdp with a parameter, or in capitals, gets 415",
		"media types compare without case, parameters aside")
	p.show = []string{"Content-Type"}
	draw(t, p, testConfig(), func(d *drawing) {
		f := d.w.caller()
		invite := f.request("INVITE", farContact, offerSDP)
		invite.Set("Content-Type", "Application/SDP;charset=utf-8")
		d.send(invite)
		d.expect("100 INVITE")
		d.expect("180 INVITE")
		d.send(f.request("CANCEL"))
		d.expect("200 CANCEL")
		d.send(f.ackOf(d.expect("487 INVITE")))
	})
}

func TestJsSIPDefect10GlareStopsThere(t *testing.T) {
	p := jssip("10", "glare", "a request that crosses ours gets 491 and is processed all the same",
		"one final response, and the offer is not taken")
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, f := d.established()
		steps := d.media.last().history()
		d.does("refresh", s.refresh)
		ours := d.expect("INVITE")
		d.send(f.request("UPDATE", farContact, holdSDP))
		d.expect("491 UPDATE")
		d.reply(ours, 200, farContact, answerSDP)
		d.expect("ACK")
		d.w.quiet(time.Second)
		if got := d.media.last().history(); got != steps+", offer, set answer" || d.held(s) {
			t.Errorf("media did %s, held %v", got, d.held(s))
		}
		d.hangsUp(s)
	})
}

func TestJsSIPDefect11EveryChallengeCounts(t *testing.T) {
	p := jssip("11", "challenges", "only the last challenge is used; nc goes on with a new nonce; the ACK has no "+
		"credentials", "the strongest of one realm is answered, every realm is; a new nonce starts at nc=00000001; "+
		"the ACK of a 2xx has the INVITE's credentials")
	drawTuned(t, p, testConfig(), allowing("a"), func(d *drawing) {
		_, invite := d.calls(CallOptions{})
		d.reply(invite, 407, `Proxy-Authenticate: Digest realm="a", nonce="n1", qop="auth", algorithm=SHA-256`,
			`Proxy-Authenticate: Digest realm="a", nonce="n1", qop="auth", algorithm=MD5`)
		d.expect("ACK")
		invite = d.expect("INVITE")
		if c := parts(t, invite, "Proxy-Authorization"); c["algorithm"] != "SHA-256" || c["nc"] != "00000001" {
			t.Errorf("credentials %v", c)
		}
		d.reply(invite, 407,
			`Proxy-Authenticate: Digest realm="a", nonce="n2", qop="auth", algorithm=SHA-256, stale=true`)
		d.expect("ACK")
		invite = d.expect("INVITE")
		if c := parts(t, invite, "Proxy-Authorization"); c["nonce"] != "n2" || c["nc"] != "00000001" {
			t.Errorf("credentials %v", c)
		}
		f := d.w.callee(invite, d.reply(invite, 200, farContact, answerSDP))
		if ack := d.expect("ACK"); ack.Get("Proxy-Authorization") != invite.Get("Proxy-Authorization") {
			t.Errorf("ACK:\n%s", ack)
		}
		d.byes(f)
	})
}

func TestJsSIPDefect13BranchesAreLong(t *testing.T) {
	p := jssip("13", "branches", "branches are numbers below ten million",
		"a branch has at least 64 random bits, and none comes twice")
	draw(t, p, testConfig(), func(d *drawing) {
		seen := map[string]bool{}
		for range 3 {
			s, invite := d.calls(CallOptions{})
			via, _ := invite.TopVia()
			branch := strings.TrimPrefix(via.Branch(), branchCookie)
			if len(branch)*5 < 64 || seen[branch] {
				t.Errorf("branch %s", via.Branch())
			}
			seen[branch] = true
			d.reply(invite, 486)
			d.expect("ACK")
			d.bench.ended(s, Remote, CauseBusy)
		}
	})
}

func TestJsSIPDefect14CancelAndAckAreComplete(t *testing.T) {
	p := jssip("14", "cancel-and-ack", "CANCEL and the ACK of a refusal lack Max-Forwards; several routes are "+
		"joined wrongly", "both have Max-Forwards, and every Route of the INVITE as it was")
	p.show = []string{"Max-Forwards"}
	c := testConfig()
	c.UsePreloadedRoute = true
	draw(t, p, c, func(d *drawing) {
		s, invite := d.calls(CallOptions{})
		d.reply(invite, 100)
		d.does("hang up", s.HangUp)
		cancel := d.expect("CANCEL")
		d.reply(cancel, 200)
		d.reply(invite, 487)
		ack := d.expect("ACK")
		for _, m := range []*sip.Message{cancel, ack} {
			if m.Get("Max-Forwards") == "" ||
				strings.Join(m.Lines("Route"), "|") != strings.Join(invite.Lines("Route"), "|") ||
				m.Get("Via") != invite.Get("Via") {
				t.Errorf("%s:\n%s", m.Method, m)
			}
		}
	})
}

func TestJsSIPDefect15StopEndsEverything(t *testing.T) {
	p := jssip("15", "stop", "after stop() requests of any kind may still go out",
		"stop ends the call, removes the binding and closes; what comes meanwhile is not served")
	p.show = []string{"Expires"}
	draw(t, p, registering(), func(d *drawing) {
		d.registers(d.expect("REGISTER"))
		_, _, f := d.established()
		stopped := false
		d.does("stop", func() { d.ua.Stop(func() { stopped = true }) })
		bye := d.expect("BYE")
		gone := d.expect("REGISTER")
		d.send(f.request("OPTIONS"))
		d.expect("481 OPTIONS") // refused, not left without an answer
		d.reply(bye, 200)
		d.reply(gone, 200)
		d.until("stopped", func() bool { return stopped })
		d.says("closed")
	})
}

func TestJsSIPDefect16TimerOfABusyDialogIsKept(t *testing.T) {
	p := jssip("16", "busy-timer", "a refresh that falls due while the dialog is busy is never made",
		"it is made as soon as the far end's re-INVITE is done")
	p.show = []string{"Session-Expires"}
	draw(t, p, testConfig(), func(d *drawing) {
		s, _, f := d.established("Allow: UPDATE", "Session-Expires: 90;refresher=uac")
		time.Sleep(44500 * time.Millisecond)
		d.do(func() { d.media.last().delay = 2 * time.Second })
		d.send(f.request("INVITE", farContact, offerSDP, "Supported: timer", "Session-Expires: 90;refresher=uas"))
		d.expect("100 INVITE")
		d.expect("200 INVITE")
		d.send(f.request("ACK"))
		d.do(func() { d.media.last().delay = 0 })
		d.reply(d.expect("UPDATE"), 200, "Session-Expires: 90;refresher=uac")
		d.hangsUp(s)
	})
}

func TestJsSIPDefect18NothingIsSmuggledIntoAMessage(t *testing.T) {
	p := jssip("18", "injection", "CR and LF in a display name, an extra header or a dialled text become header fields",
		"what holds CR, LF or NUL is refused; what stands behind ? in a dialled address never becomes a header")
	draw(t, p, testConfig(), func(d *drawing) {
		for _, h := range []sip.Header{
			{Name: "X", Value: "a\r\nRoute: <sip:evil>"},
			{Name: "X: y\r\nZ", Value: "a"},
			{Name: "X", Value: "a\x00"},
		} {
			d.do(func() {
				if _, err := callText(d.ua, "bob", CallOptions{ExtraHeaders: []sip.Header{h}}); err == nil {
					t.Errorf("%q was taken", h)
				}
			})
		}
		var s *Session
		d.does("call bob?Route=%3Csip:evil%3E", func() {
			var err error
			if s, err = callText(d.ua, "sip:bob@example.com?Route=%3Csip:evil%3E",
				CallOptions{OnChange: d.changedCall}); err != nil {
				d.mark("refused")
			}
		})
		if s == nil {
			return
		}
		invite := d.expect("INVITE")
		if invite.Has("Route") || invite.RequestURI.Headers != "" {
			t.Errorf("INVITE:\n%s", invite)
		}
		d.reply(invite, 404)
		d.expect("ACK")
	})
}

func TestJsSIPDefect19PasswordIsKeptForEveryRealm(t *testing.T) {
	p := jssip("19", "password", "after the first challenge only the HA1 of its realm is kept, and another realm "+
		"cannot be answered", "the password answers each realm that may ask")
	p.lanes = []string{"Server"}
	drawTuned(t, p, registering(), allowing("other.example.org"), func(d *drawing) {
		d.reply(d.expect("REGISTER"), 401, digestChallenge)
		d.registers(d.expect("REGISTER"))
		_, invite := d.calls(CallOptions{})
		d.reply(invite, 407,
			`Proxy-Authenticate: Digest realm="other.example.org", nonce="x", qop="auth", algorithm=SHA-256`)
		d.expect("ACK")
		invite = d.expect("INVITE")
		if c := parts(t, invite, "Proxy-Authorization"); c["realm"] != "other.example.org" {
			t.Errorf("credentials %v", c)
		}
		d.reply(invite, 486)
		d.expect("ACK")
	})
}
