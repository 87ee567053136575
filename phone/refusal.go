package phone

import (
	"strconv"
	"strings"
	"time"

	"calla/netsip"
)

// Command is what the user wanted of the phone.
type Command string

// The commands that can be refused.
const (
	CommandDial     Command = "call"
	CommandMessage  Command = "message"
	CommandTransfer Command = "transfer"
	CommandHold     Command = "hold"
	CommandDigits   Command = "digits"
	CommandAccount  Command = "account"
)

// refusalTime is how long a refusal stays in State.
const refusalTime = 15 * time.Second

// Refusal is a command that could not be done. It stays in State until the next command is done or refused, for at most
// 15 s.
type Refusal struct {
	ID        string // another for each refusal
	Command   Command
	AccountID string  // that was to be used; "" = none
	CallID    string  // that it was about; "" = none
	Text      string  // as typed, one safe line
	Problem   Problem // why
}

// refused tells why a command is not done.
func (p *Phone) refused(r Refusal) {
	p.serials++
	r.ID = "x" + strconv.Itoa(p.serials)
	r.Text = safeLine(r.Text, shownText)
	p.refusal = &r
	p.refusalTimer.Stop()
	p.refusalTimer = p.loop.AfterFunc(refusalTime, p.done)
	p.log.Info("command refused", "command", string(r.Command), "reason", r.Problem.Short)
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
func (c *call) refusedIn(command Command, text string, problem *Problem) {
	c.p.refused(Refusal{Command: command, AccountID: c.agent.accountID, CallID: c.id, Text: text, Problem: *problem})
}

// refuse tells that a call cannot be made with an account, which may be nil; about is the call that it was to be made
// for, nil for none.
func (p *Phone) refuse(l *line, target string, about *call, problem *Problem) {
	r := Refusal{Command: CommandDial, Text: target, Problem: *problem}
	if about != nil {
		r.CallID = about.id
	}
	if l != nil {
		r.AccountID = l.account.ID
	}
	p.refused(r)
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
			Title: "There are " + strconv.Itoa(len(p.calls)) + " calls already.", Why: "No further one can be kept apart from the others.",
			Do: "End one before you call " + safeLine(target, shownText) + ".", Short: "Too many calls",
		}
	}
	return nil
}

// cannotReach words why nobody can be reached with an account now, nil when somebody can. asked is the ID that was
// asked for; "" was the account that dials.
func (p *Phone) cannotReach(l *line, asked string) *Problem {
	switch {
	case l == nil && asked != "":
		return &Problem{
			Title: "The account is not there any more.", Why: "It has been deleted.",
			Do: "Choose another account and enter the whole address.", Short: "Account is gone",
		}
	case l == nil && len(p.lines) > 0:
		return &Problem{Title: "All accounts are switched off.", Do: "Switch one on to use it.", Short: "Accounts are off"}
	case l == nil:
		return &Problem{Title: "There is no account to call with.", Do: "Add an account first.", Short: "No account"}
	}
	name := safeLine(l.account.Name(), shownText)
	switch {
	case l.agent != nil:
		return l.agent.cannotReach(name)
	case l.problem != nil:
		return l.problem
	case l.account.Enabled && l.asking:
		return &Problem{
			Title: "The account " + name + " is not ready yet.", Why: "Its password is being read.",
			Do: "Try again in a moment.", Short: "Not ready",
		}
	case l.account.Enabled:
		return &Problem{
			Title: "The account " + name + " is not ready yet.", Why: "It is just being set up or changed.",
			Do: "Try again in a moment.", Short: "Not ready",
		}
	}
	return &Problem{
		Title: "The account " + name + " is switched off.", Do: "Switch it on to use it.",
		Short: "Account is off", Action: ActionEditAccount,
	}
}

// cannotReach is that of an account at work: calls and messages need a connection, and the server's word that we
// are who we say. A server that has trouble with registrations of its own may still take calls.
func (a *agent) cannotReach(name string) *Problem {
	stands, _, problem := status(a.state, a.config.Register.Enabled(), strings.TrimPrefix(a.config.URI, "sip:"))
	switch {
	case stands == StatusRegistered, stands == StatusConnected:
		return nil
	case stands == StatusRetrying && a.state.Flow == netsip.FlowConnected:
		return nil
	case stands == StatusConnecting && problem == nil:
		return &Problem{
			Title: "The account " + name + " is still connecting.", Do: "Try again in a moment.", Short: "Still connecting",
		}
	case stands == StatusRegistering:
		return &Problem{
			Title: "The account " + name + " is just registering.", Do: "Try again in a moment.", Short: "Still registering",
		}
	case stands == StatusOff, problem == nil:
		return &Problem{Title: "The account " + name + " is signing off.", Do: "Try again in a moment.", Short: "Signing off"}
	case stands == StatusFailed, stands == StatusNoPassword:
		return problem
	}
	return &Problem{
		Title: "The account " + name + " is not connected.", Why: problem.Title, Do: "We connect again by ourselves; try again then.",
		Short: "Not connected", Detail: problem.Detail, Action: ActionRetry,
	}
}
