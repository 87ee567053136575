package contacts

import (
	"bytes"
	"encoding/base64"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// property is one line of a vCard, its folds undone.
type property struct {
	line       int    // its first line's number
	head, body []byte // before and behind the colon
	cut        bool   // more than longestLine; the rest is lost
}

// properties reads those of a file one at a time: RFC 6350 section 3.2, and vCard 2.1 as programs wrote it.
type properties struct {
	lines *lines
	buf   []byte
}

// next returns a property, which is valid until the call after it. What has no colon has a body of nil. err is io.EOF
// at the end.
func (p *properties) next() (property, error) {
	var err error
	var cut, more bool
	if p.buf, cut, err = p.lines.add(p.buf[:0]); err != nil {
		return property{}, err
	}
	read := property{line: p.lines.n}
	colon := headEnd(p.buf)
	quoted := colon >= 0 && bytes.Contains(bytes.ToUpper(p.buf[:colon]), []byte("QUOTED-PRINTABLE"))
	for {
		switch fold, _ := p.lines.r.Peek(1); {
		case quoted && bytes.HasSuffix(p.buf, []byte("=")) && !p.endsCard():
			// a soft line break (RFC 2045 section 6.7): what follows may begin with anything
			p.buf = p.buf[:len(p.buf)-1]
			p.buf, more, err = p.lines.add(p.buf)
		case string(fold) == " " || string(fold) == "\t":
			_, _ = p.lines.r.Discard(1)
			p.buf, more, err = p.lines.add(p.buf)
		default:
			return p.parted(read, cut), nil
		}
		if err == io.EOF {
			return p.parted(read, cut), nil
		} else if err != nil {
			return property{}, err
		}
		cut = cut || more
	}
}

// parted is what p.buf holds.
func (p *properties) parted(read property, cut bool) property {
	read.cut = cut
	colon := headEnd(p.buf)
	if colon < 0 {
		read.head = p.buf
		return read
	}
	read.head, read.body = p.buf[:colon], p.buf[colon+1:]
	return read
}

// endsCard tells whether the next line ends a card or begins one: a soft line break before it is a file's fault.
func (p *properties) endsCard() bool {
	next, _ := p.lines.r.Peek(len("BEGIN:VCARD"))
	return bytes.EqualFold(next, []byte("BEGIN:VCARD")) ||
		len(next) >= len("END:VCARD") && bytes.EqualFold(next[:len("END:VCARD")], []byte("END:VCARD"))
}

// headEnd finds the colon behind the name and parameters of a property: the first that is not in quotes, or where the
// quotes do not end, the first.
func headEnd(line []byte) int {
	quoted := false
	for i, c := range line {
		switch c {
		case '"':
			quoted = !quoted
		case ':':
			if !quoted {
				return i
			}
		}
	}
	return bytes.IndexByte(line, ':')
}

// name returns the property's name in capitals, without its group.
func (p property) name() string {
	name, _, _ := bytes.Cut(p.head, []byte(";"))
	if dot := bytes.LastIndexByte(name, '.'); dot >= 0 {
		name = name[dot+1:]
	}
	return strings.ToUpper(string(bytes.TrimSpace(name)))
}

// is tells whether it is the property name with the value, such as BEGIN with VCARD.
func (p property) is(name, value string) bool {
	return p.name() == name && strings.EqualFold(string(bytes.TrimSpace(p.body)), value)
}

// kept stands for a semicolon that parts nothing, until a value has been taken apart.
const kept = "\x1f"

// mended writes the property as RFC 6350 wants it, in UTF-8, with its line's number as a parameter: parameters of vCard
// 2.1 that are values alone get their names, quoted-printable and the code page are undone, and of the parameters those
// stay that say something here.
//
// A value that is written as octets is in the code page that the property names, or else in that of the file. Any other
// value has been read with the file where that was decoded as a whole, whatever the property says.
func (p property) mended(file *lines) string {
	var encoding, charset string
	var params []string
	for _, param := range paramsOf(decoded(p.head)) {
		name, value, named := strings.Cut(strings.TrimSpace(param), "=")
		if !named {
			name, value = "TYPE", name
			if known := strings.ToUpper(value); known == "QUOTED-PRINTABLE" || known == "BASE64" || known == "8BIT" ||
				known == "7BIT" {
				name = "ENCODING"
			}
		}
		switch name = strings.ToUpper(strings.TrimSpace(name)); name {
		case "ENCODING":
			encoding = strings.ToUpper(value)
		case "CHARSET":
			charset = value
		case "TYPE":
			for one := range strings.SplitSeq(value, ",") {
				params = append(params, "TYPE="+strings.TrimSpace(one))
			}
		case "PREF":
			params = append(params, "PREF="+value)
		}
		if len(params) > mostOfOne {
			break
		}
	}
	body, octets := p.body, false
	switch encoding {
	case "QUOTED-PRINTABLE":
		body, octets = quotedPrintable(body), true
	case "BASE64", "B":
		if plain, err := base64.StdEncoding.DecodeString(string(body)); err == nil {
			body, octets = plain, true
		}
	}
	switch {
	case !octets && file.decoded:
		charset = ""
	case octets && charset == "" && !utf8.Valid(body):
		charset = file.codePage
	}
	value := strings.NewReplacer(`\\`, `\\`, `\N`, `\n`, `\;`, kept, `\:`, ":", "\r\n", `\n`, "\n", `\n`, "\r", `\n`,
		kept, "",
		"\x00", "").Replace(inCodePage(body, charset))
	params = append(params, lineParam+"="+strconv.Itoa(p.line))
	return group(p.head) + p.name() + ";" + strings.Join(params, ";") + ":" + value
}

// paramsOf are what stands behind the name of a property, without quotes: those of RFC 6350 section 3.3, and others'.
func paramsOf(head string) (params []string) {
	quoted, whole := false, strings.Count(head, `"`)%2 == 0
	parts := strings.FieldsFunc(head, func(r rune) bool {
		quoted = quoted != (r == '"' && whole)
		return r == ';' && !quoted
	})
	for i, part := range parts {
		if i > 0 || strings.HasPrefix(head, ";") {
			if strings.ContainsAny(part, `";:`) {
				part = strings.NewReplacer(`"`, "", ";", " ", ":", " ").Replace(part)
			}
			params = append(params, part)
		}
	}
	return params
}

// lineParam is the parameter that carries a property's line.
const lineParam = "X-LINE"

// group returns what binds a property to its label, "item1.", or nothing.
func group(head []byte) string {
	name, _, _ := bytes.Cut(head, []byte(";"))
	if dot := bytes.IndexByte(name, '.'); dot > 0 && dot <= longestLabel {
		return strings.ToLower(decoded(name[:dot+1]))
	}
	return ""
}

// quotedPrintable undoes RFC 2045 section 6.7. What is no escape stands for itself.
func quotedPrintable(s []byte) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '=' && i+2 < len(s) {
			high, low := hexDigit(s[i+1]), hexDigit(s[i+2])
			if high >= 0 && low >= 0 {
				out = append(out, byte(high<<4|low))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

// hexDigit returns the value of a digit, -1 for what is none.
func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
