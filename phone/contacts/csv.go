package contacts

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"calla/netsip/config"
	"calla/phone/cause"
)

// Format says how a table is written. Its zero value finds out.
type Format struct {
	CodePage  string // by a name of the WHATWG's list, such as "windows-1251"; "" = UTF-16, UTF-8 or Windows-1252
	Delimiter rune   // 0 = whichever of delimiters there is
}

// delimiters are what programs part fields with, by themselves; anything else that is no text is told.
const delimiters = ",;\t|^~¦§；，\x1f\x01"

// ErrNoColumns is that no column of a table has anything that could be called.
var ErrNoColumns = errors.New("no column with numbers or addresses")

// mostHeaders is how many rows are looked at for the names of the columns.
const mostHeaders = 10

// CSVReader reads contacts from a table, whose columns are known by their headers, or where it has none by what is in
// them. It is used by one goroutine.
type CSVReader struct {
	Problems
	rows    records
	columns []column
	first   []row // that have been read to find the columns
}

type row struct {
	fields []string
	line   int
}

// NewCSVReader reads the beginning of r. The error is ErrCodePage, ErrNoColumns, or the file's.
func NewCSVReader(r io.Reader, format Format) (*CSVReader, error) {
	l, err := newLines(r, format.CodePage)
	if err != nil {
		return nil, err
	}
	c := &CSVReader{}
	c.rows = records{lines: l, problems: &c.Problems, delimiter: format.Delimiter}
	if err := c.delimiter(); err != nil {
		return nil, err
	}
	if err := c.headers(); err != nil {
		return nil, err
	}
	return c, nil
}

// delimiter finds what parts the fields: what makes the most columns with a known meaning, or what can be called.
func (c *CSVReader) delimiter() error {
	var head []numbered
	for len(head) < mostHeaders {
		line, err := c.rows.line()
		if err == io.EOF {
			break
		} else if err != nil {
			return fmt.Errorf("read contacts: %w", err)
		}
		if sep, ok := strings.CutPrefix(strings.ToLower(line.text), "sep="); ok && len(head) == 0 &&
			utf8.RuneCountInString(sep) == 1 {
			c.rows.delimiter, _ = utf8.DecodeRuneInString(sep) // as Excel writes it
			continue
		}
		head = append(head, line)
	}
	defer func() { c.rows.again = append(head, c.rows.again...) }()
	if c.rows.delimiter != 0 {
		if !isDelimiter(c.rows.delimiter) {
			return fmt.Errorf("read contacts: %q cannot part fields", c.rows.delimiter)
		}
		return nil
	}
	best := -1
	for _, delimiter := range delimiters {
		try := c.rows
		try.delimiter = delimiter
		if score := try.score(head); score > best {
			best, c.rows.delimiter = score, delimiter
		}
	}
	return nil
}

// isDelimiter tells what can part fields.
func isDelimiter(r rune) bool {
	return r < ' ' && r > 0 && r != '\n' && r != '\r' || r > ' ' && r != utf8.RuneError && !unicode.In(r, unicode.L,
		unicode.M, unicode.N) && !strings.ContainsRune("\"+\ufeff", r)
}

// score tells how well a delimiter fits some lines.
func (r *records) score(head []numbered) (score int) {
	headers, rows := 0, 0
	for i, line := range head {
		fields, err := r.fields(line.text)
		if err != nil {
			continue
		}
		if columns, ok := columnsOf(fields); ok {
			known := 0
			for _, c := range columns {
				if c.means != meansNothing {
					known++
				}
			}
			headers = max(headers, known)
		} else if _, ok := columnsWithout(fields); ok {
			rows++
		}
		if i == 0 {
			score = min(len(fields), 99)
		}
	}
	return score + 100*rows + 10000*headers
}

// headers finds the row with the names of the columns, or the first one that has somebody in it.
func (c *CSVReader) headers() error {
	for len(c.first) < mostHeaders {
		fields, line, err := c.rows.next()
		if err == io.EOF {
			break
		} else if err != nil {
			return fmt.Errorf("read contacts: %w", err)
		}
		c.first = append(c.first, row{fields, line})
		columns, ok := columnsOf(fields)
		if ok {
			c.columns = columns
			c.pass(len(c.first) - 1)
			c.first = nil
			return c.findName(fields)
		}
	}
	for i, row := range c.first {
		if columns, ok := columnsWithout(row.fields); ok {
			c.columns = columns
			c.pass(i)
			c.first = c.first[i:]
			return nil
		}
	}
	return fmt.Errorf("read contacts: %w", ErrNoColumns)
}

// findName takes the first column of words for the names, where the headers say of none that it has them: they may be
// in any language.
func (c *CSVReader) findName(headers []string) error {
	if slices.ContainsFunc(c.columns, func(c column) bool { return c.means >= meansName && c.means <= meansCompany }) {
		return nil
	}
	fields, line, err := c.rows.next()
	if err == io.EOF {
		return nil
	} else if err != nil {
		return fmt.Errorf("read contacts: %w", err)
	}
	c.first = []row{{fields, line}}
	for i, field := range fields[:min(len(fields), len(c.columns))] {
		isWords := strings.ContainsFunc(field, unicode.IsLetter) && !strings.ContainsAny(field, "0123456789@")
		if c.columns[i].means == meansNothing && isWords && headers[i] != "" && !isOfElse(wordsOf(headers[i])) {
			c.columns[i].means = meansName
			return nil
		}
	}
	return nil
}

// pass notes the rows above the first that counts.
func (c *CSVReader) pass(n int) {
	for _, row := range c.first[:n] {
		c.at(row.line, cause.ContactLineUnreadable, strings.Join(row.fields, " "))
	}
}

// Next returns a contact and the line that its row begins in. The error is io.EOF after the last one, and otherwise the
// file's: what was read before it stands.
func (c *CSVReader) Next() (Contact, int, error) {
	for {
		var next row
		var err error
		if len(c.first) > 0 {
			next, c.first = c.first[0], c.first[1:]
		} else if next.fields, next.line, err = c.rows.next(); err != nil {
			return Contact{}, 0, err
		}
		if contact, ok := c.contact(next); ok {
			return contact, next.line, nil
		}
	}
}

// contact makes one of a row, false where nobody can be called by it.
func (c *CSVReader) contact(r row) (Contact, bool) {
	var b builder
	name := map[meaning]string{}
	labels := map[string]string{}
	for i, field := range r.fields[:min(len(r.fields), len(c.columns))] {
		field = strings.TrimSpace(unguarded(field))
		if field == "" {
			continue
		}
		switch col := c.columns[i]; col.means {
		case meansNothing, meansAddress:
		case meansLabel:
			labels[col.number] = field
		case meansNote:
			b.contact.Note = strings.TrimSpace(b.contact.Note + "\n" + field)
		case meansGroups:
			b.contact.Favourite = b.contact.Favourite || isStarred(field)
		case meansFavourite:
			b.contact.Favourite = b.contact.Favourite || isYes(field) || isStarred(field)
		case meansUID:
			b.contact.UID = field
		default:
			if name[col.means] == "" {
				name[col.means] = field
			}
		}
	}
	b.contact.Organisation = name[meansCompany]
	for i, field := range r.fields[:min(len(r.fields), len(c.columns))] {
		if col := c.columns[i]; col.means == meansAddress && (!col.loose || isNumberCell(field)) {
			label := col.label
			if own := labels[col.number]; own != "" {
				label = strings.TrimPrefix(own, "* ") // as Google marks the preferred one
			}
			c.addresses(&b, label, unguarded(field), r.line)
		}
	}
	b.contact.Name = nameOf(name)
	contact, ok := b.done()
	if !ok && contact.Name != "" {
		c.at(r.line, cause.ContactWithoutAddress, contact.Name)
	}
	return contact, ok
}

// isNumberCell tells a cell that has a telephone number and nothing else.
func isNumberCell(field string) bool {
	digits := 0
	for _, r := range unguarded(field) {
		sign := config.DigitSign(r)
		if sign == 0 && r != '\n' {
			return false
		} else if sign >= '0' && sign <= '9' {
			digits++
		}
	}
	return digits > 2
}

// nameOf is what people call whom a row is for.
func nameOf(name map[meaning]string) string {
	if name[meansName] != "" && (name[meansFamily] == "" || strings.Contains(name[meansName], name[meansFamily])) {
		return name[meansName]
	}
	parts := strings.Join([]string{name[meansGiven], name[meansMiddle], name[meansFamily]}, " ")
	if strings.TrimSpace(parts) == "" {
		parts = name[meansName]
	} else if name[meansGiven] == "" && name[meansName] != "" {
		parts = name[meansName] + " " + parts // "Name" and "Surname"
	}
	for _, other := range []string{parts, name[meansNick], name[meansCompany]} {
		if strings.TrimSpace(other) != "" {
			return other
		}
	}
	return ""
}

// withoutFraction is a number without the .0 of a program that took it for a quantity.
func withoutFraction(cell string) string {
	whole, fraction, _ := strings.Cut(cell, ".")
	if len(whole) > 4 && isDigits(strings.TrimPrefix(whole, "+")) && fraction == "0" {
		return whole
	}
	return cell
}

// isNothing tells the words that programs write where there is nothing.
func isNothing(cell string) bool {
	switch strings.ToLower(strings.Trim(cell, "()<>")) {
	case "null", `\n`, "nil", "none", "nan", "na", "n/a", "#n/a", "#null!", "#value!", "#ref!", "undefined":
		return true
	}
	return false
}

// addresses takes the addresses in a cell: one, or where that cannot be called as a whole, several.
func (c *CSVReader) addresses(b *builder, label, field string, line int) {
	field = withoutFraction(strings.TrimSpace(field))
	if field == "" || strings.Trim(field, "-–—./ ") == "" || isNothing(field) {
		return
	}
	if !strings.Contains(field, ":::") { // which parts the values of a cell of Google's
		err := b.addRead(label, field)
		if err == nil {
			return
		}
		if !strings.ContainsAny(field, ";,/|\n") {
			c.address(line, field, err)
			return
		}
	}
	taken := 0
	parts := strings.FieldsFunc(strings.ReplaceAll(field, ":::", "\n"), func(r rune) bool {
		return strings.ContainsRune(";,/|\n", r)
	})
	for _, part := range parts[:min(len(parts), mostOfOne)] {
		if len(strings.TrimSpace(part)) > 2 && b.addRead(label, part) == nil {
			taken++
		}
	}
	if taken == 0 {
		_, err := ReadAddress(field)
		c.address(line, field, err)
	}
}
