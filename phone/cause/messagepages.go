package cause

// What the pages for messages say.
const (
	MessagesWhom        Kind = "messages-whom"
	MessagesNewTo       Kind = "messages-new-to"
	MessagesWrite       Kind = "messages-write"
	MessagesEnterWhom   Kind = "messages-enter-whom"
	MessagesNeedAccount Kind = "messages-need-account"
	MessagesNotSentLine Kind = "messages-not-sent-line"
	MessagesYou         Kind = "messages-you"
	MessagesTitle       Kind = "messages-title"
	MessagesText        Kind = "messages-text"
	MessagesSend        Kind = "messages-send"
	MessagesWith        Kind = "messages-with"
	MessagesWithAs      Kind = "messages-with-as"
	MessagesNothingSaid Kind = "messages-nothing-said"
	MessagesSending     Kind = "messages-sending"
	MessagesDelivered   Kind = "messages-delivered"
	MessagesNotSent     Kind = "messages-not-sent"
	MessagesSendAgain   Kind = "messages-send-again"
	MessagesCall        Kind = "messages-call"
	MessagesAll         Kind = "messages-all"
)
