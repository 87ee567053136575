package netsip

import (
	"strconv"
	"strings"
	"time"

	"calla/netsip/sip"
)

const (
	maxHints    = 16        // lines of one header field that are looked at
	maxHint     = 2 << 10   // octets of such a line: longer ones are passed over
	maxDiverted = 20        // addresses that a call has been at
	maxDelay    = time.Hour // that a caller may wish before we answer
)

// Invitation is what the INVITE of an incoming call says beside who calls. It is the far end's word alone.
type Invitation struct {
	From sip.URI // as whoever sent it wrote it, whatever the network asserts
	// AnswerAfter is after how long the caller wishes the call to be answered by itself, as intercoms do; nil = it does
	// not.
	AnswerAfter *time.Duration
	Diverted    []sip.URI // where the call has been before (RFC 5806, RFC 7044)
}

// Invitation reads the INVITE of a call that rings here; it is zero for any other.
func (s *Session) Invitation() Invitation {
	if s.in == nil || s.in.tx == nil {
		return Invitation{}
	}
	if s.in.invitation == nil { // read once: it may be as long as a message
		req := s.in.tx.req
		i := Invitation{AnswerAfter: answerAfter(req), Diverted: diverted(req)}
		if from, err := req.From(); err == nil {
			i.From = from.URI
		}
		s.in.invitation = &i
	}
	return *s.in.invitation
}

// answerAfter reads the wish for an answer by itself: answer-after=SECONDS in Call-Info or Alert-Info, as Snom,
// Asterisk and FreeSWITCH write it, and info=alert-autoanswer;delay=SECONDS in Alert-Info, as Cisco and Yealink know
// it.
func answerAfter(req *sip.Message) *time.Duration {
	for _, name := range []string{"Call-Info", "Alert-Info"} {
		values := req.Lines(name)
		for _, value := range values[:min(len(values), maxHints)] {
			if len(value) > maxHint {
				continue
			}
			params := hintsOf(value)
			after, asked := params["answer-after"]
			if !asked && name == "Alert-Info" && strings.EqualFold(params["info"], "alert-autoanswer") {
				after, asked = params["delay"], true
				if after == "" {
					after = "0"
				}
			}
			n, err := strconv.ParseUint(after, 10, 16)
			if d := time.Duration(n) * time.Second; asked && err == nil && d <= maxDelay {
				return &d
			}
		}
	}
	return nil
}

// hintsOf are the parameters in a header field, wherever they stand: some write them without an address before them.
func hintsOf(value string) map[string]string {
	params := map[string]string{}
	for _, part := range splitQuoted(value) {
		if i := strings.LastIndexByte(part, ','); i >= 0 && strings.Contains(part[i:], "<") {
			part = part[:i] // another value begins
		}
		name, v, _ := strings.Cut(part, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, known := params[name]; !known {
			params[name] = strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return params
}

// diverted are the addresses that a call has been at.
func diverted(req *sip.Message) []sip.URI {
	var all []sip.URI
	for _, name := range []string{"Diversion", "History-Info"} {
		list, _ := req.Addresses(name) // those that can be read
		for _, a := range list {
			if len(all) == maxDiverted {
				return all
			}
			if a.URI.Scheme != "*" && fits(a.URI) { // that is of Contact alone (RFC 3261 section 20.10)
				all = append(all, a.URI)
			}
		}
	}
	return all
}
