package cause

// What the screens of calls say, and what can be pressed there.
const (
	// of the call that is shown
	CallQuality      Kind = "call-quality"
	CallYourLevel    Kind = "call-your-level"
	CallTheirLevel   Kind = "call-their-level"
	CallYou          Kind = "call-you"
	CallThem         Kind = "call-them"
	CallMute         Kind = "call-mute"
	CallMuted        Kind = "call-muted"
	CallUnmute       Kind = "call-unmute"
	MutedTalking     Kind = "muted-talking"
	CallHold         Kind = "call-hold"
	CallResume       Kind = "call-resume"
	CallKeypad       Kind = "call-keypad"
	CallSound        Kind = "call-sound"
	CallTransfer     Kind = "call-transfer"
	CallAdd          Kind = "call-add"
	CallEnd          Kind = "call-end"
	CallNoSRTP       Kind = "call-no-srtp"
	CallNoDigits     Kind = "call-no-digits"
	CallDigitsByInfo Kind = "call-digits-by-info" // Text: the digits
	CallChooseDevice Kind = "call-choose-device"
	// of digits for after the answer: Text
	DigitsAskSend     Kind = "digits-ask-send"
	DigitsOnResume    Kind = "digits-on-resume"
	DigitsAfterAnswer Kind = "digits-after-answer"
	DigitsSending     Kind = "digits-sending"
	DigitsSend        Kind = "digits-send"
	DigitsCancel      Kind = "digits-cancel"
	// of a recording
	RecordBegin          Kind = "record-begin"
	RecordGoesOn         Kind = "record-goes-on"
	RecordPaused         Kind = "record-paused"
	RecordPause          Kind = "record-pause"
	RecordResume         Kind = "record-resume"
	RecordEnd            Kind = "record-end"
	RecordFolder         Kind = "record-folder" // with what it is for
	RecordFolderExample  Kind = "record-folder-example"
	RecordFolderNotSaved Kind = "record-folder-not-saved"
	RecordTitle          Kind = "record-title"
	// of a call that rings
	IncomingWindow     Kind = "incoming-window"
	IncomingCalls      Kind = "incoming-calls" // Party
	IncomingFor        Kind = "incoming-for"   // Account
	IncomingByItself   Kind = "incoming-by-itself"
	IncomingAnswer     Kind = "incoming-answer"
	IncomingHoldAnswer Kind = "incoming-hold-answer"
	IncomingEndAnswer  Kind = "incoming-end-answer"
	IncomingDecline    Kind = "incoming-decline"
	IncomingIgnore     Kind = "incoming-ignore"
	// ways to decline
	DeclineOtherWays   Kind = "decline-other-ways"
	DeclineWithText    Kind = "decline-with-text"
	DeclineCallBack    Kind = "decline-call-back" // is told to the caller
	DeclineMeeting     Kind = "decline-meeting"
	DeclineWrite       Kind = "decline-write"
	DeclineOwnText     Kind = "decline-own-text"
	DeclineBusy        Kind = "decline-busy"
	DeclineForward     Kind = "decline-forward"
	DeclineIgnore      Kind = "decline-ignore"
	ForwardCall        Kind = "forward-call" // Party
	ForwardTo          Kind = "forward-to"
	ForwardDo          Kind = "forward-do"
	ForwardMeans       Kind = "forward-means"
	ForwardNobody      Kind = "forward-nobody"
	DeclineCall        Kind = "decline-call" // Party
	DeclineText        Kind = "decline-text"
	DeclineTextExample Kind = "decline-text-example"
	DeclineTextMeans   Kind = "decline-text-means"
	// of a call that has ended
	EndedCallAgain   Kind = "ended-call-again"
	EndedCallBack    Kind = "ended-call-back"
	EndedClose       Kind = "ended-close"
	EndedAddContact  Kind = "ended-add-contact"
	EndedEditAccount Kind = "ended-edit-account"
	EndedSendsAgain  Kind = "ended-sends-again" // Text: digits
	EndedSends       Kind = "ended-sends"       // Text: digits
	EndedInstead     Kind = "ended-instead"     // Party
	EndedInsteadOf   Kind = "ended-instead-of"  // Party
	EndedCall        Kind = "ended-call"
	// of several calls
	OthersConnect   Kind = "others-connect"
	OthersBack      Kind = "others-back"
	OthersSwap      Kind = "others-swap"
	ConferenceTitle Kind = "conference-title"
	ConferenceOf    Kind = "conference-of" // Count
	ConferenceAdd   Kind = "conference-add"
	ConferenceSplit Kind = "conference-split"
	ConferenceDrop  Kind = "conference-drop"
	ConferenceEnd   Kind = "conference-end"
	ConferenceLeave Kind = "conference-leave"
	// of handing a call over
	HandOver           Kind = "hand-over" // Party
	HandOverTo         Kind = "hand-over-to"
	HandOverMeans      Kind = "hand-over-means" // Party
	HandOverNow        Kind = "hand-over-now"
	HandOverAsk        Kind = "hand-over-ask"
	HandOverConnect    Kind = "hand-over-connect"
	HandOverNobody     Kind = "hand-over-nobody"
	ConsultWaits       Kind = "consult-waits" // Party, and To who is asked
	ConsultConnect     Kind = "consult-connect"
	ConsultConnectThem Kind = "consult-connect-them"
	ConsultBack        Kind = "consult-back"
	ConsultBackTo      Kind = "consult-back-to" // Party
	// of a far end that wants somebody else called
	ReferralAsks     Kind = "referral-asks" // Party
	ReferralCall     Kind = "referral-call"
	ReferralCallWhom Kind = "referral-call-whom" // Party
	ReferralNo       Kind = "referral-no"
)
