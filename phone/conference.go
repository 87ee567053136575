package phone

import (
	"slices"

	"calla/phone/cause"
)

// A conference is a set of calls that have the sound together: each far end hears the microphone and the other far ends
// (audio.Conference). There is one at most. Who is in it stays so while it is on hold, or while one of it is.
//
//	Confer ─▶ two to four calls ──Split, HangUp, the far end's end──▶ one: a call like any other
//
// What resumes one of its calls while none of them has the sound resumes all of them, but those that were put on hold
// alone (call.aside).

// maxConference is how many calls a conference can have.
const maxConference = 4

// Confer brings calls together in the conference, with those that are in it already; it is begun where there is none.
// All of them have the sound, and other calls are held.
func (p *Phone) Confer(callIDs ...string) {
	p.loop.Post(func() {
		members, joining := p.conference, callSet(nil)
		for _, id := range callIDs {
			c := p.call(id)
			if c == nil { // it has ended meanwhile
				continue
			}
			if why := c.cannotConfer(); why != nil {
				c.refusedIn(CommandConference, "", *why)
				return
			}
			if len(members.with(c)) > maxConference {
				full := cause.Cause{Kind: cause.ConferenceFull, Party: c.who(), Count: maxConference}
				c.refusedIn(CommandConference, "", full)
				return
			}
			members, joining = members.with(c), joining.with(c)
		}
		if len(members) < 2 || len(joining) == 0 {
			p.refused(Refusal{Command: CommandConference, Cause: cause.Cause{Kind: cause.ConferenceAlone}})
			return
		}
		muted := slices.ContainsFunc(p.active, func(c *call) bool { return members.has(c) && c.muted })
		p.conference = members
		for _, c := range members {
			c.mute(muted)
			c.consultFor = nil // who was asked about is here, and waits for nobody
		}
		for _, c := range joining {
			c.aside = false
			p.activate(c)
		}
		p.done()
	})
}

// cannotConfer tells why a call cannot be in a conference, nil when it can.
func (c *call) cannotConfer() *cause.Cause {
	switch {
	case c.transfer.pending():
		return &cause.Cause{Kind: cause.TransferPending, Party: c.who(), To: c.transfer.to}
	case c.phase() == PhaseEnding:
		return &cause.Cause{Kind: cause.ConferenceCallEnding, Party: c.who()}
	case c.phase() != PhaseEstablished:
		return &cause.Cause{Kind: cause.ConferenceBeforeAnswer, Party: c.who()}
	}
	return nil
}

// Split takes a call out of the conference to talk with it alone; the others are held.
func (p *Phone) Split(callID string) {
	p.withCall(callID, func(c *call) {
		if !p.conference.has(c) {
			c.refusedIn(CommandConference, "", cause.Cause{Kind: cause.NoConference})
			return
		}
		p.leaveConference(c)
		if c.up() {
			p.activate(c)
		}
		p.done()
	})
}

// HoldConference holds all calls of the conference, or resumes them, those that were held alone too.
func (p *Phone) HoldConference(on bool) {
	p.loop.Post(func() {
		if len(p.conference) == 0 {
			p.refused(Refusal{Command: CommandConference, Cause: cause.Cause{Kind: cause.NoConference}})
			return
		}
		for _, c := range p.conference {
			switch c.aside = false; {
			case !c.up():
			case on:
				c.setHold(true)
			default:
				p.activate(c)
			}
		}
		p.done()
	})
}

// LeaveConference connects the two far ends of the conference with each other and leaves both, as Connect does.
func (p *Phone) LeaveConference() {
	p.loop.Post(func() {
		why := cause.Cause{Kind: cause.NoConference}
		switch n := len(p.conference); n {
		case 2:
			p.connectTwo(p.conference[0], p.conference[1])
			return
		case 0:
		default:
			why = cause.Cause{Kind: cause.ConferenceNotTwo, Count: n}
		}
		p.refused(Refusal{Command: CommandConference, Cause: why})
	})
}

// leaveConference takes a call out of the conference, which ends with the last but one.
func (p *Phone) leaveConference(c *call) {
	if !p.conference.has(c) {
		return
	}
	p.conference, c.aside = p.conference.without(c), false
	if len(p.conference) == 1 {
		p.conference[0].aside = false
		p.conference = nil
	}
	p.sound.listen()
	p.changed()
}

// takeSeat puts a call that was answered into the conference in the place of the one whose far end asked for it.
func (c *call) takeSeat() {
	p, from := c.p, c.referredBy
	if from == nil || !p.conference.has(from) {
		return
	}
	p.conference = p.conference.replaced(from, c)
	c.mute(from.muted)
	if c.active() {
		p.activate(c)
	}
}

// together are the calls that have the sound when c gets it.
func (p *Phone) together(c *call) callSet {
	if !p.conference.has(c) {
		return callSet{c}
	}
	var talking, all callSet
	for _, m := range p.conference {
		switch {
		case m == c:
			talking, all = talking.with(c), all.with(c)
		case !m.up():
		case p.active.has(m):
			talking, all = talking.with(m), all.with(m)
		case !m.aside:
			all = all.with(m)
		}
	}
	if len(talking) > 1 {
		return talking
	}
	return all
}

// conferenceIDs are the calls of the conference, as State has them.
func (p *Phone) conferenceIDs() []string {
	var ids []string
	for _, c := range p.conference {
		ids = append(ids, c.id)
	}
	return ids
}
