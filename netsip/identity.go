package netsip

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"calla/netsip/config"
	"calla/netsip/sip"
)

const branchCookie = "z9hG4bK" // RFC 3261 section 8.1.1.7

// identity is what a user agent is called and where it is reached: all that names it in its messages, and the tokens
// that tell them apart.
type identity struct {
	rand      *rand.Rand
	aor       sip.URI // address of record
	registrar sip.URI // Request-URI of REGISTER
	instance  string  // UUID (RFC 5626 section 4.1)
	viaHost   string  // sent-by of Via and host of Contact
	plain     sip.URI // Contact without GRUU
	loopMark  string  // start of the Call-IDs we make

	publicGRUU *sip.URI // RFC 5627; nil = none given
	tempGRUU   *sip.URI

	displayName  string
	name         string       // User-Agent; "" = none
	extraHeaders []sip.Header // of every request and response (extra_headers)
	transport    string       // of Via, in the place of the connection's own (hack_via_tcp, hack_via_ws); "" = that
	rport        bool         // calla.force_rport
}

// newIdentity makes up what is no part of the configuration. Contact, where the registrar is to send our requests,
// has a random user, not our name, at a host that does not exist (RFC 7118 section 5), unless contact_uri says
// another; Via's sent-by is its host. program is User-Agent where the configuration names no other.
func newIdentity(c config.Config, program string, r *rand.Rand) (*identity, error) {
	id := &identity{rand: r, instance: c.InstanceID}
	aor, err := sip.ParseURI(c.URI)
	if err != nil {
		return nil, err
	}
	registrar, err := sip.ParseURI(c.RegistrarServer)
	if err != nil {
		return nil, err
	}
	id.aor, id.registrar = aor.WithoutHeaders(), registrar.WithoutHeaders()
	id.viaHost = id.newToken(12) + ".invalid"
	if c.HackIPInContact {
		id.viaHost = "192.0.2." + itoa(r.IntN(254)+1)
	}
	id.plain = sip.URI{Scheme: "sip", User: id.newToken(8), Host: id.viaHost, Params: overWebSocket()}
	id.loopMark = id.newToken(5)
	if c.ContactURI != "" {
		uri, err := sip.ParseURI(c.ContactURI)
		if err != nil {
			return nil, fmt.Errorf("contact_uri: %w", err)
		}
		id.plain, id.viaHost = uri, uri.Host
	}
	return id, id.configure(c, program)
}

// configure takes over what of a configuration is followed at work; after an error all is as it was.
func (id *identity) configure(c config.Config, program string) error {
	var extra []sip.Header
	for _, text := range c.ExtraHeaders {
		h, reason := config.ParseHeader(text)
		if reason != "" {
			return fmt.Errorf("extra_headers: %s", reason)
		}
		extra = append(extra, h)
	}
	id.extraHeaders, id.displayName, id.rport = extra, c.DisplayName, c.Calla.ForceRport
	if id.name = c.UserAgent; id.name == "" {
		id.name = program
	}
	switch id.transport = ""; {
	case c.HackViaTCP:
		id.transport = "TCP"
	case c.HackViaWS:
		id.transport = "WS"
	}
	return nil
}

// overWebSocket are the parameters of an address that is reached over a WebSocket (RFC 7118 section 5.2).
func overWebSocket() sip.Params {
	return sip.Params{{Name: "transport", Value: "ws", HasValue: true}}
}

// ownDomain tells whether an address is of our own domain: that of our address, or the registrar's.
func (id *identity) ownDomain(uri sip.URI) bool {
	return strings.EqualFold(uri.Host, id.aor.Host) || strings.EqualFold(uri.Host, id.registrar.Host)
}

// names tells whether a Request-URI is our address, our Contact or our GRUU (RFC 3261 section 8.2.2.1); users compare
// by case (section 19.1.4).
func (id *identity) names(uri sip.URI) bool {
	user := uri.UserDecoded()
	switch {
	case user == id.aor.UserDecoded(), user == id.plain.UserDecoded():
		return true
	case id.tempGRUU != nil && user == id.tempGRUU.UserDecoded():
		return true
	default:
		return id.publicGRUU != nil && user == id.publicGRUU.UserDecoded()
	}
}

// ownCallID tells whether we made a Call-ID: a request outside dialogs that has one has come back to us.
func (id *identity) ownCallID(callID string) bool { return strings.HasPrefix(callID, id.loopMark) }

// learnGRUU keeps the addresses that reach this instance, as the registrar gives them with our binding (RFC 5627
// section 4.2); they become our Contact.
func (id *identity) learnGRUU(own sip.Address) {
	read := func(name string) *sip.URI {
		v, _ := own.Params.Get(name)
		uri, err := sip.ParseURI(v)
		if err != nil || uri.Scheme != "sip" || !fits(uri) {
			return nil
		}
		return &uri
	}
	id.publicGRUU, id.tempGRUU = read("pub-gruu"), read("temp-gruu")
}

// forgetGRUU: there is no binding any more.
func (id *identity) forgetGRUU() { id.publicGRUU, id.tempGRUU = nil, nil }

// plainContact is Contact where it is no GRUU: what REGISTER binds.
func (id *identity) plainContact() sip.URI {
	uri := id.plain
	uri.Params = slices.Clone(uri.Params)
	return uri
}

// likeness tells how sure it is that a binding is ours, 0 where it is not: first by its address, as RFC 3261 section
// 19.1.4 compares, then by the instance and the flow (RFC 5626 section 4.1), which older registrars leave out, and at
// last by the user alone, which we drew at random: some servers put the address they see in the place of the host.
func (id *identity) likeness(binding sip.Address) int {
	instance, given := binding.Params.Get("+sip.instance")
	ours := given && strings.Contains(strings.ToLower(instance), strings.ToLower(id.instance)) // "<urn:uuid:…>"
	flow, numbered := binding.Params.Get("reg-id")
	switch equal := binding.URI.Equal(id.plain); {
	case equal && ours:
		return 6
	case equal && !given:
		return 5
	case equal:
		return 4
	case ours && (!numbered || flow == "1"):
		return 3
	case given && !ours, binding.URI.UserDecoded() != id.plain.UserDecoded():
		return 0
	case strings.EqualFold(binding.URI.Host, id.plain.Host):
		return 2
	}
	return 1
}

// contactFor says what a Contact is for.
type contactFor struct {
	anonymous bool // the far end is not to know who we are
	outbound  bool // it asks for the flow of this request (RFC 5626 section 4.3)
}

// contact is the Contact of requests and responses that make dialogs. A GRUU reaches us over any flow (RFC 5627
// section 4.4).
func (id *identity) contact(what contactFor) string {
	uri := id.plainContact()
	switch {
	case what.anonymous && id.tempGRUU != nil:
		return "<" + id.tempGRUU.String() + ">"
	case what.anonymous:
		uri = sip.URI{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid", Params: overWebSocket()}
	case id.publicGRUU != nil:
		return "<" + id.publicGRUU.String() + ">"
	}
	if what.outbound {
		uri.Params = uri.Params.With("ob", "")
	}
	return "<" + uri.String() + ">"
}

// from is From of our own requests.
func (id *identity) from(tag string) string {
	return sip.Address{Display: id.displayName, URI: id.aor}.String() + ";tag=" + tag
}

// anonymousFrom hides who calls (RFC 3323 section 4.1).
func anonymousFrom(tag string) string {
	return `"Anonymous" <sip:anonymous@anonymous.invalid>;tag=` + tag
}

// privacy tells our own server who we are, and to keep it to itself (RFC 3323, RFC 3325 section 9.2).
func (id *identity) privacy() []sip.Header {
	return []sip.Header{{Name: "P-Preferred-Identity", Value: id.aor.String()}, {Name: "Privacy", Value: "id"}}
}

// via is the Via of a request that is sent over a transport now. rport asks for answers to where the request came from
// (RFC 3581 section 3), which on a WebSocket they go to anyhow.
func (id *identity) via(transport, branch string) string {
	if id.transport != "" {
		transport = id.transport
	}
	via := "SIP/2.0/" + transport + " " + id.viaHost + ";branch=" + branch
	if id.rport {
		via += ";rport"
	}
	return via
}

// response makes a response with our To tag, which 100 does not have (RFC 3261 section 8.2.6.2), and with the route of
// a dialog it may make (section 12.1.1).
func (id *identity) response(req *sip.Message, code int, reason, toTag string) *sip.Message {
	m := sip.NewResponse(req, code, reason)
	if code > 100 && req.ToTag() == "" {
		m.Set("To", sip.WithTag(req.Get("To"), toTag))
	}
	if (req.Method == "INVITE" || req.Method == "SUBSCRIBE") && code > 100 && code < 300 {
		routes := req.Lines("Record-Route")
		for i := len(routes) - 1; i >= 0; i-- {
			m.Prepend("Record-Route", routes[i])
		}
	}
	m.Headers = append(m.Headers, id.extraHeaders...)
	return m
}

const tokenAlphabet = "0123456789abcdefghijklmnopqrstuv"

// newToken returns n random characters, at most 32, 5 bits each.
func (id *identity) newToken(n int) string {
	var b [32]byte
	for i := range n {
		b[i] = tokenAlphabet[id.rand.IntN(len(tokenAlphabet))]
	}
	return string(b[:n])
}

// newBranch begins with the cookie that says it is unique (RFC 3261 section 8.1.1.7).
func (id *identity) newBranch() string { return branchCookie + id.newToken(16) }

// newTag has more than the 32 bits of RFC 3261 section 19.3.
func (id *identity) newTag() string { return id.newToken(10) }

// newCallID marks our own calls, so that one that comes back to us is known as a loop.
func (id *identity) newCallID() string { return id.loopMark + id.newToken(15) }

// newSeq is the first CSeq of a dialog, below 2^31 (RFC 3261 section 8.1.1.5).
func (id *identity) newSeq() uint32 { return uint32(id.rand.IntN(10_000)) + 1 }

// show puts the GRUUs into a State.
func (id *identity) show(s *State) {
	if id.publicGRUU != nil {
		s.PublicGRUU = id.publicGRUU.String()
	}
	if id.tempGRUU != nil {
		s.TempGRUU = id.tempGRUU.String()
	}
}
