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
			return unquote(p[i].Value), true
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
		return p, "", "parameter without a name"
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

// checkParams tells what is wrong with the parameters of a header field, "" for nothing. s is empty or
// starts with ";".
func checkParams(s string) string {
	for s != "" {
		var wrong string
		if _, s, wrong = nextParam(s[1:]); wrong != "" {
			return wrong
		}
	}
	return ""
}

// readParams reads the parameters of a header field. s is empty or starts with ";".
func readParams(s string) (Params, string) {
	if s == "" {
		return nil, ""
	}
	params := make(Params, 0, strings.Count(s, ";"))
	for s != "" {
		p, rest, wrong := nextParam(s[1:])
		if wrong != "" {
			return nil, wrong
		}
		params, s = append(params, p), rest
	}
	return params, ""
}
