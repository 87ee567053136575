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

// How a transfer stands is read, whatever of the NOTIFY is not needed for that is missing or odd.
//
// Holds: accepted-descriptions
// Holds: lenient-messages
func TestReferNotifyIsReadHoweverItIsWritten(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string // in the place of those of a NOTIFY; ID is the REFER's
		code  int      // that the transfer came to; 0 = refused
	}{
		{"as it should be", nil, 200},
		{"no id", []string{"Event: refer"}, 200},
		{"the id in quotes", []string{`Event: refer;id="ID"`}, 200},
		{"the event in capitals", []string{"Event: REFER ; ID = ID"}, 200},
		{"the state in capitals", []string{"Subscription-State: Terminated ; Reason=NoResource"}, 200},
		{"no state", []string{"Subscription-State: "}, 0},
		{"a state nobody knows", []string{"Subscription-State: finished;x;;"}, 200},
		{"active to the end", []string{"Subscription-State: active;expires=60"}, 200},
		{"no type", []string{"Content-Type: "}, 200},
		{"a type that cannot be read", []string{"Content-Type: sipfrag"}, 200},
		{"a type without version", []string{"Content-Type: message/sipfrag"}, 200},
		{"a type in capitals", []string{`Content-Type: Message/SIPFRAG; Version="2.0"`}, 200},
		{"no phrase", []string{"Body: SIP/2.0 200"}, 200},
		{"lines before the status", []string{"Body: \r\n\r\nSIP/2.0 200 OK\r\n"}, 200},
		{"tabs and blanks", []string{"Body:  sip/2.0\t 200 \tOK"}, 200},
		{"a whole response", []string{"Body: SIP/2.0 486 Busy\nTo: <sip:c@d>;tag=1\nContent-Length: 0\n\n"}, 486},
		{"a redirection", []string{"Body: SIP/2.0 302 Moved\r\nContact: <sip:premium@example.com>\r\n"}, 302},
		{"another's id", []string{"Event: refer;id=99"}, 0},
		{"another type", []string{"Content-Type: text/html"}, 0},
		{"no status", []string{"Body: To: <sip:c@d>\r\n"}, 0},
		{"a status that is none", []string{"Body: SIP/2.0 2000 OK\r\n"}, 0},
		{"a request", []string{"Body: INVITE sip:c@d SIP/2.0\r\n"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			ladder(t, testConfig(), func(b *bench, w *wire) {
				s, _, f := b.established(w)
				n := b.transfer(s, "carol")
				refer := w.expect("REFER")
				w.reply(refer, 202)
				id := strings.TrimPrefix(referID(refer), "refer;id=")
				m := f.sipfragNotify(referID(refer), "terminated;reason=noresource", "200 OK")
				for _, line := range c.lines {
					name, value, _ := strings.Cut(strings.Replace(line, "=ID", "="+id, 1), ": ")
					value = strings.Replace(strings.Replace(value, `"ID"`, `"`+id+`"`, 1), "ID = ID", "ID = "+id, 1)
					if name == "Body" {
						m.Body = []byte(value)
						continue
					}
					m.Set(name, value)
				}
				w.send(m)
				switch got := w.skim(); {
				case c.code == 0:
					if got["200 NOTIFY"] != 0 || n.t.State() >= TransferDone {
						t.Errorf("answered with %v, %v", got, n.t.State())
					}
				case got["200 NOTIFY"] != 1 || n.t.Code() != c.code || n.t.State() < TransferDone:
					t.Errorf("answered with %v, %v with %d", got, n.t.State(), n.t.Code())
				}
			})
		})
	}
}
