package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"calla/test/layers"
)

// The table of rooms stands between these lines of docs/architecture.md.
const (
	roomsBegin = "<!-- rooms: written by make docs -->\n"
	roomsEnd   = "<!-- /rooms -->\n"
)

// writeRooms puts the table of rooms into docs/architecture.md under root.
func writeRooms(root string) error {
	name := filepath.Join(root, "docs", "architecture.md")
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	page, err = withRooms(page, root)
	if err != nil {
		return err
	}
	return os.WriteFile(name, page, 0o644)
}

// withRooms gives the page with the table of rooms as the plan and the sources under root have it now.
func withRooms(page []byte, root string) ([]byte, error) {
	before, rest, ok := bytes.Cut(page, []byte(roomsBegin))
	_, after, ok2 := bytes.Cut(rest, []byte(roomsEnd))
	if !ok || !ok2 {
		return nil, fmt.Errorf("docs/architecture.md has no place for the rooms between %q and %q", roomsBegin,
			roomsEnd)
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(roomsBegin)
	b.WriteString("| room | what is in it | knows of ours | lines | of tests |\n|---|---|---|--:|--:|\n")
	for _, room := range layers.Plan() {
		code, tests, err := countLines(filepath.Join(root, room.Name))
		if err != nil {
			return nil, err
		}
		name := "`" + room.Name + "/`"
		if room.Name == "" {
			name = "`main*.go`"
		}
		knows := "–"
		if len(room.Knows) > 0 {
			knows = strings.Join(room.Knows, ", ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", name, room.What, knows, hundreds(code), hundreds(tests))
	}
	b.WriteString(roomsEnd)
	b.Write(after)
	return b.Bytes(), nil
}

// countLines counts the lines of Go in a folder, those of tests apart.
func countLines(dir string) (code, tests int, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return 0, 0, err
	}
	for _, name := range names {
		source, err := os.ReadFile(name)
		if err != nil {
			return 0, 0, err
		}
		if strings.HasSuffix(name, "_test.go") {
			tests += bytes.Count(source, []byte("\n"))
		} else {
			code += bytes.Count(source, []byte("\n"))
		}
	}
	return code, tests, nil
}

// hundreds rounds, so that not every line that is written changes the table.
func hundreds(lines int) string {
	if lines == 0 {
		return "–"
	}
	return fmt.Sprint(max(100, (lines+50)/100*100))
}
