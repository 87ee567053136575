package contacts

import (
	"bufio"
	"bytes"
	"io"
	"slices"
)

// Reader reads the contacts of a file, of either kind.
type Reader interface {
	// Next returns a contact and the line that it begins in. The error is io.EOF after the last one, and otherwise the
	// file's: what was read before it stands.
	Next() (Contact, int, error)
	// Unread is what could not be read so far.
	Unread() *Problems
}

// NewReader reads vCards or a table, whichever r has. The error is ErrCodePage, ErrNoColumns, or the file's.
func NewReader(r io.Reader, format Format) (Reader, error) {
	in := bufio.NewReaderSize(r, longestLine)
	head, err := in.Peek(4096)
	if len(head) == 0 && err != nil && err != io.EOF {
		return nil, err
	}
	if hasCard(head) {
		return NewVCardReader(in, format.CodePage)
	}
	return NewCSVReader(in, format)
}

// hasCard tells whether a line of a file's beginning begins a card; a note of a table may speak of one.
func hasCard(head []byte) bool {
	head = bytes.ReplaceAll(head, []byte{0}, nil) // of UTF-16
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		head = bytes.TrimPrefix(head, []byte(mark))
	}
	lines := bytes.FieldsFunc(head, func(r rune) bool { return r == '\n' || r == '\r' })
	return slices.ContainsFunc(lines, func(line []byte) bool {
		return bytes.HasPrefix(bytes.ToUpper(bytes.TrimSpace(line)), []byte("BEGIN:VCARD"))
	})
}

// Unread is what could not be read so far.
func (p *Problems) Unread() *Problems { return p }
