package sip

import (
	"bytes"
	"slices"
	"strings"
)

// ParseError tells what is wrong with a message, whether it is to be answered and how.
type ParseError struct {
	StatusCode int      // 400, 505 or 513 to answer with; 0 = cannot be answered: drop
	Reason     string   // phrase for the response: "Bad Request - malformed Via"
	Section    string   // of RFC 3261 that rules it: "20.42"; "" for a limit of our own
	Faults     []Fault  // all that were found, the one above first; at most maxFaults
	Message    *Message // what could be read: enough to build a response when StatusCode is not 0, else it may be nil
}

// Fault is one thing that is wrong with a message.
type Fault struct {
	Reason  string // as in ParseError
	Section string
}

// maxFaults bounds what is told of one message.
const maxFaults = 16

func (e *ParseError) Error() string { return "sip: parse message: " + e.Reason }

// Parse reads one WebSocket frame, which holds one message (RFC 7118 section 5). data is copied, never kept.
// Lines may end with LF alone. Octets after Content-Length are passed over; without Content-Length the body
// is the rest of the frame.
//
// An error is a *ParseError. Only what is needed to match a message and to act on it can fail it: the start line, Via,
// From, To, Call-ID and CSeq, two Content-Lengths that differ; in a request also the length of its body, its type where
// two are given, and Contact where the method makes or refreshes a dialog or binds one. From, and To of a response that
// makes no dialog, are only repeated. All other header fields are read by whoever needs them, and a line that cannot be
// one is passed over, unless it may be the rest of one that is needed. What was read in spite of a rule is told in
// Message.Oddities. What the user agent core has to judge (methods, schemes, extensions, dialogs) is accepted here.
func Parse(data []byte) (*Message, error) {
	var p parser
	if len(data) > MaxMessageSize {
		data = data[:MaxMessageSize]
		p.fail(513, "21.5.7", "Message Too Large")
	}
	for len(data) > 0 && (data[0] == '\r' || data[0] == '\n') {
		data = data[1:]
	}
	if len(data) == 0 {
		return nil, &ParseError{Reason: "empty message", Section: "7", Faults: []Fault{{"empty message", "7"}}}
	}
	head, lines, ended := headLen(data)
	text := string(data[:head])
	p.message.Headers = make([]Header, 0, min(lines, MaxHeaders))
	line, text := nextLine(text)
	p.startLine(line)
	p.headerLines(text)
	switch {
	case ended:
	case p.message.IsRequest() || data[len(data)-1] != '\n':
		p.fail(400, "7", "Bad Request - no empty line after the header fields")
	default: // where a frame ends, a message does (RFC 7118 section 5)
		p.odd("7", "no empty line after the header fields")
	}
	p.check(data[head:])
	if len(p.faults) > 0 {
		return nil, p.failure()
	}
	return &p.message, nil
}

// parser is the state of one Parse: it notes a fault and reads on, so that a request can be answered. The first fault
// is what the answer tells.
type parser struct {
	message Message
	code    int              // of the first fault
	faults  []Fault          // none for a message that can be taken
	first   [headerKinds]int // 1 + index of the first header field of a kind; 0 = none
	count   [headerKinds]int
}

func (p *parser) fail(code int, section, reason string) {
	if len(p.faults) == 0 {
		p.code = code
	}
	if f := (Fault{reason, section}); len(p.faults) < maxFaults && !slices.Contains(p.faults, f) {
		p.faults = append(p.faults, f)
	}
}

// odd notes what is read all the same.
func (p *parser) odd(section, reason string) {
	m := &p.message
	if f := (Fault{reason, section}); len(m.Oddities) < maxFaults && !slices.Contains(m.Oddities, f) {
		m.Oddities = append(m.Oddities, f)
	}
}

// headLen measures start line and header fields, with the empty line that ends them, and counts lines.
func headLen(data []byte) (n, lines int, ended bool) {
	for n < len(data) {
		i := bytes.IndexByte(data[n:], '\n')
		if i < 0 {
			return len(data), lines + 1, false
		}
		n += i + 1
		lines++
		switch {
		case n < len(data) && data[n] == '\n':
			return n + 1, lines, true
		case n+1 < len(data) && data[n] == '\r' && data[n+1] == '\n':
			return n + 2, lines, true
		}
	}
	return n, lines, false
}

// nextLine cuts a line off text, its end stripped.
func nextLine(text string) (line, rest string) {
	i := strings.IndexByte(text, '\n')
	if i < 0 {
		return strings.TrimSuffix(text, "\r"), ""
	}
	line, rest = text[:i], text[i+1:]
	if i > 0 && line[i-1] == '\r' {
		line = line[:i-1]
	}
	return line, rest
}

// startLine reads the Request-Line or Status-Line (RFC 3261 sections 7.1 and 7.2).
func (p *parser) startLine(line string) {
	if len(line) >= 4 && strings.EqualFold(line[:4], "SIP/") {
		p.statusLine(line)
		return
	}
	m := &p.message
	method, rest, _ := strings.Cut(line, " ")
	if !isToken(method) {
		p.fail(400, "7.1", "Bad Request - malformed method")
		return
	}
	m.Method = method
	end := strings.LastIndexByte(rest, ' ')
	if end < 0 {
		p.fail(400, "7.1", "Bad Request - malformed request line")
		return
	}
	m.Version = rest[end+1:]
	if !strings.EqualFold(m.Version, "SIP/2.0") {
		if isVersion(m.Version) {
			p.fail(505, "7.1", StatusText(505))
		} else {
			p.fail(400, "7.1", "Bad Request - malformed request line")
		}
	}
	uri, odd, wrong := readURI(rest[:end])
	switch {
	case wrong != "", odd == oddUser:
		p.fail(400, "19.1.1", "Bad Request - malformed Request-URI")
	case uri.Headers != "":
		p.fail(400, "19.1.1", "Bad Request - headers in Request-URI")
	case odd != "":
		p.odd("19.1.1", odd+"Request-URI")
	}
	m.RequestURI = uri
}

func (p *parser) statusLine(line string) {
	m := &p.message
	var code string
	m.Version, code = cutBlank(line)
	code, m.Reason = cutBlank(skipSpace(code))
	n, ok := number(code, 699)
	if !ok || len(code) != 3 || n < 100 {
		m.StatusCode = 699 // a response all the same: never answered
		p.fail(400, "7.2", "malformed status code")
		return
	}
	m.StatusCode = int(n)
	if !strings.EqualFold(m.Version, "SIP/2.0") {
		p.fail(505, "7.2", StatusText(505))
	}
	if strings.IndexByte(m.Reason, '\r') >= 0 {
		p.odd("7.2", "CR in the status line")
		m.Reason = strings.ReplaceAll(m.Reason, "\r", " ")
	}
	m.Reason = Readable(m.Reason)
}

// cutBlank cuts s at its first blank.
func cutBlank(s string) (before, after string) {
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// isVersion tells a SIP version from other text.
func isVersion(s string) bool {
	if len(s) < 4 || !strings.EqualFold(s[:4], "SIP/") {
		return false
	}
	major, minor, ok := strings.Cut(s[4:], ".")
	_, ok1 := number(major, 1<<32)
	_, ok2 := number(minor, 1<<32)
	return ok && ok1 && ok2
}

// headerLines reads all header fields of text, which ends with the empty line.
func (p *parser) headerLines(text string) {
	for text != "" {
		var line string
		line, text = nextLine(text)
		if line == "" {
			return
		}
		if text != "" && isSpace(text[0]) {
			line, text = unfold(line, text)
		}
		if len(p.message.Headers) == MaxHeaders {
			p.fail(400, "", "Bad Request - too many header fields")
			return
		}
		p.headerLine(line)
	}
}

// headerLine reads one header field, all of it on one line.
func (p *parser) headerLine(line string) {
	colon := strings.IndexByte(line, ':')
	n := tokenLen(line)
	switch {
	case colon < 0 || n == 0 || skipSpace(line[n:]) != line[colon:]:
		last := len(p.message.Headers) - 1 // what it may be the rest of; before the first, the start line
		if !named(line, colon) && (last < 0 || needed(p.message.Headers[last].Name)) {
			p.fail(400, "7.3.1", "Bad Request - malformed header line")
			return
		}
		p.odd("7.3.1", "malformed header line")
	case strings.IndexByte(line, '\r') >= 0 && needed(line[:n]):
		p.fail(400, "7.3.1", "Bad Request - CR in a header field")
		p.add(Header{Name: line[:n], Value: trimSpace(line[colon+1:])})
	case strings.IndexByte(line, '\r') >= 0:
		p.odd("7.3.1", "CR in a header field")
	default:
		p.add(Header{Name: line[:n], Value: trimSpace(line[colon+1:])})
	}
}

// named tells whether what stands before the colon of a line is meant as the name of a header field, though it cannot
// be one: "X Custom". Anything else may be the end of a header field that was broken into lines.
func named(line string, colon int) bool {
	return colon > 0 && !isSpace(line[0]) && !strings.ContainsAny(line[:colon], "=\"<>;,@\r")
}

// needed tells whether a part of a header field's value may not get lost.
func needed(name string) bool {
	if kindOf(name) != otherHeader {
		return true
	}
	switch strings.ToLower(longName(name)) {
	case "route", "record-route", "service-route", "path", "refer-to", "replaces", "require", "p-asserted-identity",
		"www-authenticate", "proxy-authenticate":
		return true
	}
	return false
}

// unfold joins a header field with the lines that continue it: each fold is one space (RFC 3261
// section 7.3.1).
func unfold(line, text string) (joined, rest string) {
	var b strings.Builder
	b.WriteString(line)
	for text != "" && isSpace(text[0]) {
		line, text = nextLine(text)
		b.WriteByte(' ')
		b.WriteString(trimSpace(line))
	}
	return b.String(), text
}

func (p *parser) add(h Header) {
	p.message.Headers = append(p.message.Headers, h)
	kind := kindOf(h.Name)
	if p.count[kind]++; p.first[kind] == 0 {
		p.first[kind] = len(p.message.Headers)
	}
}
