package phone

import (
	"slices"
	"strings"
	"time"

	"calla/netsip"
	"calla/netsip/sip"
)

// dialling is how a call of ours comes about.
type dialling struct {
	clicked    time.Time
	consult    *call    // the held call that it is made for
	redirected []string // tried before, of a call that follows a redirection
	options    DialOptions
}

// Dial calls target (a number, a user or an address, as typed) with an account; "" is the one that dials. A call
// that is up is held first. What cannot be called is told by State.Ended with a Problem, or, during a call,
// by a Notice.
func (p *Phone) Dial(accountID, target string) {
	how := dialling{clicked: time.Now()}
	p.loop.Post(func() { p.dial(accountID, target, how) })
}

func (p *Phone) dial(accountID, target string, how dialling) {
	if p.closing {
		return
	}
	if problem := p.tooManyCalls(target); problem != nil {
		p.notify("dial", *problem)
		return
	}
	p.withdraw("dial")
	l := p.line(accountID)
	if problem := p.cannotDial(l); problem != nil {
		p.refuse(l, target, problem)
		return
	}
	d, err := netsip.ParseDialled(target, l.agent.config.Domain())
	if err != nil {
		p.refuse(l, target, refusal(err, target))
		return
	}
	c := &call{p: p, agent: l.agent, clicked: how.clicked, consultFor: how.consult, redirected: how.redirected, options: how.options}
	c.postDial.Digits = d.After
	err = p.start(c, func(o netsip.CallOptions) (*netsip.Session, error) {
		o.Redirected = how.redirected
		how.options.add(&o)
		return l.agent.ua.Call(d.URI.String(), o)
	})
	if err != nil {
		p.refuse(l, target, refusal(err, target))
	}
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

// tooManyCalls words why no further call can be made now, nil when one can.
func (p *Phone) tooManyCalls(target string) *Problem {
	for _, c := range p.calls {
		if phase := c.phase(); phase == PhaseCalling || phase == PhaseRinging {
			return &Problem{
				Title: "You are calling " + c.who() + " already.", Why: "Nobody has answered yet.",
				Do: "End that call before you call " + safeLine(target, shownText) + ".", Short: "Calling already",
			}
		}
	}
	if len(p.calls) >= maxCalls {
		return &Problem{
			Title: "There are too many calls.", Why: "No further one can be kept apart from the others.",
			Do: "End one before you call " + safeLine(target, shownText) + ".", Short: "Too many calls",
		}
	}
	return nil
}

// cannotDial words why an account cannot call at all, nil when it can.
func (p *Phone) cannotDial(l *line) *Problem {
	switch {
	case l == nil:
		return &Problem{Title: "There is no account to call with.", Do: "Add an account first.", Short: "No account", Action: ActionEditAccount}
	case l.agent == nil && l.problem != nil:
		return l.problem
	case l.agent == nil && l.account.Enabled:
		return &Problem{
			Title: "The account " + l.account.Name() + " is not ready yet.", Why: "It is just being set up or changed.",
			Do: "Call again in a moment.", Short: "Not ready", Action: ActionCallAgain,
		}
	case l.agent == nil:
		return &Problem{
			Title: "The account " + l.account.Name() + " is off.", Do: "Switch it on to call with it.",
			Short: "Account is off", Action: ActionEditAccount,
		}
	}
	return nil
}

// refuse shows that a call could not be tried: as a card, or during a call as a notice.
func (p *Phone) refuse(l *line, target string, problem *Problem) {
	if len(p.calls) > 0 {
		p.notify("dial", *problem)
		return
	}
	e := EndedCall{Address: safeLine(target, shownText), Words: strings.TrimSuffix(problem.Title, "."), Problem: problem, At: time.Now()}
	if l != nil {
		e.Account = l.account.Name()
	}
	p.showEnded(e)
}

// redirection is what the far end of the call that ended last wants called instead.
type redirection struct {
	accountID string
	targets   []sip.Address
	tried     []string // all that were called on the way
	options   DialOptions
}

// redirect keeps whom a far end wants called instead, and returns them as shown.
func (p *Phone) redirect(c *call, targets []sip.Address) []RedirectTarget {
	tried := append(slices.Clone(c.redirected), c.session.Remote().URI.String())
	p.redirection = redirection{accountID: c.agent.accountID, targets: targets, tried: tried, options: c.options}
	var shown []RedirectTarget
	for _, t := range targets {
		shown = append(shown, RedirectTarget{Name: safeLine(t.Display, shownText), Address: shownAddress(t, c.agent.config.Domain())})
	}
	return shown
}

// CallRedirect calls a target of State.Ended.Redirect, by its Address.
func (p *Phone) CallRedirect(address string) {
	how := dialling{clicked: time.Now()}
	p.loop.Post(func() {
		if p.ended == nil {
			return
		}
		r := p.redirection
		for i, shown := range p.ended.Redirect {
			if shown.Address == address {
				how.redirected, how.options = r.tried, r.options
				p.dial(r.accountID, r.targets[i].URI.String(), how)
				return
			}
		}
	})
}
