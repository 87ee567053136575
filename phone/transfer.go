package phone

import (
	"errors"
	"fmt"
	"time"

	"calla/netsip"
	"calla/netsip/sip"
)

// transfer is a call on its way to somebody else.
//
//	Transfer:                   REFER ─▶ asked ─▶ calling ─▶ rings ─▶ transferred (the call ends)
//	AskFirst ─▶ CompleteTransfer: REFER with Replaces, the same
//	                                       └──────┴─────────┴─▶ failed: the call is as it was
type transfer struct {
	to      string // name or address
	target  string // as dialled
	handing *netsip.Transfer
	problem string // why it could not even be asked for
}

// shown is the transfer as State has it.
func (t *transfer) shown() *TransferState {
	switch {
	case t == nil:
		return nil
	case t.problem != "":
		return &TransferState{To: t.to, Words: t.problem, Failed: true}
	}
	s := &TransferState{To: t.to}
	switch t.handing.State() {
	case netsip.TransferAsked:
		s.Words = "Asking " + t.to + "…"
	case netsip.TransferTrying:
		s.Words = "Calling " + t.to + "…"
	case netsip.TransferProgress:
		s.Words = t.to + " rings…"
	case netsip.TransferDone:
		s.Words = "Transferred to " + t.to
	case netsip.TransferFailed:
		s.Words, s.Failed = transferFailure(t.handing, t.to), true
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
	return state == netsip.TransferDone || by == netsip.Remote && (state == netsip.TransferTrying || state == netsip.TransferProgress)
}

// transferFailure words why a transfer failed.
func transferFailure(t *netsip.Transfer, to string) string {
	code := t.Code()
	var status *netsip.StatusError
	var timeout *netsip.TimeoutError
	switch {
	case errors.Is(t.Err(), netsip.ErrConnectionLost), errors.Is(t.Err(), netsip.ErrNotConnected):
		return "Not transferred: the connection to the phone server was lost"
	case errors.As(t.Err(), &timeout):
		return "Not transferred: the other side's phone does not answer"
	case errors.Is(t.Err(), netsip.ErrTransferUnknown):
		return "The other side's phone does not tell whether " + to + " was reached"
	case !errors.As(t.Err(), &status):
		return "Not transferred"
	}
	switch {
	case code == 405 || code == 420 || code == 489 || code == 501:
		return "Not transferred: the other side's phone cannot be transferred"
	case code == 486 || code == 600:
		return to + " is busy"
	case code == 404 || code == 604 || code == 484:
		return "There is no " + to
	case code == 408 || code == 480 || code == 487:
		return to + " does not answer"
	case code == 603:
		return "The transfer to " + to + " was declined"
	case code == 403:
		return "Not transferred: the phone server does not allow it"
	}
	return fmt.Sprintf("Not transferred (%d %s)", code, safeLine(t.Reason(), shownText))
}

// Transfer hands a call over to target without asking there first (RFC 3515). How it goes shows as
// CallState.Transfer; when it fails the call is there as before.
func (p *Phone) Transfer(callID, target string) {
	p.withCall(callID, func(c *call) { c.handTo(target) })
}

// handTo asks the call's far end to call target.
func (c *call) handTo(target string) {
	if c.transfer.pending() || !c.up() {
		return
	}
	c.transfer = &transfer{to: safeLine(target, shownText), target: target}
	c.p.changed()
	uri, err := netsip.DialTarget(target, c.agent.config.Domain())
	if err == nil {
		c.transfer.to = shownAddress(sip.Address{URI: uri}, c.agent.config.Domain())
		c.transfer.handing, err = c.session.Transfer(uri.String(), c.handed)
	}
	if err != nil {
		c.transfer.problem = transferRefusal(err, target)
	}
}

// handed follows a transfer of the call.
func (c *call) handed(*netsip.Transfer) { c.p.changed() }

// transferRefusal words why a transfer cannot be asked for.
func transferRefusal(err error, target string) string {
	var bad *netsip.TargetError
	switch {
	case errors.As(err, &bad):
		return fmt.Sprintf("“%s” cannot be called: it %s", safeLine(target, shownText), bad.Reason)
	case errors.Is(err, netsip.ErrNotEstablished):
		return "Only a call that was answered can be transferred"
	case errors.Is(err, netsip.ErrNotConnected), errors.Is(err, netsip.ErrStopped):
		return "Not transferred: there is no connection to the phone server"
	}
	return "Not transferred: " + safeLine(err.Error(), 2*shownText)
}

// AskFirst holds a call and calls target with ConsultFor set to it. CompleteTransfer then connects the two;
// hanging up, or a target that does not answer, resumes the first.
func (p *Phone) AskFirst(callID, target string) {
	p.withCall(callID, func(c *call) {
		if c.phase() == PhaseEstablished && !c.transfer.pending() {
			p.dial(c.agent.accountID, target, dialling{clicked: time.Now(), consult: c})
		}
	})
}

// CompleteTransfer connects the call that consultID was made for with consultID's far end (RFC 5589 section
// 7) and leaves both. Where that has not answered yet, it is left, and the first call transferred to it.
func (p *Phone) CompleteTransfer(consultID string) {
	p.withCall(consultID, func(consult *call) {
		first := consult.consultFor
		if first == nil || p.call(first.id) != first || first.transfer.pending() || !consult.up() {
			return
		}
		remote := consult.session.Remote()
		if consult.phase() != PhaseEstablished {
			consult.consultFor = nil // its end resumes nothing
			consult.hangUp()
			first.handTo(remote.URI.String())
			return
		}
		t := &transfer{to: consult.who(), target: remote.URI.String()}
		var err error
		if t.handing, err = first.session.TransferTo(consult.session, first.handed); err != nil {
			t.problem = transferRefusal(err, t.target)
		}
		first.transfer, consult.transfer = t, t
		p.changed()
	})
}

// CancelConsult hangs up a call made by AskFirst and resumes the call it was made for.
func (p *Phone) CancelConsult(consultID string) { p.HangUp(consultID) }

// resumeFirst resumes the call that c, which has ended, was made for: when the user ended it, or nobody answered.
func (p *Phone) resumeFirst(c *call, by netsip.Party) {
	first := c.consultFor
	if first == nil || p.call(first.id) != first || p.active != nil || first.phase() != PhaseEstablished || first.transfer.handed(by) {
		return
	}
	if by == netsip.Local || c.connected.IsZero() {
		p.activate(first)
	}
}
