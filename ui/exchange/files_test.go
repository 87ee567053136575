package exchange

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWrittenForTheUserAlone: what is exported to a file is readable by nobody else, whatever was there
// before.
func TestWrittenForTheUserAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.js")
	if err := os.WriteFile(path, []byte("something longer than what follows"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeText(path, "text"); err != nil {
		t.Fatal(err)
	}
	got, err := readText(path)
	if info, statErr := os.Stat(path); err != nil || statErr != nil || got != "text" || info.Mode().Perm() != 0o600 {
		t.Errorf("%q, mode %v, %v", got, info.Mode(), err)
	}
	if _, err := readText(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there is read")
	}
}
