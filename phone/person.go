package phone

import (
	"context"
	"time"

	"calla/netsip/sip"
	"calla/phone/contacts"
	"calla/phone/journal"
	"calla/phone/safe"
)

// Contacts finds out who a far end is among the user's contacts. Its methods may block until ctx ends, and are called
// on goroutines of their own.
type Contacts interface {
	// Who returns the contact that has an address with one of keys (contacts.KeysOf), the first of them that anybody
	// has; one without a name where nobody has.
	Who(ctx context.Context, keys []string) (contacts.Contact, error)
	// Alike tells whether a contact's name is like claimed (contacts.LooksLike).
	Alike(ctx context.Context, claimed string) (bool, error)
}

// findTime bounds how long it is asked who somebody is. Until it is known no name is shown: it could be a false one;
// and no bell rings for a call, and none is answered by itself: the contact may want it otherwise. The call is shown,
// and rings at the caller, at once.
const findTime = 500 * time.Millisecond

// person is who a far end is: its name in the contacts, or what it calls itself.
type person struct {
	of    sip.Address  // whom it was asked for
	asked bool         // and the answer is awaited
	known string       // name of the contact; "" = none
	own   contacts.Own // what that has for its calls
	poses bool         // what it calls itself looks like a contact or a number that it is not, or nobody can tell
}

// name is what the far end is called by, whether that is the user's own name for it, and what it calls itself where
// that is not to be believed. While the answer is awaited it has no name.
func (w person) name(party sip.Address) (name string, known bool, claims string) {
	claimed := safe.Line(party.Display, shownText)
	switch {
	case w.known != "":
		return w.known, true, ""
	case w.asked:
		return "", false, ""
	case w.poses:
		return "", false, claimed
	}
	return claimed, false, ""
}

// isOf tells whether it has been asked for somebody.
func (w person) isOf(party sip.Address) bool {
	return w.of.Display == party.Display && w.of.URI.String() == party.URI.String()
}

// findPerson asks who somebody is, and calls found on the loop with the answer; it returns what to go by until then.
func (p *Phone) findPerson(party sip.Address, domain string, found func(person)) person {
	w := person{of: party}
	if p.o.Contacts == nil {
		return w
	}
	keys := contacts.KeysOf(party.URI, domain)
	claimed := safe.Line(party.Display, shownText)
	answer := w
	w.asked = true
	settled := false
	settle := func(a person) {
		if !settled {
			settled = true
			found(a)
		}
	}
	late := p.loop.AfterFunc(findTime, func() { settle(person{of: party, poses: true}) })
	p.loop.Go(func(ctx context.Context) {
		ctx, done := context.WithTimeout(ctx, findTime)
		defer done()
		who, poses, err := p.o.find(ctx, keys, claimed)
		if err != nil {
			p.log.Warn("contacts cannot be asked", "error", err)
		}
		answer.known, answer.own = safe.Line(who.Name, shownText), who.Own
		answer.poses = poses || err != nil
	}, func() {
		late.Stop()
		settle(answer)
	})
	return w
}

// find asks who has one of keys, and where nobody has, whether what he calls himself looks like somebody else.
func (o *Options) find(ctx context.Context, keys []string, claimed string) (
	who contacts.Contact, poses bool, err error,
) {
	if len(keys) > 0 {
		who, err = o.Contacts.Who(ctx, keys)
	}
	if err != nil || who.Name != "" || claimed == "" {
		return who, false, err
	}
	if contacts.PosesAsAddress(claimed, keys) {
		return who, true, nil
	}
	poses, err = o.Contacts.Alike(ctx, claimed)
	return who, poses, err
}

// identify asks who the far end of a call is, where that is somebody else than before.
func (c *call) identify() {
	if party := c.session.Party(); !c.person.isOf(party) {
		c.find(party, func() {
			c.waitToAnswer()
			c.recordByItself()
		})
	}
}

// find asks who the far end of a call is; found is called on the loop when that is known, before find returns or
// afterwards, unless the far end is somebody else by then.
func (c *call) find(party sip.Address, found func()) {
	c.person = c.p.findPerson(party, c.agent.config.Domain(), func(is person) {
		if c.person.isOf(party) {
			c.person = is
			c.recordNamed()
			found()
			c.p.changed()
		}
	})
	if !c.person.asked {
		found()
	}
}

// recordNamed records a call that ended before it was known who its far end is.
func (c *call) recordNamed() {
	e := c.unnamed
	if e == nil {
		return
	}
	c.unnamed = nil
	name := func(e *EndedCall) { e.Name, e.Known, e.Claims = c.person.name(c.session.Party()) }
	name(e)
	c.p.record(c, *e)
	c.p.ends = amended(c.p.ends, *e)
	if shown := c.p.ended; shown != nil && shown.CallID == e.CallID {
		told := *shown
		name(&told)
		c.p.ended = &told
	}
}

// contactsChanged has it found out again who the far ends of calls are.
func (p *Phone) contactsChanged() {
	for _, c := range p.calls {
		before := c.person
		c.find(c.session.Party(), c.waitToAnswer)
		if c.person.asked { // until then it is who it was
			c.person.known, c.person.poses, c.person.asked = before.known, before.poses, before.asked
			c.person.own = before.own
		}
	}
}

// nameCalls is how many of the last calls with somebody are looked at for a name: one may have shown none.
const nameCalls = 5

// NameOf finds who an address is, for an account: the name of the contact that has it, or else the one that its last
// call showed; "" where there is neither, or ctx ends first. It waits for the disk and may be called from any
// goroutine.
func (p *Phone) NameOf(ctx context.Context, accountID string, to Address) (name string, contact bool) {
	domain := ""
	if a, ok := p.Account(accountID); ok {
		domain = a.Config.Domain()
	}
	if keys := contacts.KeysOf(to.URI, domain); p.o.Contacts != nil && len(keys) > 0 {
		if who, err := p.o.Contacts.Who(ctx, keys); err == nil && who.Name != "" {
			return safe.Line(who.Name, shownText), true
		}
	}
	if p.journal == nil {
		return "", false
	}
	person := journal.Person(shownAddress(to, domain))
	calls, _, err := p.journal.Calls(ctx, journal.CallQuery{Person: person, Limit: nameCalls})
	if err != nil {
		return "", false
	}
	for _, c := range calls {
		if c.Name != "" {
			return safe.Line(c.Name, shownText), false
		}
	}
	return "", false
}
