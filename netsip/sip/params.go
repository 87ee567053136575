package sip

import "strings"

// Param is one ";name=value" of a URI or a header field.
type Param struct {
	Name     string
	Value    string // as written, quotes kept
	HasValue bool
}

// Params keeps parameters in order.
type Params []Param

// Get finds a parameter by its name in any case. A quoted string comes without quotes and escapes; a
// parameter without a value gives "".
func (p Params) Get(name string) (value string, ok bool) {
	for i := range p {
		if strings.EqualFold(p[i].Name, name) {
			return UnquoteString(p[i].Value), true
		}
	}
	return "", false
}

// With gives a copy with the parameter set, in the place of the old one or at the end. value is written as
// it is (see QuoteString); "" makes a parameter without a value.
func (p Params) With(name, value string) Params {
	set := Param{Name: name, Value: value, HasValue: value != ""}
	out := make(Params, 0, len(p)+1)
	done := false
	for _, q := range p {
		switch {
		case !strings.EqualFold(q.Name, name):
			out = append(out, q)
		case !done:
			out = append(out, set)
			done = true
		}
	}
	if !done {
		out = append(out, set)
	}
	return out
}

// Without gives a copy that lacks the parameter.
func (p Params) Without(name string) Params {
	out := make(Params, 0, len(p))
	for _, q := range p {
		if !strings.EqualFold(q.Name, name) {
			out = append(out, q)
		}
	}
	return out
}

// String writes ";a=b;c", "" where there are none.
func (p Params) String() string {
	if len(p) == 0 {
		return ""
	}
	return string(p.appendTo(nil))
}

func (p Params) appendTo(dst []byte) []byte {
	for i := range p {
		dst = append(dst, ';')
		dst = append(dst, p[i].Name...)
		if p[i].HasValue {
			dst = append(dst, '=')
			dst = append(dst, p[i].Value...)
		}
	}
	return dst
}

// nextParam reads one parameter of a header field from s, which starts after its ";". The syntax is
// generic-param of RFC 3261 section 25.1 with white space around all of it; an unquoted value may hold any
// visible character (addresses, braces), not only those of a token.
func nextParam(s string) (p Param, rest string, err string) {
	s = skipSpace(s)
	n := tokenLen(s)
	if n == 0 {
		return p, "", nameless
	}
	p.Name, s = s[:n], skipSpace(s[n:])
	if s != "" && s[0] == '=' {
		p.HasValue = true
		s = skipSpace(s[1:])
		n = 0
		if s != "" && s[0] == '"' {
			if n = quotedLen(s); n < 0 {
				return p, "", "quoted string without an end"
			}
		} else {
			for n < len(s) && s[n] > ' ' && s[n] != ';' && s[n] != ',' && s[n] != '"' && s[n] != 0x7f {
				n++
			}
		}
		p.Value, s = s[:n], skipSpace(s[n:])
	}
	if s != "" && s[0] != ';' {
		return p, "", "unexpected text in a parameter"
	}
	return p, s, ""
}

// nextReadable is nextParam for what others wrote. What is no parameter is passed over, as odd tells, and p has no name
// then: nothing between two semicolons, or what ends at the next one. What has a quote that does not end hides all that
// follows, and that is passed over too. It stays an error where what is passed over could be the tag or the branch that
// messages are matched by, or another address.
func nextReadable(s string) (p Param, rest string, odd bool, wrong string) {
	s = skipSpace(s)
	if s == "" || s[0] == ';' {
		return p, s, true, ""
	}
	if p, rest, wrong = nextParam(s); wrong == "" {
		return p, rest, false, ""
	}
	unread := s
	if end := strings.IndexByte(s, ';'); end >= 0 && strings.IndexByte(s[:end], '"') < 0 {
		unread, rest = s[:end], s[end:]
	} else {
		rest = ""
	}
	if strings.ContainsAny(unread, ",<") || matchedBy(unread) {
		return Param{}, "", false, wrong
	}
	return Param{}, rest, true, ""
}

// matchedBy tells whether what cannot be read may hold what messages are matched by.
func matchedBy(unread string) bool {
	for piece := range strings.SplitSeq(unread, ";") {
		piece = skipSpace(piece)
		name := piece[:tokenLen(piece)]
		if strings.EqualFold(name, "tag") || strings.EqualFold(name, "branch") {
			return true
		}
	}
	return false
}

// checkParams tells what is wrong with the parameters of a header field, "" for nothing, and whether some are passed
// over. Nobody knows which of two tags or branches is meant. s is empty or starts with ";".
func checkParams(s string) (odd bool, wrong string) {
	var tag, branch Param
	for s != "" && wrong == "" {
		var p Param
		var passed bool
		p, s, passed, wrong = nextReadable(s[1:])
		odd = odd || passed
		if tag.clashes(p, "tag") || branch.clashes(p, "branch") {
			return false, "two values of what messages are matched by"
		}
	}
	return odd, wrong
}

// clashes tells whether another parameter of the name says something else than the one before it, which it notes.
func (p *Param) clashes(next Param, name string) bool {
	if !strings.EqualFold(next.Name, name) {
		return false
	}
	before := *p
	*p = next
	return before.Name != "" && before.Value != next.Value
}

// readParams reads the parameters of a header field that can be read. s is empty or starts with ";".
func readParams(s string) (Params, string) {
	if s == "" {
		return nil, ""
	}
	params := make(Params, 0, strings.Count(s, ";"))
	for s != "" {
		p, rest, odd, wrong := nextReadable(s[1:])
		if wrong != "" {
			return nil, wrong
		}
		if s = rest; !odd {
			params = append(params, p)
		}
	}
	return params, ""
}
