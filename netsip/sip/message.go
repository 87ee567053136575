package sip

// Limits of what Parse accepts.
const (
	MaxMessageSize = 64 << 10 // octets
	MaxHeaders     = 200      // header fields
)

// Header is one header field line. Value has no leading or trailing white space and no folds.
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
}
