package security

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// tricks are names that try to look like something else, or to be obeyed by a terminal.
func tricks() map[string]string {
	return map[string]string{
		"right to left":     "alice\u202egnp.exe",
		"isolates":          "a\u2066b\u2069c\u2067d",
		"zero width":        "al\u200bi\u200dce\ufeff",
		"combining marks":   "z" + strings.Repeat("\u0301", 500),
		"joined emoji":      strings.Repeat("\U0001F468\u200D\U0001F469\u200D", 100),
		"a NUL":             "ali\x00ce",
		"no UTF-8":          "ali\xff\xfece",
		"markup":            "<b>Alice</b><img src=x>",
		"an escape":         "\x1b[2J\x1b]0;evil\x07Alice",
		"a C1 control":      "\u009b2JAlice",
		"a bare C1 octet":   "\x9b2JAlice",
		"a return":          "Alice\rMallory",
		"a line":            "Alice\u2028Mallory\u2029",
		"a formula":         "=cmd|'/C calc'!A0",
		"a backspace":       "Alice\b\b\b\b\bBob",
		"tags":              "Alice\U000E0041\U000E0042",
		"a very long name":  strings.Repeat("long ", 2000),
		"format directives": "%n%s%x%d",
	}
}

// wantPlain holds that what was printed does nothing to a terminal and shows no text in another order.
func wantPlain(t *testing.T, what, printed string) {
	t.Helper()
	if !utf8.ValidString(printed) {
		t.Errorf("%s: what is printed is no UTF-8", what)
	}
	for _, r := range printed {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' ||
			r == '\u2029') {
			t.Errorf("%s: prints %U", what, r)
			return
		}
	}
}

// TestS19NamesDoNotDeceive: whatever a caller's name is made of, it is one line, does nothing to a terminal, keeps the
// order of the text, and the address stands beside it.
//
// Holds: terminal
func TestS19NamesDoNotDeceive(t *testing.T) {
	g := attack(t, nil)
	for name, text := range tricks() {
		t.Run(name, func(t *testing.T) {
			before := len(g.Output.String())
			g.bounded(name, 6<<20, func() {
				m := g.Request("INVITE", offer)
				m.Set("From", "\""+strings.NewReplacer(`"`, "", `\`,
					"").Replace(text)+"\" <sip:mallory-"+strings.ReplaceAll(name, " ", "-")+"@hostile.test>;tag=x")
				if code := g.try(m); code != 180 && code != 400 {
					t.Errorf("answered with %d", code)
				}
				g.wantStatus("a message", g.Request("MESSAGE", "Content-Type: text/plain", "Body: "+text), 200, 202,
					400, 413, 415, 488, 513)
			})
			printed := g.Output.String()[before:]
			wantPlain(t, name, printed)
			for line := range strings.Lines(printed) {
				if strings.Contains(line, "← Call from") {
					if n := utf8.RuneCountInString(line); n > 300 {
						t.Errorf("a line of %d characters", n)
					}
					if !strings.Contains(line, "mallory-") {
						t.Errorf("the address is not shown: %s", line)
					}
				}
			}
		})
	}
}
