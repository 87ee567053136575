package netsip

import (
	"slices"
	"strconv"

	"calla/netsip/config"
	"calla/netsip/sip"
)

// maxRedirects is how often one call may be redirected.
const maxRedirects = 5

// checkRedirects refuses a call that has been redirected too often, or to where it has been.
func checkRedirects(target sip.URI, tried []string, domain string) error {
	if len(tried) > maxRedirects {
		return ErrRedirectLoop
	}
	for _, text := range tried {
		uri, err := sip.ParseURI(text)
		if err != nil || uri.Scheme != "sip" {
			uri, err = config.DialTarget(text, domain)
		}
		if err == nil && uri.Equal(target) {
			return ErrRedirectLoop
		}
	}
	return nil
}

// redirections are the Contacts of a 3xx that can be called, by falling q (RFC 3261 sections 8.1.3.4 and 20.10).
// Nothing but the address is taken over: not sips: or tel:, which we cannot call, and no headers, which would
// let the far end write our request (section 19.1.5).
func (s *Session) redirections(resp *sip.Message) []sip.Address {
	contacts, _ := resp.Contacts() // those that can be read
	tried := append(slices.Clone(s.out.options.Redirected), s.out.target.String())
	var usable []sip.Address
	for _, c := range contacts {
		_, method := c.URI.Params.Get("method")
		if c.URI.Scheme != "sip" || c.URI.Host == "" || c.URI.Headers != "" || method || !fits(c.URI) ||
			checkRedirects(c.URI, tried, s.ua.config.Domain()) != nil ||
			slices.ContainsFunc(usable, func(a sip.Address) bool { return a.URI.Equal(c.URI) }) {
			continue
		}
		usable = append(usable, c)
	}
	slices.SortStableFunc(usable, func(a, b sip.Address) int {
		switch qa, qb := quality(a), quality(b); {
		case qa > qb:
			return -1
		case qa < qb:
			return 1
		}
		return 0
	})
	for i := range usable {
		usable[i].Params = nil
	}
	return usable
}

// quality is the q of a Contact, 1 where it has none.
func quality(a sip.Address) float64 {
	if v, ok := a.Params.Get("q"); ok {
		if q, err := strconv.ParseFloat(v, 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
	}
	return 1
}

// Redirect refuses an incoming call with 302 and names whom to call instead, the likeliest first (RFC 3261 section
// 13.3.1.2). It does nothing once the call has been answered, and without an address.
func (s *Session) Redirect(to ...sip.Address) {
	var contacts []sip.Header
	for _, a := range to {
		a.Params = nil
		contacts = append(contacts, sip.Header{Name: "Contact", Value: a.String()})
	}
	if len(contacts) > 0 {
		s.refuse(End{By: Local, Cause: CauseRedirected, StatusCode: 302}, contacts...)
	}
}
