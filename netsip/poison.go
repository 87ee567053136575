package netsip

import (
	"crypto/sha256"
	"maps"
	"slices"
	"time"

	"calla/netsip/sip"
)

// killTime is how soon after a large message a lost connection is put down to it.
const killTime = time.Second

// What is remembered: calls, and for how long; whatever would be sent again is sent again sooner.
const (
	maxPoisoned = 64
	poisonLife  = 10 * time.Minute
)

// poison remembers large messages right after which a server cut the connection, as some do with whatever their
// buffer cannot take. Such a message is never sent again, as it would cut the next connection too, and the
// registration with it. A call that does it twice, or whose response does it, which cannot be made
// anew, is over.
type poison struct {
	calls map[string]*poisoned // by Call-ID
}

type poisoned struct {
	cuts     int
	last     time.Time
	messages [][sha256.Size]byte
}

// largeSend is the last large message of a flow.
type largeSend struct {
	at      time.Time // zero = none
	sum     [sha256.Size]byte
	callID  string
	request bool
}

// sent notes a message that goes out on a flow.
func (p *poison) sent(f *flow, data []byte) {
	if len(data) <= largeMessage {
		return
	}
	m, err := sip.Parse(data)
	if err != nil {
		return
	}
	f.large = largeSend{at: time.Now(), sum: sha256.Sum256(data), callID: m.CallID(), request: m.IsRequest()}
}

// refuses tells whether a message has cut a connection before.
func (p *poison) refuses(data []byte) bool {
	if len(data) <= largeMessage || len(p.calls) == 0 {
		return false
	}
	sum := sha256.Sum256(data)
	for _, c := range p.calls {
		if slices.Contains(c.messages, sum) {
			return true
		}
	}
	return false
}

// cut is told that a flow was lost, and ends the call whose large messages do that.
func (p *poison) cut(ua *UserAgent, f *flow) {
	large := f.large
	if large.at.IsZero() || time.Since(large.at) > killTime {
		return
	}
	ua.log.warn(logTransport, "", "the connection was cut right after a large message of call "+large.callID)
	if p.calls == nil {
		p.calls = make(map[string]*poisoned)
	}
	maps.DeleteFunc(p.calls, func(_ string, c *poisoned) bool { return time.Since(c.last) > poisonLife })
	if len(p.calls) >= maxPoisoned {
		clear(p.calls)
	}
	c := p.calls[large.callID]
	if c == nil {
		c = &poisoned{}
		p.calls[large.callID] = c
	}
	c.cuts++
	c.last = time.Now()
	c.messages = append(c.messages, large.sum)
	if large.request && c.cuts < 2 {
		return
	}
	for _, s := range slices.Clone(ua.sessions) {
		if s.dialog != nil && s.dialog.callID == large.callID {
			s.terminate(System, CauseConnection, 0, "", ErrMessageTooLarge)
		}
	}
}
