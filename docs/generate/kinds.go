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
