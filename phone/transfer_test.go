package phone

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio"
	"calla/netsip/sandbox"
)

// three brings a call from alice to bob up, with carol at hand, whose phone may be another.
func three(t *testing.T, change ...func(*Options)) (w *world, alice, bob, carol *testPhone, mine CallState) {
	w = newWorld(t)
	alice, bob, carol = w.phone("alice"), w.phone("bob"), w.phone("carol", change...)
	mine, _ = alice.talk(bob)
	return w, alice, bob, carol, mine
}

// words collects what a transfer told, in order, until it has said the last of want or has failed.
func (p *testPhone) transferWords(last string) []string {
	p.t.Helper()
	var words []string
	p.until("transfer: "+last, func(s State) bool {
		for _, c := range s.Calls {
			if c.Transfer != nil && (len(words) == 0 || words[len(words)-1] != said(c.Transfer.Cause)) {
				words = append(words, said(c.Transfer.Cause))
			}
		}
		return len(words) > 0 && words[len(words)-1] == last
	})
	return words
}

func TestTransferNowInWordsOfEachStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, alice, bob, carol, mine := three(t)
		alice.Transfer(mine.ID, "carol")
		r := bob.until("asked", func(s State) bool { return len(s.Referrals) > 0 })
		if f := r.Referrals[0]; f.Address != "carol" || f.CallID != r.Calls[0].ID || f.From != "Alice" ||
			time.Until(f.Until) > 15*time.Second {
			t.Errorf("referral %+v", f)
		}
		bob.AcceptReferral(r.Referrals[0].ID)
		in := carol.phase(PhaseIncoming)
		if in.Address != "bob" {
			t.Errorf("called by %q", in.Address)
		}
		if words := alice.transferWords("carol rings…"); words[0] != "Asking carol…" {
			t.Errorf("words %q", words)
		}
		carol.Answer(in.ID)
		if e := alice.end(); said(e.Cause) != "Transferred to carol" || tell(e.Cause).Title != "" {
			t.Errorf("transferor: %+v", e)
		}
		s := bob.until("with carol alone",
			func(s State) bool { return len(s.Calls) == 1 && s.Calls[0].Address == "carol" && s.Ended != nil })
		if said(s.Ended.Cause) != "You were transferred to carol" || !s.Calls[0].Active {
			t.Errorf("transferee: %+v", s.Ended)
		}
		carol.says(880)
		bob.says(440)
		if tone := bob.hears(); !near(tone.Frequency, 880) {
			t.Errorf("transferee hears %v", tone)
		}
		if tone := carol.hears(); !near(tone.Frequency, 440) {
			t.Errorf("target hears %v", tone)
		}
	})
}

func TestTransferThatFailsLeavesTheCallAsItWas(t *testing.T) {
	for name, c := range map[string]struct {
		target string
		act    func(bob, carol *testPhone, r Referral)
		words  string
	}{
		"declined by the transferee": {
			"carol", func(bob, _ *testPhone, r Referral) { bob.DeclineReferral(r.ID) },
			"The transfer to carol was declined",
		},
		"nobody decides": {"carol", func(*testPhone, *testPhone, Referral) {}, "The transfer to carol was declined"},
		"target declines": {"carol", func(bob, carol *testPhone, r Referral) {
			bob.AcceptReferral(r.ID)
			carol.Decline(carol.phase(PhaseIncoming).ID)
		}, "carol declined"},
		"no such target": {
			"nobody", func(bob, _ *testPhone, r Referral) { bob.AcceptReferral(r.ID) },
			"nobody is not known or not online",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, alice, bob, carol, mine := three(t)
				alice.Transfer(mine.ID, c.target)
				c.act(bob, carol, bob.until("asked", func(s State) bool { return len(s.Referrals) > 0 }).Referrals[0])
				failed := alice.until("failed", func(s State) bool {
					return len(s.Calls) > 0 && s.Calls[0].Transfer != nil && s.Calls[0].Transfer.Failed
				})
				if got := said(failed.Calls[0].Transfer.Cause); got != c.words {
					t.Errorf("words %q, want %q", got, c.words)
				}
				bob.callWith("alice", "active again", activeCall)
				alice.says(440)
				bob.says(880)
				if tone := bob.hears(); !near(tone.Frequency, 440) {
					t.Errorf("transferee hears %v", tone)
				}
				if tone := alice.hears(); !near(tone.Frequency, 880) {
					t.Errorf("transferor hears %v", tone)
				}
				if n := len(bob.State().Referrals); n != 0 {
					t.Errorf("%d referrals stay", n)
				}
			})
		})
	}
}

func TestTransferNotUnderstoodIsToldInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, alice, _, _, mine := three(t)
		w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("REFER"), Status: 501, Times: 1})
		alice.Transfer(mine.ID, "carol")
		alice.transferWords("Not transferred: the other side's phone cannot be transferred")
		alice.Transfer(mine.ID, "https://x/")
		s := alice.until("told", func(s State) bool {
			return s.Refusal != nil && strings.Contains(tell(s.Refusal.Cause).Title, "cannot be called")
		})
		if s.Refusal.CallID != mine.ID || s.Calls[0].Phase != PhaseEstablished {
			t.Errorf("%+v", s.Calls[0])
		}
	})
}

func TestAskFirstThenConnectTheTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, alice, bob, carol, mine := three(t)
		alice.AskFirst(mine.ID, "carol")
		in := carol.phase(PhaseIncoming)
		carol.Answer(in.ID)
		consult := alice.callWith("carol", "active", activeCall)
		if consult.ConsultFor != mine.ID {
			t.Errorf("made for %q, want %q", consult.ConsultFor, mine.ID)
		}
		alice.callWith("bob", "held", heldCall)
		carol.says(880)
		if tone := alice.hears(); !near(tone.Frequency, 880) {
			t.Errorf("hears %v, want the one asked", tone)
		}
		alice.CompleteTransfer(consult.ID)
		bob.AcceptReferral(bob.until("asked", func(s State) bool { return len(s.Referrals) > 0 }).Referrals[0].ID)
		moved := carol.callWith("bob", "in the place of the first", established)
		if s := carol.State(); len(s.Calls) != 1 || moved.ID != in.ID || !moved.Active || s.Ended != nil {
			t.Errorf("target: %+v, ended %+v", s.Calls, s.Ended)
		}
		if e := alice.end(); said(e.Cause) != "Transferred to carol" {
			t.Errorf("transferor: %+v", e)
		}
		bob.until("with carol alone", func(s State) bool { return len(s.Calls) == 1 && s.Calls[0].Address == "carol" })
		bob.says(440)
		if tone := carol.hears(); !near(tone.Frequency, 440) {
			t.Errorf("target hears %v", tone)
		}
		if tone := bob.hears(); !near(tone.Frequency, 880) {
			t.Errorf("transferee hears %v", tone)
		}
		if n := len(alice.State().Calls); n != 0 {
			t.Errorf("%d calls stay at the transferor", n)
		}
	})
}

// slowCodec is a codec whose decoder takes its time to be there, as a loaded computer does.
type slowCodec struct {
	audio.Codec
	wait time.Duration
}

func (c slowCodec) NewDecoder() (audio.Decoder, error) {
	time.Sleep(c.wait)
	return c.Codec.NewDecoder()
}

// TestReplacedCallIsBackWhenTheNewOneIsNotConfirmed: with its sound, whenever that was ready.
func TestReplacedCallIsBackWhenTheNewOneIsNotConfirmed(t *testing.T) {
	for name, ready := range map[string]time.Duration{
		"sound ready at once": 0, "as it is replaced": time.Millisecond, "while it is replaced": 5 * time.Second,
		"as it comes back": 32 * time.Second, "after it is back": 33 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, alice, bob, carol, mine := three(t, func(o *Options) {
					for _, c := range audio.Codecs() {
						o.Codecs = append(o.Codecs, slowCodec{c, ready})
					}
				})
				alice.AskFirst(mine.ID, "carol")
				in := carol.phase(PhaseIncoming)
				carol.Answer(in.ID)
				alice.CompleteTransfer(alice.callWith("carol", "active", activeCall).ID)
				r := bob.until("asked", func(s State) bool { return len(s.Referrals) > 0 }).Referrals[0]
				for _, method := range []string{"ACK", "NOTIFY"} {
					w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received(method), Drop: true, Times: -1})
				}
				bob.AcceptReferral(r.ID)
				carol.callWith("bob", "in the place of the first", func(c CallState) bool { return c.ID == in.ID })
				back := carol.callWith("alice", "back",
					func(c CallState) bool { return c.Phase == PhaseEstablished && c.Active })
				if back.ID != in.ID || len(carol.State().Calls) != 1 {
					t.Errorf("%+v", carol.State().Calls)
				}
				carol.callWith("alice", "with its sound", func(c CallState) bool { return c.Codec != "" })
				alice.says(440)
				if tone := carol.hears(); !near(tone.Frequency, 440) {
					t.Errorf("hears %v", tone)
				}
				carol.HangUp(in.ID)
				carol.end()
			})
		})
	}
}

func TestConsultThatComesToNothingResumesTheFirst(t *testing.T) {
	for name, end := range map[string]func(alice, carol *testPhone){
		"declined": func(_, carol *testPhone) { carol.Decline(carol.phase(PhaseIncoming).ID) },
		"cancelled": func(alice, carol *testPhone) {
			carol.phase(PhaseIncoming)
			alice.CancelConsult(alice.callWith("carol", "ringing",
				func(c CallState) bool { return c.Phase == PhaseRinging }).ID)
		},
		"hung up after talking": func(alice, carol *testPhone) {
			carol.Answer(carol.phase(PhaseIncoming).ID)
			alice.HangUp(alice.callWith("carol", "active", activeCall).ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, alice, bob, carol, mine := three(t)
				alice.AskFirst(mine.ID, "carol")
				alice.callWith("bob", "held", heldCall)
				end(alice, carol)
				alice.callWith("bob", "resumed", activeCall)
				bob.callWith("alice", "resumed", func(c CallState) bool { return !c.RemoteHeld && c.Active })
				alice.says(440)
				if tone := bob.hears(); !near(tone.Frequency, 440) {
					t.Errorf("hears %v", tone)
				}
			})
		})
	}
}

func TestConsultLeftByTheOtherSideResumesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, alice, _, carol, mine := three(t)
		alice.AskFirst(mine.ID, "carol")
		carol.Answer(carol.phase(PhaseIncoming).ID)
		alice.callWith("carol", "active", activeCall)
		carol.HangUp(carol.phase(PhaseEstablished).ID)
		alice.until("one left", func(s State) bool { return len(s.Calls) == 1 })
		time.Sleep(time.Second)
		if c := alice.State().Calls[0]; !c.Held || c.Active {
			t.Errorf("%+v", c)
		}
	})
}

func TestCompleteWhileTheTargetRings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, alice, bob, carol, mine := three(t)
		alice.AskFirst(mine.ID, "carol")
		carol.phase(PhaseIncoming)
		alice.CompleteTransfer(alice.callWith("carol", "ringing",
			func(c CallState) bool { return c.Phase == PhaseRinging }).ID)
		bob.AcceptReferral(bob.until("asked", func(s State) bool { return len(s.Referrals) > 0 }).Referrals[0].ID)
		carol.Answer(carol.callWith("bob", "incoming", ringsHere).ID)
		if e := alice.end(); said(e.Cause) != "Transferred to carol" {
			t.Errorf("transferor: %+v", e)
		}
	})
}
