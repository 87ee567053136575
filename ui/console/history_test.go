package console

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calla/phone/cause"
	"calla/phone/journal"
)

// profileWith makes a profile with calls in its history, the last of the names last.
func profileWith(t *testing.T, names ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "profile")
	j := journal.Open(journal.Options{Dir: dir})
	defer j.Close()
	for i, name := range names {
		began := time.Date(2026, 11, 29, 12, i, 0, 0, time.UTC)
		_, err := j.Record(journal.Call{
			AccountID: "a1", Incoming: true, Outcome: journal.Missed, Name: name, Address: fmt.Sprint("+49 30 123", i),
			URI: "sip:x@example.com", Began: began, Ended: began.Add(time.Second),
			Cause:    cause.Cause{Kind: cause.Missed},
			Timeline: []journal.Moment{{At: began, What: journal.Rang}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestHistoryIsListedSearchedAndDeleted(t *testing.T) {
	dir := profileWith(t, "Anna", "Ben", "Evil\x1b[31m\u202e")
	list := func(args ...string) (names []string, ids []json.Number) {
		t.Helper()
		out, errs, code := ran(t, "", append([]string{"--profile", dir, "history", "--json"}, args...)...)
		if code != ExitOK || errs != "" {
			t.Fatalf("%v: %d %s", args, code, errs)
		}
		for line := range strings.Lines(out) {
			var c struct {
				ID       json.Number
				Name     string
				Outcome  string
				Cause    string
				Began    time.Time
				Answered *time.Time
				Timeline []struct{ What string }
			}
			if err := json.Unmarshal([]byte(line), &c); err != nil {
				t.Fatal(err)
			}
			if c.Outcome != "missed" || c.Cause != "missed" || c.Began.IsZero() || c.Answered != nil ||
				len(c.Timeline) != 1 {
				t.Errorf("%s", line)
			}
			names, ids = append(names, c.Name), append(ids, c.ID)
		}
		return names, ids
	}
	all, ids := list()
	if len(all) != 3 || all[2] != "Anna" || all[1] != "Ben" {
		t.Errorf("%q", all)
	}
	for name, test := range map[string]struct {
		args []string
		want int
	}{
		"by name": {[]string{"ann"}, 1}, "by number": {[]string{"0049301231"}, 1}, "missed": {[]string{"--missed"}, 3},
		"two": {[]string{"--limit", "2"}, 2}, "nobody": {[]string{"zzz"}, 0},
		"missed by name": {[]string{"--missed", "be"}, 1},
	} {
		if got, _ := list(test.args...); len(got) != test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	out, _, _ := ran(t, "", "--profile", dir, "history")
	if strings.ContainsAny(out, "\x1b\u202e") || strings.Count(out, "\n") != 3 {
		t.Errorf("in words %q", out)
	}
	if _, errs, code := ran(t, "", "--profile", dir, "history", "--delete", ids[0].String()); code != ExitOK {
		t.Errorf("one is not deleted: %s", errs)
	}
	if _, errs, code := ran(t, "", "--profile", dir, "history", "--delete", ids[0].String()); code != ExitInvalid ||
		!strings.Contains(errs, "no call") {
		t.Errorf("deleted twice: %d %s", code, errs)
	}
	if left, _ := list(); len(left) != 2 {
		t.Errorf("left are %q", left)
	}
	if _, errs, code := ran(t, "", "--profile", dir, "history", "--delete-all"); code != ExitOK {
		t.Errorf("not deleted: %s", errs)
	}
	if left, _ := list(); len(left) != 0 {
		t.Errorf("left are %q", left)
	}
	for _, wrong := range [][]string{{"--limit", "0"}, {"--delete", "1", "--delete-all"}, {"--delete-all", "anna"}} {
		if _, _, code := ran(t, "", append([]string{"--profile", dir, "history"}, wrong...)...); code != ExitUsage {
			t.Errorf("%v: exit code %d", wrong, code)
		}
	}
}

func TestHistoryOfNobodyMakesNoFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profile")
	if out, errs, code := ran(t, "", "--profile", dir, "history"); out != "" || errs != "" || code != ExitOK {
		t.Errorf("%q %q %d", out, errs, code)
	}
	if _, err := os.Lstat(dir); err == nil {
		t.Error("there is a folder")
	}
}

func TestHistoryOfANewerVersionIsRefused(t *testing.T) {
	dir := profileWith(t, "Anna")
	path := filepath.Join(dir, journal.FileName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[60], b[63] = 1, 1 // PRAGMA user_version
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{}, {"--json"}, {"anna"}, {"--delete-all"}, {"--delete", "5"}} {
		out, errs, code := ran(t, "", append([]string{"--profile", dir, "history"}, args...)...)
		if code != ExitInvalid || out != "" || !strings.Contains(errs, "newer") {
			t.Errorf("%v: %d %q %q", args, code, out, errs)
		}
	}
}
