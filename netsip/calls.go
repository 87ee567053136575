package netsip

import (
	"maps"
	"slices"
)

// maxEnded bounds how many ended dialogs are remembered to answer a Replaces that comes too late.
const maxEnded = 32

// calls are the calls of a user agent, and the dialogs they are in. It alone knows which there are: a request finds its
// call here (RFC 3261 section 12.2.2).
type calls struct {
	sessions []*Session          // that have not ended, oldest first
	dialogs  map[string]*Session // early, confirmed, and ended ones that something is still said in; by ID
	ended    []string            // dialogs of calls that ended lately, newest last
	asked    *Referral           // that the user is asked about; nil = none
}

func newCalls() *calls { return &calls{dialogs: make(map[string]*Session)} }

// list are the calls there are now; it does not change when these end.
func (c *calls) list() []*Session { return slices.Clone(c.sessions) }

// any tells whether there is one.
func (c *calls) any() bool { return len(c.sessions) > 0 }

// ringing counts incoming calls that wait for an answer.
func (c *calls) ringing() int {
	n := 0
	for _, s := range c.sessions {
		if s.state == SessionIncoming {
			n++
		}
	}
	return n
}

// add takes a new call in.
func (c *calls) add(s *Session) { c.sessions = append(c.sessions, s) }

// remove takes an ended call off the list. Its dialog stays known until BYE is done.
func (c *calls) remove(s *Session) {
	c.sessions = slices.DeleteFunc(c.sessions, func(other *Session) bool { return other == s })
	if s.dialog == nil {
		return
	}
	c.remember(s.dialog.key())
	if s.in != nil && s.times.Answered.IsZero() {
		c.leave(s.dialog)
	}
}

// in finds the call of a dialog, nil for none.
func (c *calls) in(key string) *Session { return c.dialogs[key] }

// enter makes requests in a dialog those of a call.
func (c *calls) enter(d *dialog, s *Session) { c.dialogs[d.key()] = s }

// exit forgets a dialog of a call, where it is still that call's.
func (c *calls) exit(d *dialog, s *Session) {
	if c.dialogs[d.key()] == s {
		delete(c.dialogs, d.key())
	}
}

// leave tells that the dialog of an ended call is over as far as the call is concerned.
func (c *calls) leave(d *dialog) {
	s := c.dialogs[d.key()]
	if s == nil || s.dialog != d { // of a fork that lost
		delete(c.dialogs, d.key())
		return
	}
	s.usages.endCall()
}

// remember notes the dialog of an ended call.
func (c *calls) remember(key string) {
	if c.hasEnded(key) {
		return
	}
	if len(c.ended) >= maxEnded {
		c.ended = slices.Delete(c.ended, 0, 1)
	}
	c.ended = append(c.ended, key)
}

// hasEnded tells whether a dialog is that of a call which ended lately.
func (c *calls) hasEnded(key string) bool { return slices.Contains(c.ended, key) }

// abandon leaves what outlives calls: the user agent has stopped.
func (c *calls) abandon() {
	for _, s := range slices.Collect(maps.Values(c.dialogs)) {
		s.abandon()
	}
	clear(c.dialogs)
}
