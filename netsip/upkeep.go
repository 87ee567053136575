package netsip

import (
	"slices"
	"time"

	"calla/netsip/loop"
	"calla/netsip/sip"
)

const (
	minRenewal      = 30 * time.Second // between two requests that keep something up, whatever a server grants
	upkeepRetryBase = 30 * time.Second
)

// upkeep is what subscriptions and publications share: something at a server that has to be asked for again and again.
type upkeep struct {
	ua       *UserAgent
	timer    *loop.Timer // until the next request, or until patience is over
	failures int         // in a row
	raises   int         // times that a 423 was followed, in a row
}

// raise takes the time that a 423 wants to be asked for; false where asking again would not help.
func (u *upkeep) raise(resp *sip.Message, asked *time.Duration) bool {
	longer, ok := minExpires(resp, *asked)
	if ok = ok && u.raises < maxTries; ok {
		*asked = longer
		u.raises++
	}
	return ok
}

// renewalDelay is when to renew what was granted for e: JsSIP's window.
func (u *upkeep) renewalDelay(e time.Duration) time.Duration {
	if e >= 140*time.Second {
		return e/2 + time.Duration(u.ua.rand.Float64()*float64(e/2-70*time.Second))
	}
	return max(minRenewal, e-5*time.Second)
}

// retry calls f after the time the server asked for, else after one that doubles with every failure.
func (u *upkeep) retry(after time.Duration, f func()) {
	wait := min(upkeepRetryBase<<min(u.failures, 10), maxRetryAfter)
	wait = wait/2 + time.Duration(u.ua.rand.Float64()*float64(wait)/2)
	if after > 0 {
		wait = after
	}
	u.failures++
	u.timer.Stop()
	u.timer = u.ua.loop.AfterFunc(wait, f)
}

// settled tells whether servers know us: before we are registered they refuse what else we ask for.
func (ua *UserAgent) settled() bool {
	return ua.connection.up() && (!ua.registration.wanted || ua.registration.state == Registered)
}

// keepUp asks again, over a new flow, for all that servers and far ends keep for us.
func (ua *UserAgent) keepUp() {
	for _, s := range slices.Clone(ua.subscriptions) {
		s.renew()
	}
	for _, n := range slices.Clone(ua.notifiers) {
		n.flowRemade()
	}
	for _, p := range slices.Clone(ua.publications) {
		p.flowRemade()
	}
}

// letGo ends all of it; the user agent stops.
func (ua *UserAgent) letGo() {
	for _, s := range slices.Clone(ua.subscriptions) {
		s.Stop()
	}
	for _, n := range slices.Clone(ua.notifiers) {
		n.Terminate("deactivated")
	}
	for _, p := range slices.Clone(ua.publications) {
		p.Stop()
	}
}

// dropUpkeep forgets it; there is no flow any more.
func (ua *UserAgent) dropUpkeep() {
	for _, s := range slices.Clone(ua.subscriptions) {
		s.forget()
	}
	for _, n := range slices.Clone(ua.notifiers) {
		n.forget("")
	}
	for _, p := range slices.Clone(ua.publications) {
		p.forget()
	}
}
