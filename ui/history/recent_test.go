package history

import (
	"fmt"
	"slices"
	"testing"

	"calla/phone/journal"
)

// TestWhomTheLastCallsWereWithIsToldOnce: the newest first, who can be called, with the account it went by.
func TestWhomTheLastCallsWereWithIsToldOnce(t *testing.T) {
	hidden := called("Nobody", "anonymous", true, journal.Missed)
	hidden.URI = ""
	private := called("Anna", "anna", false, journal.Answered)
	private.AccountID = "private"
	var many []journal.Call
	for i := range 30 {
		many = append(many, called(fmt.Sprint("n", i), fmt.Sprint(i), true, journal.Missed))
	}
	for _, v := range []struct {
		name string
		all  []journal.Call // oldest first
		want []string
	}{
		{"none", nil, nil},
		{"each once", []journal.Call{
			called("Anna", "anna", true, journal.Missed), called("Ben", "ben", false, journal.Answered),
			called("Anna", "anna", false, journal.Answered),
		}, []string{"office Anna", "office Ben"}},
		{"two accounts", []journal.Call{called("Anna", "anna", true, journal.Missed), private}, []string{
			"private Anna", "office Anna",
		}},
		{"who hides", []journal.Call{hidden, called("Ben", "ben", true, journal.Missed)}, []string{"office Ben"}},
		{"blocked", []journal.Call{called("Evil", "evil", true, journal.Blocked)}, nil},
		{"many", many, []string{
			"office n29", "office n28", "office n27", "office n26", "office n25", "office n24", "office n23",
			"office n22",
		}},
	} {
		t.Run(v.name, func(t *testing.T) {
			o := open(t, v.all...)
			all, err := Recents(t.Context(), o.journal)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range all {
				got = append(got, r.AccountID+" "+r.Who())
			}
			if !slices.Equal(got, v.want) {
				t.Errorf("%q, want %q", got, v.want)
			}
		})
	}
}
