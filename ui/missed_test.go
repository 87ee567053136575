package ui

import (
	"testing"

	"calla/phone/journal"
)

// TestMissedCallsCountUntilLookedAt: in the window's title and at the history, as many as there are.
func TestMissedCallsCountUntilLookedAt(t *testing.T) {
	for _, v := range []struct {
		name   string
		missed []int // one State after another
		title  string
	}{
		{"none", []int{0}, "Calla"},
		{"one", []int{0, 1}, "1 missed call · Calla"},
		{"three at once", []int{3}, "3 missed calls · Calla"},
		{"more", []int{1, 2, 150}, "150 missed calls · Calla"},
		{"looked at", []int{2, 0}, "Calla"},
		{"and another one", []int{2, 0, 1}, "1 missed call · Calla"},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, Options{})
			for _, n := range v.missed {
				s := idle()
				s.Journal = journal.Counts{Missed: n, Calls: 1}
				o.app.update(s)
			}
			last := v.missed[len(v.missed)-1]
			if got := o.main.win.Title(); got != v.title || o.main.head.calls.Count() != last {
				t.Errorf("%q, %d at the history", got, o.main.head.calls.Count())
			}
		})
	}
}

// TestWhoOpensTheHistoryHasSeenTheMissedCalls, by whichever way.
func TestWhoOpensTheHistoryHasSeenTheMissedCalls(t *testing.T) {
	for name, open := range map[string]func(o *opened){
		"the button": func(o *opened) { o.tap(o.main.head.calls) },
		"the menu": func(o *opened) {
			for _, item := range o.main.head.menu().Items {
				if item.Label == "History…" {
					item.Action()
				}
			}
		},
		"the page itself": func(o *opened) { o.main.openHistory() },
	} {
		t.Run(name, func(t *testing.T) {
			o := openWith(t, Options{}, journalOf(t))
			s := idle()
			s.Journal = journal.Counts{Missed: 2, Calls: 1}
			o.app.update(s)
			o.finish()
			o.phone.took()
			open(o)
			o.finish()
			o.expect(t, "missed calls seen")
		})
	}
}

// journalOf is a journal with nothing in it.
func journalOf(t *testing.T) *journal.Journal {
	t.Helper()
	j := journal.Open(journal.Options{Dir: t.TempDir()})
	t.Cleanup(j.Close)
	return j
}
