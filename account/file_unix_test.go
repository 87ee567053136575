//go:build !windows

package account

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be the child of TestKilledWhileSaving.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CALLA_SAVE_FOR_EVER"); dir != "" {
		saveForEver(dir)
		return
	}
	if dir := os.Getenv("CALLA_KEEP_FOR_EVER"); dir != "" {
		keepForEver(dir)
		return
	}
	if dir := os.Getenv("CALLA_READ_AS_NOBODY"); dir != "" {
		readAsNobody(dir)
		return
	}
	os.Exit(m.Run())
}

// saveForEver saves changing accounts until it is killed, at a bounded number; each of its files
// has as many accounts as its label says.
func saveForEver(dir string) {
	s, _, err := Open(dir)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	for n := range 100_000 {
		accounts := make([]Account, 1+n%7)
		for i := range accounts {
			accounts[i] = Account{
				ID:    fmt.Sprint("a", i),
				Label: strconv.Itoa(len(accounts)) + strings.Repeat("x", n%1000),
			}
		}
		if err := s.Save(accounts); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

// killChild starts this test binary with a variable that says what to do, and kills it at some instant of that.
func killChild(t *testing.T, variable string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), variable)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if line != "ready\n" {
		t.Fatalf("child: %q, %v", line, err)
	}
	time.Sleep(time.Duration(rand.IntN(5000)) * time.Microsecond) // the instant of death
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("child ended by itself: %v", err)
	}
}

// TestKilledWhileSaving: whenever the program dies, the file is whole, old or new, and so is a backup, and what it was
// writing is gone after the next start.
//
// Holds: account-file
func TestKilledWhileSaving(t *testing.T) {
	runs := 100
	if testing.Short() {
		runs = 10
	}
	if n, err := strconv.Atoi(os.Getenv("CALLA_KILL_RUNS")); err == nil {
		runs = n
	}
	dir := t.TempDir()
	for range runs {
		killChild(t, "CALLA_SAVE_FOR_EVER="+dir)
		if stray := strays(t, dir); stray > 1 {
			t.Fatalf("%d temporary files", stray)
		}
		s, found, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		accounts := s.Accounts()
		if found.Damaged != "" || found.ReadOnly != "" ||
			len(accounts) > 0 && !strings.HasPrefix(accounts[0].Label, strconv.Itoa(len(accounts))) {
			t.Fatalf("%d accounts, found %+v", len(accounts), found)
		}
		if stray := strays(t, dir); stray != 0 {
			t.Fatalf("%d temporary files left", stray)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func strays(t *testing.T, dir string) int {
	n := 0
	for _, name := range names(t, dir) {
		if strings.HasPrefix(name, ".") {
			n++
		}
	}
	return n
}

func TestOpenPermissionsAreTightened(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	save(t, s, sample(t, 1, "x"))
	path := filepath.Join(dir, "accounts.json")
	for p, mode := range map[string]os.FileMode{dir: 0o755, path: 0o644} {
		if err := os.Chmod(p, mode); err != nil {
			t.Fatal(err)
		}
	}
	s, found := reopen(t, s)
	if len(found.Tightened) != 2 || len(s.Accounts()) != 1 || found.ReadOnly != "" {
		t.Errorf("found %+v", found)
	}
	for p, mode := range map[string]os.FileMode{dir: 0o700, path: 0o600} {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", p, info.Mode(), err)
		}
	}
}

func TestLinksOutOfTheFolderAreRefused(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "accounts.json")
	write(t, outside, signed(map[string]any{"format": 1, "accounts": []any{map[string]any{"id": "a"}}}))
	dir := t.TempDir()
	path := filepath.Join(dir, "accounts.json")
	if err := os.Symlink(outside, path); err != nil {
		t.Fatal(err)
	}
	before := read(t, outside)
	s, found := open(t, dir)
	if len(s.Accounts()) != 0 || found.ReadOnly == "" {
		t.Errorf("found %+v", found)
	}
	if err := s.Save(sample(t, 1, "x")); !errors.Is(err, ErrReadOnly) {
		t.Errorf("saved: %v", err)
	}
	if _, err := s.StartEmpty(); err != nil {
		t.Fatal(err)
	}
	save(t, s, sample(t, 1, "x"))
	if !bytes.Equal(read(t, outside), before) {
		t.Error("the file outside was written")
	}
	inside := t.TempDir()
	write(t, filepath.Join(inside, "mine"), before)
	if err := os.Symlink("mine", filepath.Join(inside, "accounts.json")); err != nil {
		t.Fatal(err)
	}
	if s, found := open(t, inside); len(s.Accounts()) != 1 || found.ReadOnly != "" {
		t.Errorf("link within the folder: %+v", found)
	}
}

func TestForeignFilesAreRefused(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a file away")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "accounts.json")
	write(t, path, signed(map[string]any{"format": 1, "accounts": []any{map[string]any{"id": "a"}}}))
	if err := os.Chown(path, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	s, found := open(t, dir)
	if len(s.Accounts()) != 0 || found.ReadOnly == "" {
		t.Errorf("found %+v", found)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if s, found = open(t, dir); found.ReadOnly == "" || s.Save(nil) == nil {
		t.Errorf("foreign folder: %+v", found)
	}
}

func TestFolderInPlaceOfTheFile(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	save(t, s, sample(t, 1, "x"))
	save(t, s, sample(t, 2, "x"))
	path := filepath.Join(dir, "accounts.json")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil { // cannot be read as a file by anyone
		t.Fatal(err)
	}
	s, found := reopen(t, s)
	if len(s.Accounts()) != 1 || found.Damaged == "" || !strings.HasPrefix(found.MovedTo, "accounts.json.corrupt-") {
		t.Errorf("found %+v", found)
	}
}

func TestUnreadableFileIsLeftAlone(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root can read every file")
	}
	dir := t.TempDir()
	s, _ := open(t, dir)
	save(t, s, sample(t, 1, "x"))
	save(t, s, sample(t, 2, "x"))
	if err := os.Chmod(filepath.Join(dir, "accounts.json"), 0); err != nil {
		t.Fatal(err)
	}
	s, found := reopen(t, s)
	if len(s.Accounts()) != 1 || found.ReadOnly == "" || found.MovedTo != "" {
		t.Errorf("found %+v", found)
	}
}
