package sip

import (
	"errors"
	"fmt"
	"strings"
)

// The characters of a token (RFC 3261 section 25.1) as two bit sets, for octets 0 to 63 and 64 to 127.
const (
	tokenLow = 0x3ff<<'0' | 1<<'!' | 1<<'%' | 1<<'\'' | 1<<'*' | 1<<'+' | 1<<'-' | 1<<'.'

	tokenHigh = 0x3ffffff<<('A'-64) | 0x3ffffff<<('a'-64) | 1<<('_'-64) | 1<<('`'-64) | 1<<('~'-64)
)

func isTokenChar(c byte) bool {
	if c < 64 {
		return uint64(tokenLow)>>c&1 != 0
	}
	return c < 128 && uint64(tokenHigh)>>(c-64)&1 != 0
}

func isToken(s string) bool { return s != "" && tokenLen(s) == len(s) }

// tokenLen tells how many octets at the start of s belong to a token.
func tokenLen(s string) int {
	for i := 0; i < len(s); i++ {
		if !isTokenChar(s[i]) {
			return i
		}
	}
	return len(s)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// skipSpace drops leading white space. Folds are already joined, so this is all LWS there is.
func skipSpace(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	return s
}

func trimSpace(s string) string {
	s = skipSpace(s)
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// quotedLen gives the length of the quoted string s starts with, both quotes included, or -1 where it
// does not end.
func quotedLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// UnquoteString gives what a quoted string means. Anything else is returned as it is.
func UnquoteString(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}

// QuoteString writes s as a quoted string (RFC 3261 section 25.1), with \ and " escaped.
func QuoteString(s string) string {
	return string(appendQuoted(make([]byte, 0, len(s)+2), s))
}

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// nextElement cuts the first element off a comma list; commas in quoted strings and between < and >
// do not count (RFC 3261 section 7.3.1). more is false when list was its last element.
func nextElement(list string) (element, rest string, more bool) {
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case ',':
			return trimSpace(list[:i]), list[i+1:], true
		case '"':
			n := quotedLen(list[i:])
			if n < 0 {
				return trimSpace(list), "", false
			}
			i += n - 1
		case '<':
			n := strings.IndexByte(list[i:], '>')
			if n < 0 {
				return trimSpace(list), "", false
			}
			i += n
		}
	}
	return trimSpace(list), "", false
}

// number reads a decimal of at most max; leading zeros are allowed, a sign is not.
func number(s string, max uint64) (uint64, bool) {
	if s == "" {
		return 0, false
	}
	var n uint64
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + uint64(s[i]-'0')
		if n > max {
			return 0, false
		}
	}
	return n, true
}

// ErrControlCharacter is what CheckText finds.
var ErrControlCharacter = errors.New("sip: text holds a CR, LF or NUL")

// CheckText refuses text with CR, LF or NUL. Every configured or dialled string that goes into a header
// has to pass it, so that no header can be smuggled into a message.
func CheckText(s string) error {
	if strings.ContainsAny(s, "\r\n\x00") {
		return ErrControlCharacter
	}
	return nil
}

// syntaxError makes the error of a value that cannot be read, with as much of it as a line can show.
func syntaxError(what, value, why string) error {
	const shown = 80
	if len(value) > shown {
		return fmt.Errorf("%s %q…: %s", what, value[:shown], why)
	}
	return fmt.Errorf("%s %q: %s", what, value, why)
}
