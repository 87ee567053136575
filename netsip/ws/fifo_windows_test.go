package ws

import (
	"path/filepath"
	"testing"
)

// fifo is, where there are no named pipes in folders, a file that is not there.
func fifo(_ *testing.T, dir string) string { return filepath.Join(dir, "fifo") }
