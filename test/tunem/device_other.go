//go:build !linux

package tunem

import (
	"errors"
	"io"
)

// Device is for Linux only.
func Device(string) (io.ReadWriteCloser, error) { return nil, errors.ErrUnsupported }
