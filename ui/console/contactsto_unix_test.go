//go:build unix

package console

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestAnExportGoesWhereItsNamePoints: through a link to the file behind it, into a pipe, and never in the place of a
// folder.
func TestAnExportGoesWhereItsNamePoints(t *testing.T) {
	profile, dir := t.TempDir(), t.TempDir()
	if _, errs, code := ran(t, "", "--profile", profile, "contacts", "add", "Bob", "1007"); code != ExitOK {
		t.Fatal(errs)
	}
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	pipe, folder := filepath.Join(dir, "pipe"), filepath.Join(dir, "folder")
	for _, err := range []error{
		os.WriteFile(target, []byte("before"), 0o600), os.Symlink(target, link), syscall.Mkfifo(pipe, 0o600),
		os.Mkdir(folder, 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	export := func(to string) int {
		_, _, code := ran(t, "", "--profile", profile, "contacts", "export", to)
		return code
	}
	if code := export(link); code != ExitOK {
		t.Errorf("exit code %d", code)
	}
	text, err := os.ReadFile(target)
	if info, lost := os.Lstat(link); err != nil || lost != nil || info.Mode().IsRegular() ||
		!strings.Contains(string(text), "FN:Bob") {
		t.Errorf("%v %v: behind the link is %q", err, lost, text)
	}
	read := make(chan string, 1)
	go func() {
		text, _ := os.ReadFile(pipe)
		read <- string(text)
	}()
	if code := export(pipe); code != ExitOK {
		t.Errorf("exit code %d", code)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Fatalf("the pipe is gone: %v", err)
	}
	if text := <-read; !strings.Contains(text, "FN:Bob") {
		t.Errorf("the pipe got %q", text)
	}
	if code := export(folder); code != ExitInvalid {
		t.Errorf("exit code %d", code)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".calla-export-*")); err != nil || left != nil {
		t.Errorf("left %q, %v", left, err)
	}
}
