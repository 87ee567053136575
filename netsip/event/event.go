// Package event reads and writes the bodies that event packages (RFC 6665) bring: message-summary (RFC 3842),
// dialog-info (RFC 4235), presence (RFC 3863) and sipfrag (RFC 3420). A body comes from anybody: what is read is
// bounded, and all text in it is the far end's.
package event

import "errors"

// The media types of the bodies.
const (
	SipfragType        = "message/sipfrag"
	MessageSummaryType = "application/simple-message-summary"
	DialogInfoType     = "application/dialog-info+xml"
	PresenceType       = "application/pidf+xml"
)

// MaxBody is how many octets of a body are read at most; no frame brings more.
const MaxBody = 64 << 10

// ErrBody: a body cannot be read.
var ErrBody = errors.New("malformed event body")
