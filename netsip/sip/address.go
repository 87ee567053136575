package sip

import "strings"

// Address is a name-addr or addr-spec with the parameters of its header field (RFC 3261 section 20.10).
type Address struct {
	Display string // unquoted, unescaped; "" = none
	URI     URI
	Params  Params // header parameters: tag, expires, +sip.instance, q, pub-gruu, …
}

// ParseAddress reads one element of From, To, Contact, Route and their like. "*" gives a URI whose Scheme
// is "*".
//
// An unquoted display name may hold other characters than those of tokens, but no comma.
func ParseAddress(s string) (Address, error) {
	if s == "*" {
		return Address{URI: URI{Scheme: "*"}}, nil
	}
	display, uri, params, wrong := cutAddress(s)
	if wrong != "" {
		return Address{}, syntaxError("address", s, wrong)
	}
	var a Address
	var err error
	if a.URI, err = ParseURI(uri); err != nil {
		return Address{}, err
	}
	if a.Params, wrong = readParams(params); wrong != "" {
		return Address{}, syntaxError("address", s, wrong)
	}
	a.Display = unquote(display)
	return a, nil
}

// checkAddress tells what is wrong with an address, "" for nothing.
func checkAddress(s string) string {
	_, uri, params, wrong := cutAddress(s)
	if wrong == "" {
		wrong = checkURI(uri)
	}
	if wrong == "" {
		wrong = checkParams(params)
	}
	return wrong
}

// cutAddress finds the parts of an address. params is empty or starts with ";".
func cutAddress(s string) (display, uri, params, wrong string) {
	s = trimSpace(s)
	rest := s
	if s != "" && s[0] == '"' {
		n := quotedLen(s)
		if n < 0 {
			return "", "", "", "quoted string without an end"
		}
		display, rest = s[:n], skipSpace(s[n:])
		if rest == "" || rest[0] != '<' {
			return "", "", "", "no < after the display name"
		}
	} else if i := strings.IndexAny(s, `<;"`); i >= 0 && s[i] == '<' {
		display, rest = trimSpace(s[:i]), s[i:]
		if !isDisplayText(display) {
			return "", "", "", "display name has to be quoted"
		}
	} else {
		return cutAddrSpec(s)
	}
	end := strings.IndexByte(rest, '>')
	if end < 0 {
		return "", "", "", "no > after the URI"
	}
	uri, params = rest[1:end], skipSpace(rest[end+1:])
	if params != "" && params[0] != ';' {
		return "", "", "", "unexpected text after >"
	}
	return display, uri, params, ""
}

// cutAddrSpec cuts an address without <>: what follows the first semicolon belongs to the header field,
// and a comma or question mark may not stand in the URI (RFC 3261 section 20).
func cutAddrSpec(s string) (display, uri, params, wrong string) {
	uri = s
	if i := strings.IndexByte(s, ';'); i >= 0 {
		uri, params = trimSpace(s[:i]), s[i:]
	}
	if strings.ContainsAny(uri, ",?") {
		return "", "", "", "URI has to be enclosed in <>"
	}
	return "", uri, params, ""
}

func isDisplayText(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f || c == ',' || c == '>' {
			return false
		}
	}
	return true
}

// String writes the address with its URI in <> and its display name, if any, quoted.
func (a Address) String() string {
	var buffer [256]byte
	dst := buffer[:0]
	if a.Display != "" {
		dst = appendQuoted(dst, a.Display)
		dst = append(dst, ' ')
	}
	if a.URI.Scheme == "*" {
		dst = append(dst, '*')
	} else {
		dst = append(dst, '<')
		dst = a.URI.AppendTo(dst)
		dst = append(dst, '>')
	}
	return string(a.Params.appendTo(dst))
}

// Tag gives the tag parameter, "" for none.
func (a Address) Tag() string {
	tag, _ := a.Params.Get("tag")
	return tag
}
