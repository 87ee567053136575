package netsip

import (
	"slices"
	"strings"
	"unicode"

	"calla/netsip/sip"
)

// NormalizeTarget makes a SIP URI of what a program asks to call: a user, a number, or an address with or
// without scheme; domain (see Config.Domain) is added where there is none. It reads as JsSIP's
// normalizeTarget does, save that CR, LF and NUL are refused, that a stray "%" stands for itself, and
// that percent escapes are decoded once. The result's scheme is always sip. Headers that the target has
// after "?" stay in the result; a Request-URI must not carry them (RFC 3261 section 19.1.1).
func NormalizeTarget(target, domain string) (sip.URI, bool) {
	user, host := target, domain
	if i := strings.LastIndexByte(target, '@'); i >= 0 {
		user, host = target[:i], target[i+1:]
	}
	user = unescape(withoutScheme(user, "sip:", "sips:", "tel:"))
	if isPlainNumber(user) {
		user = strings.NewReplacer("-", "", ".", "", "(", "", ")", "").Replace(user)
	}
	if user == "" || host == "" || strings.ContainsAny(user+host, "\r\n\x00") {
		return sip.URI{}, false
	}
	u, err := sip.ParseURI("sip:" + escapeUser(user) + "@" + host)
	if err != nil || badHost(u.Host) != "" {
		return sip.URI{}, false
	}
	return canonicalURI(u), true
}

// withoutScheme drops the first of the schemes that s begins with, whatever its case.
func withoutScheme(s string, schemes ...string) string {
	for _, scheme := range schemes {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return s[len(scheme):]
		}
	}
	return s
}

// isPlainNumber tells whether s is a telephone number with nothing but visual separators: any of "-.()",
// at most one "+" after them, then digits and separators.
func isPlainNumber(s string) bool {
	const separators = "-.()"
	s = strings.TrimPrefix(strings.TrimLeft(s, separators), "+")
	return strings.Trim(s, separators+"0123456789") == ""
}

// TargetError tells why a dialled text cannot be called.
type TargetError struct {
	Text   string // as dialled
	Reason string // for people
}

func (e *TargetError) Error() string { return "call " + e.Text + ": " + e.Reason }

// DialTarget makes a SIP URI of what a person typed, pasted or clicked: beyond NormalizeTarget it trims,
// takes an address out of <>, knows callto: and tel: with its parameters (RFC 3966), and cleans numbers
// of blanks, invisible marks, Unicode dashes and the "(0)" after a country code. It never lets
// a text carry headers or a method into the request. The error is a *TargetError.
func DialTarget(text, domain string) (sip.URI, error) {
	s, reason := dialled(text)
	if reason != "" {
		return sip.URI{}, &TargetError{text, reason}
	}
	u, ok := NormalizeTarget(s, domain)
	if !ok {
		return sip.URI{}, &TargetError{text, "is not a number or an address such as bob@example.com"}
	}
	u.Headers = ""
	u.Params = slices.DeleteFunc(u.Params, func(p sip.Param) bool { return p.Name == "method" })
	return u, nil
}

// dialled cleans a dialled text for NormalizeTarget, or returns why it cannot be called.
func dialled(text string) (target, reason string) {
	s := strings.TrimSpace(text)
	if strings.ContainsAny(s, "\r\n\x00") {
		return "", "has a line break or NUL in it"
	}
	if i := strings.IndexByte(s, '<'); i >= 0 && strings.HasSuffix(s, ">") {
		s = strings.TrimSpace(s[i+1 : len(s)-1])
	}
	if s == "" {
		return "", "is empty"
	}
	scheme, rest, ok := strings.Cut(s, ":")
	scheme = strings.ToLower(strings.TrimSpace(scheme))
	prefix := "" // for NormalizeTarget to drop: it drops one scheme, and what looks like a second one is the user's
	switch {
	case !ok:
	case scheme == "tel" || scheme == "callto":
		s = telephone(strings.TrimPrefix(rest, "//"))
	case scheme == "sip" || scheme == "sips":
		s, prefix = strings.TrimPrefix(rest, "//"), "sip:"
	case slices.Contains([]string{"http", "https", "ws", "wss", "mailto"}, scheme):
		return "", scheme + ": addresses cannot be called"
	}
	user, host, hasHost := s, "", false
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		user, host, hasHost = s[:i], strings.TrimSpace(s[i+1:]), true
	}
	if strings.Contains(host, "?") {
		return "", "has headers after its ?, which a call must not carry"
	}
	if _, query, ok := strings.Cut(user, "?"); ok && strings.Contains(query, "=") {
		return "", "has headers after its ?, which a call must not carry"
	}
	user = cleanNumber(user)
	if hasHost {
		return prefix + user + "@" + host, ""
	}
	return prefix + user, ""
}

// telephone reads what follows tel: (RFC 3966): parameters go; a phone-context that is the beginning of a
// number is put before a local one.
func telephone(s string) string {
	number, params, _ := strings.Cut(s, ";")
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(name, "phone-context") && strings.HasPrefix(value, "+") && !strings.HasPrefix(number, "+") {
			number = value + number
		}
	}
	return number
}

// cleanNumber takes blanks, invisible marks and separators out of a telephone number; any other text is
// returned as it is, trimmed.
func cleanNumber(s string) string {
	s = strings.TrimSpace(s)
	var b strings.Builder
	for _, r := range unescape(s) {
		switch {
		case unicode.IsSpace(r) || unicode.Is(unicode.Cf, r):
		case unicode.Is(unicode.Pd, r) || r == '−':
			b.WriteByte('-')
		case r < unicode.MaxASCII && strings.ContainsRune("0123456789+*#-.()/", r):
			b.WriteRune(r)
		default:
			return s
		}
	}
	n := b.String()
	if strings.HasPrefix(n, "+") {
		n = strings.Replace(n, "(0)", "", 1)
	}
	return strings.NewReplacer("-", "", ".", "", "(", "", ")", "", "/", "").Replace(n)
}

// escapeUser percent-encodes everything in a user part but letters, digits, -_.!~*'() and :+?/ (RFC 3261
// section 25.1 allows a little more; nobody needs it).
func escapeUser(s string) string {
	const plain = "-_.!~*'():+?/"
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(plain, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// unescape decodes percent escapes once; a "%" that begins none stands for itself.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			b.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}
