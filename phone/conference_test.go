package phone

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"calla/audio/audiotest"
	"calla/netsip/sandbox"
	"calla/phone/cause"
)

// TestConferenceOfTwoToFour: each hears the others and alice, and nothing of itself; alice hears all.
func TestConferenceOfTwoToFour(t *testing.T) {
	for _, c := range []struct {
		name   string
		guests []string
		begin  func(a *party)
	}{
		{"two at once", []string{"bob", "carol"}, func(a *party) { a.confer("bob", "carol") }},
		{"three at once", []string{"bob", "carol PCMA", "dave"}, func(a *party) { a.confer("bob", "carol", "dave") }},
		{"four, one after the other", []string{"bob", "carol PCMA", "dave PCMU", "erin"}, func(a *party) {
			a.confer("bob", "carol")
			a.alice.Confer(a.calls["dave"])
			a.together("bob", "carol", "dave")
			a.alice.Confer(a.calls["erin"])
			a.together("bob", "carol", "dave", "erin")
		}},
		{"two on hold", []string{"bob", "carol"}, func(a *party) {
			a.alice.SetHold(a.calls["carol"], true)
			a.alice.callWith("carol", "held", heldCall)
			a.confer("bob", "carol")
		}},
		{"those who are in it already", []string{"bob", "carol", "dave"}, func(a *party) {
			a.confer("bob", "carol")
			a.confer("carol", "bob", "dave")
		}},
		{"one that has ended meanwhile", []string{"bob", "carol"}, func(a *party) {
			a.alice.Confer(a.calls["bob"], "gone", a.calls["carol"])
		}},
		{"one who called", []string{"bob"}, func(a *party) {
			carol := a.w.phone("carol")
			carol.says(partyTone("carol"))
			carol.Dial("", "alice")
			in := a.alice.callWith("carol", "incoming", ringsHere)
			a.alice.Answer(in.ID)
			a.alice.callWith("carol", "active", activeCall)
			a.guests["carol"], a.calls["carol"] = carol, in.ID
			a.confer("bob", "carol")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newParty(t, c.guests...)
				c.begin(a)
				var names []string
				for name := range a.guests {
					names = append(names, name)
				}
				a.together(names...)
				a.eachOther(names...)
			})
		})
	}
}

// TestConferenceGoesOnAsMembersComeAndGo: whoever leaves, however, hears what is said to it alone and is not heard, and
// the others hear each other.
func TestConferenceGoesOnAsMembersComeAndGo(t *testing.T) {
	for _, c := range []struct {
		name   string
		do     func(a *party)
		in     []string
		others map[string][]string // beside them
	}{
		{"one is dropped", func(a *party) { a.alice.HangUp(a.calls["carol"]) }, []string{"bob", "dave"}, nil},
		{
			"one hangs up", func(a *party) { a.guests["bob"].HangUp(a.guests["bob"].State().Calls[0].ID) },
			[]string{"carol", "dave"},
			nil,
		},
		{
			"one is put on hold", func(a *party) { a.alice.SetHold(a.calls["carol"], true) },
			[]string{"bob", "dave"},
			map[string][]string{"carol": nil},
		},
		{"one puts us on hold", func(a *party) {
			a.guests["carol"].SetHold(a.guests["carol"].State().Calls[0].ID, true)
		}, []string{"bob", "dave"}, map[string][]string{"carol": nil}},
		{"one that was on hold is back", func(a *party) {
			a.alice.SetHold(a.calls["carol"], true)
			a.alice.callWith("carol", "held", heldCall)
			a.alice.SetHold(a.calls["carol"], false)
		}, []string{"bob", "carol", "dave"}, nil},
		{"another joins", func(a *party) {
			a.add("erin")
			a.alice.Confer(a.calls["erin"])
		}, []string{"bob", "carol", "dave", "erin"}, nil},
		{"one leaves and is back", func(a *party) {
			a.alice.HangUp(a.calls["carol"])
			a.alice.until("gone", func(s State) bool { return len(s.Calls) == 2 })
			call, _ := a.alice.up(a.guests["carol"])
			a.calls["carol"] = call.ID
			a.alice.Confer(call.ID)
		}, []string{"bob", "carol", "dave"}, nil},
		{"one loses 40 %, and leaves", func(a *party) {
			a.alice.mediaOf(a.calls["carol"]).losing(func(n uint64) bool { return n%5 < 2 })
			time.Sleep(5 * time.Second)
			a.alice.HangUp(a.calls["carol"])
		}, []string{"bob", "dave"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newParty(t, "bob", "carol", "dave")
				a.confer("bob", "carol", "dave")
				c.do(a)
				time.Sleep(time.Second)
				want := amongst(append(slices.Clone(c.in), "alice")...)
				for who, hears := range c.others {
					want[who] = hears
				}
				a.hear(want)
			})
		})
	}
}

// mediaOf is the media of one of the phone's calls.
func (p *testPhone) mediaOf(id string) (s *fakeSession) {
	p.loop.Do(func() { s = p.call(id).media.(*fakeSession) })
	return s
}

// losing loses what the far end sends, as f says.
func (s *fakeSession) losing(f func(packet uint64) bool) {
	s.mu.Lock()
	s.loses = f
	s.mu.Unlock()
}

// TestLossOfOneMemberLeavesTheOthersAlone: with 40 % of one's sound lost, the others hear each other whole.
func TestLossOfOneMemberLeavesTheOthersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newParty(t, "bob", "carol PCMA", "dave")
		a.confer("bob", "carol", "dave")
		a.alice.mediaOf(a.calls["bob"]).losing(func(n uint64) bool { return n%5 < 2 })
		time.Sleep(3 * time.Second)
		carol, dave := a.guests["carol"], a.guests["dave"]
		carol.host.TakePlayed(audiotest.Loudspeaker)
		dave.host.TakePlayed(audiotest.Loudspeaker)
		time.Sleep(2 * time.Second)
		for who, other := range map[*testPhone]string{carol: "dave", dave: "carol"} {
			pcm := who.host.TakePlayed(audiotest.Loudspeaker)
			for _, name := range []string{other, "alice"} {
				if level := toneLevel(pcm, partyTone(name)); math.Abs(level-saidLevel) > 0.8 {
					t.Errorf("%s hears %s at %.1f dBFS", who.name, name, level)
				}
			}
			if level := toneLevel(pcm, partyTone(who.name)); level > -45 {
				t.Errorf("%s hears itself at %.1f dBFS", who.name, level)
			}
		}
	})
}

// TestSplit talks with one alone while the others wait; the last two that part are calls like any.
func TestSplit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newParty(t, "bob", "carol", "dave")
		a.confer("bob", "carol", "dave")
		a.alice.Split(a.calls["carol"])
		a.alice.callWith("bob", "held", heldCall)
		s := a.alice.callWith("carol", "active", activeCall)
		if s.Held || len(a.alice.State().Conference) != 2 {
			t.Errorf("%+v", a.alice.State().Conference)
		}
		a.hear(map[string][]string{"alice": {"carol"}, "carol": {"alice"}, "bob": nil, "dave": nil})
		a.alice.Swap(a.calls["dave"])
		a.alice.callWith("carol", "held", heldCall)
		a.together("bob", "dave")
		a.hear(map[string][]string{
			"alice": {"bob", "dave"}, "carol": nil, "bob": {"alice", "dave"}, "dave": {"alice", "bob"},
		})
		a.alice.Split(a.calls["dave"])
		a.alice.callWith("bob", "held", heldCall)
		if c := a.alice.State().Conference; c != nil {
			t.Errorf("a conference of one: %v", c)
		}
		a.hear(map[string][]string{"alice": {"dave"}, "dave": {"alice"}, "bob": nil})
		a.alice.Swap(a.calls["bob"])
		a.alice.callWith("dave", "held: the rule of two calls", heldCall)
		a.hear(map[string][]string{"alice": {"bob"}, "bob": {"alice"}, "dave": nil})
	})
}

// TestLeaveTheTwoConnected: the two of a conference talk on without us, or stay in it where they cannot.
func TestLeaveTheTwoConnected(t *testing.T) {
	for _, c := range []struct {
		name   string
		before func(a *party)
		yes    bool
		fault  int // of REFER
	}{
		{name: "they do", yes: true},
		{name: "on hold", yes: true, before: func(a *party) {
			a.alice.HoldConference(true)
			a.alice.callWith("bob", "held", heldCall)
		}},
		{name: "of three, one of which was dropped", yes: true, before: func(a *party) {
			a.add("dave")
			a.confer("bob", "carol", "dave")
			a.alice.HangUp(a.calls["dave"])
			a.alice.until("two left", func(s State) bool { return len(s.Calls) == 2 })
		}},
		{name: "one says no"},
		{name: "it is not allowed", fault: 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newParty(t, "bob", "carol")
				a.confer("bob", "carol")
				if c.before != nil {
					c.before(a)
				}
				if c.fault != 0 {
					a.w.server.Faults().Add(sandbox.Fault{Match: sandbox.Received("REFER"), Status: c.fault, Times: 1})
				}
				a.alice.LeaveConference()
				if c.yes {
					a.guests["bob"].AcceptReferral(a.guests["bob"].asked().ID)
					a.alice.until("left", func(s State) bool { return len(s.Calls) == 0 && s.Conference == nil })
					a.guests["bob"].until("with carol", func(s State) bool {
						return len(s.Calls) == 1 && s.Calls[0].Address == "carol" && s.Calls[0].Active
					})
					a.hear(amongst("bob", "carol"))
					return
				}
				if c.fault == 0 {
					a.guests["bob"].DeclineReferral(a.guests["bob"].asked().ID)
				}
				a.alice.until("refused", func(s State) bool {
					return len(s.Calls) == 2 && s.Calls[0].Transfer != nil && s.Calls[0].Transfer.Failed
				})
				a.together("bob", "carol")
				a.eachOther("bob", "carol")
			})
		})
	}
}

// TestConferenceThatCannotBeIsToldAndChangesNothing.
func TestConferenceThatCannotBeIsToldAndChangesNothing(t *testing.T) {
	const alone = cause.ConferenceAlone
	for _, c := range []struct {
		name string
		do   func(a *party)
		kind cause.Kind
		in   int
	}{
		{"of one", func(a *party) { a.alice.Confer(a.calls["bob"]) }, alone, 0},
		{"of one twice", func(a *party) { a.alice.Confer(a.ids("bob", "bob")...) }, alone, 0},
		{"of nobody", func(a *party) { a.alice.Confer() }, alone, 0},
		{"with one that has ended", func(a *party) { a.alice.Confer(a.calls["bob"], "gone") }, alone, 0},
		{"with one that rings there", func(a *party) {
			dave := a.w.phone("dave")
			a.alice.Dial("", "dave")
			dave.callWith("alice", "incoming", ringsHere)
			ringing := a.alice.callWith("dave", "ringing", func(c CallState) bool { return c.Phase == PhaseRinging })
			a.alice.Confer(a.calls["bob"], ringing.ID)
		}, cause.ConferenceBeforeAnswer, 0},
		{"with one that rings here", func(a *party) {
			a.w.phone("dave").Dial("", "alice")
			a.alice.Confer(a.calls["bob"], a.alice.callWith("dave", "incoming", ringsHere).ID)
		}, cause.ConferenceBeforeAnswer, 0},
		{"with one that is being handed over", func(a *party) {
			a.alice.Transfer(a.calls["bob"], "4711")
			a.guests["bob"].asked()
			a.alice.Confer(a.ids("carol", "bob")...)
		}, cause.TransferPending, 0},
		{"of five", func(a *party) {
			a.add("dave")
			a.add("erin")
			a.add("4711")
			a.confer("bob", "carol", "dave", "erin")
			a.alice.Confer(a.calls["4711"])
		}, cause.ConferenceFull, 4},
		{"nothing to hold", func(a *party) { a.alice.HoldConference(true) }, cause.NoConference, 0},
		{"nothing to leave", func(a *party) { a.alice.LeaveConference() }, cause.NoConference, 0},
		{"nothing to split", func(a *party) { a.alice.Split(a.calls["bob"]) }, cause.NoConference, 0},
		{"three cannot be left to each other", func(a *party) {
			a.add("dave")
			a.confer("bob", "carol", "dave")
			a.alice.LeaveConference()
		}, cause.ConferenceNotTwo, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newParty(t, "bob", "carol")
				c.do(a)
				s := a.alice.until("told", func(s State) bool { return s.Refusal != nil })
				if s.Refusal.Cause.Kind != c.kind {
					t.Errorf("refused: %+v", s.Refusal)
				}
				if n := len(a.alice.State().Conference); n != c.in {
					t.Errorf("%d in the conference", n)
				}
			})
		})
	}
}

// TestWhomAMemberHandsUsToIsInTheConferenceInItsPlace.
func TestWhomAMemberHandsUsToIsInTheConferenceInItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newParty(t, "bob", "carol")
		a.confer("bob", "carol")
		dave := a.w.phone("dave")
		dave.says(partyTone("dave"))
		a.guests["dave"] = dave
		bob := a.guests["bob"]
		mine := bob.State().Calls[0]
		bob.AskFirst(mine.ID, "dave")
		dave.Answer(dave.callWith("bob", "incoming", ringsHere).ID)
		consult := bob.callWith("dave", "active", activeCall)
		bob.Connect(consult.ID, mine.ID) // dave's phone, of the call that talks, is the target
		r := a.alice.asked()
		a.alice.AcceptReferral(r.ID)
		a.alice.callWith("dave", "active", activeCall)
		a.alice.until("bob left", func(s State) bool { return len(s.Calls) == 2 })
		a.calls["dave"] = a.alice.callWith("dave", "active", activeCall).ID
		a.together("carol", "dave")
		a.eachOther("carol", "dave")
	})
}
