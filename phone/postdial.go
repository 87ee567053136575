package phone

import (
	"errors"
	"strings"
	"time"
	"unicode"

	"calla/netsip/config"
	"calla/netsip/loop"
	"calla/phone/cause"
	"calla/phone/safe"
)

// postDialPause is what a comma among digits stands for.
const postDialPause = 2 * time.Second

// PostDial are the digits of a call that are still to be sent: dialled behind the number, or pasted with pauses.
type PostDial struct {
	Digits string // 0-9 A-D * #; "," pauses for 2 s, ";" waits for ContinuePostDial
	Waits  bool   // a ";" has been reached
}

// postDial sends digits one after the other, from the answer on.
//
//	waiting for the answer and the sound ──▶ sending ──";"──▶ waits ──ContinuePostDial──▶ sending ──▶ nothing left
//	                    CancelPostDial, the end of the call ──▶ nothing left
//
// On hold it stands still.
type postDial struct {
	PostDial
	timer *loop.Timer
}

// sendPostDial goes on with the digits that are left, as far as the call stands now.
func (c *call) sendPostDial() {
	d := &c.postDial
	if d.Digits == "" || d.Waits || d.timer != nil || !c.everUp || c.hold || c.phase() != PhaseEstablished {
		return
	}
	next := d.Digits[0]
	d.Digits = d.Digits[1:]
	wait := dtmfLength + dtmfGap
	switch next {
	case ';':
		d.Waits = true
		c.p.changed()
		return
	case ',':
		wait = postDialPause
	default:
		c.sendDigits(string(next))
	}
	d.timer = c.p.loop.AfterFunc(wait, func() {
		d.timer = nil
		c.sendPostDial()
	})
	c.p.changed()
}

// stop drops what is left.
func (d *postDial) stop() {
	d.timer.Stop()
	*d = postDial{}
}

// ContinuePostDial goes on behind the ";" that CallState.PostDial waits at.
func (p *Phone) ContinuePostDial(callID string) {
	p.withCall(callID, func(c *call) {
		if c.postDial.Waits {
			c.postDial.Waits = false
			c.sendPostDial()
			p.changed()
		}
	})
}

// CancelPostDial drops the digits that have not been sent.
func (p *Phone) CancelPostDial(callID string) {
	p.withCall(callID, func(c *call) {
		c.postDial.stop()
		p.changed()
	})
}

// Reading is what a dialled text means at an account.
type Reading struct {
	To Address // whom to call
	// the number, user or address, with what is sent after the answer; "" where it cannot be called
	Text     string
	PostDial string       // what is sent after the answer
	Left     string       // words around the number that were left out
	Dials    string       // the number that is dialled in its place by a rule of the account; "" = the same
	Rule     string       // that rule
	Problem  *cause.Cause // why it cannot be called
	Instead  string       // what could be meant, to be called once the user has seen it
}

// ReadDialled tells what a text means that is typed, pasted or clicked, without calling it. It may be called on any
// goroutine.
func (p *Phone) ReadDialled(accountID, text string) Reading {
	domain, rules := p.readsBy(accountID)
	return ReadDialledByRules(text, domain, rules)
}

// readsBy is the domain and the dial rules of an account; "" is the one that dials. It may be called on any goroutine.
func (p *Phone) readsBy(accountID string) (domain string, rules []string) {
	s := p.State()
	if accountID == "" {
		accountID = s.Account
	}
	domain = "account.invalid" // of nobody: nothing is called
	for _, a := range s.Accounts {
		if a.ID == accountID {
			domain = config.Config{URI: "sip:" + a.Address}.Domain()
		}
	}
	if a, ok := p.Account(accountID); ok {
		domain, rules = a.Config.Domain(), a.Config.Calla.DialRules
	}
	return domain, rules
}

// ToTransfer is whom a call is to be handed over to, or why the text is none for that: digits for after the answer can
// only be sent by who calls.
func (r Reading) ToTransfer() (Address, *cause.Cause) {
	if r.Problem == nil && r.PostDial != "" {
		return Address{}, &cause.Cause{
			Kind: cause.DigitsWithTransfer, Text: r.Text,
			To: strings.TrimSuffix(r.Text, r.PostDial),
		}
	}
	return r.To, r.Problem
}

// ReadDialled tells what a text means at an account of domain that has no dial rules.
func ReadDialled(text, domain string) Reading { return ReadDialledByRules(text, domain, nil) }

// ReadDialledByRules tells what a text means at an account of domain with dial rules.
func ReadDialledByRules(text, domain string, rules []string) Reading {
	d, err := config.ParseDialled(text, domain)
	if err == nil {
		d, err = d.ByRules(rules)
	}
	if err != nil {
		why := refusal(err, text)
		r := Reading{Problem: &why}
		var wrong *config.TargetError
		if errors.As(err, &wrong) {
			r.Instead = wrong.Instead
		}
		return r
	}
	r := Reading{
		To: Address{URI: d.URI}, Text: safe.Line(d.Text(domain, rules...), longestDialled), PostDial: d.After,
		Left: safe.Line(d.Left, shownText),
	}
	if d.Rule != "" {
		r.Dials, r.Rule = d.URI.UserDecoded(), safe.Line(d.Rule, longestDialled)
	}
	return r
}

// longestDialled bounds what is shown of a text that is to be called, in characters: all of it is to be seen.
const longestDialled = 1024

// dtmfDigits takes what can be sent as DTMF out of typed or pasted text: digits of any script, * and #, and where there
// are no words, letters A to D, "," and "p" for pauses, ";" and "w" to wait. It returns all of them, or none and why.
func dtmfDigits(s string) (digits string, unfit cause.Kind) {
	if len(s) > longestTyped {
		return "", cause.DigitsTooMany
	}
	s = strings.ToUpper(strings.TrimSpace(s))
	words := strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsLetter(r) && !strings.ContainsRune("ABCDPW",
			r)
	})
	digits = strings.Map(func(r rune) rune {
		c := config.DigitSign(r)
		switch {
		case c >= '0' && c <= '9', c == '*', c == '#', c == ',', c == ';':
			return rune(c)
		case words:
			return -1
		case r == 'P':
			return ','
		case r == 'W':
			return ';'
		case r >= 'A' && r <= 'D':
			return r
		}
		return -1
	}, s)
	switch {
	case strings.ContainsAny(s, "\n\r\v\f\u0085\u2028\u2029"):
		return "", cause.DigitsSeveralLines
	case len(digits) > longestDTMF:
		return "", cause.DigitsTooMany
	case strings.Trim(digits, ",;") == "":
		return "", cause.NoDigits
	}
	return digits, ""
}

const (
	longestDTMF  = 128      // digits and pauses that wait to be sent
	longestTyped = 16 << 10 // octets of a text that digits are looked for in
)
