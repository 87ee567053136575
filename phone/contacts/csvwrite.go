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
	row := []string{Guarded(c.Name), Guarded(c.Organisation), Guarded(c.Note), labels, Guarded(c.UID)}
	for i := range w.addresses {
		if i < len(c.Addresses) {
			row = append(row, Guarded(c.Addresses[i].Label), Guarded(c.Addresses[i].Text))
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

// Guarded keeps a program for tables from taking a text for a formula, as Excel's own sign for text does. A number with
// + stays as it is: others are to read it, and as a formula it is but a sum of numbers.
func Guarded(s string) string {
	if !beginsFormula(s) || isNumberText(s) {
		return s
	}
	return "'" + s
}

// beginsFormula tells what programs take for the beginning of a formula, those of Japan in full width too, or what
// Guarded puts before one.
func beginsFormula(s string) bool { return strings.IndexAny(s, "=+-@＝＋－＠\t\r\n'") == 0 }

// isNumberText tells a telephone number with + as people write it.
func isNumberText(s string) bool {
	return strings.HasPrefix(s, "+") && strings.Trim(s[1:], "0123456789 ()-./") == ""
}

// unguarded undoes Guarded.
func unguarded(s string) string {
	if inner, ok := strings.CutPrefix(s, "'"); ok && beginsFormula(inner) {
		return inner
	}
	return s
}
