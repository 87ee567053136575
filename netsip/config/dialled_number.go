package config

import (
	"strconv"
	"strings"
	"unicode"

	"calla/netsip/sip"
)

const (
	longestNumber   = 15 // digits after + or 00: E.164
	longestNational = 13 // digits of a number in groups that begins otherwise: more are two numbers
	wholeNumber     = 7  // from so many digits on what follows a comma may be another number
	longestPlain    = 40 // digits of a user in one piece
	longestAfter    = 64 // digits and pauses for after the answer
)

// number is a telephone number as it is called, with what is to be sent after the answer.
type number struct{ digits, after string }

// digitOf returns the value of a digit of any script, -1 for all else. The digits of each script stand together, zero
// first (Unicode chapter 4.6).
func digitOf(r rune) int {
	if r >= '0' && r <= '9' {
		return int(r - '0')
	}
	if r < 0x80 {
		return -1
	}
	for _, in := range unicode.Nd.R16 {
		if r >= rune(in.Lo) && r <= rune(in.Hi) {
			return int(r-rune(in.Lo)) % 10
		}
	}
	for _, in := range unicode.Nd.R32 {
		if r >= rune(in.Lo) && r <= rune(in.Hi) {
			return int(r-rune(in.Lo)) % 10
		}
	}
	return -1
}

// numberSign returns the ASCII character that a sign in a telephone number stands for, 0 where it can be in none.
func numberSign(r rune) byte {
	switch r {
	case '+', '＋', '﹢', '⁺', '₊', '➕':
		return '+'
	case '*', '＊', '∗', '⁎', '✱':
		return '*'
	case '#', '＃', '﹟', '♯':
		return '#'
	case '(', '（', '﹙', '❨':
		return '('
	case ')', '）', '﹚', '❩':
		return ')'
	case '[', '［':
		return '['
	case ']', '］':
		return ']'
	case '.', '．', '·', '•', '․', '‧', '∙', '⋅', '・', '･', '。', '｡', '●':
		return '.'
	case '/', '／', '⁄', '∕':
		return '/'
	case ',', '，', '﹐':
		return ','
	case ';', '；', '﹔':
		return ';'
	case '−', 'ー', 'ｰ', '─', '━', '⁃', '˗', '➖':
		return '-'
	}
	switch {
	case unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.Is(unicode.Pd, r) && r != '〜' && r != '〰' && r != '﹏':
		return '-'
	}
	return 0
}

// numberText writes a text in the characters 0-9 + * # ( ) [ ] . / , ; - and blank, if it consists of what these
// stand for.
func numberText(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		c := DigitSign(r)
		if c == 0 {
			return "", false
		}
		b = append(b, c)
	}
	return string(b), true
}

// DigitSign returns the ASCII character that a character of a telephone number stands for, in any script: a digit, one
// of + * # ( ) [ ] . / , ; - or a blank; 0 for what can be in none.
func DigitSign(r rune) byte {
	if d := digitOf(r); d >= 0 {
		return '0' + byte(d)
	}
	return numberSign(r)
}

func isNumber(s string) bool {
	_, no, is := parseNumber(s)
	return is && no == nil
}

// countDigits counts 0-9.
func countDigits(s string) (n int) {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// parseNumber reads a telephone number; is tells whether the text is one at all, no why it cannot be called.
func parseNumber(s string) (n number, no *refusal, is bool) {
	t, ok := numberText(strings.TrimRight(s, " .:!?…"))
	if !ok {
		return n, nil, false
	}
	t = strings.TrimRight(t, " .,;/-")
	t = strings.TrimLeft(t, " .,;/-")
	head, tail := t, ""
	if i := strings.IndexAny(t, ",;"); i >= 0 {
		head, tail = t[:i], t[i:]
	}
	switch digits := countDigits(head); {
	case digits == 0 && !strings.ContainsAny(head, "*#") && (tail == "" || countDigits(tail) == 0):
		return n, refused("has no digits in it"), true
	case isAmount(t):
		return n, refused("looks like an amount, not like a number to call"), true
	case tail != "" && digits == 2 && tail[0] == ',' && strings.Count(t, ",") == 1 && !strings.Contains(t, " ") &&
		strings.Trim(t, "0123456789,") == "":
		return n, refused("looks like an amount, not like a number to call"), true
	case tail != "" && digits < 3 && strings.Contains(tail, ",,"):
	case tail != "" && digits < 3 && len(t) > 3 && strings.Trim(t, "0123456789,") == "":
		return n, refused("looks like more than one number: dial one of them"), true
	case tail != "" && digits < 3 && !strings.Contains(t, " "):
		return n, nil, false // a user such as "1,2"
	case digits > longestPlain:
		return n, refused("has more digits than a telephone number can have"), true
	}
	if no := noted(head); no != nil {
		return n, no, true
	}
	if no := badNumber(head); no != nil {
		return n, no, true
	}
	n.digits = WithoutTrunk(head)
	if tail == "" {
		return n, nil, true
	}
	n.after, no = afterNumber(n.digits, tail)
	return n, no, true
}

// WithoutTrunk takes out the (0) that is not dialled after a country code, and all separators. Italy, San Marino
// and the Vatican dial their 0 from abroad too.
func WithoutTrunk(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(without(s, " "), "[", "("), "]", ")")
	bare := strings.TrimLeft(s, "(-./")
	country, plus := strings.CutPrefix(bare, "+")
	country, zeros := strings.CutPrefix(strings.TrimLeft(country, "(-./"), "00")
	keeps := strings.HasPrefix(country, "39") || strings.HasPrefix(country, "378") || strings.HasPrefix(country, "379")
	if (plus || zeros) && !keeps {
		s = strings.Replace(s, "(0)", "", 1)
	}
	return without(s, "-.()/")
}

// without is a text without some ASCII signs. It is asked for each number of an import, so it builds no Replacer.
func without(s, signs string) string {
	if !strings.ContainsAny(s, signs) {
		return s
	}
	left := make([]byte, 0, len(s))
	for i := range len(s) {
		if strings.IndexByte(signs, s[i]) < 0 {
			left = append(left, s[i])
		}
	}
	return string(left)
}

// badNumber tells why a number without what follows a comma cannot be called, nil when it can.
func badNumber(s string) *refusal {
	const two = "looks like two numbers: dial one of them"
	bare := strings.TrimLeft(s, "( [-./")
	international := strings.HasPrefix(bare, "+") || strings.HasPrefix(bare, "00")
	digits := countDigits(s)
	switch {
	case strings.LastIndexByte(bare, '+') > 0 && !afterServiceCode(bare):
		return refused(two)
	case digits == 0:
		return nil // a code such as ** or *#
	case looksLikeDate(s):
		return refused("looks like a date, not like a number to call")
	case !international && looksLikeIPv4(s):
		return refused("looks like the address of a computer: dial user@" + s)
	case !international && (strings.Contains(s, ".") && digits <= 4 || strings.Contains(s, "-") && digits <= 2):
		return refused("looks like an amount or a time, not like a number to call")
	case international && digits > longestNumber+2:
		return refused("has more digits than a telephone number can have: are these two?")
	case !international && digits > longestNational && strings.ContainsAny(s, " -./()[]") && !strings.ContainsAny(s,
		"*#"):
		return refused("has more digits than a telephone number can have: are these two?")
	case !slashed(s, international), twoAreas(s), fromTo(s):
		return refused(two)
	}
	if i := strings.IndexByte(s, '#'); i > 0 && s[0] != '*' && s[0] != '#' && countDigits(s[i:]) > 0 &&
		countDigits(s[:i]) > 0 &&
		(s[i-1] == ' ' || countDigits(s[:i]) >= wholeNumber) {
		return withExtension(WithoutTrunk(s[:i]), strings.Trim(WithoutTrunk(s[i:]), "#"))
	}
	return nil
}

// noted refuses a number that has a note of digits behind it, which would be dialled with it: "(1)", "[2]", "2)", and
// the star of a footnote.
func noted(s string) *refusal {
	reason := "has digits behind it that do not belong to it, it seems: dial the number alone"
	end := -1
	switch last := s[len(s)-1]; {
	case s[0] == '*' || s[0] == '#':
	case last == ')' || last == ']':
		end = strings.LastIndexAny(s, "([")
		if strings.Count(s, "(")+strings.Count(s, "[") < strings.Count(s, ")")+strings.Count(s, "]") {
			end = strings.LastIndexByte(s, ' ')
		}
	case last == '*':
		end, reason = len(strings.TrimRight(s, "* ")), "has a star behind it: dial the number alone"
	}
	if end <= 0 || countDigits(s[:end]) < wholeNumber {
		return nil
	}
	return &refusal{reason, WithoutTrunk(strings.TrimRight(s[:end], " -./"))}
}

// afterServiceCode tells whether the + of a number stands behind a code, as in #31#+4930123456.
func afterServiceCode(s string) bool {
	code, number, _ := strings.Cut(strings.ReplaceAll(s, " ", ""), "+")
	return countDigits(code) > 0 && strings.Trim(code, "*#0123456789") == "" && strings.ContainsAny(code[:1], "*#") &&
		strings.ContainsAny(code[len(code)-1:], "*#") && !strings.Contains(number, "+")
}

// slashed tells whether the slashes in a number stand where they part an area code from what follows; between whole
// numbers or their endings, as in 030 123456/57, they mean "or".
func slashed(s string, international bool) bool {
	parts := strings.Split(s, "/")
	if len(parts) == 1 {
		return true
	}
	before := 0
	for i, part := range parts {
		digits := countDigits(part)
		part = strings.TrimLeft(part, " -.")
		switch {
		case digits == 0, i > 0 && strings.HasPrefix(part, "0"):
			return false
		case i == len(parts)-1:
			first := strings.TrimLeft(parts[0], " ([")
			code := international || strings.HasPrefix(first, "0") || before == 3 && digits == 7
			return digits >= 3 && code
		}
		if before += digits; before > 6 && !international || before > 9 || i > 0 && !international {
			return false
		}
	}
	return true
}

// fromTo tells whether a text is a range of short numbers, 101 - 105.
func fromTo(s string) bool {
	from, to, ok := strings.Cut(s, " - ")
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	return ok && len(from) <= 3 && len(from) == len(to) && from[0] != '0' && countDigits(from+to) == len(from+to)
}

// twoAreas tells whether another area code begins in the middle of a number, with a whole number on each side.
func twoAreas(s string) bool {
	groups := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	total, before := countDigits(s), 0
	for i, g := range groups {
		if i > 0 && len(g) >= 3 && g[0] == '0' && g[1] != '0' && before >= 6 && total-before >= 6 {
			return true
		}
		before += len(g)
	}
	return false
}

// threeGroups returns the three groups of digits that one kind of separator parts.
func threeGroups(s string) (g [3]string, ok bool) {
	for _, sep := range []string{".", "-", "/"} {
		parts := strings.Split(strings.ReplaceAll(s, " ", ""), sep)
		if len(parts) != 3 {
			continue
		}
		for i, p := range parts {
			if p == "" || strings.Trim(p, "0123456789") != "" {
				return g, false
			}
			g[i] = p
		}
		return g, true
	}
	return g, false
}

// looksLikeDate knows 31.12.2024, 12/31/24, 2024-12-31 and their kin.
func looksLikeDate(s string) bool {
	g, ok := threeGroups(s)
	if !ok {
		return false
	}
	var v [3]int
	for i := range g {
		v[i], _ = strconv.Atoi(g[i])
	}
	day := func(a, b int) bool { return a >= 1 && b >= 1 && a <= 31 && b <= 31 && (a <= 12 || b <= 12) }
	year := func(text string, v int) bool { return len(text) == 2 || len(text) == 4 && v >= 1800 && v < 2200 }
	switch {
	case len(g[0]) <= 2 && len(g[1]) <= 2:
		return day(v[0], v[1]) && year(g[2], v[2])
	case len(g[0]) == 4 && len(g[1]) <= 2 && len(g[2]) <= 2:
		return day(v[1], v[2]) && year(g[0], v[0])
	}
	return false
}

// looksLikeIPv4 knows 192.168.1.10.
func looksLikeIPv4(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return false
	}
	for _, p := range parts {
		if v, err := strconv.Atoi(p); err != nil || v < 0 || v > 255 || len(p) > 3 {
			return false
		}
	}
	return true
}

// isAmount knows 12,50 and 1.234,56 and 1,234.50 and 1,234.
func isAmount(t string) bool {
	if strings.ContainsAny(t, "+*#() [];-/") || strings.HasPrefix(t, "0") && !strings.HasPrefix(t, "0,") {
		return false
	}
	parts := strings.FieldsFunc(t, func(r rune) bool { return r == ',' || r == '.' })
	if len(parts) < 2 || strings.Count(t, ",")+strings.Count(t, ".") != len(parts)-1 || !strings.Contains(t, ",") {
		return false
	}
	last := parts[len(parts)-1]
	if len(parts) == 2 { // 12,50 1,234
		return len(last) == 2 && len(parts[0]) <= 6 || len(last) == 3 && len(parts[0]) <= 3
	}
	for _, p := range parts[1 : len(parts)-1] {
		if len(p) != 3 {
			return false
		}
	}
	return len(parts[0]) <= 3 && (len(last) == 2 || len(last) == 3)
}

// afterNumber reads what follows the first comma or semicolon of a text that begins with a number. It refuses what
// may be another number.
func afterNumber(called, tail string) (string, *refusal) {
	const two = "looks like two numbers: dial one of them"
	if strings.Contains(tail, "+") {
		return "", refused(two)
	}
	for rest := tail; rest != ""; {
		pause := len(rest) - len(strings.TrimLeft(rest, ",;"))
		piece := rest[pause:]
		if i := strings.IndexAny(piece, ",;"); i >= 0 {
			piece = piece[:i]
		}
		rest = rest[pause+len(piece):]
		piece = strings.TrimSpace(piece)
		digits := countDigits(piece)
		sure := pause > 1 || strings.HasSuffix(piece, "#") // nobody writes two numbers so
		switch {
		case sure:
		case digits >= wholeNumber, digits == countDigits(called), strings.HasPrefix(piece, "0") && digits >= 6,
			digits >= 6 && strings.ContainsAny(piece, " -./("):
			return "", refused(two)
		}
	}
	digits, ok := afterDigits(tail)
	if !ok {
		return "", refused("has digits for after the answer that are none")
	}
	return digits, nil
}

// afterDigits takes the separators out of digits for after the answer.
func afterDigits(s string) (string, bool) {
	t, ok := numberText(sip.Unescape(s))
	t = without(t, " -.()/")
	return t, ok && strings.Trim(t, "0123456789*#,;") == "" && strings.ContainsAny(t, "0123456789*#")
}

// notDialled knows texts that have digits but are no numbers: what a spreadsheet makes of a long number, times,
// prices.
func notDialled(s string) *refusal {
	t := strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	switch {
	case computerAddress(s):
		return refused("is the address of a computer: dial user@" + s)
	case spreadsheetError(s):
		return refused("is an error of a spreadsheet, not a number")
	case timestamp(s):
		return refused("looks like a date, not like a number to call")
	}
	if mantissa, exponent, ok := strings.Cut(t, "E"); ok && strings.Trim(mantissa, "0123456789.,") == "" &&
		mantissa != "" &&
		countDigits(exponent) > 0 && strings.Trim(exponent, "0123456789+-") == "" &&
		(strings.ContainsAny(mantissa, ".,") || strings.ContainsAny(exponent, "+-")) {
		return refused("is a long number as a spreadsheet shortens it: its last digits are lost")
	}
	if _, ok := numberText(strings.NewReplacer(":", "", "AM", "", "PM", "", "UHR", "").Replace(t)); ok &&
		strings.Contains(strings.Trim(t, ":"), ":") && countDigits(t) > 0 {
		return refused("looks like a time, not like a number to call")
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Sc, r) }) && strings.ContainsFunc(s,
		func(r rune) bool { return digitOf(r) >= 0 }) {
		return refused("looks like a price, not like a number to call")
	}
	return nil
}
