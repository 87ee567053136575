package console

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"calla/account"
	"calla/phone"
	"calla/phone/doctor"
)

// order is one line typed into the console, and the State it was typed in.
type order struct {
	session *session
	phone   *phone.Phone
	screen  *screen
	state   phone.State
	word    string // in lower case
	rest    string
}

// command does what a line says; false ends the console.
func (s *session) command(p *phone.Phone, screen *screen, line string) bool {
	word, rest, _ := strings.Cut(line, " ")
	o := order{session: s, phone: p, screen: screen, state: p.State(), word: strings.ToLower(word), rest: strings.TrimSpace(rest)}
	switch {
	case o.word == "":
	case o.word == "quit", o.word == "exit", o.word == "q":
		return false
	case o.general(), o.equipping(), o.calling(), o.sounding(), o.transferring(), o.writing():
	default:
		screen.line("Unknown command: " + word + ". help shows the commands.")
	}
	return true
}

// general are the orders about the program and the accounts.
func (o order) general() bool {
	switch o.word {
	case "help", "?":
		o.screen.lines(linesOf(consoleHelp))
	case "status":
		o.screen.again(o.state)
		o.screen.lines(statusLines(o.state))
	case "account":
		o.screen.choose(o.phone, o.state, o.rest)
	case "retry":
		o.phone.Retry("")
	case "bindings":
		o.screen.lines(bindingLines(o.state))
	case "sign-out-everywhere":
		o.phone.UnregisterAll("")
	case "try":
		o.phone.StartSandbox(func(err error) {
			if err != nil {
				o.screen.line("The built-in server did not start: " + err.Error())
				return
			}
			o.phone.UseAccount(phone.SandboxID)
			o.screen.line("The built-in server runs. Try: call echo")
		})
	default:
		return false
	}
	return true
}

// equipping are the orders about what the account that dials and the sound need.
func (o order) equipping() bool {
	switch o.word {
	case "check":
		o.check()
	case "password":
		o.password()
	case "devices":
		o.screen.lines(deviceLines(o.state.Devices))
	case "microphone":
		o.use(account.RoleMicrophone, o.state.Devices.Capture)
	case "speaker":
		o.use(account.RoleSpeaker, o.state.Devices.Playback)
	case "ringer":
		o.use(account.RoleRinger, o.state.Devices.Playback)
	default:
		return false
	}
	return true
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

// password gives the account that dials the password in a file, for this session.
func (o order) password() {
	data, err := o.session.readPassword(o.rest)
	if err != nil || o.rest == "" || o.rest == "-" {
		o.screen.line("Write: password FILE, whose first line is the password")
		return
	}
	o.phone.EnterPassword(o.state.Account, data, account.SecretSession, func(err error) {
		if err != nil {
			o.screen.line("The password was not taken: " + err.Error())
		}
	})
}

// use chooses a device by the number that devices tells.
func (o order) use(role account.Role, choices []account.DeviceChoice) {
	n, err := strconv.Atoi(o.rest)
	if err != nil || n < 1 || n > len(choices) {
		o.screen.line("There is no device " + o.rest + ". devices lists them.")
		return
	}
	o.phone.SetDevice(role, choices[n-1])
}

// calling are the orders that make, take and end calls.
func (o order) calling() bool {
	switch o.word {
	case "call", "dial", "c":
		o.phone.Dial("", o.rest)
	case "anonymous":
		o.phone.DialWith("", o.rest, phone.DialOptions{Anonymous: true})
	case "again":
		if e := o.screen.callable(); e != nil {
			o.phone.Redial(e.AccountID, e.URI, e.After)
			break
		}
		o.screen.line("There is nobody to call again.")
	case "redirect":
		o.redirect()
	case "calls":
		o.screen.lines(callLines(o.state))
	case "answer", "a":
		o.withRinging(func(c phone.CallState) { o.phone.Answer(c.ID) })
	case "decline", "d":
		if o.rest == "transfer" {
			o.withReferral(func(r phone.Referral) { o.phone.DeclineReferral(r.ID) })
			break
		}
		o.withRinging(func(c phone.CallState) { o.phone.Decline(c.ID) })
	case "ignore":
		o.withRinging(func(c phone.CallState) { o.phone.Ignore(c.ID) })
	case "hangup", "h":
		o.withCall(func(c phone.CallState) { o.phone.HangUp(c.ID) })
	default:
		return false
	}
	return true
}

// redirect calls whom the far end of the call that ended last named in its place.
func (o order) redirect() {
	n := 1
	if o.rest != "" {
		n, _ = strconv.Atoi(o.rest)
	}
	if e := o.state.Ended; e != nil && n >= 1 && n <= len(e.Redirect) {
		o.phone.CallRedirect(e.Redirect[n-1].URI, false)
		return
	}
	o.screen.line("There is nobody to call instead.")
}

// sounding are the orders about the sound of a call.
func (o order) sounding() bool {
	switch o.word {
	case "hold":
		o.withCall(func(c phone.CallState) { o.phone.SetHold(c.ID, true) })
	case "resume":
		o.withOther(func(c phone.CallState) { o.phone.SetHold(c.ID, false) })
	case "swap":
		o.withOther(func(c phone.CallState) { o.phone.Swap(c.ID) })
	case "allow":
		o.phone.AllowRealm(o.state.Account, o.rest)
	case "mute", "m":
		o.withCall(func(c phone.CallState) { o.phone.SetMuted(c.ID, !c.Muted) })
	case "send": // past a ";" among the digits for after the answer
		o.withActive(func(c phone.CallState) { o.phone.ContinuePostDial(c.ID) })
	case "drop":
		o.withActive(func(c phone.CallState) { o.phone.CancelPostDial(c.ID) })
	case "dtmf":
		o.withActive(func(c phone.CallState) { o.phone.SendDTMF(c.ID, o.rest) })
	default:
		return false
	}
	return true
}

// transferring are the orders that hand calls over.
func (o order) transferring() bool {
	switch o.word {
	case "transfer":
		o.withActive(func(c phone.CallState) { o.phone.Transfer(c.ID, o.rest) })
	case "ask":
		o.withActive(func(c phone.CallState) { o.phone.AskFirst(c.ID, o.rest) })
	case "complete":
		o.withConsult(func(c phone.CallState) { o.phone.CompleteTransfer(c.ID) })
	case "cancel":
		o.withConsult(func(c phone.CallState) { o.phone.CancelConsult(c.ID) })
	case "accept":
		if o.rest == "login" {
			o.phone.AcceptLogin(o.state.Account)
			break
		}
		o.withReferral(func(r phone.Referral) { o.phone.AcceptReferral(r.ID) })
	default:
		return false
	}
	return true
}

// writing are the orders about messages.
func (o order) writing() bool {
	switch o.word {
	case "message":
		address, text, _ := strings.Cut(o.rest, " ")
		if text = strings.TrimSpace(text); text == "" {
			o.screen.line("Write: message ADDRESS TEXT")
			break
		}
		o.phone.SendMessage("", address, text)
	case "messages":
		o.conversation()
		for _, m := range o.state.Messages {
			if m.Unread && (o.rest == "" || m.Address == o.rest) {
				o.phone.MarkRead(m.AccountID, m.Address)
			}
		}
	default:
		return false
	}
	return true
}

// withCall runs f with the call whose number is typed, or else the one that has the sound, or the newest.
func (o order) withCall(f func(phone.CallState)) {
	calls := o.state.Calls
	if o.rest == "" {
		o.withActive(f)
		return
	}
	if n, err := strconv.Atoi(o.rest); err == nil && n >= 1 && n <= len(calls) {
		f(calls[n-1])
		return
	}
	o.screen.line("There is no call " + o.rest + ". calls lists them.")
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

// withOther runs f with the call whose number is typed, or else the first that is on hold.
func (o order) withOther(f func(phone.CallState)) {
	if o.rest != "" {
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
		if c.Active {
			line += "  [has the sound]"
		}
		lines = append(lines, line)
	}
	return lines
}

// conversation tells the messages of one conversation, or of all.
func (o order) conversation() {
	told := false
	for _, m := range o.state.Messages {
		if o.rest == "" || m.Address == o.rest {
			told = true
			o.screen.item(messageLines(m))
		}
	}
	if !told {
		o.screen.line("There is no message.")
	}
}

// bindingLines are the devices registered for the addresses of all accounts.
func bindingLines(state phone.State) []string {
	var lines []string
	for _, a := range state.Accounts {
		for _, b := range a.Bindings {
			lines = append(lines, fmt.Sprintf("%s: %s  %s", a.Address, b.Words, b.Address))
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
	list := func(title string, choices []account.DeviceChoice, chosen ...account.DeviceChoice) {
		for i, c := range choices {
			name := c.Name
			if name == "" {
				name = "as the system says"
			}
			if c.Loopback {
				name += " (records what is played)"
			}
			mark := " "
			for _, used := range chosen {
				if used.ID == c.ID {
					mark = "*"
				}
			}
			lines = append(lines, fmt.Sprintf("%s %s%d %s", title, mark, i+1, name))
		}
	}
	list("microphone", d.Capture, d.Settings.Microphone)
	list("speaker   ", d.Playback, d.Settings.Speaker)
	list("ringer    ", d.Playback, d.Settings.Ringer)
	if lines == nil {
		return []string{"There is no sound device."}
	}
	return lines
}

// stepLines are the end of one check.
func stepLines(s doctor.Step) []string {
	mark := map[doctor.Status]string{doctor.OK: "✓", doctor.Failed: "✕", doctor.Skipped: "–", doctor.Remark: "▲"}[s.Status]
	line := fmt.Sprintf("%s %-12s %6.0f ms  %s", mark, s.Name, milliseconds(s.Took), s.Words)
	if s.Server != "" {
		line += "  " + s.Server
	}
	if s.Problem != nil {
		return []string{line, problemWords(s.Problem)}
	}
	return []string{line}
}
