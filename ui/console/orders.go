package console

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"calla/account"
	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/phone/doctor"
)

// quit ends the phone.
func (o order) quit() { o.over = true }

func (o order) status() {
	o.screen.again(o.state)
	o.screen.lines(statusLines(o.state))
}

// choose makes another account the one that dials.
func (o order) choose() {
	name := o.args[0]
	for _, a := range o.state.Accounts {
		if a.ID == name || a.Label == name || a.Address == name {
			o.phone.UseAccount(a.ID)
			return
		}
	}
	o.screen.line("There is no account " + name + ".")
}

// try starts the built-in server and makes its account the one that dials.
func (o order) try() {
	o.phone.StartSandbox(func(err error) {
		if err != nil {
			o.screen.tellError("The built-in server did not start.", err)
			return
		}
		o.phone.UseAccount(phone.SandboxID)
		o.screen.line("The built-in server runs. Try: call echo")
	})
}

// call calls whom the line names, with the account that dials.
func (o order) call(options phone.CallOptions) {
	read := o.phone.ReadDialled("", o.args[0])
	if read.Problem != nil {
		o.screen.line("! " + problemWords(read.Problem))
		return
	}
	options.After = read.PostDial
	o.phone.Call("", read.To, options)
}

// dialled tells what the line means at the account that dials.
func (o order) dialled() {
	read := o.phone.ReadDialled("", o.args[0])
	if read.Problem != nil {
		o.screen.line("! " + problemWords(read.Problem))
		return
	}
	lines := []string{o.args[0] + " → " + read.To.URI.String()}
	if read.Rule != "" {
		lines = append(lines, "by the dial rule "+read.Rule)
	}
	if read.PostDial != "" {
		lines = append(lines, "then, after the answer, "+read.PostDial)
	}
	if read.Left != "" {
		lines = append(lines, "without "+read.Left)
	}
	o.screen.item(lines)
}

// transfer hands a call over to whom the line names.
func (o order) transfer(c phone.CallState) {
	to, why := o.phone.ReadDialled(c.AccountID, o.args[0]).ToTransfer()
	if why != nil {
		o.screen.line("! " + problemWords(why))
		return
	}
	o.phone.Transfer(c.ID, to)
}

// askFirst holds a call and calls whom the line names.
func (o order) askFirst(c phone.CallState) {
	read := o.phone.ReadDialled(c.AccountID, o.args[0])
	if read.Problem != nil {
		o.screen.line("! " + problemWords(read.Problem))
		return
	}
	o.phone.AskFirst(c.ID, read.To, phone.CallOptions{After: read.PostDial})
}

// connect connects the two calls whose numbers are typed; with fewer numbers the one that has the sound and, where
// there are but two, the other.
func (o order) connect() {
	if o.args[1] == "" && len(o.state.Calls) > 2 {
		o.screen.line("Write: connect N M. calls lists them.")
		return
	}
	o.withCall(func(one phone.CallState) {
		calls := slices.DeleteFunc(slices.Clone(o.state.Calls), func(c phone.CallState) bool { return c.ID == one.ID })
		if o.args[1] != "" {
			order{o.textPhone, o.state, o.args[1:]}.withCall(func(c phone.CallState) { o.phone.Connect(one.ID, c.ID) })
			return
		}
		if len(calls) == 0 {
			o.screen.line("There is no other call to connect it with.")
			return
		}
		o.phone.Connect(one.ID, calls[0].ID)
	})
}

// conference brings calls together: those whose numbers are typed, or all that were answered.
func (o order) conference() {
	var ids []string
	for _, c := range o.state.Calls {
		if o.args[0] == "" && c.Phase == phone.PhaseEstablished {
			ids = append(ids, c.ID)
		}
	}
	numbers := strings.Fields(o.args[0])
	for _, number := range numbers {
		order{o.textPhone, o.state, []string{number}}.withCall(func(c phone.CallState) { ids = append(ids, c.ID) })
	}
	if len(ids) < len(numbers) {
		return // it has been told which is not there
	}
	if len(o.state.Calls) < 2 {
		o.screen.line("There are no two calls to bring together.")
		return
	}
	o.phone.Confer(ids...)
}

// check tells step by step whether the account that dials gets through to its servers.
func (o order) check() {
	a, ok := o.phone.Account(o.state.Account)
	if !ok {
		o.screen.line("There is no account to check.")
		return
	}
	go o.phone.TestAccount(context.Background(), a, account.Secret{}, func(s doctor.Step) { // ends by itself
		if s.Status != doctor.Running {
			o.screen.item(stepLines(s))
		}
	})
}

// password gives the account that dials its password, for this session: of a file, or asked for.
func (o order) password() {
	var password config.Secret
	var err error
	switch file := o.args[0]; {
	case file == "" && o.secret != nil:
		if password, err = o.secret("Password: "); err != nil || password == "" {
			return // not given
		}
	case file == "" || file == "-":
		err = errNotTerminal
	default:
		password, err = o.session.readPassword(file)
	}
	if err != nil {
		o.screen.line("Write: password FILE, whose first line is the password")
		return
	}
	o.phone.EnterPassword(o.state.Account, password, account.SecretSession, func(err error) {
		if err != nil {
			o.screen.tellError("The password was not taken.", err)
		}
	})
}

// use chooses a device by the number that devices tells.
func (o order) use(role account.Role, choices []account.DeviceChoice) {
	n, err := strconv.Atoi(o.args[0])
	if err != nil || n < 1 || n > len(choices) {
		o.screen.line("There is no device " + o.args[0] + ". devices lists them.")
		return
	}
	o.phone.SetDevice(role, choices[n-1])
}

// forget has a device no longer wanted, by the number that devices tells.
func (o order) forget() {
	role := account.Role(o.args[0])
	wanted := o.state.Devices.Settings.Order(role)
	n, err := strconv.Atoi(o.args[1])
	if !slices.Contains(deviceRoles(), o.args[0]) || err != nil || n < 1 || n > len(wanted) {
		o.screen.line("There is no such device. devices lists those that are wanted.")
		return
	}
	o.phone.ForgetDevice(role, wanted[n-1])
}

// deviceRoles are what devices are wanted for.
func deviceRoles() []string {
	return []string{string(account.RoleMicrophone), string(account.RoleSpeaker), string(account.RoleRinger)}
}

// again calls whom the last call was with.
func (o order) again() {
	e := o.screen.callable()
	if e == nil {
		o.screen.line("There is nobody to call again.")
		return
	}
	o.phone.Redial(e.AccountID, e.URI, e.After)
}

// redirect calls whom the far end of the call that ended last named in its place.
func (o order) redirect() {
	n := 1
	if o.args[0] != "" {
		n, _ = strconv.Atoi(o.args[0])
	}
	if e := o.state.Ended; e != nil && n >= 1 && n <= len(e.Redirect) {
		o.phone.CallRedirect(e.Redirect[n-1].URI, false)
		return
	}
	o.screen.line("There is nobody to call instead.")
}

// messages tells the messages of one conversation, or of all, and marks them as read.
func (o order) messages() {
	ctx, cancel := context.WithTimeout(context.Background(), historyTime)
	defer cancel()
	q := phone.MessageQuery{}
	if o.args[0] != "" {
		q.Party, _ = o.written.Correspondent(o.state.Account, o.args[0])
	}
	all, more, err := o.written.Messages(ctx, q)
	switch {
	case err != nil:
		o.screen.line("The messages cannot be read now.")
	case len(all) == 0:
		o.screen.line("There is no message.")
	case more:
		o.screen.line(fmt.Sprintf("These are the last %d; there are older ones.", len(all)))
	}
	for _, m := range all {
		o.screen.item(messageLines(m))
	}
	for _, m := range all {
		if m.Unread {
			o.phone.MarkRead(m.AccountID, m.Party, m.ID)
		}
	}
}

// withCall runs f with the call whose number is typed, or else the one that has the sound, or the newest.
func (o order) withCall(f func(phone.CallState)) {
	calls := o.state.Calls
	if o.args[0] == "" {
		o.withActive(f)
		return
	}
	if n, err := strconv.Atoi(o.args[0]); err == nil && n >= 1 && n <= len(calls) {
		f(calls[n-1])
		return
	}
	o.screen.line("There is no call " + o.args[0] + ". calls lists them.")
}

// withActive runs f with the call that has the sound, or the newest where none has.
func (o order) withActive(f func(phone.CallState)) {
	calls := o.state.Calls
	for _, c := range calls {
		if c.Active {
			f(c)
			return
		}
	}
	if len(calls) == 0 {
		o.screen.line("There is no call.")
		return
	}
	f(calls[len(calls)-1])
}

// withHeld runs f with the call whose number is typed, or else the first that is on hold.
func (o order) withHeld(f func(phone.CallState)) {
	if o.args[0] != "" {
		o.withCall(f)
		return
	}
	for _, c := range o.state.Calls {
		if c.Held {
			f(c)
			return
		}
	}
	o.screen.line("There is no call on hold.")
}

// withRinging runs f with the first incoming call.
func (o order) withRinging(f func(phone.CallState)) {
	for _, c := range o.state.Calls {
		if c.Phase == phone.PhaseIncoming {
			f(c)
			return
		}
	}
	o.screen.line("Nobody calls.")
}

// withConsult runs f with the call that asks first.
func (o order) withConsult(f func(phone.CallState)) {
	for _, c := range o.state.Calls {
		if c.ConsultFor != "" {
			f(c)
			return
		}
	}
	o.screen.line("Nobody is asked. First: ask TARGET")
}

// withReferral runs f with the first far end that asks for another call.
func (o order) withReferral(f func(phone.Referral)) {
	if len(o.state.Referrals) == 0 {
		o.screen.line("Nobody asks for another call.")
		return
	}
	f(o.state.Referrals[0])
}

// callLines are the calls with their numbers.
func callLines(state phone.State) []string {
	if len(state.Calls) == 0 {
		return []string{"There is no call."}
	}
	var lines []string
	for i, c := range state.Calls {
		line := fmt.Sprintf("%d %s", i+1, callLine(c))
		if slices.Contains(state.Conference, c.ID) {
			line += "  [in the conference]"
		}
		if c.Active {
			line += "  [has the sound]"
		}
		lines = append(lines, line)
	}
	return lines
}

// bindingLines are the devices registered for the addresses of all accounts.
func bindingLines(state phone.State) []string {
	var lines []string
	for _, a := range state.Accounts {
		for _, b := range a.Bindings {
			lines = append(lines, fmt.Sprintf("%s: %s  %s", a.Address, tell(b.Cause(time.Now())).Short, b.Address))
		}
	}
	if lines == nil {
		return []string{"No server has told of a device."}
	}
	return lines
}

// deviceLines are the sound devices with their numbers.
func deviceLines(d phone.DeviceState) []string {
	var lines []string
	list := func(title string, choices []account.DeviceChoice, role account.Role) {
		order := d.Settings.Order(role)
		chosen := d.Settings.Chosen(role)
		for i, c := range choices {
			name := c.Name
			if name == "" {
				name = "as the system says"
			}
			if c.Loopback {
				name += " (records what is played)"
			}
			mark := " "
			if chosen.ID == c.ID {
				mark = "*"
			}
			lines = append(lines, fmt.Sprintf("%s %s%d %s", title, mark, i+1, name))
		}
		for i, c := range order {
			lines = append(lines, fmt.Sprintf("%s  wanted %d: %s", title, i+1, c.Name))
		}
	}
	list("microphone", d.Capture, account.RoleMicrophone)
	list("speaker   ", d.Playback, account.RoleSpeaker)
	list("ringer    ", d.Playback, account.RoleRinger)
	if lines == nil {
		return []string{"There is no sound device."}
	}
	return lines
}

// stepLines are the end of one check.
func stepLines(s doctor.Step) []string {
	marks := map[doctor.Status]string{doctor.OK: "✓", doctor.Failed: "✕", doctor.Skipped: "–", doctor.Remark: "▲"}
	told := tell(s.Cause)
	name := tell(cause.Cause{Kind: s.Check}).Short
	line := fmt.Sprintf("%s %-12s %6.0f ms  %s", marks[s.Status], name, milliseconds(s.Took), told.Headline())
	if s.Server != "" {
		line += "  " + s.Server
	}
	if s.Wrong() {
		return []string{line, told.Line()}
	}
	return []string{line}
}
