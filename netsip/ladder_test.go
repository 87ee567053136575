package netsip

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	sheets "calla/netsip/ladder"
)

// Ladders: call flows drawn from what is on the wire, in virtual time, and compared octet by octet with the golden
// text in testdata/ladders. `go test ./netsip -run RFC -update` draws them again; docs/flows.md is made from them.

const ladderFolder = "testdata/ladders"

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the golden ladders instead of comparing with them")
	os.Exit(m.Run())
}

// plan is what stands on top of a ladder.
type plan struct {
	name  string   // of the file
	title string   // "RFC 3665 section 3.1, as caller: successful session establishment"
	rule  string   // what is held, in a line
	lanes []string // left to right, after Alice; nil = Bob
	show  []string // header fields shown beside those that always are
}

// sheet is the ladder of a plan.
type sheet struct {
	plan
	*sheets.Sheet
}

func newSheet(p plan) *sheet {
	if p.lanes == nil {
		p.lanes = []string{"Bob"}
	}
	s := &sheet{p, sheets.New(time.Now(), append([]string{"Alice"}, p.lanes...)...)}
	s.Show = p.show
	return s
}

// text draws all.
func (s *sheet) text(test string) string {
	return fmt.Sprintf("%s\nRule: %s\nTest: %s\n\n%s", s.title, s.rule, test, s.Text())
}

// compare holds the sheet against its golden file, or writes that.
func (s *sheet) compare(t *testing.T) {
	t.Helper()
	file := filepath.Join(ladderFolder, s.name+".txt")
	got := s.text(t.Name())
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.MkdirAll(ladderFolder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; draw it with -update:\n%s", err, got)
	}
	if got != string(want) {
		t.Errorf("%s is not what happened (-update draws it again, if that is right):\n%s\nwant\n%s", file, got, want)
	}
}
