package journal

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"calla/netsip/config"
	"calla/phone/contacts"
)

// selection is a question to the database under way.
type selection struct {
	from, id string
	terms    []string
	values   []any
}

func (s *selection) where(term string, value any) {
	s.terms, s.values = append(s.terms, term), append(s.values, value)
}

// newest is the rest of the question, for at most n rows with the highest IDs.
func (s *selection) newest(n int) string { return s.sorted(s.id+" DESC", n) }

// sorted is the rest of the question, for at most n rows.
func (s *selection) sorted(by string, n int) string {
	text := " FROM " + s.from
	if len(s.terms) > 0 {
		text += " WHERE " + strings.Join(s.terms, " AND ")
	}
	return text + " ORDER BY " + by + " LIMIT " + strconv.Itoa(n)
}

// pageOf reads rows that were asked for with one more than n, and tells whether that one is there, which is none of the
// page.
func pageOf[T any](rows *sql.Rows, n int, read func(*sql.Rows) (T, error)) (page []T, more bool, err error) {
	defer rows.Close()
	for rows.Next() {
		row, err := read(rows)
		if err != nil {
			return nil, false, err
		}
		page = append(page, row)
	}
	if err := rows.Err(); err != nil {
		return nil, false, err
	}
	return page[:min(len(page), n)], len(page) > n, nil
}

const (
	mostWords    = 8  // of a search that are looked at
	longestWord  = 64 // characters
	fewestDigits = 3  // of the end of a number by which it is found
)

// matching is what is typed as a question to FTS5 (https://www.sqlite.org/fts5.html section 3): all words, each as
// the beginning of one, and what looks like a number in any spelling. said are the columns in which numbers may stand
// as words. False: there is nothing in it to be found by.
func matching(text, said string) (string, bool) {
	text = cut(text, longestAddress)
	if number, ok := asNumber(text); ok {
		return either(number, text, said), true
	}
	var all []string
	for _, field := range strings.Fields(text) {
		if number, ok := asNumber(field); ok {
			all = append(all, either(number, field, said))
		} else {
			all = append(all, words(field)...)
		}
	}
	if len(all) == 0 {
		return "", false
	}
	return strings.Join(all[:min(len(all), mostWords)], " AND "), true
}

// words are questions for the words of a text, each as the beginning of one, in any of its spellings.
func words(text string) []string {
	var all []string
	for _, word := range wordsIn(text) {
		if q := asWord(cut(word, longestWord)); q != "" {
			all = append(all, q)
		}
	}
	return all[:min(len(all), mostWords)]
}

// wordsIn takes a text apart.
func wordsIn(text string) []string {
	return strings.FieldsFunc(norm.NFC.String(text), func(r rune) bool { return !inWord(r) })
}

// asWord asks for a word: as the index has it, or as one of its other spellings. "" where it is nothing but marks.
func asWord(word string) string {
	asked := []string{beginnings(strings.FieldsFunc(word, func(r rune) bool { return !inToken(r) }))}
	for _, spelling := range spellings(word) {
		asked = append(asked, beginnings(spelling.asked()))
	}
	asked = slices.DeleteFunc(asked, func(q string) bool { return q == "" })
	if len(asked) < 2 {
		return strings.Join(asked, "")
	}
	return "(" + strings.Join(asked, " OR ") + ")"
}

// beginnings asks for all of some words, each as the beginning of one.
func beginnings(words []string) string {
	var all []string
	for _, word := range words[:min(len(words), mostWords)] {
		all = append(all, `"`+quoted(word)+`" *`)
	}
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return "(" + strings.Join(all, " AND ") + ")"
}

// either asks for a number, or for its digits as words of some columns.
func either(number []string, text, columns string) string {
	if said := words(text); len(said) > 1 {
		number = append(number, "{"+columns+"} : ("+strings.Join(said, " AND ")+")")
	}
	return "(" + strings.Join(number, " OR ") + ")"
}

// inWord tells what words are written with.
func inWord(r rune) bool { return inToken(r) || unicode.IsMark(r) }

// inToken tells what the index takes for part of a word: its unicode61 with the categories that it is made with. Of
// marks it drops some and ends a word at the others; a question of two words in one it refuses. It has the categories
// of an older Unicode, in which a few of today's letters were marks and signs.
func inToken(r rune) bool {
	switch {
	case r == 0x166d, r >= 0x19b0 && r <= 0x19c0, r == 0x19c8, r == 0x19c9, r == 0x1cf2, r == 0x1cf3:
		return false
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.So, r) || unicode.Is(unicode.Co, r)
}

// quoted is text as it stands between quotation marks in a question.
func quoted(text string) string { return strings.ReplaceAll(text, `"`, `""`) }

// asNumber is what looks like a telephone number as words of the index, any of which will do: 0049 (30) 123, +49 30
// 123 and 030 123 are found by each other. What was typed with a country's code is also looked for as it is dialled
// within the country; which digits are the code is not known, so that codes of one to three are tried.
func asNumber(text string) ([]string, bool) {
	text = strings.TrimSpace(text)
	international := strings.HasPrefix(text, "+") || strings.HasPrefix(text, "00")
	digits, ok := onlyDigits(text)
	if !ok {
		return nil, false
	}
	if rest, ok := onlyDigits(config.WithoutTrunk(text)); ok {
		digits = rest
	}
	trimmed := canonical(text, digits)
	words := []string{`"` + trimmed + `" *`}
	if trimmed != digits && digits != "" {
		words = append(words, `"`+digits+`" *`)
	}
	if rest := strings.TrimPrefix(digits, "00"); trimmed == digits && rest != digits && rest != "" {
		words = append(words, `digits : "`+rest+`" *`) // as far as it has been typed
	}
	national := strings.TrimPrefix(trimmed, "0")
	if !international && national != trimmed && len(national) >= fewestDigits {
		words = append(words, `digits : "`+national+`" *`)
	}
	for code := 1; international && code <= 3 && len(trimmed)-code > fewestDigits; code++ {
		words = append(words, `digits : "0`+trimmed[code:]+`" *`)
	}
	return words, true
}

// onlyDigits are the digits of a text that has nothing else that matters: false where it has letters, or no digit.
func onlyDigits(text string) (string, bool) {
	var digits strings.Builder
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Nd, r):
			digits.WriteByte(digit(r))
		case strings.ContainsRune("+()-./*#\u00a0\u2007\u2009\u200a\u2010\u2011\u2012\u2013\u202f", r),
			unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
		default:
			return "", false
		}
	}
	return digits.String(), digits.Len() > 0
}

// digit is the ASCII form of a decimal digit of any script: those of a script follow each other from zero.
func digit(r rune) byte {
	zero := r
	for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
		zero--
	}
	if r >= '0' && r <= '9' {
		return byte(r)
	}
	return byte('0' + (r-zero)%10)
}

// canonical are the digits of a number without what stands for +.
func canonical(text, digits string) string {
	if strings.HasPrefix(strings.TrimSpace(text), "00") && len(digits) > 2+fewestDigits {
		return digits[2:]
	}
	return digits
}

// userOf is the user part of an address.
func userOf(address string) string {
	for _, scheme := range []string{"sips:", "sip:", "tel:"} {
		if len(address) > len(scheme) && strings.EqualFold(address[:len(scheme)], scheme) {
			address = address[len(scheme):]
			break
		}
	}
	user, _, _ := strings.Cut(address, "@")
	number, _, _ := strings.Cut(user, ";")
	return number
}

// digitsOf has all ends of a number, from the whole down to three digits: a number is found by any piece of it. ""
// for what is none.
func digitsOf(address string) string {
	user := userOf(address)
	digits, ok := onlyDigits(config.WithoutTrunk(user))
	if !ok {
		return ""
	}
	digits = canonical(user, digits)
	digits = digits[:min(len(digits), mostDigits)]
	ends := []string{digits}
	for i := 1; len(digits)-i >= fewestDigits; i++ {
		ends = append(ends, digits[i:])
	}
	return strings.Join(ends, " ")
}

// Person is an address in the one spelling by which rows of the same person are found: contacts.Key. What is no address
// is its own, in small letters: history has what far ends call themselves.
func Person(address string) string {
	address = cut(strings.TrimSpace(address), longestAddress)
	if key := contacts.Key(address); key != "" {
		return key
	}
	return strings.ToLower(address)
}

// cut is text with at most so many characters, all of them UTF-8 and none of them NUL, at which SQLite ends.
func cut(s string, most int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
	if len(s) <= most {
		return s
	}
	n := 0
	for i := range s {
		if n == most {
			return s[:i]
		}
		n++
	}
	return s
}

// whole is text that is of use only as a whole: "" where it is too long, or no text.
func whole(s string, most int) string {
	if len(s) > most || !utf8.ValidString(s) || strings.Contains(s, "\x00") {
		return ""
	}
	return s
}

// micros is a time as it is kept.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// at is a time that was kept; none where no calendar has it, as what is damaged may say.
func at(micros int64) time.Time {
	t := time.UnixMicro(micros)
	if year := t.UTC().Year(); micros == 0 || year < 1 || year > 9998 {
		return time.Time{}
	}
	return t
}

// hasDigits tells whether a number is found by what is typed: see asNumber.
func hasDigits(address, typed string) bool {
	digits, ok := onlyDigits(userOf(address))
	number, isNumber := asNumber(typed)
	return ok && isNumber && slices.ContainsFunc(number, func(word string) bool {
		_, word, _ = strings.Cut(word, `"`)
		word, _, _ = strings.Cut(word, `"`)
		return strings.Contains(digits, word)
	})
}
