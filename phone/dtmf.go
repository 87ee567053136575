package phone

import (
	"fmt"
	"strings"
	"time"

	"calla/netsip"
)

// infoPause is what a comma among digits stands for.
const infoPause = 2 * time.Second

// SendDTMF sends digits (0-9 A-D * # and ',' for a pause of 2 s; blanks and separators are dropped), in
// the sound (RFC 4733) or, where the far end has not agreed to that, as SIP INFO.
func (p *Phone) SendDTMF(callID, digits string) {
	digits = dtmfDigits(digits)
	p.withCall(callID, func(c *call) {
		if digits == "" || c.hold || c.session.State() != netsip.SessionEstablished {
			return
		}
		c.digits += strings.ReplaceAll(digits, ",", "")
		c.early += digits
		c.flushDigits()
		p.changed()
	})
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
	}
}

// infoDigits is what waits to be sent as INFO, one digit after the other.
type infoDigits struct {
	waiting string
	timer   *netsip.Timer
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
	wait := dtmfLength + dtmfGap
	if digit == ',' {
		wait = infoPause
	} else {
		body := fmt.Sprintf("Signal=%c\r\nDuration=%d\r\n", digit, dtmfLength.Milliseconds())
		c.session.SendInfo("application/dtmf-relay", []byte(body))
	}
	i.timer = c.p.loop.AfterFunc(wait, c.nextInfo)
}

// infoReceived takes a digit that the far end sent as INFO.
func (c *call) infoReceived(contentType string, body []byte) {
	if digit := infoDigit(contentType, body); digit != "" {
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
