// Package faults has the faults that a phone must survive, a test for each: what is done, what is required, and how
// often it was held. Its tests are named for them, TestF01 to TestF24. Each fault is done three times; with
// CALLA_SOAK=1, as `make soak` has it, twenty times, with the long outages too, and what was measured goes into
// docs/faults.json, of which docs/faults.md is made.
//
// What is required of a time holds on a machine that does nothing else, as in `make soak`; otherwise the order of what
// happens is judged, and times loosely.
package faults

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// Row is one line of the table: a fault, and how it came out.
type Row struct {
	Fault    string        `json:"fault"`              // F01 … F24
	Done     string        `json:"done"`               // what is done
	Required string        `json:"required"`           // what must come of it
	Figure   string        `json:"figure,omitempty"`   // what is measured; "" = nothing
	Limit    time.Duration `json:"limit_ns,omitempty"` // of the figure
	Runs     int           `json:"runs"`               // how often it was done
	Green    int           `json:"green"`              // how often what is required came of it
	P50      time.Duration `json:"p50_ns,omitempty"`   // of the figure
	P95      time.Duration `json:"p95_ns,omitempty"`   // of the figure
	Max      time.Duration `json:"max_ns,omitempty"`   // of the figure
	Missing  string        `json:"missing,omitempty"`  // what of the required is not reached yet
	Virtual  bool          `json:"virtual,omitempty"`  // in virtual time
	Date     string        `json:"date"`               // of the runs
	Commit   string        `json:"commit"`             // of the source that ran
	Machine  string        `json:"machine"`            // that it ran on
}

// Measured sets the figures of a row.
func (r *Row) Measured(figures []time.Duration) {
	if len(figures) == 0 {
		return
	}
	figures = slices.Sorted(slices.Values(figures))
	at := func(share float64) time.Duration { // nearest rank
		return figures[max(0, min(len(figures)-1, int(share*float64(len(figures))+0.999999)-1))]
	}
	r.P50, r.P95, r.Max = at(0.5), at(0.95), figures[len(figures)-1]
}

// Read reads the rows of a file; one that is not there has none.
func Read(file string) ([]Row, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var rows []Row
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return rows, nil
}

// Put writes a row into a file, in the place of the one of the same fault and deed. Others may do so at the same time.
func Put(file string, r Row) error {
	lock := file + ".lock"
	for {
		l, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			defer os.Remove(lock)
			defer l.Close()
			break
		}
		if s, gone := os.Stat(lock); gone == nil && time.Since(s.ModTime()) > 10*time.Second {
			_ = os.Remove(lock) // of a test that was killed
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	rows, err := Read(file)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(o Row) bool { return o.Fault == r.Fault && o.Done == r.Done })
	rows = append(rows, r)
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Fault, b.Fault), cmp.Compare(a.Done, b.Done))
	})
	data, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}

// Page writes the rows as a table in Markdown.
func Page(w io.Writer, rows []Row) error {
	var b strings.Builder
	b.WriteString("| fault | what is done | what is required | green | p50 | p95 | max | when, commit, machine |\n")
	b.WriteString("|---|---|---|--:|--:|--:|--:|---|\n")
	for _, r := range rows {
		required := r.Required
		if r.Missing != "" {
			required += " **Not reached yet:** " + r.Missing
		}
		done := r.Done
		if r.Virtual {
			done += " (virtual time)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %d of %d | %s | %s | %s | %s, %s, %s |\n", r.Fault, done, required, r.Green,
			r.Runs, r.told(r.P50), r.told(r.P95), r.told(r.Max), r.Date, r.Commit, r.Machine)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// told is a figure of a row, to a hundredth of a second.
func (r Row) told(d time.Duration) string {
	if r.Figure == "" {
		return "–"
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
