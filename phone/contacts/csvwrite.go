package contacts

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// CSVWriter writes contacts as a table with Google's columns, which most programs read: UTF-8, commas, CR LF.
type CSVWriter struct {
	to        *csv.Writer
	addresses int
}

// NewCSVWriter writes the headers to w, which the caller buffers and closes, with columns for so many addresses as the
// contact with the most of them has.
func NewCSVWriter(w io.Writer, addresses int) (*CSVWriter, error) {
	out := &CSVWriter{to: csv.NewWriter(w), addresses: min(max(addresses, 1), mostOfOne)}
	out.to.UseCRLF = true
	headers := []string{"Name", "Organization Name", "Notes", "Labels", "UID"}
	for i := range out.addresses {
		headers = append(headers, fmt.Sprintf("Phone %d - Label", i+1), fmt.Sprintf("Phone %d - Value", i+1))
	}
	return out, out.write(headers)
}

// Write writes one contact.
func (w *CSVWriter) Write(c Contact) error {
	labels := ""
	if c.Favourite {
		labels = "* starred"
	}
	row := []string{guarded(c.Name), guarded(c.Organisation), guarded(c.Note), labels, guarded(c.UID)}
	for i := range w.addresses {
		if i < len(c.Addresses) {
			row = append(row, guarded(c.Addresses[i].Label), guarded(c.Addresses[i].Text))
		} else {
			row = append(row, "", "")
		}
	}
	return w.write(row)
}

func (w *CSVWriter) write(row []string) error {
	err := w.to.Write(row)
	if w.to.Flush(); err == nil {
		err = w.to.Error()
	}
	if err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// guarded keeps a program for tables from taking a text for a formula, as Excel's own sign for text does. A number with
// + stays as it is: others are to read it, and as a formula it is but that number.
func guarded(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r'", rune(s[0])) || isNumberText(s) {
		return s
	}
	return "'" + s
}

// isNumberText tells a number as people write it.
func isNumberText(s string) bool {
	return strings.Trim(s, "+0123456789 ") == "" && strings.LastIndexByte(s, '+') <= 0
}

// unguarded undoes guarded.
func unguarded(s string) string {
	if inner, ok := strings.CutPrefix(s, "'"); ok && inner != "" && strings.ContainsRune("=+-@\t\r'", rune(inner[0])) {
		return inner
	}
	return s
}
