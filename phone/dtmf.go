package phone

import (
	"fmt"
	"strings"
	"time"

	"calla/netsip"
	"calla/netsip/loop"
	"calla/phone/cause"
	"calla/phone/safe"
)

// mostHeard bounds the digits of the far end's that are kept, of a call.
const mostHeard = 4096

// SendDTMF sends digits (0-9 A-D * #, as typed or pasted; blanks and separators are dropped), in the sound (RFC 4733)
// or, where the far end has not agreed to that, as SIP INFO. With "," or ";" among them they go one by one, as
// CallState.PostDial, with pauses. All of them are sent, or none and State.Refusal tells why.
func (p *Phone) SendDTMF(callID, digits string) {
	typed := safe.Line(digits[:min(len(digits), longestTyped)], shownText)
	digits, unfit := dtmfDigits(digits)
	p.withCall(callID, func(c *call) {
		if why := c.cannotSend(digits, unfit); why != "" {
			c.refusedIn(CommandDigits, typed, cause.Cause{Kind: why, Party: c.who(), Text: typed, Of: longestDTMF})
			return
		}
		p.done()
		if strings.ContainsAny(digits, ",;") {
			c.postDial.Digits += digits
			c.sendPostDial()
		} else {
			c.sendDigits(digits)
		}
		p.changed()
	})
}

// sendDigits sends digits without pauses.
func (c *call) sendDigits(digits string) {
	c.digits += digits
	c.early += digits
	c.flushDigits()
}

// cannotSend tells why digits cannot be sent now, "" when they can; unfit is why they cannot at any time.
func (c *call) cannotSend(digits string, unfit cause.Kind) cause.Kind {
	switch {
	case unfit != "":
		return unfit
	case c.session.State() != netsip.SessionEstablished:
		return cause.DigitsBeforeAnswer
	case c.hold:
		return cause.DigitsOnHold
	case c.digitsWaiting()+len(digits) > longestDTMF:
		return cause.DigitsWaiting
	}
	return ""
}

// digitsWaiting counts the digits and pauses that have not been sent yet.
func (c *call) digitsWaiting() int {
	n := len(c.early) + len(c.postDial.Digits)
	if c.info != nil {
		n += len(c.info.waiting)
	}
	if left := time.Until(c.digitsUntil); left > 0 {
		n += int(left / (dtmfLength + dtmfGap))
	}
	return n
}

// flushDigits sends the digits that have waited for the sound connection: before it is up they would be lost.
func (c *call) flushDigits() {
	if c.early == "" || !c.everUp {
		return
	}
	digits := c.early
	c.early = ""
	if !c.byInfo {
		if err := c.media.SendDTMF(digits, dtmfLength, dtmfGap); err != nil {
			c.p.log.Info("digits go as INFO", "reason", err)
			c.byInfo = true
		}
	}
	if c.byInfo {
		c.sendInfo(digits)
		return
	}
	if now := time.Now(); c.digitsUntil.Before(now) {
		c.digitsUntil = now
	}
	c.digitsUntil = c.digitsUntil.Add(time.Duration(len(digits)) * (dtmfLength + dtmfGap))
}

// infoDigits is what waits to be sent as INFO, one digit after the other.
type infoDigits struct {
	waiting string
	timer   *loop.Timer
}

func (i *infoDigits) stop() {
	if i != nil {
		i.timer.Stop()
	}
}

func (c *call) sendInfo(digits string) {
	if c.info == nil {
		c.info = &infoDigits{}
	}
	c.info.waiting += digits
	if c.info.timer == nil {
		c.nextInfo()
	}
}

// nextInfo sends the next digit and waits for its time.
func (c *call) nextInfo() {
	i := c.info
	i.timer = nil
	if i.waiting == "" || c.session.State() != netsip.SessionEstablished {
		return
	}
	digit := i.waiting[0]
	i.waiting = i.waiting[1:]
	body := fmt.Sprintf("Signal=%c\r\nDuration=%d\r\n", digit, dtmfLength.Milliseconds())
	c.session.SendInfo("application/dtmf-relay", []byte(body))
	i.timer = c.p.loop.AfterFunc(dtmfLength+dtmfGap, c.nextInfo)
}

// infoReceived takes a digit that the far end sent as INFO.
func (c *call) infoReceived(contentType string, body []byte) {
	if digit := infoDigit(contentType, body); digit != "" {
		c.hear(digit)
	}
}

// hear notes a digit of the far end's, of the first mostHeard.
func (c *call) hear(digit string) {
	if len(c.heard) < mostHeard {
		c.heard += digit
		c.p.changed()
	}
}

// infoDigit reads the digit of an INFO body: application/dtmf-relay has lines such as "Signal=5", in which some
// peers write blanks, and application/dtmf the digit alone.
func infoDigit(contentType string, body []byte) string {
	mediaType, _, _ := strings.Cut(contentType, ";")
	digit := ""
	switch strings.ToLower(strings.TrimSpace(mediaType)) {
	case "application/dtmf":
		digit = string(body)
	case "application/dtmf-relay":
		for line := range strings.Lines(string(body)) {
			name, value, _ := strings.Cut(line, "=")
			if strings.EqualFold(strings.TrimSpace(name), "signal") {
				digit = value
				break
			}
		}
	}
	digit = strings.ToUpper(strings.TrimSpace(digit))
	if len(digit) != 1 || !strings.Contains("0123456789ABCD*#", digit) {
		return ""
	}
	return digit
}
