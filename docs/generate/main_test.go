package main

import (
	"bytes"
	"os"
	"testing"
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
