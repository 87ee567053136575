package sip

import "strings"

// Challenge is one challenge or one set of credentials: the scheme and the parameters of
// WWW-Authenticate, Proxy-Authenticate, Authorization or Proxy-Authorization.
type Challenge struct {
	Scheme string // as written: "Digest"
	Params Params
}

// ParseChallenges reads the value of an authentication header field, which may hold several
// challenges. The order of parameters is free; values may be quoted or not whatever their
// name, and empty list elements are skipped, since servers differ in all of this.
func ParseChallenges(value string) ([]Challenge, error) {
	var list []Challenge
	s := value
	afterScheme := false
	for {
		for s != "" && (isSpace(s[0]) || s[0] == ',') {
			afterScheme = afterScheme && s[0] != ','
			s = s[1:]
		}
		if s == "" {
			break
		}
		n := tokenLen(s)
		if n == 0 {
			return nil, syntaxError("challenge", value, "parameter without a name")
		}
		name, rest := s[:n], skipSpace(s[n:])
		if rest == "" || rest[0] != '=' {
			switch {
			case afterScheme: // RFC 7235's token68, as Negotiate has it
				last := &list[len(list)-1]
				last.Params = append(last.Params, Param{Name: name})
				afterScheme = false
			case len(list) > 0 && list[len(list)-1].lists(name):
			default:
				list = append(list, Challenge{Scheme: name})
				afterScheme = true
			}
			s = rest
			continue
		}
		if len(list) == 0 {
			return nil, syntaxError("challenge", value, "no scheme")
		}
		v, rest, ok := challengeValue(skipSpace(rest[1:]))
		if !ok {
			return nil, syntaxError("challenge", value, "malformed value of "+name)
		}
		last := &list[len(list)-1]
		last.Params = append(last.Params, Param{Name: name, Value: v, HasValue: true})
		s, afterScheme = rest, false
	}
	if len(list) == 0 {
		return nil, syntaxError("challenge", value, "empty")
	}
	return list, nil
}

// lists adds a value to qop where that was the last parameter, and tells whether it did: some servers leave out the
// quotes of the list (RFC 7616 section 3.3).
func (c *Challenge) lists(value string) bool {
	n := len(c.Params) - 1
	known := strings.EqualFold(value, "auth") || strings.EqualFold(value, "auth-int")
	if n < 0 || !known || !strings.EqualFold(c.Params[n].Name, "qop") {
		return false
	}
	if list := UnquoteString(c.Params[n].Value); len(list) < len("auth,auth-int,auth,auth-int") { // there are two
		c.Params[n].Value = list + "," + value
	}
	return true
}

// challengeValue reads a quoted string, or all up to the next comma.
func challengeValue(s string) (value, rest string, ok bool) {
	n := 0
	if s != "" && s[0] == '"' {
		if n = quotedLen(s); n < 0 {
			return "", "", false
		}
		rest = skipSpace(s[n:])
		return s[:n], rest, rest == "" || rest[0] == ','
	}
	for n < len(s) && s[n] != ',' && s[n] != '"' {
		n++
	}
	return trimSpace(s[:n]), s[n:], n == len(s) || s[n] == ','
}
