package main

// kind is a rule that tests hold, for the cases named in them and for all others of its sort.
type kind struct {
	slug string // what a test's comment says behind "Holds: "
	rule string
}

// kindSets are the kinds in the order of the page.
func kindSets() []struct {
	name, about string
	kinds       []kind
} {
	return []struct {
		name, about string
		kinds       []kind
	}{
		{"Nobody gets in, nothing gets out", "What a caller, a server, a network or a file of somebody else's must " +
			"not be able to do.", []kind{
			{"window-focus", "A window that opens by itself never takes the keyboard; a key typed for another " +
				"program answers nothing, and no click meant for one caller hits another."},
			{"microphone", "A loop-back of the loudspeaker is a microphone only where it was chosen by name; " +
				"without a microphone silence is sent, and said."},
			{"credentials", "Credentials go to the realms that the registrar challenged with or the user named, " +
				"never weaker than there, and to nobody unasked."},
			{"bounded-requests", "Nothing that the network says makes later requests grow or fail."},
			{"bounded-reads", "Every read has a bound, and what was not offered fails the handshake."},
			{"no-clear-text", "No secret is left in clear text on disk: not by a kill, not in a backup, not where " +
				"the keyring was chosen."},
			{"terminal", "What is printed went through one gate: no control or direction character from elsewhere " +
				"reaches the terminal."},
			{"foreign-configuration", "A configuration from elsewhere starts, reads and writes nothing on this " +
				"computer unless the user says so."},
			{"dialled-headers", "Headers in a dialled, transferred or redirected address are not sent."},
			{"strangers", "A stranger's news is refused, a weak key too; an echoed credential is masked; a short " +
				"expiry makes no flood."},
			{"dependencies", "No finding of the vulnerability database can be reached."},
		}},
		{"Nothing untrue is said", "What is shown is what happened.", []kind{
			{"kept-secrets", "Where a secret is kept is said as it is, whatever the keyring does; what could not be " +
				"kept is asked about."},
			{"call-again", "What ended remembers the whole address and the account; calling again calls the same " +
				"person."},
			{"told-refusals", "A command that is refused says so where it was given, and what was typed stays."},
			{"who-ended", "Who ended a call, and why, is what happened: the far end, the server, a colleague, the " +
				"answer, or the user."},
			{"true-quality", "The verdict on quality counts delay; held time and silence are no loss."},
			{"problems-and-wizard", "A problem says what to do in the state it is in, and its button opens what it " +
				"means; the wizard is ready when it is."},
			{"account-file", "A damaged file is named with line and reason, kept, and has a way out; backups are " +
				"not lost by saves that fail."},
			{"promised-times", "A promise of a time is kept."},
			{"export", "An export carries no secret and no instance ID unless it was asked to."},
		}},
		{"Texts people paste", "What is pasted, dialled or clicked elsewhere.", []kind{
			{"dialled-text", "A dialled text becomes one number or address, digits for later, or a refusal in " +
				"words; two are never joined."},
			{"pasted-configuration", "A pasted configuration is read, not run, wherever in a page or script it " +
				"stands; what is missing is named with its place."},
			{"handed-over", "A second start and every link reach the phone that runs."},
		}},
		{"Calls that should work", "With every PBX, gateway and browser, and over every outage of what is " +
			"between them.", []kind{
			{"ice-restart", "A lost path or a changed address costs a new path and nothing else: ICE restarts inside " +
				"the same connection, and the encryption that was agreed on goes on, whichever end began."},
			{"late-answers", "A far end that answers the connectivity checks late is heard as soon as it does."},
			{"media-encryption", "What can never be encrypted is refused at once, with the reason, and what does not " +
				"become encrypted ends; no sound goes out in clear."},
			{"offer-continuity", "A later offer or answer carries on what was agreed on: lines, their order, their " +
				"names and their numbers."},
			{"own-direction", "The direction that is offered is our wish alone; what the far end wishes never " +
				"becomes ours."},
			{"accepted-descriptions", "A description is refused for what a call cannot do without, and for nothing " +
				"else."},
			{"lenient-messages", "A message is lost for what is needed to act on it, and for no other field; where " +
				"reading it leniently would choose whom to trust, to call or to pay, it is refused."},
			{"relay-only", "Who wants relays alone gets them or is told what is wrong with the relay; nothing goes " +
				"out without a candidate."},
			{"asserted-identity", "Who the network says is at the far end is shown, during the call too, where that " +
				"network is believed."},
			{"sound-returns", "A sound system that went away and is back is taken up again, in the call."},
			{"ends-on-its-own", "What nobody else can end ends by itself, in bounded time, and the far end and the " +
				"registrar are told."},
			{"call-found-again", "A connection that was cut while a call was being made, or answered, finds the call " +
				"again or ends it."},
			{"bounded-refusals", "What a refused caller leaves undone takes no room from the calls there are."},
			{"old-addresses", "Where a name cannot be looked up, the address it had last is tried."},
			{"faults", "The faults that were injected into a running call, each with what has to come of it."},
		}},
	}
}

// awaited names the kinds whose tests are still being written.
func awaited() []string {
	return []string{
		"ice-restart", "late-answers", "media-encryption", "offer-continuity", "own-direction",
		"accepted-descriptions", "lenient-messages", "relay-only", "asserted-identity", "sound-returns",
		"ends-on-its-own", "faults",
	}
}

// attack is a class of past vulnerabilities. Its number is that of the list it is kept in.
type attack struct {
	number  int
	class   string
	without string // why it has no test; "" for one that has
}

func attacks() []attack {
	return []attack{
		{1, "missing mandatory header fields", ""},
		{2, "other URIs where a SIP URI is expected", ""},
		{3, "line breaks and header fields injected into what is sent", ""},
		{4, "huge, negative and contradicting Content-Length", ""},
		{5, "lengths, fragments and floods of the WebSocket", ""},
		{6, "oversized session descriptions", ""},
		{7, "integers beyond their bounds", ""},
		{8, "floods of header fields", ""},
		{9, "hostile answers of a registrar", ""},
		{10, "redirection by the server", ""},
		{11, "fishing for digests inside calls", ""},
		{12, "weaker digests than before", ""},
		{13, "clear text and bad certificates", ""},
		{14, "media without encryption", ""},
		{15, "injected and flooded RTP", ""},
		{16, "unsolicited NOTIFY, MESSAGE, INFO, SUBSCRIBE, PUBLISH and OPTIONS", ""},
		{17, "REFER to costly numbers", ""},
		{18, "floods of INVITEs and transactions that never end", ""},
		{19, "texts that look like something else", ""},
		{20, "format strings and paths in names", ""},
		{21, "secrets in logs and crashes", ""},
		{22, "addresses given away by ICE", ""},
		{23, "hostile STUN and TURN servers", ""},
		{24, "forged DNS", ""},
		{25, "forks, failures and hang-ups at the same instant", ""},
		{26, "early media and addresses to fetch", ""},
		{27, "links, command lines and second starts", ""},
		{28, "known vulnerabilities of what the program is made of", ""},
	}
}
