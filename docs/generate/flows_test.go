package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFlowsPageIsCurrent(t *testing.T) {
	flows, err := readFlows("../..")
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	WriteFlows(&want, flows)
	got, err := os.ReadFile("../flows.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("docs/flows.md is not what `make docs` writes")
	}
	for _, f := range flows {
		if !bytes.Contains(got, []byte("/"+f.file+")")) {
			t.Errorf("%s has no row", f.file)
		}
	}
}

func TestEveryFlowHasItsTest(t *testing.T) {
	flows, err := readFlows("../..")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, room := range []string{"netsip", "netsip/rtc"} {
		sources, err := filepath.Glob("../../" + room + "/*_test.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range sources {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(data)
		}
	}
	for _, f := range flows {
		if !strings.Contains(code.String(), "func "+f.test+"(t *testing.T)") {
			t.Errorf("%s: there is no %s", f.file, f.test)
		}
	}
	for _, set := range flowSets() {
		for _, part := range set.parts {
			if !slices.ContainsFunc(flows, func(f flow) bool { return f.set == set.name && f.partName() == part }) {
				t.Errorf("%s %s has no ladder", set.name, part)
			}
		}
	}
}

// partName is what a part is called in flowSets: its section, or the letter of an appendix.
func (f flow) partName() string {
	name, _, _ := strings.Cut(f.part, ",")
	return name[strings.LastIndexByte(name, ' ')+1:]
}
