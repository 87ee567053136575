package config

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cutProperty cuts off what address books and messages write in front of a value: the name of a property of a vCard
// with its parameters (RFC 6350 section 6.4), "TEL;TYPE=work:" and "item1.TEL:", or of a header field of SIP, "To:".
func cutProperty(s string) string {
	name, value, ok := strings.Cut(s, ":")
	if !ok {
		return s
	}
	name, _, parameters := strings.Cut(name, ";")
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name, parameters = name[i+1:], true
	}
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "tel", "sip":
		if !parameters {
			return s // a scheme
		}
	case "impp", "x-sip", "x-phone", "url", "uri":
	case "to", "from", "contact", "reply-to", "referred-by", "p-asserted-identity", "remote-party-id":
		if !strings.Contains(value, "<") {
			return s
		}
	default:
		return s
	}
	return strings.TrimSpace(value)
}

// areHeaderParameters tells whether what stands behind an address in <> are the parameters of a header field, ;tag=1.
func areHeaderParameters(s string) bool {
	return strings.HasPrefix(s, ";") && !strings.ContainsAny(s, `<>@,:?"`) && !strings.HasSuffix(s, ";")
}

// unwrapAddress takes brackets that stand around a whole address away, and the stars that Markdown has around a number.
func unwrapAddress(s string) string {
	for _, pair := range []string{"()", "[]", "{}", "【】", "「」", "〈〉", "《》"} {
		first, n := utf8.DecodeRuneInString(pair)
		inner, opens := strings.CutPrefix(s, string(first))
		inner, closes := strings.CutSuffix(inner, pair[n:])
		if opens && closes && strings.Contains(inner, "@") && !strings.ContainsAny(inner, pair) {
			return inner
		}
	}
	if inner, opens := strings.CutPrefix(s, "* "); opens && startsNumber(inner) && !strings.ContainsAny(inner, "*#") &&
		countDigits(asciiDigits(inner)) >= wholeNumber {
		return inner // an item of a list
	}
	if inner, opens := strings.CutPrefix(s, "# "); opens && strings.HasPrefix(inner, "+") {
		return inner
	}
	if !strings.Contains(s, "<") {
		s = strings.TrimLeft(s, "> ") // quoted in a mail
	}
	for _, stars := range []string{"**", "*", "__", "_"} {
		inner, opens := strings.CutPrefix(s, stars)
		inner, closes := strings.CutSuffix(inner, stars)
		if opens && closes && strings.HasPrefix(inner, "+") && !strings.Contains(inner, stars) {
			return inner
		}
	}
	return s
}

// spreadsheetError knows what a spreadsheet shows in the place of a value: #REF!, #NAME?, #####.
func spreadsheetError(s string) bool {
	inner, ok := strings.CutPrefix(s, "#")
	if !ok || len(inner) < 2 {
		return false
	}
	letters := strings.TrimRight(inner, "!?")
	upper := !strings.ContainsFunc(letters,
		func(r rune) bool { return !unicode.IsUpper(r) && r != '/' && r != '0' && r != '-' })
	return upper && letters != "" && len(letters) < len(inner) || letters == "N/A" || letters == "NV" ||
		len(inner) > 3 && strings.Trim(inner, "#") == ""
}

// computerAddress knows the address of a computer, with or without a port.
func computerAddress(s string) bool {
	if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return true
	}
	_, err := netip.ParseAddrPort(s)
	return err == nil
}

// timestamp knows 2024-12-31T10:00:00Z (RFC 3339).
func timestamp(s string) bool {
	return len(s) > 10 && (s[10] == 'T' || s[10] == 't') && looksLikeDate(s[:10])
}

// spelled writes the letters of a number such as 1-800-FLOWERS as the digits of the keys that they stand on (ITU-T
// E.161). Only numbers that are known to be spelled so are taken: free ones, and those with a country code.
func spelled(s string, link bool) (string, bool) {
	first := strings.IndexFunc(s, unicode.IsLetter)
	if first < 0 || strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) ||
		!strings.ContainsAny(s[:first], " -.") {
		return "", false
	}
	if last := s[first-1]; last != ' ' && last != '-' && last != '.' && last != ')' {
		return "", false
	}
	digits := asciiDigits(s[:first])
	service := strings.TrimPrefix(strings.TrimPrefix(digits, "00"), "0")
	service = strings.TrimPrefix(service, "1")
	free := slices.Contains([]string{"800", "833", "844", "855", "866", "877", "888", "900", "300"}, service) ||
		strings.HasPrefix(s, "+") && digits != ""
	letters := 0
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z' || link && r >= 'a' && r <= 'z':
			letters++
			const keys = "22233344455566677778889999"
			b.WriteByte(keys[(r|0x20)-'a'])
		case unicode.IsLetter(r):
			return "", false
		case numberSign(r) == 0 && digitOf(r) < 0:
			return "", false
		default:
			b.WriteByte(DigitSign(r))
		}
	}
	n, no, is := parseNumber(b.String())
	return n.digits, free && letters >= 3 && is && no == nil && n.after == "" && countDigits(n.digits) >= 10
}

// extensionIn returns the digits of an extension, a code or a wait that a text behind a number names: "ext. 12", "x12".
func extensionIn(note string) (string, bool) {
	const around = " .:-–—,;()[]="
	trimmed := strings.Trim(note, around+"#")
	end := strings.IndexFunc(trimmed, func(r rune) bool { return !unicode.IsLetter(r) })
	if end <= 0 {
		return "", false
	}
	word := strings.ToLower(trimmed[:end])
	if !isExtension(word) && strings.Trim(word, "p") != "" && strings.Trim(word, "w") != "" {
		return "", false
	}
	digits, ok := afterDigits(strings.Trim(strings.TrimLeft(note, around+"#")[end:], " .:()[]="))
	return digits, ok && countDigits(digits) <= 12
}

// asksMore tells whether a text is a number with a query behind it, as some links have it.
func asksMore(s string) bool {
	number, query, ok := strings.Cut(s, "?")
	first, _ := utf8.DecodeRuneInString(query)
	return ok && unicode.IsLetter(first) && isNumber(number)
}

// withoutHalfQuote takes away a quote whose other half was not copied.
func withoutHalfQuote(s string) string {
	const quotes = "\"“”„«»"
	i := strings.IndexAny(s, quotes)
	if i < 0 || i != strings.LastIndexAny(s, quotes) {
		return s
	}
	return strings.Trim(s, quotes)
}

// nameInFront tells whether a user part is an address with the name of somebody in front: "Bob: bob", "Bob sip:bob".
func nameInFront(user string) (address string, is bool) {
	i := strings.LastIndexByte(user, ' ')
	if i < 0 || isNumber(user) {
		return "", false
	}
	name, last := strings.TrimSpace(user[:i]), user[i+1:]
	address = withoutScheme(last, "sip:", "sips:")
	if address == "" || strings.ContainsAny(user, `<>"`) || strings.ContainsAny(name, "+@") {
		return "", false
	}
	first, _ := utf8.DecodeRuneInString(name)
	second, _ := utf8.DecodeRuneInString(address)
	colon := strings.HasSuffix(name, ":") && len(name) > 1
	return address, address != last || colon || unicode.IsUpper(first) && unicode.IsLower(second)
}

// differ tells whether two texts are two numbers.
func differ(a, b string) bool {
	digits := asciiDigits(a)
	return len(digits) > 4 && digits != asciiDigits(b) && isNumber(a) && isNumber(b)
}

// withExtension offers digits for after the answer, so that they are not taken for another number or an amount.
func withExtension(called, digits string) *refusal {
	pause := ","
	if countDigits(digits) >= wholeNumber || countDigits(digits) == countDigits(called) || countDigits(called) < 3 ||
		isAmount(called+pause+digits) {
		pause = ",,"
	}
	return &refusal{hasExtension, called + pause + digits}
}
