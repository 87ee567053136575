package contacts

import (
	"bufio"
	"bytes"
	"io"
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
	// of UTF-16 the zeros go
	if bytes.Contains(bytes.ToUpper(bytes.ReplaceAll(head, []byte{0}, nil)), []byte("BEGIN:VCARD")) {
		return NewVCardReader(in, format.CodePage)
	}
	return NewCSVReader(in, format)
}

// Unread is what could not be read so far.
func (p *Problems) Unread() *Problems { return p }
