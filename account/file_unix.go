//go:build !windows

package account

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/google/renameio/v2"
)

// replaceFile writes data to a new file beside path, flushes it, calls before, renames it to path and flushes the
// folder. The file can be read by its owner only. When before fails, or anything else, path is as it was.
func replaceFile(path string, data []byte, before func() error) error {
	dir := filepath.Dir(path)
	pending, err := renameio.NewPendingFile(path, renameio.WithTempDir(dir), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return err
	}
	defer func() { _ = pending.Cleanup() }()
	if _, err := pending.Write(data); err != nil {
		return err
	}
	if err := pending.Sync(); err != nil {
		return err
	}
	if err := before(); err != nil {
		return err
	}
	if err := pending.CloseAtomicallyReplace(); err != nil {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil // a file system that cannot flush folders (some network ones)
	}
	return errors.Join(err, d.Close())
}

// checkFile refuses what is not ours: a link that leads out of dir, a file of another user. Permissions
// that let others read are tightened and told in found; with none, nothing is changed. A file that is not there is no
// error.
func checkFile(dir, path string, found *Loaded) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	name := filepath.Base(path)
	if info.Mode()&os.ModeSymlink != 0 {
		if info, err = linked(dir, path); err != nil {
			return fmt.Errorf("%s %w", name, err)
		}
	}
	return tighten(path, name, info, found)
}

// linked follows a link that stays within dir.
func linked(dir, path string) (os.FileInfo, error) {
	target, err := filepath.EvalSymlinks(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, errors.New("is a link that leads nowhere")
	case err != nil: // Go has no error of its own for it
		return nil, errors.New("is a link that leads round in a circle, or through what cannot be read")
	}
	home, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(target, home+string(filepath.Separator)) {
		return nil, errors.New("is a link that leads out of its folder")
	}
	return os.Stat(target)
}

// checkDir makes dir where it is missing and refuses another user's, and what is no folder.
func checkDir(dir string, found *Loaded) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	return tighten(dir, filepath.Base(dir), info, found)
}

// tighten takes the permissions of group and others away.
func tighten(path, name string, info os.FileInfo, found *Loaded) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("%s belongs to another user", name)
	}
	if found == nil || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := os.Chmod(path, info.Mode().Perm()&0o700); err != nil {
		return fmt.Errorf("%s can be read by others: %w", name, err)
	}
	found.Tightened = append(found.Tightened, name)
	return nil
}
