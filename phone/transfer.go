package phone

import (
	"errors"
	"fmt"
	"time"

	"calla/netsip"
	"calla/netsip/config"
	"calla/netsip/sip"
)

// transfer is a call on its way to somebody else.
//
//	Transfer:                   REFER ─▶ asked ─▶ calling ─▶ rings ─▶ transferred (the call ends)
//	AskFirst ─▶ CompleteTransfer: REFER with Replaces, the same
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
		s.Words, s.Failed = transferFailure(t.handing, t.to, t.from), true
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
func transferFailure(t *netsip.Transfer, to, from string) string {
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
	if !t.Told() {
		return notAsked(t, from)
	}
	switch code {
	case 486, 600:
		return to + " is busy"
	case 404:
		return to + " is not known or not online"
	case 604, 484:
		return "There is no " + to
	case 408, 480, 487:
		return to + " does not answer"
	case 603, 607, 608:
		if !t.Rang() { // the far end may have declined to call
			return "The transfer to " + to + " was declined"
		}
		return to + " declined"
	case 403:
		return to + " may not be called from there"
	}
	return fmt.Sprintf("%s was not reached (%d %s)", to, code, safeLine(t.Reason(), shownText))
}

// notAsked words that the far end of the call, or the server before it, did not even call the target.
func notAsked(t *netsip.Transfer, from string) string {
	switch code := t.Code(); code {
	case 405, 420, 489, 501:
		return "Not transferred: the other side's phone cannot be transferred"
	case 603:
		return from + " declined to be transferred"
	case 401, 403, 407:
		return "Not transferred: the phone server does not allow it"
	case 481:
		return "Not transferred: the phone server does not know the call any more"
	default:
		return fmt.Sprintf("Not transferred: %s's phone refused (%d %s)", from, code, safeLine(t.Reason(), shownText))
	}
}

// Transfer hands a call over to target without asking there first (RFC 3515). How it goes shows as
// CallState.Transfer; when it fails the call is there as before.
func (p *Phone) Transfer(callID, target string) {
	p.withCall(callID, func(c *call) { c.handTo(target) })
}

// handTo asks the call's far end to call target.
func (c *call) handTo(target string) {
	uri, err := config.DialTarget(target, c.agent.config.Domain())
	if err != nil {
		c.refusedIn(CommandTransfer, target, transferRefusal(err, target))
		return
	}
	c.handToAddress(uri, target)
}

// handToAddress asks the call's far end to call an address; target is what is said of it where that fails.
func (c *call) handToAddress(uri sip.URI, target string) {
	if problem := c.cannotTransfer(); problem != nil {
		c.refusedIn(CommandTransfer, target, problem)
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

// cannotTransfer words why a call cannot be handed to somebody else now, nil when it can.
func (c *call) cannotTransfer() *Problem {
	switch {
	case c.transfer.pending():
		return &Problem{
			Title: "The call is being transferred already.", Why: "It goes to " + c.transfer.to + ".", Do: "Wait for what becomes of that.",
			Short: "Transfer under way",
		}
	case c.phase() == PhaseEnding:
		return &Problem{Title: "The call cannot be transferred.", Why: "It is just ending.", Short: "Call is ending"}
	case c.phase() != PhaseEstablished || c.session.State() != netsip.SessionEstablished:
		return transferRefusal(netsip.ErrNotEstablished, "")
	}
	return nil
}

// handed follows a transfer of the call.
func (c *call) handed(*netsip.Transfer) { c.p.changed() }

// transferRefusal words why a transfer cannot be asked for.
func transferRefusal(err error, target string) *Problem {
	p := &Problem{Title: "The transfer could not be asked for.", Do: "Try again.", Short: "Not transferred", Detail: err.Error()}
	var bad *config.TargetError
	switch {
	case errors.As(err, &bad):
		return refusal(err, target)
	case errors.Is(err, netsip.ErrNotEstablished):
		p.Title, p.Do = "Only a call that was answered can be transferred.", "Wait for the answer."
	case errors.Is(err, netsip.ErrTransferPending):
		p.Title, p.Do = "The call is being transferred already.", "Wait for what becomes of that."
	case errors.Is(err, netsip.ErrNotConnected), errors.Is(err, netsip.ErrStopped):
		p.Title, p.Why, p.Do = "Not transferred: there is no connection to the phone server.", "The call goes on.", "We connect again by ourselves; try again then."
	}
	return p
}

// AskFirst holds a call and calls target with ConsultFor set to it. CompleteTransfer then connects the two;
// hanging up, or a target that does not answer, resumes the first.
func (p *Phone) AskFirst(callID, target string) {
	p.withCall(callID, func(c *call) {
		if problem := c.cannotTransfer(); problem != nil {
			c.refusedIn(CommandTransfer, target, problem)
			return
		}
		p.dial(c.agent.accountID, target, dialling{clicked: time.Now(), consult: c})
	})
}

// CompleteTransfer connects the call that consultID was made for with consultID's far end (RFC 5589 section
// 7) and leaves both. Where that has not answered yet, it is left, and the first call transferred to it.
func (p *Phone) CompleteTransfer(consultID string) {
	p.withCall(consultID, func(consult *call) {
		first := consult.consultFor
		if first == nil || p.call(first.id) != first || !consult.up() {
			consult.refusedIn(CommandTransfer, "", &Problem{
				Title: "There are no two calls to connect.", Why: "One of them has ended.", Short: "Nothing to connect",
			})
			return
		}
		if problem := first.cannotTransfer(); problem != nil {
			first.refusedIn(CommandTransfer, consult.who(), problem)
			return
		}
		remote := consult.session.Remote()
		if consult.phase() != PhaseEstablished {
			consult.consultFor = nil // its end resumes nothing
			consult.hangUp()
			first.handToAddress(remote.URI, consult.who())
			return
		}
		t := &transfer{to: consult.who(), from: first.who()}
		var err error
		if t.handing, err = first.session.TransferTo(consult.session, first.handed); err != nil {
			first.refusedIn(CommandTransfer, consult.who(), transferRefusal(err, consult.who()))
			return
		}
		first.transfer, consult.transfer = t, t
		p.done()
		p.changed()
	})
}

// CancelConsult hangs up a call made by AskFirst and resumes the call it was made for.
func (p *Phone) CancelConsult(consultID string) { p.HangUp(consultID) }

// resumeFirst resumes the call that c, which has ended, was made for: when the user ended it, or nobody answered.
func (p *Phone) resumeFirst(c *call, by netsip.Party) {
	first := c.consultFor
	if first == nil || p.call(first.id) != first || len(p.active) > 0 || first.phase() != PhaseEstablished || first.transfer.handed(by) {
		return
	}
	if by == netsip.Local || c.connected.IsZero() {
		p.activate(first)
	}
}
