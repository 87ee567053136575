package jssip

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// trimQuotes takes the first and last character of a string away.
func trimQuotes(s string) string {
	r := []rune(s)
	if len(r) < 2 {
		return ""
	}
	return string(r[1 : len(r)-1])
}

// number reads a number of JavaScript, in decimal or after 0x, 0o, 0b.
func number(s string) float64 {
	s = strings.TrimSuffix(strings.ReplaceAll(s, "_", ""), "n")
	if len(s) > 2 && s[0] == '0' && slices.Contains([]byte("xXoObB"), s[1]) {
		v, err := strconv.ParseUint(s, 0, 64)
		if err != nil {
			return math.Inf(1)
		}
		return float64(v)
	}
	v, _ := strconv.ParseFloat(s, 64) // too large is Infinity, as in JavaScript
	return v
}

// unescape carries the backslashes of a string out.
func unescape(s string) string {
	if !strings.Contains(s, "\\") {
		return s
	}
	var b strings.Builder
	for s != "" {
		if s[0] != '\\' || len(s) == 1 {
			b.WriteByte(s[0])
			s = s[1:]
			continue
		}
		r, n := escaped(s)
		b.WriteString(r)
		s = s[n:]
	}
	return b.String()
}

// escaped returns what the escape that s begins with stands for, and its length.
func escaped(s string) (string, int) {
	if i := strings.IndexByte("nrtbfv0", s[1]); i >= 0 {
		return "\n\r\t\b\f\v\x00"[i : i+1], 2
	}
	digits, from, length := 0, 2, 0
	switch {
	case s[1] == '\r' && strings.HasPrefix(s[2:], "\n"):
		return "", 3
	case s[1] == '\n' || s[1] == '\r':
		return "", 2
	case s[1] == 'x':
		digits, length = 2, 4
	case s[1] == 'u' && strings.HasPrefix(s[2:], "{"):
		digits = strings.IndexByte(s, '}') - 3
		from, length = 3, digits+4
	case s[1] == 'u':
		digits, length = 4, 6
	}
	if digits > 0 && len(s) >= length {
		if v, err := strconv.ParseUint(s[from:from+digits], 16, 21); err == nil {
			if low, is := lowSurrogate(s[length:]); is && v >= 0xD800 && v < 0xDC00 {
				return string(rune(0x10000 + (v-0xD800)<<10 + low)), length + 6
			}
			return string(rune(v)), length
		}
	}
	_, n := utf8.DecodeRuneInString(s[1:])
	return s[1 : 1+n], 1 + n
}

// lowSurrogate returns the second half of a character in UTF-16 that s begins with.
func lowSurrogate(s string) (uint64, bool) {
	if len(s) < 6 || s[:2] != `\u` {
		return 0, false
	}
	v, err := strconv.ParseUint(s[2:6], 16, 16)
	return v - 0xDC00, err == nil && v >= 0xDC00 && v < 0xE000
}
