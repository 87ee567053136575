package contacts

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// LooksLike tells whether a name that somebody gives himself would be taken for that of a contact when it is read: the
// same letters or others that look alike, in any order, with signs, marks or labels ("mobile") around them.
func LooksLike(claimed, name string) bool {
	theirs, ours := lookOf(claimed), lookOf(name)
	if len(ours) == 0 || len(theirs) == 0 {
		return false
	}
	if together(theirs) == together(ours) {
		return true
	}
	rest := slices.DeleteFunc(slices.Clone(theirs), func(word string) bool { return slices.Contains(ours, word) })
	if slices.ContainsFunc(ours, func(word string) bool { return !slices.Contains(theirs, word) }) {
		return false
	}
	return len(ours) > 1 || !slices.ContainsFunc(rest, func(word string) bool {
		return labelOf(word) == "" && !isDigits(word)
	})
}

// PosesAsAddress tells whether a name reads as a number or an address, and as another than those that keys are of.
func PosesAsAddress(claimed string, keys []string) bool {
	if strings.ContainsAny(claimed, "0123456789@") {
		key := Key(claimed)
		return key != "" && !slices.Contains(keys, key)
	}
	return false
}

// Plain writes a name in Latin letters where others look like them, for a search.
func Plain(name string) string { return strings.Join(lookOf(name), " ") }

// lookOf are the words of a name as they look: small, without marks, in Latin letters where others look like them.
func lookOf(name string) []string {
	return wordsOf(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
			return -1
		case r == '0':
			return 'o'
		case r == '1', r == '|':
			return 'l'
		}
		for _, pair := range []string{
			// Unicode Technical Standard 39, confusables: those of letters that people have on their keyboards
			"аa", "вb", "еe", "ѕs", "іi", "јj", "кk", "мm", "нh", "оo", "рp", "сc", "тt", "уy", "хx", "ԁd", "ԛq", "ԝw",
			"һh",
			"ӏl", "ɡg", "ıi", "ɑa", "αa", "βb", "εe", "ηn", "ιi", "κk", "μm", "νv", "οo", "ρp", "τt", "υu", "χx", "γy",
			"ωw", "ɩi", "օo", "սu", "հh", "ցg", "ոn", "ⅼl", "ⅰi", "ѵv", "зz", "ßs", "łl", "øo", "đd",
		} {
			if from := []rune(pair); from[0] == r {
				return from[1]
			}
		}
		return r
	}, strings.ToLower(norm.NFKD.String(name))))
}

// together are words in order, without what parts them.
func together(words []string) string { return strings.Join(slices.Sorted(slices.Values(words)), "") }
