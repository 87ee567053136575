package phone

import (
	"slices"
	"testing"
	"testing/synctest"
)

// TestConferenceOnHold: who is in it stays so, and what resumes one resumes all but those held alone.
func TestConferenceOnHold(t *testing.T) {
	allHeld := func(s State) bool {
		return len(s.Conference) > 1 && !slices.ContainsFunc(s.Calls, func(c CallState) bool {
			return slices.Contains(s.Conference, c.ID) && !heldCall(c)
		})
	}
	for _, c := range []struct {
		name string
		hold func(a *party)
		back func(a *party)
		in   []string // have the sound then
	}{
		{
			"all at once",
			func(a *party) { a.alice.HoldConference(true) }, func(a *party) { a.alice.HoldConference(false) },
			[]string{"bob", "carol", "dave"},
		},
		{
			"all, and one is resumed", func(a *party) { a.alice.HoldConference(true) },
			func(a *party) { a.alice.SetHold(a.calls["carol"], false) },
			[]string{"bob", "carol", "dave"},
		},
		{
			"another call takes the sound", func(a *party) { a.add("erin") },
			func(a *party) { a.alice.Swap(a.calls["bob"]) },
			[]string{"bob", "carol", "dave"},
		},
		{"another call takes the sound, and ends", func(a *party) { a.add("erin") }, func(a *party) {
			a.alice.HangUp(a.calls["erin"])
			a.alice.HoldConference(false)
		}, []string{"bob", "carol", "dave"}},
		{"one was on hold alone before", func(a *party) {
			a.alice.SetHold(a.calls["dave"], true)
			a.alice.callWith("dave", "held", heldCall)
			a.add("erin")
		}, func(a *party) { a.alice.Swap(a.calls["bob"]) }, []string{"bob", "carol"}},
		{"one was on hold alone before, and all are resumed", func(a *party) {
			a.alice.SetHold(a.calls["dave"], true)
			a.alice.callWith("dave", "held", heldCall)
			a.add("erin")
		}, func(a *party) { a.alice.HoldConference(false) }, []string{"bob", "carol", "dave"}},
		{"each alone", func(a *party) {
			for _, id := range a.calls {
				a.alice.SetHold(id, true)
			}
		}, func(a *party) { a.alice.HoldConference(false) }, []string{"bob", "carol", "dave"}},
		{"somebody is asked first, and does not answer", func(a *party) {
			a.guests["erin"] = a.w.phone("erin")
			a.alice.AskFirst(a.calls["bob"], "erin")
			a.guests["erin"].callWith("alice", "incoming", ringsHere)
		}, func(a *party) {
			a.guests["erin"].Decline(a.guests["erin"].State().Calls[0].ID)
		}, []string{"bob", "carol", "dave"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newParty(t, "bob", "carol", "dave")
				a.confer("bob", "carol", "dave")
				c.hold(a)
				if s := a.alice.until("on hold", allHeld); len(s.Conference) != 3 {
					t.Errorf("in the conference: %v", s.Conference)
				}
				a.hear(map[string][]string{"bob": nil, "carol": nil, "dave": nil})
				c.back(a)
				a.alice.until("resumed", func(s State) bool {
					n := 0
					for _, call := range s.Calls {
						if activeCall(call) && slices.Contains(s.Conference, call.ID) {
							n++
						}
					}
					return n == len(c.in)
				})
				a.eachOther(c.in...)
			})
		})
	}
}

// TestCallsOutsideAConferenceHoldEachOther as ever, and the conference as one.
func TestCallsOutsideAConferenceHoldEachOther(t *testing.T) {
	withoutDave := map[string][]string{
		"alice": {"bob", "carol"}, "bob": {"alice", "carol"}, "carol": {"alice", "bob"}, "dave": nil,
	}
	for _, c := range []struct {
		name string
		do   func(a *party)
		want map[string][]string
	}{
		{
			"a call is dialled", func(a *party) { a.add("erin") },
			map[string][]string{"alice": {"erin"}, "erin": {"alice"}, "bob": nil, "carol": nil, "dave": nil},
		},
		{"a call is answered", func(a *party) {
			erin := a.w.phone("erin")
			erin.says(partyTone("erin"))
			a.guests["erin"] = erin
			erin.Dial("", "alice")
			a.alice.Answer(a.alice.callWith("erin", "incoming", ringsHere).ID)
			a.alice.callWith("erin", "active", activeCall)
		}, map[string][]string{"alice": {"erin"}, "erin": {"alice"}, "bob": nil, "carol": nil, "dave": nil}},
		{
			"back to one that waits", func(a *party) { a.alice.Swap(a.calls["dave"]) },
			map[string][]string{"alice": {"dave"}, "dave": {"alice"}, "bob": nil, "carol": nil},
		},
		{"and to the conference again", func(a *party) {
			a.alice.Swap(a.calls["dave"])
			a.alice.callWith("bob", "held", heldCall)
			a.alice.SetHold(a.calls["carol"], false)
			a.together("bob", "carol")
		}, withoutDave},
		{"a call that rings is let ring", func(a *party) {
			erin := a.w.phone("erin")
			a.guests["erin"] = erin
			erin.Dial("", "alice")
			a.alice.Ignore(a.alice.callWith("erin", "incoming", ringsHere).ID)
		}, withoutDave},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newParty(t, "dave", "bob", "carol")
				a.confer("bob", "carol")
				a.alice.callWith("dave", "held", heldCall)
				c.do(a)
				a.hear(c.want)
			})
		})
	}
}

// TestMutedInAConferenceIsMutedForAll, and the others hear each other all the same.
func TestMutedInAConferenceIsMutedForAll(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(a *party)
	}{
		{"one is muted in it", func(a *party) {
			a.confer("bob", "carol")
			a.alice.SetMuted(a.calls["bob"], true)
		}},
		{"the one that talks was muted before", func(a *party) {
			a.alice.SetMuted(a.calls["carol"], true)
			a.confer("bob", "carol")
		}},
		{"muted, and one is split and back", func(a *party) {
			a.confer("bob", "carol")
			a.alice.SetMuted(a.calls["bob"], true)
			a.alice.Split(a.calls["carol"])
			a.alice.callWith("bob", "held", heldCall)
			a.confer("bob", "carol")
		}},
		{"muted, and one more joins", func(a *party) {
			a.confer("bob", "carol")
			a.alice.SetMuted(a.calls["carol"], true)
			a.alice.Confer(a.calls["dave"])
			a.together("bob", "carol", "dave")
			a.alice.HangUp(a.calls["dave"])
			a.together("bob", "carol")
		}},
		{"muted on hold", func(a *party) {
			a.confer("bob", "carol")
			a.alice.HoldConference(true)
			a.alice.SetMuted(a.calls["bob"], true)
			a.alice.HoldConference(false)
			a.together("bob", "carol")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newParty(t, "dave", "bob", "carol")
				c.do(a)
				a.hear(map[string][]string{"alice": {"bob", "carol"}, "bob": {"carol"}, "carol": {"bob"}})
				a.alice.SetMuted(a.calls["bob"], false)
				a.eachOther("bob", "carol")
			})
		})
	}
}
