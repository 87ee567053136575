package config

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// badHost returns why host, as it stands in a URI, is none, or "": a name of letters, digits, "-", "_"
// and dots whose last part begins with a letter, an IPv4 address, or an IPv6 address in brackets (RFC 3261 section
// 25.1, and "_", which real networks use).
func badHost(host string) string {
	switch {
	case host == "":
		return "has no host"
	case strings.HasPrefix(host, "["):
		addr, err := netip.ParseAddr(strings.TrimSuffix(host[1:], "]"))
		if err != nil || !addr.Is6() || addr.Zone() != "" || !strings.HasSuffix(host, "]") {
			return "has an IPv6 address that is none"
		}
		return ""
	case strings.HasSuffix(host, "."):
		return "has a host that ends with a dot"
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" {
			return "has a host with two dots together or one at its start"
		}
		if strings.ContainsFunc(label, func(r rune) bool { return !isHostRune(r) }) {
			return "has a host with a character that cannot be in one"
		}
		if label[0] == '-' || label[0] == '_' {
			return "has a host with a - or _ where a letter or digit must be"
		}
	}
	last := labels[len(labels)-1]
	switch {
	case last[0] > '9': // a letter
	case strings.Trim(last, "0123456789") != "":
		return "has a host whose last part begins with a digit"
	default:
		if _, err := netip.ParseAddr(host); err != nil {
			return "has an IPv4 address that is none"
		}
	}
	return ""
}

func isHostRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'
}

// badHostPort checks HOST[:PORT].
func badHostPort(s string) string {
	host, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		host, port = s[:i], s[i+1:]
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 || port[0] == '+' {
			return "has a port that is not a number from 1 to 65535"
		}
	}
	return badHost(host)
}

// parseWebSocketURI checks one WebSocket address (RFC 6455 section 3) and returns it with its scheme in
// lower case, or the reason it cannot be used.
func parseWebSocketURI(s string) (u *url.URL, canonical, reason string) {
	if reason := badText(s); reason != "" {
		return nil, "", reason
	}
	scheme, rest, ok := strings.Cut(s, "://")
	scheme = strings.ToLower(scheme)
	if !ok || scheme != "ws" && scheme != "wss" {
		return nil, "", "must begin with wss:// or ws://"
	}
	if reason := badURICharacter(rest); reason != "" {
		return nil, "", reason
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	if strings.Contains(authority, "@") {
		return nil, "", "must not have a user name in the server's address"
	}
	if strings.Contains(rest, "#") {
		return nil, "", "must not have a # in it"
	}
	if reason := badHostPort(authority); reason != "" {
		return nil, "", reason
	}
	canonical = scheme + "://" + rest
	u, err := url.Parse(canonical)
	if err != nil {
		return nil, "", "is not an address"
	}
	return u, canonical, ""
}

// badURICharacter refuses what no URI may hold unescaped (RFC 3986 section 2).
func badURICharacter(s string) string {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ' || c == '\t':
			return "has a blank in it"
		case c == '%':
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return "has a % without two hexadecimal digits after it"
			}
		case c < ' ' || c > '~' || strings.IndexByte("\"<>\\^`{|}", c) >= 0:
			return "has a character that must be written as %XX in an address"
		}
	}
	return ""
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// checkStunURI wants stun:HOST[:PORT] or stuns: (RFC 7064); the scheme comes out in lower case.
func checkStunURI(s string) (string, string) {
	scheme, rest, ok := strings.Cut(s, ":")
	scheme = strings.ToLower(scheme)
	if !ok || scheme != "stun" && scheme != "stuns" {
		if badHostPort(s) == "" {
			return "", "must begin with stun: or stuns:, such as stun:" + s
		}
		return "", "must begin with stun: or stuns:"
	}
	if strings.HasPrefix(rest, "//") {
		return "", "must have no // after " + scheme + ":"
	}
	return scheme + ":" + rest, badHostPort(rest)
}

// checkTurnURI wants turn:HOST[:PORT][?transport=udp|tcp] or turns: (RFC 7065); a bare host gets turn:.
func checkTurnURI(s string) (string, string) {
	scheme, rest, ok := strings.Cut(s, ":")
	switch l := strings.ToLower(scheme); {
	case ok && (l == "turn" || l == "turns"):
		scheme = l
	case ok && (l == "stun" || l == "stuns" || strings.HasPrefix(rest, "//")):
		return "", "must begin with turn: or turns:"
	default:
		scheme, rest = "turn", s
	}
	if strings.HasPrefix(rest, "//") {
		return "", "must have no // after " + scheme + ":"
	}
	hostport, query, hasQuery := strings.Cut(rest, "?")
	if reason := badHostPort(hostport); reason != "" {
		return "", reason
	}
	if !hasQuery {
		return scheme + ":" + hostport, ""
	}
	query = strings.ToLower(query)
	if query != "transport=udp" && query != "transport=tcp" {
		return "", "may only have ?transport=udp or ?transport=tcp after the host"
	}
	return scheme + ":" + hostport + "?" + query, ""
}
