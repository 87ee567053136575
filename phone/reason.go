package phone

import (
	"errors"
	"fmt"
	"strings"

	"calla/account"
	"calla/netsip"
	"calla/netsip/config"
	"calla/phone/doctor"
)

// This file, with package doctor, holds the words for everything that fails: what happened, most likely
// why, what to do. No bare code, nothing empty.

// status tells an account's status and words from what its user agent says. address is the account's.
func status(s netsip.State, registers bool, address string) (RegistrationStatus, string, *Problem) {
	var problem *Problem
	stopped := s.Flow == netsip.FlowConnected && s.Registration == netsip.RegistrationFailed && s.RetryAt.IsZero()
	if s.Err != nil {
		p := doctor.Explain(s.Err, doctor.Subject{Address: address, Server: s.Server, Stopped: stopped})
		problem = &p
	}
	short := func() string {
		if problem != nil {
			return problem.Short
		}
		return "Not registered"
	}
	switch {
	case s.Flow == netsip.FlowStopped:
		return StatusOff, "Off", nil
	case errors.Is(s.Err, netsip.ErrNoPassword):
		return StatusNoPassword, "Password needed", problem
	case s.Flow == netsip.FlowWaiting:
		return StatusRetrying, short(), problem
	case s.Flow != netsip.FlowConnected:
		return StatusConnecting, "Connecting", problem
	case !registers && s.Registration == netsip.Unregistered:
		return StatusConnected, "Connected", nil
	}
	switch s.Registration {
	case netsip.Registered:
		return StatusRegistered, "Registered", nil
	case netsip.RegistrationFailed:
		if s.RetryAt.IsZero() {
			return StatusFailed, short(), problem
		}
		return StatusRetrying, short(), problem
	case netsip.Unregistering:
		return StatusOff, "Signing off", nil
	}
	return StatusRegistering, "Registering", problem
}

// serverWords is the line of one server.
func serverWords(s netsip.ServerState, address string) string {
	switch s.Status {
	case netsip.ServerConnected:
		words := "connected"
		if s.RTT > 0 {
			words += fmt.Sprintf(" · %d ms", s.RTT.Milliseconds())
		}
		return words
	case netsip.ServerFailed:
		if s.LastError != nil {
			return strings.ToLower(doctor.Explain(s.LastError, doctor.Subject{Address: address, Server: s.URL}).Short)
		}
		return "failed"
	}
	if s.LastError != nil {
		return "standby · last: " + strings.ToLower(doctor.Explain(s.LastError, doctor.Subject{Address: address, Server: s.URL}).Short)
	}
	return "standby"
}

// noSecret words why the password of an account cannot be read from where it is kept.
func noSecret(err error, a account.Account) *Problem {
	p := &Problem{Short: "Password needed", Detail: err.Error(), Action: ActionEnterPassword}
	address, gone := a.Address(), errors.Is(err, account.ErrNoSecret)
	switch {
	case a.SecretPlace == account.SecretSession:
		p.Title, p.Why, p.Do = "The password of "+address+" is needed.", "It was kept only until Calla was closed.", "Enter it."
	case a.SecretPlace == account.SecretKeyring && gone:
		p.Title, p.Why = "The keyring no longer has the password of "+address+".", "It was deleted there, or this is another keyring."
		p.Do = "Enter it again; it is put back."
	case gone:
		p.Title, p.Why = "The password of "+address+" is not in its file any more.", "It was to be in secrets.json, beside the accounts."
		p.Do = "Enter it again."
	case errors.Is(err, account.ErrKeyringLocked):
		p.Title, p.Why = "The password of "+address+" is in the keyring, and that is locked.", "Calla asks again by itself."
		p.Do = "Unlock the keyring, or enter the password."
	case errors.Is(err, account.ErrKeyringStuck):
		p.Title, p.Why = "The password of "+address+" is in the keyring, and that does not answer.", "Calla asks again by itself."
		p.Do = "Wait for the keyring, or enter the password."
	case errors.Is(err, account.ErrKeyringAbsent):
		p.Title, p.Why = "The password of "+address+" was kept in a keyring, and there is none now.", "Calla asks again by itself."
		p.Do = "Start the keyring, or enter the password."
	default:
		p.Title, p.Why = "The password of "+address+" could not be read.", causeOfKeeping(err)
		p.Do = "Enter it again."
	}
	return p
}

// copyLeft words that a password which has another place now, or none, is still at its former one.
func copyLeft(address string, at account.SecretPlace, err error) Problem {
	p := Problem{
		Title: "An old copy of the password of " + address + " is left in the keyring.", Why: causeOfKeeping(err),
		Do: "Delete it there: it is an entry of Calla's.", Short: "Old copy left", Detail: err.Error(),
	}
	if at == account.SecretFile {
		p.Title = "An old copy of the password of " + address + " is left in its file."
		p.Do = "Delete secrets.json, beside the account file, where no other account needs it."
	}
	return p
}

// causeOfKeeping words why a kept password cannot be had or removed, "" where only the error's text tells.
func causeOfKeeping(err error) string {
	switch {
	case errors.Is(err, account.ErrSecretsDamaged):
		return "The file of passwords is damaged."
	case errors.Is(err, account.ErrKeyringLocked):
		return "The keyring is locked."
	case errors.Is(err, account.ErrKeyringStuck):
		return "The keyring does not answer."
	case errors.Is(err, account.ErrKeyringAbsent):
		return "There is no keyring."
	}
	return doctor.Cause(err)
}

// accountsReadOnly words that accounts cannot be changed, and the way out.
func accountsReadOnly(found account.Loaded, dir string) Problem {
	p := Problem{
		Title: "Accounts cannot be saved.", Why: sentence(found.ReadOnly), Short: "Nothing is saved", Detail: found.ReadOnly,
		Do: "What you change is not kept. The folder is " + dir + ".",
	}
	switch {
	case found.Newer:
		p.Why, p.Do = sentence("the file "+found.ReadOnly), "Start the newer Calla, which can change it. The folder is "+dir+"."
	case found.Damaged != "":
		p.Title, p.Why = "The account file cannot be used.", sentence("the file "+found.ReadOnly)
	}
	if found.CanStartEmpty {
		p.Do = "Put it right in " + dir + " and start Calla again, or start empty: the file is kept under another name."
		p.Action = ActionStartEmpty
	}
	return p
}

// earlierAccounts words that the account file was damaged and which version of it is used.
func earlierAccounts(found account.Loaded, dir string) Problem {
	p := Problem{
		Title: "The account file was damaged; an earlier one is used.", Why: sentence("the file " + found.Damaged),
		Do: "Check your accounts.", Short: "Earlier accounts", Detail: "read from " + found.FromFile,
	}
	if !found.Saved.IsZero() {
		p.Why += " The one that is used is of " + found.Saved.Local().Format("2 Jan 2006 15:04") + "."
	}
	if found.MovedTo != "" {
		p.Do = "Check your accounts. The damaged file is kept as " + found.MovedTo + " in " + dir + "."
	}
	return p
}

// movedAside words where the damaged file is, now that there are no accounts.
func movedAside(name, dir string) Problem {
	return Problem{
		Title: "Calla has begun without accounts.", Why: "The damaged file is kept as " + name + " in " + dir + ".",
		Short: "Damaged file kept",
	}
}

// ending is how a call ended, in words, and what the caller hears.
type ending struct {
	words     string
	problem   *Problem
	tone      Progress
	elsewhere bool // another phone of the address took or refused the call
}

// explainEnd words the end of a call. c is the call as it was shown last.
func explainEnd(end *netsip.End, c CallState) ending {
	who := c.Address
	if c.Name != "" {
		who = c.Name
	}
	switch {
	case end.By == netsip.Local && userEnded(end.Cause):
		return endedHere(end, c)
	case end.By == netsip.Remote && end.Cause == netsip.CauseCanceled:
		return canceled(end)
	case end.By == netsip.Remote:
		if e, ok := endedByNetwork(end, c, who); ok {
			return e
		}
		if e, ok := endedThere(end, c, who); ok {
			return e
		}
	}
	return endedByTrouble(end, c, who)
}

// userEnded tells whether a cause of an end by this phone is what its user, or nobody at it, wanted. By others the
// phone has refused what the far end sent.
func userEnded(cause string) bool {
	switch cause {
	case netsip.CauseBye, netsip.CauseCanceled, netsip.CauseRejected, netsip.CauseNoAnswer, netsip.CauseRedirected, netsip.CauseReplaced,
		netsip.CauseBusy, netsip.CauseUnavailable:
		return true
	}
	return false
}

func endedHere(end *netsip.End, c CallState) ending {
	switch {
	case end.Cause == netsip.CauseNoAnswer:
		return ending{words: "Missed call"}
	case !c.Connected.IsZero():
		return ending{words: "You hung up"}
	case c.Incoming:
		return ending{words: "You declined"}
	}
	return ending{words: "You cancelled the call"}
}

// endedThere words the ends that the other side or a server chose.
func endedThere(end *netsip.End, c CallState, who string) (ending, bool) {
	failed := func(words, why, do string, tone Progress) (ending, bool) {
		return ending{words: words, tone: tone, problem: &Problem{
			Title: words + ".", Why: why, Do: do, Short: words, Detail: codeLine(end), Action: ActionCallAgain,
		}}, true
	}
	switch end.Cause {
	case netsip.CauseBye:
		return ending{words: "The other side hung up"}, true
	case netsip.CauseBusy:
		return ending{words: "Busy", tone: ProgressBusy}, true
	case netsip.CauseRejected:
		if end.StatusCode == 403 {
			return failed("The phone server does not allow this call", "Your account may not be permitted to call "+who+".", "Ask your provider.", ProgressCongestion)
		}
		return ending{words: "Declined by the other side", tone: ProgressBusy}, true
	case netsip.CauseNotFound:
		if end.StatusCode == 604 {
			return failed("There is no "+c.Address, "The number or address does not exist anywhere.", "Check what you dialled.", ProgressCongestion)
		}
		return failed(c.Address+" is not known or not online", "The phone server finds nobody there: it may not exist, or no phone is signed in.",
			"Check what you dialled, or call again later.", ProgressCongestion)
	case netsip.CauseUnavailable:
		switch end.StatusCode {
		case 408:
			return ending{words: "No answer", tone: ProgressBusy}, true
		case 410:
			return failed(who+" is no longer in use", "The other side has left this service.", "Find out the new number.", ProgressCongestion)
		case 430:
			return failed(who+" could not be reached", "The other side's connection has just failed.", "Call again in a moment.", ProgressCongestion)
		}
		return failed(who+" is not available now", "Nobody is registered there, or calls are not wanted now.", "Call again later.", ProgressBusy)
	case netsip.CauseIncomplete:
		return failed("The number is not complete", "Digits are missing.", "Dial the whole number.", ProgressCongestion)
	case netsip.CauseIncompatible:
		return failed("The other side cannot talk with this phone", "The two have no sound format or no encryption in common.", "Ask your provider for WebRTC (DTLS-SRTP) support.", ProgressCongestion)
	case netsip.CauseAuthentication:
		if errors.Is(end.Err, netsip.ErrForeignRealm) {
			return failed("Somebody else asked for your password", "It was not sent: whoever is called can ask for it.", "Call again if you trust who asked, and have allowed it.", ProgressCongestion)
		}
		if errors.Is(end.Err, netsip.ErrWeakerDigest) || errors.Is(end.Err, netsip.ErrLongChallenge) || errors.Is(end.Err, netsip.ErrUnsupportedChallenge) {
			p := doctor.Explain(end.Err, doctor.Subject{})
			return ending{words: strings.TrimSuffix(p.Title, "."), problem: &p, tone: ProgressCongestion}, true
		}
		return ending{words: "The phone server did not accept your password for this call", tone: ProgressCongestion, problem: &Problem{
			Title: "The phone server did not accept your password for this call.", Why: "The password may have been changed.",
			Do: "Enter the password again.", Short: "Wrong password", Detail: codeLine(end), Action: ActionEnterPassword,
		}}, true
	case netsip.CauseRedirected:
		return failed("The call was redirected elsewhere", "Calla does not follow it by itself, as the other number may cost money.", redirectedWhere(end), ProgressCongestion)
	case netsip.CauseStatus:
		return endedByStatus(end), true
	}
	return ending{}, false
}

// redirectedWhere is what to do about a redirection.
func redirectedWhere(end *netsip.End) string {
	if len(end.Redirect) == 0 {
		return "Ask the other side for the new number; the answer did not tell it."
	}
	return "Choose whether to call the new number."
}

// endedByStatus words the refusals that have no cause of their own.
func endedByStatus(end *netsip.End) ending {
	code, phrase := end.StatusCode, phraseOf(end)
	p := &Problem{Detail: codeLine(end), Action: ActionCallAgain}
	switch {
	case code == 487:
		return ending{words: "The call was cancelled"}
	case code == 402:
		p.Title, p.Why, p.Do = "The phone server asks for payment.", "Your credit may be used up.", "Ask your provider."
	case code == 482 || code == 483:
		p.Title, p.Why, p.Do = "The call went round in circles.", "The service forwards this number to itself.", "Tell your provider."
	case code == 413 || code == 513:
		p.Title, p.Why, p.Do = "The phone server found the call request too large.", "It limits what a WebSocket may carry.", "Tell your provider, or list fewer STUN and TURN servers."
	case code >= 500 && code < 600:
		p.Title, p.Do = fmt.Sprintf("The phone server has a problem of its own (%d %s).", code, phrase), "Call again later."
	case code >= 600:
		p.Title, p.Do = fmt.Sprintf("The other side does not take the call anywhere (%d %s).", code, phrase), "Call again later."
	default:
		p.Title, p.Why = fmt.Sprintf("The call was refused (%d %s).", code, phrase), "The phone server or the other side did not take it as it is."
		p.Do = "Check what you dialled, or ask your provider."
	}
	p.Short = strings.TrimSuffix(p.Title, ".")
	return ending{words: p.Short, problem: p, tone: ProgressCongestion}
}

// endedByTrouble words the ends that nobody chose.
func endedByTrouble(end *netsip.End, c CallState, who string) ending {
	p := &Problem{Detail: codeLine(end), Action: ActionCallAgain}
	tone := ProgressCongestion
	var media *netsip.MediaError
	switch {
	case errors.As(end.Err, &media) && media.Fault != netsip.MediaFaultOther:
		faultOfMedia(p, media.Fault, c.Incoming)
	case errors.Is(end.Err, netsip.ErrMissingSDP):
		faultOfMedia(p, netsip.MediaFaultNoAudio, c.Incoming)
	default:
		troubled(p, end, who)
	}
	if end.Cause == netsip.CauseExpires {
		return ending{words: "Missed call"}
	}
	if end.By == netsip.Remote && c.Incoming && c.Connected.IsZero() {
		tone = ProgressNone
	}
	p.Short = strings.TrimSuffix(p.Title, ".")
	return ending{words: p.Short, problem: p, tone: tone}
}

// troubled words the ends by time, network and server.
func troubled(p *Problem, end *netsip.End, who string) {
	switch end.Cause {
	case netsip.CauseConnection:
		p.Title, p.Why, p.Do = "The connection to the phone server was lost.", "The network or the server went away.", "Call again when the account is registered."
	case netsip.CauseTimeout:
		p.Title, p.Why, p.Do = "The phone server does not answer the call.", "It may be overloaded or stuck.", "Call again later."
	case netsip.CauseMedia:
		p.Title, p.Why, p.Do = "No sound connection to "+who+" could be made.", "A firewall may block it, or the two networks need a TURN server between them.", "Check the STUN and TURN servers of the account."
	case netsip.CauseBadDescription, netsip.CauseMissingSDP, netsip.CauseIncompatible:
		p.Title, p.Why = "What the other side's phone sent about the sound cannot be used.", "It may not speak WebRTC (ICE and DTLS-SRTP)."
		p.Do = "Ask your provider for WebRTC support."
	case netsip.CauseRTPTimeout:
		p.Title, p.Why, p.Do = "Call dropped: no sound connection for a minute.", "The network between the two phones is gone or overloaded.", "Call again."
	case netsip.CauseDialog:
		p.Title, p.Why, p.Do = "The phone server lost the call.", "It no longer knows of it; it may have been restarted.", "Call again."
	case netsip.CauseSessionTimer:
		p.Title, p.Why, p.Do = "The other side no longer answers.", "The call's regular sign of life did not come.", "Call again."
	case netsip.CauseNoACK:
		p.Title, p.Why, p.Do = "The caller did not confirm the call.", "The connection may have broken just when you answered.", "Call back."
	default:
		p.Title, p.Why, p.Do = "The call could not be kept.", "Something went wrong on the way to the other side.", "Call again."
	}
}

// codeLine is the small print of an ended call.
func codeLine(end *netsip.End) string {
	var parts []string
	if end.StatusCode != 0 {
		parts = append(parts, fmt.Sprintf("%d %s", end.StatusCode, phraseOf(end)))
	}
	parts = append(parts, end.Cause)
	if end.Q850 != 0 {
		parts = append(parts, fmt.Sprintf("Q.850 cause %d", end.Q850))
	}
	if end.Err != nil {
		parts = append(parts, end.Err.Error())
	}
	return safeLine(strings.Join(parts, " · "), 200)
}

// phraseOf is the reason phrase as a server sent it, made safe to show.
func phraseOf(end *netsip.End) string {
	if end.Reason == "" {
		return "no reason given"
	}
	return safeLine(end.Reason, 60)
}

// holdRefused words that the far end did not take part in a change of hold; hold is what is wished.
func holdRefused(hold bool, err error) *Problem {
	if hold {
		return &Problem{
			Title: "The other side's phone did not take the hold.", Why: "You hear each other no more, but it shows the call as going on.",
			Do: "Resume the call when you are back.", Short: "Hold refused", Detail: err.Error(),
		}
	}
	return &Problem{
		Title: "The other side's phone did not resume the call.", Why: "It refused the change.",
		Do: "Hold and resume again, or call again.", Short: "Not resumed", Detail: err.Error(),
	}
}

// refusal words why a call cannot even be tried.
func refusal(err error, target string) *Problem {
	var bad *config.TargetError
	p := &Problem{Detail: err.Error(), Action: ActionRetry, Short: "Cannot call"}
	switch {
	case errors.As(err, &bad):
		p.Title, p.Action = fmt.Sprintf("“%s” cannot be called: it %s", safeLine(target, 60), bad.Reason), ActionNone
		if !strings.HasSuffix(p.Title, "?") {
			p.Title += "."
		}
		p.Do = "Dial a number or an address such as bob@example.com."
		if bad.Instead != "" {
			p.Do = "Dial " + safeLine(bad.Instead, longestDialled) + " if that is what you mean."
		}
	case errors.Is(err, netsip.ErrRedirectLoop):
		p.Title, p.Why, p.Do = "The call was redirected in circles.", "The numbers that were called name each other.", "Tell your provider."
	case errors.Is(err, netsip.ErrNotConnected), errors.Is(err, netsip.ErrStopped):
		p.Title, p.Why, p.Do = "Not connected to the phone server.", "Calls need it.", "We connect by ourselves; call again then."
	default:
		p.Title, p.Do = "The call could not be started.", "Try again."
	}
	return p
}

// sentence makes one of an error's text.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + strings.TrimRight(s[1:], ".") + "."
}
