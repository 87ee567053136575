package journal

import (
	"database/sql"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// People type names as their keyboards have them, and the index knows capitals and the marks of Latin letters alone. So
// it also has, in the columns named digits, other spellings of words:
//
//	Straße, Işık, Łukasz   strasse, isik, lukasz
//	Müller, Søren          mueller, soeren       as those write who have no such letters
//	Ёлкин, مُحَمَّد           елкин, محمد           without the marks of any script
//	田中太郎               田中 中太 太郎 郎     scripts that put no blanks between words, in pairs of characters
//
// What is typed is asked for in the same spellings.

// What a row gets beyond its own words is bounded.
const (
	longestSpelt  = 8 << 10 // characters of a text
	mostSpellings = 2000    // words
)

// spelling is a word in parts: those of scripts without blanks, and the others.
type spelling []piece

type piece struct {
	text   string
	joined bool // of a script without blanks
}

// spellings are the other spellings of a word, none where it is found as it is.
func spellings(word string) []spelling {
	if isASCII(word) {
		return nil
	}
	var all []spelling
	plain := folded(word, false)
	parts := partsOf(plain)
	if plain != indexed(word) || len(parts) > 1 || len(parts) == 1 && parts[0].joined {
		all = append(all, parts)
	}
	if long := folded(word, true); long != plain {
		all = append(all, partsOf(long))
	}
	return all
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// indexed is about what the index makes of a word: small letters, Latin ones without marks.
func indexed(word string) string {
	return strings.Map(func(r rune) rune {
		if base := []rune(norm.NFD.String(string(r))); unicode.Is(unicode.Latin, base[0]) {
			return base[0]
		}
		return r
	}, strings.ToLower(norm.NFC.String(word)))
}

// folded is a word in small letters without marks, other letters in the place of some; long: two for one with a mark.
func folded(word string, long bool) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.ToLower(word)) {
		if in := longLetters(r); long && in != "" {
			b.WriteString(in)
			continue
		}
		for _, base := range norm.NFKD.String(string(r)) {
			switch in := plainLetters(base); {
			case in != "":
				b.WriteString(in)
			case inToken(base) && base != 'ـ': // which only makes Arabic words longer
				b.WriteRune(base)
			}
		}
	}
	return norm.NFC.String(b.String()) // Hangul, whose letters were parted
}

// plainLetters writes letters that are no others with marks as those do who do not have them on their keyboards.
func plainLetters(r rune) string {
	switch r {
	case 'ı':
		return "i"
	case 'ß':
		return "ss"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'ħ':
		return "h"
	case 'þ':
		return "th"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ς':
		return "σ"
	case 'ک': // Persian, and what Arabic keyboards have
		return "ك"
	case 'ی', 'ى':
		return "ي"
	case 'ة':
		return "ه"
	}
	return ""
}

// longLetters writes letters with marks as two.
func longLetters(r rune) string {
	switch r {
	case 'ä':
		return "ae"
	case 'ö', 'ø':
		return "oe"
	case 'ü':
		return "ue"
	case 'å':
		return "aa"
	}
	return ""
}

// partsOf takes a word apart where one script without blanks begins or ends.
func partsOf(word string) spelling {
	var all spelling
	for _, r := range word {
		joined := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai,
			unicode.Lao, unicode.Khmer, unicode.Myanmar) || r == 'ー'
		if n := len(all); n == 0 || all[n-1].joined != joined {
			all = append(all, piece{joined: joined})
		}
		all[len(all)-1].text += string(r)
	}
	return all
}

// asked are the words by which it is asked for.
func (s spelling) asked() []string {
	var all []string
	for _, p := range s {
		pairs := pairsOf(p)
		if len(pairs) > 1 && p.joined {
			pairs = pairs[:len(pairs)-1] // the last character is half of a pair
		}
		all = append(all, pairs...)
	}
	return all
}

// pairsOf are the words that the index has of a part: each two characters that follow each other, and the last one.
func pairsOf(p piece) []string {
	if !p.joined {
		return []string{p.text}
	}
	var all []string
	runes := []rune(p.text)
	for i := range runes {
		all = append(all, string(runes[i:min(i+2, len(runes))]))
	}
	return all
}

// foundBy is what a row's column digits has: the ends of its number, and other spellings of its texts.
func foundBy(digits string, texts ...string) string {
	all := strings.Fields(digits)
	most := len(all) + mostSpellings
	seen := map[string]bool{}
	for _, text := range texts {
		if isASCII(text) {
			continue
		}
		for _, w := range otherWords(cut(text, longestSpelt)) {
			if !seen[w] && len(all) < most {
				seen[w] = true
				all = append(all, w)
			}
		}
	}
	return strings.Join(all, " ")
}

// otherWords are the words of a text in their other spellings.
func otherWords(text string) []string {
	var all []string
	for _, word := range wordsIn(text) {
		for _, s := range spellings(word) {
			for _, p := range s {
				all = append(all, pairsOf(p)...)
			}
		}
	}
	return all
}

// spellAnew gives rows of an older file the other spellings of their texts.
func spellAnew(tx *sql.Tx) error {
	for _, t := range []struct{ table, texts, also string }{
		{"calls", "name || ' ' || note", ""},
		{"messages", "name || ' ' || text", ""},
		{"contacts", "name || ' ' || organisation || ' ' || note", " OR addresses LIKE '%(0)%'"},
	} {
		page := "SELECT id, digits, " + t.texts + " FROM " + t.table + " WHERE id > ? AND (length(CAST(" + t.texts +
			" AS BLOB)) <> length(" + t.texts + ")" + t.also + ") ORDER BY id LIMIT 500"
		for last := int64(-1 << 63); ; {
			rows, err := spelt(tx, page, last)
			if err != nil {
				return fmt.Errorf("%s: %w", t.table, err)
			}
			if len(rows) == 0 {
				break
			}
			for _, r := range rows {
				if last = r.id; t.table == "contacts" {
					r.digits, err = digitsOfContact(tx, r.id)
				}
				if err == nil {
					_, err = tx.Exec("UPDATE "+t.table+" SET digits = ? WHERE id = ?", foundBy(r.digits, r.texts), r.id)
				}
				if err != nil {
					return fmt.Errorf("%s: %w", t.table, err)
				}
			}
		}
	}
	return nil
}

// speltRow is what of a row its other spellings are made of.
type speltRow struct {
	id            int64
	digits, texts string
}

func spelt(tx *sql.Tx, page string, last int64) (all []speltRow, err error) {
	rows, err := tx.Query(page, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r speltRow
		if err := rows.Scan(&r.id, &r.digits, &r.texts); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, errorsOf(rows)
}

// digitsOfContact has the ends of all numbers of a contact.
func digitsOfContact(tx *sql.Tx, id int64) (string, error) {
	rows, err := tx.Query("SELECT address FROM contact_addresses WHERE contact = ? ORDER BY place", id)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var address string
		if err := rows.Scan(&address); err != nil {
			return "", err
		}
		all = append(all, digitsOf(address))
	}
	return strings.Join(all, " "), errorsOf(rows)
}
