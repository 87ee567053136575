// Package layers is the plan of the house: which rooms there are, what is in each, and which other rooms it knows. A
// test holds the packages to it, and the table of docs/architecture.md is made from it.
package layers

// Room is a package of the program.
type Room struct {
	Name  string   // its folder; "" is the program's own, main
	What  string   // what is in it, for the table; in Markdown
	Knows []string // rooms it imports, all of them and no other
}

// Plan lists the rooms as the table shows them.
func Plan() []Room {
	return []Room{
		{"", "the program: command line → accounts → phone → window; `-tags headless` leaves the window out", []string{
			"audio", "audio/malgo", "audio/opus", "audio/slack", "icons", "phone", "phone/cause", "ui", "ui/console",
			"ui/display",
		}},

		{"account", "accounts on disk with backups, secrets in the keyring, settings", []string{"netsip/config"}},
		{
			"account/jssip", "JsSIP's language: pasted configurations parsed (never run), checked, exported",
			[]string{"netsip/config"},
		},

		{"netsip/sip", "messages as pure functions: parse, write, URIs, header fields", nil},
		{
			"netsip/config", "`Config`, the list of all parameters with label, help and effect; `Secret`; dialled " +
				"text → address",
			[]string{"netsip/sip"},
		},
		{"netsip/config/configtest", "what tests of configurations need", []string{"netsip/config"}},
		{"netsip/loop", "the one goroutine that owns signalling, its timers, and work beside it", nil},
		{
			"netsip/trace", "the last messages that went over the wire, in a ring, and whoever reads them: log, " +
				"console, ladder",
			nil,
		},
		{"netsip/ladder", "call flows drawn as text, from what a trace has", []string{"netsip/sip"}},
		{"netsip/event", "event bodies: message-summary, dialog-info, presence, sipfrag", []string{"netsip/sip"}},
		{
			"netsip/ws", "one SIP WebSocket: dial, proxy, trust, flow, keep-alive, how it ended",
			[]string{"netsip/config", "netsip/loop", "netsip/sip"},
		},
		{"netsip/ws/wstest", "names that tests can look up, or not", nil},
		{
			"netsip", "the user agent: servers, connection, transactions, dialogs, registration, sessions",
			[]string{"netsip/config", "netsip/event", "netsip/loop", "netsip/sip", "netsip/trace", "netsip/ws"},
		},
		{
			"netsip/rtc", "offers and answers, ICE, DTLS-SRTP, RTP, DTMF events (RFC 4733), statistics",
			[]string{"netsip"},
		},
		{
			"netsip/sandbox", "a SIP WebSocket server in the program: registrar, proxy, faults on demand",
			[]string{"netsip/sip"},
		},

		{
			"audio", "rings, codecs, jitter buffer, capture, sender, receiver, mixing, tones, recordings",
			[]string{"audio/dsp"},
		},
		{"audio/dsp", "filters, resamplers, spectra, echo canceller, noise suppression, gain, voice activity", nil},
		{
			"audio/soundfile", "the sound files that users choose, by how they begin, read within bounds",
			[]string{"audio", "audio/dsp"},
		},
		{
			"audio/latency", "how late a microphone hears a loudspeaker, measured by sweeps of tone",
			[]string{"audio", "audio/dsp"},
		},
		{"audio/malgo", "sound hardware by miniaudio", []string{"audio", "audio/pulse"}},
		{"audio/slack", "lets the kernel end the program's waits a little late: it wakes seldom", nil},
		{"audio/pulse", "news of PulseAudio's devices", nil},
		{"audio/opus", "libopus, found at run time", []string{"audio"}},
		{
			"audio/audiotest", "simulated sound hardware, rooms, voices, and how well they are understood",
			[]string{"audio", "audio/dsp"},
		},

		{"phone", "the controller: accounts, calls, sound, devices, State", []string{
			"account", "audio", "audio/latency", "audio/soundfile", "netsip", "netsip/config", "netsip/event",
			"netsip/loop", "netsip/rtc", "netsip/sip", "netsip/trace", "netsip/ws", "phone/callers", "phone/cause",
			"phone/contacts", "phone/doctor", "phone/journal", "phone/logs", "phone/safe",
		}},
		{"phone/cause", "what happened and why, as facts: each kind has a stable name, and arguments", nil},
		{
			"phone/callers", "which callers an entry means, of the block list and of who may ring through",
			[]string{"netsip/config", "netsip/sip"},
		},
		{
			"phone/contacts", "whom one calls: contacts, what makes two of them the same, vCards and tables in and out",
			[]string{"netsip/config", "netsip/sip", "phone/cause", "phone/safe"},
		},
		{"phone/words", "all sentences for people: causes told in a language", []string{"phone/cause"}},
		{
			"phone/doctor", "the connection checks step by step, and the causes of what fails on the way to a server",
			[]string{"netsip", "netsip/config", "netsip/loop", "netsip/rtc", "netsip/ws", "phone/cause", "phone/safe"},
		},
		{"phone/logs", "log files and log commands", []string{"phone/safe"}},
		{"phone/safe", "what of others' texts is fit to be shown: characters, lines, texts", nil},
		{"phone/system", "what happens to the computer: another network, it woke up", nil},
		{"phone/xdg", "what desktops by freedesktop.org keep in files: desktop entries, who opens what", nil},
		{
			"phone/journal", "calls, contacts and messages kept in a file of SQLite, and found again",
			[]string{"netsip/config", "phone/cause", "phone/contacts"},
		},
		{"phone/links", "has the desktop open `tel:`, `sip:`, `sips:` and `callto:` links with Calla, and gives " +
			"them back", []string{"phone/xdg"}},
		{"phone/autostart", "has the computer start Calla at log-in, and takes it back", []string{"phone/xdg"}},
		{
			"phone/instance", "one running program for each profile: what a second start was given goes to the first",
			nil,
		},
		{
			"phone/robots", "callees at the sandbox: echo, tone, busy, noanswer, hold, transfer, forward, message",
			[]string{"audio", "netsip", "netsip/config", "netsip/loop", "netsip/rtc", "netsip/sip", "phone/cause"},
		},

		{"icons", "the program's pictures", nil},
		{
			"ui/desktop", "Calla on the desktop beside its windows: notifications, the tray",
			[]string{"phone", "phone/cause", "phone/safe", "phone/words"},
		},
		{"ui/display", "whether there is something to open a window on", []string{"phone/cause"}},
		{"ui", "the window", []string{
			"account", "icons", "netsip/config", "netsip/loop", "phone", "phone/autostart", "phone/cause",
			"phone/doctor",
			"phone/journal", "phone/links", "phone/safe", "ui/checks", "ui/contacts", "ui/desktop", "ui/exchange",
			"ui/form", "ui/history", "ui/layout", "ui/messages", "ui/suggest", "ui/tell", "ui/widget",
		}},
		{"ui/contacts", "the pages for whom one calls: list, card and form, imports and exports", []string{
			"account", "netsip/config", "phone", "phone/cause", "phone/contacts", "phone/journal", "phone/safe",
			"ui/layout", "ui/tell", "ui/widget",
		}},
		{"ui/suggest", "whom a text may mean that is typed for a person, below its field", []string{
			"phone/journal", "ui/layout", "ui/tell", "ui/widget",
		}},
		{"ui/history", "the calls that are over: a list, and the details of one", []string{
			"account", "phone", "phone/cause", "phone/journal", "ui/layout", "ui/tell", "ui/widget",
		}},
		{"ui/form", "the form of an account: a field for each parameter", []string{
			"account", "netsip/config", "phone", "phone/cause", "phone/journal", "ui/checks", "ui/layout", "ui/suggest",
			"ui/tell", "ui/widget",
		}},
		{"ui/messages", "what is written: the conversations, and one of them", []string{
			"phone", "phone/cause", "phone/journal", "ui/layout", "ui/suggest", "ui/tell", "ui/widget",
		}},
		{"ui/exchange", "import and export of configurations", []string{
			"account", "account/jssip", "netsip/config", "phone/cause", "ui/layout", "ui/tell", "ui/widget",
		}},
		{"ui/checks", "the steps of a connectivity check", []string{
			"account", "phone/cause", "phone/doctor", "ui/layout", "ui/tell", "ui/widget",
		}},
		{
			"ui/tell", "what facts are called in the window, and how others' texts are shown there",
			[]string{
				"account", "account/jssip", "netsip/config", "phone", "phone/cause", "phone/safe", "phone/words",
				"ui/widget",
			},
		},
		{"ui/layout", "columns, rows, margins, pages that scroll", []string{"ui/widget"}},
		{"ui/widget", "what the window is drawn with: the look, buttons, fields, paragraphs, marks", []string{
			"icons", "phone/cause", "phone/words",
		}},
		{"ui/console", "the subcommands and the text phone", []string{
			"account", "account/jssip", "audio", "netsip", "netsip/config", "netsip/event", "netsip/loop", "netsip/rtc",
			"netsip/sandbox", "netsip/sip", "netsip/ladder", "netsip/trace", "phone",
			"phone/cause", "phone/contacts", "phone/doctor",
			"phone/autostart", "phone/instance", "phone/journal", "phone/links", "phone/robots", "phone/safe",
			"phone/system", "phone/words",
		}},
	}
}

// Outside says what of others is bound to rooms: a prefix of import paths, and who may import it.
func Outside() map[string][]string {
	return map[string][]string{
		"fyne.io/fyne/": {
			"ui", "ui/checks", "ui/contacts", "ui/exchange", "ui/form", "ui/history", "ui/layout", "ui/messages",
			"ui/suggest", "ui/widget", "",
		},
		"fyne.io/systray":               {"ui/desktop"},                 // the tray, without the toolkit
		"github.com/pion/":              {"netsip/rtc", "phone/doctor"}, // doctor speaks STUN and TURN
		"github.com/gorilla/websocket":  {"netsip/ws", "netsip/sandbox"},
		"github.com/gen2brain/malgo":    {"audio/malgo"},
		"github.com/jfreymuth/pulse":    {"audio/pulse"},
		"github.com/go-gl/":             {"ui"}, // hints that Fyne leaves as they are
		"github.com/jezek/xgb":          {"ui"},
		"github.com/zalando/go-keyring": {"account"},
		"github.com/tdewolff/parse":     {"account/jssip"},
		"gopkg.in/natefinch/lumberjack": {"phone/logs"},
		"github.com/clipperhouse/uax29": {"ui/widget"}, // what a person counts as a character
		"modernc.org/":                  {"phone/journal"},
		"golang.org/x/term":             {"ui/console"},
		"golang.org/x/text/":            {"phone/contacts", "phone/journal"},
		"github.com/emersion/go-vcard":  {"phone/contacts"},
		"github.com/alecthomas/kong":    {"ui/console"},
		"github.com/mewkiz/flac":        {"audio/soundfile"},
	}
}
