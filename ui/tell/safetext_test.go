package tell

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestSafeLine: remote text is one line of at most 64 characters that cannot reorder or hide its
// surroundings.
func TestSafeLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Bob Marsh", "Bob Marsh"},
		{"  Bob\r\n\tMarsh ", "Bob   Marsh"},
		{"a\x00b\x1b[31mc", "a\ufffdb\ufffd[31mc"},
		{"\xff\xfeA", "\ufffd\ufffdA"},
		{"\u202eevil\u202c", "evil"},
		{"pay\u200bpal\ufeff", "paypal"},
		{"<b>Bob</b>", "<b>Bob</b>"},
		{"أليس", "\u2068أليس\u2069"},
		{"אליס 12", "\u2068אליס 12\u2069"},
		{"¶€ĸøĸø", "¶€ĸøĸø"},
		{"e\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301\u0301"},
		{"👩‍👩‍👧", "👩‍👩‍👧"},
		{strings.Repeat("x", 64), strings.Repeat("x", 64)},
		{strings.Repeat("x", 65), strings.Repeat("x", 64) + "…"},
		{"", ""},
	} {
		if got := SafeLine(c.in); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.in, got, c.want)
		}
	}
}

// FuzzSafeLine: whatever comes is short, valid and one line.
func FuzzSafeLine(f *testing.F) {
	for _, s := range []string{"Bob", "\u202e\u0301\u200d", strings.Repeat("e\u0301", 100), "\xff\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := SafeLine(s)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x00\u202e\u202d") {
			t.Errorf("%q is shown as %q", s, got)
		}
		if n := utf8.RuneCountInString(got); n > 6*maxGraphemes+8 {
			t.Errorf("%d characters", n)
		}
	})
}
