package phone

import (
	"slices"
	"strings"
	"time"

	"calla/account"
	"calla/netsip"
	"calla/netsip/sip"
	"calla/phone/callers"
	"calla/phone/cause"
	"calla/phone/safe"
)

// What becomes of a call that comes in, before it rings. The first that holds decides:
//
//	the block list has the caller          603 or 486, as set   Blocked
//	the account forwards always            302                  ForwardedHere, because of ForwardAlways
//	do not disturb, and not let through    486                  Missed, because of DoNotDisturb
//	the account forwards, and is busy      302                  ForwardedHere, because of ForwardBusy
//	no room for another call               486                  Missed, because of NoLineHere
//
// Nothing of it rings. Each is told in State.TurnedAway.

// screen turns a call away that is not to ring; it tells whether it did.
func (p *Phone) screen(a *agent, s *netsip.Session) bool {
	told := p.settings.Load().Incoming
	who := callerOf(s)
	quiet := told.DoNotDisturb
	switch {
	case p.closing:
		s.Reject(486, "Busy Here")
	case who.blocked(told.Blocked):
		p.turnAway(a, s, cause.Cause{Kind: cause.Blocked}, func() {
			if told.BlockedBusy {
				s.Reject(486, "Busy Here")
			} else {
				s.Reject(603, "Decline")
			}
		})
	case p.forwards(a, s, cause.ForwardAlways):
	case quiet.Quiet(time.Now()) && !who.asserted.Has(quiet.Through):
		why := cause.Cause{Kind: cause.DoNotDisturb, At: quiet.Until}
		p.turnAway(a, s, cause.Cause{Kind: cause.Missed, Because: &why}, func() { s.Reject(486, "Busy Here") })
	case len(p.calls) > 0 && p.forwards(a, s, cause.ForwardBusy):
	case len(p.calls) >= maxCalls || p.ringing() >= maxRinging || p.o.OneCaller && len(p.calls) > 0:
		why := cause.Cause{Kind: cause.NoLineHere}
		p.turnAway(a, s, cause.Cause{Kind: cause.Missed, Because: &why}, func() { s.Reject(486, "Busy Here") })
	default:
		return false
	}
	return true
}

// caller is who calls: as the network says, and as the call itself does.
type caller struct{ asserted, written callers.Caller }

func callerOf(s *netsip.Session) caller {
	remote, from := s.Remote(), s.Invitation().From
	return caller{
		asserted: callers.Of(remote.URI, callable(remote) == ""),
		written:  callers.Of(from, callable(sip.Address{URI: from}) == ""),
	}
}

// writerOf is who has written a message.
func writerOf(m *netsip.Message) caller {
	return caller{
		asserted: callers.Of(m.From.URI, callable(m.From) == ""),
		written:  callers.Of(m.Written, callable(sip.Address{URI: m.Written}) == ""),
	}
}

// refusesMessage is the status that a message of a blocked writer is refused with, 0 for another's. It is that of a
// call: a 6xx says that the message has arrived and is not wanted, and that no other phone of the address is to be
// tried (RFC 3428 section 5, RFC 3261 section 21.6.2), where 403 would have the proxy go on to the others; and who is
// to be told busy learns no more by writing.
func (p *Phone) refusesMessage(m *netsip.Message) int {
	told := p.settings.Load().Incoming
	switch {
	case p.closing: // nobody will see it here, so it is to be tried again
		return 480
	case !writerOf(m).blocked(told.Blocked):
		return 0
	case told.BlockedBusy:
		p.log.Info("message turned away", "status", 486)
		return 486
	}
	p.log.Info("message turned away", "status", 603)
	return 603
}

// blocked tells whether a list has the caller by either name: nobody escapes it by writing another From.
func (c caller) blocked(list []string) bool { return c.asserted.Has(list) || c.written.Has(list) }

// turnAway refuses a call that has not rung, and tells of it.
func (p *Phone) turnAway(a *agent, s *netsip.Session, why cause.Cause, refuse func()) {
	remote := s.Party()
	e := EndedCall{
		CallID: s.ID(), AccountID: a.accountID, Account: a.label, Incoming: true,
		Address: shownAddress(remote, a.config.Domain()), URI: callable(remote), Cause: why, At: time.Now(),
	}
	refuse()
	if end := s.End(); end != nil {
		e.Code, e.At = end.StatusCode, end.At
	}
	p.log.Info("call turned away", "cause", string(why.Kind), "status", e.Code)
	began := s.Times().Created
	told := func(w person) {
		e.Name, e.Known, e.Claims = w.name(remote)
		if !w.asked {
			p.recordTurnedAway(e, began)
		}
	}
	told(p.findPerson(remote, a.config.Domain(), func(w person) {
		told(w)
		p.turnedAway = amended(p.turnedAway, e)
		p.changed()
	}))
	p.turnedAway = withEnd(p.turnedAway, e)
	p.changed()
}

// SetDoNotDisturb switches do not disturb on or off, for a while where d has an end, and keeps it.
func (p *Phone) SetDoNotDisturb(d account.DoNotDisturb) {
	p.setIncoming(func(i *account.Incoming) { i.DoNotDisturb = d })
}

// LetThrough says whether the callers that an entry means ring while nobody is to be disturbed.
func (p *Phone) LetThrough(entry string, on bool) {
	p.list(entry, on, func(i *account.Incoming) *[]string { return &i.DoNotDisturb.Through })
}

// Block puts an entry on the block list, or takes it off. A call that rings goes on ringing.
func (p *Phone) Block(entry string, on bool) {
	p.list(entry, on, func(i *account.Incoming) *[]string { return &i.Blocked })
}

// BlockAs says what blocked callers are told: busy (486), or that the call is declined (603).
func (p *Phone) BlockAs(busy bool) { p.setIncoming(func(i *account.Incoming) { i.BlockedBusy = busy }) }

// setIncoming changes what the user has said of calls that come in, and keeps it.
func (p *Phone) setIncoming(change func(*account.Incoming)) {
	p.loop.Post(func() {
		s := *p.settings.Load()
		change(&s.Incoming)
		p.keepSettings(s, nil)
	})
}

// list puts an entry on a list of callers, or takes it off. The list that is in use stays as it is for who reads it.
func (p *Phone) list(entry string, on bool, which func(*account.Incoming) *[]string) {
	entry = strings.TrimSpace(entry)
	p.loop.Post(func() {
		s := *p.settings.Load()
		to := which(&s.Incoming)
		without := slices.DeleteFunc(slices.Clone(*to), func(e string) bool { return strings.EqualFold(e, entry) })
		why := cause.Cause{Kind: cause.CallerUnusable, Text: safe.Line(entry, shownText)}
		switch {
		case on && !account.IsCaller(entry):
			p.refused(Refusal{Command: CommandList, Text: entry, Cause: why})
			return
		case on && len(without) >= account.MaxCallers:
			why.Kind, why.Count = cause.CallersTooMany, account.MaxCallers
			p.refused(Refusal{Command: CommandList, Text: entry, Cause: why})
			return
		case on:
			without = append(without, entry)
		}
		*to = without
		p.keepSettings(s, nil)
		p.done()
	})
}

// quietLook is how often the clock is looked at while do not disturb has an end: timers stand still while the computer
// sleeps, and the clock may be set.
const quietLook = time.Minute

// watchQuiet ends do not disturb at its time.
func (p *Phone) watchQuiet() {
	p.quietTimer.Stop()
	p.quietTimer = nil
	d := p.settings.Load().Incoming.DoNotDisturb
	if !d.On || d.Until.IsZero() || p.closing {
		return
	}
	left := time.Until(d.Until.Round(0)) // by the wall clock
	if left <= 0 || left > account.LongestQuiet {
		s := *p.settings.Load()
		s.Incoming.DoNotDisturb.On, s.Incoming.DoNotDisturb.Until = false, time.Time{}
		p.keepSettings(s, nil)
		return
	}
	p.quietTimer = p.loop.AfterFunc(min(left, quietLook), p.watchQuiet)
}

// quiet is do not disturb as State shows it.
func (p *Phone) quiet() account.DoNotDisturb {
	d := p.settings.Load().Incoming.DoNotDisturb
	if !d.Quiet(time.Now()) {
		d.On, d.Until = false, time.Time{}
	}
	return d
}
