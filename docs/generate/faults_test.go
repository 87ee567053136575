package main

import (
	"bytes"
	"os"
	"testing"
)

func TestFaultsPageIsCurrent(t *testing.T) {
	got, err := os.ReadFile("../faults.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := faultsPage("../..")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/faults.md is not what `make docs` writes")
	}
}
