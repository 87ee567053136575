package phone

import "calla/netsip"

// What more than these comes in is answered 486 Busy Here.
const (
	maxRinging = netsip.MaxRinging // calls that ring here at once, of all accounts
	maxCalls   = 8                 // calls that live at once
)

// shownText is how much of a text from the network is shown, in characters.
const shownText = 64
