package netsip

import "time"

// TraceEntry is one message or keep-alive on the wire, as text with every secret masked.
type TraceEntry struct {
	Time     time.Time
	Outgoing bool
	Server   string // URL of the flow
	Text     string // the message; bytes that are not text as they came
	Error    string // why an incoming message was refused; "" if it was not
}
