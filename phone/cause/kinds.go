package cause

// How an account stands, in short.
const (
	Off                 Kind = "off"
	SigningOff          Kind = "signing-off"
	Connecting          Kind = "connecting"
	ReconnectingAccount Kind = "reconnecting-account"
	WaitingForPassword  Kind = "waiting-for-password"
	Registering         Kind = "registering"
	Registered          Kind = "registered"
	Connected           Kind = "connected"
	NotRegistered       Kind = "not-registered"
	CallGoesOn          Kind = "call-goes-on"
)

// Servers of an account, each in a row of its own.
const (
	ServerConnected Kind = "server-connected"
	ServerFailed    Kind = "server-failed"
	ServerStandby   Kind = "server-standby"
)

// Devices that are registered for an address.
const (
	ThisDevice    Kind = "this-device"
	AnotherDevice Kind = "another-device"
)

// Connecting and registering.
const (
	PasswordNeeded       Kind = "password-needed"
	WrongSetting         Kind = "wrong-setting"
	AccountUnusable      Kind = "account-unusable"
	RegisterNoAnswer     Kind = "register-no-answer"
	ConnectionLost       Kind = "connection-lost"
	PreferredServerBack  Kind = "preferred-server-back"
	RegistrationTooBrief Kind = "registration-too-brief"
	RegistrationNotKept  Kind = "registration-not-kept"
	WrongPassword        Kind = "wrong-password"
	ForeignRealm         Kind = "foreign-realm"
	ChallengeTooLong     Kind = "challenge-too-long"
	WeakerLogin          Kind = "weaker-login"
	UnknownLogin         Kind = "unknown-login"
	UnknownUser          Kind = "unknown-user"
	ServerTrouble        Kind = "server-trouble"
	ServerMoved          Kind = "server-moved"
	RegistrationRefused  Kind = "registration-refused"
	ConnectionCut        Kind = "connection-cut"
)

// The way to a server: its name, the proxy, TCP, TLS, and the WebSocket handshake.
const (
	Offline                 Kind = "offline"
	ServerNotFound          Kind = "server-not-found"
	FileUnusable            Kind = "file-unusable"
	ProxyUnreachable        Kind = "proxy-unreachable"
	ProxyWantsPassword      Kind = "proxy-wants-password"
	ProxyRefused            Kind = "proxy-refused"
	NothingListens          Kind = "nothing-listens"
	ServerNoAnswer          Kind = "server-no-answer"
	NoConnection            Kind = "no-connection"
	CertificateWeak         Kind = "certificate-weak"
	CertificateNotYetValid  Kind = "certificate-not-yet-valid"
	CertificateExpired      Kind = "certificate-expired"
	CertificateUntrusted    Kind = "certificate-untrusted"
	CertificateOfAnother    Kind = "certificate-of-another"
	ServerNotEncrypted      Kind = "server-not-encrypted"
	ClientCertificateWanted Kind = "client-certificate-wanted"
	EncryptionTooOld        Kind = "encryption-too-old"
	TLSNoAnswer             Kind = "tls-no-answer"
	TLSFailed               Kind = "tls-failed"
	WebSocketRefused        Kind = "websocket-refused"
	ServerEncrypts          Kind = "server-encrypts"
	SomethingElseAnswered   Kind = "something-else-answered"
	UnofferedExtension      Kind = "unoffered-extension"
	AnswersTooMuch          Kind = "answers-too-much"
	WebServerTrouble        Kind = "web-server-trouble"
	WrongPath               Kind = "wrong-path"
	WebSocketNoAnswer       Kind = "websocket-no-answer"
	NotAWebSocket           Kind = "not-a-websocket"
	NoSIPSubprotocol        Kind = "no-sip-subprotocol"
)

// STUN and TURN servers.
const (
	ICEServerNotFound Kind = "ice-server-not-found"
	TURNRefused       Kind = "turn-refused"
	TURNQuota         Kind = "turn-quota"
	TURNFull          Kind = "turn-full"
	TURNError         Kind = "turn-error"
	ICENoAnswer       Kind = "ice-no-answer"
	ICENotTrusted     Kind = "ice-not-trusted"
	ICEOfAnother      Kind = "ice-of-another"
	ICEExpired        Kind = "ice-expired"
	ICENotEncrypted   Kind = "ice-not-encrypted"
	ICEUnusable       Kind = "ice-unusable"
)

// What the checks find where all is well, and why they leave out what they do.
const (
	Complete          Kind = "complete"
	Addresses         Kind = "addresses"
	CertificateGood   Kind = "certificate-good"
	SwitchedProtocols Kind = "switched-protocols"
	AgreedOnSIP       Kind = "agreed-on-sip"
	RegisteredFor     Kind = "registered-for"
	SeenAs            Kind = "seen-as"
	RelaysFrom        Kind = "relays-from"
	NoNameToLookUp    Kind = "no-name-to-look-up"
	WithoutEncryption Kind = "without-encryption"
	DoesNotRegister   Kind = "does-not-register"
)

// Ends that somebody chose.
const (
	HungUpHere        Kind = "hung-up-here"
	DeclinedHere      Kind = "declined-here"
	CancelledHere     Kind = "cancelled-here"
	Missed            Kind = "missed"
	HungUpThere       Kind = "hung-up-there"
	Busy              Kind = "busy"
	NobodyAnswered    Kind = "nobody-answered"
	DeclinedThere     Kind = "declined-there"
	DeclinedElsewhere Kind = "declined-elsewhere"
	AnsweredElsewhere Kind = "answered-elsewhere"
	CallCancelled     Kind = "call-cancelled"
	WasTransferred    Kind = "was-transferred"
)

// Refusals by the other side, or by servers on the way.
const (
	CallNotAllowed           Kind = "call-not-allowed"
	NoSuchAddress            Kind = "no-such-address"
	NotKnownOrOffline        Kind = "not-known-or-offline"
	NoLongerInUse            Kind = "no-longer-in-use"
	NotReachedJustNow        Kind = "not-reached-just-now"
	NotAvailable             Kind = "not-available"
	NumberIncomplete         Kind = "number-incomplete"
	PhonesIncompatible       Kind = "phones-incompatible"
	SomebodyAskedForPassword Kind = "somebody-asked-for-password"
	PasswordRefusedForCall   Kind = "password-refused-for-call"
	Redirected               Kind = "redirected"
	RedirectedNowhere        Kind = "redirected-nowhere"
	RedirectLoop             Kind = "redirect-loop"
	PaymentWanted            Kind = "payment-wanted"
	CallInCircles            Kind = "call-in-circles"
	RequestTooLarge          Kind = "request-too-large"
	CallServerTrouble        Kind = "call-server-trouble"
	RefusedEverywhere        Kind = "refused-everywhere"
	CallRefused              Kind = "call-refused"
)

// What only the telephone network can tell (ITU-T Q.850).
const (
	NumberNotInUse      Kind = "number-not-in-use"
	NoRoute             Kind = "no-route"
	PhoneOff            Kind = "phone-off"
	NumberChanged       Kind = "number-changed"
	OutOfOrder          Kind = "out-of-order"
	NumberMisformed     Kind = "number-misformed"
	NetworkForbids      Kind = "network-forbids"
	NoLineFree          Kind = "no-line-free"
	NetworkFault        Kind = "network-fault"
	NetworkIncompatible Kind = "network-incompatible"
	NetworkCut          Kind = "network-cut"
)

// Ends that nobody chose.
const (
	CallConnectionLost Kind = "call-connection-lost"
	LostWhileRinging   Kind = "lost-while-ringing"
	CallNoAnswer       Kind = "call-no-answer"
	CallLostByServer   Kind = "call-lost-by-server"
	OtherSideSilent    Kind = "other-side-silent"
	NotConfirmed       Kind = "not-confirmed"
	CallNotKept        Kind = "call-not-kept"
)

// The sound connection.
const (
	NoPath               Kind = "no-path"
	NoEncryption         Kind = "no-encryption"
	EncryptionNotBegun   Kind = "encryption-not-begun"
	PathLost             Kind = "path-lost"
	NothingHeard         Kind = "nothing-heard"
	DescriptionUnusable  Kind = "description-unusable"
	MediaNoRelay         Kind = "media-no-relay"
	MediaNoAddress       Kind = "media-no-address"
	MediaNotEncrypted    Kind = "media-not-encrypted"
	MediaWeakFingerprint Kind = "media-weak-fingerprint"
	MediaNoCodec         Kind = "media-no-codec"
	MediaAudioRefused    Kind = "media-audio-refused"
	MediaNoAudio         Kind = "media-no-audio"
	MediaNoICE           Kind = "media-no-ice"
	MediaRTCPApart       Kind = "media-rtcp-apart"
	MediaDTLSRole        Kind = "media-dtls-role"
	MediaUnreadable      Kind = "media-unreadable"
)

// During a call.
const (
	Reconnecting  Kind = "reconnecting"
	SearchingCall Kind = "searching-call"    // that rings there
	AnswerLater   Kind = "answer-told-later" // of one that rings here
	HoldRefused   Kind = "hold-refused"
	ResumeRefused Kind = "resume-refused"
)

// How a transfer goes.
const (
	TransferAsking  Kind = "transfer-asking"
	TransferCalling Kind = "transfer-calling"
	TransferRinging Kind = "transfer-ringing"
	Transferred     Kind = "transferred"
)

// Why it came to nothing.
const (
	TransferConnectionLost  Kind = "transfer-connection-lost"
	TransferNoAnswer        Kind = "transfer-no-answer"
	TransferNotTold         Kind = "transfer-not-told"
	TransferFailed          Kind = "transfer-failed"
	TransferBusy            Kind = "transfer-busy"
	TransferNotKnown        Kind = "transfer-not-known"
	TransferNoSuchAddress   Kind = "transfer-no-such-address"
	TransferNotAnswered     Kind = "transfer-not-answered"
	TransferDeclined        Kind = "transfer-declined"
	TransferDeclinedThere   Kind = "transfer-declined-there"
	TransferNotAllowedThere Kind = "transfer-not-allowed-there"
	TransferNotReached      Kind = "transfer-not-reached"
	TransferNotSupported    Kind = "transfer-not-supported"
	TransferNotWanted       Kind = "transfer-not-wanted"
	TransferNotAllowed      Kind = "transfer-not-allowed"
	TransferCallUnknown     Kind = "transfer-call-unknown"
	TransferRefused         Kind = "transfer-refused"
)

// Why a message did not arrive.
const (
	MessageTooLong         Kind = "message-too-long"
	MessageNoTarget        Kind = "message-no-target"
	MessageNotConnected    Kind = "message-not-connected"
	MessageNoAnswer        Kind = "message-no-answer"
	MessagePasswordAsked   Kind = "message-password-asked"
	MessageNotSent         Kind = "message-not-sent"
	MessagePasswordRefused Kind = "message-password-refused"
	MessageNotAllowed      Kind = "message-not-allowed"
	MessageNotKnown        Kind = "message-not-known"
	MessageNoSuchAddress   Kind = "message-no-such-address"
	MessageNotSupported    Kind = "message-not-supported"
	MessageNotReached      Kind = "message-not-reached"
	MessageBusy            Kind = "message-busy"
	MessageRefused         Kind = "message-refused"
	MessageUnknown         Kind = "message-unknown"  // the program ended before it was known
	MessageNotKept         Kind = "message-not-kept" // it is in memory alone
	MessageFrom            Kind = "message-from"     // Party has written Text; Count messages

	// What stands on the pages of messages.
	MessagesNone       Kind = "messages-none"
	MessagesOlder      Kind = "messages-older"
	MessagesNewest     Kind = "messages-newest"
	MessagesUnreadable Kind = "messages-unreadable"
	MessagesDelete     Kind = "messages-delete"
	MessagesNotDeleted Kind = "messages-not-deleted"
	ConversationDelete Kind = "conversation-delete" // with To
)

// Why nobody can be called, or written to, with an account.
const (
	AccountGone         Kind = "account-gone"
	AccountsOff         Kind = "accounts-off"
	NoAccount           Kind = "no-account"
	AccountNotReady     Kind = "account-not-ready"
	AccountPasswordRead Kind = "account-password-read"
	AccountOff          Kind = "account-off"
	AccountConnecting   Kind = "account-connecting"
	AccountRegistering  Kind = "account-registering"
	AccountSigningOff   Kind = "account-signing-off"
	AccountNotConnected Kind = "account-not-connected"
)

// Why a command is not done.
const (
	CallingAlready         Kind = "calling-already"
	TooManyCalls           Kind = "too-many-calls"
	NotATarget             Kind = "not-a-target"
	DigitsWithTransfer     Kind = "digits-with-transfer"
	AddressTooLong         Kind = "address-too-long"
	HeaderUnusable         Kind = "header-unusable"
	NotConnected           Kind = "not-connected"
	CallNotStarted         Kind = "call-not-started"
	CannotHold             Kind = "cannot-hold"
	CannotResume           Kind = "cannot-resume"
	CallEnding             Kind = "call-ending"
	CallNotAnswered        Kind = "call-not-answered"
	CallNotAnsweredHere    Kind = "call-not-answered-here"
	NoDigits               Kind = "no-digits"
	DigitsBeforeAnswer     Kind = "digits-before-answer"
	DigitsOnHold           Kind = "digits-on-hold"
	DigitsTooMany          Kind = "digits-too-many"
	DigitsWaiting          Kind = "digits-waiting"
	DigitsSeveralLines     Kind = "digits-several-lines"
	TransferPending        Kind = "transfer-pending"
	TransferCallEnding     Kind = "transfer-call-ending"
	TransferBeforeAnswer   Kind = "transfer-before-answer"
	TransferNotConnected   Kind = "transfer-not-connected"
	TransferNotAsked       Kind = "transfer-not-asked"
	NothingToConnect       Kind = "nothing-to-connect"
	ConnectItself          Kind = "connect-itself"
	NoConference           Kind = "no-conference"
	ConferenceAlone        Kind = "conference-alone"
	ConferenceFull         Kind = "conference-full"
	ConferenceNotTwo       Kind = "conference-not-two"
	ConferenceBeforeAnswer Kind = "conference-before-answer"
	RecordBeforeAnswer     Kind = "record-before-answer"
	NotRecorded            Kind = "not-recorded"
	ConferenceCallEnding   Kind = "conference-call-ending"
	MessageEmpty           Kind = "message-empty"
)

// Passwords and where they are kept.
const (
	PasswordForgotten   Kind = "password-forgotten"
	PasswordLeftKeyring Kind = "password-left-keyring"
	PasswordLeftFile    Kind = "password-left-file"
	KeyringLocked       Kind = "keyring-locked"
	KeyringSilent       Kind = "keyring-silent"
	KeyringAbsent       Kind = "keyring-absent"
	PasswordUnreadable  Kind = "password-unreadable"
	CopyLeftInKeyring   Kind = "copy-left-in-keyring"
	CopyLeftInFile      Kind = "copy-left-in-file"
	RealmAsked          Kind = "realm-asked"
)

// Files.
const (
	SettingsNotSaved  Kind = "settings-not-saved"
	AccountsReadOnly  Kind = "accounts-read-only"
	AccountsNewer     Kind = "accounts-newer"
	AccountsDamaged   Kind = "accounts-damaged"
	AccountsEarlier   Kind = "accounts-earlier"
	BegunEmpty        Kind = "begun-empty"
	FileMadePrivate   Kind = "file-made-private"
	ValueUnusable     Kind = "value-unusable"
	LogFileUnwritable Kind = "log-file-unwritable"
	LogCommandEnded   Kind = "log-command-ended"
	JournalNewer      Kind = "journal-newer"
	JournalDamaged    Kind = "journal-damaged"
	JournalLocked     Kind = "journal-locked"
	JournalNotWritten Kind = "journal-not-written"
	JournalBehind     Kind = "journal-behind"
)

// CallsItself is of a far end whose own name (Party) looks like a contact, or a number, that it is not.
const CallsItself Kind = "calls-itself"

// What of a file with contacts could not be read.
const (
	ContactLineTooLong      Kind = "contact-line-too-long"
	ContactLineUnreadable   Kind = "contact-line-unreadable"
	ContactCardTooLong      Kind = "contact-card-too-long"
	ContactCardUnfinished   Kind = "contact-card-unfinished"
	ContactQuoteOpen        Kind = "contact-quote-open"
	ContactAddressUnusable  Kind = "contact-address-unusable"
	ContactTooManyAddresses Kind = "contact-too-many-addresses"
	ContactWithoutAddress   Kind = "contact-without-address"
	ContactsTooMany         Kind = "contacts-too-many"
)

// Recordings of calls.
const (
	RecordingNotStarted Kind = "recording-not-started"
	RecordingStopped    Kind = "recording-stopped"
	RecordingFull       Kind = "recording-full"
	RecordingIncomplete Kind = "recording-incomplete"
)

// What is wrong with the sound file that calls are to ring with.
const (
	RingtoneUnreadable Kind = "ringtone-unreadable"
	RingtoneNoFile     Kind = "ringtone-no-file"
	RingtoneTooLarge   Kind = "ringtone-too-large"
	RingtoneUnknown    Kind = "ringtone-unknown"
	RingtoneDamaged    Kind = "ringtone-damaged"
	RingtoneNeedsOpus  Kind = "ringtone-needs-opus" // which this computer does not have
	RingtoneEmpty      Kind = "ringtone-empty"
)

// What is wrong with the sound file that whoever is on hold is to hear.
const (
	HoldMusicUnreadable Kind = "hold-music-unreadable"
	HoldMusicNoFile     Kind = "hold-music-no-file"
	HoldMusicTooLarge   Kind = "hold-music-too-large"
	HoldMusicTooLong    Kind = "hold-music-too-long"
	HoldMusicUnknown    Kind = "hold-music-unknown"
	HoldMusicDamaged    Kind = "hold-music-damaged"
	HoldMusicNeedsOpus  Kind = "hold-music-needs-opus" // which this computer does not have
	HoldMusicEmpty      Kind = "hold-music-empty"
)

// Sound devices.
const (
	NoSoundDevices               Kind = "no-sound-devices"
	SoundSystemGone              Kind = "sound-system-gone"
	NoMicrophone                 Kind = "no-microphone"
	NoLoudspeaker                Kind = "no-loudspeaker"
	DeviceStandsIn               Kind = "device-stands-in"
	MicrophoneSilent             Kind = "microphone-silent"
	SoundInUse                   Kind = "sound-in-use"
	MicrophoneRecordsLoudspeaker Kind = "microphone-records-loudspeaker"
	MicrophoneAbsent             Kind = "microphone-absent"
	MicrophoneUnusable           Kind = "microphone-unusable"
	MicrophoneTooQuiet           Kind = "microphone-too-quiet"
	MicrophoneTooLoud            Kind = "microphone-too-loud"
	LatencyMeasured              Kind = "latency-measured" // Count, Of and Decibels
	LatencyUnheard               Kind = "latency-unheard"
	LatencyNoisy                 Kind = "latency-noisy"
	LatencyUnsteady              Kind = "latency-unsteady"
	LatencyDeviceLost            Kind = "latency-device-lost"
)

// What the connection is checked for, in the order in which that is done.
const (
	CheckSettings     Kind = "check-settings"     // the configuration is complete and right
	CheckName         Kind = "check-name"         // the server's name has an address
	CheckConnection   Kind = "check-connection"   // the port is open
	CheckEncryption   Kind = "check-encryption"   // the certificate is good
	CheckWebSocket    Kind = "check-websocket"    // the server switches to WebSocket (101)
	CheckSIP          Kind = "check-sip"          // it agrees on the sub-protocol "sip"
	CheckRegistration Kind = "check-registration" // it accepts address and password
	CheckSTUN         Kind = "check-stun"         // one for each server
	CheckTURN         Kind = "check-turn"         // one for each server
)

// What the desktop tells beside the windows, and what can be pressed there.
const (
	CallRings    Kind = "call-rings"
	MissedFrom   Kind = "missed-from"
	DeedOpen     Kind = "deed-open"
	DeedAnswer   Kind = "deed-answer"
	DeedDecline  Kind = "deed-decline"
	DeedCallBack Kind = "deed-call-back"
)

// What the tray shows, and what becomes of a window that is closed.
const (
	TrayInCall        Kind = "tray-in-call"
	TrayShow          Kind = "tray-show"
	TrayQuiet         Kind = "tray-quiet"
	TrayAccount       Kind = "tray-account"
	TrayQuit          Kind = "tray-quit"
	ClosedToTray      Kind = "closed-to-tray"
	ClosedToMinimised Kind = "closed-to-minimised"
	ClosedToEnd       Kind = "closed-to-end"
)

// What can be chosen of how Calla lives on the desktop.
const (
	SettingDesktop       Kind = "setting-desktop"
	SettingNotifications Kind = "setting-notifications"
	SettingNotSaved      Kind = "setting-not-saved"
	SettingAutostart     Kind = "setting-autostart"
	SettingStartHidden   Kind = "setting-start-hidden"
)
