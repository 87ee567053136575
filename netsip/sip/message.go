package sip

import (
	"slices"
	"strings"
)

// Limits of what Parse accepts.
const (
	MaxMessageSize = 64 << 10 // octets
	MaxHeaders     = 200      // header fields
)

// Header is one header field line. Value has no leading or trailing white space and no folds. What cannot be a header
// field is none: Parse leaves it out.
type Header struct {
	Name  string // as received or as it is to be written, such as "Call-ID" or "i"
	Value string
}

// Message is one SIP request or response. It is not safe for concurrent mutation; a Message that
// has been dispatched is read only.
type Message struct {
	// Of a request.
	Method     string // case kept; "" in a response
	RequestURI URI
	// Of a response.
	StatusCode int
	Reason     string

	Version string // as received; "" is written as "SIP/2.0"
	Headers []Header
	Body    []byte // cut to Content-Length where the frame was longer

	// Oddities are what breaks a rule in a message that was read all the same, as Parse tells; at most maxFaults. Their
	// reasons are words of this package's own, so that one can be told once.
	Oddities []Fault
}

// NewRequest makes a request without any header field.
func NewRequest(method string, uri URI) *Message {
	return &Message{Method: method, RequestURI: uri}
}

// NewResponse makes a response to req with the header fields every response takes over: all Via, and the first
// To, From, Call-ID and CSeq, as they were received (RFC 3261 section 8.2.6.2). The To tag is the
// caller's to add. An empty reason stands for the default phrase of code.
func NewResponse(req *Message, code int, reason string) *Message {
	if reason == "" {
		reason = StatusText(code)
	}
	m := &Message{StatusCode: code, Reason: reason, Headers: make([]Header, 0, 12)}
	for _, h := range req.Headers {
		if sameHeader(h.Name, "Via") {
			m.Headers = append(m.Headers, h)
		}
	}
	for _, name := range [...]string{"To", "From", "Call-ID", "CSeq"} {
		if i := req.index(name); i >= 0 {
			m.Headers = append(m.Headers, req.Headers[i])
		}
	}
	return m
}

// IsRequest tells requests from responses.
func (m *Message) IsRequest() bool { return m.StatusCode == 0 }

// index finds the first header field of a name, -1 for none.
func (m *Message) index(name string) int {
	for i := range m.Headers {
		if sameHeader(m.Headers[i].Name, name) {
			return i
		}
	}
	return -1
}

// Get gives the value of the first header field of that name, as one line: a comma list is not split. Names
// are given in any case, long or compact. "" when there is none.
func (m *Message) Get(name string) string {
	if i := m.index(name); i >= 0 {
		return m.Headers[i].Value
	}
	return ""
}

// Has tells whether there is a header field of that name.
func (m *Message) Has(name string) bool { return m.index(name) >= 0 }

// Lines gives the values of all header fields of that name, in order, comma lists not split.
func (m *Message) Lines(name string) []string {
	var lines []string
	for i := range m.Headers {
		if sameHeader(m.Headers[i].Name, name) {
			lines = append(lines, m.Headers[i].Value)
		}
	}
	return lines
}

// Values gives all values of a header field in order. Where the header field is a list by its definition
// (RFC 3261 section 7.3.1), its lines are split at commas outside quotes and <>, and empty elements are
// left out; otherwise each line is one value.
func (m *Message) Values(name string) []string {
	if !isListHeader(name) {
		return m.Lines(name)
	}
	values := make([]string, 0, m.room(name))
	m.elements(name, func(element string) bool {
		values = append(values, element)
		return true
	})
	if len(values) == 0 {
		return nil
	}
	return values
}

// room is how many elements a list header field has at most.
func (m *Message) room(name string) int {
	n := 0
	for i := range m.Headers {
		if sameHeader(m.Headers[i].Name, name) {
			n += 1 + strings.Count(m.Headers[i].Value, ",")
		}
	}
	return n
}

// elements calls f with each element of a list header field until it returns false.
func (m *Message) elements(name string, f func(element string) bool) {
	for i := range m.Headers {
		if !sameHeader(m.Headers[i].Name, name) {
			continue
		}
		rest, more := m.Headers[i].Value, true
		for more {
			var element string
			element, rest, more = nextElement(rest)
			if element != "" && !f(element) {
				return
			}
		}
	}
}

// Add appends a header field at the end.
func (m *Message) Add(name, value string) {
	m.Headers = append(m.Headers, Header{Name: name, Value: value})
}

// Prepend puts a header field before all others.
func (m *Message) Prepend(name, value string) {
	m.Headers = slices.Insert(m.Headers, 0, Header{Name: name, Value: value})
}

// Set replaces the value of the first header field of that name, keeping its spelling and place, and
// removes the others; where there is none it adds one.
func (m *Message) Set(name, value string) {
	first := m.index(name)
	if first < 0 {
		m.Add(name, value)
		return
	}
	m.Headers[first].Value = value
	rest := slices.DeleteFunc(m.Headers[first+1:], func(h Header) bool { return sameHeader(h.Name, name) })
	m.Headers = m.Headers[:first+1+len(rest)]
}

// Del removes all header fields of that name.
func (m *Message) Del(name string) {
	m.Headers = slices.DeleteFunc(m.Headers, func(h Header) bool { return sameHeader(h.Name, name) })
}

// Clone gives a copy that shares nothing that can be changed.
func (m *Message) Clone() *Message {
	c := *m
	c.RequestURI.Params = slices.Clone(m.RequestURI.Params)
	c.Headers = slices.Clone(m.Headers)
	c.Body = slices.Clone(m.Body)
	c.Oddities = slices.Clone(m.Oddities)
	return &c
}
