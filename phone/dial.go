package phone

import (
	"slices"
	"strings"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/sip"
	"calla/phone/safe"
)

// dialling is how a call of ours comes about.
type dialling struct {
	clicked    time.Time
	consult    *call    // the held call that it is made for
	redirected []string // tried before, of a call that follows a redirection
	options    CallOptions
	keeps      bool   // options are those of the call before, whatever Redial remembers
	after      string // digits for after the answer
}

// Address is whom to call: a URI, and the name that goes with it where there is one.
type Address = sip.Address

// CallOptions are what is asked of a call beside whom to call. A redirection that is followed keeps them, and so does
// Redial, save After.
type CallOptions struct {
	After     string   // digits for after the answer, as Reading.PostDial has them; "" = none
	Anonymous bool     // hide who calls (RFC 3323)
	Headers   []string // "Name: value" each, put into the INVITE
	LateOffer bool     // the INVITE makes no offer: the far end makes it in its 200 (RFC 3261 section 13.2.1)
}

// add puts the options to those of the engine.
func (o CallOptions) add(to *netsip.CallOptions) {
	to.Anonymous, to.LateOffer = o.Anonymous, o.LateOffer
	for _, h := range o.Headers {
		name, value, _ := strings.Cut(h, ":")
		to.ExtraHeaders = append(to.ExtraHeaders,
			sip.Header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
	}
}

// Call calls an address with an account; "" is the one that dials. A call that is up is held first. What a person typed
// is read once, by ReadDialled, before this. What cannot be called, as for headers that cannot stand in an INVITE, is
// told by State.Refusal.
func (p *Phone) Call(accountID string, to Address, o CallOptions) {
	how := dialling{clicked: time.Now(), options: o, keeps: true}
	how.after, how.options.After = o.After, ""
	p.loop.Post(func() { p.dial(accountID, to, how) })
}

// dial calls an address with an account, or tells why it cannot be called.
func (p *Phone) dial(accountID string, to Address, how dialling) {
	l := p.line(accountID)
	shown := shownAddress(to, p.domainOf(accountID))
	if !p.ready(l, accountID, shown, how) {
		return
	}
	if !how.keeps {
		how.options = p.optionsOf(l.account.ID, to.URI.String())
	}
	p.callOut(l, shown, to, how)
}

// domainOf is the domain of an account, as dialled texts are read at it.
func (p *Phone) domainOf(accountID string) string {
	l := p.line(accountID)
	switch {
	case l == nil:
		return ""
	case l.agent != nil:
		return l.agent.config.Domain()
	}
	return l.account.Config.Domain()
}

// Redial calls the far end of an earlier call, redirection or message again: uri is its URI in State, accountID the
// account it was with. No other account is used in its place. The options of the last call of ours to there are kept:
// whom we hid from does not learn by it who we are. after are the digits that were dialled behind the number
// (CallState.After), to be sent once more; "" = none. What cannot be called is told by State.Refusal.
func (p *Phone) Redial(accountID, uri, after string) {
	how := dialling{clicked: time.Now(), after: after}
	p.loop.Post(func() { p.redial(accountID, uri, how) })
}

func (p *Phone) redial(accountID, uri string, how dialling) {
	to, err := farEnd(uri, p.domainOf(accountID))
	if err != nil {
		l := p.line(accountID)
		if p.ready(l, accountID, uri, how) {
			p.refuse(l, uri, how.consult, refusal(err, uri))
		}
		return
	}
	p.dial(accountID, Address{URI: to}, how)
}

// farCall is a call of ours that has ended, with what was asked of it.
type farCall struct {
	accountID, uri string
	options        CallOptions
}

// farCallsKept bounds how many are remembered.
const farCallsKept = 32

// remember keeps the options of a call of ours that has ended, for Redial.
func (p *Phone) remember(c *call, uri string) {
	if c.incoming || uri == "" {
		return
	}
	accountID := c.agent.accountID
	p.hidden = slices.DeleteFunc(p.hidden, func(f farCall) bool { return f.accountID == accountID && f.uri == uri })
	if o := c.options; o.Anonymous || o.LateOffer || len(o.Headers) > 0 {
		p.hidden = slices.Insert(p.hidden, 0, farCall{accountID, uri, o})
		p.hidden = p.hidden[:min(len(p.hidden), farCallsKept)]
	}
}

// optionsOf is what remember kept.
func (p *Phone) optionsOf(accountID, uri string) CallOptions {
	for _, f := range p.hidden {
		if f.accountID == accountID && f.uri == uri {
			return f.options
		}
	}
	return CallOptions{}
}

// ready tells whether a line, of the account that was asked for, can call; why not is told.
func (p *Phone) ready(l *line, asked, target string, how dialling) bool {
	if p.closing {
		return false
	}
	why := p.tooManyCalls(target)
	if why == nil {
		why = p.cannotReach(l, asked)
	}
	if why != nil {
		p.refuse(l, target, how.consult, *why)
	}
	return why == nil
}

// callOut calls an address with an account that is ready. target is what is said of it where that fails.
func (p *Phone) callOut(l *line, target string, to sip.Address, how dialling) {
	c := &call{
		p: p, agent: l.agent, clicked: how.clicked, consultFor: how.consult, redirected: how.redirected,
		options: how.options, after: how.after,
	}
	c.postDial.Digits = how.after
	err := p.start(c, func(o netsip.CallOptions) (*netsip.Session, error) {
		o.Redirected = how.redirected
		how.options.add(&o)
		return l.agent.ua.Call(to, o)
	})
	if err != nil {
		p.refuse(l, target, how.consult, refusal(err, target))
		return
	}
	p.done()
}

// start makes the session of a call of ours with make, and gives the call the sound.
func (p *Phone) start(c *call, make func(netsip.CallOptions) (*netsip.Session, error)) error {
	var err error
	if c.media, err = p.takePrepared(c.agent); err != nil {
		return err
	}
	c.watchMedia()
	c.session, err = make(netsip.CallOptions{Media: c.media, OnChange: c.sessionChanged})
	if err != nil {
		p.closeMedia(c.media)
		return err
	}
	p.begin(c)
	p.activate(c)
	return nil
}

// redirection is what the far end of the call that ended last wants called instead.
type redirection struct {
	accountID string
	targets   []sip.Address
	tried     []string // all that were called on the way
	options   CallOptions
	after     string // digits that were dialled behind the number
}

// redirect keeps whom a far end wants called instead, and returns them as shown.
func (p *Phone) redirect(c *call, targets []sip.Address) []RedirectTarget {
	tried := append(slices.Clone(c.redirected), c.session.Remote().URI.String())
	p.redirection = redirection{
		accountID: c.agent.accountID, targets: targets, tried: tried, options: c.options,
		after: c.after,
	}
	var shown []RedirectTarget
	for _, t := range targets {
		shown = append(shown, RedirectTarget{
			Name: safe.Line(t.Display, shownText), Address: shownAddress(t, c.agent.config.Domain()),
			URI: t.URI.String(),
		})
	}
	return shown
}

// CallRedirect calls a target of State.Ended.Redirect, by its URI or, where that says enough, its Address. Digits that
// were dialled behind the number are sent to that one only where withAfter says so: they may be a secret between the
// user and whom he dialled.
func (p *Phone) CallRedirect(address string, withAfter bool) {
	how := dialling{clicked: time.Now()}
	p.loop.Post(func() {
		if p.ended == nil {
			return
		}
		r := p.redirection
		i := slices.IndexFunc(p.ended.Redirect, func(t RedirectTarget) bool { return t.URI == address })
		if i < 0 {
			i = slices.IndexFunc(p.ended.Redirect, func(t RedirectTarget) bool { return t.Address == address })
		}
		if i >= 0 {
			how.redirected, how.options, how.keeps = r.tried, r.options, true
			if withAfter {
				how.after = r.after
			}
			p.callTarget(r.accountID, r.targets[i], how)
		}
	})
}

// callTarget calls whom a far end names in its place, by the name that it gives.
func (p *Phone) callTarget(accountID string, to Address, how dialling) {
	uri, err := farEnd(to.URI.String(), p.domainOf(accountID))
	if err != nil {
		p.redial(accountID, to.URI.String(), how) // which tells why not
		return
	}
	p.dial(accountID, Address{Display: to.Display, URI: uri}, how)
}

// callable is the URI of a far end by which Redial finds it again, "" for one that hides itself (RFC 3323 section
// 4.1.1.3) or has no address that a call could go to. Gateways write the other names for callers who are not told.
func callable(a sip.Address) string {
	u := a.URI.WithoutHeaders()
	switch strings.ToLower(u.UserDecoded()) {
	case "anonymous", "restricted", "unavailable", "unknown":
		return ""
	}
	switch u.Scheme {
	case "sip", "sips":
		if u.Host == "" || strings.EqualFold(u.Host, "anonymous.invalid") {
			return ""
		}
		u.Params = slices.DeleteFunc(slices.Clone(u.Params), func(p sip.Param) bool { return p.Name == "method" })
		return u.String()
	case "tel":
		return u.String()
	}
	return ""
}

// farEnd reads a URI that callable wrote. Nothing is read into it, as into a typed text: it names the very same
// far end. Calls go to sip: addresses, whose way is encrypted as the account's connection is.
func farEnd(uri, domain string) (sip.URI, error) {
	u, err := sip.ParseURI(uri)
	if err != nil || u.Host == "" {
		return config.DialTarget(uri, domain) // tel:
	}
	u.Scheme = "sip"
	return u.WithoutHeaders(), nil
}
