package console

import (
	"context"
	"errors"
	"fmt"
	"io"

	"calla/netsip/config"
)

// errNotTerminal is returned where nobody can be asked.
var errNotTerminal = errors.New("standard input is no terminal")

// askPassword asks for a password without showing what is typed. When ctx ends before, the reading goroutine is left to
// the program's end.
func askPassword(ctx context.Context, in io.Reader, out *terminal, question string) (config.Secret, error) {
	f, ok := terminalOf(in)
	if !ok {
		return "", errNotTerminal
	}
	e, err := newEditor(f, out.out, "")
	if err != nil {
		return "", err
	}
	back := out.through(e)
	defer func() {
		back()
		_ = e.close()
	}()
	var password config.Secret
	read := make(chan struct{})
	go func() {
		defer close(read)
		password, err = e.readSecret(question)
	}()
	select {
	case <-read:
	case <-ctx.Done():
		return "", fail(ExitInterrupted, errInterrupted)
	}
	if errors.Is(err, errInterrupted) {
		return "", fail(ExitInterrupted, err)
	}
	if err != nil {
		return "", invalid(fmt.Errorf("ask for password: %w", err))
	}
	return password, nil
}
