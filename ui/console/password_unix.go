//go:build unix

package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"calla/netsip/config"
)

// errNotTerminal is returned where nobody can be asked.
var errNotTerminal = errors.New("standard input is no terminal")

// askPassword asks for a password without showing what is typed.
func askPassword(ctx context.Context, in io.Reader, out *terminal, prompt string) (config.Secret, error) {
	f, ok := in.(*os.File)
	if !ok {
		return "", errNotTerminal
	}
	fd := int(f.Fd())
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return "", errNotTerminal
	}
	quiet := *before
	quiet.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(fd, setTermios, &quiet); err != nil {
		return "", fmt.Errorf("ask for password: %w", err)
	}
	defer func() {
		_ = unix.IoctlSetTermios(fd, setTermios, before)
		out.line()
	}()
	out.prompt(prompt)
	return readSecret(ctx, f)
}
