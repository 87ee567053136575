package netsip

import (
	"fmt"
	"testing"
	"time"
)

// replaceable runs a test with a user agent whose calls may be replaced; each one that takes a place comes through the
// channel.
func replaceable(t *testing.T, script func(b *bench, w *wire, taken chan [2]*Session)) {
	t.Helper()
	taken := make(chan [2]*Session, 10)
	listening(t, testConfig(), func(_ *bench, o *Options) {
		o.OnReplace = func(old, new *Session) { taken <- [2]*Session{old, new} }
	}, func(b *bench, w *wire) { script(b, w, taken) })
}

// carol is another phone, which calls in the place of f.
func (w *wire) carol() *far {
	return &far{w: w, callID: "call-2@carol", tag: "from-carol", target: "sip:alice@example.com", branch: 1000}
}

// replacesLine names the dialog of f as alice sees it: to-tag is hers.
func (f *far) replacesLine(params string) string {
	return "Replaces: " + f.callID + ";from-tag=" + f.tag + ";to-tag=" + f.remoteTag + params
}

// RFC 3891 section 3: a call that takes the place of an established one does not ring.
func TestReplacesTakesThePlaceOfACall(t *testing.T) {
	for _, late := range []bool{false, true} {
		replaceable(t, func(b *bench, w *wire, taken chan [2]*Session) {
			old, bob := b.answered(w)
			carol := w.carol()
			lines := []string{
				farContact, bob.replacesLine(""), "Require: replaces",
				"Referred-By: <sip:bob@example.com>",
			}
			if !late {
				lines = append(lines, offerSDP)
			}
			carol.invite(lines...)
			carol.learn(w.expect("200 INVITE"))
			pair := <-taken
			if pair[0] != old || pair[1].Replaced() != old || pair[1].direction != incomingCall {
				t.Errorf("%v", pair)
			}
			b.do(func() {
				if old.state != SessionEstablished || len(b.invites) != 1 {
					t.Errorf("before the ACK: old call %v, %d rang", old.state, len(b.invites))
				}
			})
			if late {
				w.send(carol.request("ACK", answerSDP))
			} else {
				w.send(carol.request("ACK"))
			}
			bye := w.expect("BYE")
			if bye.CallID() != bob.callID {
				t.Errorf("BYE:\n%s", bye)
			}
			w.reply(bye, 200)
			b.ended(old, Local, CauseReplaced)
			b.do(func() {
				if pair[1].state != SessionEstablished {
					t.Errorf("new call %v", pair[1].state)
				}
				pair[1].HangUp()
			})
			w.reply(w.expect("BYE"), 200)
			b.clean()
		})
	}
}

// RFC 3891 section 3: an early dialog that we began may be taken over; the INVITE out is cancelled.
func TestReplacesTakesThePlaceOfACallThatRingsThere(t *testing.T) {
	replaceable(t, func(b *bench, w *wire, taken chan [2]*Session) {
		old, invite := b.calling(w)
		resp := w.reply(invite, 180, farContact)
		b.reaches(old, SessionRinging)
		bob := w.callee(invite, resp)
		carol := w.carol()
		carol.invite(farContact, offerSDP, bob.replacesLine(";early-only"))
		carol.learn(w.expect("200 INVITE"))
		<-taken
		w.send(carol.request("ACK"))
		w.reply(w.expect("CANCEL"), 200)
		w.reply(invite, 487)
		w.expect("ACK")
		b.ended(old, Local, CauseReplaced)
	})
}

func TestReplacesRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines func(bob *far) []string
		want  int
	}{
		{"unknown dialog", func(*far) []string { return []string{"Replaces: none;to-tag=1;from-tag=2"} }, 481},
		{"tags the wrong way round", func(bob *far) []string {
			return []string{"Replaces: " + bob.callID + ";to-tag=" + bob.tag + ";from-tag=" + bob.remoteTag}
		}, 481},
		{
			"early-only on a confirmed dialog",
			func(bob *far) []string { return []string{bob.replacesLine(";early-only")} }, 486,
		},
		{
			"two values", func(bob *far) []string { return []string{bob.replacesLine("") + ", x;to-tag=1;from-tag=2"} },
			400,
		},
		{"no tags", func(bob *far) []string { return []string{"Replaces: " + bob.callID} }, 400},
		{"one tag twice", func(bob *far) []string { return []string{bob.replacesLine(";to-tag=x")} }, 400},
		{
			"with Join", func(bob *far) []string {
				return []string{
					bob.replacesLine(""),
					"Join: x;to-tag=1;from-tag=2",
				}
			},
			400,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			replaceable(t, func(b *bench, w *wire, taken chan [2]*Session) {
				old, bob := b.answered(w)
				carol := w.carol()
				carol.invite(append(c.lines(bob), farContact, offerSDP)...)
				w.expect(fmt.Sprintf("%d INVITE", c.want))
				w.quiet(time.Minute)
				b.do(func() {
					if old.state != SessionEstablished || len(taken) > 0 || len(b.invites) > 1 {
						t.Errorf("call %v, %d taken, %d rang", old.state, len(taken), len(b.invites))
					}
				})
			})
		})
	}
}

func TestTwoReplacesHeadersAre400(t *testing.T) {
	replaceable(t, func(b *bench, w *wire, _ chan [2]*Session) {
		_, bob := b.answered(w)
		invite := w.carol().request("INVITE", farContact, offerSDP, bob.replacesLine(""))
		invite.Add("Replaces", invite.Get("Replaces"))
		w.send(invite)
		w.expect("100 INVITE")
		w.expect("400 INVITE")
	})
}

func TestReplacesOfATerminatedCallIs603(t *testing.T) {
	replaceable(t, func(b *bench, w *wire, _ chan [2]*Session) {
		_, bob := b.answered(w)
		bob.hangUp()
		time.Sleep(time.Minute)
		w.send(w.carol().request("INVITE", farContact, offerSDP, bob.replacesLine("")))
		w.expect("100 INVITE")
		w.expect("603 INVITE")
	})
}

// RFC 3891 section 3: who has not begun an early dialog does not let it be taken over.
func TestReplacesOfACallThatRingsHereIs481(t *testing.T) {
	replaceable(t, func(b *bench, w *wire, _ chan [2]*Session) {
		bob := w.caller()
		bob.invite(farContact, offerSDP)
		bob.learn(w.expect("180 INVITE"))
		w.send(w.carol().request("INVITE", farContact, offerSDP, bob.replacesLine("")))
		w.expect("100 INVITE")
		w.expect("481 INVITE")
	})
}

func TestReplacesWithoutListenerIs486(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		_, bob := b.answered(w)
		w.send(w.carol().request("INVITE", farContact, offerSDP, bob.replacesLine("")))
		w.expect("100 INVITE")
		w.expect("486 INVITE")
	})
}

// The new call never gets its ACK: the old one stays, and may be replaced once more.
func TestReplacesThatFailsKeepsTheOldCall(t *testing.T) {
	replaceable(t, func(b *bench, w *wire, taken chan [2]*Session) {
		old, bob := b.answered(w)
		carol := w.carol()
		carol.invite(farContact, offerSDP, bob.replacesLine(""))
		carol.learn(w.expect("200 INVITE"))
		<-taken
		w.send(w.carol2().request("INVITE", farContact, offerSDP, bob.replacesLine("")))
		for title(<-w.in) != "486 INVITE" {
		}
		for { // the 200 again and again, then the end
			m := <-w.in
			if m.Method == "BYE" {
				if m.CallID() != carol.callID {
					t.Errorf("BYE of the old call:\n%s", m)
				}
				w.reply(m, 200)
				break
			}
		}
		b.do(func() {
			if old.state != SessionEstablished || old.place.taken {
				t.Errorf("old call %v", old.state)
			}
		})
	})
}

// carol2 is one more phone.
func (w *wire) carol2() *far {
	f := w.carol()
	f.callID, f.tag, f.branch = "call-3@carol", "from-carol2", 2000
	return f
}

// The user hangs up while the offer of the call that takes the place is being read.
func TestReplacesOfACallHungUpMeanwhileIs603(t *testing.T) {
	replaceable(t, func(b *bench, w *wire, taken chan [2]*Session) {
		old, bob := b.answered(w)
		b.media.next.delay = time.Second
		w.send(w.carol().request("INVITE", farContact, offerSDP, bob.replacesLine("")))
		w.expect("100 INVITE")
		b.do(old.HangUp)
		w.reply(w.expect("BYE"), 200)
		w.expect("603 INVITE")
		if len(taken) > 0 {
			t.Error("taken")
		}
	})
}

// Our own INVITE with Replaces: picks a call up at its far end from another of our calls.
func TestReplacesOut(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		old, bob := b.answered(w)
		s := b.call("bob", CallOptions{Replaces: old, ReferredBy: "<sip:carol@example.com>"})
		invite := w.expect("INVITE")
		if got := invite.Get("Replaces"); got != bob.callID+";to-tag="+bob.tag+";from-tag="+bob.remoteTag {
			t.Errorf("Replaces %s", got)
		}
		if invite.Get("Referred-By") != "<sip:carol@example.com>" {
			t.Errorf("INVITE:\n%s", invite)
		}
		b.do(func() {
			if _, err := callText(b.ua, "bob", CallOptions{Replaces: old}); err == nil {
				t.Error("one place taken twice")
			}
			for _, by := range []string{"<sip:x@y>\r\nX: y", "<sip:x", "\x00"} {
				if _, err := callText(b.ua, "bob", CallOptions{ReferredBy: by}); err == nil {
					t.Errorf("referred by %q", by)
				}
			}
		})
		w.agree(invite, answerSDP)
		bye := w.expect("BYE")
		if bye.CallID() != bob.callID {
			t.Errorf("BYE:\n%s", bye)
		}
		w.reply(bye, 200)
		b.ended(old, Local, CauseReplaced)
		b.reaches(s, SessionEstablished)
	})
}

// The three phones of an attended transfer, the middle one being ours in each role, agree on who is who: what
// TransferTo writes is what replacing finds.
func TestReplacesOfTransferorMatchesAtTarget(t *testing.T) {
	replaceable(t, func(b *bench, w *wire, taken chan [2]*Session) {
		old, bob := b.answered(w)
		mirrored := &dialog{callID: bob.callID, localTag: bob.tag, remoteTag: bob.remoteTag} // bob's side of it
		if got := replacesOf(mirrored).key(); got != old.dialog.key() {
			t.Errorf("%q, want %q", got, old.dialog.key())
		}
	})
}
