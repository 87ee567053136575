package console

import (
	"strings"
	"time"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
)

// incomingVerbs say what becomes of a call that comes in, beside answering it.
func incomingVerbs() []verb {
	return []verb{
		{
			name: "ignore", group: groupCalls, help: "Let a call ring on without a sound",
			do: func(o order) { o.withRinging(func(c phone.CallState) { o.phone.Ignore(c.ID) }) },
		},
		{
			name: "decline", also: []string{"d"}, group: groupCalls,
			help: "Decline the call that rings, on all phones of the address",
			do:   func(o order) { o.withRinging(func(c phone.CallState) { o.phone.Decline(c.ID) }) },
		},
		{
			name: "decline with", also: []string{"d with"}, group: groupCalls, args: []argument{{name: "TEXT"}},
			help: "Decline the call that rings, on all phones of the address, and tell the caller why",
			do: func(o order) {
				o.withRinging(func(c phone.CallState) { o.phone.DeclineWithText(c.ID, o.args[0]) })
			},
		},
		{
			name: "busy", group: groupCalls, help: "Refuse the call that rings at this phone alone: others ring on",
			do: func(o order) { o.withRinging(func(c phone.CallState) { o.phone.DeclineBusy(c.ID) }) },
		},
		{
			name: "forward", group: groupCalls, args: []argument{target()},
			help: "Refuse the call that rings, and have the caller call somebody else", do: order.forward,
		},
	}
}

// listVerbs say whose calls ring at all.
func listVerbs() []verb {
	callers := func(of func(account.Incoming) []string) func(order) []string {
		return func(o order) []string { return of(o.phone.Settings().Incoming) }
	}
	blocked := callers(func(i account.Incoming) []string { return i.Blocked })
	through := callers(func(i account.Incoming) []string { return i.DoNotDisturb.Through })
	return []verb{
		{
			name: "dnd", group: groupCalls, args: []argument{{name: "TIME", optional: true, offer: order.quietTimes}},
			help: "Do not disturb: on, off, for a time such as 1h, until tomorrow, until 14:30. Without TIME: tell",
			do:   order.doNotDisturb,
		},
		{
			name: "through", group: groupCalls, args: []argument{{name: "CALLER", optional: true}},
			help: "Let a caller ring while you are not to be disturbed; * and ? are wild. Without CALLER: list them",
			do: func(o order) {
				o.listed(through(o), "Nobody rings through.", func() { o.phone.LetThrough(o.args[0], true) })
			},
		},
		{
			name: "through remove", group: groupCalls, args: []argument{{name: "CALLER", offer: through}},
			help: "Let a caller ring through no more",
			do:   func(o order) { o.phone.LetThrough(o.args[0], false) },
		},
		{
			name: "block", group: groupCalls, args: []argument{{name: "CALLER", optional: true}},
			help: "Let a caller never ring; * and ? are wild, anonymous is who hides. Without CALLER: list them",
			do: func(o order) {
				o.listed(blocked(o), "Nobody is blocked.", func() { o.phone.Block(o.args[0], true) })
			},
		},
		{
			name: "unblock", group: groupCalls, args: []argument{{name: "CALLER", offer: blocked}},
			help: "Take a caller off the block list", do: func(o order) { o.phone.Block(o.args[0], false) },
		},
		{
			name: "blocked are", group: groupCalls, args: []argument{{name: "WORD", offer: order.blockedWords}},
			help: "Say what blocked callers are told: busy, or declined", do: order.blockAs,
		},
	}
}

// quietTimes and blockedWords are what the arguments may be.
func (o order) quietTimes() []string   { return []string{"on", "off", "1h", "tomorrow"} }
func (o order) blockedWords() []string { return []string{"busy", "declined"} }

// listed lists callers, or does something with the one that the line names.
func (o order) listed(list []string, none string, do func()) {
	switch {
	case o.args[0] != "":
		do()
	case len(list) == 0:
		o.screen.line(none)
	default:
		o.screen.lines(list)
	}
}

// blockAs says what blocked callers are told.
func (o order) blockAs() {
	switch strings.ToLower(o.args[0]) {
	case "busy":
		o.phone.BlockAs(true)
	case "declined":
		o.phone.BlockAs(false)
	default:
		o.screen.line("Write: blocked are busy, or: blocked are declined")
	}
}

// doNotDisturb switches do not disturb, or tells how it is.
func (o order) doNotDisturb() {
	d := o.phone.Settings().Incoming.DoNotDisturb
	if o.args[0] == "" {
		o.screen.line(quietLine(o.state.DoNotDisturb))
		return
	}
	on, until, ok := quietUntil(o.args[0], time.Now())
	if !ok {
		o.screen.line("Write: dnd on, dnd off, dnd 1h, dnd tomorrow, or dnd 14:30")
		return
	}
	d.On, d.Until = on, until
	o.phone.SetDoNotDisturb(d)
}

// quietUntil reads how long nobody is to disturb.
func quietUntil(text string, now time.Time) (on bool, until time.Time, ok bool) {
	switch text = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(text, "until "))); text {
	case "on":
		return true, time.Time{}, true
	case "off":
		return false, time.Time{}, true
	case "tomorrow":
		return true, account.UntilTomorrow(now), true
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 && d <= account.LongestQuiet {
		return true, now.Add(d), true
	}
	at, err := time.Parse("15:04", text)
	if err != nil {
		return false, time.Time{}, false
	}
	return true, account.NextTime(now, at.Hour(), at.Minute()), true
}

// quietLine tells how do not disturb is.
func quietLine(d account.DoNotDisturb) string {
	if !d.On {
		return "Calls ring."
	}
	return tell(cause.Cause{Kind: cause.DoNotDisturb, At: d.Until}).Short
}

// forward has who rings call whom the line names.
func (o order) forward() {
	o.withRinging(func(c phone.CallState) {
		to, why := o.phone.ReadDialled(c.AccountID, o.args[0]).ToTransfer()
		if why != nil {
			o.screen.line("! " + problemWords(why))
			return
		}
		o.phone.Forward(c.ID, to)
	})
}

// refuseFlags are the ways in which a call that comes in can be refused.
type refuseFlags struct {
	Decline     bool   `help:"Decline the call in the place of answering it: no phone of the address rings on."`
	DeclineText string `help:"Decline it, and tell the caller why." placeholder:"TEXT"`
	Busy        bool   `help:"Refuse it at this phone alone, as busy."`
	Forward     string `help:"Refuse it, and have the caller call this number, user or address." placeholder:"TARGET"`
}

// asked tells whether the call is to be refused.
func (f refuseFlags) asked() bool {
	return f.Decline || f.DeclineText != "" || f.Busy || f.Forward != ""
}

// refuse refuses the call of the run.
func (f refuseFlags) refuse(r *run) {
	id := r.call.ID
	switch {
	case f.Forward != "":
		to, why := r.phone.ReadDialled(r.id, f.Forward).ToTransfer()
		if why != nil {
			r.notDone(phone.Refusal{
				Command: phone.CommandForward, AccountID: r.id, CallID: id, Text: f.Forward, Cause: *why,
			})
			return
		}
		r.phone.Forward(id, to)
	case f.Busy:
		r.phone.DeclineBusy(id)
	default:
		r.phone.DeclineWithText(id, f.DeclineText)
	}
}
