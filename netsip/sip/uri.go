package sip

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"
)

// URI is a SIP URI, or any other absolute URI kept opaque (RFC 3261 section 19.1).
type URI struct {
	Scheme  string // lower case: "sip", "sips", "tel", …; "*" for Contact: *
	User    string // as written, escaped; "" = none. A password stays in it: "alice:pw"
	Host    string // lower case; IPv6 in brackets
	Port    int    // 0 = none
	Params  Params
	Headers string // what follows "?", raw; "" = none
	Opaque  string // what follows "scheme:" for schemes other than sip and sips
}

// ParseURI reads an absolute URI, nothing around it: no <>, no white space. It is for what is configured and dialled:
// those of messages are read more leniently (ParseAddress).
//
// The user part may hold any visible character but @, more than RFC 3261 section 25.1 allows, because
// service codes such as *21# are dialled unescaped. In an IPv6 host ":::" before an embedded IPv4 address is
// taken for "::" (RFC 5118 section 4.10).
func ParseURI(s string) (URI, error) {
	u, odd, wrong := readURI(s)
	switch {
	case wrong != "":
	case odd == oddUser:
		wrong = "empty user"
	case odd != "":
		wrong = "malformed parameters"
	}
	if wrong != "" {
		return URI{}, syntaxError("uri", s, wrong)
	}
	return u, nil
}

// What is odd about a URI that is read all the same, in the words of the oddities of a message.
const (
	oddUser   = "empty user in "           // "sip:@192.0.2.1", as some gateways name who does not want to be named
	oddParams = "malformed parameters of " // see nextURIParam
)

// readURI reads a URI that somebody else wrote. odd is oddUser, oddParams, or "" for nothing.
func readURI(s string) (u URI, odd, wrong string) {
	u, params, odd, wrong := scanURI(s)
	if wrong != "" || params == "" {
		return u, odd, wrong
	}
	u.Params = make(Params, 0, strings.Count(params, ";"))
	for params != "" {
		var p Param
		var oddly bool
		if p, params, oddly, wrong = nextURIParam(params[1:]); wrong != "" {
			return URI{}, "", wrong
		}
		if oddly {
			odd = cmp.Or(odd, oddParams)
		}
		if p.Name != "" {
			u.Params = append(u.Params, p)
		}
	}
	if len(u.Params) == 0 {
		u.Params = nil
	}
	return u, odd, ""
}

// checkURI tells what is wrong with a URI, "" for nothing, and what of it is odd, as readURI does.
func checkURI(s string) (odd, wrong string) {
	_, params, odd, wrong := scanURI(s)
	for params != "" && wrong == "" {
		var oddly bool
		if _, params, oddly, wrong = nextURIParam(params[1:]); oddly {
			odd = cmp.Or(odd, oddParams)
		}
	}
	return odd, wrong
}

// scanURI reads all of a URI but its parameters, which it returns as they are, starting with ";".
func scanURI(s string) (u URI, params, odd, wrong string) {
	colon := strings.IndexByte(s, ':')
	if colon <= 0 || !isScheme(s[:colon]) {
		return u, "", "", "no scheme"
	}
	u.Scheme = strings.ToLower(s[:colon])
	rest := s[colon+1:]
	if rest == "" {
		return u, "", "", "nothing after the scheme"
	}
	quotes := false
	for i := 0; i < len(rest); i++ {
		if c := rest[i]; c <= ' ' || c == 0x7f || c == '<' || c == '>' {
			return u, "", "", noURICharacter
		}
		quotes = quotes || rest[i] == '"'
	}
	if u.Scheme != "sip" && u.Scheme != "sips" {
		if quotes {
			return u, "", "", noURICharacter
		}
		u.Opaque = rest
		return u, "", "", ""
	}
	if at := strings.IndexByte(rest, '@'); at == 0 {
		odd, rest = oddUser, rest[1:]
	} else if at > 0 {
		u.User, rest = rest[:at], rest[at+1:]
	}
	u.Host, u.Port, rest, wrong = scanHostPort(rest)
	if wrong != "" {
		return u, "", "", wrong
	}
	u.Host = strings.ToLower(u.Host)
	if question := strings.IndexByte(rest, '?'); question >= 0 {
		rest, u.Headers = rest[:question], rest[question+1:]
	}
	switch {
	case rest != "" && rest[0] != ';':
		return u, "", "", "unexpected text after the host"
	case quotes && (strings.IndexByte(u.User, '"') >= 0 || strings.IndexByte(u.Headers, '"') >= 0):
		return u, "", "", noURICharacter
	}
	return u, rest, odd, ""
}

func isScheme(s string) bool {
	if c := s[0] | 0x20; c < 'a' || c > 'z' {
		return false
	}
	for i := 1; i < len(s); i++ {
		c := s[i]
		if l := c | 0x20; (l < 'a' || l > 'z') && !isDigit(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// scanHostPort reads host[:port] at the start of s.
func scanHostPort(s string) (host string, port int, rest, wrong string) {
	host, rest, wrong = scanHost(s)
	if wrong == "" && rest != "" && rest[0] == ':' {
		port, rest, wrong = scanPort(rest[1:])
	}
	return host, port, rest, wrong
}

// scanHost reads a host at the start of s.
func scanHost(s string) (host, rest, wrong string) {
	n := 0
	if s != "" && s[0] == '[' {
		n = strings.IndexByte(s, ']') + 1
		if n == 0 || !isIPv6(s[1:n-1]) {
			return "", "", "bad IPv6 address"
		}
	} else {
		for n < len(s) && isHostChar(s[n]) {
			n++
		}
		if n == 0 {
			return "", "", "no host"
		}
	}
	return s[:n], s[n:], ""
}

// scanPort reads a port at the start of s.
func scanPort(s string) (port int, rest, wrong string) {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	p, ok := number(s[:n], 65535)
	if !ok {
		return 0, "", "bad port"
	}
	return int(p), s[n:], ""
}

// isHostChar allows "_" beside the characters of a host name: DNS names in private networks have it.
func isHostChar(c byte) bool {
	l := c | 0x20
	return l >= 'a' && l <= 'z' || isDigit(c) || c == '-' || c == '.' || c == '_'
}

func isIPv6(s string) bool {
	a, err := parseIPv6(s)
	return err == nil && a.Is6() && a.Zone() == ""
}

func parseIPv6(s string) (netip.Addr, error) {
	return netip.ParseAddr(strings.Replace(s, ":::", "::", 1))
}

// Why a URI is none.
const (
	nameless       = "parameter without a name"
	noURICharacter = "character that cannot stand in a URI"
)

// nextURIParam reads one parameter of a SIP URI from s, which starts after its ";". It is odd, and without a name,
// where there is none, and odd where its value stands in quotes: they may not be there (RFC 3261 section 25.1), and
// OpenSIPS, which hides its topology in such a parameter, writes them all the same. They belong to the value, as it is
// repeated.
func nextURIParam(s string) (p Param, rest string, odd bool, wrong string) {
	n := strings.IndexByte(s, ';')
	if n < 0 {
		n = len(s)
	}
	p.Name, rest = s[:n], s[n:]
	if equals := strings.IndexByte(p.Name, '='); equals >= 0 {
		p.Name, p.Value, p.HasValue = p.Name[:equals], p.Name[equals+1:], true
	}
	quoted := quotedLen(p.Value) == len(p.Value) && strings.HasPrefix(p.Value, `"`)
	switch {
	case p.Name == "" && p.HasValue:
		return p, "", false, nameless
	case strings.IndexByte(p.Name, '"') >= 0, !quoted && strings.IndexByte(p.Value, '"') >= 0:
		return p, "", false, noURICharacter
	}
	return p, rest, p.Name == "" || quoted, ""
}

// String writes the URI.
func (u URI) String() string { return string(u.AppendTo(nil)) }

// AppendTo appends the URI to dst.
func (u URI) AppendTo(dst []byte) []byte {
	if u.Scheme == "*" {
		return append(dst, '*')
	}
	dst = append(dst, u.Scheme...)
	dst = append(dst, ':')
	if u.Host == "" {
		return append(dst, u.Opaque...)
	}
	if u.User != "" {
		dst = append(dst, u.User...)
		dst = append(dst, '@')
	}
	dst = append(dst, u.Host...)
	if u.Port != 0 {
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, int64(u.Port), 10)
	}
	dst = u.Params.appendTo(dst)
	if u.Headers != "" {
		dst = append(dst, '?')
		dst = append(dst, u.Headers...)
	}
	return dst
}

// HostPort gives "host" or "host:port", as a Via or a dialler wants it.
func (u URI) HostPort() string {
	if u.Port == 0 {
		return u.Host
	}
	return u.Host + ":" + strconv.Itoa(u.Port)
}

// WithoutHeaders gives the URI as a Request-URI may be: without what follows "?", and without a method
// (RFC 3261 section 19.1.1, table 1). Headers of a URI that came from outside never become headers of a message.
func (u URI) WithoutHeaders() URI {
	u.Headers = ""
	if _, asks := u.Params.Get("method"); asks {
		u.Params = u.Params.Without("method")
	}
	return u
}
