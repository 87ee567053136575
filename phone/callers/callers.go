// Package callers tells which callers an entry of a list means: the block list, those who may ring through while nobody
// wants to be disturbed. It decides nothing about calls.
package callers

import (
	"slices"
	"strings"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// Hidden is the entry that means callers who do not tell who they are.
const Hidden = "anonymous"

// Caller is who calls, as entries are held against.
type Caller struct {
	user, host string // in small letters; user without escapes
	number     string // user as a number in one spelling; "" = it is none
	hidden     bool
}

// Of is the caller with an address. hidden says that it does not tell who it is.
func Of(u sip.URI, hidden bool) Caller {
	user, host := u.UserDecoded(), u.Host
	if u.Scheme != "sip" && u.Scheme != "sips" { // tel:
		user, _, _ = strings.Cut(sip.Unescape(u.Opaque), ";")
	}
	user = strings.ToLower(user)
	number, ok := spelling(user)
	if !ok { // what stands behind it (RFC 3966 section 3), such as an extension, makes it no other number
		number, _ = spelling(user[:max(strings.IndexAny(user, ";,"), 0)])
	}
	return Caller{user: user, host: strings.ToLower(host), number: number, hidden: hidden}
}

// Has tells whether an entry of a list means the caller.
func (c Caller) Has(list []string) bool { return slices.ContainsFunc(list, c.Is) }

// Is tells whether an entry means the caller. * stands for anything and ? for one character. An entry with @ is an
// address; one of digits is a number, in any spelling, 00 being the same as + in front; any other is a user at whatever
// host. The word anonymous means who hides, and so does * alone. It takes time in proportion to the two lengths.
func (c Caller) Is(entry string) bool {
	entry = strings.ToLower(strings.TrimSpace(entry))
	for _, scheme := range []string{"sips:", "sip:", "tel:"} {
		entry = strings.TrimPrefix(entry, scheme)
	}
	user, host, address := cutLast(entry, "@")
	switch number, is := spelling(entry); {
	case entry == "":
		return false
	case strings.Trim(entry, "*") == "":
		return true
	case entry == Hidden:
		return c.hidden
	case c.hidden:
		return false
	case address:
		return matches(orAny(user), c.user) && matches(orAny(host), c.host)
	case is && c.number != "":
		return matches(number, c.number)
	}
	return matches(entry, c.user)
}

// orAny is a part of an address; one that is left out may be anything.
func orAny(part string) string {
	if part == "" {
		return "*"
	}
	return part
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// spelling writes a number, or a pattern of numbers, in one spelling: digits of any script as 0-9, no separators, + for
// 00 in front. False: it is no number.
func spelling(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) > longest {
		return "", false
	}
	if strings.ContainsAny(s, "*?") {
		s = config.WithoutTrunk(s)
	} else if u, err := config.DialTarget(s, "callers.invalid"); err == nil { // written as people do: +49 (0)30 1234
		s = u.UserDecoded()
	}
	var b strings.Builder
	digits := false
	for _, r := range s {
		switch sign := config.DigitSign(r); {
		case r == '*' || r == '?':
			b.WriteRune(r)
		case sign >= '0' && sign <= '9':
			b.WriteByte(sign)
			digits = true
		case sign == '+' && b.Len() == 0, sign == '#':
			b.WriteByte(sign)
		case sign == '(' || sign == ')' || sign == '-' || sign == '.' || sign == '/' || sign == ' ':
		default:
			return "", false
		}
	}
	number := b.String()
	if rest, ok := strings.CutPrefix(number, "00"); ok {
		number = "+" + rest
	}
	return number, digits
}

// longest bounds what is taken for a number, in octets.
const longest = 128

// matches holds a text against a pattern of * and ?. It goes back to the last * alone, which is enough.
func matches(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	i, j, star, mark := 0, 0, -1, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
