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
	maxOversize  = 64
	oversizeLife = 10 * time.Minute
)

// oversize remembers large messages right after which a server cut the connection, as some do with whatever their
// buffer cannot take. Such a message is never sent again, as it would cut the next connection too, and the
// registration with it. A call that does it twice, or whose response does it, which cannot be made
// anew, is over.
type oversize struct {
	calls map[string]*oversizeCall // by Call-ID
	last  largeSend
}

type oversizeCall struct {
	cuts     int
	last     time.Time
	messages [][sha256.Size]byte
}

// largeSend is the last large message that was sent.
type largeSend struct {
	on      flow // nil = none
	at      time.Time
	sum     [sha256.Size]byte
	callID  string
	request bool
}

// sent notes a message that goes out on a flow.
func (o *oversize) sent(f flow, data []byte) {
	if len(data) <= largeMessage {
		return
	}
	m, err := sip.Parse(data)
	if err != nil {
		return
	}
	o.last = largeSend{on: f, at: time.Now(), sum: sha256.Sum256(data), callID: m.CallID(), request: m.IsRequest()}
}

// refuses tells whether a message has cut a connection before.
func (o *oversize) refuses(data []byte) bool {
	if len(data) <= largeMessage || len(o.calls) == 0 {
		return false
	}
	sum := sha256.Sum256(data)
	for _, c := range o.calls {
		if slices.Contains(c.messages, sum) {
			return true
		}
	}
	return false
}

// cut is told that a flow was lost, and gives the Call-ID of the call whose large messages do that; "" = none.
func (o *oversize) cut(log *logger, f flow) string {
	large := o.last
	if large.on != f || time.Since(large.at) > killTime {
		return ""
	}
	log.warn(logTransport, "", "the connection was cut right after a large message of call "+large.callID)
	if o.calls == nil {
		o.calls = make(map[string]*oversizeCall)
	}
	maps.DeleteFunc(o.calls, func(_ string, c *oversizeCall) bool { return time.Since(c.last) > oversizeLife })
	if len(o.calls) >= maxOversize {
		clear(o.calls)
	}
	c := o.calls[large.callID]
	if c == nil {
		c = &oversizeCall{}
		o.calls[large.callID] = c
	}
	c.cuts++
	c.last = time.Now()
	c.messages = append(c.messages, large.sum)
	if large.request && c.cuts < 2 {
		return ""
	}
	return large.callID
}
