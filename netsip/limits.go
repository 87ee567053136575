package netsip

import (
	"unicode/utf8"

	"calla/netsip/sip"
)

// What others say stands in later requests of ours: in the address, the route, the dialog, an event, a tag. Each is
// bounded, so that nobody can make our requests larger than servers take (some cut the connection at 16 kB): what is
// longer is not taken over, or refused. Those of challenges are in challenge.go. In octets; what peers really send is
// far below, RFC 4475's longreq included.
const (
	maxAddress      = 512     // URI: Contact, GRUU, target of a redirection or transfer, dialled address
	maxParty        = 768     // From or To in a dialog, with display name and tag
	maxCallID       = 256     //
	maxDialogRoutes = 2 << 10 // Record-Routes together
	maxRoutes       = 1536    // Service-Routes together
	maxEventName    = 256     // Event with its id
	maxEntityTag    = 256     // SIP-ETag
	maxPhrase       = 512     // reason phrase or warning that is kept
)

// noDialog is why a request cannot make a dialog.
const noDialog = "Contact missing or not clear, or addresses too long"

// fits tells whether a URI may stand in requests of ours.
func fits(uri sip.URI) bool { return len(uri.String()) <= maxAddress }

// bounded tells whether the dialog's requests stay small.
func (d *dialog) bounded() bool {
	parties := len(d.local) <= maxParty && len(d.remote) <= maxParty
	return fits(d.target) && len(d.callID) <= maxCallID && parties && routesFit(d.routes)
}

func routesFit(routes []string) bool {
	total := 0
	for _, route := range routes {
		total += len(route)
	}
	return total <= maxDialogRoutes
}

// phrase is a text of the far end as it is kept.
func phrase(s string) string {
	if len(s) <= maxPhrase {
		return s
	}
	s = s[:maxPhrase]
	for s != "" && !utf8.ValidString(s[len(s)-1:]) && !utf8.RuneStart(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s + "…"
}
