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
		if digits == "" || c.session.State() != netsip.SessionEstablished {
			return
		}
		if !c.byInfo {
			if err := c.media.SendDTMF(digits, dtmfLength, dtmfGap); err != nil {
				p.log.Info("digits go as INFO", "reason", err)
				c.byInfo = true
			}
		}
		if c.byInfo {
			c.sendInfo(digits)
		}
		c.digits += strings.ReplaceAll(digits, ",", "")
		p.changed()
	})
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
