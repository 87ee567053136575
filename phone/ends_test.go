package phone

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestEveryEndIsInSomeState: also where calls end together, or another one begins, before the next State is published.
func TestEveryEndIsInSomeState(t *testing.T) {
	for name, meanwhile := range map[string]func(alice *testPhone, calls []*call){
		"both end":             func(_ *testPhone, calls []*call) { calls[0].hangUp(); calls[1].hangUp() },
		"the other way round":  func(_ *testPhone, calls []*call) { calls[1].hangUp(); calls[0].hangUp() },
		"for a reason of ours": func(_ *testPhone, calls []*call) { calls[0].hangUpAs(nil); calls[1].hangUpAs(nil) },
		"the card is taken away": func(alice *testPhone, calls []*call) {
			calls[0].hangUpAs(nil)
			alice.dismissEnded()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				alice := w.phone("alice")
				ids := []string{}
				for _, who := range []string{"bob", "carol"} {
					alice.talk(w.phone(who))
				}
				for _, c := range alice.State().Calls {
					ids = append(ids, c.ID)
				}
				alice.loop.Post(func() { meanwhile(alice, slices.Clone(alice.calls)) })
				time.Sleep(time.Second)
				ended := alice.State().Ends
				for i, id := range ids {
					left := slices.ContainsFunc(alice.State().Calls, func(c CallState) bool { return c.ID == id })
					n := 0
					for _, e := range ended {
						if e.CallID == id {
							n++
						}
					}
					if left == (n == 1) || n > 1 {
						t.Errorf("call %d goes on: %t, told %d times", i, left, n)
					}
				}
			})
		})
	}
}

// TestEndsAreThoseThatAreNew: a reader that has seen one gets those after it, however many have gone meanwhile.
func TestEndsAreThoseThatAreNew(t *testing.T) {
	var ends []EndedCall
	last, told := "", 0
	for i := range 100 {
		before := slices.Clone(ends)
		kept := ends
		ends = withEnd(ends, EndedCall{CallID: string(rune('A' + i))})
		if !slices.EqualFunc(before, kept, func(a, b EndedCall) bool { return a.CallID == b.CallID }) {
			t.Fatal("what a State has was changed")
		}
		if i%7 == 0 {
			for _, e := range EndsAfter(ends, last) {
				last = e.CallID
				told++
			}
		}
	}
	if told != 99 || len(ends) != mostEnds {
		t.Errorf("%d were new, %d are kept", told, len(ends))
	}
	if n := len(EndsAfter(ends, "long gone")); n != mostEnds {
		t.Errorf("%d are new to who has slept", n)
	}
}
