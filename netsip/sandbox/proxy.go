package sandbox

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"calla/netsip/sip"
)

// maxPending is how many transactions one connection may have in progress.
const maxPending = 256

// receive handles one frame from a client.
func (s *Server) receive(c *connection, data []byte) {
	if len(bytes.Trim(data, "\r\n")) == 0 { // keep-alive (RFC 5626 section 4.4.1)
		if bytes.Equal(data, []byte("\r\n\r\n")) {
			c.queue([]byte("\r\n"))
		}
		return
	}
	m, err := sip.Parse(data)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	e := Event{At: time.Now(), Connection: c.id, User: c.user, Message: m, Frame: data, Err: err}
	s.observe(e)
	fault := s.faults.take(e)
	switch {
	case fault == nil:
	case fault.loses(c):
		return
	case fault.Status != 0 && m != nil && m.IsRequest():
		s.answer(c, m, fault.Status, fault.Reason, fault.Headers...)
		return
	case fault.Delay > 0:
		s.faults.later(fault.Delay, func() { s.dispatch(c, m, err) })
		return
	}
	s.dispatch(c, m, err)
}

func (s *Server) dispatch(c *connection, m *sip.Message, err error) {
	var malformed *sip.ParseError
	switch {
	case errors.As(err, &malformed):
		s.log.Debug("sandbox: malformed message", "connection", c.id, "err", err)
		if malformed.StatusCode != 0 {
			s.answer(c, malformed.Message, malformed.StatusCode, malformed.Reason)
		}
	case !m.IsRequest():
		s.response(m)
	default:
		s.request(c, m)
	}
}

// request handles a request as a registrar and proxy does (RFC 3261 section 16.3).
func (s *Server) request(c *connection, req *sip.Message) {
	s.log.Debug("sandbox: request", "connection", c.id, "method", req.Method, "to", req.RequestURI.User)
	key := transactionKey(c, req)
	if tx := s.transaction[key]; tx != nil {
		switch req.Method {
		case "ACK": // of a non-2xx response it ends here; RFC 2543 gives that of a 2xx the same key
			if tx.final && tx.last.StatusCode < 300 {
				s.forwardAck(c, req)
			}
		case "CANCEL":
			s.answer(c, req, 200, "")
			tx.cancel(req)
		default: // a retransmission
			if tx.last != nil {
				s.send(c, tx.last)
			}
		}
		return
	}
	hops, limited, _ := req.Uint("Max-Forwards")
	switch {
	case req.Method == "ACK" && strings.HasPrefix(req.ToTag(), ownTag): // of a refusal of ours
	case req.Method == "ACK":
		s.forwardAck(c, req)
	case req.Method == "CANCEL":
		s.answer(c, req, 481, "")
	case limited && hops == 0:
		s.answer(c, req, 483, "")
	case req.Has("Proxy-Require"):
		s.answer(c, req, 420, "", sip.Header{
			Name:  "Unsupported",
			Value: strings.Join(req.Values("Proxy-Require"), ", "),
		})
	case req.RequestURI.Scheme != "sip" && req.RequestURI.Scheme != "sips":
		s.answer(c, req, 416, "")
	case req.Method == "REGISTER":
		s.register(c, req)
	case req.RequestURI.User == "" && s.ours(req.RequestURI) && req.ToTag() == "":
		s.forServer(c, req)
	case s.options.ServiceRoute && req.ToTag() == "" && !slices.Contains(req.Values("Route"), s.serviceRoute()):
		s.answer(c, req, 403, "Forbidden - not by the service route")
	case !s.mayCall(c, req):
	case c.pending >= maxPending:
		s.answer(c, req, 503, "Service Unavailable - too many transactions",
			sip.Header{Name: "Retry-After", Value: "10"})
	default:
		targets, code := s.targets(c, req)
		if code != 0 {
			s.answer(c, req, code, "")
			return
		}
		s.fork(key, c, req, targets)
	}
}

// forServer answers what is meant for the server itself.
func (s *Server) forServer(c *connection, req *sip.Message) {
	allow := sip.Header{Name: "Allow", Value: "OPTIONS, REGISTER"}
	if req.Method == "OPTIONS" {
		s.answer(c, req, 200, "", allow, sip.Header{Name: "Supported", Value: "path, outbound, gruu"})
		return
	}
	s.answer(c, req, 405, "", allow)
}

// mayCall asks for credentials where calls need them. It answers where they are not right.
func (s *Server) mayCall(c *connection, req *sip.Message) bool {
	if !s.options.ChallengeCalls || req.Method != "INVITE" || req.ToTag() != "" {
		return true
	}
	from, _ := req.From()
	user := from.URI.UserDecoded()
	if _, known := s.users[user]; !known && s.options.AnyUser {
		return true
	}
	switch who, v := s.authenticate(req, "Proxy-Authorization"); v {
	case right:
		if s.ours(from.URI) && who != user {
			s.answer(c, req, 403, "")
			return false
		}
		return true
	case invalid:
		s.answer(c, req, 400, "Bad Request - malformed credentials")
	default:
		s.challenge(c, req, 407, v)
	}
	return false
}

// target is where a request is forwarded to.
type target struct {
	connection *connection
	uri        sip.URI
}

// targets finds where a request goes, or the status it is refused with (RFC 3261 section 16.5):
//
//	a GRUU                     → the newest binding of that instance
//	Route with a flow token    → the other of its two flows
//	an address of record       → all bindings of the user
//	the contact of a binding   → that binding
func (s *Server) targets(c *connection, req *sip.Message) ([]target, int) {
	uri := req.RequestURI.WithoutHeaders()
	if gr, ok := uri.Params.Get("gr"); ok && s.ours(uri) {
		return s.gruuTarget(uri, gr)
	}
	if flow := s.otherFlow(c, req); flow != nil {
		return []target{{flow, uri}}, 0
	}
	if !s.ours(uri) {
		if b := s.contacts[uri.String()]; b != nil && b.Expires.After(time.Now()) {
			return []target{{b.connection, uri}}, 0
		}
		if req.ToTag() != "" {
			return nil, 481
		}
		return nil, 404
	}
	user := uri.UserDecoded()
	list := s.live(user)
	if _, known := s.users[user]; !known && len(list) == 0 {
		return nil, 404
	}
	var targets []target
	for _, b := range list {
		same := func(t target) bool { return t.connection == b.connection && t.uri.Equal(b.Contact) }
		if !slices.ContainsFunc(targets, same) {
			targets = append(targets, target{b.connection, b.Contact})
		}
	}
	if len(targets) == 0 {
		return nil, 480
	}
	return targets, 0
}

// gruuTarget finds the one binding a GRUU stands for (RFC 5627 section 5.4).
func (s *Server) gruuTarget(uri sip.URI, gr string) ([]target, int) {
	if b := s.temporary[uri.User]; gr == "" && b != nil {
		if b.Expires.After(time.Now()) {
			return []target{{b.connection, b.Contact}}, 0
		}
		return nil, 480
	}
	user := uri.UserDecoded()
	list := s.live(user)
	for _, b := range slices.Backward(list) {
		if b.PublicGRUU != "" && strings.Trim(b.Instance, "<>") == gr {
			return []target{{b.connection, b.Contact}}, 0
		}
	}
	if _, known := s.users[user]; !known && len(list) == 0 {
		return nil, 404
	}
	return nil, 480
}

// flowToken is the user part of our Record-Route: the two flows of a dialog. Names of connections cannot be guessed, so
// nobody can make one up.
func flowToken(a, b *connection) string { return a.id + "-" + b.id }

// otherFlow finds the flow that a Route of ours leads to: that of the pair which c is not. When c is
// neither, it took the place of one that has ended, and the other is meant.
func (s *Server) otherFlow(c *connection, req *sip.Message) *connection {
	routes, _ := req.Addresses("Route")
	for _, r := range routes {
		a, b, ok := strings.Cut(r.URI.User, "-")
		if !ok || !s.ours(r.URI) {
			continue
		}
		first, second := s.connections[a], s.connections[b]
		switch {
		case c.id == a:
			return second
		case c.id == b:
			return first
		case first == nil:
			return second
		case second == nil:
			return first
		}
	}
	return nil
}

// forwardAck passes the ACK of a 2xx on. It is never answered.
func (s *Server) forwardAck(c *connection, req *sip.Message) {
	targets, code := s.targets(c, req)
	hops, limited, _ := req.Uint("Max-Forwards")
	if code != 0 || len(targets) != 1 || limited && hops == 0 {
		return
	}
	s.send(targets[0].connection, s.forwarded(c, req, targets[0], newBranch()))
}

func newBranch() string { return "z9hG4bK" + token() }

// forwarded makes the copy of a request that goes to a target (RFC 3261 section 16.6).
func (s *Server) forwarded(c *connection, req *sip.Message, t target, branch string) *sip.Message {
	m := req.Clone()
	m.RequestURI = t.uri
	m.Version = ""
	hops, ok, err := m.Uint("Max-Forwards")
	if !ok || err != nil {
		hops = 71
	}
	m.Set("Max-Forwards", strconv.FormatUint(uint64(hops-1), 10))
	m.Del("Route") // whatever route a client has ends here: there is no server behind this one
	if s.options.ChallengeCalls {
		m.Del("Proxy-Authorization")
	}
	if m.ToTag() == "" && (m.Method == "INVITE" || m.Method == "SUBSCRIBE" || m.Method == "REFER") {
		m.Prepend("Record-Route", "<sip:"+flowToken(c, t.connection)+"@"+s.options.Domain+";transport=ws;lr>")
	}
	markReceived(c, m)
	via := sip.Via{
		Transport: "WS", Host: s.options.Domain,
		Params: sip.Params{{Name: "branch", Value: branch, HasValue: true}},
	}
	m.Prepend("Via", via.String())
	return m
}

// markReceived notes in the topmost Via where the request came from (RFC 3261 section 18.2.1, RFC 3581).
func markReceived(c *connection, m *sip.Message) {
	via, err := m.TopVia()
	if err != nil || c.remote == nil {
		return
	}
	via.Params = via.Params.With("received", c.remote.IP.String())
	if _, ok := via.Params.Get("rport"); ok {
		via.Params = via.Params.With("rport", strconv.Itoa(c.remote.Port))
	}
	setVias(m, append([]string{via.String()}, m.Values("Via")[1:]...))
}

func setVias(m *sip.Message, vias []string) {
	m.Del("Via")
	for _, via := range slices.Backward(vias) {
		m.Prepend("Via", via)
	}
}

// ownTag starts the To tags of the server's own responses, so that the ACK of one is known without a transaction.
const ownTag = "sandbox."

// answer sends a response of the server's own.
func (s *Server) answer(c *connection, req *sip.Message, code int, reason string, headers ...sip.Header) *sip.Message {
	m := sip.NewResponse(req, code, reason)
	markReceived(c, m)
	if to, err := m.To(); err == nil && code > 100 && to.Tag() == "" {
		m.Set("To", m.Get("To")+";tag="+ownTag+token())
	}
	m.Headers = append(m.Headers, headers...)
	if code > 100 {
		m.Add("Server", "Calla sandbox")
	}
	if req.Method != "ACK" {
		s.send(c, m)
	}
	return m
}

// send puts a message on its way to a client.
func (s *Server) send(c *connection, m *sip.Message) {
	e := Event{At: time.Now(), Sent: true, Connection: c.id, User: c.user, Message: m}
	fault := s.faults.take(e)
	if fault != nil && fault.Edit != nil {
		m = m.Clone()
		fault.Edit(m)
		e.Message = m
	}
	e.Frame = m.Bytes()
	s.observe(e)
	switch {
	case fault == nil:
	case fault.loses(c):
		return
	case fault.Delay > 0:
		s.faults.later(fault.Delay, func() { c.queue(e.Frame) })
		return
	}
	c.queue(e.Frame)
}
