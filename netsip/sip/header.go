package sip

import "strings"

// longName gives the long form of a compact header field name (RFC 3261 section 7.3.3 and the IANA
// registry), and any other name as it is.
func longName(name string) string {
	if len(name) != 1 {
		return name
	}
	switch name[0] | 0x20 {
	case 'a':
		return "Accept-Contact"
	case 'b':
		return "Referred-By"
	case 'c':
		return "Content-Type"
	case 'd':
		return "Request-Disposition"
	case 'e':
		return "Content-Encoding"
	case 'f':
		return "From"
	case 'i':
		return "Call-ID"
	case 'j':
		return "Reject-Contact"
	case 'k':
		return "Supported"
	case 'l':
		return "Content-Length"
	case 'm':
		return "Contact"
	case 'n':
		return "Identity-Info"
	case 'o':
		return "Event"
	case 'r':
		return "Refer-To"
	case 's':
		return "Subject"
	case 't':
		return "To"
	case 'u':
		return "Allow-Events"
	case 'v':
		return "Via"
	case 'x':
		return "Session-Expires"
	case 'y':
		return "Identity"
	}
	return name
}

// sameHeader compares two header field names, long or compact, in any case.
func sameHeader(a, b string) bool {
	if len(a) == 1 {
		a = longName(a)
	}
	if len(b) == 1 {
		b = longName(b)
	}
	return len(a) == len(b) && strings.EqualFold(a, b)
}

// isListHeader tells whether the values of a header field form one comma list. Others may hold commas
// that mean nothing (Date, Subject, Server) or something else (WWW-Authenticate).
func isListHeader(name string) bool {
	switch strings.ToLower(longName(name)) {
	case "via", "contact", "route", "record-route", "path", "service-route",
		"accept", "accept-encoding", "accept-language", "accept-contact", "reject-contact",
		"allow", "allow-events", "supported", "unsupported", "require", "proxy-require",
		"p-asserted-identity", "p-preferred-identity", "p-associated-uri", "diversion", "history-info",
		"alert-info", "call-info", "error-info", "warning", "in-reply-to", "reason",
		"content-encoding", "content-language", "recv-info", "geolocation", "request-disposition",
		"security-client", "security-server", "security-verify":
		return true
	}
	return false
}
