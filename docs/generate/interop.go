package main

import (
	"fmt"
	"io"
	"strings"

	"calla/test/interop/table"
)

// interopRuns are the results below a root of the repository, by the peers' slugs.
func interopRuns(root string) (map[string]table.Run, error) {
	runs := map[string]table.Run{}
	for _, p := range table.Peers() {
		run, err := table.Read(root, p.Slug)
		if err != nil {
			return nil, err
		}
		runs[p.Slug] = run
	}
	return runs, nil
}

// WriteInterop writes the page of peers and flows.
func WriteInterop(w io.Writer, runs map[string]table.Run) {
	fmt.Fprint(w, `# With whom calls work

Each cell is an end-to-end test: the telephone without its window, real peers in a network of their own, and what is
heard at both ends as the measure. `+"`make interop`"+` tries them all and writes the results to
`+"`"+table.Folder+"`"+`, from which this page is made; CI tries those whose peers Debian has.

✓ works · ✗ fails · ? not tried since the test is as it is · – the peer cannot do it, and below the table is why

| |`)
	for _, p := range table.Peers() {
		fmt.Fprintf(w, " %s |", p.Name)
	}
	fmt.Fprint(w, "\n|---|", strings.Repeat("---|", len(table.Peers())), "\n")
	why := reasons{}
	for _, f := range table.Flows() {
		fmt.Fprintf(w, "| %s |", f.Title)
		for _, p := range table.Peers() {
			fmt.Fprintf(w, " %s |", interopCell(runs[p.Slug], f.Slug, &why))
		}
		fmt.Fprintln(w)
	}
	if len(why.texts) > 0 {
		fmt.Fprint(w, "\nWhy not:\n\n")
	}
	for i, text := range why.texts {
		fmt.Fprintf(w, "%d. %s\n", i+1, text)
	}
	fmt.Fprint(w, "\n## The peers\n\n| peer | version | how it is tried | tried last |\n|---|---|---|---|\n")
	for _, p := range table.Peers() {
		run := runs[p.Slug]
		if run.Date == "" {
			run.Version, run.Date = "?", "not yet"
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", p.Name, run.Version, p.What, run.Date)
	}
}

// reasons numbers the reasons why peers cannot do a flow.
type reasons struct{ texts []string }

func (r *reasons) number(text string) int {
	for i, t := range r.texts {
		if t == text {
			return i + 1
		}
	}
	r.texts = append(r.texts, text)
	return len(r.texts)
}

// interopCell is how a flow went.
func interopCell(run table.Run, flow string, why *reasons) string {
	cell := run.Cells[flow]
	switch cell.Outcome {
	case table.Works:
		return strings.TrimSpace("✓ " + cell.Note)
	case table.Fails:
		return strings.TrimSpace("✗ " + cell.Note)
	case table.Cannot:
		return fmt.Sprintf("– %d", why.number(cell.Note))
	}
	return "?"
}
