package sip

import "strings"

// Address is a name-addr or addr-spec with the parameters of its header field (RFC 3261 section 20.10).
type Address struct {
	Display string // unquoted, unescaped; "" = none
	URI     URI
	Params  Params // header parameters: tag, expires, +sip.instance, q, pub-gruu, …
}

// ParseAddress reads one element of From, To, Contact, Route and their like, as others write them. "*" gives a URI
// whose Scheme is "*". A name in the octets of Latin-1 becomes readable.
//
// What is only shown or repeated may be malformed: a name with quotes that do not balance, as in
// "Joe "Red" S" <sip:joe@example.com>, or parameters without a name, or with characters that may not stand there, which
// are left out. Whose address it is, and the tag, are never guessed: an address is refused where the name may not end
// where it seems to, or where there may be two.
func ParseAddress(s string) (Address, error) {
	if s == "*" {
		return Address{URI: URI{Scheme: "*"}}, nil
	}
	display, uri, params, wrong := cutAddress(s)
	var a Address
	if wrong == "" {
		a.URI, _, wrong = readURI(uri)
	}
	if wrong == "" {
		a.Params, wrong = readParams(params)
	}
	if wrong != "" {
		return Address{}, syntaxError("address", s, wrong)
	}
	a.Display = Readable(UnquoteString(display))
	return a, nil
}

// checkAddress tells what is wrong with an address, "" for nothing, and what of it is odd but read all the same, "" for
// nothing.
func checkAddress(s string) (odd, wrong string) {
	display, uri, params, wrong := cutAddress(s)
	var passed bool
	if wrong == "" {
		odd, wrong = checkURI(uri)
	}
	if wrong == "" {
		passed, wrong = checkParams(params)
	}
	switch {
	case wrong != "":
		return "", wrong
	case odd != "":
		return odd, ""
	case passed:
		return oddParams, ""
	case oddlyNamed(display):
		return "name not quoted as it has to be in ", ""
	}
	return "", ""
}

// oddlyNamed tells whether a display name is neither a quoted string nor tokens.
func oddlyNamed(display string) bool {
	quoted := display != "" && display[0] == '"' && quotedLen(display) == len(display)
	return !quoted && strings.ContainsAny(display, `",`)
}

// cutAddress finds the parts of an address. params is empty or starts with ";".
func cutAddress(s string) (display, uri, params, wrong string) {
	s = trimSpace(s)
	rest := s
	if s != "" && s[0] == '"' {
		n := quotedLen(s)
		if n < 0 || n == len(s) || skipSpace(s[n:])[0] != '<' {
			return cutOddlyNamed(s)
		}
		display, rest = s[:n], skipSpace(s[n:])
	} else if i := strings.IndexAny(s, `<;"`); i >= 0 && s[i] == '"' {
		return cutOddlyNamed(s)
	} else if i >= 0 && s[i] == '<' {
		display, rest = trimSpace(s[:i]), s[i:]
		if strings.IndexByte(display, ',') >= 0 {
			return cutOddlyNamed(s)
		}
		if !isDisplayText(display) {
			return "", "", "", "character that cannot be in a display name"
		}
	} else {
		return cutAddrSpec(s)
	}
	return cutBracketed(display, rest)
}

// cutOddlyNamed finds the parts of an address whose display name is not quoted as it has to be. There is only one
// reading where there is only one <, a name that begins with a quote ends with one, too, and nothing in it can be an
// address.
func cutOddlyNamed(s string) (display, uri, params, wrong string) {
	i := strings.IndexByte(s, '<')
	if i < 0 || strings.IndexByte(s[i+1:], '<') >= 0 {
		return "", "", "", "name not quoted as it has to be"
	}
	display = trimSpace(s[:i])
	quoted := display != "" && display[0] == '"'
	if quoted && (len(display) < 2 || display[len(display)-1] != '"') {
		return "", "", "", "quoted string without an end"
	}
	if mayHaveAddress(display) || !isDisplayText(display) {
		return "", "", "", "name has to be quoted"
	}
	return cutBracketed(display, s[i:])
}

// mayHaveAddress tells whether something in a text could be meant as an address: an @, or what begins as a URI does,
// with a scheme and a colon. A colon after anything else, or before a blank, is punctuation: "Sales: ", "9:30".
func mayHaveAddress(s string) bool {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '@':
			return true
		case s[i] != ':':
			continue
		}
		word := s[strings.LastIndexAny(s[:i], " \t\"',(")+1 : i]
		punctuation := i+1 == len(s) || isSpace(s[i+1]) || s[i+1] == '"'
		if !punctuation && word != "" && isScheme(word) {
			return true
		}
	}
	return false
}

// cutBracketed finds the parts of an address after its display name; rest starts with "<".
func cutBracketed(display, rest string) (_, uri, params, wrong string) {
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
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f || c == '>' {
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
