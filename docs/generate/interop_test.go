package main

import (
	"bytes"
	"os"
	"testing"

	"calla/test/interop/table"
)

func TestInteropPageIsCurrent(t *testing.T) {
	runs, err := interopRuns("../..")
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	WriteInterop(&want, runs)
	got, err := os.ReadFile("../interop.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("docs/interop.md is not what `make docs` writes")
	}
}

// TestResultsAreOfFlowsThatThereAre: what is kept of a flow that was renamed or dropped is of no use.
func TestResultsAreOfFlowsThatThereAre(t *testing.T) {
	runs, err := interopRuns("../..")
	if err != nil {
		t.Fatal(err)
	}
	for peer, run := range runs {
		known := map[string]bool{}
		for _, f := range table.Flows() {
			known[f.Slug] = true
		}
		for flow := range run.Cells {
			if !known[flow] {
				t.Errorf("%s: %s is no flow (make interop)", peer, flow)
			}
		}
	}
}

func TestAFailureShowsInThePage(t *testing.T) {
	for _, c := range []struct {
		name string
		cell table.Cell
		want string
	}{
		{"works", table.Cell{Outcome: table.Works}, "✓"},
		{"works, with a figure", table.Cell{Outcome: table.Works, Note: "in 1 s"}, "✓ in 1 s"},
		{"fails", table.Cell{Outcome: table.Fails}, "✗"},
		{"cannot", table.Cell{Outcome: table.Cannot, Note: "has none"}, "– 1"},
		{"never tried", table.Cell{}, "?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := table.Run{Cells: map[string]table.Cell{"register": c.cell}}
			if got := interopCell(run, "register", new(reasons)); got != c.want {
				t.Errorf("the cell is %q, want %q", got, c.want)
			}
		})
	}
}
