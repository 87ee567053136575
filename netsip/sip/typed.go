package sip

import (
	"bytes"
	"fmt"
	"math"
	"strings"
)

// CSeq is the sequence number of a request in its dialog or registration (RFC 3261 section 20.16).
type CSeq struct {
	Seq    uint32
	Method string
}

// String writes "1 INVITE".
func (c CSeq) String() string { return fmt.Sprintf("%d %s", c.Seq, c.Method) }

func readCSeq(s string) (c CSeq, wrong string) {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	seq, ok := number(s[:n], math.MaxUint32)
	if !ok {
		return c, "bad number"
	}
	c = CSeq{Seq: uint32(seq), Method: skipSpace(s[n:])}
	if n == len(s) || !isSpace(s[n]) || !isToken(c.Method) {
		return CSeq{}, "bad method"
	}
	return c, ""
}

// CSeq reads the CSeq header field.
func (m *Message) CSeq() (CSeq, error) {
	c, wrong := readCSeq(m.Get("CSeq"))
	if wrong != "" {
		return CSeq{}, syntaxError("CSeq", m.Get("CSeq"), wrong)
	}
	return c, nil
}

// From reads the From header field.
func (m *Message) From() (Address, error) { return m.address("From") }

// To reads the To header field.
func (m *Message) To() (Address, error) { return m.address("To") }

func (m *Message) address(name string) (Address, error) {
	a, err := ParseAddress(m.Get(name))
	if err != nil {
		return Address{}, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

// FromTag gives the tag of From, "" where there is none.
func (m *Message) FromTag() string { return m.tag("From") }

// ToTag gives the tag of To, "" where there is none.
func (m *Message) ToTag() string { return m.tag("To") }

// tag reads the tag parameter without making an Address.
func (m *Message) tag(name string) string {
	_, _, params, wrong := cutAddress(m.Get(name))
	for wrong == "" && params != "" {
		var p Param
		p, params, _, wrong = nextReadable(params[1:])
		if wrong == "" && strings.EqualFold(p.Name, "tag") {
			return UnquoteString(p.Value)
		}
	}
	return ""
}

// WithTag gives a From or To with a tag added. value is as it was received; semicolons at its end stand for nothing.
func WithTag(value, tag string) string {
	return strings.TrimRight(value, "; \t") + ";tag=" + tag
}

// CallID gives the Call-ID, "" where there is none.
func (m *Message) CallID() string { return m.Get("Call-ID") }

// TopVia reads the first element of the first Via.
func (m *Message) TopVia() (Via, error) {
	element, _, _ := nextElement(m.Get("Via"))
	return ParseVia(element)
}

// Vias reads all Via elements, topmost first.
func (m *Message) Vias() ([]Via, error) {
	var list []Via
	var err error
	m.elements("Via", func(element string) bool {
		var v Via
		if v, err = ParseVia(element); err == nil {
			list = append(list, v)
		}
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// Contacts reads all Contact elements; see Addresses. "Contact: *" gives one whose URI.Scheme is "*".
func (m *Message) Contacts() ([]Address, error) { return m.Addresses("Contact") }

// Addresses reads all elements of a header field made of addresses (Route, Record-Route, Contact,
// P-Asserted-Identity, …). Elements that cannot be read are left out, and the error tells of
// the first of them: the others are returned beside it.
func (m *Message) Addresses(name string) ([]Address, error) {
	var list []Address
	if room := m.room(name); room > 0 {
		list = make([]Address, 0, room)
	}
	var first error
	m.elements(name, func(element string) bool {
		a, err := ParseAddress(element)
		switch {
		case err == nil:
			list = append(list, a)
		case first == nil:
			first = fmt.Errorf("%s: %w", name, err)
		}
		return true
	})
	return list, first
}

// Uint reads a header field that is a number, such as Expires (seconds) or Max-Forwards; ok tells
// whether it is there. A comment or parameters after the number, as in Retry-After, are passed over. What is no
// number, or none below 2^32, is an error.
func (m *Message) Uint(name string) (value uint32, ok bool, err error) {
	i := m.index(name)
	if i < 0 {
		return 0, false, nil
	}
	s := m.Headers[i].Value
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	v, ok := number(s[:n], math.MaxUint32)
	if !ok || n < len(s) && !strings.ContainsRune(" \t;(", rune(s[n])) {
		return 0, true, syntaxError(name, s, "no number below 2^32")
	}
	return uint32(v), true, nil
}

// ContentType reads the Content-Type header field: type/subtype in lower case, and its parameters. Both are empty where
// it is missing or malformed. A body without a type, or with one that cannot be read, which begins as a session
// description does is one (RFC 8866 section 5.1): what else begins with a version line is nothing that we read. Where
// there are two types it is neither.
func (m *Message) ContentType() (mediaType string, params Params) {
	value, rest, _ := nextElement(m.Get("Content-Type"))
	if trimSpace(rest) != "" {
		return "", nil
	}
	mediaType = value
	if i := strings.IndexByte(value, ';'); i >= 0 {
		mediaType = value[:i]
		params, _ = readParams(value[i:])
	}
	main, sub, _ := strings.Cut(mediaType, "/")
	main, sub = trimSpace(main), trimSpace(sub)
	switch {
	case isToken(main) && isToken(sub):
		return strings.ToLower(main + "/" + sub), params
	case bytes.HasPrefix(m.Body, []byte("v=0\r")) || bytes.HasPrefix(m.Body, []byte("v=0\n")):
		return "application/sdp", nil
	}
	return "", nil
}
