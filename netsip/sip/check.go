package sip

import (
	"bytes"
	"math"
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
			p.fail(400, "7.3.1", "Bad Request - more than one "+k.String())
		}
	}
	p.checkLists(viaHeader, checkVia)
	for k := toHeader; k <= fromHeader; k++ {
		if p.count[k] > 0 && checkAddress(p.value(k)) != "" {
			p.fail(400, k.section(), "Bad Request - malformed "+k.String())
		}
	}
	if id := p.value(callIDHeader); p.count[callIDHeader] > 0 && !isVisible(id) {
		p.fail(400, callIDHeader.section(), "Bad Request - malformed Call-ID")
	}
	if p.count[cseqHeader] > 0 {
		cseq, wrong := readCSeq(p.value(cseqHeader))
		switch {
		case wrong != "":
			p.fail(400, cseqHeader.section(), "Bad Request - malformed CSeq")
		case p.message.IsRequest() && p.message.Method != "" && cseq.Method != p.message.Method:
			p.fail(400, "8.1.1.5", "Bad Request - CSeq of another method")
		}
	}
	if p.message.IsRequest() {
		p.checkNumber(maxForwardsHeader, 255)
		p.checkNumber(expiresHeader, math.MaxUint32)
		p.checkLists(contactHeader, checkContact)
	}
	p.takeBody(body)
}

func (p *parser) checkNumber(k headerKind, max uint64) {
	if p.count[k] == 0 {
		return
	}
	if _, ok := number(p.value(k), max); !ok {
		p.fail(400, k.section(), "Bad Request - malformed "+k.String())
	}
}

// checkLists checks every element of every header field of a kind.
func (p *parser) checkLists(k headerKind, wrong func(string) string) {
	left := p.count[k]
	for i := p.first[k] - 1; left > 0; i++ {
		if kindOf(p.message.Headers[i].Name) != k {
			continue
		}
		left--
		rest, more := p.message.Headers[i].Value, true
		for more {
			var element string
			element, rest, more = nextElement(rest)
			if wrong(element) != "" {
				p.fail(400, k.section(), "Bad Request - malformed "+k.String())
				return
			}
		}
	}
}

func checkContact(s string) string {
	if s == "*" {
		return ""
	}
	return checkAddress(s)
}

func isVisible(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] == 0x7f {
			return false
		}
	}
	return s != ""
}

// takeBody copies as much of the rest of the frame as Content-Length says.
func (p *parser) takeBody(rest []byte) {
	n := uint64(len(rest))
	if p.count[contentLengthHeader] > 0 {
		length, ok := number(p.value(contentLengthHeader), math.MaxUint32)
		switch {
		case !ok:
			p.fail(400, contentLengthHeader.section(), "Bad Request - malformed Content-Length")
		case length > n:
			p.fail(400, "18.3", "Bad Request - body shorter than Content-Length")
		default:
			n = length
		}
	}
	if len(p.faults) == 0 && n > 0 {
		p.message.Body = bytes.Clone(rest[:n])
	}
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
