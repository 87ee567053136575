package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/windows"

	"calla/netsip/config"
)

// errNotTerminal is returned where nobody can be asked.
var errNotTerminal = errors.New("standard input is no console")

// askPassword asks for a password without showing what is typed.
func askPassword(ctx context.Context, in io.Reader, out *terminal, prompt string) (config.Secret, error) {
	f, ok := in.(*os.File)
	if !ok {
		return "", errNotTerminal
	}
	handle := windows.Handle(f.Fd())
	var before uint32
	if err := windows.GetConsoleMode(handle, &before); err != nil {
		return "", errNotTerminal
	}
	if err := windows.SetConsoleMode(handle, before&^windows.ENABLE_ECHO_INPUT); err != nil {
		return "", fmt.Errorf("ask for password: %w", err)
	}
	defer func() {
		_ = windows.SetConsoleMode(handle, before)
		out.line()
	}()
	out.prompt(prompt)
	return readSecret(ctx, f)
}
