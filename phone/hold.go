package phone

import (
	"slices"

	"calla/netsip"
	"calla/phone/cause"
)

// The calls that have the sound are a set: Phone.active. All in it are spoken to by the microphone and heard in the
// loudspeaker, whatever their number. Whom activate puts in is the policy, and it is that one call at most is in it, or
// those of the conference (conference.go): whatever takes the sound holds the others first.
//
//	            dial, answer, SetHold(off), Swap
//	   on hold ─────────────────────────────────▶ active
//	           ◀─────────────────────────────────
//	            SetHold(on), another becomes active
//
// A held call is silent in both directions at once, before the far end has agreed: its packets are neither sent nor
// played, and music may be sent in their place (holdmusic.go). An outgoing call that only rings cannot be held; it is
// from the moment it is answered.

// callSet is a set of calls, in the order in which they came in. It is never changed in place.
type callSet []*call

func (s callSet) has(c *call) bool { return slices.Contains(s, c) }

// with is the set with c in it.
func (s callSet) with(c *call) callSet {
	if s.has(c) {
		return s
	}
	return append(slices.Clone(s), c)
}

// without is the set without c.
func (s callSet) without(c *call) callSet {
	return slices.DeleteFunc(slices.Clone(s), func(o *call) bool { return o == c })
}

// replaced is the set with c in the place of old, where old is in it.
func (s callSet) replaced(old, c *call) callSet {
	s = slices.Clone(s)
	if i := slices.Index(s, old); i >= 0 {
		s[i] = c
	}
	return s
}

// active tells whether the call has the sound.
func (c *call) active() bool { return c.p.active.has(c) }

// activate gives a call the sound, in a conference with the others of it, and holds all others.
func (p *Phone) activate(c *call) {
	together, before := p.together(c), p.active
	for _, o := range p.calls {
		if !together.has(o) && o.phase() != PhaseIncoming && o.referred == "" {
			o.setHold(true)
		}
	}
	p.active = together
	for _, o := range before { // that are not held: they are on their way out
		if !together.has(o) {
			o.gate()
		}
	}
	for _, o := range together {
		o.referred = "" // one that is resumed is not on its way out any more
		o.setHold(false)
	}
	p.changed()
}

// setHold holds or resumes a call; what has the sound then is not its business.
func (c *call) setHold(on bool) {
	if on {
		c.p.active = c.p.active.without(c)
	}
	c.hold = on
	c.tellHold()
	c.gate()
	c.sendPostDial()
	c.p.changed()
}

// tellHold tells the far end what is wished, where there is somebody to tell.
func (c *call) tellHold() {
	if c.session.State() == netsip.SessionEstablished && c.session.Held() != c.hold {
		c.session.SetHold(c.hold)
	}
}

// holdRefused tells that the far end did not agree to the change of hold that was wished last.
func (c *call) holdRefused() bool {
	return c.session.HoldErr() != nil && c.session.Held() != c.hold
}

// up tells whether a call can be held and resumed: it has been answered and not ended, or is one of ours that
// somebody may answer.
func (c *call) up() bool {
	phase := c.phase()
	return phase != PhaseIncoming && phase != PhaseEnding
}

// SetHold puts a call on hold, or resumes it; resuming holds the call that has the sound, unless both are in the
// conference. The far end's consent shows as Holding going away.
func (p *Phone) SetHold(callID string, on bool) {
	p.withCall(callID, func(c *call) {
		switch {
		case !c.up() || c.phase() != PhaseEstablished && on:
			c.refusedIn(CommandHold, "", c.cannotHold(on))
			return
		case on:
			c.aside = p.conference.has(c)
			c.setHold(true)
		default:
			c.aside = false
			p.activate(c)
		}
		p.done()
	})
}

// Swap resumes a call, with the others of the conference where it is in it, and holds all others.
func (p *Phone) Swap(callID string) {
	p.withCall(callID, func(c *call) {
		if !c.up() {
			c.refusedIn(CommandHold, "", c.cannotHold(false))
			return
		}
		c.aside = false
		p.activate(c)
		p.done()
	})
}

// cannotHold tells why a call cannot be held or resumed.
func (c *call) cannotHold(on bool) cause.Cause {
	why := cause.Cause{Kind: cause.CannotResume, Party: c.who(), Because: &cause.Cause{Kind: cause.CallNotAnswered}}
	if on {
		why.Kind = cause.CannotHold
	}
	switch c.phase() {
	case PhaseEnding:
		why.Because.Kind = cause.CallEnding
	case PhaseIncoming, PhaseAnswering:
		why.Because.Kind = cause.CallNotAnsweredHere
	}
	return why
}

// ringing counts the calls that wait for an answer here.
func (p *Phone) ringing() int {
	n := 0
	for _, c := range p.calls {
		if c.phase() == PhaseIncoming {
			n++
		}
	}
	return n
}

// gate opens and closes the sound in both directions as the call stands.
func (c *call) gate() {
	b := c.bridge
	if b == nil || c.p.call(c.id) != c {
		return
	}
	state := c.session.State()
	established := state == netsip.SessionEstablished || state == netsip.SessionAnswering
	open := c.active() && !c.hold && (established || state == netsip.SessionEarlyMedia)
	b.setOpen(open, c.media.LocalDirection())
	c.playMusic(established && c.hold)
	b.sender.SetSending((open || b.plays) && established && c.media.LocalDirection().Sends())
	if open {
		c.p.sound.attach(c)
	} else {
		c.p.sound.detach(c)
	}
}
