package netsip

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A call that rings here, whose caller or we lose the flow.

// returns is the caller of a call that rings, or was just answered, who has lost its flow and asks for it again.
func (f *far) returns(offer string, lines ...string) *far {
	f.w.b.Helper()
	again := &far{
		w: f.w, callID: f.callID + "-again", tag: f.tag + "-again", branch: f.branch + 1000,
		target: "sip:alice@example.com",
	}
	again.again = again.request("INVITE", append([]string{
		"Contact: <sip:bob@192.0.2.9>", offer, "Require: replaces",
		"Replaces: " + f.callID + ";to-tag=" + f.remoteTag + ";from-tag=" + f.tag,
	}, lines...)...)
	f.w.send(again.again)
	f.w.expect("100 INVITE")
	return again
}

// learns takes the tag of the user agent out of the response that comes next.
func (f *far) learns(title string) *far {
	f.w.b.Helper()
	f.learn(f.w.expect(title))
	return f
}

// A caller who has lost its flow finds the call here again, whatever its state; it stays the same call.
//
// Holds: call-found-again
func TestCallerFindsTheCallThatRingsHereAgain(t *testing.T) {
	const otherOffer = "v=0\r\no=- 7 7 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
	for _, c := range []struct {
		name  string
		begin func(b *bench, w *wire) (s *Session, f, again *far) // until the caller is back
	}{
		{"it rings", func(b *bench, w *wire) (*Session, *far, *far) {
			f := w.caller()
			f.invite(farContact, offerSDP)
			f.learns("180 INVITE")
			again := f.returns(offerSDP)
			w.expect("487 INVITE")
			return b.lastInvite(), f, again.learns("180 INVITE")
		}},
		{"it rings, and the caller has another offer", func(b *bench, w *wire) (*Session, *far, *far) {
			f := w.caller()
			f.invite(farContact, offerSDP)
			f.learns("180 INVITE")
			again := f.returns(otherOffer)
			w.expect("487 INVITE")
			return b.lastInvite(), f, again.learns("180 INVITE")
		}},
		{"it rings reliably, and the PRACK was lost", func(b *bench, w *wire) (*Session, *far, *far) {
			f := w.caller()
			f.invite(farContact, offerSDP, "Require: 100rel")
			f.learns("180 INVITE")
			again := f.returns(offerSDP, "Require: 100rel, replaces")
			w.expect("487 INVITE")
			ringing := w.expect("180 INVITE")
			again.learn(ringing)
			seq, _ := ringing.CSeq()
			w.send(again.request("PRACK", "RAck: "+ringing.Get("RSeq")+" "+itoa(int(seq.Seq))+" INVITE"))
			w.expect("200 PRACK")
			return b.lastInvite(), f, again
		}},
		{"the caller was back before, and is lost again", func(b *bench, w *wire) (*Session, *far, *far) {
			f := w.caller()
			f.invite(farContact, offerSDP)
			f.learns("180 INVITE")
			again := f.returns(offerSDP)
			w.expect("487 INVITE")
			again.learns("180 INVITE")
			third := again.returns(offerSDP)
			w.expect("487 INVITE")
			return b.lastInvite(), f, third.learns("180 INVITE")
		}},
		{"the caller asks for the dialog before the last", func(b *bench, w *wire) (*Session, *far, *far) {
			f := w.caller()
			f.invite(farContact, offerSDP)
			f.learns("180 INVITE")
			f.returns(offerSDP)
			w.expect("487 INVITE")
			w.expect("180 INVITE")
			f.branch += 1000
			third := f.returns(offerSDP, "From: <sip:bob@example.com>;tag=third")
			third.tag = "third"
			w.expect("487 INVITE")
			return b.lastInvite(), f, third.learns("180 INVITE")
		}},
		{"our flow was lost as well", func(b *bench, w *wire) (*Session, *far, *far) {
			f := w.caller()
			f.invite(farContact, offerSDP)
			f.learns("180 INVITE")
			w = b.cutFor(w, time.Second)
			f.w = w
			w.expect("180 INVITE")
			again := f.returns(offerSDP)
			w.expect("487 INVITE")
			return b.lastInvite(), f, again.learns("180 INVITE")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ends := map[string]func(b *bench, w *wire, s *Session, f, again *far){
				"is answered": func(b *bench, w *wire, s *Session, f, again *far) {
					b.do(s.Answer)
					w.expect("200 INVITE")
					w.send(again.request("ACK", "CSeq: 1 ACK"))
					b.reaches(s, SessionEstablished)
					w.quiet(time.Second)
					again.hangUp()
					b.ended(s, Remote, CauseBye)
				},
				"is declined": func(b *bench, w *wire, s *Session, f, again *far) {
					b.do(func() { s.Reject(603, "") })
					w.expect("603 INVITE")
					w.send(again.request("ACK", "CSeq: 1 ACK"))
					b.ended(s, Local, CauseRejected)
				},
				"is taken back": func(b *bench, w *wire, s *Session, f, again *far) {
					w.send(cancelOf(again.again, nil))
					w.expect("200 CANCEL")
					w.expect("487 INVITE")
					w.send(again.request("ACK", "CSeq: 1 ACK"))
					b.ended(s, Remote, CauseCanceled)
				},
				"ends with a BYE": func(b *bench, w *wire, s *Session, f, again *far) {
					w.send(again.request("BYE"))
					w.expect("200 BYE")
					w.expect("487 INVITE")
					b.ended(s, Remote, CauseCanceled)
				},
				"is not ended by a BYE for the old one": func(b *bench, w *wire, s *Session, f, again *far) {
					w.send(f.request("BYE"))
					w.expect("200 BYE")
					b.do(func() {
						if s.State() != SessionIncoming {
							t.Errorf("%v", s.State())
						}
						s.Reject(486, "")
					})
				},
			}
			for name, end := range ends {
				t.Run(c.name+" and "+name, func(t *testing.T) {
					ladder(t, testConfig(), func(b *bench, w *wire) {
						s, f, again := c.begin(b, w)
						end(b, again.w, s, f, again)
						b.do(func() {
							if len(b.invites) != 1 {
								t.Errorf("%d calls rang", len(b.invites))
							}
						})
						if c.name != "it rings reliably, and the PRACK was lost" {
							b.clean()
						}
					})
				})
			}
		})
	}
}

// A caller whose flow was lost before our 200 came asks for the call again, and gets it.
//
// Holds: call-found-again
func TestCallerFindsTheCallThatWasAnsweredHere(t *testing.T) {
	ladder(t, testConfig(), func(b *bench, w *wire) {
		s, f := b.answering(w)
		again := f.returns(offerSDP)
		again.learn(w.expect("200 INVITE"))
		w.send(again.request("ACK", "CSeq: 1 ACK"))
		if bye := w.expect("BYE"); bye.CallID() != f.callID {
			t.Errorf("BYE in the wrong dialog:\n%s", bye)
		} else {
			w.reply(bye, 481)
		}
		b.reaches(s, SessionEstablished)
		w.quiet(time.Minute)
		b.do(s.HangUp)
		bye := w.expect("BYE")
		if bye.CallID() != again.callID {
			t.Errorf("BYE in the wrong dialog:\n%s", bye)
		}
		w.reply(bye, 200)
		b.clean()
	})
}

// A call that rings here is nobody else's to take (RFC 3891 section 3).
//
// Holds: call-found-again
func TestRingingCallIsNotFoundByAnybodyElse(t *testing.T) {
	for _, c := range []struct {
		name string
		line func(f *far) string
	}{
		{"another caller", func(*far) string { return "From: <sip:carol@example.com>;tag=x" }},
		{"the same user elsewhere", func(*far) string { return "From: <sip:bob@example.org>;tag=x" }},
		{"somebody without a name", func(*far) string { return "From: <sip:anonymous@anonymous.invalid>;tag=x" }},
		{"one who does not know the call", func(f *far) string {
			return "Replaces: " + f.callID + "x;to-tag=" + f.remoteTag + ";from-tag=" + f.tag
		}},
		{"one who does not know our tag", func(f *far) string {
			return "Replaces: " + f.callID + ";to-tag=x;from-tag=" + f.tag
		}},
		{"one who does not know the caller's tag", func(f *far) string {
			return "Replaces: " + f.callID + ";to-tag=" + f.remoteTag + ";from-tag=x"
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				f := w.caller()
				f.invite(farContact, offerSDP)
				f.learns("180 INVITE")
				f.returns(offerSDP, c.line(f))
				w.expect("481 INVITE")
				b.do(func() {
					if s := b.invites[0]; s.State() != SessionIncoming || len(b.invites) != 1 {
						t.Errorf("%v", s.State())
					}
				})
			})
		})
	}
}

// A call that rings here while our flow is lost: what the user decides goes over the next one, and a caller who has
// given up meanwhile is found out.
//
// Holds: call-found-again
func TestCallThatRingsHereOutlivesOurFlow(t *testing.T) {
	for _, c := range []struct {
		name string
		away func(b *bench, s *Session)
		back func(b *bench, w *wire, s *Session, f *far)
	}{
		{
			"answered while it was gone", func(b *bench, s *Session) { b.do(s.Answer) },
			func(b *bench, w *wire, s *Session, f *far) {
				for range 2 { // as told that it rings, and of the new address
					if m := <-w.in; m.Method == "UPDATE" {
						w.reply(m, 200, farContact)
					} else if title(m) != "200 INVITE" {
						b.Fatalf("sent %s", title(m))
					}
				}
				w.send(f.request("ACK"))
				b.reaches(s, SessionEstablished)
			},
		},
		{
			"declined while it was gone", func(b *bench, s *Session) { b.do(func() { s.Reject(603, "") }) },
			func(b *bench, w *wire, s *Session, f *far) {
				w.expect("603 INVITE")
				w.send(f.request("ACK"))
				b.ended(s, Local, CauseRejected)
			},
		},
		{
			"nobody answered while it was gone",
			func(b *bench, s *Session) { time.Sleep(secondsOf(b.ua.config.NoAnswerTimeout)) },
			func(b *bench, w *wire, s *Session, f *far) {
				w.expect("408 INVITE")
				w.send(f.request("ACK"))
				b.ended(s, Local, CauseNoAnswer)
			},
		},
		{"answered afterwards", func(*bench, *Session) {}, func(b *bench, w *wire, s *Session, f *far) {
			w.expect("180 INVITE")
			w.reply(w.expect("UPDATE"), 200, farContact)
			b.do(s.Answer)
			w.expect("200 INVITE")
			w.send(f.request("ACK"))
			b.reaches(s, SessionEstablished)
		}},
		// What said that it rings went with the flow: UPDATE alone would be for a dialog that the caller does not know.
		{"of a caller who has not heard of it", func(*bench, *Session) {}, func(b *bench, w *wire, s *Session, f *far) {
			heard := *f
			heard.remoteTag = ""
			heard.learns("180 INVITE")
			if update := w.expect("UPDATE"); heard.remoteTag == "" || update.FromTag() != heard.remoteTag {
				t.Errorf("UPDATE for %q, rings as %q", update.FromTag(), heard.remoteTag)
			}
			b.do(s.Answer)
			w.expect("200 INVITE")
			w.send(f.request("ACK"))
			b.reaches(s, SessionEstablished)
		}},
		{"taken back while it was gone", func(*bench, *Session) {}, func(b *bench, w *wire, s *Session, f *far) {
			w.expect("180 INVITE")
			w.reply(w.expect("UPDATE"), 481)
			w.expect("487 INVITE")
			w.send(f.request("ACK"))
			b.ended(s, Remote, CauseCanceled)
		}},
		{"of a caller who cannot be reached", func(*bench, *Session) {}, func(b *bench, w *wire, s *Session, f *far) {
			w.expect("180 INVITE")
			w.reply(w.expect("UPDATE"), 480)
			w.quiet(time.Second)
			b.do(s.Answer)
			w.expect("200 INVITE")
			w.send(f.request("ACK"))
			b.reaches(s, SessionEstablished)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				f := w.caller()
				f.invite(farContact, offerSDP, "Allow: INVITE, UPDATE")
				f.learns("180 INVITE")
				s := b.lastInvite()
				b.setRefuse(func(string) error { return errors.New("away") })
				w.close()
				synctest.Wait()
				b.do(func() {
					if !s.Reconnecting() {
						t.Error("not told that it reconnects")
					}
				})
				c.away(b, s)
				b.setRefuse(nil)
				b.do(b.ua.RetryNow)
				w = b.next()
				f.w = w
				c.back(b, w, s, f)
			})
		})
	}
}
