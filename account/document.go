package account

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// fileFormat is the version of the files this program writes.
const fileFormat = 1

// editedByHand, as the checksum, makes a file valid whatever it holds: for a person who edits it.
const editedByHand = "edited"

// byteOrderMark begins text files of some editors. It says nothing, and is no damage.
const byteOrderMark = "\xef\xbb\xbf"

// errNewer is a file of a later format than this program knows.
var errNewer = errors.New("was written by a newer Calla")

// lineError is what is wrong with a file, and where.
type lineError struct {
	line   int // from 1
	reason string
}

func (e *lineError) Error() string { return fmt.Sprintf("in line %d %s", e.line, e.reason) }

// partError is what is wrong with a part of a file: its text there, or the name of a member.
type partError struct {
	part   []byte
	reason string
}

func (e *partError) Error() string { return e.reason }

// lineOf returns the line in which an offset lies.
func lineOf(text []byte, offset int) int {
	return 1 + bytes.Count(text[:min(max(offset, 0), len(text))], []byte("\n"))
}

// atLine is an error at an offset of a text.
func atLine(text []byte, offset int, reason string) error {
	return &lineError{lineOf(text, offset), reason}
}

// document is a kept file: a JSON object with "format", "saved", "checksum" and the members proper.
// Members that this program does not know stay in it.
type document map[string]json.RawMessage

// parseDocument checks that data is one whole document.
func parseDocument(data []byte, check func(document) error) (document, error) {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if err := checkText(data); err != nil {
		return nil, err
	}
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, syntaxWords(data, err)
	}
	if doc == nil {
		return nil, atLine(data, 0, "has null where the document begins")
	}
	var sum string
	if err := json.Unmarshal(doc["checksum"], &sum); err != nil || sum != editedByHand && sum != doc.checksum() {
		return nil, errors.New("does not match its checksum: it was changed, but not by Calla " +
			`("checksum": "edited" lets it count)`)
	}
	var format int
	if err := json.Unmarshal(doc["format"], &format); err != nil || format < 1 {
		return nil, errors.New("has no format version")
	}
	if format > fileFormat {
		return doc, errNewer
	}
	if err := check(doc); err != nil {
		var at *partError
		if errors.As(err, &at) && bytes.Contains(data, at.part) {
			return nil, atLine(data, bytes.Index(data, at.part), at.reason)
		}
		return nil, err
	}
	return doc, nil
}

// checkText tells what keeps data from being JSON text at all.
func checkText(data []byte) error {
	switch {
	case len(data) == 0:
		return errors.New("is empty")
	case len(data) > maxFileSize:
		return fmt.Errorf("is larger than %d MB", maxFileSize>>20)
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")),
		bytes.HasPrefix(data, []byte("{\x00")), bytes.HasPrefix(data, []byte("\x00{")):
		return errors.New("is written in UTF-16, not in UTF-8: save it as UTF-8")
	}
	if len(bytes.Trim(data, "\x00")) == 0 {
		return errors.New("holds nothing but zeros: the disk, or a crash, took what was in it")
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return atLine(data, i, "holds zeros where text belongs")
	}
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if !utf8.Valid(text) {
			return &lineError{line, "is not UTF-8 text"}
		}
		for _, mark := range []string{"<<<<<<<", ">>>>>>>"} {
			if bytes.HasPrefix(text, []byte(mark)) {
				return &lineError{line, "has the marks of two versions that were not merged (" + mark + ")"}
			}
		}
	}
	return nil
}

// syntaxWords tells where and why data is not JSON, or not an object.
func syntaxWords(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax) && strings.Contains(err.Error(), "after top-level value"):
		return atLine(data, int(syntax.Offset)-1, "has something behind its end")
	case errors.As(err, &syntax) && strings.Contains(err.Error(), "unexpected end"):
		return atLine(data, len(bytes.TrimRight(data, "\n")), "is not whole: the text ends there")
	case errors.As(err, &syntax):
		return atLine(data, int(syntax.Offset)-1, "is not whole: "+misplaced(data[syntax.Offset-1:]))
	case errors.As(err, &kind):
		name := map[string]string{"array": "a list", "string": "a text", "number": "a number"}[kind.Value]
		return atLine(data, 0, "has "+cmp.Or(name, kind.Value)+" where an object belongs")
	}
	return errors.New("is not whole")
}

// misplaced names the character that data begins with, which JSON has no place for there.
func misplaced(data []byte) string {
	if r, _ := utf8.DecodeRune(data); unicode.IsPrint(r) && r != utf8.RuneError {
		return "“" + string(r) + "” does not belong there"
	}
	return "a character there does not belong into a text"
}

// checksum covers every member but itself, whatever the white space between them.
func (d document) checksum() string {
	covered := make(document, len(d))
	for name, v := range d {
		if name != "checksum" {
			covered[name] = v
		}
	}
	data, err := json.Marshal(covered)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// encode returns the file's bytes: format and saved set, the checksum last.
func (d document) encode() ([]byte, error) {
	d["format"] = json.RawMessage(strconv.Itoa(fileFormat))
	saved, err := json.Marshal(time.Now().UTC().Format(time.RFC3339))
	if err != nil {
		return nil, err
	}
	d["saved"] = saved
	names := make([]string, 0, len(d))
	for name := range d {
		if name != "checksum" && name != "format" && name != "saved" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = append([]string{"format", "saved"}, names...)
	var b strings.Builder
	b.WriteByte('{')
	for _, name := range names {
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s:%s,", key, d[name])
	}
	fmt.Fprintf(&b, `"checksum":"%s"}`, d.checksum())
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(b.String()), "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// same tells whether two documents hold the same, apart from when they were saved.
func (d document) same(e document) bool {
	plain := func(d document) string {
		covered := make(document, len(d))
		for name, v := range d {
			if name != "saved" && name != "format" {
				covered[name] = v
			}
		}
		return covered.checksum()
	}
	return plain(d) == plain(e)
}

// saved returns when the document was written; zero when it does not tell.
func (d document) saved() time.Time {
	var s string
	if json.Unmarshal(d["saved"], &s) != nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
