//go:build !windows

package instance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestASocketIsFoundHoweverLongTheNamesOfFoldersAre: a second start reaches the first, whatever folders the profile and
// the files of the session are in.
//
// Holds: handed-over
func TestASocketIsFoundHoweverLongTheNamesOfFoldersAre(t *testing.T) {
	short, err := os.MkdirTemp("/tmp", "c") // that of the test has its name, which is long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	deep := func(t *testing.T, letters int) string {
		t.Helper()
		dir := short
		for len(dir) < letters {
			dir = filepath.Join(dir, strings.Repeat("x", max(1, min(60, letters-len(dir)-1))))
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for _, v := range []struct {
		name                        string
		profile, runtime, temporary int // letters of the folder's name; 0 = short
		folder                      func(runtime, temporary string) string
	}{
		{"a long profile", 300, 0, 0, func(runtime, _ string) string { return runtime }},
		{"a long folder of the session", 0, 120, 0, func(_, temporary string) string { return temporary }},
		{"a folder of the session that is just too long", 0, 76, 0, func(_, temporary string) string {
			return temporary
		}},
		{"a folder of the session that just fits", 0, 75, 0, func(runtime, _ string) string { return runtime }},
		{"a long folder for temporary files", 0, 0, 200, func(runtime, _ string) string { return runtime }},
		{"both are long", 0, 150, 200, func(string, string) string { return "/tmp" }},
		{"all are long", 300, 150, 200, func(string, string) string { return "/tmp" }},
	} {
		t.Run(v.name, func(t *testing.T) {
			profile, runtime := filepath.Join(short, "p"), filepath.Join(short, "r")
			temporary := filepath.Join(short, "t")
			for _, o := range []struct {
				dir     *string
				letters int
			}{{&profile, v.profile}, {&runtime, v.runtime}, {&temporary, v.temporary}} {
				if o.letters > 0 {
					*o.dir = deep(t, o.letters)
				}
			}
			for _, dir := range []string{profile, runtime, temporary} {
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("XDG_RUNTIME_DIR", runtime)
			t.Setenv("TMPDIR", temporary)
			path, err := socket(profile)
			if err != nil || len(path) > longestPath || !strings.HasPrefix(path, v.folder(runtime, temporary)) {
				t.Fatalf("%s, of %d letters: %v", path, len(path), err)
			}
			taken := listening(t, profile, Answer{Shown: true})
			if a, err := HandOver(t.Context(), profile, Request{Dial: "1"}); err != nil || !a.Shown ||
				(<-taken).Dial != "1" {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
}
