package cause

// What the window says of accounts, numbers and devices.
const (
	AccountsTrouble Kind = "accounts-trouble" // Count of Of accounts cannot be called
	AccountOfCall   Kind = "account-of-call"  // Account
	CallWith        Kind = "call-with"        // the question which account is to dial
	MoreAccounts    Kind = "more-accounts"
)
