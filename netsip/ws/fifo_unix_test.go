//go:build unix

package ws

import (
	"path/filepath"
	"syscall"
	"testing"
)

// fifo is a named pipe that nobody writes to.
func fifo(t *testing.T, dir string) string {
	path := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
