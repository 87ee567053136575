// Package safe decides what of others' texts is fit to be shown, and how: Line and Text in State, Label and Isolate in
// a window, Visible in a terminal and a log.
package safe

import (
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Hides tells whether a character controls rather than shows: Unicode's controls, line and
// paragraph separators, bidirectional controls and zero-width characters but the joiners that emoji
// and Indic scripts need.
func Hides(r rune) bool {
	const zwnj, zwj = 0x200c, 0x200d
	switch {
	case r == zwnj || r == zwj:
		return false
	case r == utf8.RuneError:
		return true
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs)
}

// Visible writes what a terminal would obey, hide or turn round (Hides, and bytes that are not UTF-8) as escapes:
// \u001b, \u009b, \u202e; \x9b for a raw byte. Line ends and tabs stay. What stands in JSON strings keeps its meaning
// (RFC 8259 section 7). dst is appended to.
func Visible(dst, text []byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && n == 1:
			dst = fmt.Appendf(dst, `\x%02x`, text[0])
		case r == '\n', r == '\t', r == utf8.RuneError, !Hides(r):
			dst = append(dst, text[:n]...)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				dst = fmt.Appendf(dst, `\u%04x`, unit)
			}
		}
		text = text[n:]
	}
	return dst
}
