package ui

import (
	"calla/phone"
	"calla/phone/cause"
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
		return tell.WordOf(cause.Cause{Kind: cause.DigitsAskSend, Text: digits})
	case c.Held:
		return tell.WordOf(cause.Cause{Kind: cause.DigitsOnResume, Text: digits})
	case c.Phase != phone.PhaseEstablished:
		return tell.WordOf(cause.Cause{Kind: cause.DigitsAfterAnswer, Text: digits})
	}
	return tell.WordOf(cause.Cause{Kind: cause.DigitsSending, Text: digits})
}

// paste sends pasted digits to the far end, with their pauses.
func (p *callPane) paste(text string) {
	p.keys = true
	p.keypad.SetOn(true)
	p.showKeys()
	p.send(text)
}
