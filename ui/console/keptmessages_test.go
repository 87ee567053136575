package console

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"calla/phone/cause"
	"calla/phone/journal"
)

// profileWithMessages makes a profile with messages of each kind.
func profileWithMessages(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "profile")
	j := journal.Open(journal.Options{Dir: dir})
	defer j.Close()
	busy := cause.Cause{Kind: cause.Busy}
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for _, m := range []journal.Message{
		{Address: "+49 30 1231", Name: "Anna", Incoming: true, Text: "Lunch?", Delivery: journal.Delivered},
		{Address: "ben@example.com", Text: "two\nlines", Delivery: journal.Delivered},
		{Address: "ben@example.com", Text: "again", Delivery: journal.Undelivered, Cause: &busy},
		{
			Address: "x@example.com", Name: "Evil\x1b[31m\u202e", Incoming: true, Unread: true, Text: "\x1b]0;me\a",
			Delivery: journal.Delivered,
		},
	} {
		at = at.Add(time.Minute)
		m.AccountID, m.At, m.Type = "a1", at, "text/plain"
		if _, err := j.AddMessage(m, func(_ int64, err error) {
			if err != nil {
				t.Error(err)
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// listed is what calla message list --json tells.
func listed(t *testing.T, dir string, args ...string) (texts []string, ids []int64) {
	t.Helper()
	out, errs, code := ran(t, "", append([]string{"--profile", dir, "message", "list", "--json"}, args...)...)
	if code != ExitOK || errs != "" {
		t.Fatalf("%v: %d %s", args, code, errs)
	}
	for line := range strings.Lines(out) {
		var m struct {
			ID       int64
			Text     string
			At       time.Time
			Delivery string
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if m.At.IsZero() || m.Delivery != "delivered" && m.Text != "again" {
			t.Errorf("%s", line)
		}
		texts, ids = append(texts, m.Text), append(ids, m.ID)
	}
	return texts, ids
}

// TestKeptMessagesAreListedSearchedAndDeleted: by what was said, by whom, and whether somebody has looked at them; to
// list them marks none as read, and nothing of a message is obeyed by the terminal.
func TestKeptMessagesAreListedSearchedAndDeleted(t *testing.T) {
	dir := profileWithMessages(t)
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"all":          {nil, "Lunch?|two\nlines|again|\x1b]0;me\a"},
		"by name":      {[]string{"ann"}, "Lunch?"},
		"by number":    {[]string{"0049301231"}, "Lunch?"},
		"what is said": {[]string{"lines"}, "two\nlines"},
		"the newest":   {[]string{"--limit", "1"}, "\x1b]0;me\a"},
		"unread":       {[]string{"--unread"}, "\x1b]0;me\a"},
		"nobody's":     {[]string{"zzz"}, ""},
	} {
		if got, _ := listed(t, dir, test.args...); strings.Join(got, "|") != test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	out, _, _ := ran(t, "", "--profile", dir, "message", "list")
	if strings.ContainsAny(out, "\x1b\a\u202e") || strings.Count(out, "\n") != 4 {
		t.Errorf("in words %q", out)
	}
	for _, want := range []string{
		"← +49 30 1231  Anna: Lunch?\n", "→ ben@example.com: two lines\n", "again  (undelivered: Busy)\n", "(unread)\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in %q", want, out)
		}
	}
	_, ids := listed(t, dir)
	id := strconv.FormatInt(ids[0], 10)
	if _, errs, code := ran(t, "", "--profile", dir, "message", "list", "--delete", id); code != ExitOK {
		t.Errorf("one is not deleted: %s", errs)
	}
	_, errs, code := ran(t, "", "--profile", dir, "message", "list", "--delete", id)
	if code != ExitInvalid || !strings.Contains(errs, "no message") {
		t.Errorf("deleted twice: %d %s", code, errs)
	}
	if left, _ := listed(t, dir); len(left) != 3 {
		t.Errorf("left are %q", left)
	}
	if _, errs, code := ran(t, "", "--profile", dir, "message", "list", "--delete-all"); code != ExitOK {
		t.Errorf("not deleted: %s", errs)
	}
	if left, _ := listed(t, dir); len(left) != 0 {
		t.Errorf("left are %q", left)
	}
	for _, wrong := range [][]string{{"--limit", "0"}, {"--delete", "1", "--delete-all"}, {"--delete-all", "anna"}} {
		args := append([]string{"--profile", dir, "message", "list"}, wrong...)
		if _, _, code := ran(t, "", args...); code != ExitUsage {
			t.Errorf("%v: exit code %d", wrong, code)
		}
	}
}

func TestMessagesOfNobodyMakeNoFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profile")
	if out, errs, code := ran(t, "", "--profile", dir, "message", "list"); out != "" || errs != "" || code != ExitOK {
		t.Errorf("%q %q %d", out, errs, code)
	}
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("there is a folder")
	}
}
