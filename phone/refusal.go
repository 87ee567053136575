package phone

import (
	"strconv"
	"strings"
	"time"

	"calla/netsip"
	"calla/phone/cause"
	"calla/phone/safe"
)

// Command is what the user wanted of the phone.
type Command string

// The commands that can be refused.
const (
	CommandDial       Command = "call"
	CommandMessage    Command = "message"
	CommandTransfer   Command = "transfer"
	CommandConference Command = "conference"
	CommandRecord     Command = "record"
	CommandForward    Command = "forward"
	CommandHold       Command = "hold"
	CommandDigits     Command = "digits"
	CommandList       Command = "list" // of callers
	CommandAccount    Command = "account"
)

// refusalTime is how long a refusal stays in State.
const refusalTime = 15 * time.Second

// Refusal is a command that could not be done. It stays in State until the next command is done or refused, for at most
// 15 s.
type Refusal struct {
	ID        string // another for each refusal
	Command   Command
	AccountID string // that was to be used; "" = none
	CallID    string // that it was about; "" = none
	Text      string // as typed, one safe line
	Cause     cause.Cause
}

// refused tells why a command is not done.
func (p *Phone) refused(r Refusal) {
	p.serials++
	r.ID = "x" + strconv.Itoa(p.serials)
	r.Text = safe.Line(r.Text, shownText)
	p.refusal = &r
	p.refusalTimer.Stop()
	p.refusalTimer = p.loop.AfterFunc(refusalTime, p.done)
	p.log.Info("command refused", "command", string(r.Command), "cause", string(r.Cause.Kind))
	p.changed()
}

// done takes the last refusal away: a command was done.
func (p *Phone) done() {
	if p.refusal != nil {
		p.refusalTimer.Stop()
		p.refusal = nil
		p.changed()
	}
}

// refusedIn tells why a command about a call is not done.
func (c *call) refusedIn(command Command, text string, why cause.Cause) {
	c.p.refused(Refusal{Command: command, AccountID: c.agent.accountID, CallID: c.id, Text: text, Cause: why})
}

// refuse tells that a call cannot be made with an account, which may be nil; about is the call that it was to be made
// for, nil for none.
func (p *Phone) refuse(l *line, target string, about *call, why cause.Cause) {
	r := Refusal{Command: CommandDial, Text: target, Cause: why}
	if about != nil {
		r.CallID = about.id
	}
	if l != nil {
		r.AccountID = l.account.ID
	}
	p.refused(r)
}

// tooManyCalls tells why no further call can be made now, nil when one can.
func (p *Phone) tooManyCalls(target string) *cause.Cause {
	to := safe.Line(target, shownText)
	for _, c := range p.calls {
		if phase := c.phase(); phase == PhaseCalling || phase == PhaseRinging {
			return &cause.Cause{Kind: cause.CallingAlready, Party: c.who(), To: to}
		}
	}
	if len(p.calls) >= maxCalls {
		return &cause.Cause{Kind: cause.TooManyCalls, Count: len(p.calls), To: to}
	}
	return nil
}

// cannotReach tells why nobody can be reached with an account now, nil when somebody can. asked is the ID that was
// asked for; "" was the account that dials.
func (p *Phone) cannotReach(l *line, asked string) *cause.Cause {
	switch {
	case l == nil && asked != "":
		return &cause.Cause{Kind: cause.AccountGone}
	case l == nil && len(p.lines) > 0:
		return &cause.Cause{Kind: cause.AccountsOff}
	case l == nil:
		return &cause.Cause{Kind: cause.NoAccount}
	}
	name := safe.Line(l.account.Name(), shownText)
	switch {
	case l.agent != nil:
		return l.agent.cannotReach(name)
	case l.problem != nil:
		return l.problem
	case l.account.Enabled && l.asking:
		return &cause.Cause{Kind: cause.AccountPasswordRead, Account: name}
	case l.account.Enabled:
		return &cause.Cause{Kind: cause.AccountNotReady, Account: name}
	}
	return &cause.Cause{Kind: cause.AccountOff, Account: name, Action: cause.ActionEditAccount}
}

// cannotReach is that of an account at work: calls and messages need a connection, and the server's word that we
// are who we say. A server that has trouble with registrations of its own may still take calls.
func (a *agent) cannotReach(name string) *cause.Cause {
	stands, _, problem := status(a.state, a.config.Register.Enabled(), strings.TrimPrefix(a.config.URI, "sip:"))
	switch {
	case stands == StatusRegistered, stands == StatusConnected:
		return nil
	case stands == StatusRetrying && a.state.Flow == netsip.FlowConnected:
		return nil
	case stands == StatusConnecting && problem == nil:
		return &cause.Cause{Kind: cause.AccountConnecting, Account: name}
	case stands == StatusRegistering:
		return &cause.Cause{Kind: cause.AccountRegistering, Account: name}
	case stands == StatusOff, problem == nil:
		return &cause.Cause{Kind: cause.AccountSigningOff, Account: name}
	case stands == StatusFailed, stands == StatusNoPassword:
		return problem
	}
	return &cause.Cause{
		Kind: cause.AccountNotConnected, Account: name, Because: problem, Detail: problem.Detail,
		Action: cause.ActionRetry,
	}
}
