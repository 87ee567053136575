package phone

import (
	"strings"

	"calla/netsip"
	"calla/netsip/sip"
	"calla/phone/cause"
	"calla/phone/safe"
)

// An incoming call can be refused in several ways. What they mean to the caller, to the other phones of the address and
// to the user's own list of calls differs:
//
//	Decline          603  no phone of the address rings on
//	DeclineBusy      486  the other phones of the address ring on, or its mailbox answers
//	DeclineWithText  603  the same as Decline, and the caller reads why
//	Forward          302  the caller, or its server, is to call another address
//	Ignore           –    the caller hears it ring on

// longestReason bounds the text that is told with a refusal, in characters.
const longestReason = 200

// Decline refuses an incoming call: the caller hears that it is not wanted (603), and no other phone of the address
// rings on.
func (p *Phone) Decline(callID string) {
	p.withIncoming(callID, func(c *call) {
		c.ending = true
		c.session.Reject(603, "Decline")
	})
}

// DeclineBusy refuses an incoming call at this phone alone (486): others of the address ring on.
func (p *Phone) DeclineBusy(callID string) {
	p.withIncoming(callID, func(c *call) {
		c.decline(cause.Cause{Kind: cause.BusyHere})
		c.session.Reject(486, "Busy Here")
	})
}

// DeclineWithText refuses an incoming call as Decline does and tells the caller why: in the refusal itself, and in a
// message after it where the caller can be written to. The message is among Messages, and there it shows whether it has
// arrived. Without a text it is Decline.
func (p *Phone) DeclineWithText(callID, text string) {
	text = safe.Line(strings.Join(strings.Fields(text), " "), longestReason)
	if text == "" {
		p.Decline(callID)
		return
	}
	p.withIncoming(callID, func(c *call) {
		c.decline(cause.Cause{Kind: cause.DeclinedHere, Text: text})
		c.session.Decline(text)
		if to := callable(c.session.Party()); to != "" {
			p.reply(c.agent.accountID, to, text)
		}
	})
}

// Forward refuses an incoming call and names whom to call instead (302). What would lead back is refused:
// State.Refusal.
func (p *Phone) Forward(callID string, to Address) {
	p.withIncoming(callID, func(c *call) {
		shown := shownAddress(to, c.agent.config.Domain())
		if why := c.cannotForward(to.URI); why != nil {
			why.To = shown
			c.refusedIn(CommandForward, shown, *why)
			return
		}
		c.forward(to)
		p.done()
	})
}

// withIncoming runs f on the loop with a call that rings here.
func (p *Phone) withIncoming(callID string, f func(*call)) {
	p.withCall(callID, func(c *call) {
		if c.phase() == PhaseIncoming {
			f(c)
			p.changed()
		}
	})
}

// decline keeps how a call is refused here.
func (c *call) decline(why cause.Cause) {
	c.ending = true
	c.declined = &ending{Cause: why}
}

// forward has the caller call another address.
func (c *call) forward(to Address) {
	c.decline(cause.Cause{Kind: cause.ForwardedHere, To: shownAddress(to, c.agent.config.Domain())})
	c.session.Redirect(to)
}

// cannotForward tells why a call cannot be forwarded to an address, nil where it can.
func (c *call) cannotForward(to sip.URI) *cause.Cause {
	switch caller := c.session.Remote().URI; {
	case to.Scheme != "sip" || to.Host == "":
		return &cause.Cause{Kind: cause.ForwardNowhere}
	case c.agent.isOwn(to):
		return &cause.Cause{Kind: cause.ForwardToItself}
	case sameParty(to, caller):
		return &cause.Cause{Kind: cause.ForwardToCaller, Party: c.who()}
	}
	return nil
}

// isOwn tells whether calls to an address come to this account: its address, and those that the registrar gave it
// (RFC 5627).
func (a *agent) isOwn(to sip.URI) bool {
	for _, own := range []string{a.config.URI, a.state.PublicGRUU, a.state.TempGRUU} {
		if u, err := sip.ParseURI(own); err == nil && sameParty(to, u) {
			return true
		}
	}
	return false
}

// sameParty tells whether two addresses are of the same user at the same host, whatever the port and the parameters.
func sameParty(a, b sip.URI) bool {
	return a.UserDecoded() == b.UserDecoded() && strings.EqualFold(a.Host, b.Host)
}

// declinedHere is how the call was refused here, nil where that has no story of its own.
func (c *call) declinedHere(end *netsip.End) *ending {
	if end.By != netsip.Local {
		return nil // taken back meanwhile
	}
	return c.declined
}
