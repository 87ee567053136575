package exchange

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"calla/phone/cause"
	"calla/ui/tell"
)

// maxOpened is how much of a file that is opened is read, in octets.
const maxOpened = 1 << 20

// readText reads a file that the user chose.
func readText(path string) (string, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return "", errors.New("what was chosen is not a file") // a pipe would be waited for
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("open file: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxOpened+1))
	if err != nil {
		return "", fmt.Errorf("read file: %w", err)
	}
	if len(data) > maxOpened {
		return "", fmt.Errorf("the file is longer than %d MB", maxOpened>>20)
	}
	return string(data), nil
}

// writeText writes a file that the user named, for the user alone.
func writeText(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	err = f.Chmod(0o600) // before there is anything in it
	if _, writeErr := f.WriteString(text); err == nil {
		err = writeErr
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}

// unreadWords words an error of readText.
func unreadWords(err error) string {
	if errors.Unwrap(err) == nil { // one of its own
		return tell.Sentence(err)
	}
	return strings.TrimSpace(tell.Word(cause.ExchangeUnread) + " " + tell.BySystem(err))
}
