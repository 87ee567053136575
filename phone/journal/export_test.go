package journal

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"calla/phone/cause"
)

// TestEveryCallIsWrittenOnceAndReadAsItWas: whatever others call themselves, in both forms, over several pages.
func TestEveryCallIsWrittenOnceAndReadAsItWas(t *testing.T) {
	names := []string{
		"Anna", `Say "hi", twice`, "=HYPERLINK(\"http://x\")", "two\nlines", "\u05d0\u05dc\u05d9\u05e1 \U0001f3a7",
		"@SUM(A1)", "+49 30", "-1+2", "",
	}
	j, _ := open(t, t.TempDir())
	for i := range mostRows + len(names) {
		c := Call{
			AccountID: "a1", Outcome: Answered, Address: fmt.Sprint("+49 30 ", i), URI: "sip:x@example.com",
			Began: noon().Add(time.Duration(i) * time.Second), Cause: cause.Cause{Kind: cause.HungUpHere},
		}
		c.Answered, c.Ended = c.Began, c.Began.Add(90*time.Second)
		if i < len(names) {
			c.Name = names[i]
		}
		if _, err := j.Record(c); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, j)
	all := mostRows + len(names)
	t.Run("table", func(t *testing.T) {
		var out bytes.Buffer
		if n, err := j.WriteCalls(t.Context(), &out, CallQuery{}, CallsCSV); n != all || err != nil {
			t.Fatal(n, err)
		}
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(rows) != all+1 {
			t.Fatal(len(rows), err)
		}
		for i, want := range names {
			got := rows[len(rows)-1-i]
			switch want {
			case names[2], names[5], names[7]:
				want = "'" + want
			}
			if got[6] != want || got[3] != "90" || got[7] != fmt.Sprint("+49 30 ", i) {
				t.Errorf("%q", got)
			}
		}
	})
	t.Run("JSON", func(t *testing.T) {
		var out bytes.Buffer
		if n, err := j.WriteCalls(t.Context(), &out, CallQuery{}, CallsJSON); n != all || err != nil {
			t.Fatal(n, err)
		}
		var read []struct{ Name, Outcome, Cause string }
		if err := json.Unmarshal(out.Bytes(), &read); err != nil || len(read) != all {
			t.Fatal(len(read), err)
		}
		for i, want := range names {
			if got := read[all-1-i]; got.Name != want || got.Cause != "hung-up-here" || got.Outcome != "answered" {
				t.Errorf("%+v", got)
			}
		}
	})
	t.Run("what is asked for alone", func(t *testing.T) {
		var out bytes.Buffer
		n, err := j.WriteCalls(t.Context(), &out, CallQuery{Text: "anna"}, CallsCSV)
		if n != 1 || err != nil || bytes.Count(out.Bytes(), []byte("\r\n")) != 2 {
			t.Errorf("%d %v %s", n, err, out.Bytes())
		}
	})
	t.Run("nothing", func(t *testing.T) {
		var out bytes.Buffer
		if n, err := j.WriteCalls(t.Context(), &out, CallQuery{Text: "zzz"}, CallsJSON); n != 0 || err != nil ||
			out.String() != "[]\n" {
			t.Errorf("%d %v %q", n, err, out.String())
		}
	})
	t.Run("the disk is full", func(t *testing.T) {
		if _, err := j.WriteCalls(t.Context(), fullDisk{}, CallQuery{}, CallsJSON); !errors.Is(err, errFull) {
			t.Errorf("%v", err)
		}
	})
}

var errFull = errors.New("no space left on device")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
