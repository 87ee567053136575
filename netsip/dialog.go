package netsip

import (
	"slices"
	"strings"
	"time"

	"calla/netsip/sip"
)

// dialog is a peer-to-peer relation of two user agents (RFC 3261 section 12). The texts of From and
// To are kept as they were first written, so that an anonymous call stays anonymous to its end.
type dialog struct {
	ua        *UserAgent
	callID    string
	localTag  string
	remoteTag string // "" where an RFC 2543 peer has none
	local     string // value of From in our requests, tag included
	remote    string // value of To in our requests, tag included
	target    sip.URI
	routes    []string // route set in the order of Route
	contact   string   // value of our Contact
	localSeq  uint32
	remoteSeq uint32 // 0 = none yet
	realms    []realmKey
	home      bool   // our INVITE was for our own domain: credentials go into it unasked
	updates   bool   // the far end allows UPDATE
	timers    bool   // the far end supports session timers (RFC 4028)
	rseq      uint32 // of the last reliable provisional response, 0 = none yet
	caller    bool   // our INVITE made it

	ack   []byte    // of ours, the last one; nil for none
	acked time.Time // when it was sent first
}

// dialogKey is the dialog ID from our side.
func dialogKey(callID, localTag, remoteTag string) string {
	return callID + " " + localTag + " " + remoteTag
}

// acknowledged notes the ACK of a 2xx.
func (d *dialog) acknowledged(ack []byte) { d.ack, d.acked = ack, time.Now() }

// acknowledgeAgain sends the last ACK once more, for as long as somebody may wait for it.
func (d *dialog) acknowledgeAgain() {
	if d.ack != nil && time.Since(d.acked) < timeout {
		d.ua.connection.send(d.ack)
	}
}

func (d *dialog) key() string { return dialogKey(d.callID, d.localTag, d.remoteTag) }

// targetOf is the address that a message gives for what follows in its dialog (RFC 3261 section 12.1): that of its one
// Contact. Where one cannot be read, or two differ, nobody knows which is meant, and it gives none.
func targetOf(m *sip.Message) (sip.URI, bool) {
	contacts, err := m.Contacts()
	if err != nil || len(contacts) == 0 || contacts[0].URI.Host == "" {
		return sip.URI{}, false
	}
	for _, other := range contacts[1:] {
		if !other.URI.Equal(contacts[0].URI) {
			return sip.URI{}, false
		}
	}
	return contacts[0].URI.WithoutHeaders(), true
}

// routesOf are the values of Record-Route as Route has them, in the order of the message; false where one cannot be
// read. What says lr outside the brackets, or has none, is a loose router all the same.
func routesOf(m *sip.Message) ([]string, bool) {
	routes := m.Values("Record-Route")
	for i, value := range routes {
		route, err := sip.ParseAddress(value)
		if err != nil {
			return nil, false
		}
		_, loose := route.URI.Params.Get("lr")
		if _, outside := route.Params.Get("lr"); outside && !loose {
			route.URI.Params = route.URI.Params.With("lr", "")
			routes[i] = sip.Address{URI: route.URI}.String()
		}
	}
	return routes, true
}

// callerDialog is the dialog that a response from 101 to 299 to our INVITE makes (RFC 3261 section 12.1.2);
// false without a usable Contact, or where its requests would be too long.
func (ua *UserAgent) callerDialog(invite, resp *sip.Message) (*dialog, bool) {
	target, ok := targetOf(resp)
	routes, legible := routesOf(resp)
	if !ok || !legible {
		return nil, false
	}
	seq, _ := invite.CSeq()
	d := &dialog{
		ua:        ua,
		caller:    true,
		callID:    invite.CallID(),
		localTag:  invite.FromTag(),
		remoteTag: resp.ToTag(),
		local:     invite.Get("From"),
		remote:    resp.Get("To"),
		target:    target,
		contact:   invite.Get("Contact"),
		localSeq:  seq.Seq,
		routes:    routes,
	}
	slices.Reverse(d.routes)
	d.learn(resp)
	return d, d.bounded()
}

// contactlessDialog is enough of a dialog to end it.
func (ua *UserAgent) contactlessDialog(invite, resp *sip.Message) *dialog {
	seq, _ := invite.CSeq()
	routes, _ := routesOf(resp)
	d := &dialog{
		ua: ua, callID: invite.CallID(), localTag: invite.FromTag(), remoteTag: resp.ToTag(), local: invite.Get("From"),
		remote: resp.Get("To"), target: invite.RequestURI, localSeq: seq.Seq, routes: routes,
	}
	slices.Reverse(d.routes)
	if !d.bounded() {
		d.routes, d.remote = nil, invite.Get("To")
	}
	return d
}

// calleeDialog is the dialog that our response to an INVITE makes (RFC 3261 section 12.1.1); false without a
// usable Contact, or where its requests would be too long. One without any is of an RFC 2543 caller, to be reached by
// its From.
func (ua *UserAgent) calleeDialog(invite *sip.Message, localTag, contact string) (*dialog, bool) {
	target, ok := targetOf(invite)
	if !invite.Has("Contact") {
		from, err := invite.From()
		target, ok = from.URI.WithoutHeaders(), err == nil && from.URI.Host != ""
	}
	routes, legible := routesOf(invite)
	if !ok || !legible {
		return nil, false
	}
	seq, _ := invite.CSeq()
	d := &dialog{
		ua:        ua,
		callID:    invite.CallID(),
		localTag:  localTag,
		remoteTag: invite.FromTag(),
		local:     sip.WithTag(invite.Get("To"), localTag),
		remote:    invite.Get("From"),
		target:    target,
		contact:   contact,
		localSeq:  ua.identity.newSeq(),
		remoteSeq: seq.Seq,
		routes:    routes,
	}
	d.learn(invite)
	return d, d.bounded()
}

// knowRealms lets the dialog's requests carry the credentials that its first request carried, whether it was asked
// for them or, as one before it had been, was not.
func (d *dialog) knowRealms(first *exchange) {
	d.home = first.home
	for _, key := range first.carried {
		if !slices.Contains(d.realms, key) {
			d.realms = append(d.realms, key)
		}
	}
}

// learn notes what a message of the far end says about its abilities.
func (d *dialog) learn(m *sip.Message) {
	if m.Has("Allow") {
		d.updates = listed(m.Values("Allow"), "UPDATE")
	}
	if m.Has("Supported") {
		d.timers = listed(m.Values("Supported"), "timer")
	}
}

// refusesUpdate: it does not, whatever it said.
func (d *dialog) refusesUpdate() { d.updates = false }

func listed(values []string, want string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, want) })
}

// log tells of the dialog at level debug.
func (d *dialog) log(words ...string) {
	if d.ua.log.debugs() {
		d.ua.log.debug(logDialog, d.key(), words...)
	}
}

func (d *dialog) nextSeq() uint32 {
	d.localSeq++
	return d.localSeq
}

// request lays out a request inside the dialog (RFC 3261 section 12.2.1.1). A first route without lr is a
// strict router of RFC 2543.
func (d *dialog) request(method string, seq uint32, headers []sip.Header, body []byte) *sip.Message {
	uri, routes := d.target, d.routes
	if len(routes) > 0 {
		if first, err := sip.ParseAddress(routes[0]); err == nil && first.URI.Host != "" {
			if _, loose := first.URI.Params.Get("lr"); !loose {
				uri = first.URI.WithoutHeaders()
				routes = append(slices.Clone(routes[1:]), "<"+d.target.String()+">")
			}
		}
	}
	return d.ua.newRequest(outline{
		method: method, uri: uri, routes: routes, to: d.remote, from: d.local, callID: d.callID,
		seq: seq, headers: headers, body: body,
	})
}

// send sends a request inside the dialog under the next CSeq.
func (d *dialog) send(
	method string, headers []sip.Header, body []byte, onResponse func(*sip.Message, error), onError func(error),
) *exchange {
	e := &exchange{
		ua: d.ua, dialog: d, msg: d.request(method, d.nextSeq(), headers, body), nextSeq: d.nextSeq,
		onResponse: onResponse, onError: onError,
	}
	if s := d.ua.calls.in(d.key()); s != nil {
		d.ua.log.debug(logRequest, s.id, "sending ", method)
	}
	e.start()
	return e
}

// inOrder checks the CSeq of a request inside the dialog and takes it over (RFC 3261 section 12.2.2).
func (d *dialog) inOrder(req *sip.Message) bool {
	seq, err := req.CSeq()
	if err != nil || d.remoteSeq != 0 && seq.Seq <= d.remoteSeq {
		return false
	}
	d.remoteSeq = seq.Seq
	return true
}

// confirm takes over what a 2xx says of a dialog that was early: the route set and the target are those of the
// 2xx (RFC 3261 section 13.2.2.4). It reports false, and changes nothing, without a usable Contact.
func (d *dialog) confirm(resp *sip.Message) bool {
	target, ok := targetOf(resp)
	routes, legible := routesOf(resp)
	if !ok || !legible {
		return false
	}
	next := *d
	next.target, next.routes = target, routes
	slices.Reverse(next.routes)
	next.remote = resp.Get("To")
	if !next.bounded() {
		return false
	}
	*d = next
	d.learn(resp)
	return true
}

// refreshTarget takes over the Contact of an accepted target refresh (RFC 3261 section 12.2).
func (d *dialog) refreshTarget(m *sip.Message) {
	if target, ok := targetOf(m); ok && fits(target) {
		d.target = target
	}
}

// inSequence tells whether a reliable response is the next one of its dialog, and takes its number: one that comes
// again is acknowledged already, one after a gap is not ours to see yet (RFC 3262 section 4).
func (d *dialog) inSequence(rseq uint32) bool {
	if d.rseq != 0 && rseq != d.rseq+1 {
		return false
	}
	d.rseq = rseq
	return true
}

// countAnew: a new INVITE in the dialog has a first reliable response of its own (RFC 3262 section 3).
func (d *dialog) countAnew() { d.rseq = 0 }
