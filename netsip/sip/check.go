package sip

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
)

// headerKind names the header fields that Parse looks into.
type headerKind uint8

const (
	otherHeader headerKind = iota
	viaHeader
	toHeader
	fromHeader
	callIDHeader
	cseqHeader
	maxForwardsHeader
	expiresHeader
	contactHeader
	contentTypeHeader
	contentLengthHeader
	headerKinds
)

func (k headerKind) String() string {
	return [...]string{
		"", "Via", "To", "From", "Call-ID", "CSeq", "Max-Forwards", "Expires", "Contact", "Content-Type",
		"Content-Length",
	}[k]
}

// section is where RFC 3261 defines the header field.
func (k headerKind) section() string {
	return [...]string{
		"", "20.42", "20.39", "20.20", "20.8", "20.16", "20.22", "20.19", "20.10", "20.15", "20.14",
	}[k]
}

func kindOf(name string) headerKind {
	if len(name) == 1 {
		name = longName(name)
	}
	candidate, other := otherHeader, otherHeader
	switch len(name) {
	case 2:
		candidate = toHeader
	case 3:
		candidate = viaHeader
	case 4:
		candidate, other = fromHeader, cseqHeader
	case 7:
		candidate, other = callIDHeader, contactHeader
		if name[0]|0x20 == 'e' {
			candidate = expiresHeader
		}
	case 12:
		candidate, other = contentTypeHeader, maxForwardsHeader
	case 14:
		candidate = contentLengthHeader
	}
	if candidate != otherHeader && sameHeader(name, candidate.String()) {
		return candidate
	}
	if other != otherHeader && sameHeader(name, other.String()) {
		return other
	}
	return otherHeader
}

// value gives the first header field of a kind.
func (p *parser) value(k headerKind) string {
	if p.first[k] == 0 {
		return ""
	}
	return p.message.Headers[p.first[k]-1].Value
}

// check judges the message as a whole and takes over its body.
func (p *parser) check(body []byte) {
	for k := viaHeader; k <= cseqHeader; k++ {
		if p.count[k] == 0 {
			p.fail(400, "8.1.1", "Bad Request - no "+k.String())
		}
	}
	for k := toHeader; k < headerKinds; k++ {
		if p.count[k] > 1 && k != contactHeader {
			p.repeated(k)
		}
	}
	p.checkVias()
	if id := p.value(callIDHeader); p.count[callIDHeader] > 0 && !isVisible(id) {
		p.fail(400, callIDHeader.section(), "Bad Request - malformed Call-ID")
	}
	var cseq CSeq
	if p.count[cseqHeader] > 0 {
		var wrong string
		cseq, wrong = readCSeq(p.value(cseqHeader))
		switch {
		case wrong != "":
			p.fail(400, cseqHeader.section(), "Bad Request - malformed CSeq")
		case p.message.IsRequest() && p.message.Method != "" && cseq.Method != p.message.Method:
			p.fail(400, "8.1.1.5", "Bad Request - CSeq of another method")
		}
	}
	p.checkParty(toHeader, p.needsTo(cseq))
	p.checkParty(fromHeader, p.message.IsRequest())
	p.checkContacts()
	if p.message.IsRequest() {
		p.checkNumber(maxForwardsHeader, 255)
		p.checkNumber(expiresHeader, math.MaxUint32)
	}
	p.takeBody(body)
}

// repeated judges a header field that stands more often than once though it may not. Those that say the same are one.
// Of others nobody knows which is meant; where it does not matter, the first counts.
func (p *parser) repeated(k headerKind) {
	first := p.value(k)
	for i := len(p.message.Headers) - 1; i >= p.first[k]; i-- {
		h := p.message.Headers[i]
		if kindOf(h.Name) != k {
			continue
		}
		matters := k != maxForwardsHeader && k != expiresHeader && (k != contentTypeHeader || p.message.IsRequest())
		switch {
		case sameValue(k, h.Value, first):
			p.remove(i)
		case matters:
			p.fail(400, "7.3.1", "Bad Request - more than one "+k.String())
			return
		}
	}
	p.odd("7.3.1", "more than one "+k.String())
}

func sameValue(k headerKind, a, b string) bool {
	if k == contentLengthHeader {
		m, ok := number(a, math.MaxUint32)
		n, ok2 := number(b, math.MaxUint32)
		return a == b || ok && ok2 && m == n
	}
	return a == b
}

// remove takes a header field out of the message.
func (p *parser) remove(at int) {
	p.message.Headers = slices.Delete(p.message.Headers, at, at+1)
	for k := range p.first {
		if p.first[k] > at+1 {
			p.first[k]--
		}
	}
}

// needsTo tells whether the message cannot do without its To: a request, or a response that makes a dialog (RFC 3261
// section 12.1). The To of any other is the one that we wrote.
func (p *parser) needsTo(cseq CSeq) bool {
	m := &p.message
	makesDialog := cseq.Method == "INVITE" || cseq.Method == "SUBSCRIBE"
	return m.IsRequest() || makesDialog && m.StatusCode > 100 && m.StatusCode < 300
}

// checkParty judges From or To.
func (p *parser) checkParty(k headerKind, needed bool) {
	if p.count[k] == 0 {
		return
	}
	switch odd, wrong := checkAddress(p.value(k)); {
	case wrong != "" && needed:
		p.fail(400, k.section(), "Bad Request - malformed "+k.String())
	case wrong != "":
		p.odd(k.section(), "malformed "+k.String())
	case odd != "":
		p.odd(k.section(), odd+k.String())
	}
}

// checkNumber judges a number that a user agent can do without. One beyond its range is refused (RFC 4475 section
// 3.1.2.4); what is no number at all says nothing.
func (p *parser) checkNumber(k headerKind, max uint64) {
	if p.count[k] == 0 {
		return
	}
	value := p.value(k)
	switch _, ok := number(value, max); {
	case ok:
	case value != "" && strings.Trim(value, "0123456789") == "":
		p.fail(400, k.section(), "Bad Request - malformed "+k.String())
	default:
		p.odd(k.section(), "malformed "+k.String())
	}
}

// checkVias checks every element of every Via. There must be one, and the first is what messages are matched by. Those
// below it are of the hops before and are repeated as they came, but for what does not even begin as one: that may be
// the rest of the first.
func (p *parser) checkVias() {
	found := false
	p.elements(viaHeader, func(element string) bool {
		odd, wrong := checkVia(element)
		switch {
		case wrong != "" && (!found || !beginsAsVia(element)):
			found = false
			return false
		case wrong != "":
			p.odd(viaHeader.section(), "malformed Via of a hop before")
		case odd:
			p.odd(viaHeader.section(), "malformed parameters of Via")
		}
		found = true
		return true
	})
	if !found && p.count[viaHeader] > 0 {
		p.fail(400, viaHeader.section(), "Bad Request - malformed Via")
	}
}

// beginsAsVia tells whether an element names a protocol, as "SIP/2.0/UDP" does.
func beginsAsVia(element string) bool {
	name, _, slash := strings.Cut(element, "/")
	return slash && strings.EqualFold(trimSpace(name), "SIP")
}

// checkContacts checks every Contact. That of a response is judged where it is used.
func (p *parser) checkContacts() {
	p.elements(contactHeader, func(element string) bool {
		odd, wrong := "", ""
		if element != "*" {
			odd, wrong = checkAddress(element)
		}
		switch {
		case wrong != "" && p.message.IsRequest() && usesContact(p.message.Method):
			p.fail(400, contactHeader.section(), "Bad Request - malformed Contact")
			return false
		case wrong != "":
			odd = "malformed "
		}
		if odd != "" {
			p.odd(contactHeader.section(), odd+"Contact")
		}
		return true
	})
}

// usesContact tells whether the Contact of a request says where the requests after it go, or is what it is about.
func usesContact(method string) bool {
	switch method {
	case "INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER", "REGISTER":
		return true
	}
	return false
}

// elements calls f with every element of every header field of a kind, but empty ones, until it returns false.
func (p *parser) elements(k headerKind, f func(element string) bool) {
	left := p.count[k]
	for i := p.first[k] - 1; left > 0 && i < len(p.message.Headers); i++ {
		if kindOf(p.message.Headers[i].Name) != k {
			continue
		}
		left--
		rest, more := p.message.Headers[i].Value, true
		for more {
			var element string
			if element, rest, more = nextElement(rest); element != "" && !f(element) {
				return
			}
		}
	}
}

func isVisible(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] == 0x7f {
			return false
		}
	}
	return s != ""
}

// takeBody copies the body out of the rest of the frame: as much as Content-Length says. In a request that has to be
// true. The frame itself says how long a message is (RFC 7118 section 5), so that of a response may be wrong, and one
// that would cut a line in two counts something else than octets.
func (p *parser) takeBody(rest []byte) {
	n := len(rest)
	if value := p.oneLength(); value != "" {
		length, ok := number(value, math.MaxUint32)
		switch {
		case ok && length == uint64(n):
		case ok && length < uint64(n) && endsLine(rest, int(length)):
			n = int(length)
		case p.message.IsRequest() && !ok:
			p.fail(400, contentLengthHeader.section(), "Bad Request - malformed Content-Length")
		case p.message.IsRequest() && length > uint64(n):
			p.fail(400, "18.3", "Bad Request - body shorter than Content-Length")
		default:
			p.odd(contentLengthHeader.section(), "Content-Length is not that of the body")
			p.message.Headers[p.first[contentLengthHeader]-1].Value = strconv.Itoa(n)
		}
	} else if p.count[contentLengthHeader] > 0 {
		p.odd(contentLengthHeader.section(), "malformed Content-Length")
		p.message.Headers[p.first[contentLengthHeader]-1].Value = strconv.Itoa(n)
	}
	if len(p.faults) == 0 && n > 0 {
		p.message.Body = bytes.Clone(rest[:n])
	}
}

// oneLength gives Content-Length. A list of equal ones, as whoever joins header fields makes of two, is one; one whose
// numbers differ is refused as two header fields are.
func (p *parser) oneLength() string {
	value := p.value(contentLengthHeader)
	first, rest, more := nextElement(value)
	if !more {
		return value
	}
	for more {
		var next string
		if next, rest, more = nextElement(rest); next == "" || sameValue(contentLengthHeader, first, next) {
			continue
		}
		p.fail(400, "7.3.1", "Bad Request - more than one Content-Length")
		return value
	}
	p.odd("7.3.1", "more than one Content-Length")
	p.message.Headers[p.first[contentLengthHeader]-1].Value = first
	return first
}

// endsLine tells whether a body may end at n: where a line ends, or nothing but the ends of lines follows.
func endsLine(body []byte, n int) bool {
	return n == 0 || body[n-1] == '\n' || len(bytes.Trim(body[n:], "\r\n")) == 0
}

// failure makes the error. A request is answered when a response can carry what it has to: Via, of which the
// topmost must name a protocol and host, To, From, Call-ID and CSeq, none of them made up. An ACK is never
// answered (RFC 3261 section 17).
func (p *parser) failure() *ParseError {
	e := &ParseError{
		StatusCode: p.code, Reason: p.faults[0].Reason, Section: p.faults[0].Section, Faults: p.faults,
		Message: &p.message,
	}
	top, _, _ := nextElement(p.value(viaHeader))
	_, _, wrong := scanVia(top)
	answerable := p.message.IsRequest() && p.message.Method != "" && p.message.Method != "ACK" && wrong == ""
	for k := viaHeader; k <= cseqHeader; k++ {
		answerable = answerable && p.value(k) != ""
	}
	if !answerable {
		e.StatusCode = 0
	}
	return e
}
