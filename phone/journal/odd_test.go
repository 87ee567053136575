package journal

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAFileThatIsNotWhatItsVersionSays is damaged: it is kept, and a new one begun, instead of none for ever.
func TestAFileThatIsNotWhatItsVersionSays(t *testing.T) {
	for _, spoil := range []string{
		"PRAGMA user_version = 0", "PRAGMA user_version = 1", "PRAGMA user_version = 3", "PRAGMA user_version = 4",
		"ALTER TABLE calls DROP COLUMN after", "ALTER TABLE contacts DROP COLUMN record",
		"ALTER TABLE messages RENAME COLUMN settled TO known", "DROP TABLE contact_addresses",
	} {
		t.Run(spoil, func(t *testing.T) {
			dir, path := filled(t, 3)
			ask(t, path, spoil)
			j, s := open(t, dir)
			record(t, j, call("after", "bob", noon()))
			flush(t, j)
			if got := names(t, j, CallQuery{}); got != "after" || !slices.Equal(s.faults(), []Fault{FaultDamaged}) {
				t.Fatalf("there are %q; told %v", got, s.trouble)
			}
			if size(s.trouble[0].Kept) == 0 {
				t.Error("it is not kept")
			}
			sound(t, j)
		})
	}
	dir, path := filled(t, 3)
	ask(t, path, "PRAGMA user_version = -1")
	j, s := open(t, dir)
	if _, _, err := j.Calls(t.Context(), CallQuery{}); err == nil || !slices.Equal(s.faults(), []Fault{FaultNewer}) {
		t.Errorf("a version below all: %v; told %v", err, s.trouble)
	}
}

// TestAnyOctetOfAFileMayBeWrong: who asks is told once at most that the file cannot be read, and then calls are
// recorded, read and written for others.
func TestAnyOctetOfAFileMayBeWrong(t *testing.T) {
	_, path := filled(t, 40)
	whole := read(t, path)
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 25 {
		at, bit := random.IntN(len(whole)), byte(1)<<random.IntN(8)
		if at%4096 > 200 && random.IntN(2) == 0 {
			at -= at%4096 - random.IntN(100) // where pages have what says most
		}
		t.Run(fmt.Sprint(at, " ", bit), func(t *testing.T) {
			dir := t.TempDir()
			spoiled := slices.Clone(whole)
			spoiled[at] ^= bit
			if n%5 == 0 { // or it ends there
				spoiled = spoiled[:at]
			}
			write(t, filepath.Join(dir, FileName), spoiled)
			j, s := open(t, dir)
			_ = askAll(t, j)
			if slices.Contains(s.faults(), FaultNewer) {
				return
			}
			for range 2 {
				record(t, j, call("after", "4712", noon()))
				flush(t, j)
			}
			if err := askAll(t, j); err != nil {
				t.Errorf("still: %v; told %v", err, s.trouble)
			}
			if page, _, err := j.Calls(t.Context(), CallQuery{Text: "after"}); err != nil || len(page) == 0 {
				t.Errorf("recorded are %d, %v; told %v", len(page), err, s.trouble)
			}
			for _, form := range []CallFormat{CallsCSV, CallsJSON} {
				if _, err := j.WriteCalls(t.Context(), io.Discard, CallQuery{}, form); err != nil {
					t.Errorf("%s: %v; told %v", form, err, s.trouble)
				}
			}
			if err := j.DeleteCalls(t.Context()); err != nil {
				t.Errorf("deleted: %v; told %v", err, s.trouble)
			}
		})
	}
}

// TestALogMayBeMissingOrDamaged: what is in the file itself is there still, or it is told that the file is damaged; and
// calls are recorded.
func TestALogMayBeMissingOrDamaged(t *testing.T) {
	dir, path := filled(t, 5)
	j, _ := open(t, dir)
	for i := range 30 {
		record(t, j, call(fmt.Sprint("log", i), fmt.Sprint("900", i), noon().Add(time.Duration(i)*time.Minute)))
	}
	flush(t, j)
	file, log, shared := read(t, path), read(t, path+"-wal"), read(t, path+"-shm")
	j.Close()
	random := rand.New(rand.NewPCG(3, 4))
	spoilt := map[string][]byte{"missing": nil, "one octet": log[:1], "its head": log[:32], "zeros": make([]byte, 9000)}
	for range 4 {
		at := random.IntN(len(log))
		spoilt[fmt.Sprint("cut at ", at)] = log[:at]
		wrong := slices.Clone(log)
		wrong[at] ^= 1 << random.IntN(8)
		spoilt[fmt.Sprint("wrong at ", at)] = wrong
	}
	otherDir, _ := filled(t, 3)
	o, _ := open(t, otherDir)
	keep(t, o, Contact{Name: "of another"})
	spoilt["another's"] = read(t, filepath.Join(otherDir, FileName+"-wal"))
	o.Close()
	for name, log := range spoilt {
		for _, shared := range [][]byte{shared, nil, []byte("garbage")} {
			t.Run(fmt.Sprint(name, ", ", len(shared)), func(t *testing.T) {
				dir := t.TempDir()
				for side, data := range map[string][]byte{"": file, "-wal": log, "-shm": shared} {
					if data != nil {
						write(t, filepath.Join(dir, FileName+side), data)
					}
				}
				j, s := open(t, dir)
				record(t, j, call("after", "4712", noon().Add(time.Hour)))
				flush(t, j)
				for range 2 {
					err := askAll(t, j)
					flush(t, j)
					if err == nil {
						break
					}
				}
				got := names(t, j, CallQuery{})
				told := slices.Contains(s.faults(), FaultDamaged)
				if !strings.HasPrefix(got, "after") || !told && !strings.HasSuffix(got, "before0") {
					t.Errorf("there are %q; told %v", got, s.trouble)
				}
				sound(t, j)
			})
		}
	}
}

// TestAFileThatIsTakenAwayUnderWay is noticed: calls are recorded where they are found later.
func TestAFileThatIsTakenAwayUnderWay(t *testing.T) {
	_, other := filled(t, 2)
	for name, c := range map[string]struct {
		take func(path string) error
		has  string
	}{
		"the log": {func(path string) error { return os.Remove(path + "-wal") }, "after before"},
		"the log and its index": {func(path string) error {
			return errors.Join(os.Remove(path+"-wal"), os.Remove(path+"-shm"))
		}, "after before"},
		"the file": {os.Remove, "after"},
		"all":      {func(path string) error { return os.RemoveAll(filepath.Dir(path)) }, "after"},
		"the file, for a backup": {func(path string) error {
			return errors.Join(os.Remove(path+"-wal"), os.Remove(path+"-shm"),
				os.WriteFile(path+".new", read(t, other), 0o600), os.Rename(path+".new", path))
		}, "after before1 before0"},
		"the file, by a move": {func(path string) error { return os.Rename(path, path+".mine") }, "after"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "profile")
			j, _ := open(t, dir)
			record(t, j, call("before", "4711", noon()))
			flush(t, j)
			if err := c.take(j.path()); err != nil && runtime.GOOS == "windows" {
				t.Skip(err) // it holds what is open
			} else if err != nil {
				t.Fatal(err)
			}
			record(t, j, call("after", "4712", noon().Add(time.Hour)))
			flush(t, j)
			if got := names(t, j, CallQuery{}); got != c.has {
				t.Errorf("there are %q", got)
			}
			j.Close()
			j, _ = open(t, dir)
			if got := names(t, j, CallQuery{}); got != c.has {
				t.Errorf("the next program finds %q", got)
			}
			sound(t, j)
		})
	}
}

// TestContactsAreReadOnceHoweverTheyAreSorted, page by page: another program may make other small letters of a name.
func TestContactsAreReadOnceHoweverTheyAreSorted(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir)
	for i := range 6 {
		keep(t, j, Contact{Name: fmt.Sprint("Bob ", i)})
	}
	path := j.path()
	j.Close()
	ask(t, path, "UPDATE contacts SET sorted = 'zz' WHERE id = 2", "UPDATE contacts SET sorted = '' WHERE id > 4")
	j, _ = open(t, dir)
	seen := map[int64]bool{}
	for q := (ContactQuery{Limit: 1}); ; {
		page, more, err := j.Contacts(t.Context(), q)
		if err != nil || len(page) != 1 || seen[page[0].ID] {
			t.Fatalf("%+v, %v behind %v", page, err, seen)
		}
		if seen[page[0].ID] = true; !more {
			break
		}
		q.After = &page[0]
	}
	if len(seen) != 6 {
		t.Errorf("read are %v", seen)
	}
}

// TestRowsThatNobodyWritesAreRead: what else is in the row is of use.
func TestRowsThatNobodyWritesAreRead(t *testing.T) {
	dir, path := filled(t, 2)
	ask(t, path, "UPDATE calls SET incoming = 2, seen = -7, began = 9223372036854775807 WHERE name = 'before0'",
		"UPDATE calls SET ended = -9223372036854775808, rang = -1, code = -5, cause = '{', quality = '[]', timeline = "+
			"'[{\"at\":\"x\"}]', outcome = 'x' WHERE name = 'before1'",
		"INSERT INTO contacts (uid, name, organisation, note, favourite, sorted, addresses, digits, answer, after) "+
			"VALUES ('', 'Bob', '', '', 9, 'bob', '', '', 'x', -4)",
		"INSERT INTO messages VALUES (7, 'a', 'p', 'p', '', '', '', 5, '', 'hello', -9, 3, 99, '{')",
		"INSERT INTO conversations VALUES ('a', 'p', 7)")
	j, s := open(t, dir)
	if err := askAll(t, j); err != nil {
		t.Error(err)
	}
	if got := names(t, j, CallQuery{}); got != "before1 before0" {
		t.Errorf("there are %q", got)
	}
	var b bytes.Buffer
	if _, err := j.WriteCalls(t.Context(), &b, CallQuery{}, CallsJSON); err != nil || !json.Valid(b.Bytes()) {
		t.Errorf("%v: %s", err, &b)
	}
	if len(s.faults()) > 0 {
		t.Errorf("told %v", s.trouble)
	}
}

// TestANewerVersionInTheLogIsLeftAsItIs: a newer Calla was killed before its log was in the file.
func TestANewerVersionInTheLogIsLeftAsItIs(t *testing.T) {
	dir, path := filled(t, 3)
	db, err := sql.Open("sqlite", source(path, "_pragma=journal_mode(wal)", "_pragma=wal_autocheckpoint(0)"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range []string{"CREATE TABLE next (x)", fmt.Sprintf("PRAGMA user_version = %d", version()+1)} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	left := t.TempDir()
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(left, FileName)
	before, log := read(t, path), read(t, path+"-wal")
	j, s := open(t, left)
	record(t, j, call("after", "bob", noon()))
	if _, _, err := j.Calls(t.Context(), CallQuery{}); err == nil {
		t.Error("it is read")
	}
	j.Close()
	if !slices.Equal(s.faults(), []Fault{FaultNewer}) {
		t.Errorf("told %v", s.trouble)
	}
	if !bytes.Equal(before, read(t, path)) || !bytes.Equal(log, read(t, path+"-wal")) {
		t.Error("it has been changed")
	}
}

// TestWhatBelongsToAFileMayBeAFolder: it is kept beside with the file.
func TestWhatBelongsToAFileMayBeAFolder(t *testing.T) {
	for _, side := range sides() {
		t.Run(side, func(t *testing.T) {
			dir, path := filled(t, 3)
			if err := os.MkdirAll(filepath.Join(path+side, "inside"), 0o700); err != nil {
				t.Fatal(err)
			}
			j, s := open(t, dir)
			record(t, j, call("after", "bob", noon()))
			flush(t, j)
			if got := names(t, j, CallQuery{}); got != "after" || !slices.Equal(s.faults(), []Fault{FaultDamaged}) {
				t.Fatalf("there are %q; told %v", got, s.trouble)
			}
			if _, err := os.Stat(filepath.Join(s.trouble[0].Kept+side, "inside")); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestANumberIsFoundWhileItIsTyped, with each digit.
func TestANumberIsFoundWhileItIsTyped(t *testing.T) {
	j, _ := open(t, t.TempDir())
	record(t, j, call("Bob", "+49 30 1234567", noon()))
	record(t, j, call("Carol", "004930 7654321", noon()))
	keep(t, j, Contact{Name: "Bob", Addresses: addresses("+49 (0)30 1234567", "")})
	flush(t, j)
	for typed, least := range map[string]int{
		"0049 30 1234567": 3, "+49 30 1234567": 2, "(0049) 30/1234567": 4, "00 49-30-1234567": 4, "030 1234567": 5,
		"1234567": 1, "٠٠٤٩٣٠١٢٣٤٥٦٧": 3, "+49 (30) 123-45 67": 2,
	} {
		all := []rune(typed)
		for n := least; n <= len(all); n++ {
			text := string(all[:n])
			calls, _, err := j.Calls(t.Context(), CallQuery{Text: text})
			if err != nil || !slices.ContainsFunc(calls, func(c Call) bool { return c.Name == "Bob" }) {
				t.Errorf("%q finds %d calls, %v", text, len(calls), err)
			}
			if found, _, err := j.Contacts(t.Context(), ContactQuery{Text: text}); err != nil || len(found) != 1 {
				t.Errorf("%q finds %d contacts, %v", text, len(found), err)
			}
		}
		if got := names(t, j, CallQuery{Text: typed}); got != "Bob" {
			t.Errorf("%q finds %q", typed, got)
		}
	}
}

// TestNothingGoesForItsAgeAtTheFirstLookThatLeavesNothing: the clock may be wrong. It goes at the next.
func TestNothingGoesForItsAgeAtTheFirstLookThatLeavesNothing(t *testing.T) {
	const old = 40 * 24 * time.Hour
	for name, begin := range map[string]func(t *testing.T, dir string) *Journal{
		"while it runs": func(t *testing.T, dir string) *Journal {
			j, _ := opened(t, Options{Dir: dir, KeepDays: 30})
			flush(t, j)
			record(t, j, call("Bob", "4711", time.Now().Add(-old)))
			flush(t, j)
			time.Sleep(tidyTime + time.Minute)
			return j
		},
		"locked when it is opened": func(t *testing.T, dir string) *Journal {
			j, _ := open(t, dir)
			record(t, j, call("Bob", "4711", time.Now().Add(-old)))
			flush(t, j)
			path := j.path()
			j.Close()
			db, err := sql.Open("sqlite", source(path))
			if err != nil {
				t.Fatal(err)
			}
			db.SetMaxOpenConns(1)
			if _, err := db.Exec("BEGIN EXCLUSIVE"); err != nil {
				t.Fatal(err)
			}
			j, s := opened(t, Options{Dir: dir, KeepDays: 30, Sends: true})
			s.until(t, "locked", func(_ Counts, all []*Trouble) bool { return len(all) > 0 })
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			s.until(t, "well", func(_ Counts, all []*Trouble) bool { return all[len(all)-1] == nil })
			return j
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := begin(t, t.TempDir())
				flush(t, j)
				if got := names(t, j, CallQuery{}); got != "Bob" {
					t.Errorf("at once there is %q", got)
				}
				time.Sleep(tidyTime + time.Minute)
				flush(t, j)
				if got := names(t, j, CallQuery{}); got != "" {
					t.Errorf("then there is %q", got)
				}
				j.Close()
			})
		})
	}
}
