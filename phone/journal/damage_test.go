package journal

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"calla/phone/cause"
)

// filled is a folder with a journal of n calls, closed.
func filled(t testing.TB, n int) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	j, _ := open(t, dir)
	err := j.do(t.Context(), job{do: func(tx *sql.Tx) error {
		var err error
		for i := 0; i < n && err == nil; i++ {
			c := call(fmt.Sprint("before", i), fmt.Sprint("4711", i), noon().Add(time.Duration(i)*time.Second))
			c.ID = j.newID(c.Began)
			err = insertCall(tx, c)
		}
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
	return dir, filepath.Join(dir, FileName)
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// ask opens a file beside the journal.
func ask(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", source(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
}

// TestADamagedFileIsKeptAndANewOneBegun: whatever is wrong with the file, calls are recorded again, and the file is
// beside, octet for octet, under a name with the date.
func TestADamagedFileIsKeptAndANewOneBegun(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"zero length":    func(t *testing.T, path string) { write(t, path, nil) },
		"one octet":      func(t *testing.T, path string) { write(t, path, []byte("S")) },
		"half a header":  func(t *testing.T, path string) { write(t, path, read(t, path)[:50]) },
		"header alone":   func(t *testing.T, path string) { write(t, path, read(t, path)[:100]) },
		"first page":     func(t *testing.T, path string) { write(t, path, read(t, path)[:4096]) },
		"half":           func(t *testing.T, path string) { b := read(t, path); write(t, path, b[:len(b)/2]) },
		"last page less": func(t *testing.T, path string) { b := read(t, path); write(t, path, b[:len(b)-4096]) },
		"garbage": func(t *testing.T, path string) {
			b := make([]byte, 100<<10)
			_, _ = rand.NewChaCha8([32]byte{}).Read(b)
			write(t, path, b)
		},
		"text":   func(t *testing.T, path string) { write(t, path, bytes.Repeat([]byte("history\n"), 5000)) },
		"zeroes": func(t *testing.T, path string) { write(t, path, make([]byte, len(read(t, path)))) },
		"header over garbage": func(t *testing.T, path string) {
			b := read(t, path)
			_, _ = rand.NewChaCha8([32]byte{}).Read(b[100:])
			write(t, path, b)
		},
		"another program's": func(t *testing.T, path string) { ask(t, path, "PRAGMA application_id = 7") },
		"a folder": func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "inside"), 0o700)); err != nil {
				t.Fatal(err)
			}
		},
		"its log alone": func(t *testing.T, path string) {
			if err := os.Rename(path, path+"-wal"); err != nil {
				t.Fatal(err)
			}
		},
		"no table of calls": func(t *testing.T, path string) { ask(t, path, "DROP TABLE calls") },
	} {
		t.Run(name, func(t *testing.T) {
			dir, path := filled(t, 80)
			spoil(t, path)
			spoiled, _ := os.ReadFile(path)
			j, s := open(t, dir)
			id := record(t, j, call("after", "bob", noon()))
			flush(t, j)
			if got, err := j.Call(t.Context(), id); err != nil || got.Name != "after" {
				t.Fatalf("recorded: %+v, %v; told %v", got, err, s.trouble)
			}
			if got := s.faults(); !slices.Equal(got, []Fault{FaultDamaged}) {
				t.Fatalf("told %v", s.trouble)
			}
			told := s.trouble[0]
			c := told.Cause()
			if c.Kind != cause.JournalDamaged || c.File != filepath.Base(told.Kept) || c.Folder != dir ||
				!strings.HasPrefix(c.File, FileName+".damaged-20") {
				t.Errorf("the cause is %+v", c)
			}
			if name == "its log alone" {
				told.Kept += "-wal"
			}
			kept, err := os.Lstat(told.Kept)
			if err != nil {
				t.Fatal(err)
			}
			if kept.Mode().IsRegular() && len(spoiled) > 0 && name != "no table of calls" &&
				!bytes.Equal(read(t, told.Kept), spoiled) {
				t.Error("the damaged file has been changed")
			}
			sound(t, j)
			j.Close()
			j, s = open(t, dir)
			flush(t, j)
			if got := names(t, j, CallQuery{}); got != "after" || len(s.faults()) > 0 {
				t.Errorf("then there are %q, and told is %v", got, s.trouble)
			}
		})
	}
}

// TestDamageUnderWayCostsNoCall: the file is spoiled while it is open.
func TestDamageUnderWayCostsNoCall(t *testing.T) {
	for _, from := range []int{0, 100, 4096, 8192, 20000} {
		t.Run(fmt.Sprint("from octet ", from), func(t *testing.T) {
			dir, path := filled(t, 300)
			j, s := open(t, dir)
			flush(t, j)
			b := read(t, path)
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			noise := bytes.Repeat([]byte{0xa5}, len(b)-from)
			if _, err := f.WriteAt(noise, int64(from)); err != nil {
				t.Fatal(err)
			}
			for i := range 20 {
				record(t, j, call(fmt.Sprint("after", i), "new"+fmt.Sprint(i), noon().Add(time.Duration(i)*time.Hour)))
			}
			flush(t, j)
			j.Close()
			j, _ = open(t, dir)
			flush(t, j)
			page, _, err := j.Calls(t.Context(), CallQuery{Text: "after19"})
			if err != nil || len(page) != 1 {
				t.Fatalf("the last call is gone: %v; told %v", err, s.trouble)
			}
			sound(t, j)
		})
	}
}

func TestOnlySoManyDamagedFilesAreKept(t *testing.T) {
	dir, path := filled(t, 1)
	for range mostKept + 3 {
		write(t, path, []byte("x"))
		j, _ := open(t, dir)
		flush(t, j)
		j.Close()
	}
	kept, err := filepath.Glob(path + ".damaged-*")
	if err != nil || len(kept) != mostKept {
		t.Errorf("%d are kept, %v", len(kept), err)
	}
}

// TestAFileOfANewerVersionIsLeftAsItIs, octet for octet, and the phone calls on.
func TestAFileOfANewerVersionIsLeftAsItIs(t *testing.T) {
	for name, newer := range map[string][]string{
		"next":            {fmt.Sprintf("PRAGMA user_version = %d", version()+1)},
		"far":             {"PRAGMA user_version = 2147483647"},
		"other tables":    {"PRAGMA user_version = 77", "CREATE TABLE next (x); DROP TABLE calls"},
		"another journal": {"PRAGMA journal_mode = delete", "PRAGMA user_version = 999"},
		"another pagesize": {
			"PRAGMA journal_mode = delete", "PRAGMA page_size = 8192", "VACUUM",
			fmt.Sprintf("PRAGMA user_version = %d", version()+1),
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, path := filled(t, 3)
			ask(t, path, newer...)
			before := read(t, path)
			j, s := open(t, dir)
			if _, err := j.Record(call("after", "bob", noon())); err != nil {
				t.Errorf("recorded: %v", err)
			}
			_, _, err := j.Calls(t.Context(), CallQuery{})
			var told *Trouble
			if !errors.As(err, &told) || told.Fault != FaultNewer || told.Cause().Kind != cause.JournalNewer {
				t.Errorf("read: %v", err)
			}
			if err := j.SetNote(t.Context(), 1, "x"); !errors.As(err, &told) || told.Fault != FaultNewer {
				t.Errorf("changed: %v", err)
			}
			j.Close()
			if got := s.faults(); !slices.Equal(got, []Fault{FaultNewer}) {
				t.Errorf("told %v", s.trouble)
			}
			if !bytes.Equal(before, read(t, path)) {
				t.Error("the file has been changed")
			}
			if rest, _ := filepath.Glob(path + "*"); len(rest) != 1 {
				t.Errorf("beside it is %v", rest)
			}
		})
	}
}

// TestAFileThatIsLockedIsWrittenLater: nothing that was recorded meanwhile is lost.
func TestAFileThatIsLockedIsWrittenLater(t *testing.T) {
	for name, lock := range map[string][]string{
		"writing":                 {"BEGIN IMMEDIATE"},
		"exclusively":             {"BEGIN EXCLUSIVE"},
		"for good, and reading":   {"PRAGMA locking_mode = exclusive", "BEGIN IMMEDIATE", "SELECT count(*) FROM calls"},
		"for good, and writing":   {"PRAGMA locking_mode = exclusive", "BEGIN EXCLUSIVE", "DELETE FROM contacts"},
		"with a rollback journal": {"PRAGMA journal_mode = delete", "BEGIN EXCLUSIVE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, path := filled(t, 3)
			db, err := sql.Open("sqlite", source(path))
			if err != nil {
				t.Fatal(err)
			}
			db.SetMaxOpenConns(1)
			for _, s := range lock {
				if _, err := db.Exec(s); err != nil {
					t.Fatal(err)
				}
			}
			j, s := open(t, dir)
			record(t, j, call("after", "bob", noon().Add(time.Hour)))
			record(t, j, call("last", "bob", noon().Add(2*time.Hour)))
			s.until(t, "locked", func(_ Counts, all []*Trouble) bool { return len(all) > 0 })
			if got := s.faults(); !slices.Equal(got, []Fault{FaultLocked}) {
				t.Errorf("told %v", s.trouble)
			}
			if _, err := db.Exec("ROLLBACK"); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			s.until(t, "well again", func(_ Counts, all []*Trouble) bool { return all[len(all)-1] == nil })
			s.until(t, "written", func(Counts, []*Trouble) bool {
				return names(t, j, CallQuery{Text: "bob"}) == "last after"
			})
			flush(t, j)
			sound(t, j)
		})
	}
}
