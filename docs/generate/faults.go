package main

import (
	"bytes"
	"os"
	"path/filepath"

	"calla/test/faults"
)

// faultsHead stands above the table.
const faultsHead = `# Faults a phone must survive

Written by ` + "`make docs`" + ` from docs/faults.json, which ` + "`make soak`" + ` writes: do not edit it. Each row is
a deed of a test in ` + "`test/faults`" + `, named TestF01 to TestF24 for its fault. ` + "`make test`" + ` does each
three times, with the times judged loosely and without the long outages; ` + "`make soak`" + ` does each twenty times
and judges them as the table says, ` + "`make soak FAULTS='F0[39]'`" + ` those of some faults only. Green is how often
what is required came of it; p50, p95 and max are of what the row measures.

`

// faultsPage is the page of the rows in root's docs/faults.json.
func faultsPage(root string) ([]byte, error) {
	rows, err := faults.Read(filepath.Join(root, "docs", "faults.json"))
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	page.WriteString(faultsHead)
	err = faults.Page(&page, rows)
	return page.Bytes(), err
}

func writeFaultsPage(root string) error {
	page, err := faultsPage(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "docs", "faults.md"), page, 0o644)
}
