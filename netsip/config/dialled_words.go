package config

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"calla/netsip/sip"
)

// isLabel tells whether a word, in lower case and without its stop, says of what stands beside it that it is a
// telephone number, or which one.
func isLabel(word string) bool {
	return slices.Contains([]string{
		"tel", "tél", "telefon", "telephone", "telefono", "teléfono", "téléphone", "telefone", "telefoon", "telefoni",
		"telefonnummer", "telefonnr",
		"phone", "ph", "fon", "fone", "fono", "mobile", "mobil", "mobiltelefon", "mob", "cell", "cellphone", "cellular",
		"cellulare", "cel", "celular",
		"handy", "handynummer", "handynr", "portable", "móvil", "movil", "mobiel", "natel", "gsm", "komórka", "kom",
		"tlf", "tlfn", "puh", "puhelin",
		"fax", "telefax", "voip", "sip", "office", "büro", "buero", "bureau", "oficina", "ufficio", "work", "arbeit",
		"geschäft", "geschäftlich", "dienstlich", "firma",
		"home", "privat", "private", "zuhause", "casa", "business", "direct", "direkt", "durchwahl", "main", "zentrale",
		"hotline", "landline", "festnetz", "fixe", "fijo",
		"call", "dial", "anruf", "ruf", "rufnummer", "number", "nummer", "no", "nr", "num", "numéro", "número",
		"numero", "n°", "nº", "№",
		"t", "m", "f", "p", "h", "w", "c", "o", "d",
		"тел", "телефон", "моб", "мобильный", "факс", "раб", "дом", "τηλ", "τηλέφωνο", "κιν", "טל", "טלפון", "نايد",
		"هاتف", "تلفون", "ت", "جوال",
		"us", "me", "line", "contact", "kontakt", "support", "emergency", "notruf", "helpdesk", "service", "контактный",
		"рабочий", "домашний", "handphone", "landline", "freephone", "reception", "sekretariat", "standard", "accueil",
		"centralino", "centrale", "mobilnummer", "mobilnr", "mobilfunk", "mobiltel",
		"telemóvel", "telemovel", "tlm", "fijo", "cep", "telefonszám", "telefonnumer", "numer", "číslo", "telp",
		"telepon", "hp", "điện", "thoại", "đt", "sđt", "telefoonnummer", "telnr", "telno", "phoneno",
		"телефони", "мобільний", "τηλεφωνο", "κινητό", "נייד", "موبايل", "تليفون", "محمول", "تلفن", "موبایل", "همراه",
		"تماس", "फ़ोन", "मोबाइल", "दूरभाष", "โทรศัพท์", "มือถือ", "ফোন", "মোবাইল",
		"携帯電話", "電話號", "固话", "固定電話", "直通", "代表", "연락처", "전화번호", "휴대전화", "핸드폰",
		"電話", "电话", "電話番号", "電話號碼", "电话号码", "携帯", "手机", "手機", "전화", "휴대폰", "फोन", "โทร",
	}, word)
}

// isExtension tells whether a word says that the digits behind it are an extension or a code.
func isExtension(word string) bool {
	return slices.Contains([]string{
		"x", "xt", "ext", "extn", "extension", "durchwahl", "dw", "nebenstelle", "nst", "app", "apparat", "klappe",
		"kl", "poste", "int", "interno",
		"anexo", "ramal", "toestel", "tst", "anknytning", "ankn", "wew", "доб", "вн", "内線", "内线", "pin", "code",
		"passcode", "id", "p", "w",
	}, word)
}

// isMail tells whether a word says that a mail address follows.
func isMail(word string) bool {
	return slices.Contains([]string{"mail", "email", "e-mail", "mailto"},
		strings.ToLower(strings.TrimRight(word, ":.")))
}

// cutLabels cuts words such as "Tel.:" off the front. What they stand before is not looked at.
func cutLabels(s string) (label, rest string) {
	rest = s
	for range 4 {
		before := strings.TrimLeft(rest, " .:-–—/|·•&")
		if before == "" {
			break
		}
		rest = before
		r, n := utf8.DecodeRuneInString(rest)
		if unicode.Is(unicode.So, r) || unicode.Is(unicode.Mn, r) || r == '℡' { // ☎ 📞
			rest = rest[n:]
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool {
			return !unicode.In(r, unicode.L, unicode.M) && r != '°' &&
				r != '№' && r != 'º'
		})
		if end <= 0 || !isLabel(strings.ToLower(rest[:end])) {
			if behind, ok := cutBracketedLabel(rest); ok {
				rest = behind
				continue
			}
			break
		}
		if next, _ := utf8.DecodeRuneInString(rest[end:]); utf8.RuneCountInString(rest[:end]) == 1 &&
			digitOf(next) >= 0 {
			break // O30 is no label and 30
		}
		rest = rest[end:]
	}
	rest = s[len(strings.TrimRight(s[:len(s)-len(rest)], " ")):]
	cut := len(s) - len(rest)
	if cut == 0 || strings.TrimSpace(s[:cut]) == "" {
		return "", s
	}
	if inner := s[:cut]; strings.IndexFunc(inner,
		func(r rune) bool { return unicode.In(r, unicode.L, unicode.So) }) < 0 {
		return "", s
	}
	return strings.TrimSpace(s[:cut]), rest
}

// cutBracketedLabel cuts a label in brackets off the front: "(mobile)", "[T]".
func cutBracketedLabel(s string) (string, bool) {
	for _, pair := range []string{"()", "[]"} {
		inner, behind, ok := strings.Cut(s, pair[1:])
		if ok && strings.HasPrefix(inner, pair[:1]) && isLabel(strings.ToLower(strings.Trim(inner[1:], " ."))) {
			return behind, true
		}
	}
	return s, false
}

// cutAddressWord cuts "address:" off what stands behind a label, as in "SIP address: bob@example.com".
func cutAddressWord(s string) string {
	word, rest, _ := strings.Cut(strings.TrimLeft(s, " -"), ":")
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "address", "addr", "adresse", "adres", "uri", "account", "konto", "dirección", "indirizzo", "adresa":
		return " " + strings.TrimLeft(rest, " ")
	}
	return s
}

// isNote tells whether a text behind a number tells about it and has no digits that could belong to it.
func isNote(s string) bool {
	s = strings.TrimSpace(s)
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.N, r) || r == '@' }) {
		return false
	}
	for _, pair := range []string{"()", "[]", "（）", "{}"} {
		first, n := utf8.DecodeRuneInString(pair)
		if strings.HasPrefix(s, string(first)) && strings.HasSuffix(s, pair[n:]) {
			return true
		}
	}
	if r, n := utf8.DecodeRuneInString(s); unicode.Is(unicode.Pd, r) || r == ',' || r == '|' {
		return len(strings.Fields(s[n:])) <= 4 && strings.ContainsFunc(s, unicode.IsLetter)
	}
	for word := range strings.FieldsFuncSeq(s,
		func(r rune) bool { return r == ' ' || r == '.' || r == ',' || r == '/' || unicode.Is(unicode.Pd, r) }) {
		if !isLabel(strings.ToLower(word)) && !unicode.Is(unicode.So, []rune(word)[0]) {
			return false
		}
	}
	return s != ""
}

// wordyNumber reads a number with words in front of it or a note behind it.
func (r *reading) wordyNumber(s string) (n number, no *refusal, is bool) {
	label, rest := cutLabels(s)
	body, note := cutNote(rest)
	if label == "" && note == "" || countDigits(asciiDigits(body)) == 0 {
		return n, nil, false
	}
	if _, extension := extensionIn(note); label == "" && !strings.Contains(s, " ") && !strings.ContainsAny(note[:1],
		"([") &&
		(countDigits(asciiDigits(body)) < 5 || !extension) {
		return n, nil, false // one word, such as 4711abc
	}
	if note != "" && !isNote(note) {
		return r.wrongNote(body, note)
	}
	n, no, is = parseNumber(body)
	if !is || no != nil {
		return n, no, is
	}
	digits := countDigits(n.digits)
	marked := strings.ContainsAny(label, ".:") ||
		strings.ContainsFunc(label, func(r rune) bool { return unicode.Is(unicode.So, r) })
	if label != "" && !marked && digits < 5 && !strings.HasPrefix(n.digits, "+") || note != "" && digits < 3 {
		return n, &refusal{"has words around the number: dial the number alone", n.digits + n.after}, true
	}
	r.leave(label, note)
	return n, nil, true
}

// wrongNote tells what is wrong with what stands behind a number and is no note: an extension, or another number.
func (r *reading) wrongNote(body, note string) (n number, no *refusal, is bool) {
	n, no, is = parseNumber(body)
	if !is || no != nil {
		return n, no, is
	}
	if digits, ok := extensionIn(note); ok && n.after == "" {
		return n, withExtension(n.digits, digits), true
	}
	if strings.ContainsFunc(note, func(r rune) bool { return digitOf(r) >= 0 }) {
		no := refused("has more than a number in it: dial the number alone")
		if strings.HasPrefix(strings.TrimSpace(note), "(") && strings.HasSuffix(note, ")") && strings.ContainsFunc(note,
			unicode.IsLetter) {
			no.instead = n.digits + n.after // (Mo-Fr 9-17)
		}
		return n, no, true
	}
	if countDigits(n.digits) < 5 {
		return n, nil, false
	}
	return n, &refusal{"has words around the number: dial the number alone", n.digits + n.after}, true
}

// cutNote parts a text that begins with a number from what stands behind that, brackets and dashes included.
func cutNote(s string) (body, note string) {
	i := strings.IndexFunc(s, func(r rune) bool { return digitOf(r) < 0 && numberSign(r) == 0 })
	if i < 0 {
		return s, ""
	}
	if ordinal := ordinalAt(s[:i]); ordinal > 0 {
		i = ordinal // 2. Stock
	} else if open := strings.LastIndexAny(s[:i], "(["); open >= 0 && !strings.ContainsAny(s[open:i], ")]") {
		i = open // (24h)
	} else if space := strings.LastIndexByte(s[:i], ' '); space > 0 && digitOf(lastRune(s[:i])) >= 0 {
		if _, extension := extensionIn(s[i:]); !extension {
			i = space // 2nd floor
		}
	}
	body = strings.TrimRightFunc(s[:i], func(r rune) bool {
		return r == ' ' || r == '(' || r == '[' || r == '（' || r == ',' || r == ';' || unicode.Is(unicode.Pd, r) ||
			r == '.' || r == '/'
	})
	return body, s[len(body):]
}

// asciiDigits writes the digits of a text in ASCII and drops all else.
func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if d := digitOf(r); d >= 0 {
			return '0' + rune(d)
		}
		return -1
	}, s)
}

// ordinalAt returns where the " 2. " that a text ends with begins, 0 where it does not.
func ordinalAt(s string) int {
	number, ok := strings.CutSuffix(strings.TrimRight(s, " "), ".")
	i := strings.LastIndexByte(number, ' ')
	if digits := len(number) - i - 1; !ok || digits < 1 || digits > 2 || countDigits(number[i+1:]) != digits {
		return 0
	}
	return max(i, 0)
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// onlyNumberIn returns the one number that stands among words, "" where there is none or more than one.
func onlyNumberIn(s string) string {
	first := strings.IndexFunc(s, func(r rune) bool { return digitOf(r) >= 0 || numberSign(r) == '+' })
	last := strings.LastIndexFunc(s, func(r rune) bool { return digitOf(r) >= 0 })
	if first < 0 || last < first {
		return ""
	}
	_, size := utf8.DecodeRuneInString(s[last:])
	next, _ := utf8.DecodeRuneInString(s[last+size:])
	if unicode.IsLetter(next) || numberSign(rune(s[first])) != '+' && unicode.IsLetter(lastRune(s[:first])) {
		return "" // O30, 24h
	}
	n, no, is := parseNumber(s[first : last+size])
	if !is || no != nil || countDigits(n.digits) < 5 {
		return ""
	}
	return n.digits + n.after
}

// isName tells whether words look like the name of a person: two to four, each with a capital or of a script that
// has none, particles such as "von" aside.
func isName(s string) bool {
	words := strings.Fields(s)
	if len(words) < 2 || len(words) > 4 {
		return false
	}
	for i, w := range words {
		first, _ := utf8.DecodeRuneInString(w)
		if strings.ContainsFunc(w, func(r rune) bool {
			return !unicode.In(r, unicode.L, unicode.M) && !strings.ContainsRune(".'’-\u200c\u200d", r)
		}) {
			return false
		}
		particle := i > 0 && i < len(words)-1 &&
			slices.Contains([]string{
				"von", "van", "der", "den", "de", "da", "di", "del", "della", "dos", "la", "le",
				"du", "zu", "zur", "bin", "ibn", "al", "y", "e", "ter", "ten",
			}, w)
		if unicode.IsLower(first) && !particle || !unicode.IsLetter(first) {
			return false
		}
	}
	return true
}

// notOne tells why what stands before the @ is not one user; nil: it is.
func notOne(user, host string) *refusal {
	if strings.HasSuffix(user, "@") || strings.HasPrefix(user, "@") {
		return refused("has an @ too many")
	}
	if strings.Contains(user, "@") && strings.ContainsAny(user, " ,;/|&") {
		return refused("has more than one address: dial one of them")
	}
	if word, behind, ok := strings.Cut(user, " "); ok && isMail(word) {
		return &refusal{"is a mail address", strings.TrimSpace(behind) + "@" + host}
	}
	if address, ok := nameInFront(user); ok {
		return &refusal{"has a name in front of an address: dial the address alone", address + "@" + host}
	}
	if strings.Count(user, " ") > 1 && !isNumber(sip.Unescape(user)) && !isName(user) ||
		strings.ContainsAny(user, `<>"|\^{}`) {
		return refused("has words around an address: dial the address alone")
	}
	return nil
}
