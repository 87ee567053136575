package netsip

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sip"
)

// transfers notes the states a transfer goes through, each once: onChange is called after a change, and may then see
// the next one already.
type transfers struct {
	t      *Transfer
	states []string
}

func (n *transfers) note(t *Transfer) {
	n.states = slices.Compact(append(n.states, t.State().String()))
}

func (b *bench) transfer(s *Session, target string) *transfers {
	b.Helper()
	n := &transfers{}
	var err error
	b.do(func() { n.t, err = s.Transfer(target, n.note) })
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func (b *bench) transferred(n *transfers, want TransferState) {
	b.Helper()
	b.until("transfer "+want.String(), func() bool { return n.t.State() == want })
}

// sipfragNotify tells how the call that was asked for stands.
func (f *far) sipfragNotify(event, state, status string) *sip.Message {
	return f.request("NOTIFY", "Event: "+event, "Subscription-State: "+state, farContact,
		"Content-Type: message/sipfrag;version=2.0",
		"Body: SIP/2.0 "+status+"\r\n")
}

func referID(refer *sip.Message) string {
	seq, _ := refer.CSeq()
	return fmt.Sprintf("refer;id=%d", seq.Seq)
}

// RFC 3515 section 4.1 and RFC 5589 section 6: a blind transfer.
func TestReferTransfersAndHangsUpOnSuccess(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		n := b.transfer(s, "carol")
		refer := w.expect("REFER")
		if got := refer.Get("Refer-To"); got != "<sip:carol@example.com>" {
			t.Errorf("Refer-To %s", got)
		}
		if got := refer.Get("Referred-By"); got != "<sip:alice@example.com>" {
			t.Errorf("Referred-By %s", got)
		}
		if refer.Get("Contact") == "" || refer.RequestURI.String() != "sip:bob@192.0.2.1;transport=ws" {
			t.Errorf("REFER:\n%s", refer)
		}
		w.reply(refer, 202, farContact)
		w.send(f.sipfragNotify(referID(refer), "active;expires=60", "100 Trying"))
		w.expect("200 NOTIFY")
		w.send(f.sipfragNotify(referID(refer), "active;expires=60", "180 Ringing"))
		w.expect("200 NOTIFY")
		b.do(func() {
			if n.t.State() != TransferProgress || n.t.Code() != 180 || s.state != SessionEstablished {
				t.Errorf("%v %d, call %v", n.t.State(), n.t.Code(), s.state)
			}
		})
		w.send(f.sipfragNotify(referID(refer), "terminated;reason=noresource", "200 OK"))
		w.expect("200 NOTIFY")
		w.reply(w.expect("BYE"), 200)
		b.ended(s, Local, CauseBye)
		b.transferred(n, TransferDone)
		if got := strings.Join(n.states, " "); got != "trying progress done" {
			t.Errorf("states %s", got)
		}
		b.clean()
	})
}

// A transfer that fails leaves the call as it was, and another one may follow.
func TestReferFailureKeepsTheCall(t *testing.T) {
	for _, c := range []struct {
		name string
		far  func(w *wire, f *far, refer *sip.Message)
		code int
	}{
		{"target busy", func(w *wire, f *far, refer *sip.Message) {
			w.reply(refer, 202)
			w.send(f.sipfragNotify("refer", "terminated;reason=noresource", "486 Busy Here"))
			w.expect("200 NOTIFY")
		}, 486},
		{"refused", func(w *wire, _ *far, refer *sip.Message) { w.reply(refer, 603) }, 603},
		{"not understood", func(w *wire, _ *far, refer *sip.Message) { w.reply(refer, 405) }, 405},
		{"silence after 202", func(w *wire, _ *far, refer *sip.Message) { w.reply(refer, 202) }, 0},
		{"Refer-Sub: false", func(w *wire, _ *far, refer *sip.Message) { w.reply(refer, 200, "Refer-Sub: false") }, 0},
		{"subscription ended without outcome", func(w *wire, f *far, refer *sip.Message) {
			w.reply(refer, 202)
			w.send(f.request("NOTIFY", "Event: refer", "Subscription-State: terminated;reason=giveup", farContact))
			w.expect("200 NOTIFY")
		}, 0},
		{"subscription expires", func(w *wire, f *far, refer *sip.Message) {
			w.reply(refer, 202)
			w.send(f.sipfragNotify("refer", "active;expires=20", "100 Trying"))
			w.expect("200 NOTIFY")
		}, 100},
		{"no answer", func(*wire, *far, *sip.Message) {}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, _, f := b.established(w)
				n := b.transfer(s, "carol")
				refer := w.expect("REFER")
				b.do(func() {
					if _, err := s.Transfer("dave", nil); !errors.Is(err, ErrTransferPending) {
						t.Errorf("a second one: %v", err)
					}
				})
				c.far(w, f, refer)
				b.transferred(n, TransferFailed)
				b.do(func() {
					if n.t.Err() == nil || n.t.Code() != c.code || s.state != SessionEstablished {
						t.Errorf("%d %v, call %v", n.t.Code(), n.t.Err(), s.state)
					}
				})
				again := b.transfer(s, "dave")
				refer = w.expect("REFER")
				w.reply(refer, 202)
				w.send(f.sipfragNotify(referID(refer), "terminated", "200 OK"))
				w.expect("200 NOTIFY")
				b.transferred(again, TransferDone)
				w.reply(w.expect("BYE"), 200)
				b.ended(s, Local, CauseBye)
				b.clean()
			})
		})
	}
}

// RFC 3515 section 2.4.6: the id of the subscription is the CSeq of the REFER that was accepted.
func TestReferSubscriptionIDAfterChallenge(t *testing.T) {
	listening(t, testConfig(), knowing(allowed("example.com")), func(b *bench, w *wire) {
		s, first := b.calling(w)
		w.reply(first, 407, `Proxy-Authenticate: Digest realm="example.com", nonce="n1"`)
		w.expect("ACK")
		invite := w.expect("INVITE")
		resp := w.reply(invite, 200, farContact, answerSDP)
		w.expect("ACK")
		b.reaches(s, SessionEstablished)
		f := w.callee(invite, resp)
		n := b.transfer(s, "carol")
		old := w.expect("REFER")
		w.reply(old, 407, `Proxy-Authenticate: Digest realm="example.com", nonce="n2", stale=true`)
		refer := w.expect("REFER")
		w.reply(refer, 202)
		if referID(refer) == referID(old) || !refer.Has("Proxy-Authorization") {
			t.Errorf("REFER again:\n%s", refer)
		}
		w.send(f.sipfragNotify(referID(old), "active", "100 Trying"))
		w.expect("481 NOTIFY")
		w.send(f.sipfragNotify(referID(refer), "terminated", "200 OK"))
		w.expect("200 NOTIFY")
		b.transferred(n, TransferDone)
	})
}

// RFC 6665 section 8.2 and RFC 3515 section 2.4.4: what NOTIFYs in a call's dialog are refused with.
func TestReferNotifyRefusals(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w)
		w.send(f.sipfragNotify("refer", "active", "100 Trying"))
		w.expect("481 NOTIFY")
		n := b.transfer(s, "carol")
		refer := w.expect("REFER")
		w.reply(refer, 202)
		fragment := "Content-Type: message/sipfrag"
		for _, c := range []struct {
			want  string
			lines []string
		}{
			{"400", []string{"Subscription-State: active", fragment, "Body: SIP/2.0 200 OK"}},
			{"489", []string{"Event: talk", "Subscription-State: active"}},
			{"489", []string{"Event: check-sync;reboot=true", "Subscription-State: active"}},
			{"481", []string{"Event: refer;id=1", "Subscription-State: active", fragment, "Body: SIP/2.0 200 OK"}},
			{"400", []string{"Event: refer", fragment, "Body: SIP/2.0 200 OK"}},
			{"415", []string{"Event: refer", "Subscription-State: active", "Content-Type: text/html", "Body: <b>"}},
			{"400", []string{"Event: refer", "Subscription-State: active", fragment, "Body: SIP/2.0 99999 OK"}},
		} {
			w.send(f.request("NOTIFY", append(c.lines, farContact)...))
			w.expect(c.want + " NOTIFY")
		}
		b.do(func() {
			if n.t.State() != TransferTrying || s.state != SessionEstablished {
				t.Errorf("%v, call %v", n.t.State(), s.state)
			}
		})
	})
}

// Far ends that hang up as soon as they have taken a transfer on; some still tell the outcome (RFC 5057 section 4).
func TestReferFarEndLeavesAtOnce(t *testing.T) {
	for _, c := range []struct {
		status string // "" = none told
		state  TransferState
		code   int
	}{{"", TransferDone, 202}, {"200 OK", TransferDone, 200}, {"603 Decline", TransferFailed, 603}} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			s, _, f := b.established(w)
			n := b.transfer(s, "carol")
			refer := w.expect("REFER")
			w.reply(refer, 202)
			f.hangUp()
			b.ended(s, Remote, CauseBye)
			if c.status != "" {
				w.send(f.sipfragNotify("refer", "terminated", c.status))
				w.expect("200 NOTIFY")
			}
			b.transferred(n, c.state)
			if n.t.Code() != c.code {
				t.Errorf("code %d", n.t.Code())
			}
			w.quiet(time.Minute)
			b.clean()
		})
	}
}

// Who hangs up while the transfer is under way still learns the outcome, if the far end tells it.
func TestReferThenHangUp(t *testing.T) {
	for _, tells := range []bool{true, false} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			s, _, f := b.established(w)
			n := b.transfer(s, "carol")
			w.reply(w.expect("REFER"), 202)
			w.send(f.sipfragNotify("refer", "active;expires=300", "100 Trying"))
			w.expect("200 NOTIFY")
			b.do(s.HangUp)
			w.reply(w.expect("BYE"), 200)
			if tells {
				w.send(f.sipfragNotify("refer", "active;expires=300", "180 Ringing"))
				w.expect("200 NOTIFY")
				w.send(f.sipfragNotify("refer", "terminated;reason=noresource", "200 OK"))
				w.expect("200 NOTIFY")
				b.transferred(n, TransferDone)
			} else {
				b.transferred(n, TransferFailed)
				if !errors.Is(n.t.Err(), ErrTransferUnknown) {
					t.Error(n.t.Err())
				}
			}
			w.quiet(time.Minute)
			b.clean()
		})
	}
}

// The answer to a REFER is lost with the flow: what it did is told over the next one.
func TestReferOutcomeComesOverTheNextFlow(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, f := b.established(w, "Allow: INVITE,UPDATE")
		n := b.transfer(s, "carol")
		refer := w.expect("REFER")
		w.close()
		w = b.next()
		f.w = w
		w.reply(w.expect("UPDATE"), 200, farContact)
		w.send(f.sipfragNotify(referID(refer), "terminated", "200 OK"))
		w.expect("200 NOTIFY")
		b.transferred(n, TransferDone)
		w.reply(w.expect("BYE"), 200)
		b.ended(s, Local, CauseBye)
	})
}

// RFC 5589 section 7 and RFC 3891 section 6.1: to-tag is the target's, from-tag is ours, whoever called.
func TestAttendedTransferNamesTheOtherDialog(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		first, bob := b.answered(w)
		consult := b.call("carol", CallOptions{})
		invite := w.expect("INVITE")
		resp := w.reply(invite, 200, "Contact: <sip:carol@192.0.2.3>", answerSDP, "To-Tag: carol;x=y")
		w.expect("ACK")
		b.reaches(consult, SessionEstablished)
		n := &transfers{}
		b.do(func() {
			var err error
			if n.t, err = first.TransferTo(consult, n.note); err != nil {
				t.Error(err)
			}
			if _, err := first.TransferTo(first, nil); !errors.Is(err, ErrNotEstablished) {
				t.Errorf("to itself: %v", err)
			}
		})
		refer := w.expect("REFER")
		want := "<sip:carol@example.com?Replaces=" + invite.CallID() + "%3Bto-tag%3D" + resp.ToTag() +
			"%3Bfrom-tag%3D" + invite.FromTag() + ">"
		if got := refer.Get("Refer-To"); got != want {
			t.Errorf("Refer-To %s, want %s", got, want)
		}
		w.reply(refer, 202)
		w.send(bob.sipfragNotify("refer", "terminated;reason=noresource", "200 OK"))
		w.expect("200 NOTIFY")
		b.transferred(n, TransferDone)
		w.reply(w.expect("BYE"), 200)
		w.reply(w.expect("BYE"), 200)
		b.ended(first, Local, CauseBye)
		b.ended(consult, Local, CauseBye)
		b.clean()
	})
}

// The consultation may have come in; its caller is reached under its address, or its GRUU.
func TestAttendedTransferToAnIncomingCall(t *testing.T) {
	for contact, want := range map[string]string{
		farContact: "sip:bob@example.com",
		"Contact: <sip:bob@example.com;gr=urn:uuid:1>": "sip:bob@example.com;gr=urn:uuid:1",
	} {
		ladder(t, testConfig(), func(b *bench, w *wire) {
			bob := w.caller()
			bob.callID = `a%b@far;"`
			bob.ring(contact, offerSDP)
			consult := b.lastInvite()
			b.do(consult.Answer)
			bob.learn(w.expect("200 INVITE"))
			w.send(bob.request("ACK"))
			b.reaches(consult, SessionEstablished)
			first := b.call("dave", CallOptions{})
			invite := w.expect("INVITE")
			w.agree(invite, answerSDP)
			b.reaches(first, SessionEstablished)
			b.do(func() {
				if _, err := first.TransferTo(consult, nil); err != nil {
					t.Error(err)
				}
			})
			referTo := w.expect("REFER").Get("Refer-To")
			target, err := sip.ParseAddress(referTo)
			if err != nil || target.URI.WithoutHeaders().String() != want {
				t.Fatalf("Refer-To %s: %v", referTo, err)
			}
			_, value, _ := strings.Cut(target.URI.Headers, "=")
			if got := sip.Unescape(value); got != "a%b@far;\";to-tag="+bob.tag+";from-tag="+bob.remoteTag {
				t.Errorf("Replaces %s", got)
			}
		})
	}
}

// A far end's text or a target cannot bring header fields into a REFER (sipgo GHSA-chcx-pf5f-wxc7).
func TestReferTargetCannotInject(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.established(w)
		for _, target := range []string{
			"", "bob\r\nRoute: <sip:evil>", "bob\nX: y", "bob\x00", "bob@example.com?Route=%3Csip:evil%3E",
			"bob?Route=%3Csip:evil%3E",
			"bob@example.com\r\n", "http://example.com/", "mailto:bob@example.com",
		} {
			b.do(func() {
				if _, err := s.Transfer(target, nil); err == nil && !strings.HasSuffix(target, "\r\n") {
					t.Errorf("%q taken", target)
				}
			})
			synctest.Wait()
			for len(w.in) > 0 {
				m := <-w.in
				if len(m.Lines("Route")) > 0 || len(m.Lines("Refer-To")) != 1 || m.Has("X") ||
					m.Get("Refer-To") != "<sip:bob@example.com>" {
					t.Errorf("%q:\n%s", target, m)
				}
			}
		}
		for _, target := range []string{
			"bob>", "bob%0d%0aX: y", `b"ob`, "b ob;x=>@example.com",
			"bob@example.com;x=y>",
		} {
			b.do(func() {
				s.usages.transfers = nil
				_, _ = s.Transfer(target, nil)
			})
			synctest.Wait()
			for len(w.in) > 0 {
				m := <-w.in
				if a, err := sip.ParseAddress(m.Get("Refer-To")); err != nil || len(a.Params) > 0 || m.Has("X") {
					t.Errorf("%q:\n%s", target, m)
				}
			}
		}
	})
}

func TestStopTellsTheOutcomeOfATransferBeforeItIsDone(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, _, _ := b.established(w)
		n := b.transfer(s, "carol")
		w.reply(w.expect("REFER"), 202, farContact)
		b.transferred(n, TransferTrying)
		told := 0
		stopped := make(chan struct{})
		b.do(func() {
			b.ua.Stop(func() {
				told = len(n.states)
				close(stopped)
			})
		})
		<-stopped
		time.Sleep(time.Minute)
		b.do(func() {
			if n.t.State() != TransferFailed || !errors.Is(n.t.Err(), ErrStopped) || len(n.states) != told {
				t.Errorf("%v, %v; told %v, %d of it in time", n.t.State(), n.t.Err(), n.states, told)
			}
		})
	})
}
