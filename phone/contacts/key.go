package contacts

import (
	"net/netip"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// Key is the same for two ways to write one address: +49 (30) 123-45, 0049 30 12345 and tel:+493012345;
// sip:Bob@Example.com and bob@example.com. It is a number, a user, or user@host. "" is no address at all.
func Key(text string) string {
	d, err := config.ParseDialled(text, nowhere)
	if err != nil {
		return ""
	}
	key := userKey(d.URI)
	if d.URI.Host != nowhere && !isGlobalNumber(d.URI) {
		key = hostKey(d.URI)
	}
	return key + d.After
}

// KeysOf returns the keys under which a far end may be kept, the most telling first. A number or user without a host is
// the far end's only where its own host speaks for it: the account's domain, a host in that, or a gateway that is known
// by its IP address. At any other host the same digits may be somebody else's.
func KeysOf(uri sip.URI, domain string) []string {
	if uri.User == "" {
		return nil
	}
	keys := []string{hostKey(uri)}
	host, domain := strings.TrimSuffix(uri.Host, "."), strings.ToLower(strings.TrimSuffix(domain, "."))
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if domain != "" && (host == domain || strings.HasSuffix(host, "."+domain)) || err == nil {
		keys = append(keys, userKey(uri))
	}
	return keys
}

// hostKey is user@host without what says only how to get there.
//
// RFC 3261 section 19.1.4 keeps users apart by capitals; no registrar that we know does (Kamailio's
// usrloc does not), and people do not, so neither do keys.
func hostKey(uri sip.URI) string {
	key := userOf(uri) + "@" + uri.Host
	if uri.Port != 0 && uri.Port != 5060 && uri.Port != 5061 {
		key += ":" + strings.TrimPrefix(uri.HostPort(), uri.Host+":")
	}
	return key
}

// userOf is the user in small letters, a number without visual separators (RFC 3966 section 3).
func userOf(uri sip.URI) string {
	user := strings.ToLower(uri.UserDecoded())
	bare := strings.Map(func(r rune) rune {
		if strings.ContainsRune("-.()", r) {
			return -1
		}
		return r
	}, user)
	if isDigits(strings.TrimPrefix(bare, "+")) {
		return bare
	}
	return user
}

// userKey is a number as 0-9 * # with + for what is dialled abroad, or a user.
func userKey(uri sip.URI) string {
	user := userOf(uri)
	if digits := strings.TrimPrefix(user, "00"); digits != user && len(digits) > 6 && isDigits(digits) {
		return "+" + digits
	}
	return user
}

// isGlobalNumber tells a telephone number that is the same at every host (RFC 3261 section 19.1.6).
func isGlobalNumber(uri sip.URI) bool {
	kind, _ := uri.Params.Get("user")
	number, global := strings.CutPrefix(userOf(uri), "+")
	return global && isDigits(number) && strings.EqualFold(kind, "phone")
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// NameKey is the same for two ways to write one name: in capitals, with other blanks, as "Miller, Bob".
func NameKey(name string) string {
	name = norm.NFKC.String(name)
	if family, given, ok := strings.Cut(name, ","); ok && !strings.Contains(given, ",") {
		name = given + " " + family
	}
	return strings.Join(wordsOf(name), " ")
}

// wordsOf are the words of a text in small letters, without signs.
func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.M, unicode.N)
	})
}
