package console

import (
	"strings"
	"testing"
)

// TestTheTextPhoneListsAndDeletesCalls: by the number in its last list.
func TestTheTextPhoneListsAndDeletesCalls(t *testing.T) {
	for _, v := range []struct {
		name  string
		lines string
		says  []string // in this order
		never string
		left  int
	}{
		{"the last", "history", []string{" 1  ", "Carl", " 2  ", "Ben", " 3  ", "Anna"}, "", 3},
		{"found by name", "history be", []string{" 1  ", "Ben"}, "Anna", 3},
		{"found by number", "history 0049301230", []string{"Anna"}, "Ben", 3},
		{"missed", "history missed", []string{"Carl", "Ben", "Anna"}, "", 3},
		{"nobody", "history zzz", []string{"There is no such call."}, "Anna", 3},
		{"one deleted", "history be\nhistory delete 1", []string{"Ben", "It is deleted."}, "", 2},
		{
			"deleted twice", "history be\nhistory delete 1\nhistory delete 1",
			[]string{"It is deleted.", "not in the history any more"},
			"", 2,
		},
		{"without a list", "history delete 1", []string{"There is no call 1 in the list."}, "deleted", 3},
		{"all deleted", "history delete all", []string{"All calls are deleted."}, "", 0},
	} {
		t.Run(v.name, func(t *testing.T) {
			dir := profileWith(t, "Anna", "Ben", "Carl")
			out, errs, _ := ran(t, v.lines+"\nquit\n", "--profile", dir, "console", "--no-sound")
			rest := out
			for _, want := range v.says {
				_, after, found := strings.Cut(rest, want)
				if !found {
					t.Fatalf("%q is not said, or not in its place: %q %q", want, out, errs)
				}
				rest = after
			}
			if v.never != "" && strings.Contains(out, v.never) {
				t.Errorf("says %q", out)
			}
			if list, _, _ := ran(t, "", "--profile", dir, "history"); strings.Count(list, "\n") != v.left {
				t.Errorf("left are %q", list)
			}
		})
	}
}
