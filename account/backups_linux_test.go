package account

import (
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestFailedSavesCostNoBackup: whatever keeps saves from succeeding, the file and its earlier versions are as they
// were.
//
// Holds: account-file
func TestFailedSavesCostNoBackup(t *testing.T) {
	type world struct {
		s    *Store
		dir  string
		next []Account
	}
	limit := func(t *testing.T) {
		signal.Ignore(syscall.SIGXFSZ)
		var before syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 100, Max: before.Max}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
				t.Fatal(err)
			}
		})
	}
	mount := func(t *testing.T, dir, options string, flags uintptr) {
		if err := syscall.Mount("calla", dir, "tmpfs", flags, options); err != nil {
			t.Skipf("no file system can be mounted: %v", err)
		}
		t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	}
	for _, test := range []struct {
		name  string
		setUp func(t *testing.T, dir string) // before the profile is made
		spoil func(t *testing.T, w *world)   // what makes saves fail
		mend  func(t *testing.T, w *world)   // and undoes it
	}{
		{name: "a limit for files", spoil: func(t *testing.T, _ *world) { limit(t) }},
		{
			name: "a full disk", setUp: func(t *testing.T, dir string) { mount(t, dir, "size=64k", 0) },
			spoil: func(t *testing.T, w *world) {
				f, err := os.Create(filepath.Join(w.dir, "filler"))
				if err != nil {
					t.Fatal(err)
				}
				for _, err = f.Write(make([]byte, 4096)); err == nil; {
					_, err = f.Write(make([]byte, 4096))
				}
				_ = f.Close()
			}, mend: func(t *testing.T, w *world) { _ = os.Remove(filepath.Join(w.dir, "filler")) },
		},
		{
			name:  "a disk that becomes read only",
			setUp: func(t *testing.T, dir string) { mount(t, dir, "size=1m", 0) },
			spoil: func(t *testing.T, w *world) {
				if err := syscall.Mount("", w.dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
					t.Skipf("cannot be made read only: %v", err)
				}
			}, mend: func(t *testing.T, w *world) { _ = syscall.Mount("", w.dir, "", syscall.MS_REMOUNT, "size=1m") },
		},
		{
			name:  "no more files on the disk",
			setUp: func(t *testing.T, dir string) { mount(t, dir, "size=1m,nr_inodes=9", 0) },
			spoil: func(t *testing.T, w *world) {
				for i := range 20 {
					if os.WriteFile(filepath.Join(w.dir, "filler"+strconv.Itoa(i)), nil, 0o600) != nil {
						return
					}
				}
				t.Skip("this file system has room for more")
			},
		},
		{
			name:  "accounts that are too large",
			spoil: func(_ *testing.T, w *world) { w.next[0].Label = strings.Repeat("x", maxFileSize) },
		},
		{name: "accounts that no file may hold", spoil: func(_ *testing.T, w *world) { w.next[0].ID = "../x" }},
		{name: "a folder with something in it in the way of the second name", spoil: func(t *testing.T, w *world) {
			if err := os.MkdirAll(filepath.Join(w.dir, "accounts.json.0", "x"), 0o700); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if test.setUp != nil {
				test.setUp(t, dir)
			}
			s, _ := open(t, dir)
			for n := 1; n <= 4; n++ {
				save(t, s, sample(t, n, "x"))
			}
			var before []string
			for _, name := range []string{"accounts.json", "accounts.json.1", "accounts.json.2", "accounts.json.3"} {
				before = append(before, string(read(t, filepath.Join(dir, name))))
			}
			w := &world{s, dir, sample(t, 5, "y")}
			test.spoil(t, w)
			for range 3 {
				if err := s.Save(w.next); err == nil {
					t.Error("saved all the same")
				}
			}
			for i, name := range []string{"accounts.json", "accounts.json.1", "accounts.json.2", "accounts.json.3"} {
				if got := string(read(t, filepath.Join(dir, name))); got != before[i] {
					t.Errorf("%s was replaced", name)
				}
			}
			if n := strays(t, dir); n != 0 {
				t.Errorf("%d temporary files", n)
			}
			if len(s.Accounts()) != 4 {
				t.Errorf("%d accounts after a save that failed", len(s.Accounts()))
			}
			if test.mend != nil {
				test.mend(t, w)
				save(t, s, sample(t, 6, "z"))
				if got := string(read(t, filepath.Join(dir, "accounts.json.1"))); got != before[0] {
					t.Error("the last version is no backup")
				}
			}
		})
	}
}
