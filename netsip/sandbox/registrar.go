package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"calla/netsip/sip"
)

// totalBindings bounds the bindings of all users together.
const totalBindings = 16384

// register handles REGISTER (RFC 3261 section 10.3).
func (s *Server) register(c *connection, req *sip.Message) {
	to, err := req.To()
	user := to.URI.UserDecoded()
	if err != nil || !s.ours(to.URI) || user == "" {
		s.answer(c, req, 404, "")
		return
	}
	if _, known := s.users[user]; known {
		switch who, v := s.authenticate(req, "Authorization"); v {
		case right:
			if who != user {
				s.answer(c, req, 403, "")
				return
			}
		case invalid:
			s.answer(c, req, 400, "Bad Request - malformed credentials")
			return
		case wrong, stale:
			s.challenge(c, req, 401, v)
			return
		}
	} else if !s.options.AnyUser {
		s.answer(c, req, 404, "")
		return
	}
	contacts, err := req.Contacts()
	if err != nil {
		s.answer(c, req, 400, "Bad Request - malformed Contact")
		return
	}
	if code, reason, headers := s.update(c, req, user, contacts); code != 200 {
		s.answer(c, req, code, reason, headers...)
		return
	}
	s.answer(c, req, 200, "", s.registered(req, user)...)
}

// update changes the bindings as the Contacts say, all or none of them.
func (s *Server) update(c *connection, req *sip.Message, user string, contacts []sip.Address) (code int, reason string,
	headers []sip.Header,
) {
	all := slices.ContainsFunc(contacts, func(a sip.Address) bool { return a.URI.Scheme == "*" })
	if expires, ok, err := req.Uint("Expires"); all && (len(contacts) > 1 || !ok || err != nil || expires != 0) {
		return 400, "Bad Request - Contact: * needs Expires: 0", nil
	}
	cseq, _ := req.CSeq()
	if all {
		for _, b := range slices.Clone(s.live(user)) {
			s.unbind(user, b)
		}
		return 200, "", nil
	}
	added := 0
	for _, contact := range contacts {
		old := s.find(user, contact)
		expires := s.expiry(req, contact)
		switch {
		case old != nil && old.callID == req.CallID() && cseq.Seq <= old.cseq:
			return 500, "Server Internal Error - CSeq out of order", nil
		case expires > 0 && expires < s.options.MinExpires:
			seconds := strconv.Itoa(int(s.options.MinExpires / time.Second))
			return 423, "", []sip.Header{{Name: "Min-Expires", Value: seconds}}
		case old == nil && expires > 0:
			added++
		}
	}
	if len(s.live(user))+added > s.options.MaxBindings || len(s.contacts)+added > totalBindings {
		return 503, "Service Unavailable - too many bindings", nil
	}
	for _, contact := range contacts {
		old := s.find(user, contact)
		if old != nil {
			s.unbind(user, old)
		}
		if expires := s.expiry(req, contact); expires > 0 {
			s.bind(s.newBinding(c, req, user, contact, expires, old))
		}
	}
	return 200, "", nil
}

// expiry gives what a Contact is granted, unless it is too short.
func (s *Server) expiry(req *sip.Message, contact sip.Address) time.Duration {
	seconds, ok, err := req.Uint("Expires")
	if text, has := contact.Params.Get("expires"); has {
		n, errText := strconv.ParseUint(text, 10, 32)
		if errText != nil { // RFC 3261 section 20.10: malformed means 3600
			n = 3600
		}
		seconds, ok, err = uint32(n), true, nil
	}
	if !ok || err != nil {
		return s.options.MaxExpires
	}
	return min(time.Duration(seconds)*time.Second, s.options.MaxExpires)
}

// newBinding makes the binding of a Contact; old is the one it replaces, if any.
func (s *Server) newBinding(c *connection, req *sip.Message, user string, contact sip.Address, expires time.Duration,
	old *binding,
) *binding {
	cseq, _ := req.CSeq()
	b := &binding{
		user: user, connection: c, callID: req.CallID(), cseq: cseq.Seq,
		params: contact.Params.Without("pub-gruu").Without("temp-gruu"),
	}
	b.Contact = contact.URI.WithoutHeaders()
	b.Instance, _ = contact.Params.Get("+sip.instance")
	b.RegID, _ = contact.Params.Get("reg-id")
	b.Expires = time.Now().Add(expires)
	b.Connection = c.id
	if b.Instance != "" && supports(req, "gruu") {
		instance := strings.Trim(b.Instance, "<>")
		address := sip.URI{Scheme: "sip", User: sip.EscapeUser(user), Host: s.options.Domain}
		address.Params = sip.Params{{Name: "gr", Value: instance, HasValue: true}}
		b.PublicGRUU = address.String()
		if _, err := sip.ParseURI(b.PublicGRUU); err != nil { // an instance that cannot stand in a URI
			b.PublicGRUU = ""
			return b
		}
		address.User, address.Params = "tgruu."+token(), sip.Params{{Name: "gr"}}
		b.TemporaryGRUU = address.String()
		if old != nil && old.TemporaryGRUU != "" && old.callID == b.callID {
			b.TemporaryGRUU = old.TemporaryGRUU
		}
	}
	return b
}

// registered gives the header fields of the 200: all bindings, with what the extensions add (RFC 5626
// section 6, RFC 5627 section 5.2, RFC 3327 section 5.3).
func (s *Server) registered(req *sip.Message, user string) []sip.Header {
	var headers []sip.Header
	outbound := false
	for _, b := range s.live(user) {
		a := sip.Address{URI: b.Contact, Params: b.params}
		left := time.Until(b.Expires).Round(time.Second)
		a.Params = a.Params.With("expires", strconv.Itoa(int(left/time.Second)))
		if b.PublicGRUU != "" && supports(req, "gruu") {
			a.Params = a.Params.With("pub-gruu", sip.QuoteString(b.PublicGRUU)).With("temp-gruu",
				sip.QuoteString(b.TemporaryGRUU))
		}
		outbound = outbound || b.RegID != "" && b.callID == req.CallID()
		headers = append(headers, sip.Header{Name: "Contact", Value: a.String()})
	}
	if outbound && supports(req, "outbound") {
		headers = append(headers, sip.Header{Name: "Require", Value: "outbound"})
	}
	if s.options.ServiceRoute {
		headers = append(headers, sip.Header{Name: "Service-Route", Value: s.serviceRoute()})
	}
	if supports(req, "path") {
		if s.options.Path != "" {
			headers = append(headers, sip.Header{Name: "Path", Value: s.options.Path})
		}
		for _, path := range req.Lines("Path") {
			headers = append(headers, sip.Header{Name: "Path", Value: path})
		}
	}
	return append(headers,
		sip.Header{Name: "Supported", Value: "path, outbound, gruu"},
		sip.Header{Name: "Date", Value: time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")})
}

// serviceRoute is the route that clients are told to send their requests by.
func (s *Server) serviceRoute() string {
	return "<sip:service@" + s.options.Domain + ";transport=ws;lr>"
}

func supports(req *sip.Message, option string) bool {
	return slices.ContainsFunc(req.Values("Supported"), func(v string) bool { return strings.EqualFold(v, option) })
}
