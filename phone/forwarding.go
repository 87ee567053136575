package phone

import (
	"slices"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/netsip/sip"
	"calla/phone/cause"
	"calla/phone/contacts"
)

// does is what an account does with calls by itself, as State shows it.
func (a *agent) does() []cause.Cause {
	var all []cause.Cause
	c := a.config
	for _, kind := range []cause.Kind{cause.ForwardAlways, cause.ForwardBusy, cause.ForwardNoAnswer} {
		if to, ok := a.forwardTarget(kind); ok {
			does := cause.Cause{Kind: kind, To: shownAddress(sip.Address{URI: to}, c.Domain())}
			if kind == cause.ForwardNoAnswer {
				does.After = seconds(c.Calla.ForwardAfter)
			}
			all = append(all, does)
		}
	}
	if c.Calla.AutoAnswer > 0 {
		all = append(all, cause.Cause{Kind: cause.AnswersItself, After: seconds(c.Calla.AutoAnswer)})
	}
	return all
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// forwardTarget is whom an account forwards to; false: it does not.
func (a *agent) forwardTarget(why cause.Kind) (sip.URI, bool) { return forwardTarget(a.config, why) }

func forwardTarget(c config.Config, why cause.Kind) (sip.URI, bool) {
	text := map[cause.Kind]string{
		cause.ForwardAlways: c.Calla.ForwardAlways, cause.ForwardBusy: c.Calla.ForwardBusy,
		cause.ForwardNoAnswer: c.Calla.ForwardNoAnswer,
	}[why]
	if text == "" {
		return sip.URI{}, false
	}
	to, err := c.ForwardTarget(text)
	return to, err == nil
}

// forwardOf is whom a call is forwarded to by its account; false: it is not, or that would lead back. Then it rings.
func (p *Phone) forwardOf(a *agent, s *netsip.Session, why cause.Kind) (Address, bool) {
	to, ok := a.forwardTarget(why)
	if !ok {
		return Address{}, false
	}
	told := s.Invitation()
	back := append(slices.Clone(told.Diverted), s.Remote().URI, told.From)
	if p.comesBack(a, to) || slices.ContainsFunc(back, func(u sip.URI) bool { return sameParty(u, to) }) {
		p.log.Warn("call not forwarded: it would come back", "account", a.accountID, "kind", string(why))
		return Address{}, false
	}
	return Address{URI: to}, true
}

// comesBack tells whether a call that is forwarded to an address comes to the account again: it is the account's own,
// or that of another here which forwards all its calls.
func (p *Phone) comesBack(a *agent, to sip.URI) bool {
	for range len(p.agents) + 1 {
		if a.isOwn(to) {
			return true
		}
		i := slices.IndexFunc(p.agents, func(b *agent) bool { return !b.retired && b.isOwn(to) })
		if i < 0 {
			return false
		}
		next, forwards := p.agents[i].forwardTarget(cause.ForwardAlways)
		if !forwards {
			return false
		}
		to = next
	}
	return true // in a circle among themselves
}

// forwards has a call that has not rung go to whom the account forwards to; false: it stays.
func (p *Phone) forwards(a *agent, s *netsip.Session, why cause.Kind) bool {
	to, ok := p.forwardOf(a, s, why)
	if !ok {
		return false
	}
	p.turnAway(a, s, cause.Cause{
		Kind: cause.ForwardedHere, To: shownAddress(to, a.config.Domain()), Because: &cause.Cause{Kind: why},
	}, func() { s.Redirect(to) })
	return true
}

// byItself is what becomes of a call that rings while nobody does anything.
type byItself struct {
	forward   *loop.Timer
	answer    *loop.Timer
	answersAt time.Time // zero: not by itself
	never     bool      // it is the user's to answer
	answered  bool
}

func (b *byItself) stop() {
	b.forward.Stop()
	b.answer.Stop()
	b.answersAt = time.Time{}
}

// waitForUser sets the clocks of a call that begins to ring: of its being forwarded, and of its being answered.
func (c *call) waitForUser() {
	p, a := c.p, c.agent
	if _, ok := p.forwardOf(a, c.session, cause.ForwardNoAnswer); ok {
		c.byItself.forward = p.loop.AfterFunc(seconds(a.config.Calla.ForwardAfter), c.notAnswered)
	}
	c.byItself.never = len(p.calls) > 1
	c.waitToAnswer()
}

// waitToAnswer sets the clock of a call's being answered by itself, as it is known now who calls.
func (c *call) waitToAnswer() {
	c.byItself.answer.Stop()
	c.byItself.answersAt = time.Time{}
	if !c.incoming || c.byItself.never || c.phase() != PhaseIncoming {
		return
	}
	if after, ok := c.answersAfter(); ok {
		c.byItself.answersAt = c.clicked.Add(after)
		c.byItself.answer = c.p.loop.AfterFunc(max(time.Until(c.byItself.answersAt), 0), c.answersItself)
	}
}

// notAnswered forwards a call that nobody has answered.
func (c *call) notAnswered() {
	to, ok := c.p.forwardOf(c.agent, c.session, cause.ForwardNoAnswer)
	if !ok || c.phase() != PhaseIncoming {
		return
	}
	c.decline(cause.Cause{
		Kind: cause.Missed, To: shownAddress(to, c.agent.config.Domain()),
		Because: &cause.Cause{Kind: cause.ForwardNoAnswer},
	})
	c.session.Redirect(to)
	c.p.changed()
}

// answersAfter is after how long a call is answered by itself; false: it is not. Never while there is another, nor
// before it is known who calls. What the contact has wins over the account's, and over a wish that is allowed there.
func (c *call) answersAfter() (time.Duration, bool) {
	settings, own := c.agent.config, c.person.own
	switch {
	case len(c.p.calls) > 1 || c.person.asked || own.Answer == contacts.No:
		return 0, false
	case own.Answer == contacts.Yes:
		return seconds(own.After), true
	}
	if wish := c.session.Invitation().AnswerAfter; wish != nil &&
		settings.MayHaveAnswered(c.session.Remote().URI.Host) {
		return *wish, true
	}
	return seconds(settings.Calla.AutoAnswer), settings.Calla.AutoAnswer > 0
}

// answersItself answers a call that nobody has, unless there is another one now. The user hears a tone.
func (c *call) answersItself() {
	if c.phase() != PhaseIncoming || c.silenced || len(c.p.calls) > 1 {
		c.answersNot()
		return
	}
	c.byItself.answered = true
	c.answer(time.Now())
	c.p.changed()
}

// answersNot leaves a call to the user alone.
func (c *call) answersNot() {
	c.byItself.never = true
	c.byItself.answer.Stop()
	c.byItself.answersAt = time.Time{}
	c.p.changed()
}
