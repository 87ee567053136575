package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"calla/netsip/config"
)

func TestParametersPageIsCurrent(t *testing.T) {
	var want bytes.Buffer
	WriteParameters(&want)
	got, err := os.ReadFile("../parameters.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("docs/parameters.md is not what `make docs` writes")
	}
}

func TestParametersPageHasNoEmptyCell(t *testing.T) {
	page, err := os.ReadFile("../parameters.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range config.Parameters() {
		rows := 0
		for line := range strings.SplitSeq(string(page), "\n") {
			if !strings.HasPrefix(line, "| `"+p.Name+"`") {
				continue
			}
			rows++
			cells := strings.Split(strings.ReplaceAll(strings.Trim(line, "|"), `\|`, ""), "|")
			if len(cells) != 5 {
				t.Errorf("%s has %d cells", p.Name, len(cells))
			}
			for i, cell := range cells {
				if strings.TrimSpace(cell) == "" {
					t.Errorf("%s: cell %d is empty", p.Name, i+1)
				}
			}
		}
		if rows != 1 {
			t.Errorf("%s has %d rows", p.Name, rows)
		}
	}
}

func TestNamedTestsExist(t *testing.T) {
	for _, p := range config.Parameters() {
		for _, proof := range testsOf(p.Name) {
			source, err := os.ReadFile(filepath.Join("../..", proof.file))
			if err != nil {
				t.Errorf("%s: %v", p.Name, err)
				continue
			}
			test, part, isPart := strings.Cut(proof.test, "/")
			if !strings.Contains(string(source), "\nfunc "+test+"(t *testing.T) {") {
				t.Errorf("%s: %s has no test %s", p.Name, proof.file, test)
			}
			row := regexp.MustCompile(`\{\s*"` + regexp.QuoteMeta(part) + `",\s`)
			if isPart && !row.Match(source) {
				t.Errorf("%s: %s has no %s in %s", p.Name, proof.file, part, test)
			}
		}
	}
}
