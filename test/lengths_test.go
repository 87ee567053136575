package test

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// longest is how many lines a file of tests may have.
const longest = 500

// TestNoFileOfTestsIsLongerThanTheRule: what holds a rule is found by the name of its file, which can name one subject.
func TestNoFileOfTestsIsLongerThanTheRule(t *testing.T) {
	tests := 0
	for name, path := range goFiles(t) {
		if !strings.HasSuffix(name, "_test.go") {
			continue
		}
		tests++
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte("\n")); n > longest {
			t.Errorf("%s has %d lines, of %d: split it by subject", name, n, longest)
		}
	}
	if tests < 300 {
		t.Errorf("%d files of tests", tests)
	}
}
