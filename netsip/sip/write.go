package sip

import (
	"math"
	"strconv"
)

// Append appends the wire form. Content-Length is that of Body, in the place of the one that is there or after all
// other header fields. A CR or LF inside a line, which no received message has, is written as a
// space: nothing that is put into a Message can end a line (see also CheckText).
func (m *Message) Append(dst []byte) []byte {
	start := len(dst)
	version := m.Version
	if version == "" {
		version = "SIP/2.0"
	}
	if m.IsRequest() {
		dst = append(dst, m.Method...)
		dst = append(dst, ' ')
		dst = m.RequestURI.AppendTo(dst)
		dst = append(dst, ' ')
		dst = append(dst, version...)
	} else {
		dst = append(dst, version...)
		dst = append(dst, ' ')
		dst = strconv.AppendInt(dst, int64(m.StatusCode), 10)
		dst = append(dst, ' ')
		dst = append(dst, m.Reason...)
	}
	dst = endLine(dst, start)
	counted := false
	for i := range m.Headers {
		h := &m.Headers[i]
		if (len(h.Name) == 1 || len(h.Name) == len("Content-Length")) && sameHeader(h.Name, "Content-Length") {
			if !counted {
				dst = m.appendLength(dst, h)
			}
			counted = true
			continue
		}
		start = len(dst)
		dst = append(dst, h.Name...)
		dst = append(dst, ": "...)
		dst = append(dst, h.Value...)
		dst = endLine(dst, start)
	}
	if !counted {
		dst = m.appendLength(dst, &Header{Name: "Content-Length"})
	}
	dst = append(dst, "\r\n"...)
	return append(dst, m.Body...)
}

// appendLength writes Content-Length, with the digits that are there when they say the truth.
func (m *Message) appendLength(dst []byte, h *Header) []byte {
	dst = append(dst, h.Name...)
	dst = append(dst, ": "...)
	if n, ok := number(h.Value, math.MaxUint32); ok && n == uint64(len(m.Body)) {
		dst = append(dst, h.Value...)
	} else {
		dst = strconv.AppendInt(dst, int64(len(m.Body)), 10)
	}
	return append(dst, "\r\n"...)
}

// endLine ends the line that starts at dst[start].
func endLine(dst []byte, start int) []byte {
	for i := start; i < len(dst); i++ {
		if dst[i] == '\r' || dst[i] == '\n' {
			dst[i] = ' '
		}
	}
	return append(dst, "\r\n"...)
}

// Bytes gives the wire form.
func (m *Message) Bytes() []byte {
	n := 128 + len(m.Body)
	for i := range m.Headers {
		n += len(m.Headers[i].Name) + len(m.Headers[i].Value) + 4
	}
	return m.Append(make([]byte, 0, n))
}

// String gives the wire form as text.
func (m *Message) String() string { return string(m.Bytes()) }
