package phone

import (
	"strings"
	"time"

	"calla/netsip"
	"calla/netsip/sip"
)

// What engineers do with a phone beyond telephoning: the console's subcommands use it.

// DialOptions are what is asked of a call beside whom to call. A redirection that is followed keeps them.
type DialOptions struct {
	Anonymous bool     // hide who calls (RFC 3323)
	Headers   []string // "Name: value" each, put into the INVITE
	LateOffer bool     // the INVITE makes no offer: the far end makes it in its 200 (RFC 3261 section 13.2.1)
}

// DialWith is Dial with options. Headers that cannot stand in an INVITE refuse the call.
func (p *Phone) DialWith(accountID, target string, o DialOptions) {
	how := dialling{clicked: time.Now(), options: o}
	p.loop.Post(func() { p.dial(accountID, target, how) })
}

// add puts the options to those of the engine.
func (d DialOptions) add(o *netsip.CallOptions) {
	o.Anonymous, o.LateOffer = d.Anonymous, d.LateOffer
	for _, h := range d.Headers {
		name, value, _ := strings.Cut(h, ":")
		o.ExtraHeaders = append(o.ExtraHeaders, sip.Header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
	}
}
