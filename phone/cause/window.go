package cause

// What the window says of accounts, numbers and devices.
const (
	AccountsTrouble Kind = "accounts-trouble" // Count of Of accounts cannot be called
	AccountOfCall   Kind = "account-of-call"  // Account
	CallWith        Kind = "call-with"        // the question which account is to dial
	NameLastTime    Kind = "name-last-time"   // Party: what the last call with a number showed
	FollowSystem    Kind = "follow-system"    // the choice of whatever device the system chooses
	FollowDevice    Kind = "follow-device"    // the same; Text: that device
	ForEngineers    Kind = "for-engineers"    // a heading
	// of the form of an account
	FormSearch       Kind = "form-search"
	FormFind         Kind = "form-find" // what the field is called
	FormChangedOnly  Kind = "form-changed-only"
	FormNothingFound Kind = "form-nothing-found"

	MoreAccounts Kind = "more-accounts"
	WindowBack   Kind = "window-back" // from a page
	BackToCall   Kind = "back-to-call"
	// Before the program ends with a call: what to press in short.
	AskQuit        Kind = "ask-quit"         // in a call with Party
	AskQuitCalling Kind = "ask-quit-calling" // Party has not answered
	AskQuitRinging Kind = "ask-quit-ringing" // Party calls
	AskQuitUnsaved Kind = "ask-quit-unsaved"
	AskQuitSeveral Kind = "ask-quit-several" // Count calls
)
