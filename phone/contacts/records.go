package contacts

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"calla/phone/cause"
)

const (
	longestRow  = 32 << 10 // bytes of a row that goes over several lines
	mostLines   = 60       // of a row
	mostFields  = 512      // of a row; more are passed over
	mostMisfits = 100      // quotes without an end, after which no row goes over several lines any more
)

// records reads the rows of a table one at a time (RFC 4180, and what Excel makes of it). A quote that does not end
// spoils the row it stands in and no other.
type records struct {
	lines     *lines
	problems  *Problems
	delimiter rune
	again     []numbered // lines that are to be read once more
	misfits   int
	buf       []byte
	from      *bufio.Reader
}

type numbered struct {
	text string
	line int
}

// line reads a line of the file.
func (r *records) line() (numbered, error) {
	if len(r.again) > 0 {
		first := r.again[0]
		r.again = r.again[1:]
		return first, nil
	}
	var cut bool
	var err error
	if r.buf, cut, err = r.lines.add(r.buf[:0]); err != nil {
		return numbered{}, err
	}
	if cut {
		r.problems.at(r.lines.n, cause.ContactLineTooLong, "")
	}
	return numbered{strings.ReplaceAll(decoded(r.buf), "\x00", ""), r.lines.n}, nil
}

// next returns a row that has something in it, and its first line's number. err is io.EOF at the end.
func (r *records) next() ([]string, int, error) {
	for {
		first, err := r.line()
		if err != nil {
			return nil, 0, err
		}
		if strings.TrimSpace(first.text) == "" {
			continue
		}
		text, err := r.whole(first)
		if err != nil {
			return nil, 0, err
		}
		fields, err := r.fields(text)
		if err != nil {
			r.problems.at(first.line, cause.ContactLineUnreadable, text)
			continue
		}
		return fields, first.line, nil
	}
}

// whole appends the lines that a row in quotes goes on in.
func (r *records) whole(first numbered) (string, error) {
	text := first.text
	if !r.isOpen(text) || r.misfits >= mostMisfits {
		return text, nil
	}
	var taken []numbered
	for len(taken) < mostLines && len(text) < longestRow {
		next, err := r.line()
		if err == io.EOF {
			break
		} else if err != nil {
			return "", err
		}
		taken = append(taken, next)
		if text += "\n" + next.text; !r.isOpen(text) {
			return text, nil
		}
	}
	r.misfits++
	r.problems.at(first.line, cause.ContactQuoteOpen, first.text)
	r.again = append(taken, r.again...)
	return first.text, nil
}

// isOpen tells whether a row ends within quotes.
func (r *records) isOpen(text string) bool {
	quoted, start := false, true // start: a field begins here
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '"' && i+1 < len(text) && text[i+1] == '"':
			i++
		case quoted && c == '"':
			quoted = false
		case quoted:
		case c == '"' && start:
			quoted, start = true, false
		default:
			start = c == byte(r.delimiter) || c == '\n'
		}
	}
	return quoted
}

// fields takes a row apart.
func (r *records) fields(text string) ([]string, error) {
	if r.from == nil {
		r.from = bufio.NewReader(nil)
	}
	r.from.Reset(strings.NewReader(text))
	in := csv.NewReader(r.from)
	in.Comma, in.LazyQuotes, in.FieldsPerRecord = r.delimiter, true, -1
	fields, err := in.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return fields[:min(len(fields), mostFields)], nil
}
