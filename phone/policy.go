package phone

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxCalls is how many calls may live at once: a second incoming one is answered 486 Busy Here.
const maxCalls = 1

// shownText is how much of a text from the network is shown, in characters.
const shownText = 64

// safeLine makes one line of text that came from the network: control characters, marks that turn the
// writing direction and what is not UTF-8 become �, and a flood of combining marks or of text is cut
// after limit characters.
func safeLine(s string, limit int) string {
	if plain(s) && len(s) <= limit {
		return s
	}
	var b strings.Builder
	n, marks := 0, 0
	for _, r := range strings.TrimSpace(s) {
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
		if turnsOrHides(r) {
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

// dtmfDigits takes what can be sent as DTMF out of typed or pasted text: digits, letters A to D, * and #,
// and commas for pauses.
func dtmfDigits(s string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToUpper(r)
		if strings.ContainsRune("0123456789ABCD*#,", r) {
			return r
		}
		return -1
	}, s)
}
