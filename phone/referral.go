package phone

import (
	"slices"
	"strconv"
	"time"

	"calla/netsip"
	"calla/netsip/loop"
	"calla/phone/safe"
)

// referral is a far end that asks us to call somebody else (RFC 3515).
type referral struct {
	shown  Referral
	engine *netsip.Referral
	agent  *agent
	timer  *loop.Timer
}

// referred is asked to call somebody else: the user decides.
func (p *Phone) referred(a *agent, r *netsip.Referral) {
	c := p.callOf(r.Session())
	if c == nil || p.closing {
		r.Decline()
		return
	}
	target, domain := r.Target(), a.config.Domain()
	p.serials++
	f := &referral{agent: a, engine: r, shown: Referral{
		ID: "r" + strconv.Itoa(p.serials), CallID: c.id, From: c.who(),
		Name: safe.Line(target.Display, shownText), Address: shownAddress(target, domain), Until: r.Until(),
	}}
	f.timer = p.loop.AfterFunc(time.Until(r.Until()), func() { p.decline(f) })
	p.referrals = append(p.referrals, f)
	p.changed()
}

// callOf returns the live call of a session, nil for none.
func (p *Phone) callOf(s *netsip.Session) *call {
	for _, c := range p.calls {
		if c.session == s {
			return c
		}
	}
	return nil
}

// take removes a referral and returns it, nil when it is not there any more.
func (p *Phone) takeReferral(id string) *referral {
	i := slices.IndexFunc(p.referrals, func(f *referral) bool { return f.shown.ID == id })
	if i < 0 {
		return nil
	}
	f := p.referrals[i]
	p.referrals = slices.Delete(p.referrals, i, i+1)
	f.timer.Stop()
	p.changed()
	return f
}

func (p *Phone) decline(f *referral) {
	if p.takeReferral(f.shown.ID) != nil {
		f.engine.Decline()
	}
}

// dropReferrals forgets what the far end of an ended call asked for.
func (p *Phone) dropReferrals(c *call) {
	for _, f := range slices.Clone(p.referrals) {
		if f.shown.CallID == c.id {
			p.decline(f)
		}
	}
}

// AcceptReferral calls whom a far end asked us to call. The call with that far end falls silent; it ends it once
// the other has answered, and is back if the other does not.
func (p *Phone) AcceptReferral(id string) {
	clicked := time.Now()
	p.loop.Post(func() {
		f := p.takeReferral(id)
		if f == nil {
			return
		}
		from := p.callOf(f.engine.Session())
		if from != nil {
			from.referred = f.shown.who()
		}
		c := &call{p: p, agent: f.agent, clicked: clicked, referredBy: from}
		if from != nil { // whom we hid from has chosen who is called now
			c.options.Anonymous = from.options.Anonymous
		}
		accept := func(o netsip.CallOptions) (*netsip.Session, error) {
			c.options.add(&o)
			return f.engine.Accept(o)
		}
		if err := p.start(c, accept); err != nil {
			f.engine.Decline()
			if from != nil {
				from.referred = ""
			}
			p.refuse(p.line(f.agent.accountID), f.shown.Address, from, refusal(err, f.shown.Address))
		}
	})
}

// DeclineReferral refuses to call whom a far end asked us to call.
func (p *Phone) DeclineReferral(id string) {
	p.loop.Post(func() {
		if f := p.takeReferral(id); f != nil {
			f.engine.Decline()
		}
	})
}

// who is whom to call, in one line.
func (r Referral) who() string {
	if r.Name != "" {
		return r.Name
	}
	return r.Address
}

// backToReferrer gives the sound back to the far end that asked for a call which came to nothing.
func (p *Phone) backToReferrer(c *call) {
	from := c.referredBy
	if from == nil || p.call(from.id) != from || !c.connected.IsZero() {
		return
	}
	from.referred = ""
	if len(p.active) == 0 && from.phase() == PhaseEstablished {
		p.activate(from)
	}
}

// replaced puts a call in the place of one: the network moved it to another far end (RFC 3891). What the user
// sees is the same call, with another name; its sound is the old one's until the new one's is there. The
// engine answers the new one and ends the old one.
func (p *Phone) replaced(a *agent, old, next *netsip.Session) {
	i := slices.IndexFunc(p.calls, func(c *call) bool { return c.session == old })
	media, ok := next.Media().(mediaSession)
	if i < 0 || !ok || p.closing {
		next.Reject(486, "")
		return
	}
	o := p.calls[i]
	c := &call{
		p: p, id: o.id, agent: a, session: next, media: media, incoming: o.incoming, replaces: o,
		options: o.options, lost: o.lost, muted: o.muted, hold: o.hold, aside: o.aside, clicked: o.clicked,
		answered: time.Now(), connected: o.connected,
		consultFor: o.consultFor, byInfo: false,
		quality: Quality{SetupTime: o.quality.SetupTime, InviteDelay: o.quality.InviteDelay},
	}
	p.calls[i] = c
	for _, other := range p.calls {
		if other.consultFor == o {
			other.consultFor = c
		}
	}
	p.active, p.conference = p.active.replaced(o, c), p.conference.replaced(o, c)
	c.taping, o.taping = o.taping, nil
	c.tapingSaid = o.tapingSaid
	o.stopTimers()
	c.watchLost()
	next.OnChange(c.sessionChanged)
	next.OnInfo(c.infoReceived)
	c.watchMedia()
	c.tick = p.loop.AfterFunc(figuresTime, c.measure)
	p.dropReferrals(o)
	p.changed()
}

// kept tells whether the call is live, or may be back: the one that took its place is not complete yet.
func (c *call) kept() bool {
	for now := c.p.call(c.id); now != nil; now = now.replaces {
		if now == c {
			return true
		}
	}
	return false
}

// leavePlace releases the call whose place this one has taken, once it is complete.
func (c *call) leavePlace() {
	if c.replaces != nil && c.bridge != nil && c.session.State() == netsip.SessionEstablished {
		c.replaces.release()
		c.replaces = nil
		c.recordByItself()
	}
}

// putBack gives the place back to the call that was to be replaced when this one has come to nothing; it tells
// whether it did.
func (c *call) putBack() bool {
	p, o := c.p, c.replaces
	if o == nil {
		return false
	}
	c.replaces = nil
	if c.ending { // by the user, who sees one call
		o.session.HangUp()
	}
	if o.session.State() == netsip.SessionEnded {
		o.release()
		return false
	}
	i := slices.Index(p.calls, c)
	p.calls[i] = o
	for _, other := range p.calls {
		if other.consultFor == c {
			other.consultFor = o
		}
	}
	o.hold, o.aside = c.hold, c.aside
	p.active, p.conference = p.active.replaced(c, o), p.conference.replaced(c, o)
	o.taping, c.taping = c.taping, nil
	o.tapingSaid = c.tapingSaid
	c.release()
	o.tick = p.loop.AfterFunc(figuresTime, o.measure)
	o.watchLost()
	o.tellHold()
	o.gate()
	p.changed()
	return true
}
