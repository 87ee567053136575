package ladder

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"calla/netsip/sip"
)

// Entry is one message on the wire as one end saw it: what a trace has of it.
type Entry struct {
	Time     time.Time
	Outgoing bool
	Text     string // the message, secrets masked; what is none is passed over
	Error    string // why an incoming message was refused; "" if it was not
}

// Parse reads a message whose secrets were masked, so that its length may not be what it says; nil where nothing can be
// read of it.
func Parse(text string) *sip.Message {
	head, _, _ := strings.Cut(text, "\r\n\r\n")
	if at := strings.Index(strings.ToLower(head), "\r\ncontent-length:"); at >= 0 {
		_, rest, _ := strings.Cut(text[at+2:], "\r\n")
		text = text[:at+2] + rest
	}
	m, err := sip.Parse([]byte(text))
	var bad *sip.ParseError
	if errors.As(err, &bad) {
		return bad.Message
	}
	return m
}

// LastCall are the Call-IDs of the call that was begun last, the last one first; none where there is no call. It has
// several where an INVITE took the place of an earlier one (RFC 3891).
func LastCall(entries []Entry) []string {
	var call []string
	for _, e := range slices.Backward(entries) {
		if !strings.HasPrefix(e.Text, "INVITE ") {
			continue
		}
		m := Parse(e.Text)
		if m == nil || m.CallID() == "" || m.ToTag() != "" { // a re-INVITE
			continue
		}
		if len(call) == 0 {
			call = append(call, m.CallID())
		}
		if replaced, _, _ := strings.Cut(m.Get("Replaces"), ";"); replaced != "" && slices.Contains(call, m.CallID()) &&
			!slices.Contains(call, replaced) {
			call = append(call, replaced)
		}
	}
	return call
}

// Draw draws the messages of a call, which has one Call-ID or several, or without any all messages, as one end saw
// them, which is named us. The far end has the name that it is called by. Where no message is of that call the result
// is "".
func Draw(us string, entries []Entry, callIDs ...string) string {
	var s *Sheet
	for _, e := range entries {
		m := Parse(e.Text)
		if m == nil || len(callIDs) > 0 && !slices.Contains(callIDs, m.CallID()) {
			continue
		}
		if s == nil {
			far := "server"
			if len(callIDs) > 0 {
				far = farEnd(m, e.Outgoing)
			}
			s = New(e.Time, us, far)
		}
		from, to := 1, 0
		if e.Outgoing {
			from, to = 0, 1
		}
		s.Message(e.Time, from, to, m)
		if e.Error != "" {
			s.Note(e.Time, 0, "refused: "+e.Error)
		}
	}
	if s == nil {
		return ""
	}
	return fmt.Sprintf("From %s\n\n%s", s.Start.Format("2006-01-02 15:04:05.000"), s.Text())
}

// farEnd names who is at the other end of a message: the user, or the host where there is none.
func farEnd(m *sip.Message, outgoing bool) string {
	whose := m.From
	if outgoing == m.IsRequest() {
		whose = m.To
	}
	a, err := whose()
	switch {
	case err != nil:
		return "far end"
	case a.URI.User == "":
		return a.URI.Host
	}
	return a.URI.User
}
