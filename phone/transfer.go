package phone

import (
	"errors"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/sip"
	"calla/phone/cause"
	"calla/phone/safe"
)

// transfer is a call on its way to somebody else.
//
//	Transfer:                   REFER ─▶ asked ─▶ calling ─▶ rings ─▶ transferred (the call ends)
//	AskFirst ─▶ CompleteTransfer, Connect: REFER with Replaces, the same, of both calls
//	                                       └──────┴─────────┴─▶ failed: the call is as it was
type transfer struct {
	to      string // name or address
	from    string // who is handed over: the call's far end
	handing *netsip.Transfer
}

// shown is the transfer as State has it.
func (t *transfer) shown() *TransferState {
	if t == nil {
		return nil
	}
	s := &TransferState{To: t.to, Cause: cause.Cause{To: t.to, Party: t.from}}
	switch t.handing.State() {
	case netsip.TransferAsked:
		s.Cause.Kind = cause.TransferAsking
	case netsip.TransferTrying:
		s.Cause.Kind = cause.TransferCalling
	case netsip.TransferProgress:
		s.Cause.Kind = cause.TransferRinging
	case netsip.TransferDone:
		s.Cause.Kind, s.Done = cause.Transferred, true
	case netsip.TransferFailed:
		s.Failed = true
		s.Cause.Kind, s.Cause.Status = transferFailure(t.handing), t.handing.Code()
		s.Cause.Phrase = safe.Line(t.handing.Reason(), shownText)
	}
	return s
}

// pending tells whether what becomes of the transfer is still open.
func (t *transfer) pending() bool {
	return t != nil && t.handing != nil && t.handing.State() < netsip.TransferDone
}

// handed tells whether a call that ended by this party went to somebody else: the far end said so, or left while it
// called.
func (t *transfer) handed(by netsip.Party) bool {
	if t == nil || t.handing == nil {
		return false
	}
	state := t.handing.State()
	return state == netsip.TransferDone || by == netsip.Remote && (state == netsip.TransferTrying ||
		state == netsip.TransferProgress)
}

// transferFailure tells why a transfer failed.
func transferFailure(t *netsip.Transfer) cause.Kind {
	var status *netsip.StatusError
	var timeout *netsip.TimeoutError
	switch {
	case errors.Is(t.Err(), netsip.ErrConnectionLost), errors.Is(t.Err(), netsip.ErrNotConnected):
		return cause.TransferConnectionLost
	case errors.As(t.Err(), &timeout):
		return cause.TransferNoAnswer
	case errors.Is(t.Err(), netsip.ErrTransferUnknown):
		return cause.TransferNotTold
	case !errors.As(t.Err(), &status):
		return cause.TransferFailed
	case !t.Told():
		return notAsked(t.Code())
	}
	switch t.Code() {
	case 486, 600:
		return cause.TransferBusy
	case 404:
		return cause.TransferNotKnown
	case 604, 484:
		return cause.TransferNoSuchAddress
	case 408, 480, 487:
		return cause.TransferNotAnswered
	case 603, 607, 608:
		if !t.Rang() { // the far end may have declined to call
			return cause.TransferDeclined
		}
		return cause.TransferDeclinedThere
	case 403:
		return cause.TransferNotAllowedThere
	}
	return cause.TransferNotReached
}

// notAsked tells why the far end of the call, or the server before it, did not even call the target.
func notAsked(code int) cause.Kind {
	switch code {
	case 405, 420, 489, 501:
		return cause.TransferNotSupported
	case 603:
		return cause.TransferNotWanted
	case 401, 403, 407:
		return cause.TransferNotAllowed
	case 481:
		return cause.TransferCallUnknown
	}
	return cause.TransferRefused
}

// Transfer hands a call over to an address without asking there first (RFC 3515). How it goes shows as
// CallState.Transfer; when it fails the call is there as before.
func (p *Phone) Transfer(callID string, to Address) {
	p.withCall(callID, func(c *call) { c.handTo(to.URI, shownAddress(to, c.agent.config.Domain())) })
}

// handTo asks the call's far end to call an address; target is what is said of it where that fails.
func (c *call) handTo(uri sip.URI, target string) {
	if why := c.cannotTransfer(); why != nil {
		c.refusedIn(CommandTransfer, target, *why)
		return
	}
	t := &transfer{from: c.who(), to: shownAddress(sip.Address{URI: uri}, c.agent.config.Domain())}
	var err error
	if t.handing, err = c.session.TransferToAddress(uri, c.handed); err != nil {
		c.refusedIn(CommandTransfer, target, transferRefusal(err, target))
		return
	}
	c.transfer = t
	c.p.done()
	c.p.changed()
}

// cannotTransfer tells why a call cannot be handed to somebody else now, nil when it can.
func (c *call) cannotTransfer() *cause.Cause {
	switch {
	case c.transfer.pending():
		return &cause.Cause{Kind: cause.TransferPending, Party: c.who(), To: c.transfer.to}
	case c.phase() == PhaseEnding:
		return &cause.Cause{Kind: cause.TransferCallEnding, Party: c.who()}
	case c.phase() != PhaseEstablished || c.session.State() != netsip.SessionEstablished:
		return &cause.Cause{Kind: cause.TransferBeforeAnswer, Party: c.who()}
	}
	return nil
}

// handed follows a transfer of the call.
func (c *call) handed(*netsip.Transfer) { c.p.changed() }

// transferRefusal tells why a transfer cannot be asked for.
func transferRefusal(err error, target string) cause.Cause {
	c := cause.Cause{Kind: cause.TransferNotAsked, To: safe.Line(target, shownText), Detail: err.Error()}
	var bad *config.TargetError
	switch {
	case errors.As(err, &bad):
		return notATarget(bad)
	case errors.Is(err, netsip.ErrNotEstablished):
		c.Kind = cause.TransferBeforeAnswer
	case errors.Is(err, netsip.ErrTransferPending):
		c.Kind = cause.TransferPending
	case errors.Is(err, netsip.ErrNotConnected), errors.Is(err, netsip.ErrStopped):
		c.Kind = cause.TransferNotConnected
	}
	return c
}

// AskFirst holds a call and calls an address with ConsultFor set to it. CompleteTransfer then connects the two;
// hanging up, or a target that does not answer, resumes the first.
func (p *Phone) AskFirst(callID string, to Address, o CallOptions) {
	p.withCall(callID, func(c *call) {
		if why := c.cannotTransfer(); why != nil {
			c.refusedIn(CommandTransfer, shownAddress(to, c.agent.config.Domain()), *why)
			return
		}
		how := dialling{clicked: time.Now(), consult: c, options: o, keeps: true, after: o.After}
		how.options.After = ""
		p.dial(c.agent.accountID, to, how)
	})
}

// CompleteTransfer connects the call that consultID was made for with consultID's far end (RFC 5589 section
// 7) and leaves both. Where that has not answered yet, it is left, and the first call transferred to it.
func (p *Phone) CompleteTransfer(consultID string) {
	p.withCall(consultID, func(consult *call) {
		first := consult.consultFor
		if first == nil || p.call(first.id) != first || !consult.up() {
			consult.refusedIn(CommandTransfer, "", cause.Cause{Kind: cause.NothingToConnect})
			return
		}
		if why := first.cannotTransfer(); why != nil {
			first.refusedIn(CommandTransfer, consult.who(), *why)
			return
		}
		remote := consult.session.Remote()
		if consult.phase() != PhaseEstablished {
			consult.consultFor = nil // its end resumes nothing
			consult.hangUp()
			first.handTo(remote.URI, consult.who())
			return
		}
		p.connect(first, consult, false)
	})
}

// Connect connects the far ends of two established calls with each other (RFC 5589 section 7) and leaves both. Of the
// two the one on hold is asked to call, else the first. How it goes shows as CallState.Transfer of both; when it comes
// to nothing both are as they were.
func (p *Phone) Connect(oneID, otherID string) {
	p.withCall(oneID, func(asked *call) {
		target := p.call(otherID)
		switch target {
		case nil:
			asked.refusedIn(CommandTransfer, "", cause.Cause{Kind: cause.NothingToConnect})
			return
		case asked:
			asked.refusedIn(CommandTransfer, "", cause.Cause{Kind: cause.ConnectItself, Party: asked.who()})
			return
		}
		p.connectTwo(asked, target)
	})
}

// connectTwo is Connect.
func (p *Phone) connectTwo(asked, target *call) {
	if target.hold && !asked.hold {
		asked, target = target, asked
	}
	for _, c := range []*call{asked, target} {
		if why := c.cannotTransfer(); why != nil {
			asked.refusedIn(CommandTransfer, target.who(), *why)
			return
		}
	}
	p.connect(asked, target, false)
}

// connect asks a call's far end to take our place in another call (RFC 3891). Where its phone cannot be asked, the far
// end of the other call is: turned tells that this is so already.
func (p *Phone) connect(asked, target *call, turned bool) {
	t := &transfer{to: target.who(), from: asked.who()}
	followed := func(h *netsip.Transfer) {
		if asked.transfer == t && h.State() == netsip.TransferFailed && !turned && cannotBeAsked(h) &&
			p.canConnect(target, asked) {
			p.connect(target, asked, true)
		}
		p.changed()
	}
	var err error
	if t.handing, err = asked.session.TransferTo(target.session, followed); err != nil {
		asked.refusedIn(CommandTransfer, target.who(), transferRefusal(err, target.who()))
		return
	}
	asked.transfer, target.transfer = t, t
	p.done()
	p.changed()
}

// cannotBeAsked tells whether a transfer failed as the far end's phone, or the way to it, knows no transfers.
func cannotBeAsked(t *netsip.Transfer) bool { return transferFailure(t) == cause.TransferNotSupported }

// canConnect tells whether two calls are there and can be connected.
func (p *Phone) canConnect(asked, target *call) bool {
	return p.call(asked.id) == asked && p.call(target.id) == target && asked.cannotTransfer() == nil &&
		target.cannotTransfer() == nil
}

// CancelConsult hangs up a call made by AskFirst and resumes the call it was made for.
func (p *Phone) CancelConsult(consultID string) { p.HangUp(consultID) }

// resumeFirst resumes the call that c, which has ended, was made for: when the user ended it, or nobody answered.
func (p *Phone) resumeFirst(c *call, by netsip.Party) {
	first := c.consultFor
	if first == nil || p.call(first.id) != first || len(p.active) > 0 || first.phase() != PhaseEstablished ||
		first.transfer.handed(by) {
		return
	}
	if by == netsip.Local || c.connected.IsZero() {
		p.activate(first)
	}
}
