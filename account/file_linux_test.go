package account

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k,mode=0700"); err != nil {
		t.Skipf("this system lets root mount no tmpfs: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	s, _ := open(t, dir)
	save(t, s, sample(t, 2, "x"))
	before := read(t, filepath.Join(dir, "accounts.json"))
	big := sample(t, 2, strings.Repeat("x", 100_000))
	if err := s.Save(big); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("saved on a full disk: %v", err)
	}
	if len(s.Accounts()) != 2 || s.Accounts()[0].Label != "x" {
		t.Error("the store tells of accounts that were not saved")
	}
	if !bytes.Equal(read(t, filepath.Join(dir, "accounts.json")), before) || strays(t, dir) != 0 {
		t.Errorf("files %v", names(t, dir))
	}
	save(t, s, sample(t, 1, "y"))
	s, found := reopen(t, s)
	if len(s.Accounts()) != 1 || found.Damaged != "" {
		t.Errorf("found %+v", found)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	s, found, err := Open(dir)
	if err != nil || len(s.Accounts()) != 1 {
		t.Fatalf("read-only disk: %+v, %v", found, err)
	}
	if err := s.Save(sample(t, 3, "z")); err == nil {
		t.Error("saved on a read-only disk")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
