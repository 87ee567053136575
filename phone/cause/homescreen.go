package cause

// What the window says where no call is: the number field, the menus, the banner, an account.
const (
	// of the number field
	DialWanted            Kind = "dial-wanted"
	DialCall              Kind = "dial-call"
	DialWrite             Kind = "dial-write"
	DialDeleteLast        Kind = "dial-delete-last"
	DialHolds             Kind = "dial-holds"
	DialNoAccount         Kind = "dial-no-account"
	DialAccountOff        Kind = "dial-account-off"
	DialNotConnected      Kind = "dial-not-connected"
	DialRecalls           Kind = "dial-recalls"         // Text
	DialCalls             Kind = "dial-calls"           // Text
	DialCallsSends        Kind = "dial-calls-sends"     // Text; Phrase: digits
	DialCallsAsBefore     Kind = "dial-calls-as-before" // Text, Account
	DialAsBefore          Kind = "dial-as-before"       // Account
	DialUse               Kind = "dial-use"             // Offer
	DialNoAccountForLinks Kind = "dial-no-account-for-links"
	DialReplace           Kind = "dial-replace" // Text, To
	// of the head and its menus
	MenuTitle          Kind = "menu-title"
	MenuMessagesButton Kind = "menu-messages-button"
	HeaderNoAccount    Kind = "header-no-account"
	HeaderAddOne       Kind = "header-add-one"
	MenuEditAccount    Kind = "menu-edit-account" // Account
	MenuHowConnected   Kind = "menu-how-connected"
	MenuAddAccount     Kind = "menu-add-account"
	MenuHistory        Kind = "menu-history"
	MenuContacts       Kind = "menu-contacts"
	MenuMessages       Kind = "menu-messages"
	MenuAccounts       Kind = "menu-accounts"
	MenuSettings       Kind = "menu-settings"
	MenuShortcuts      Kind = "menu-shortcuts"
	MenuAbout          Kind = "menu-about"
	MenuQuit           Kind = "menu-quit"
	// of do not disturb, and of the lists of callers
	QuietOff            Kind = "quiet-off"
	QuietHour           Kind = "quiet-hour"
	QuietTomorrow       Kind = "quiet-tomorrow"
	QuietAlways         Kind = "quiet-always"
	CallersBlocked      Kind = "callers-blocked" // why: what it means
	CallersThrough      Kind = "callers-through" // the same
	CallersBusy         Kind = "callers-busy"
	CallersBusyNotSaved Kind = "callers-busy-not-saved"
	CallersSave         Kind = "callers-save"
	CallersNotSaved     Kind = "callers-not-saved"
	CallersTitle        Kind = "callers-title"
	CallersHelp         Kind = "callers-help"
	CallersDiscard      Kind = "callers-discard"
	// of the banner
	BannerDismiss    Kind = "banner-dismiss"
	BannerNext       Kind = "banner-next" // Count, Of
	AskStartEmpty    Kind = "ask-start-empty"
	StartEmptyFailed Kind = "start-empty-failed"
	// of the page of an account
	AccountConnectNow   Kind = "account-connect-now"
	AccountEdit         Kind = "account-edit"
	AccountSignOut      Kind = "account-sign-out"
	AskSignOut          Kind = "ask-sign-out" // Address
	AccountCopy         Kind = "account-copy"
	AccountCopied       Kind = "account-copied"
	AccountConnection   Kind = "account-connection"
	AccountServers      Kind = "account-servers"
	AccountDevices      Kind = "account-devices"
	AccountNoDevices    Kind = "account-no-devices"
	AccountNoMore       Kind = "account-no-more"
	AccountTitle        Kind = "account-title"
	AccountNoneYet      Kind = "account-none-yet"
	AccountCopiedServer Kind = "account-copied-server" // Server; Text: weight; Reason: how it stands
	AccountCopiedDevice Kind = "account-copied-device" // Address; Text: which it is
)
