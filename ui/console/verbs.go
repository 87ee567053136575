package console

import (
	"calla/account"
	"calla/phone"
	"calla/phone/journal"
)

// verb is one thing that Calla can be told to do, by its command line, by the text phone or by both. The verbs are one
// table: the command line and its help, the text phone, its help and completion, and the lists in docs/commands.md
// are made of it. A new one is an entry here, and what it runs.
type verb struct {
	name  string     // as it is typed: "call"; of two words for one of a family, "account add"
	also  []string   // other names in the text phone
	group group      // heading in the text phone's help
	args  []argument // in the text phone; those of a subcommand are fields of its own
	help  string     // what it does: a sentence without its full stop
	alone string     // the same of the subcommand, where that does more

	subcommand any         // a struct of flags and arguments with a method Run, as kong takes it; nil for none
	do         func(order) // in the text phone; nil for none
	hidden     bool        // the subcommand is for programs, and no help tells of it
	unrecorded bool        // what is typed with it may be secret, and stays out of the history
}

// argument is one of a verb's in the text phone. The last one takes the rest of the line.
type argument struct {
	name     string // in capitals: "TARGET"
	optional bool
	offer    func(order) []string // what it may be, for completion; nil where nobody knows
}

// group is a heading of the text phone's help.
type group string

const (
	groupCalls      group = "Calls"
	groupSound      group = "Sound"
	groupTransfer   group = "Transfer"
	groupConference group = "Together"
	groupMessages   group = "Messages"
	groupAccount    group = "Account"
	groupDevices    group = "Devices"
	groupBesides    group = "Besides"
)

// verbs is the table.
func verbs() []verb {
	var all []verb
	for _, part := range [][]verb{
		openingVerbs(), callVerbs(), incomingVerbs(), listVerbs(), historyVerbs(), soundVerbs(), transferVerbs(),
		conferenceVerbs(), messageVerbs(), serverVerbs(), fileVerbs(),
		accountVerbs(), contactVerbs(), registrationVerbs(), deviceVerbs(), besideVerbs(),
	} {
		all = append(all, part...)
	}
	return all
}

// families tell of the subcommands of two words, by the first, what they are about.
func families() map[string]string {
	return map[string]string{
		"message":   "Send text messages, and wait for them.",
		"config":    "Work on configurations written for JsSIP.",
		"sip":       "Work on SIP messages.",
		"contacts":  "Keep, find, import and export contacts.",
		"account":   "Add, list and remove stored accounts.",
		"autostart": "Have this computer start Calla at log-in, or not.",
		"sound":     "Measure the sound devices.",
		"links":     "Have the desktop open tel:, sip:, sips: and callto: links with Calla, or not.",
	}
}

// target is whom a verb is about, anyCall a call by its number, and heldCall one that is on hold.
func target() argument   { return argument{name: "TARGET", offer: order.addresses} }
func anyCall() argument  { return argument{name: "N", optional: true, offer: order.callNumbers} }
func heldCall() argument { return argument{name: "N", optional: true, offer: order.heldNumbers} }

// openingVerbs open the phone, or look whether it could.
func openingVerbs() []verb {
	return []verb{
		{name: "window", subcommand: windowCmd{}, help: "Open the phone (the default). Without a display: the console"},
		{name: "console", subcommand: consoleCmd{}, help: "A phone in text"},
		{name: "register", subcommand: registerCmd{}, help: "Register, and tell how long it took"},
	}
}

// callVerbs make, take and end calls.
func callVerbs() []verb {
	return []verb{
		{
			name: "call", also: []string{"c", "dial"}, group: groupCalls, args: []argument{target()},
			help:       "Call somebody",
			do:         func(o order) { o.call(phone.CallOptions{}) },
			subcommand: callCmd{}, alone: "Call somebody, and tell what was heard",
		},
		{
			name: "anonymous", group: groupCalls, args: []argument{target()},
			help: "Call somebody without telling who calls",
			do:   func(o order) { o.call(phone.CallOptions{Anonymous: true}) },
		},
		{
			name: "dialled", group: groupCalls, args: []argument{target()},
			help: "Tell what a text is dialled as at the account that dials, without calling", do: order.dialled,
		},
		{
			name: "again", group: groupCalls, do: order.again,
			help: "Call whom the last call was with, as it was: an anonymous one stays so",
		},
		{
			name: "redirect", group: groupCalls,
			args: []argument{{name: "N", optional: true, offer: order.redirectNumbers}},
			help: "Call whom the far end of the last call named in its place", do: order.redirect,
		},
		{
			name: "answer", also: []string{"a"}, group: groupCalls, help: "Answer the call that rings",
			do:         func(o order) { o.withRinging(func(c phone.CallState) { o.phone.Answer(c.ID) }) },
			subcommand: answerCmd{}, alone: "Wait for a call, answer it, and tell what was heard",
		},
		{
			name: "hangup", also: []string{"h"}, group: groupCalls, args: []argument{anyCall()}, help: "End a call",
			do: func(o order) { o.withCall(func(c phone.CallState) { o.phone.HangUp(c.ID) }) },
		},
		{
			name: "calls", group: groupCalls, help: "List the calls with their numbers",
			do: func(o order) { o.screen.lines(callLines(o.state)) },
		},
	}
}

// soundVerbs are about the sound of a call.
func soundVerbs() []verb {
	return []verb{
		{
			name: "hold", group: groupSound, args: []argument{anyCall()}, help: "Put a call on hold",
			do: func(o order) { o.withCall(func(c phone.CallState) { o.phone.SetHold(c.ID, true) }) },
		},
		{
			name: "resume", group: groupSound, args: []argument{heldCall()},
			help: "Talk to a call that is on hold again",
			do:   func(o order) { o.withHeld(func(c phone.CallState) { o.phone.SetHold(c.ID, false) }) },
		},
		{
			name: "swap", group: groupSound, args: []argument{heldCall()},
			help: "Talk to a call that is on hold, and hold the one that has the sound",
			do:   func(o order) { o.withHeld(func(c phone.CallState) { o.phone.Swap(c.ID) }) },
		},
		{
			name: "mute", also: []string{"m"}, group: groupSound, args: []argument{anyCall()},
			help: "Mute the microphone of a call, or let it be heard again",
			do:   func(o order) { o.withCall(func(c phone.CallState) { o.phone.SetMuted(c.ID, !c.Muted) }) },
		},
		{
			name: "record", group: groupSound, args: []argument{anyCall()}, help: "Record a call",
			do: func(o order) { o.withCall(func(c phone.CallState) { o.phone.Record(c.ID, true) }) },
		},
		{
			name: "record stop", group: groupSound, args: []argument{anyCall()}, help: "End the recording of a call",
			do: func(o order) { o.withCall(func(c phone.CallState) { o.phone.Record(c.ID, false) }) },
		},
		{
			name: "record pause", group: groupSound, args: []argument{anyCall()},
			help: "Leave out of the recording of a call what is said from now on",
			do:   func(o order) { o.withCall(func(c phone.CallState) { o.phone.PauseRecording(c.ID, true) }) },
		},
		{
			name: "record on", group: groupSound, args: []argument{anyCall()},
			help: "Go on with the recording of a call after a pause",
			do:   func(o order) { o.withCall(func(c phone.CallState) { o.phone.PauseRecording(c.ID, false) }) },
		},
		{
			name: "dtmf", group: groupSound, args: []argument{{name: "DIGITS"}},
			help: "Send digits; a comma waits two seconds",
			do:   func(o order) { o.withActive(func(c phone.CallState) { o.phone.SendDTMF(c.ID, o.args[0]) }) },
		},
		{
			name: "send", group: groupSound, help: "Send the digits behind the number that wait to be sent",
			do: func(o order) { o.withActive(func(c phone.CallState) { o.phone.ContinuePostDial(c.ID) }) },
		},
		{
			name: "drop", group: groupSound, help: "Forget the digits behind the number that are still to be sent",
			do: func(o order) { o.withActive(func(c phone.CallState) { o.phone.CancelPostDial(c.ID) }) },
		},
	}
}

// transferVerbs hand calls over.
func transferVerbs() []verb {
	return []verb{
		{
			name: "transfer", group: groupTransfer, args: []argument{target()},
			help: "Hand the call over without asking there first",
			do:   func(o order) { o.withActive(o.transfer) },
		},
		{
			name: "ask", group: groupTransfer, args: []argument{target()},
			help: "Hold the call and call somebody, to connect the two with complete",
			do:   func(o order) { o.withActive(o.askFirst) },
		},
		{
			name: "complete", group: groupTransfer, help: "Connect the call with whom was asked first",
			do: func(o order) { o.withConsult(func(c phone.CallState) { o.phone.CompleteTransfer(c.ID) }) },
		},
		{
			name: "connect", group: groupTransfer,
			args: []argument{anyCall(), {name: "M", optional: true, offer: order.callNumbers}},
			help: "Connect two calls with each other, and leave both", do: order.connect,
		},
		{
			name: "cancel", group: groupTransfer, help: "Leave whom was asked first, and go back to the call",
			do: func(o order) { o.withConsult(func(c phone.CallState) { o.phone.CancelConsult(c.ID) }) },
		},
		{
			name: "accept", group: groupTransfer, help: "Call whom the far end asks to call",
			do: func(o order) { o.withReferral(func(r phone.Referral) { o.phone.AcceptReferral(r.ID) }) },
		},
		{
			name: "decline transfer", also: []string{"d transfer"}, group: groupTransfer,
			help: "Do not call whom the far end asks to call",
			do:   func(o order) { o.withReferral(func(r phone.Referral) { o.phone.DeclineReferral(r.ID) }) },
		},
	}
}

// conferenceVerbs bring calls together, and part them.
func conferenceVerbs() []verb {
	return []verb{
		{
			name: "conference", group: groupConference,
			args: []argument{{name: "NUMBERS", optional: true, offer: order.callNumbers}},
			help: "Bring calls together so that all hear each other: those with these numbers, or all of them",
			do:   order.conference,
		},
		{
			name: "conference split", group: groupConference, args: []argument{{name: "N", offer: order.callNumbers}},
			help: "Talk with one of the conference alone, while the others wait",
			do:   func(o order) { o.withCall(func(c phone.CallState) { o.phone.Split(c.ID) }) },
		},
		{
			name: "conference hold", group: groupConference, help: "Put all of the conference on hold",
			do: func(o order) { o.phone.HoldConference(true) },
		},
		{
			name: "conference resume", group: groupConference, help: "Talk to all of the conference again",
			do: func(o order) { o.phone.HoldConference(false) },
		},
		{
			name: "conference leave", group: groupConference,
			help: "Connect the two of the conference with each other, and leave both",
			do:   func(o order) { o.phone.LeaveConference() },
		},
	}
}

// historyVerbs are about the calls that were.
func historyVerbs() []verb {
	return []verb{
		{
			name: "history", group: groupCalls, args: []argument{{name: "TEXT", optional: true}},
			help: "List the last calls, or those that a name, a note or a number in any spelling finds",
			do:   func(o order) { o.history(journal.CallQuery{Text: o.args[0]}) }, subcommand: historyCmd{},
			alone: "List the calls that were, or delete them",
		},
		{
			name: "history missed", group: groupCalls, args: []argument{{name: "TEXT", optional: true}},
			help: "List the last missed calls",
			do:   func(o order) { o.history(journal.CallQuery{Text: o.args[0], Outcome: journal.Missed}) },
		},
		{
			name: "history call", group: groupCalls, args: []argument{{name: "N"}},
			help: "Call whom a call of the last list was with, with the account it went by", do: order.historyCall,
		},
		{
			name: "history delete", group: groupCalls, args: []argument{{name: "N"}},
			help: "Delete a call of the last list", do: order.historyDelete,
		},
		{
			name: "history delete all", group: groupCalls, help: "Delete all calls", do: order.historyDeleteAll,
		},
	}
}

// messageVerbs are about texts.
func messageVerbs() []verb {
	return []verb{
		{
			name: "message", group: groupMessages,
			args: []argument{{name: "ADDRESS", offer: order.addresses}, {name: "TEXT"}},
			help: "Send a text message", do: func(o order) { o.phone.SendMessage("", o.args[0], o.args[1]) },
		},
		{
			name: "messages", group: groupMessages,
			args: []argument{{name: "ADDRESS", optional: true, offer: order.writers}},
			help: "Show the messages with somebody, or all", do: order.messages,
		},
		{name: "message send", subcommand: messageSendCmd{}, help: "Send a text message, and tell whether it arrived"},
		{name: "message list", subcommand: messageListCmd{}, help: "List the messages that were, or delete them"},
		{name: "message wait", subcommand: messageWaitCmd{}, help: "Wait for text messages, and tell them"},
	}
}

// serverVerbs ask servers and phones, or are a server.
func serverVerbs() []verb {
	return []verb{
		{name: "options", subcommand: optionsCmd{}, help: "Ask what somebody's phone, or a server, can do"},
		{
			name: "subscribe", subcommand: subscribeCmd{},
			help: "Follow an event of somebody's: presence, dialog, message-summary, …",
		},
		{name: "publish", subcommand: publishCmd{}, help: "Hand a state of yours, such as presence, to the server"},
		{
			name: "demo", subcommand: demoCmd{},
			help: "Start the sandbox, call its echo, and measure the tone that comes back",
		},
		{
			name: "sandbox", subcommand: sandboxCmd{},
			help: "Run a SIP WebSocket server with robots to call, until interrupted",
		},
	}
}

// fileVerbs work on files.
func fileVerbs() []verb {
	return []verb{
		{
			name: "config check", subcommand: configCheckCmd{},
			help: "Tell whether a configuration can be used, and what it means with every default",
		},
		{name: "config target", subcommand: configTargetCmd{}, help: "Tell what address a dialled text becomes"},
		{
			name: "sip check", subcommand: sipCheckCmd{},
			help: "Tell what is wrong with SIP messages, and what the phone would answer",
		},
	}
}

// accountVerbs are about stored accounts, and which one dials.
func accountVerbs() []verb {
	return []verb{
		{
			name: "account", group: groupAccount, args: []argument{{name: "NAME", offer: order.accountNames}},
			help: "Dial with another account", do: order.choose,
		},
		{name: "account add", subcommand: accountAddCmd{}, help: "Store an account"},
		{name: "account list", subcommand: accountListCmd{}, help: "List the stored accounts"},
		{
			name: "account export", subcommand: accountExportCmd{},
			help: "Write a stored account's configuration for JsSIP, without passwords and instance_id " +
				"unless they are asked for",
		},
		{name: "account remove", subcommand: accountRemoveCmd{}, help: "Remove a stored account and its password"},
	}
}

// registrationVerbs are about connecting and registering.
func registrationVerbs() []verb {
	return []verb{
		{
			name: "retry", group: groupAccount, help: "Connect again at once, without waiting for the next attempt",
			do: func(o order) { o.phone.Retry("") },
		},
		{
			name: "check", group: groupAccount, do: order.check,
			help: "Check step by step whether the account that dials gets through to its servers",
		},
		{
			name: "password", group: groupAccount, args: []argument{{name: "FILE", optional: true, offer: order.files}},
			help: "Give the account that dials its password, for this session: asked for, or the first line of a file",
			do:   order.password, unrecorded: true,
		},
		{
			name: "accept login", group: groupAccount,
			help: "Let the server ask for the password in a weaker way than before",
			do:   func(o order) { o.phone.AcceptLogin(o.state.Account) },
		},
		{
			name: "allow", group: groupAccount, args: []argument{{name: "NAME", offer: order.realms}},
			help: "Let somebody else ask for the account's password, by the name that a notice tells",
			do:   func(o order) { o.phone.AllowRealm(o.state.Account, o.args[0]) },
		},
		{
			name: "bindings", group: groupAccount,
			help: "List the devices that are registered for the accounts' addresses",
			do:   func(o order) { o.screen.lines(bindingLines(o.state)) },
		},
		{
			name: "sign-out-everywhere", group: groupAccount, help: "Remove the registrations of all other devices",
			do: func(o order) { o.phone.UnregisterAll("") },
		},
	}
}

// deviceVerbs are about sound devices and the desktop.
func deviceVerbs() []verb {
	microphones := []argument{{name: "N", offer: order.microphoneNumbers}}
	speakers := []argument{{name: "N", offer: order.speakerNumbers}}
	return []verb{
		{
			name: "devices", group: groupDevices, help: "List the sound devices with their numbers",
			do: func(o order) { o.screen.lines(deviceLines(o.state.Devices)) },
		},
		{
			name: "microphone", group: groupDevices, args: microphones, help: "Choose the microphone",
			do: func(o order) { o.use(account.RoleMicrophone, o.state.Devices.Capture) },
		},
		{
			name: "speaker", group: groupDevices, args: speakers, help: "Choose what calls are heard from",
			do: func(o order) { o.use(account.RoleSpeaker, o.state.Devices.Playback) },
		},
		{
			name: "ringer", group: groupDevices, args: speakers, help: "Choose what rings",
			do: func(o order) { o.use(account.RoleRinger, o.state.Devices.Playback) },
		},
		{
			name: "forget", group: groupDevices,
			args: []argument{{name: "ROLE", offer: func(order) []string { return deviceRoles() }}, {name: "N"}},
			help: "Forget a device that is wanted as microphone, speaker or ringer", do: order.forget,
		},
		{
			name: "sound latency", group: groupDevices, subcommand: latencyCmd{}, do: order.latency,
			help: "Measure how late the microphone hears the loudspeaker, by tones that are played",
		},
		{
			name: "links status", subcommand: linksStatusCmd{},
			help: "Tell who opens tel:, sip:, sips: and callto: links. Exit code 1 unless this Calla opens all",
		},
		{
			name: "links register", subcommand: linksRegisterCmd{},
			help: "Have this Calla open them, for this user, with the profile that is given",
		},
		{
			name: "links unregister", subcommand: linksUnregisterCmd{},
			help: "Have them opened by who opened them before",
		},
		{
			name: "autostart status", subcommand: autostartStatusCmd{},
			help: "Tell whether this Calla starts at log-in. Exit code 1 unless it does",
		},
		{
			name: "autostart on", subcommand: autostartOnCmd{},
			help: "Have it started at log-in, for this user, with the profile that is given",
		},
		{name: "autostart off", subcommand: autostartOffCmd{}, help: "Have it started no longer"},
	}
}

// besideVerbs are about the program.
func besideVerbs() []verb {
	return []verb{
		{
			name: "status", group: groupBesides, do: order.status,
			help: "Tell everything of accounts, connections and calls that engineers want to know",
		},
		{name: "ladder", group: groupBesides, do: order.ladder, help: "Draw the messages of the last call as a ladder"},
		{
			name: "ladder all", group: groupBesides, do: order.wholeLadder,
			help: "Draw the last messages of all calls and accounts",
		},
		{
			name: "try", group: groupBesides,
			help: "Start the built-in server, with robots to call: echo is one",
			do:   order.try,
		},
		{
			name: "help", also: []string{"?"}, group: groupBesides, do: order.tellHelp,
			args:       []argument{{name: "COMMAND", optional: true, offer: order.commandNames}},
			help:       "Tell what the commands are, or what one does",
			subcommand: helpCmd{},
		},
		{name: "quit", also: []string{"exit", "q"}, group: groupBesides, help: "End", do: order.quit},
		{
			name: "completion", subcommand: completionCmd{},
			help: "Print what has bash, zsh or fish complete this command line",
		},
		{
			name: "complete-line", subcommand: completeCmd{}, hidden: true,
			help: "Tell how a command line may go on, one word a line",
		},
		{name: "version", subcommand: versionCmd{}, help: "Show the version"},
	}
}
