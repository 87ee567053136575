package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"calla/ui/console"
)

// Marks around what is generated in docs/commands.md. What stands outside of them is written by hand.
const (
	verbsBegin = "<!-- the commands: made by make docs -->\n"
	verbsEnd   = "<!-- the end of the commands -->\n"
)

func writeCommandsPage() error {
	page, err := os.ReadFile("docs/commands.md")
	if err != nil {
		return err
	}
	if page, err = withVerbs(page); err != nil {
		return fmt.Errorf("docs/commands.md: %w", err)
	}
	return os.WriteFile("docs/commands.md", page, 0o644)
}

// withVerbs puts the lists of verbs into the page, in the place of those that are there.
func withVerbs(page []byte) ([]byte, error) {
	head, rest, began := bytes.Cut(page, []byte(verbsBegin))
	_, tail, ended := bytes.Cut(rest, []byte(verbsEnd))
	if !began || !ended {
		return nil, errors.New("the marks around the lists are gone")
	}
	var out bytes.Buffer
	out.Write(head)
	out.WriteString(verbsBegin)
	if err := console.WriteVerbs(&out); err != nil {
		return nil, err
	}
	out.WriteString(verbsEnd)
	out.Write(tail)
	return out.Bytes(), nil
}
