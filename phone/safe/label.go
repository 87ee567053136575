package safe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Label makes text that came from elsewhere one line that has room in a window: what is not printable becomes �,
// blanks of every kind one blank each, and what Turns or has no width goes. It has at most so many characters as a
// person counts them, each with at most 4 combining marks.
func Label(s string, most int) string {
	var out strings.Builder
	count, marks, joined := 0, 0, false
	for _, r := range strings.TrimSpace(s) {
		switch {
		case Turns(r), r == '\u200b', r == '\ufeff', r == '\u2060':
			continue
		case r == '\n', r == '\r', r == '\t', r == '\u2028', r == '\u2029', unicode.Is(unicode.Zs, r):
			r = ' '
		case r == '\u200d' || r == '\u200c':
			joined = r == '\u200d' && marks < 4
			marks++
			if marks <= 4 {
				out.WriteRune(r)
			}
			continue
		case unicode.Is(unicode.M, r), isModifier(r):
			if marks++; marks <= 4 && count > 0 {
				out.WriteRune(r)
			}
			continue
		case r == utf8.RuneError, !unicode.IsPrint(r):
			r = utf8.RuneError
		}
		if !joined {
			if count++; count > most {
				out.WriteString("…")
				break
			}
			marks = 0
		}
		joined = false
		out.WriteRune(r)
	}
	return out.String()
}

// First Strong Isolate and Pop Directional Isolate (Unicode Standard Annex 9, section 2.4).
const (
	isolateStart = "\u2068"
	isolateEnd   = "\u2069"
)

// Isolate keeps a text that is written from right to left from turning round what stands beside it in a window. A text
// without such letters stays as it is.
func Isolate(s string) string {
	for _, r := range s {
		if !unicode.Is(unicode.M, r) &&
			unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko) {
			return isolateStart + s + isolateEnd
		}
	}
	return s
}

// Turns tells the characters that set the direction of text.
func Turns(r rune) bool {
	return r == '\u061c' || r == '\u200e' || r == '\u200f' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// isModifier tells what changes the emoji before it: skin tones.
func isModifier(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }
