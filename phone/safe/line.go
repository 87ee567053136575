package safe

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes one line of text that came from the network: what Hides, and what is not UTF-8, becomes �, so that one
// sees that something was there. A flood of combining marks is cut after two, and of text after limit characters.
func Line(s string, limit int) string {
	if plain(s) && len(s) <= limit {
		return s
	}
	return shown(strings.TrimSpace(s), limit, false)
}

// Text is Line for text of several lines: it keeps line ends, written as \n, and tabs as blanks.
func Text(s string, limit int) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	s = strings.ReplaceAll(s, "\t", "    ")
	return shown(strings.Trim(s, "\n"), limit, true)
}

func shown(s string, limit int, lines bool) string {
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
		if Hides(r) && !(lines && r == '\n') {
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
