package phone

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"calla/netsip"
	"calla/phone/safe"
)

// What more than these comes in is answered 486 Busy Here.
const (
	maxRinging = netsip.MaxRinging // calls that ring here at once, of all accounts
	maxCalls   = 8                 // calls that live at once
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
	return shown(strings.TrimSpace(s), limit, false)
}

// safeText is safeLine for text of several lines: it keeps line ends, written as \n, and tabs as blanks.
func safeText(s string, limit int) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	s = strings.ReplaceAll(s, "\t", "    ")
	return shown(strings.Trim(s, "\n"), limit, true)
}

// shown is the one place where text of others is made fit to be shown.
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
		if safe.Hides(r) && !(lines && r == '\n') {
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
