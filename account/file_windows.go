package account

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// replaceFile writes data to a new file beside path, flushes it, calls before and moves it to path in one step. Access
// is inherited from the user's profile folder. When before fails, or anything else, path is as it was.
func replaceFile(path string, data []byte, before func() error) error {
	pending, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"*")
	if err != nil {
		return err
	}
	_, err = pending.Write(data)
	err = errors.Join(err, pending.Sync(), pending.Close())
	if err == nil {
		err = before()
	}
	if err == nil {
		err = move(pending.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(pending.Name()))
	}
	return err
}

func move(from, to string) error {
	f, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	t, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	return windows.MoveFileEx(f, t, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
}

// checkFile finds nothing to refuse: the profile folder is the user's own.
func checkFile(_, _ string, _ *Loaded) error { return nil }

// checkDir makes dir where it is missing.
func checkDir(dir string, _ *Loaded) error { return os.MkdirAll(dir, 0o700) }
