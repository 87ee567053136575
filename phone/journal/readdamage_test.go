package journal

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestDamageThatAReaderFindsIsFollowed: whichever page of a file that was closed properly is spoiled. Who asks is told
// once at most that it cannot be read; then the file is beside, and a new one is read and written.
func TestDamageThatAReaderFindsIsFollowed(t *testing.T) {
	dir, path := filled(t, 120)
	j, _ := open(t, dir)
	keep(t, j, Contact{Name: "Bob", Addresses: addresses("4711", "")})
	if _, err := j.AddMessage(Message{Address: "bob", Text: "hello", At: noon()}, nil); err != nil {
		t.Fatal(err)
	}
	flush(t, j)
	j.Close()
	whole, found := read(t, path), 0
	for page := 1; page < len(whole)/4096; page += 2 {
		t.Run(fmt.Sprint("page ", page), func(t *testing.T) {
			dir := t.TempDir()
			spoiled := slices.Clone(whole)
			clear(spoiled[page*4096 : (page+1)*4096])
			write(t, filepath.Join(dir, FileName), spoiled)
			j, s := open(t, dir)
			first := askAll(t, j)
			for range 2 { // what a reader found is looked at before this
				if _, err := j.Record(call("after", "4712", noon())); err != nil {
					t.Fatal(err)
				}
				flush(t, j)
			}
			if first != nil {
				found++
				if !slices.Contains(s.faults(), FaultDamaged) {
					t.Errorf("not told: %v", first)
				}
			}
			if err := askAll(t, j); err != nil {
				t.Errorf("still: %v; told %v", err, s.trouble)
			}
		})
	}
	if found == 0 {
		t.Error("no reader has found anything")
	}
}

// askAll reads all there is in every way that rows are read, and returns what went wrong.
func askAll(t *testing.T, j *Journal) error {
	t.Helper()
	var all []error
	for _, q := range []CallQuery{{Limit: 500}, {Text: "4"}, {Outcome: Missed}, {Person: "4712"}, {Way: CameIn}} {
		_, _, err := j.Calls(t.Context(), q)
		all = append(all, err)
	}
	_, _, err := j.Contacts(t.Context(), ContactQuery{})
	_, _, searched := j.Contacts(t.Context(), ContactQuery{Text: "bob"})
	_, of := j.ContactOf(t.Context(), "4711")
	if errors.Is(of, ErrNoRow) {
		of = nil
	}
	_, _, messages := j.Messages(t.Context(), MessageQuery{Text: "hello"})
	_, _, talks := j.Conversations(t.Context(), 0, 0)
	return errors.Join(append(all, err, searched, of, messages, talks)...)
}

// TestTwoProgramsBeginAFileTogether: neither takes the other's away.
func TestTwoProgramsBeginAFileTogether(t *testing.T) {
	for range 15 {
		dir := t.TempDir()
		a, of := open(t, dir)
		b, other := open(t, dir)
		record(t, a, call("A", "a", noon()))
		record(t, b, call("B", "b", noon().Add(time.Second)))
		flush(t, a)
		flush(t, b)
		if got := names(t, a, CallQuery{}); got != "B A" || len(of.faults())+len(other.faults()) > 0 {
			t.Fatalf("there are %q; told %v, %v", got, of.trouble, other.trouble)
		}
		a.Close()
		b.Close()
		if all, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(all) != 1 {
			t.Fatalf("left are %q, %v", all, err)
		}
	}
}
