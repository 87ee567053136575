//go:build !windows && !darwin

package xdg

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// largestFile is how much of a file is read here, in bytes.
const largestFile = 1 << 20

// ConfigHome is where this user's configuration is (XDG Base Directory Specification).
func ConfigHome() (string, error) {
	if dir := Absolute(os.Getenv("XDG_CONFIG_HOME")); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".config"), err
}

// Absolute returns a folder's name, "" for a relative one: those are to be ignored.
func Absolute(dir string) string {
	if !filepath.IsAbs(dir) {
		return ""
	}
	return dir
}

// Read reads a file of keys; one that is not there is empty.
func Read(path string) (KeyFile, error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, largestFile+1))
	if err == nil && len(text) > largestFile {
		err = fmt.Errorf("%s is larger than %d bytes", path, largestFile)
	}
	return KeyFile(text), err
}

// Write replaces a file in one step. A link stays one, and permissions stay.
func Write(path string, text KeyFile) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return renameio.WriteFile(path, []byte(text), 0o644, renameio.WithTempDir(filepath.Dir(path)),
		renameio.WithExistingPermissions())
}
