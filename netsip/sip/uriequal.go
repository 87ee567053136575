package sip

import (
	"slices"
	"strings"
)

// Equal compares as RFC 3261 section 19.1.4 says: the user exactly, the host in any case, a port that is absent is
// not 5060, a parameter counts only where both have it, save those that choose where a request goes. For
// schemes other than sip and sips the text is compared.
func (u URI) Equal(v URI) bool {
	if u.Scheme != v.Scheme || u.Opaque != v.Opaque || u.Port != v.Port || !equalHosts(u.Host, v.Host) {
		return false
	}
	return comparableEscapes(u.User) == comparableEscapes(v.User) &&
		equalParams(u.Params, v.Params) && equalParams(v.Params, u.Params) &&
		equalHeaders(u.Headers, v.Headers)
}

func equalHosts(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	if len(a) < 2 || len(b) < 2 || a[0] != '[' || b[0] != '[' {
		return false
	}
	x, errX := parseIPv6(a[1 : len(a)-1])
	y, errY := parseIPv6(b[1 : len(b)-1])
	return errX == nil && errY == nil && x == y
}

// maxCompared bounds the parameters that are looked up in each other, which costs their product. Longer
// lists, which nobody sends in earnest, are compared as text.
const maxCompared = 64

// equalParams tells whether all parameters of p agree with those of q. Of one that is repeated, the first
// counts.
func equalParams(p, q Params) bool {
	if len(p) > maxCompared || len(q) > maxCompared {
		return p.String() == q.String()
	}
	for _, a := range p {
		value, ok := q.Get(a.Name)
		mine, _ := p.Get(a.Name)
		if !ok {
			switch strings.ToLower(a.Name) {
			case "user", "ttl", "method", "maddr", "transport", "gr":
				return false
			}
			continue
		}
		if !strings.EqualFold(comparableEscapes(mine), comparableEscapes(value)) {
			return false
		}
	}
	return true
}

// equalHeaders compares the headers of two URIs in any order.
func equalHeaders(a, b string) bool {
	if a == b {
		return true
	}
	x, y := sortedHeaders(a), sortedHeaders(b)
	return slices.Equal(x, y)
}

func sortedHeaders(s string) []string {
	list := strings.Split(s, "&")
	for i, h := range list {
		name, value, _ := strings.Cut(h, "=")
		list[i] = strings.ToLower(comparableEscapes(name)) + "=" + comparableEscapes(value)
	}
	slices.Sort(list)
	return list
}

// comparableEscapes decodes those escapes that mean the same as the bare character, and writes the
// others in upper case.
func comparableEscapes(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c, ok := unescapeAt(s, i)
		switch {
		case !ok:
			out = append(out, s[i])
			continue
		case isUnreserved(c):
			out = append(out, c)
		default:
			out = appendEscape(out, c)
		}
		i += 2
	}
	return string(out)
}

// UserDecoded gives the user part with each %HEX decoded once. An escape that is none stays as it is.
func (u URI) UserDecoded() string { return Unescape(u.User) }

// Unescape decodes each %HEX of s once. An escape that is none stays as it is.
func Unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if c, ok := unescapeAt(s, i); ok {
			out = append(out, c)
			i += 2
		} else {
			out = append(out, s[i])
		}
	}
	return string(out)
}

// EscapeUser writes s so that it can stand as the user part of a URI. All but the unreserved characters
// and : + ? / is escaped, which is more than RFC 3261 section 25.1 asks for, as JsSIP does.
func EscapeUser(s string) string {
	i := 0
	for i < len(s) && staysInUser(s[i]) {
		i++
	}
	if i == len(s) {
		return s
	}
	out := append(make([]byte, 0, len(s)+16), s[:i]...)
	for ; i < len(s); i++ {
		if staysInUser(s[i]) {
			out = append(out, s[i])
		} else {
			out = appendEscape(out, s[i])
		}
	}
	return string(out)
}

func isUnreserved(c byte) bool {
	l := c | 0x20
	return l >= 'a' && l <= 'z' || isDigit(c) || c != 0 && strings.IndexByte("-_.!~*'()", c) >= 0
}

func staysInUser(c byte) bool {
	return isUnreserved(c) || c == ':' || c == '+' || c == '?' || c == '/'
}

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	return append(dst, '%', hex[c>>4], hex[c&15])
}

// unescapeAt reads the %HEX at s[i].
func unescapeAt(s string, i int) (byte, bool) {
	if s[i] != '%' || i+2 >= len(s) {
		return 0, false
	}
	high, ok := hexDigit(s[i+1])
	low, ok2 := hexDigit(s[i+2])
	return high<<4 | low, ok && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch l := c | 0x20; {
	case isDigit(c):
		return c - '0', true
	case l >= 'a' && l <= 'f':
		return l - 'a' + 10, true
	}
	return 0, false
}
