package console

import "github.com/alecthomas/kong"

// helps are what subcommands and flags are for, and what they may be set to, where that is too long for the line of
// their field: by the name that stands there in its place.
func helps() kong.Vars {
	return kong.Vars{
		"levels": "off,error,warn,info,debug",
		"places": "keyring,session,file",

		"config":        "Configuration written for JsSIP, JSON or JavaScript; - is standard input.",
		"account":       "Stored account: its ID, label or address. Without this and --config: the first one.",
		"password_file": "Read the password from the first line of a file; - is standard input.",
		"trust_config": "Let the configuration run its log_command on this computer and use the files it names " +
			"(log_file, client_certificate, client_key, tls_ca). Without it these are left out.",
		"secret":           "Where to keep the password",
		"session":          "session keeps it nowhere: it will be asked for.",
		"with_instance_id": "Include instance_id: with the same one, two phones are one to the server.",

		"call_duration": "Hang up this long after the answer. Without it: when the other side does, or when " +
			"interrupted.",
		"codec": "Offer and accept only these codecs, best first, such as opus,PCMU.",
		"sound": "Use microphone and loudspeaker. Without it nothing is played, and silence, --tone or --play is " +
			"sent.",
		"dtmf":      "Send these digits a second after the answer; a comma waits two seconds.",
		"call_wait": "Give up when no call has come after this long. Without it: when interrupted.",

		"config_file": "JSON, JavaScript, TypeScript, a page, or whatever else has a configuration in it; - is " +
			"standard input.",
		"target_uri":  "Address of the account that dials: where a text without a domain belongs to.",
		"target_rule": "A dial rule to follow, such as '+ -> 00'; may be given several times.",

		"contacts_file": "A file of vCards, or a table with commas, semicolons, tabs or bars; - is the standard " +
			"input.",
		"code_page":     "What the file is written in, where it is neither UTF-8, UTF-16 nor Windows-1252.",
		"contact_meant": "The number that list shows, the whole name, or an address of the contact.",
		"hold_music": "Let the other end hear a sound file while the call is on hold: WAV, FLAC, MP3, Ogg Vorbis or " +
			"Opus, up to 10 minutes.",
		"contact_ringtone": "Ring with a sound file, none (not at all), calla (Calla's own tone), or as the account " +
			"has it.",
		"contact_answer": "Answer by itself after so many seconds, never, or as the account does. Whoever calls from " +
			"one of the contact's addresses hears what the microphone hears.",
		"contact_record": "Record calls from their answer on (yes), never (no), or as the account does.",
		"delimiter":      "What parts the fields of a table, where it is another sign: one character.",

		"accept":       "Media type to accept; may be given several times. Without it: the package's own.",
		"notify_count": "End after so many notifications. 0: after --duration, or when interrupted.",
		"published_files": "What to publish; - is standard input. Of several, each takes the place of the one " +
			"before.",
		"published_type": "Media type of what is published",
		"published_for": "Keep each file up this long before the next, or before taking it back. Without it: at " +
			"once.",

		"message_count": "End after so many messages",
		"messages_text": "Name, number in any spelling, or what was said. Without it: the last messages.",

		"dial": "Number, address or link to put into the number field. It is not called, unless it is a link and " +
			"the settings say so.",

		"sandbox_user": "Users beside the robots; passwords are drawn and printed.",
		"sandbox_fault": "Do something wrong on purpose, by name; 'list' prints the names. May be given several " +
			"times.",

		"sip_files": "One message each, as it would stand in a WebSocket frame; - is standard input.",

		"header":         "Put a header field into the INVITE; may be given several times.",
		"redirect":       "Call whom the far end names in its place, or not",
		"transfer_to":    "Transfer the call without asking there first.",
		"ask_first":      "Hold the call, call this one, and connect the two.",
		"transfer_after": "Do either this long after the answer",
		"ask_for":        "Talk for this long with the one who is asked first, before connecting the two",
		"transfer":       "Call whom the far end asks to call in its place, or not",
	}
}
