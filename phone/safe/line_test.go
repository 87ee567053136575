package safe

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextFromTheNetworkIsOneSafeLine(t *testing.T) {
	for in, want := range map[string]string{
		"Alice":                            "Alice",
		"Ünïcødé 👩‍👩‍👧":                    "Ünïcødé 👩‍👩‍👧",
		"a\r\nb\x00c\x1b[31m":              "a��b�c�[31m",
		"evil\u202egpj.exe":                "evil�gpj.exe",
		"zero\u200bwidth\ufeff":            "zero�width�",
		"line\u2028sep":                    "line�sep",
		"bad \xff utf":                     "bad � utf",
		"é" + strings.Repeat("\u0301", 50): "é\u0301\u0301",
	} {
		if got := Line(in, 64); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	if got := Line(strings.Repeat("x", 10000), 64); utf8.RuneCountInString(got) != 64+1 {
		t.Errorf("a long text is shown with %d characters", utf8.RuneCountInString(got))
	}
}

func TestTextsOfSeveralLinesAreMadeSafe(t *testing.T) {
	for in, want := range map[string]string{
		"one":                        "one",
		"one\r\ntwo\rthree\nfour":    "one\ntwo\nthree\nfour",
		"\n\n  indented\n\nkept\n\n": "  indented\n\nkept",
		"a\tb":                       "a    b",
		"bell\a \x1b[31m":            "bell� �[31m",
		"turn\u202egnirts":           "turn�gnirts",
		"bad \xff utf":               "bad � utf",
		"Grüße 👩‍🔧":                  "Grüße 👩‍🔧",
	} {
		if got := Text(in, 1000); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	if got := Text(strings.Repeat("line\n", 10000), 1000); utf8.RuneCountInString(got) != 1001 {
		t.Errorf("a long text is shown with %d characters", utf8.RuneCountInString(got))
	}
}

// TestOnlyTextFromRightToLeftIsIsolated: what stands beside a name of another writing direction stays where it is.
func TestOnlyTextFromRightToLeftIsIsolated(t *testing.T) {
	for _, c := range []struct {
		name, text string
		isolated   bool
	}{
		{"nothing", "", false},
		{"Latin", "Alice 12", false},
		{"Chinese", "電話", false},
		{"Hebrew", "אליס 12", true},
		{"Arabic in Latin", "Dr أليس", true},
		{"Syriac", "ܐܠܝܣ", true},
		{"Thaana", "އެލިސް", true},
		{"N'Ko", "ߊߟߌߛ", true},
		{"a Hebrew point on a Latin letter", "e\u05b0", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := c.text
			if c.isolated {
				want = "\u2068" + c.text + "\u2069"
			}
			if got := Isolate(c.text); got != want {
				t.Errorf("%q", got)
			}
		})
	}
}

// TestLabelsHaveRoom: characters are counted as a person counts them, and what has no width or turns text goes.
func TestLabelsHaveRoom(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"as it is", "abc", "abc"},
		{"too long", "abcd", "abc…"},
		{"blanks and line ends", " a\r\nb ", "a  …"},
		{"one emoji of several", "👩‍👩‍👧ab", "👩‍👩‍👧ab"},
		{"marks", "e\u0301\u0301\u0301\u0301\u0301bc", "e\u0301\u0301\u0301\u0301bc"},
		{"a mark alone", "\u0301a", "a"},
		{"no width", "a\u200bb\ufeff\u2060c", "abc"},
		{"turned round", "\u202ea\u2067b\u200fc", "abc"},
		{"controls", "a\x1b\xff", "a\ufffd\ufffd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Label(c.text, 3); got != c.want {
				t.Errorf("%q became %q, want %q", c.text, got, c.want)
			}
		})
	}
}
