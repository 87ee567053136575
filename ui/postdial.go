package ui

import (
	"calla/phone"
	"calla/ui/tell"
	"calla/ui/widget"
)

// updateAfter tells which digits are still to be sent, with the way to stop them.
func (p *callPane) updateAfter(c phone.CallState) {
	p.after.show(widget.Dots, postDialWords(c))
	p.goOn.Hidden = !c.PostDial.Waits
}

// postDialWords tells what becomes of the digits that are left, "" where none are.
func postDialWords(c phone.CallState) string {
	digits := tell.SafeLine(c.PostDial.Digits)
	switch {
	case digits == "":
		return ""
	case c.PostDial.Waits:
		return "Send " + digits + "?"
	case c.Held:
		return "Sends " + digits + " when the call is resumed."
	case c.Phase != phone.PhaseEstablished:
		return "Sends " + digits + " after the answer."
	}
	return "Sending " + digits
}

// paste sends pasted digits to the far end, with their pauses.
func (p *callPane) paste(text string) {
	p.keys = true
	p.keypad.SetOn(true)
	p.showKeys()
	p.send(text)
}
