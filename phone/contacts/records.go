package contacts

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"calla/phone/cause"
)

const (
	longestRow  = 64 << 10 // bytes of a row that goes over several lines
	mostLines   = 4100     // of a row: those of the longest note
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

// whole appends the lines that a row in quotes goes on in. It does so only where all its quotes are right: a quote that
// has no end would take the rows behind it up to the next quote, which then ends where no field does.
func (r *records) whole(first numbered) (string, error) {
	q := quotes{delimiter: r.delimiter}
	if q.read(first.text); !q.open || r.misfits >= mostMisfits {
		return first.text, nil
	}
	var taken []numbered
	for size := len(first.text); len(taken) < mostLines && size < longestRow && !q.wrong; {
		next, err := r.line()
		if err == io.EOF {
			break
		} else if err != nil {
			return "", err
		}
		taken = append(taken, next)
		size += 1 + len(next.text)
		if q.read(next.text); !q.open && !q.wrong {
			return joined(first, taken), nil
		}
	}
	r.misfits++
	r.problems.at(first.line, cause.ContactQuoteOpen, first.text)
	r.again = append(taken, r.again...)
	return first.text, nil
}

func joined(first numbered, rest []numbered) string {
	var text strings.Builder
	text.WriteString(first.text)
	for _, line := range rest {
		text.WriteString("\n" + line.text)
	}
	return text.String()
}

// quotes follows a row line by line.
type quotes struct {
	delimiter rune
	open      bool // within quotes
	wrong     bool // a quote ended where no field does
}

func (q *quotes) read(line string) {
	start := !q.open // a field begins here
	for len(line) > 0 {
		c, n := utf8.DecodeRuneInString(line)
		line = line[n:]
		switch {
		case q.open && c == '"' && strings.HasPrefix(line, `"`):
			line = line[1:]
		case q.open && c == '"':
			q.open = false
			behind := strings.TrimLeft(line, " ")
			q.wrong = q.wrong || behind != "" && !strings.HasPrefix(behind, string(q.delimiter))
		case q.open:
		case c == '"' && start:
			q.open, start = true, false
		default:
			start = c == q.delimiter
		}
	}
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
