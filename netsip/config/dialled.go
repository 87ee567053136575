package config

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"calla/netsip/sip"
)

// Dialled is what a dialled text means: whom to call, and what is to be sent once they have answered.
type Dialled struct {
	URI   sip.URI
	After string // for after the answer: 0-9 * #, "," pauses for 2 s, ";" waits until the user says go on; "" = nothing
	Left  string // words that were left out, such as "Tel.:" or "(work)"; "" = none
	Rule  string // the dial rule that made URI's number of the one that was dialled; "" = none

	number string // the one that was dialled, where Rule is given
	bare   bool   // no host was named
}

// TargetError tells why a dialled text cannot be called.
type TargetError struct {
	Text    string // as dialled
	Reason  string // for people, after "it": "is empty"
	Instead string // what could be meant, to be dialled once the user has seen it; "" = nothing
}

func (e *TargetError) Error() string { return "call " + e.Text + ": it " + e.Reason }

// IsExtension tells that the text is a number with the extension behind it, as in +1 555 0100 x12: Instead is that
// number with the extension to be sent after the answer.
func (e *TargetError) IsExtension() bool { return e.Reason == hasExtension && e.Instead != "" }

const hasExtension = "has an extension behind it: digits after a comma are dialled after the answer"

// longestDialled bounds a dialled text, in bytes.
const longestDialled = 1024

// ParseDialled reads what a person typed, pasted or clicked: a number in any script and with any separators,
// words in front of it and notes behind it, an address with or without <> and scheme, a tel: link (RFC 3966),
// a user; domain (see Config.Domain) is added where there is none. Where a text could mean two things nothing
// is guessed: that could call somebody else. It never lets a text carry headers or a method into the
// request. What it returns for URI.String() is URI. The error is a *TargetError.
func ParseDialled(text, domain string) (Dialled, error) {
	d, no := parseDialled(text, domain)
	if no == nil {
		return d, nil
	}
	if _, again := parseDialled(no.instead, domain); again != nil { // only what can be called is offered
		no.instead = ""
	}
	return Dialled{}, &TargetError{text, no.reason, no.instead}
}

func parseDialled(text, domain string) (Dialled, *refusal) {
	var r reading
	if no := r.read(text); no != nil {
		return Dialled{}, no
	}
	bare := r.host == ""
	if bare {
		r.host = domain
	}
	// the scheme is for it to drop: a second one is the user's
	u, ok := NormalizeTarget("sip:"+escapeUser(r.user)+"@"+r.host, domain)
	if !ok {
		return Dialled{}, r.unusable()
	}
	u.Headers = ""
	u.Params = slices.DeleteFunc(u.Params, func(p sip.Param) bool { return p.Name == "method" })
	return Dialled{URI: u, After: r.after, Left: strings.Join(r.left, " "), bare: bare}, nil
}

// DialTarget is ParseDialled for what has no answer after which digits could be sent: they refuse the text.
func DialTarget(text, domain string) (sip.URI, error) {
	d, err := ParseDialled(text, domain)
	if err != nil {
		return sip.URI{}, err
	}
	if d.After != "" {
		return sip.URI{}, &TargetError{
			Text:   text,
			Reason: "has digits for after the answer, which only a call can send", Instead: d.URI.UserDecoded(),
		}
	}
	return d.URI, nil
}

// Text is the shortest text that ParseDialled reads as d again at an account of domain that has these dial rules: a
// number or user, or an address where that is elsewhere.
func (d Dialled) Text(domain string, rules ...string) string {
	same := func(text string) bool {
		read, err := ParseDialled(text, domain)
		if err == nil {
			read, err = read.ByRules(rules)
		}
		return err == nil && read.URI.Equal(d.URI) && read.URI.String() == d.URI.String() && read.After == d.After
	}
	user, dialled := d.URI.UserDecoded(), d.number
	if dialled == "" {
		dialled = user
	}
	for _, text := range []string{dialled + d.After, user + "@" + d.URI.HostPort()} {
		if same(text) {
			return text
		}
	}
	if d.After == "" {
		return d.URI.String()
	}
	return "sip:" + user + ";postd=" + strings.NewReplacer(",", "p", ";", "w").Replace(d.After) + "@" +
		strings.TrimPrefix(d.URI.String(), "sip:"+d.URI.User+"@")
}

// refusal is why a text is refused.
type refusal struct{ reason, instead string }

func refused(reason string) *refusal { return &refusal{reason: reason} }

// reading is what has been understood of a dialled text.
type reading struct {
	user, host string // user without escapes; host with port and parameters, "" = none
	after      string
	left       []string
}

// read takes a text apart.
func (r *reading) read(text string) *refusal {
	s, no := oneLine(text)
	if no != nil {
		return no
	}
	s = cutProperty(unquote(s))
	if s == "" {
		return refused("is empty")
	}
	if s, no = r.addressIn(s); no != nil {
		return no
	}
	scheme, rest, no := schemeOf(s)
	switch {
	case no != nil:
		return no
	case scheme == "tel" || scheme == "callto":
		if rest, no = oneLine(sip.Unescape(rest)); no != nil {
			return no
		}
		if rest, no = r.telephone(rest); no != nil {
			return no
		}
		return r.party(rest, scheme)
	case scheme != "":
		return r.party(strings.TrimSpace(strings.TrimPrefix(rest, "//")), "sip")
	}
	if s, no = r.telephone(s); no != nil {
		return no
	}
	return r.party(s, "")
}

// oneLine takes away what is around a text and cannot be seen in it, and refuses what holds more than one thing.
func oneLine(text string) (string, *refusal) {
	if len(text) > longestDialled {
		return "", refused("is too long")
	}
	if !utf8.ValidString(text) {
		return "", refused("has characters that cannot be read")
	}
	if strings.ContainsRune(text, 0x202e) {
		return "", refused("has a sign in it that shows what follows backwards")
	}
	s := strings.Map(func(r rune) rune {
		const zwnj, zwj = 0x200c, 0x200d // which names need
		switch {
		case r >= '！' && r <= '～': // full-width
			return r - '！' + '!'
		case r == 0xfe0e, r == 0xfe0f, r == 0x20e3, unicode.Is(unicode.Cf, r) && r != zwnj && r != zwj:
			return -1
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, text)
	s = strings.Trim(strings.TrimSpace(s), "\u200c\u200d")
	switch {
	case strings.ContainsAny(s, "\n\r\v\f\u0085\u2028\u2029"):
		return "", refused("has more than one line: dial one of them")
	case strings.Contains(s, "\t"):
		return "", refused("has more than one cell of a table in it: dial one of them")
	case strings.ContainsFunc(s, unicode.IsControl):
		return "", refused("has control characters in it")
	}
	return s, nil
}

// unquote takes away the quotes that CSV, Excel and people put around a whole text.
func unquote(s string) string {
	for {
		before := s
		s = strings.TrimSpace(s)
		if inner, ok := strings.CutPrefix(s, "="); ok && strings.HasPrefix(inner, `"`) { // ="030…": no sum for Excel
			s = inner
		}
		s = strings.Trim(strings.TrimRight(s, ","), "|")
		if inner, ok := strings.CutSuffix(s, ";"); ok && !strings.HasSuffix(inner, ";") {
			s = inner
		}
		s = withoutHalfQuote(unwrapAddress(s))
		for _, pair := range []string{
			`""`, "''", "``", "“”", "„“", "„”", "””", "‘’", "‚‘", "’’", "«»", "»«", "‹›",
			"「」",
		} {
			first, n := utf8.DecodeRuneInString(pair)
			last := pair[n:]
			inner, ok := strings.CutPrefix(s, string(first))
			if inner, ends := strings.CutSuffix(inner, last); ok && ends && !strings.Contains(inner, last) ||
				ok && ends && strings.Trim(inner, pair) != inner && !strings.Contains(strings.Trim(inner, pair), last) {
				s = inner
			}
		}
		// '030…, as Excel marks text
		if inner, ok := strings.CutPrefix(s, "'"); ok && !strings.Contains(inner, "'") && startsNumber(inner) {
			s = inner
		}
		if s == before {
			return s
		}
	}
}

func startsNumber(s string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " ("))
	return digitOf(r) >= 0 || numberSign(r) == '+'
}

// addressIn returns the address of `"Name" <address> (note)`, or s where there is no <.
func (r *reading) addressIn(s string) (string, *refusal) {
	if !strings.ContainsAny(s, "<>") {
		return s, nil
	}
	name, rest := "", s
	if strings.HasPrefix(s, `"`) {
		end := 1
		for end < len(s) && s[end] != '"' {
			if s[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(s) {
			return "", refused(notUnderstood)
		}
		name, rest = s[:end+1], s[end+1:]
	}
	before, rest, ok := strings.Cut(rest, "<")
	inner, behind, closed := strings.Cut(rest, ">")
	if behind = strings.Trim(behind, " ,."); areHeaderParameters(behind) {
		if strings.HasPrefix(strings.ToLower(inner), "tel:") { // they could be nothing else
			inner += behind
		}
		behind = ""
	}
	switch {
	case strings.Contains(before, "?"):
		return "", refused(hasHeaders)
	case differ(before, inner):
		return "", refused("looks like two numbers: dial one of them")
	case !ok, !closed, strings.ContainsAny(before, `@:;=&"`), name != "" && strings.TrimSpace(before) != "",
		strings.Contains(inner, "<"), strings.ContainsAny(behind, "<>@") || behind != "" && !isNote(behind):
		return "", refused("has more in it than an address in <>")
	}
	if inner = strings.TrimSpace(inner); inner == "" {
		return "", refused("has no address in its <>")
	}
	r.leave(name, before, behind)
	return inner, nil
}

// leave notes what is left out.
func (r *reading) leave(words ...string) {
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" {
			r.left = append(r.left, w)
		}
	}
}

const (
	hasHeaders    = "has headers after its ?, which a call must not carry"
	notUnderstood = "is not a number or an address such as bob@example.com"
	looksForeign  = "is an address of another kind, which cannot be called"
)

// schemeOf cuts a scheme off: tel, callto, sip or sips; what begins with another one cannot be called.
func schemeOf(s string) (scheme, rest string, no *refusal) {
	scheme, rest, ok := strings.Cut(s, ":")
	name := strings.ToLower(strings.TrimSpace(scheme))
	if !ok {
		return "", s, nil
	}
	switch name {
	case "tel", "callto", "sip", "sips":
		return name, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), "//")), nil
	case "http", "https", "ws", "wss", "ftp", "file", "mailto", "javascript", "data", "about", "blob", "vbscript",
		"skype", "xmpp", "im", "sms", "smsto", "mms", "geo", "facetime", "msteams", "zoommtg", "urn", "ldap", "ssh",
		"h323", "iax", "iax2":
		return "", "", refused("begins with " + name + ":, which no telephone understands")
	}
	if strings.HasPrefix(rest, "//") {
		return "", "", refused(looksForeign)
	}
	return "", s, nil
}

// telephone cuts the parameters of a telephone number off (RFC 3966 section 3): an extension and post-dial digits
// are for after the answer, a phone-context that is the beginning of a number is put before a local one.
func (r *reading) telephone(s string) (string, *refusal) {
	number, params := s, ""
	for i := 0; i+1 < len(s); i++ {
		behind := strings.TrimLeft(s[i+1:], " ")
		if c := (behind + ";")[0] | 0x20; s[i] == ';' && c >= 'a' && c <= 'z' {
			number, params = strings.TrimRight(s[:i], " "), behind
			break
		}
	}
	if params == "" || !isNumber(number) {
		return s, nil
	}
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "phone-context":
			if strings.HasPrefix(value, "+") && !strings.HasPrefix(number, "+") {
				number = value + number
			}
		case "ext", "extension":
			digits, ok := afterDigits(value)
			if !ok {
				return "", refused("has an extension that is no number")
			}
			r.after += "," + digits
		case "postd":
			digits, ok := afterDigits(strings.NewReplacer("p", ",", "P", ",", "w", ";", "W", ";").Replace(value))
			if !ok {
				return "", refused("has digits for after the answer that are none")
			}
			r.after += digits
		}
	}
	if len(r.after) > longestAfter {
		return "", refused("has too many digits for after the answer")
	}
	return number, nil
}

// party reads what is left of a text: user@host, a number, or a user.
func (r *reading) party(s, scheme string) *refusal {
	i := strings.LastIndexByte(s, '@')
	if i < 0 {
		return r.local(strings.TrimSpace(s), scheme)
	}
	user, host := strings.TrimSpace(s[:i]), strings.TrimRight(strings.TrimSpace(s[i+1:]), ",!?:")
	space := strings.IndexByte(host, ' ')
	if space > 0 && strings.ContainsAny(host[space+1:space+2], "([") && isNote(host[space:]) {
		r.leave(host[space:])
		host = strings.TrimRight(host[:space], ",")
	}
	switch {
	case strings.Contains(host, "?"):
		return refused(hasHeaders)
	case host == "":
		return refused("has no host after its @")
	case user == "":
		return refused("has nobody before its @")
	}
	if _, query, ok := strings.Cut(user, "?"); ok && strings.Contains(query, "=") {
		return refused(hasHeaders)
	}
	label, rest := cutLabels(user)
	if label != "" {
		if rest = cutAddressWord(rest); strings.HasPrefix(rest, " ") {
			rest = " " + withoutScheme(strings.TrimSpace(rest), "sip:", "sips:")
		}
	}
	if label != "" && strings.HasPrefix(rest, " ") && !strings.Contains(strings.TrimSpace(rest), " ") {
		r.leave(label)
		user = strings.TrimSpace(rest)
	}
	no := notOne(user, host)
	if no != nil {
		return no
	}
	if user, no = r.telephone(user); no != nil {
		return no
	}
	if r.host, no = asciiHost(host); no != nil {
		if no.instead != "" {
			no.instead = user + "@" + no.instead
		}
		return no
	}
	r.user = sip.Unescape(user)
	if n, no, is := parseNumber(r.user); is && no == nil && n.after == "" {
		r.user = n.digits
	} else if is && no != nil && strings.Trim(r.user, "0123456789+-.()/ ") == "" {
		return no
	}
	return nil
}

// unusable tells why NormalizeTarget has refused what was understood.
func (r *reading) unusable() *refusal {
	switch {
	case strings.HasSuffix(r.host, "."):
		return &refusal{"has a host that ends with a dot", r.user + "@" + strings.TrimRight(r.host, ".")}
	case strings.Contains(r.host, " "):
		return refused("has words around an address: dial the address alone")
	}
	return refused(notUnderstood)
}

// local reads a text without a domain.
func (r *reading) local(s, scheme string) *refusal {
	if s == "" {
		return refused("has nobody in it to call")
	}
	if no := notDialled(s); no != nil {
		return no
	}
	n, no, is := parseNumber(sip.Unescape(s))
	if !is {
		if n, no, is = r.wordyNumber(sip.Unescape(s)); !is {
			return r.localUser(s, scheme)
		}
	}
	if no != nil {
		return no
	}
	r.user, r.after = n.digits, n.after+r.after
	if len(r.after) > longestAfter {
		return refused("has too many digits for after the answer")
	}
	return nil
}

// localUser reads what is neither a number nor an address as the name of a user. Every word passes, as it does
// with JsSIP; several do when they look like the name of a person.
func (r *reading) localUser(s, scheme string) *refusal {
	u := sip.Unescape(s)
	letters := strings.ContainsFunc(u, unicode.IsLetter)
	label, rest := cutLabels(u)
	switch {
	case u == "":
		return refused("is empty")
	case strings.ContainsAny(u, "\r\n\x00"):
		return refused("has control characters in it")
	case computerAddress(u):
		return refused("is the address of a computer: dial user@" + u)
	case asksMore(u):
		return refused(hasHeaders)
	case scheme == "callto" && strings.Contains(u, "?"), strings.Contains(u, "?") && strings.Contains(u, "="):
		return refused(hasHeaders)
	case letters && strings.Contains(u, "/") && !strings.Contains(u, " "),
		strings.HasPrefix(strings.ToLower(u), "www."):
		return refused(looksForeign)
	case strings.ContainsAny(u, "<>\"|\\^{}`"), strings.HasPrefix(u, "="), strings.HasPrefix(u, "//"):
		return refused(notUnderstood)
	case strings.ContainsFunc(u, func(r rune) bool {
		return r > unicode.MaxASCII && r != '’' && unicode.In(r, unicode.P, unicode.Zl, unicode.Zp)
	}):
		return refused(notUnderstood)
	case strings.Contains(u, " ") && !isName(u):
		if digits, ok := spelled(u, scheme == "tel"); ok {
			return &refusal{"has letters that stand for digits", digits}
		}
		if number := onlyNumberIn(u); number != "" {
			return &refusal{"has words around the number: dial the number alone", number}
		}
		return refused("is not a number, a user or an address")
	case !letters && strings.ContainsFunc(u, func(r rune) bool { return unicode.In(r, unicode.No, unicode.Nl) }):
		return refused("is not a number that can be called")
	case strings.Trim(rest, " .:-") == "" && label != "" && utf8.ValidString(u) && strings.ContainsFunc(u,
		func(r rune) bool { return strings.ContainsRune(".:", r) || unicode.Is(unicode.So, r) }):
		return refused("has no number in it")
	}
	if digits, ok := spelled(u, scheme == "tel"); ok {
		return &refusal{"has letters that stand for digits", digits}
	}
	if !letters && countDigits(u) > 0 {
		if strings.Contains(u, "=") {
			return refused(notUnderstood)
		}
		bare := without(strings.ReplaceAll(u, "’", ""), "_~'")
		if n, no, is := parseNumber(bare); is && no == nil && strings.ContainsAny(bare[:1], "+0") &&
			countDigits(bare) >= wholeNumber {
			return &refusal{"has signs in it that no number has", n.digits}
		}
	}
	if i := strings.IndexAny(u, ",;"); i > 2 && isNumber(u[:i]) {
		return refused("has digits for after the answer that are none")
	}
	r.user = u
	return nil
}
