package phone

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calla/netsip/rtc"
	"calla/netsip/sandbox"
)

func activeCall(c CallState) bool {
	return c.Active && !c.Held && !c.Holding && c.Phase == PhaseEstablished
}
func heldCall(c CallState) bool    { return c.Held && !c.Holding && !c.Active }
func ringsHere(c CallState) bool   { return c.Phase == PhaseIncoming }
func established(c CallState) bool { return c.Phase == PhaseEstablished }

// callWith waits until a call with name stands as ok says, and returns it.
func (p *testPhone) callWith(name, what string, ok func(CallState) bool) CallState {
	p.t.Helper()
	var call CallState
	p.until("call with "+name+" "+what, func(s State) bool {
		for _, c := range s.Calls {
			if (c.Address == name || strings.EqualFold(c.Name, name)) && ok(c) {
				call = c
				return true
			}
		}
		return false
	})
	return call
}

// up dials q, which answers, and returns both ends of the call.
func (p *testPhone) up(q *testPhone) (mine, theirs CallState) {
	p.t.Helper()
	established := func(c CallState) bool { return c.Phase == PhaseEstablished }
	p.Dial("", q.name)
	q.Answer(q.callWith(p.name, "incoming", func(c CallState) bool { return c.Phase == PhaseIncoming }).ID)
	theirs = q.callWith(p.name, "established", established)
	mine = p.callWith(q.name, "established", established)
	return mine, theirs
}

func TestHoldIsSilentBothWaysAndShownAtBothEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		mine, theirs := alice.talk(bob)
		alice.says(440)
		bob.says(880)
		alice.SetHold(mine.ID, true)
		alice.callWith("bob", "held", heldCall)
		bob.callWith("alice", "held by the other side", func(c CallState) bool { return c.RemoteHeld && c.Active })
		sent := alice.session().Stats().PacketsSent
		if tone := bob.hears(); tone.Frequency != 0 {
			t.Errorf("the held end hears %v", tone)
		}
		if tone := alice.hears(); tone.Frequency != 0 {
			t.Errorf("the end that holds hears %v", tone)
		}
		if now := alice.session().Stats().PacketsSent; now > sent+1 {
			t.Errorf("%d packets sent on hold", now-sent)
		}
		if open, _ := alice.host.Streams(); open != 0 {
			t.Errorf("%d devices stay open while the only call is held", open)
		}
		bob.SetHold(theirs.ID, true)
		bob.callWith("alice", "held from both sides", func(c CallState) bool { return heldCall(c) && c.RemoteHeld })
		alice.callWith("bob", "held from both sides", func(c CallState) bool { return heldCall(c) && c.RemoteHeld })
		alice.SetHold(mine.ID, false)
		bob.callWith("alice", "held here only", func(c CallState) bool { return heldCall(c) && !c.RemoteHeld })
		bob.SetHold(theirs.ID, false)
		bob.callWith("alice", "resumed", func(c CallState) bool { return activeCall(c) && !c.RemoteHeld })
		alice.callWith("bob", "resumed", func(c CallState) bool { return activeCall(c) && !c.RemoteHeld })
		if tone := bob.hears(); !near(tone.Frequency, 440) {
			t.Errorf("after resuming the callee hears %v", tone)
		}
		if tone := alice.hears(); !near(tone.Frequency, 880) {
			t.Errorf("after resuming the caller hears %v", tone)
		}
	})
}

func TestHoldFromBothSidesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		mine, theirs := alice.talk(bob)
		alice.SetHold(mine.ID, true)
		bob.SetHold(theirs.ID, true)
		both := func(c CallState) bool { return heldCall(c) && c.RemoteHeld }
		alice.callWith("bob", "held from both sides", both)
		bob.callWith("alice", "held from both sides", both)
	})
}

func TestHoldRefusedIsSilentAndToldInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		mine, _ := alice.talk(bob)
		alice.says(440)
		bob.says(880)
		remove := w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("INVITE"), Status: 488, Times: 1})
		defer remove()
		alice.SetHold(mine.ID, true)
		told := alice.callWith("bob", "refused", func(c CallState) bool { return c.Problem != nil && !c.Holding })
		if tell(*told.Problem).Short != "Hold refused" || !told.Held || told.Phase != PhaseEstablished {
			t.Errorf("held %v: %+v", told.Held, told.Problem)
		}
		if tone := alice.hears(); tone.Frequency != 0 {
			t.Errorf("hears %v on hold", tone)
		}
		alice.SetHold(mine.ID, false)
		if tone := alice.hears(); !near(tone.Frequency, 880) {
			t.Errorf("hears %v after resuming", tone)
		}
		if p := alice.State().Calls[0].Problem; p != nil {
			t.Errorf("after resuming: %+v", p)
		}
	})
}

func TestSecondCallHoldsTheFirstAndSwaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob, carol := w.phone("alice"), w.phone("bob"), w.phone("carol")
		bob.says(880)
		carol.says(1320)
		alice.says(440)
		first, _ := alice.talk(bob)
		second, _ := alice.up(carol)
		alice.callWith("bob", "held", heldCall)
		bob.callWith("alice", "held by the other side", func(c CallState) bool { return c.RemoteHeld })
		if tone := alice.hears(); !near(tone.Frequency, 1320) || tone.Purity < 0.9 {
			t.Errorf("with the second call active hears %v", tone)
		}
		if tone := bob.hears(); tone.Frequency != 0 {
			t.Errorf("the held one hears %v", tone)
		}
		alice.Swap(first.ID)
		alice.callWith("bob", "active", activeCall)
		alice.callWith("carol", "held", heldCall)
		carol.callWith("alice", "held by the other side", func(c CallState) bool { return c.RemoteHeld })
		if tone := alice.hears(); !near(tone.Frequency, 880) || tone.Purity < 0.9 {
			t.Errorf("after swapping hears %v", tone)
		}
		if tone := bob.hears(); !near(tone.Frequency, 440) {
			t.Errorf("the resumed one hears %v", tone)
		}
		for _, s := range alice.State().Calls {
			if s.Active != (s.ID == first.ID) {
				t.Errorf("%s active: %v", s.Address, s.Active)
			}
		}
		alice.HangUp(first.ID)
		alice.until("one left", func(s State) bool { return len(s.Calls) == 1 })
		time.Sleep(time.Second)
		if c := alice.State().Calls[0]; c.ID != second.ID || !c.Held || c.Active {
			t.Errorf("the held call is resumed by itself: %+v", c)
		}
		alice.SetHold(second.ID, false)
		alice.callWith("carol", "active", activeCall)
	})
}

func TestCallWaitingKnocksAndAnsweringHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob, carol := w.phone("alice"), w.phone("bob"), w.phone("carol")
		alice.talk(bob)
		carol.Dial("", "alice")
		in := alice.callWith("carol", "incoming", ringsHere)
		if !in.Waiting {
			t.Error("the second call is not shown as waiting")
		}
		heard := 0
		for range 4 {
			if tone := alice.hears(); near(tone.Frequency, 425) {
				heard++
			}
		}
		if heard == 0 || heard == 4 {
			t.Errorf("the call-waiting tone is heard in %d of 4 seconds", heard)
		}
		alice.Answer(in.ID)
		alice.callWith("carol", "active", activeCall)
		bob.callWith("alice", "held by the other side", func(c CallState) bool { return c.RemoteHeld })
		carol.says(880)
		if tone := alice.hears(); !near(tone.Frequency, 880) {
			t.Errorf("hears %v, want the second caller", tone)
		}
	})
}

func TestFifthIncomingCallIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for _, name := range []string{"dave", "eve", "frank"} {
			w.server.AddUser(name, password)
		}
		alice := w.phone("alice")
		var callers []*testPhone
		for _, name := range []string{"bob", "carol", "dave", "eve"} {
			p := w.phone(name)
			p.Dial("", "alice")
			alice.callWith(name, "incoming", ringsHere)
			callers = append(callers, p)
		}
		frank := w.phone("frank")
		frank.Dial("", "alice")
		if e := frank.end(); said(e.Cause) != "Busy" || e.Code != 486 || e.Tone != ProgressBusy {
			t.Errorf("fifth caller: %+v", e)
		}
		for _, p := range callers {
			alice.Answer(alice.callWith(p.name, "incoming", ringsHere).ID)
			alice.callWith(p.name, "active", activeCall)
		}
		n := 0
		for _, c := range alice.State().Calls {
			if c.Active {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d calls have the sound", n)
		}
	})
}

func TestSecondOutgoingCallWaitsForTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		w.phone("carol")
		alice.Dial("", "bob")
		bob.phase(PhaseIncoming)
		alice.Dial("", "carol")
		s := alice.until("told", func(s State) bool { return s.Refusal != nil })
		if n := s.Refusal.Cause; !strings.Contains(tell(n).Title, "calling bob already") || tell(n).Do == "" {
			t.Errorf("%+v", n)
		}
		if len(s.Calls) != 1 {
			t.Errorf("%d calls", len(s.Calls))
		}
	})
}

func TestAnsweringWhileOneOfOursRingsHoldsItOnceAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob, carol := w.phone("alice"), w.phone("bob"), w.phone("carol")
		alice.Dial("", "bob")
		ringing := bob.phase(PhaseIncoming)
		carol.Dial("", "alice")
		alice.Answer(alice.callWith("carol", "incoming", ringsHere).ID)
		alice.callWith("carol", "active", activeCall)
		bob.Answer(ringing.ID)
		alice.callWith("bob", "held", func(c CallState) bool { return heldCall(c) && c.Phase == PhaseEstablished })
		bob.callWith("alice", "held by the other side", func(c CallState) bool { return c.RemoteHeld })
		if c := alice.callWith("carol", "active", activeCall); c.Held {
			t.Errorf("%+v", c)
		}
	})
}

func TestHeldCallMayEndAndBreak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob, carol := w.phone("alice"), w.phone("bob"), w.phone("carol")
		_, theirs := alice.talk(bob)
		alice.up(carol)
		alice.callWith("bob", "held", heldCall)
		carol.says(880)
		bob.HangUp(theirs.ID)
		e := alice.until("told", func(s State) bool { return s.Ended != nil }).Ended
		if said(e.Cause) != "The other side hung up" || e.Address != "bob" {
			t.Errorf("%+v", e)
		}
		if tone := alice.hears(); !near(tone.Frequency, 880) {
			t.Errorf("after a held call ended hears %v", tone)
		}
		alice.session().become(rtc.Disconnected)
		began := time.Now()
		p := alice.callWith("carol", "reconnecting", func(c CallState) bool { return c.Problem != nil }).Problem
		if took := time.Since(began); tell(*p).Short != "Reconnecting" || took > 500*time.Millisecond {
			t.Errorf("after %v: %+v", took, p)
		}
	})
}

func TestReconnectingIsToldSoonAfterTheNetworkChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		alice, bob := w.phone("alice"), w.phone("bob")
		alice.talk(bob)
		alice.NetworkChanged()
		time.Sleep(time.Second)
		if c := alice.State().Calls[0]; c.Problem != nil && tell(*c.Problem).Short == "Reconnecting" {
			t.Error("told although the far end is heard")
		}
		media := alice.session()
		media.lose(true)
		alice.NetworkChanged()
		began := time.Now()
		alice.callWith("bob", "reconnecting",
			func(c CallState) bool { return c.Problem != nil && tell(*c.Problem).Short == "Reconnecting" })
		if took := time.Since(began); took > 500*time.Millisecond {
			t.Errorf("told after %v", took)
		}
		if media.restarted() == 0 {
			t.Error("no new path is looked for")
		}
		media.lose(false)
		began = time.Now()
		alice.callWith("bob", "well", func(c CallState) bool {
			return c.Problem == nil ||
				tell(*c.Problem).Short != "Reconnecting"
		})
		if took := time.Since(began); took > time.Second {
			t.Errorf("taken back after %v", took)
		}
	})
}
