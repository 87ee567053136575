package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// smallDisk is a folder on a disk of so many bytes.
func smallDisk(t *testing.T, bytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("calla", dir, "tmpfs", 0, fmt.Sprint("size=", bytes)); err != nil {
		t.Skipf("no file system can be mounted: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fillDisk fills it but for so many bytes.
func fillDisk(t *testing.T, dir string, but int) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for err == nil {
		n += 4096
		_, err = f.Write(make([]byte, 4096))
	}
	if err := f.Truncate(int64(max(n-4096-but, 0))); err != nil {
		t.Fatal(err)
	}
}

// TestADamagedFileIsToldThoughNoNewOneCanBeBegunYet, and where it is kept; the new one is begun when it can be.
func TestADamagedFileIsToldThoughNoNewOneCanBeBegunYet(t *testing.T) {
	dir := smallDisk(t, 2<<20)
	write(t, filepath.Join(dir, FileName), []byte(strings.Repeat("history\n", 1000)))
	fillDisk(t, dir, 0)
	j, s := open(t, dir)
	record(t, j, call("after", "bob", noon()))
	s.until(t, "full", func(_ Counts, all []*Trouble) bool { return len(all) > 1 })
	if got := s.faults(); !slices.Equal(got, []Fault{FaultDamaged, FaultFull}) {
		t.Fatalf("told %v", s.trouble)
	}
	if size(s.trouble[0].Kept) == 0 {
		t.Errorf("%q is not there", s.trouble[0].Kept)
	}
	if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
		t.Fatal(err)
	}
	s.until(t, "well", func(_ Counts, all []*Trouble) bool { return all[len(all)-1] == nil })
	flush(t, j)
	if got := names(t, j, CallQuery{}); got != "after" {
		t.Errorf("there are %q", got)
	}
}

// TestNothingOfWhatIsDeletedStaysOnAFullDisk: there is no room to write the file anew, and it need not be.
func TestNothingOfWhatIsDeletedStaysOnAFullDisk(t *testing.T) {
	const secret = "Rumpelstilzchen"
	dir := smallDisk(t, 8<<20)
	j, _ := open(t, dir)
	var many []Contact
	for i := range 1000 {
		many = append(many, Contact{Name: fmt.Sprint("Bob ", i), Note: strings.Repeat("n", 1500)})
	}
	if _, err := j.SaveContacts(t.Context(), many); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		record(t, j, call(fmt.Sprint(secret, i), "4711", noon()))
	}
	flush(t, j)
	j.Close() // what the log has is in the file
	j, _ = open(t, dir)
	flush(t, j)
	fillDisk(t, dir, 400<<10)
	if err := j.DeleteCalls(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := names(t, j, CallQuery{}); got != "" {
		t.Errorf("there still is %q", got)
	}
	if holds(t, dir, strings.ToLower(secret)) {
		t.Error("it is still in the file")
	}
	if page, _, err := j.Contacts(t.Context(), ContactQuery{Text: "Bob 999"}); err != nil || len(page) != 1 {
		t.Errorf("the rest: %d, %v", len(page), err)
	}
}
