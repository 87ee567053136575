package tell

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxGraphemes is how much of a remote name is shown.
const maxGraphemes = 64

// First Strong Isolate and Pop Directional Isolate keep right-to-left text from turning its
// surroundings round (Unicode Standard Annex 9, section 2.4).
const (
	isolateStart = "\u2068"
	isolateEnd   = "\u2069"
)

// SafeLine makes text that came from elsewhere safe to show: one line, what is not printable replaced
// by U+FFFD, no characters that turn the direction of text, at most 64 characters as a person counts
// them, each with at most 4 combining marks; right-to-left text isolated.
func SafeLine(s string) string { return SafeUpTo(s, maxGraphemes) }

// SafeUpTo is safeLine with at most so many characters.
func SafeUpTo(s string, most int) string {
	var out strings.Builder
	count, marks, rtl, joined := 0, 0, false, false
	for _, r := range strings.TrimSpace(s) {
		switch {
		case IsDirectional(r), r == '\u200b', r == '\ufeff', r == '\u2060':
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
		rtl = rtl || unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko)
		out.WriteRune(r)
	}
	if rtl {
		return isolateStart + out.String() + isolateEnd
	}
	return out.String()
}

// IsDirectional tells the characters that set the direction of text.
func IsDirectional(r rune) bool {
	return r == '\u061c' || r == '\u200e' || r == '\u200f' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// isModifier tells what changes the emoji before it: skin tones.
func isModifier(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }
