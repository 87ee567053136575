package console

import (
	"strings"
	"testing"

	"calla/phone"
	"calla/phone/cause"
)

// TestEveryEndIsWritten: of calls that end, or are turned away, before anything is written again, each has its line,
// once; all that is written again has those alone that still stand there.
func TestEveryEndIsWritten(t *testing.T) {
	call := func(id string, kind cause.Kind) phone.EndedCall {
		return phone.EndedCall{CallID: id, Address: id, Cause: cause.Cause{Kind: kind}}
	}
	one, two, three := call("one", cause.HungUpHere), call("two", cause.Busy), call("three", cause.HungUpHere)
	away := []phone.EndedCall{call("four", cause.Missed), call("five", cause.Missed)}
	var out strings.Builder
	s := newScreen(newTerminal(&out), phone.NewMessageMemory())
	lines := func() int {
		n := strings.Count(out.String(), "■")
		out.Reset()
		return n
	}
	for _, step := range []struct {
		what  string
		state phone.State
		again bool
		lines int
	}{
		{"two end at once", phone.State{Ends: []phone.EndedCall{one, two}, Ended: &two}, false, 2},
		{"the card goes", phone.State{Ends: []phone.EndedCall{one, two}}, false, 0},
		{"one ends, and another call begins", phone.State{Ends: []phone.EndedCall{one, two, three}}, false, 1},
		{"two are turned away", phone.State{Ends: []phone.EndedCall{two, three}, TurnedAway: away}, false, 2},
		{"all again", phone.State{Ends: []phone.EndedCall{two, three}, Ended: &three, TurnedAway: away}, true, 2},
		{"nothing new", phone.State{Ends: []phone.EndedCall{two, three}, TurnedAway: away}, false, 0},
	} {
		if step.again {
			s.again(step.state)
		} else {
			s.draw(step.state)
		}
		if n := lines(); n != step.lines {
			t.Errorf("%s: %d lines, not %d", step.what, n, step.lines)
		}
	}
}
