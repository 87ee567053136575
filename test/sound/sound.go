// Package sound measures how Calla sounds, with others beside it: what is received over bad networks, echo, noise,
// loudness, loss. Its measurements run with CALLA_BENCH=1, as `make bench-sound` has it, over real speech, on a
// machine that does nothing else; their tables go into docs/sound.json, of which docs/sound.md is made.
package sound

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Table is the figures of one measurement.
type Table struct {
	Title   string     `json:"title"`
	Text    string     `json:"text"` // what is measured, how, and what is to be reached
	Head    []string   `json:"head"`
	Rows    [][]string `json:"rows"`
	Date    string     `json:"date"`
	Commit  string     `json:"commit"` // of the source that ran
	Machine string     `json:"machine"`

	Pictures []Picture `json:"pictures,omitempty"`
}

// Picture shows what a table has figures of.
type Picture struct {
	File string `json:"file"` // in docs/
	Text string `json:"text"` // what is to be seen in it, and by which axes
}

// Read reads the tables of a file; one that is not there has none.
func Read(file string) ([]Table, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var tables []Table
	if err := json.Unmarshal(data, &tables); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return tables, nil
}

// Put writes a table into a file, in the place of the one of the same title. One at a time may do so.
func Put(file string, t Table) error {
	tables, err := Read(file)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(tables, func(o Table) bool { return o.Title == t.Title })
	if i < 0 {
		i, tables = len(tables), append(tables, t)
	}
	tables[i] = t
	slices.SortFunc(tables, func(a, b Table) int { return strings.Compare(a.Title, b.Title) })
	data, err := json.MarshalIndent(tables, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}

// Page writes the tables in Markdown.
func Page(w io.Writer, tables []Table) error {
	var b strings.Builder
	for _, t := range tables {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", t.Title, t.Text)
		line := func(cells []string) {
			b.WriteString("|")
			for _, c := range cells {
				b.WriteString(" " + strings.ReplaceAll(c, "|", "\\|") + " |")
			}
			b.WriteString("\n")
		}
		line(t.Head)
		b.WriteString("|---" + strings.Repeat("|--:", len(t.Head)-1) + "|\n")
		for _, r := range t.Rows {
			line(r)
		}
		for _, p := range t.Pictures {
			fmt.Fprintf(&b, "\n![%s](%s)\n\n%s\n", strings.TrimSuffix(path.Base(p.File), ".png"), p.File, p.Text)
		}
		fmt.Fprintf(&b, "\n%s, %s, %s.\n", t.Date, t.Commit, t.Machine)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
