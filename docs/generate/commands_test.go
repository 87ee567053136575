package main

import (
	"bytes"
	"os"
	"testing"
)

func TestCommandsPageIsCurrent(t *testing.T) {
	got, err := os.ReadFile("../commands.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := withVerbs(got)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/commands.md is not what `make docs` writes")
	}
}

func TestCommandsPageWithoutItsMarksIsRefused(t *testing.T) {
	for name, page := range map[string]string{
		"empty":       "",
		"no begin":    "# Commands\n" + verbsEnd,
		"no end":      "# Commands\n" + verbsBegin + "rest",
		"other order": verbsEnd + verbsBegin,
		"half a mark": verbsBegin[:10] + "\n" + verbsEnd,
	} {
		t.Run(name, func(t *testing.T) {
			if out, err := withVerbs([]byte(page)); err == nil {
				t.Errorf("taken: %q", out)
			}
		})
	}
}
