package test

import (
	"bufio"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"calla/test/peers"
)

// widest is how many columns a line of a Go file may take, and tab what a tab takes of them.
const (
	widest = 120
	tab    = 4
)

// TestNoLineIsWiderThanTheRule: what does not fit is read by scrolling to and fro, and compared in two halves.
func TestNoLineIsWiderThanTheRule(t *testing.T) {
	for name, path := range goFiles(t) {
		for _, line := range wide(t, path) {
			t.Errorf("%s:%d is %d columns wide, of %d", name, line.number, line.columns, widest)
		}
	}
}

// goFiles are the paths of all Go files, by their names below the root.
func goFiles(t *testing.T) map[string]string {
	t.Helper()
	root, files := peers.Root(t), map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		name, err := filepath.Rel(root, path)
		files[name] = path
		return err
	})
	if err != nil || len(files) < 500 {
		t.Fatalf("%d Go files: %v", len(files), err)
	}
	return files
}

// TestColumnsAreCounted as an editor shows them.
func TestColumnsAreCounted(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "ab": 2, "\t": 4, "\t\tab": 10, "a\tb": 5, "abcd\te": 9, "Grüße": 5, "// ── … ─▶": 10,
		strings.Repeat("x", 70_000): 70_000,
	} {
		if got := columns(text); got != want {
			t.Errorf("%.20q has %d columns, want %d", text, got, want)
		}
	}
}

// wideLine is a line that is wider than the rule.
type wideLine struct{ number, columns int }

// wide finds those of a file.
func wide(t *testing.T, path string) []wideLine {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []wideLine
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		if n := columns(lines.Text()); n > widest {
			all = append(all, wideLine{number, n})
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return all
}

// columns are those that a line takes: a tab goes on to the next stop, every other character takes one.
func columns(line string) int {
	n := 0
	for line != "" {
		text, rest, tabbed := strings.Cut(line, "\t")
		n += utf8.RuneCountInString(text)
		if tabbed {
			n += tab - n%tab
		}
		line = rest
	}
	return n
}
