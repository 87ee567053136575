package opus

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestLibraryBesideTheProgramComesFirst(t *testing.T) {
	program := filepath.Join("opt", "calla", "calla")
	for goos, want := range map[string][]string{
		"linux": {filepath.Join("opt", "calla", "libopus.so.0"), "libopus.so.0"},
		"windows": {
			filepath.Join("opt", "calla", "opus.dll"), filepath.Join("opt", "calla", "libopus-0.dll"),
			"opus.dll", "libopus-0.dll",
		},
		"darwin": {
			filepath.Join("opt", "calla", "libopus.0.dylib"), "libopus.0.dylib",
			filepath.Join("/opt/homebrew/lib", "libopus.0.dylib"), filepath.Join("/usr/local/lib", "libopus.0.dylib"),
		},
	} {
		if got := candidates(goos, program); !slices.Equal(got, want) {
			t.Errorf("%s: %q", goos, got)
		}
	}
}
