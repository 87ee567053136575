package ui

import "calla/phone"

// What more than one pane asks of a State.

// canDial tells whether calls can go out.
func canDial(a phone.AccountState) bool {
	return a.Status == phone.StatusRegistered || a.Status == phone.StatusConnected
}

// someTalks tells whether there is a call that is not on hold.
func someTalks(s phone.State) bool {
	for _, c := range s.Calls {
		if c.Phase == phone.PhaseEstablished && !c.Held {
			return true
		}
	}
	return false
}
