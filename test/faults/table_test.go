package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"calla/test/peers"
)

// soaking tells whether each fault is done twenty times and its times are judged: CALLA_SOAK=1.
func soaking() bool { return os.Getenv("CALLA_SOAK") == "1" }

// tried is how often each fault is tried when soaking, with nothing recorded: CALLA_SOAK_RUNS. 0 is a true soak.
func tried() int {
	n, _ := strconv.Atoi(os.Getenv("CALLA_SOAK_RUNS"))
	return n
}

// fault is what a test does again and again.
type fault struct {
	name     string // F01 …
	done     string // what is done
	required string // what must come of it
	figure   string // what is measured; "" = nothing
	limit    time.Duration
	loose    time.Duration // of the figure on a machine that does other things too; 0 = thrice the limit and 5 s
	long     bool          // takes so long that it is for soaking only
	virtual  bool
	missing  string             // what is not reached yet
	quick    int                // how often when not soaking; 0 = 3
	soak     int                // how often when soaking; 0 = 20
	beside   bool               // runs beside others: it is of networks of its own, and mostly waits
	prepare  func(t *testing.T) // once for all times
}

// try does a fault as often as is due. once fails its t where what is required does not come of it, and returns the
// figure.
func (f fault) try(t *testing.T, once func(t *testing.T) time.Duration) {
	t.Helper()
	t.Run(f.done, func(t *testing.T) {
		times, limit := 3, f.loose
		if f.quick > 0 {
			times = f.quick
		}
		if limit == 0 {
			limit = 3*f.limit + 5*time.Second
		}
		if f.virtual {
			limit = f.limit
		}
		if soaking() {
			times, limit = 20, f.limit
			if f.soak > 0 {
				times = f.soak
			}
			if tried() > 0 {
				times = tried()
			}
		} else if f.long {
			t.Skip("for make soak")
		}
		if f.beside {
			t.Parallel()
		}
		if f.prepare != nil {
			f.prepare(t)
		}
		row := Row{
			Fault: f.name, Done: f.done, Required: f.required, Figure: f.figure, Limit: f.limit, Missing: f.missing,
			Virtual: f.virtual,
		}
		var figures []time.Duration
		for i := range times {
			ok := t.Run(strconv.Itoa(i+1), func(t *testing.T) {
				figure := once(t)
				figures = append(figures, figure)
				if f.figure != "" && f.limit > 0 && figure > limit {
					t.Errorf("%s: %v, at most %v is allowed", f.figure, figure, limit)
				}
			})
			row.Runs++
			if ok {
				row.Green++
			} else if !soaking() {
				break
			}
		}
		if row.Measured(figures); f.figure == "" {
			row.P50, row.P95, row.Max = 0, 0, 0
		}
		t.Logf("%d of %d green; %s: p50 %v, p95 %v, max %v", row.Green, row.Runs, f.figure, row.P50, row.P95, row.Max)
		if soaking() && tried() == 0 {
			f.record(t, row)
		}
	})
}

// record puts a row into the table.
func (f fault) record(t *testing.T, row Row) {
	t.Helper()
	root := peers.Root(t)
	said := func(name string, args ...string) string {
		cmd := exec.Command(name, args...)
		cmd.Dir = root
		out, _ := cmd.Output() // "" where there is no git
		return strings.TrimSpace(string(out))
	}
	row.Date = time.Now().UTC().Format(time.DateOnly)
	row.Commit = said("git", "rev-parse", "--short=10", "HEAD")
	row.Machine = fmt.Sprintf("%d cores, %s %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	if err := Put(filepath.Join(root, "docs", "faults.json"), row); err != nil {
		t.Error(err)
	}
}

func TestFiguresOfARow(t *testing.T) {
	for _, v := range []struct {
		name           string
		figures        []time.Duration
		p50, p95, most time.Duration
	}{
		{"none", nil, 0, 0, 0},
		{"one", []time.Duration{7}, 7, 7, 7},
		{"two", []time.Duration{9, 1}, 1, 9, 9},
		{"twenty", []time.Duration{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 10, 19, 20},
		{"the same", []time.Duration{3, 3, 3}, 3, 3, 3},
	} {
		t.Run(v.name, func(t *testing.T) {
			var r Row
			r.Measured(v.figures)
			if r.P50 != v.p50 || r.P95 != v.p95 || r.Max != v.most {
				t.Errorf("p50 %d, p95 %d, max %d", r.P50, r.P95, r.Max)
			}
		})
	}
}

func TestRowsAreKeptByFaultAndDeed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "faults.json")
	for _, r := range []Row{
		{Fault: "F02", Done: "b", Green: 1},
		{Fault: "F01", Done: "z"},
		{Fault: "F01", Done: "a"},
		{Fault: "F02", Done: "b", Green: 2},
	} {
		if err := Put(file, r); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := Read(file)
	if err != nil || len(rows) != 3 || rows[0].Done != "a" || rows[2].Green != 2 {
		t.Errorf("%+v %v", rows, err)
	}
	var page strings.Builder
	if err := Page(&page, rows); err != nil || strings.Count(page.String(), "\n") != 5 {
		t.Errorf("%v:\n%s", err, &page)
	}
}
