package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// leavingAll returns how a program that is killed ends: what is in the folder while it runs is there afterwards.
func leavingAll(t *testing.T, dir string, end func()) func() {
	t.Helper()
	left := t.TempDir()
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return func() {
		end()
		for _, side := range append(sides(), "") {
			data, err := os.ReadFile(filepath.Join(left, FileName+side))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, FileName+side), data, 0o600)
			}
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
	}
}

// TestAFileThatCannotBeWrittenIsWrittenLater: the disk is full or read only, from the start or from some time on.
// What is there can be read, it is told, and what was recorded meanwhile is written when it can be.
func TestAFileThatCannotBeWrittenIsWrittenLater(t *testing.T) {
	fill := func(t *testing.T, dir string) {
		f, err := os.Create(filepath.Join(dir, "filler"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
	}
	empty := func(_ *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "filler")) }
	readOnly := func(t *testing.T, dir string) {
		if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
			t.Skipf("cannot be made read only: %v", err)
		}
	}
	writable := func(_ *testing.T, dir string) { _ = syscall.Mount("", dir, "", syscall.MS_REMOUNT, "size=3m") }
	for _, test := range []struct {
		name        string
		early       bool // before the program starts
		anew        bool // and there is no journal yet
		killed      bool // the program before was: its log is there still
		spoil, mend func(t *testing.T, dir string)
		fault       Fault
	}{
		{"full later", false, false, false, fill, empty, FaultFull},
		{"full from the start", true, false, false, fill, empty, FaultFull},
		{"full when it is new", true, true, false, fill, empty, FaultFull},
		{"read only from the start", true, false, false, readOnly, writable, FaultReadOnly},
		{"read only from the start, with a log", true, false, true, readOnly, writable, FaultReadOnly},
		{"read only when it is new", true, true, false, readOnly, writable, FaultReadOnly},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := syscall.Mount("calla", dir, "tmpfs", 0, "size=3m"); err != nil {
				t.Skipf("no file system can be mounted: %v", err)
			}
			t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
			if !test.anew {
				j, _ := open(t, dir)
				record(t, j, call("before", "bob", noon()))
				flush(t, j)
				leave := j.Close
				if test.killed {
					leave = leavingAll(t, dir, j.Close)
				}
				leave()
			}
			if test.early {
				test.spoil(t, dir)
			}
			j, s := open(t, dir)
			if !test.early {
				flush(t, j)
				test.spoil(t, dir)
			}
			for i := range 60 { // more than is free at the end of a page
				c := call("after", "bob", noon().Add(time.Duration(i)*time.Minute))
				c.Note = fmt.Sprintf("%01000d", i)
				record(t, j, c)
			}
			s.until(t, "told", func(_ Counts, all []*Trouble) bool { return len(all) > 0 })
			if got := s.faults(); !slices.Equal(got, []Fault{test.fault}) {
				t.Errorf("told %v", s.trouble)
			}
			if !test.anew {
				if got := names(t, j, CallQuery{Text: "before"}); got != "before" {
					t.Errorf("read are %q", got)
				}
			}
			test.mend(t, dir)
			s.until(t, "written", func(Counts, []*Trouble) bool {
				page, _, err := j.Calls(t.Context(), CallQuery{Text: "after", Limit: mostRows})
				return err == nil && len(page) == 60
			})
			sound(t, j)
		})
	}
}
