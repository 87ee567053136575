package phone

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/sandbox"
	"calla/phone/cause"
)

// twoUp brings calls from alice to bob and then to carol up; that with bob is on hold.
func twoUp(t *testing.T) (w *world, alice, bob, carol *testPhone, toBob, toCarol CallState) {
	w = newWorld(t)
	alice, bob, carol = w.phone("alice"), w.phone("bob"), w.phone("carol")
	alice.says(660)
	bob.says(440)
	carol.says(880)
	toBob, _ = alice.up(bob)
	toCarol, _ = alice.up(carol)
	alice.callWith("bob", "held", heldCall)
	return w, alice, bob, carol, toBob, toCarol
}

// asked waits until somebody's phone is asked to call, and returns what for.
func (p *testPhone) asked() Referral {
	p.t.Helper()
	return p.until("asked", func(s State) bool { return len(s.Referrals) > 0 }).Referrals[0]
}

// TestConnectTheseTwo: any two calls that are up are connected, whichever is named first, and both end here as
// transferred; the far ends hear each other.
func TestConnectTheseTwo(t *testing.T) {
	for _, c := range []struct {
		name   string
		do     func(alice *testPhone, toBob, toCarol CallState)
		carols bool // carol's phone is asked to call bob, not bob's to call carol
	}{
		{name: "the one on hold is named first", do: func(alice *testPhone, toBob, toCarol CallState) {
			alice.Connect(toBob.ID, toCarol.ID)
		}},
		{name: "the one that talks is named first", do: func(alice *testPhone, toBob, toCarol CallState) {
			alice.Connect(toCarol.ID, toBob.ID)
		}},
		{name: "both on hold", do: func(alice *testPhone, toBob, toCarol CallState) {
			alice.SetHold(toCarol.ID, true)
			alice.callWith("carol", "held", heldCall)
			alice.Connect(toCarol.ID, toBob.ID)
		}, carols: true},
		{name: "after a swap", do: func(alice *testPhone, toBob, toCarol CallState) {
			alice.Swap(toBob.ID)
			alice.callWith("carol", "held", heldCall)
			alice.Connect(toBob.ID, toCarol.ID)
		}, carols: true},
		{name: "muted", do: func(alice *testPhone, toBob, toCarol CallState) {
			alice.SetMuted(toCarol.ID, true)
			alice.Connect(toBob.ID, toCarol.ID)
		}},
		{
			name: "at once after the second was answered, while the first is being held",
			do: func(alice *testPhone, toBob, toCarol CallState) {
				alice.SetHold(toBob.ID, false)
				alice.SetHold(toBob.ID, true)
				alice.Connect(toBob.ID, toCarol.ID)
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, alice, bob, carol, toBob, toCarol := twoUp(t)
				c.do(alice, toBob, toCarol)
				asked, other := bob, carol
				if c.carols {
					asked, other = carol, bob
				}
				r := asked.asked()
				if r.Address != other.name {
					t.Errorf("asked to call %q", r.Address)
				}
				asked.AcceptReferral(r.ID)
				e := alice.end()
				if said(e.Cause) != "Transferred to "+other.name {
					t.Errorf("ended: %+v", e)
				}
				asked.until("with the other alone", func(s State) bool {
					return len(s.Calls) == 1 && s.Calls[0].Address == other.name && s.Calls[0].Active
				})
				other.until("with the other alone", func(s State) bool {
					return len(s.Calls) == 1 && s.Calls[0].Address == asked.name && s.Calls[0].Active
				})
				bob.says(440)
				carol.says(880)
				if tone := bob.hears(); !near(tone.Frequency, 880) {
					t.Errorf("bob hears %v", tone)
				}
				if tone := carol.hears(); !near(tone.Frequency, 440) {
					t.Errorf("carol hears %v", tone)
				}
				if n := len(alice.State().Calls); n != 0 {
					t.Errorf("%d calls stay", n)
				}
			})
		})
	}
}

// TestTwoThatCannotBeConnectedStay: whatever keeps the two from being connected is told as it is, and each call is as
// it was.
func TestTwoThatCannotBeConnectedStay(t *testing.T) {
	refer := func(status, times int) func(*world) {
		return func(w *world) {
			w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("REFER"), Status: status, Times: times})
		}
	}
	for _, c := range []struct {
		name  string
		fault func(*world)
		then  func(alice, bob, carol *testPhone)
		words string
	}{
		{name: "the one asked says no", then: func(_, bob, _ *testPhone) {
			bob.DeclineReferral(bob.asked().ID)
		}, words: "The transfer to carol was declined"},
		{name: "nobody decides", words: "The transfer to carol was declined"},
		{
			name: "neither phone can be asked", fault: refer(501, 2),
			words: "Not transferred: the other side's phone cannot be transferred",
		},
		{
			name: "the server forbids it", fault: refer(403, 1),
			words: "Not transferred: the phone server does not allow it",
		},
		{name: "the other is busy by then", fault: func(w *world) {
			w.server.Faults().Add(sandbox.Fault{Match: func(e sandbox.Event) bool {
				return sandbox.Received("INVITE")(e) && e.Message.Get("Replaces") != ""
			}, Status: 486, Times: 1})
		}, then: func(_, bob, _ *testPhone) { bob.AcceptReferral(bob.asked().ID) }, words: "carol is busy"},
		{name: "the connection goes", fault: func(w *world) {
			w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("REFER"), Cut: true, Times: 1})
		}, words: "Not transferred: the connection to the phone server was lost"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, alice, bob, carol, toBob, toCarol := twoUp(t)
				if c.fault != nil {
					c.fault(w)
				}
				alice.Connect(toBob.ID, toCarol.ID)
				if c.then != nil {
					c.then(alice, bob, carol)
				}
				s := alice.until("failed", func(s State) bool {
					return len(s.Calls) == 2 && s.Calls[0].Transfer != nil && s.Calls[0].Transfer.Failed &&
						s.Calls[1].Transfer != nil && s.Calls[1].Transfer.Failed &&
						said(s.Calls[0].Transfer.Cause) == c.words
				})
				for _, call := range s.Calls {
					if got := said(call.Transfer.Cause); got != c.words {
						t.Errorf("words %q, want %q", got, c.words)
					}
				}
				alice.callWith("bob", "held as before", heldCall)
				alice.callWith("carol", "active as before", activeCall)
				if tone := carol.hears(); !near(tone.Frequency, 660) {
					t.Errorf("carol hears %v", tone)
				}
				alice.Swap(toBob.ID)
				alice.callWith("carol", "held", heldCall)
				if tone := bob.hears(); !near(tone.Frequency, 660) {
					t.Errorf("bob hears %v", tone)
				}
			})
		})
	}
}

// TestConnectAsksTheOtherPhoneWhereOneCannotBeAsked: of two phones one that knows transfers is enough.
func TestConnectAsksTheOtherPhoneWhereOneCannotBeAsked(t *testing.T) {
	for _, status := range []int{405, 420, 489, 501} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, alice, bob, carol, toBob, toCarol := twoUp(t)
				w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("REFER"), Status: status, Times: 1})
				alice.Connect(toBob.ID, toCarol.ID)
				r := carol.asked()
				if r.Address != "bob" {
					t.Errorf("asked to call %q", r.Address)
				}
				carol.AcceptReferral(r.ID)
				if e := alice.end(); said(e.Cause) != "Transferred to bob" {
					t.Errorf("ended: %+v", e)
				}
				bob.until("with carol alone", func(s State) bool {
					return len(s.Calls) == 1 && s.Calls[0].Address == "carol"
				})
				if tone := carol.hears(); !near(tone.Frequency, 440) {
					t.Errorf("carol hears %v", tone)
				}
			})
		})
	}
}

// TestWhatCannotBeConnectedIsToldAndNothingIsAsked.
func TestWhatCannotBeConnectedIsToldAndNothingIsAsked(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(alice, bob, carol *testPhone, toBob CallState)
		kind cause.Kind
	}{
		{"with itself", func(alice, _, _ *testPhone, toBob CallState) {
			alice.Connect(toBob.ID, toBob.ID)
		}, cause.ConnectItself},
		{"with a call that is not there", func(alice, _, _ *testPhone, toBob CallState) {
			alice.Connect(toBob.ID, "nobody's")
		}, cause.NothingToConnect},
		{"with one that rings there", func(alice, _, carol *testPhone, toBob CallState) {
			alice.Dial("", "carol")
			carol.callWith("alice", "incoming", ringsHere)
			rings := func(c CallState) bool { return c.Phase == PhaseRinging }
			alice.Connect(toBob.ID, alice.callWith("carol", "ringing", rings).ID)
		}, cause.TransferBeforeAnswer},
		{"with one that rings here", func(alice, _, carol *testPhone, toBob CallState) {
			carol.Dial("", "alice")
			alice.Connect(toBob.ID, alice.callWith("carol", "incoming", ringsHere).ID)
		}, cause.TransferBeforeAnswer},
		{"one that is being handed over", func(alice, bob, carol *testPhone, toBob CallState) {
			toCarol, _ := alice.up(carol)
			alice.Transfer(toBob.ID, "4711")
			bob.asked()
			alice.Connect(toCarol.ID, toBob.ID)
		}, cause.TransferPending},
		{"the two that are being connected", func(alice, bob, carol *testPhone, toBob CallState) {
			toCarol, _ := alice.up(carol)
			alice.Connect(toBob.ID, toCarol.ID)
			bob.asked()
			alice.Connect(toBob.ID, toCarol.ID)
		}, cause.TransferPending},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice, bob, carol := w.phone("alice"), w.phone("bob"), w.phone("carol")
				toBob, _ := alice.up(bob)
				c.do(alice, bob, carol, toBob)
				s := alice.until("told", func(s State) bool { return s.Refusal != nil })
				if s.Refusal.Cause.Kind != c.kind || s.Refusal.Command != CommandTransfer {
					t.Errorf("refused: %+v", s.Refusal)
				}
				time.Sleep(time.Second)
				if n := len(carol.State().Referrals); n != 0 {
					t.Errorf("carol is asked %d times", n)
				}
				if alice.State().Calls[0].Phase != PhaseEstablished {
					t.Error("the call does not stay")
				}
			})
		})
	}
}

// TestConnectWhileOneOfThemLeaves: the call that stays is as it was and can be used, whoever of the two hangs up
// meanwhile.
func TestConnectWhileOneOfThemLeaves(t *testing.T) {
	for _, c := range []struct {
		name   string
		leaves func(bob, carol *testPhone)
		stays  string
	}{
		{"the one asked, before saying yes", func(bob, _ *testPhone) { bob.HangUp(bob.State().Calls[0].ID) }, "carol"},
		{"the other one", func(_, carol *testPhone) { carol.HangUp(carol.State().Calls[0].ID) }, "bob"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, alice, bob, carol, toBob, toCarol := twoUp(t)
				alice.Connect(toBob.ID, toCarol.ID)
				bob.asked()
				c.leaves(bob, carol)
				s := alice.until("one left", func(s State) bool { return len(s.Calls) == 1 })
				if s.Calls[0].Address != c.stays || s.Calls[0].Phase != PhaseEstablished {
					t.Errorf("%+v", s.Calls)
				}
				alice.until("the transfer over", func(s State) bool {
					return len(s.Calls) == 1 && (s.Calls[0].Transfer == nil || s.Calls[0].Transfer.Failed)
				})
				alice.Swap(s.Calls[0].ID)
				alice.callWith(c.stays, "used", activeCall)
			})
		})
	}
}
