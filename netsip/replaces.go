package netsip

import (
	"fmt"
	"strings"

	"calla/netsip/sip"
)

// replaces names a dialog whose place a call is to take (RFC 3891 section 6.1). toTag is the local tag of the
// user agent that gets the INVITE.
type replaces struct {
	callID, toTag, fromTag string
	earlyOnly              bool
}

// replacesOf names a dialog of ours as its far end needs it: what is remote to us is local there.
func replacesOf(d *dialog) replaces {
	return replaces{callID: d.callID, toTag: tagOrZero(d.remoteTag), fromTag: tagOrZero(d.localTag)}
}

// tagOrZero writes the tag of a peer of RFC 2543, which has none (RFC 3891 section 6.1).
func tagOrZero(tag string) string {
	if tag == "" {
		return "0"
	}
	return tag
}

// parseReplaces reads the value of a Replaces header field (RFC 3891 section 6.1).
func parseReplaces(value string) (replaces, error) {
	callID, rest, _ := strings.Cut(value, ";")
	r := replaces{callID: strings.TrimSpace(callID)}
	if r.callID == "" || strings.ContainsAny(r.callID, " \t,\"<>") || sip.CheckText(value) != nil {
		return replaces{}, fmt.Errorf("replaces %q: no Call-ID", value)
	}
	for param := range strings.SplitSeq(rest, ";") {
		name, v, _ := strings.Cut(param, "=")
		v = strings.TrimSpace(v)
		var field *string
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "to-tag":
			field = &r.toTag
		case "from-tag":
			field = &r.fromTag
		case "early-only":
			r.earlyOnly = true
			continue
		default:
			continue
		}
		if *field != "" || v == "" || strings.ContainsAny(v, " \t,\"<>") {
			return replaces{}, fmt.Errorf("replaces %q: malformed %s", value, name)
		}
		*field = v
	}
	if r.toTag == "" || r.fromTag == "" {
		return replaces{}, fmt.Errorf("replaces %q: needs both tags", value)
	}
	return r, nil
}

func (r replaces) String() string {
	s := r.callID + ";to-tag=" + r.toTag + ";from-tag=" + r.fromTag
	if r.earlyOnly {
		s += ";early-only"
	}
	return s
}

// key is the dialog ID at the user agent that gets the INVITE.
func (r replaces) key() string {
	remote := r.fromTag
	if remote == "0" {
		remote = ""
	}
	return dialogKey(r.callID, r.toTag, remote)
}

// escapeHeader writes a header value into the header part of a URI: all but the unreserved characters of RFC
// 3261 section 25.1 is escaped.
func escapeHeader(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			strings.IndexByte("-_.!~*'()", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// replacing finds the call whose place an INVITE is to take (RFC 3891 section 3). ok is false when the INVITE has
// been refused; old is nil when it has no Replaces.
func (ua *UserAgent) replacing(tx *serverTx) (old *Session, ok bool) {
	lines := tx.req.Lines("Replaces")
	if len(lines) == 0 {
		return nil, true
	}
	r, err := parseReplaces(lines[0])
	if err != nil || len(lines) > 1 || strings.Contains(lines[0], ",") || tx.req.Has("Join") {
		tx.refuse(Refusal{400, "Bad Request - malformed Replaces", "RFC 3891 section 3"})
		return nil, false
	}
	old = ua.calls.in(r.key())
	switch {
	case old == nil && ua.calls.hasEnded(r.key()), old != nil && old.state == SessionEnded:
		tx.refuse(Refusal{603, "", "RFC 3891 section 3"}) // the dialog has ended
	case old == nil:
		tx.refuse(Refusal{481, "", "RFC 3891 section 3"}) // there is none
	case old.place.taken: // two cannot take one place
		tx.refuse(Refusal{486, "", "RFC 3891 section 3"})
	case old.state == SessionEstablished, old.state == SessionAnswering && old.in.tx.answered():
		if !r.earlyOnly {
			return old, ua.mayReplace(tx)
		}
		tx.refuse(Refusal{486, "", "RFC 3891 section 3"}) // early-only
	case old.out != nil: // it rings there
		return old, ua.mayReplace(tx)
	default: // a call that rings here cannot be taken away (RFC 3891 section 3)
		tx.refuse(Refusal{481, "", "RFC 3891 section 3"})
	}
	return nil, false
}

func (ua *UserAgent) mayReplace(tx *serverTx) bool {
	if ua.options.OnReplace == nil {
		tx.refuse(Refusal{486, "", "RFC 3891 section 3"})
		return false
	}
	return true
}

// place is the place in a conversation that one call takes from another (RFC 3891).
type place struct {
	of    *Session // the call whose place this one takes; nil for none
	taken bool     // another call takes the place of this one
}

// answerInPlace answers a call with Replaces as soon as its offer is taken. It does not ring: the user is in this
// call already (RFC 3891 section 3).
func (s *Session) answerInPlace() {
	if s.place.of.state == SessionEnded { // hung up meanwhile
		s.refuse(End{By: Local, Cause: CauseReplaced, StatusCode: 603})
		return
	}
	s.ua.options.OnReplace(s.place.of, s)
	s.Answer()
}

// endReplaced ends the call whose place this one has taken, or frees it when this one has come to nothing.
func (s *Session) endReplaced() {
	old := s.place.of
	if old == nil || old.state == SessionEnded {
		return
	}
	switch {
	case s.state == SessionEnded:
		old.place.taken = false
	case s.state != SessionEstablished:
	case old.out != nil && old.dialog == nil:
		old.cancel(End{By: Local, Cause: CauseReplaced})
	default:
		old.terminate(End{By: Local, Cause: CauseReplaced})
	}
}

// replace notes that this call is to take the place of old.
func (s *Session) replace(old *Session) {
	s.place.of, old.place.taken = old, true
	s.changes.watch(s.endReplaced)
}

// Replaced is the call whose place this one takes (RFC 3891), nil for none.
func (s *Session) Replaced() *Session { return s.place.of }

// related are the header fields that tie a new call to another one.
func (o CallOptions) related() ([]sip.Header, error) {
	var headers []sip.Header
	switch {
	case o.Replaces != nil:
		if o.Replaces.state != SessionEstablished || o.Replaces.place.taken {
			return nil, fmt.Errorf("call in the place of another: %w", ErrNotEstablished)
		}
		headers = append(headers, sip.Header{Name: "Replaces", Value: replacesOf(o.Replaces.dialog).String()})
	case o.replaces != "":
		headers = append(headers, sip.Header{Name: "Replaces", Value: o.replaces})
	}
	if o.ReferredBy != "" {
		if _, err := sip.ParseAddress(o.ReferredBy); err != nil || sip.CheckText(o.ReferredBy) != nil {
			return nil, fmt.Errorf("call: referred by %q: not an address", o.ReferredBy)
		}
		headers = append(headers, sip.Header{Name: "Referred-By", Value: o.ReferredBy})
	}
	return headers, nil
}
