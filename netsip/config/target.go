package config

import (
	"strings"

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
	user = sip.Unescape(withoutScheme(user, "sip:", "sips:", "tel:"))
	if isPlainNumber(user) {
		user = without(user, "-.()")
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
