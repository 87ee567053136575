package sip

import "strconv"

// Via is one element of a Via header field (RFC 3261 section 20.42).
type Via struct {
	Transport string // as written: "WSS", "UDP", or any other token
	Host      string // as written; IPv6 in brackets
	Port      int    // 0 = none
	Params    Params
}

// ParseVia reads one Via element.
func ParseVia(s string) (Via, error) {
	v, params, wrong := scanVia(s)
	if wrong == "" {
		v.Params, wrong = readParams(params)
	}
	if wrong != "" {
		return Via{}, syntaxError("Via", s, wrong)
	}
	return v, nil
}

// checkVia tells what is wrong with a Via element, "" for nothing, and whether parameters are passed over.
func checkVia(s string) (odd bool, wrong string) {
	_, params, wrong := scanVia(s)
	if wrong != "" {
		return false, wrong
	}
	return checkParams(params)
}

// scanVia reads all but the parameters, which it returns as they are. White space may surround "/" and
// ":" (RFC 3261 sections 20.42 and 25.1: SLASH and COLON). Any version is taken, so that a request of another
// version can be answered with 505.
func scanVia(s string) (v Via, params, wrong string) {
	for part := range 3 {
		s = skipSpace(s)
		n := tokenLen(s)
		if n == 0 {
			return v, "", "malformed protocol"
		}
		v.Transport, s = s[:n], s[n:]
		if part == 2 {
			break
		}
		if s = skipSpace(s); s == "" || s[0] != '/' {
			return v, "", "malformed protocol"
		}
		s = s[1:]
	}
	if s == "" || !isSpace(s[0]) {
		return v, "", "no host"
	}
	if v.Host, s, wrong = scanHost(skipSpace(s)); wrong != "" {
		return v, "", wrong
	}
	if s = skipSpace(s); s != "" && s[0] == ':' {
		if v.Port, s, wrong = scanPort(skipSpace(s[1:])); wrong != "" {
			return v, "", wrong
		}
		s = skipSpace(s)
	}
	if s != "" && s[0] != ';' {
		return v, "", "unexpected text after the host"
	}
	return v, s, ""
}

// Branch gives the branch parameter, "" for none.
func (v Via) Branch() string {
	branch, _ := v.Params.Get("branch")
	return branch
}

// String writes the element, with version 2.0.
func (v Via) String() string {
	dst := append(make([]byte, 0, 128), "SIP/2.0/"...)
	dst = append(dst, v.Transport...)
	dst = append(dst, ' ')
	dst = append(dst, v.Host...)
	if v.Port != 0 {
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, int64(v.Port), 10)
	}
	return string(v.Params.appendTo(dst))
}
