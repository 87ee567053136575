package main

import (
	"bytes"
	"os"
	"testing"
)

func TestSoundPageIsCurrent(t *testing.T) {
	got, err := os.ReadFile("../sound.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := soundPage("../..")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/sound.md is not what `make docs` writes")
	}
}
