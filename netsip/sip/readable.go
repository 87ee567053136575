package sip

import (
	"strings"
	"unicode/utf8"
)

// Readable is a text in UTF-8, as SIP wants it (RFC 3261 section 7.3), also where whoever wrote it used Latin-1: octets
// that are no UTF-8 are taken for that. What are controls there becomes U+FFFD.
func Readable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r != utf8.RuneError || n != 1:
			b.WriteString(s[:n])
		case s[0] < 0xa0:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(rune(s[0]))
		}
		s = s[n:]
	}
	return b.String()
}
