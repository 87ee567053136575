package netsip

import (
	"net/url"
	"slices"
	"strings"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// believes tells whether what our server says of the identity of a far end is believed (RFC 3325 section 6). All comes
// over one connection, to a server of ours, which is to take out what others assert; what it does not take out is
// believed of its own people alone: of the account's domain, the hosts of its servers, the host that the far end has
// told by itself (which a server far from its domain uses for all), and of telephone numbers.
func (ua *UserAgent) believes(u, told sip.URI) bool {
	switch u.Scheme {
	case "tel":
		return true
	case "sip", "sips":
	default:
		return false
	}
	own := func(host string) bool { return host != "" && strings.EqualFold(u.Host, host) }
	return own(ua.config.Domain()) || own(ua.identity.registrar.Host) || own(told.Host) ||
		slices.ContainsFunc(ua.config.WSServers, func(s config.Server) bool {
			server, err := url.Parse(s.WSURI)
			return err == nil && own(strings.Trim(server.Hostname(), "[]"))
		})
}

// Who a party is, in Remote-Party-ID (draft-ietf-sip-privacy-04 section 5).
const (
	partyCalling = "calling" // of requests
	partyCalled  = "called"  // of responses
)

// asserted is the identity of who sent a message, as the network asserts it: by P-Asserted-Identity (RFC 3325 section
// 9.1), or by Remote-Party-ID, which is what Asterisk and FreeSWITCH send where they are told to. Of several values the
// first that is believed counts. False: it asserts none, none that is believed, or one that is not to be told (RFC 3325
// section 9.3).
func (ua *UserAgent) asserted(m *sip.Message, told sip.URI, party string) (sip.Address, bool) {
	for _, value := range m.Values("Privacy") {
		for _, kind := range strings.Split(value, ";") {
			switch strings.ToLower(strings.TrimSpace(kind)) {
			case "id", "user":
				return sip.Address{}, false
			}
		}
	}
	identities := identitiesIn(m, "P-Asserted-Identity")
	for _, a := range identitiesIn(m, "Remote-Party-ID") {
		who, _ := a.Params.Get("party")
		private, _ := a.Params.Get("privacy")
		if (who == "" || strings.EqualFold(who, party)) && (private == "" || strings.EqualFold(private, "off")) {
			identities = append(identities, a)
		}
	}
	var found sip.Address
	for _, a := range identities {
		if !ua.believes(a.URI, told) || len(a.Display)+len(a.URI.String()) > maxParty {
			continue
		}
		if found.URI.Scheme == "" {
			found.URI = a.URI
		}
		if found.Display == "" { // a number and an address are one person's
			found.Display = a.Display
		}
	}
	return found, found.URI.Scheme != ""
}

// identitiesIn are those that a header field names, as far as they can be read. A field that is one of them is no list:
// a comma in it belongs to a name that ought to stand in quotes.
func identitiesIn(m *sip.Message, name string) []sip.Address {
	var all []sip.Address
	for _, line := range m.Lines(name) {
		if a, err := sip.ParseAddress(line); err == nil {
			all = append(all, a)
			continue
		}
		list, _ := (&sip.Message{Headers: []sip.Header{{Name: name, Value: line}}}).Addresses(name)
		all = append(all, list...)
	}
	return all
}

// caller is who calls: what the network asserts, else From.
func (ua *UserAgent) caller(req *sip.Message) sip.Address {
	from, err := req.From()
	if err != nil { // parsed once already; an odd one is shown as text
		from = sip.Address{Display: req.Get("From")}
	}
	from.Params = nil
	identity, ok := ua.asserted(req, from.URI, partyCalling)
	if !ok {
		return from
	}
	if identity.Display == "" {
		identity.Display = from.Display
	}
	return identity
}

// Party is who the far end is now: Remote, until the network says that it is somebody else, as when a server has
// connected the call to another phone. It is the far end's text: show it with care.
func (s *Session) Party() sip.Address { return s.party }

// hears takes what a request or response of the far end inside the call says of who it is: an identity that the
// network asserts, or a From of another address (RFC 4916 section 4.4), by the same rule. One that says nothing new
// leaves all as it is.
func (s *Session) hears(m *sip.Message, d *dialog) {
	party := partyCalled
	if m.IsRequest() {
		party = partyCalling
	}
	told, err := sip.ParseAddress(d.remote)
	if err != nil {
		return
	}
	identity, ok := s.ua.asserted(m, told.URI, party)
	if !ok && m.IsRequest() {
		identity, ok = s.changedFrom(m, told.URI)
	}
	if !ok {
		return
	}
	if identity.Display == "" && identity.URI.Equal(s.party.URI) {
		identity.Display = s.party.Display
	}
	if identity.Display == s.party.Display && identity.URI.String() == s.party.URI.String() {
		return
	}
	s.ua.log.info(logSession, s.id, "the far end is now "+identity.String()+", was "+s.party.String())
	s.party = identity
	s.changed()
}

// changedFrom is From, where that is of another address than before.
func (s *Session) changedFrom(req *sip.Message, told sip.URI) (sip.Address, bool) {
	from, err := req.From()
	if err != nil || len(from.Display)+len(from.URI.String()) > maxParty {
		return sip.Address{}, false
	}
	before := told
	if s.from.Host != "" {
		before = s.from
	}
	if from.URI.Equal(before) || !s.ua.believes(from.URI, told) {
		return sip.Address{}, false
	}
	s.from = from.URI
	return sip.Address{Display: from.Display, URI: from.URI}, true
}
