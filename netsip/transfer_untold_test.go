package netsip

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// A NOTIFY that ends the subscription with a provisional status is no outcome: SIP.js ends each of its NOTIFYs so, and
// tells more. What it tells later counts; when it tells nothing, that is what is said, and the call is as it was.
//
// Holds: accepted-descriptions
func TestReferNotifyThatEndsBeforeTheOutcome(t *testing.T) {
	const over = "terminated;reason=noresource"
	for _, c := range []struct {
		name   string
		told   []string // "state|status" of NOTIFYs; "BYE" is the far end's
		state  TransferState
		code   int
		untold bool
	}{
		{
			"SIP.js: 100, then the answer",
			[]string{"terminated|100 Trying", "terminated|200 OK"},
			TransferDone, 200,
			false,
		},
		{
			"SIP.js: 100, 180, then the answer",
			[]string{"terminated|100 Trying", "terminated|180 Ringing", "terminated|200 OK"},
			TransferDone, 200, false,
		},
		{
			"SIP.js: 180, then busy",
			[]string{"terminated|180 Ringing", "terminated|486 Busy Here"},
			TransferFailed,
			486, false,
		},
		{"100 and the end", []string{over + "|100 Trying"}, TransferFailed, 100, true},
		{
			"180 and the end",
			[]string{"active;expires=300|100 Trying", over + "|180 Ringing"},
			TransferFailed, 180,
			true,
		},
		{
			"183 and the end, then declined",
			[]string{over + "|183 Session Progress", over + "|603 Decline"},
			TransferFailed, 603, false,
		},
		{"100 and the end, then it leaves", []string{over + "|100 Trying", "BYE"}, TransferDone, 202, false},
		{"100 and given up", []string{"terminated;reason=giveup|100 Trying"}, TransferFailed, 100, true},
		{"100 and rejected", []string{"terminated;reason=rejected|100 Trying"}, TransferFailed, 100, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, _, f := b.established(w)
				n := b.transfer(s, "carol")
				w.reply(w.expect("REFER"), 202)
				for i, told := range c.told {
					if told == "BYE" {
						f.hangUp()
						break
					}
					state, status, _ := strings.Cut(told, "|")
					w.send(f.sipfragNotify("refer", state, status))
					w.expect("200 NOTIFY")
					if i+1 < len(c.told) {
						time.Sleep(70 * time.Second) // it rings
						b.do(func() {
							if n.t.State() >= TransferDone {
								t.Errorf("after %q: %v", told, n.t.State())
							}
						})
					}
				}
				if c.state == TransferDone && c.code == 200 {
					w.reply(w.expect("BYE"), 200)
				}
				b.transferred(n, c.state)
				if n.t.Code() != c.code || errors.Is(n.t.Err(), ErrTransferUnknown) != c.untold {
					t.Errorf("code %d, error %v", n.t.Code(), n.t.Err())
				}
				if c.state == TransferFailed && s.state != SessionEstablished {
					t.Errorf("the call is %v", s.state)
				}
			})
		})
	}
}
