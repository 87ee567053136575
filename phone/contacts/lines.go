package contacts

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// longestLine bounds what is kept of a line, folded ones together; the rest of it is passed over.
const longestLine = 64 << 10

// lines reads a file line by line, whatever ends them: CR LF, LF or CR.
type lines struct {
	r        *bufio.Reader
	n        int    // the last line's number, from 1
	codePage string // that was named, "" = none
	decoded  bool   // they come in UTF-8, whatever the file is in
}

// newLines reads r in a code page, by a name of the WHATWG's list such as "windows-1251"; "" finds UTF-16 by itself,
// and leaves the rest to decoded.
func newLines(r io.Reader, codePage string) (*lines, error) {
	l := &lines{r: bufio.NewReaderSize(r, longestLine), codePage: codePage}
	if codePage != "" {
		e, err := codePageNamed(codePage)
		if err != nil {
			return nil, err
		}
		l.r, l.decoded = bufio.NewReaderSize(transform.NewReader(l.r, e.NewDecoder()), longestLine), true
	} else if e := utf16Of(l.r); e != nil {
		l.r, l.decoded = bufio.NewReaderSize(transform.NewReader(l.r, e.NewDecoder()), longestLine), true
	}
	if mark, _ := l.r.Peek(3); string(mark) == "\ufeff" {
		_, _ = l.r.Discard(3)
	}
	return l, nil
}

// ErrCodePage is that nobody knows a code page of that name.
var ErrCodePage = errors.New("unknown code page")

func codePageNamed(name string) (encoding.Encoding, error) {
	e, err := htmlindex.Get(strings.TrimSpace(name))
	if err != nil {
		return nil, fmt.Errorf("read in %q: %w", name, ErrCodePage)
	}
	return e, nil
}

// utf16Of tells UTF-16 by its mark or by its zeros, of which text in other letters than Latin has few; nil: it is
// something else.
func utf16Of(r *bufio.Reader) encoding.Encoding {
	head, _ := r.Peek(512)
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	}
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch most := len(head) / 2; {
	case len(head) < 8:
	case zeros[1] > most/8 && zeros[0] <= zeros[1]/8:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zeros[0] > most/8 && zeros[1] <= zeros[0]/8:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

// add appends the next line to dst, without its end, until that is longestLine long; cut tells that there was more.
// err is io.EOF after the last line.
func (l *lines) add(dst []byte) (line []byte, cut bool, err error) {
	if _, err := l.r.Peek(1); err != nil {
		return dst, false, err
	}
	l.n++
	for {
		window, err := l.r.Peek(max(l.r.Buffered(), 1))
		if err != nil { // the file ends without a line end, or cannot be read any further, which the next call tells
			return dst, cut, nil
		}
		end := bytes.IndexByte(window, '\n')
		if end >= 0 {
			window = window[:end]
		}
		if cr := bytes.IndexByte(window, '\r'); cr >= 0 {
			window, end = window[:cr], cr
		}
		room := longestLine - len(dst)
		cut = cut || len(window) > room
		dst = append(dst, window[:min(len(window), room)]...)
		if end < 0 {
			_, _ = l.r.Discard(len(window))
			continue
		}
		_, _ = l.r.Discard(end)
		n := 1
		if ending, _ := l.r.Peek(2); string(ending) == "\r\n" {
			n = 2
		}
		_, _ = l.r.Discard(n)
		return dst, cut, nil
	}
}

// decoded is a line as text. What is not UTF-8 is Windows-1252, save where most of it is UTF-8: there single bytes are
// damaged.
func decoded(line []byte) string {
	if utf8.Valid(line) {
		return string(line)
	}
	good, bad := 0, 0
	for rest := line; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		rest = rest[n:]
	}
	if good >= bad {
		return strings.ToValidUTF8(string(line), "\ufffd")
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(line)
	if err != nil {
		return strings.ToValidUTF8(string(line), "\ufffd")
	}
	return string(text)
}

// inCodePage is bytes of a property that names its own code page.
func inCodePage(line []byte, name string) string {
	if name == "" {
		return decoded(line)
	}
	e, err := codePageNamed(name)
	if err != nil {
		return decoded(line)
	}
	if utf8.Valid(line) && e == unicode.UTF8 {
		return string(line)
	}
	text, err := e.NewDecoder().Bytes(line)
	if err != nil {
		return decoded(line)
	}
	return string(text)
}
