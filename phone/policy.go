package phone

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// What more than these comes in is answered 486 Busy Here.
const (
	maxRinging = 4 // calls that ring here at once
	maxCalls   = 8 // calls that live at once
)

// shownText is how much of a text from the network is shown, in characters.
const shownText = 64

// safeLine makes one line of text that came from the network: control characters, marks that turn the
// writing direction and what is not UTF-8 become �, and a flood of combining marks or of text is cut
// after limit characters.
func safeLine(s string, limit int) string {
	if plain(s) && len(s) <= limit {
		return s
	}
	return safe(strings.TrimSpace(s), limit, false)
}

// safeText is safeLine for text of several lines: it keeps line ends, written as \n, and tabs as blanks.
func safeText(s string, limit int) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	s = strings.ReplaceAll(s, "\t", "    ")
	return safe(strings.Trim(s, "\n"), limit, true)
}

// safe is the one place where text of others is made fit to be shown.
func safe(s string, limit int, lines bool) string {
	var b strings.Builder
	n, marks := 0, 0
	for _, r := range s {
		if unicode.Is(unicode.Mn, r) {
			if marks++; marks > 2 {
				continue
			}
		} else {
			marks = 0
		}
		if n++; n > limit {
			return b.String() + "…"
		}
		if turnsOrHides(r) && !(lines && r == '\n') {
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plain tells whether s is printable ASCII.
func plain(s string) bool {
	return !slices.ContainsFunc([]byte(s), func(c byte) bool { return c < ' ' || c >= 0x7f })
}

// turnsOrHides tells whether a character controls rather than shows: Unicode's controls, line and
// paragraph separators, bidirectional controls and zero-width characters but the joiners that emoji
// and Indic scripts need.
func turnsOrHides(r rune) bool {
	const zwnj, zwj = 0x200c, 0x200d
	switch {
	case r == zwnj || r == zwj:
		return false
	case r == utf8.RuneError:
		return true
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs)
}

// Visible writes what a terminal would obey, hide or turn round (turnsOrHides, and bytes that are not UTF-8) as escapes:
// \u001b, \u009b, \u202e; \x9b for a raw byte. Line ends and tabs stay. What stands in JSON strings keeps its meaning
// (RFC 8259 section 7). dst is appended to.
func Visible(dst, text []byte) []byte {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && n == 1:
			dst = fmt.Appendf(dst, `\x%02x`, text[0])
		case r == '\n', r == '\t', r == utf8.RuneError, !turnsOrHides(r):
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
