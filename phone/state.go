package phone

import (
	"slices"
	"time"

	"calla/account"
	"calla/netsip/rtc"
	"calla/phone/cause"
	"calla/phone/contacts"
	"calla/phone/journal"
)

// State is everything there is to show, at one instant: an immutable value, published after every
// change. The window, the console and other readers draw from it and keep nothing of their own.
type State struct {
	Serial   uint64         // grows with each publication
	Accounts []AccountState // in the order of the account file
	Account  string         // ID of the account that dials; "" when there is none
	// live calls, oldest first; those with the sound are Active: at most one, or of the conference
	Calls []CallState
	// the IDs of the calls that hear each other, the first one first: none, or two at least. Those of them that have
	// the sound are Active, those on hold Held
	Conference []string
	// the call that ended last, until dismissed, replaced or too old (5 s; 30 s where it offers others to call)
	Ended *EndedCall
	// the last calls that ended, in that order: several may between two publications, or another one begin; see
	// EndsAfter
	Ends []EndedCall
	// the last calls that came in and did not ring: Blocked, or Missed because of DoNotDisturb or NoLineHere
	TurnedAway   []EndedCall
	DoNotDisturb account.DoNotDisturb // as it is now; off once its time is over

	Referrals []Referral    // far ends that ask us to call somebody else, oldest first
	Messages  MessageCounts // what they are is asked for: see MessageReader

	// Journal counts what is kept; what the rows say is asked for: see Phone.Journal
	Journal journal.Counts

	Refusal *Refusal // the command that was refused last, until another is done; nil = none

	Devices DeviceState
	Notices []Notice // things to tell the user, oldest first, until dismissed or no longer true
}

// RegistrationStatus is the one word for an account. Every status but StatusFailed changes by itself.
//
//	Off ──enable──▶ Connecting ──socket──▶ Registering ──200──▶ Registered
//	                    ▲  │ failed             │ failed            │ lost
//	                    │  ▼                    ▼                   │
//	                    └─ Retrying ◀───────────┴───────────────────┘
//	                       (wrong password, unknown user: Failed, until edited)
type RegistrationStatus int

// The statuses an account can have.
const (
	StatusOff         RegistrationStatus = iota // disabled by the user
	StatusConnecting                            // dialling the server
	StatusRegistering                           // connected, REGISTER sent
	StatusRegistered
	StatusConnected  // connected; the account does not register (register: false)
	StatusRetrying   // waits until RetryAt
	StatusFailed     // stopped: needs the user
	StatusNoPassword // waits for a password: the keyring has none or cannot be reached
)

// AccountState is one account as shown.
type AccountState struct {
	ID           string
	Label        string
	Address      string // alice@example.com
	DisplayName  string
	Sandbox      bool    // the built-in try-out server
	Robots       []Robot // who can be called there; none at any other server
	Status       RegistrationStatus
	Standing     cause.Cause   // Status in full: registered, wrong-password, …
	Problem      *cause.Cause  // nil when all is well
	RetryAt      time.Time     // zero unless Status is StatusRetrying
	Server       string        // WebSocket address in use
	Servers      []ServerState // all of them, heaviest first
	RegisterTime time.Duration // start of dialling to 200, of the last registration
	Expires      time.Duration
	SecretKept   account.SecretPlace // where the password is kept, or was
	SecretAtHand bool                // it has been read from there
	Voicemail    *Voicemail          // nil while the server tells none
	Bindings     []Binding           // devices registered for the address, as the server listed them last
	Does         []cause.Cause       // with calls by itself: ForwardAlways, …, AnswersItself
	Connection   Connection          // for engineers
}

// Robot is somebody at the built-in try-out server who answers by itself.
type Robot struct {
	Name   string     // its number
	Does   cause.Kind // what it does, in a line
	Sounds cause.Kind // what whoever is connected with it hears; "" where nobody is
}

// Connection is what engineers want to know of an account's connection and registration.
type Connection struct {
	Since         time.Time // since when Server is connected; zero while none is
	Left          *LeftServer
	Attempts      int    // to connect, failed since the last success
	PublicGRUU    string // RFC 5627; "" = none given
	TemporaryGRUU string
	ServiceRoutes []string // RFC 3608, in the order in which they are travelled
}

// LeftServer is the server that was left last, and why.
type LeftServer struct {
	Server string       // WebSocket address
	Cause  *cause.Cause // why; nil = it is not known
	At     time.Time
}

// Voicemail is how many messages a mailbox holds (RFC 3842).
type Voicemail struct {
	New, Old int
}

// Binding is one device registered for an account's address.
type Binding struct {
	Address string    // its contact
	Expires time.Time // zero where the server does not tell
	Own     bool      // this program's
}

// Cause is the binding as it is told at a time.
func (b Binding) Cause(now time.Time) cause.Cause {
	c := cause.Cause{Kind: cause.AnotherDevice}
	if b.Own {
		c.Kind = cause.ThisDevice
	}
	if !b.Expires.IsZero() {
		c.After = max(b.Expires.Sub(now), 0)
	}
	return c
}

// ServerState is one WebSocket server of an account.
type ServerState struct {
	URL       string
	Weight    float64
	Connected bool
	Failed    bool
	// server-connected, with how long a message takes there and back, server-failed, server-standby
	Cause cause.Cause

	Failures    int       // in a row
	LastErrorAt time.Time // zero if there was none
	NextTry     time.Time // not tried again before; zero when nothing is waited for
}

// Phase is where a call stands.
//
//	PhaseCalling ─▶ PhaseRinging ─▶ PhaseEstablished ─▶ (Ended)
//	PhaseIncoming ─▶ PhaseAnswering ─▶ PhaseEstablished
//	any ─▶ PhaseEnding ─▶ (Ended)
type Phase int

// The phases of a call.
const (
	PhaseCalling     Phase = iota // INVITE on its way
	PhaseRinging                  // the far end rings (or plays early media)
	PhaseIncoming                 // we ring
	PhaseAnswering                // answered here, not yet confirmed
	PhaseEstablished              // talking
	PhaseEnding                   // hung up here, the far end has not confirmed
)

// CallState is one live call as shown.
type CallState struct {
	ID        string
	AccountID string
	Account   string // label of the account
	Incoming  bool
	Phase     Phase
	Name      string       // the user's own for it, else what it calls itself, or ""; one safe line
	Known     bool         // Name is that of a contact of the user's, who has the address
	Finding   bool         // it is being found out whether a contact has the address: until then no Name, and no bell
	Own       contacts.Own // what the contact has of its own for its calls
	Claims    string       // what it calls itself where that looks like a contact, or a number, that it is not; "" else
	Address   string       // number or SIP address; always shown
	Before    string       // who it was first, in one line, where the network has since named another; "" else
	URI       string       // of the far end in full, for Redial; "" where it cannot be called, as it is hidden
	Started   time.Time
	Connected time.Time // zero until established
	AnswerBy  time.Time // when ringing gives up; zero if never
	Silenced  bool      // the user does not want to hear it ring (Ignore)
	AnswersAt time.Time // when it is answered by itself; zero if it is not
	ByItself  bool      // it was answered so
	Muted     bool
	// MutedTalking tells that it is muted and somebody talks into the microphone: for a second of the last two, until
	// there has been nothing for three.
	MutedTalking bool

	Active     bool // has the microphone and the loudspeaker, or will once it is connected
	Held       bool // we hold it: neither end hears the other, though the far end may hear music
	Holding    bool // the far end has not yet confirmed the change of Held
	RemoteHeld bool // the far end put us on hold
	Waiting    bool // incoming while another call is up: told by a tone, not by the ringer

	ConsultFor string         // ID of the held call that this one was made for (AskFirst); "" for none
	Transfer   *TransferState // how its transfer goes; nil when none was asked for

	Recording *RecordingState // nil while it is not recorded; of a conference one call has it for all

	EarlyMedia bool       // while PhaseRinging: the far end sends its own ringing or announcement
	Digits     string     // DTMF sent so far
	PostDial   PostDial   // digits that are still to be sent
	After      string     // digits that were dialled behind the number, sent or not, as in PostDial
	ByInfo     bool       // the digits go as SIP INFO: the far end takes none in the sound
	Heard      string     // DTMF received so far
	Sounds     cause.Kind // what a robot of the try-out server has the user hear; "" with anybody else
	Secure     bool       // signalling over TLS (wss)
	Encrypted  bool       // media: DTLS-SRTP is up
	Codec      string     // "opus", "PCMU"; "" until known
	Quality    Quality
	Problem    *cause.Cause // no-microphone, reconnecting, …; nil when all is well
	// Remarks are the TURN servers that give the call no relay: it goes on without them.
	Remarks []cause.Cause
}

// TransferState is how handing a call over goes.
type TransferState struct {
	To     string      // name or address
	Cause  cause.Cause // how far it is, or why it failed
	Done   bool        // the far end said so
	Failed bool        // the call is back as it was before
}

// RecordingState is a recording that goes on.
type RecordingState struct {
	File   string // path
	Since  time.Time
	Paused bool // what is said now is left out
}

// Referral is a far end that asks us to call somebody else in its place. It is declined at Until.
type Referral struct {
	ID      string
	CallID  string // the call it is about
	From    string // who asks, one safe line
	Name    string // of whom to call, "" when it is not told
	Address string
	Until   time.Time
}

// RedirectTarget is somebody whom the far end names in its place.
type RedirectTarget struct {
	Name    string // "" when it is not told
	Address string // number or SIP address
	URI     string // in full, for CallRedirect
}

// Message is one text of a conversation, which is an account and a party (RFC 3428).
type Message struct {
	ID        int64 // grows with time
	AccountID string
	Incoming  bool
	Party     string // the other side in one spelling
	Name      string // of the other side: the contact's that has the address; "" where none has
	Finding   bool   // it is being found out whether a contact has the address: until then there is no Name
	Claims    string // what the other side calls itself, where it is no contact; not to be believed
	Address   string // of the other side
	URI       string // of the other side in full, for Reply and Redial; "" where it cannot be reached
	Text      string // safe to show; may have several lines
	At        time.Time
	Settled   time.Time     // when it was known what became of an outgoing one; zero before
	Unread    bool          // incoming and not marked read
	Status    MessageStatus // of an outgoing one
	Cause     *cause.Cause  // why it failed
	Kept      bool          // it is on disk
}

// MessageStatus tells whether a message has arrived. Its values are those of journal.Delivery.
type MessageStatus int

// The statuses of a message; an incoming one is MessageSent.
const (
	MessageSending MessageStatus = iota
	MessageSent
	MessageFailed
	MessageUnknown // the program ended before it was known
)

// Quality is the figures of a call's media.
type Quality struct {
	Known         bool
	PacketsSent   uint64
	Packets       uint64        // received
	Lost          uint64        // on the way to us
	Rescued       uint64        // of those, heard all the same, for the frame came again (RFC 2198)
	LossPercent   float64       // received side, of what had to come: not while the call is held
	Jitter        time.Duration // inter-arrival
	RoundTrip     time.Duration // 0 unknown
	BufferDelay   time.Duration // jitter buffer now
	BufferWait    time.Duration // what packets waited in it, in the mean of the call, as browsers tell theirs
	SetupTime     time.Duration // click (or answer) to established
	InviteDelay   time.Duration // click to INVITE on the wire (or answer to 200)
	RingingTime   time.Duration // click to the far end's ringing; 0 if it did not ring
	MediaTime     time.Duration // click to first received packet
	ConcealedFrac float64       // share of sound made up
	Lately        Lately
	FarEnd        rtc.VoiceMetrics // how the far end says that it hears us, where it does (RFC 3611)
}

// Lately is what is heard now: the last seconds of a call, whatever it was before.
type Lately struct {
	LossPercent   float64 // without what was rescued
	ConcealedFrac float64
}

// Progress is a tone that tells the caller how the call goes (ITU-T E.180).
type Progress int

// The tones.
const (
	ProgressNone Progress = iota
	ProgressRingback
	ProgressBusy
	ProgressCongestion
)

// EndedCall is how a call ended.
type EndedCall struct {
	CallID    string
	AccountID string
	Account   string // label of the account, as it was then
	Incoming  bool
	Name      string // as CallState's, like the two that follow
	Known     bool
	Claims    string
	Address   string
	Before    string      // as CallState.Before
	URI       string      // of the far end in full, for Redial; "" where it cannot be called back
	After     string      // digits that were dialled behind the number, for Redial; "" = none
	Elsewhere bool        // another phone of the address took or refused the call: it is not missed
	Cause     cause.Cause // busy, declined-there, hung-up-here, …
	Tone      Progress    // what the caller hears while the card is shown
	Quality   Quality     // the last figures of its media
	Code      int         // SIP status, 0 if none
	Recording string      // path of the file that it was being recorded in when it ended; "" = none
	Duration  time.Duration
	At        time.Time
	Redirect  []RedirectTarget // whom the far end wants called instead, the likeliest first
}

// mostEnds is how many ends of calls a State has: more than come between two publications.
const mostEnds = 16

// withEnd is ends with that of one more call. Like amended it changes nothing: States have ends.
func withEnd(ends []EndedCall, e EndedCall) []EndedCall {
	ends = append(slices.Clone(ends), e)
	return ends[max(0, len(ends)-mostEnds):]
}

// amended is ends with what has been found out about one of them since, if that is still there.
func amended(ends []EndedCall, e EndedCall) []EndedCall {
	ends = slices.Clone(ends)
	for i := range ends {
		if ends[i].CallID == e.CallID {
			ends[i] = e
		}
	}
	return ends
}

// EndsAfter are those of State.Ends or State.TurnedAway that came after the end of a call: what is new for who has seen
// that one last. "" is all.
func EndsAfter(ends []EndedCall, callID string) []EndedCall {
	return ends[slices.IndexFunc(ends, func(e EndedCall) bool { return e.CallID == callID })+1:]
}

// DeviceState is the sound devices and the choice made.
type DeviceState struct {
	Capture  []account.DeviceChoice // present now; the first entry is "follow the system"
	Playback []account.DeviceChoice
	// names of the devices that are used where the system is followed; "" where it has no name or there is none
	CaptureDefault, PlaybackDefault string

	Settings account.Devices // what the user chose
	Cleaning CleaningState   // of the microphone's sound
	Problem  *cause.Cause    // nil when all is well
	Opus     bool            // libopus was found
	Volume   int             // of the ringtone, percent
}

// Notice is a thing to tell the user once.
type Notice struct {
	ID        string
	Cause     cause.Cause
	AccountID string // the account concerned; "" = the one that dials
	Realm     string // of ActionAllowRealm, see AllowRealm
}
