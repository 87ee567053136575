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

// events are what servers and far ends keep for us beside calls, and we for them: subscriptions (RFC 6665) both ways
// and publications (RFC 3903). It alone knows which there are.
type events struct {
	subscriptions []*Subscription
	notifiers     []*Notifier
	publications  []*Publication
}

// without is a list without one of it.
func without[T any](list []*T, one *T) []*T {
	return slices.DeleteFunc(list, func(other *T) bool { return other == one })
}

func (e *events) addSubscription(s *Subscription) { e.subscriptions = append(e.subscriptions, s) }

func (e *events) removeSubscription(s *Subscription) { e.subscriptions = without(e.subscriptions, s) }
func (e *events) addNotifier(n *Notifier)            { e.notifiers = append(e.notifiers, n) }
func (e *events) removeNotifier(n *Notifier)         { e.notifiers = without(e.notifiers, n) }
func (e *events) addPublication(p *Publication)      { e.publications = append(e.publications, p) }
func (e *events) removePublication(p *Publication)   { e.publications = without(e.publications, p) }

// subscription finds the subscription of ours that a NOTIFY belongs to. The first one makes the dialog, even before
// the 2xx; those of other forks are not wanted (RFC 6665 section 4.1.4).
func (e *events) subscription(m *sip.Message) *Subscription {
	for _, s := range e.subscriptions {
		if s.callID == m.CallID() && s.localTag == m.ToTag() && (s.dialog == nil || s.dialog.remoteTag == m.FromTag()) {
			return s
		}
	}
	return nil
}

// notifier finds the far end's subscription a request belongs to.
func (e *events) notifier(m *sip.Message) *Notifier {
	for _, n := range e.notifiers {
		if n.dialog.callID == m.CallID() && n.dialog.localTag == m.ToTag() && n.dialog.remoteTag == m.FromTag() {
			return n
		}
	}
	return nil
}

// has tells whether a request belongs to a subscription, ours or one of a far end.
func (e *events) has(m *sip.Message) bool { return e.subscription(m) != nil || e.notifier(m) != nil }

// flowMade asks again, over a new flow, for all that servers and far ends keep for us.
func (e *events) flowMade() {
	for _, s := range slices.Clone(e.subscriptions) {
		s.renew()
	}
	for _, n := range slices.Clone(e.notifiers) {
		n.flowRemade()
	}
	for _, p := range slices.Clone(e.publications) {
		p.flowRemade()
	}
}

// stop ends all of it; the user agent stops.
func (e *events) stop() {
	for _, s := range slices.Clone(e.subscriptions) {
		s.Stop()
	}
	for _, n := range slices.Clone(e.notifiers) {
		n.Terminate("deactivated")
	}
	for _, p := range slices.Clone(e.publications) {
		p.Stop()
	}
}

// drop forgets it; there is no flow any more.
func (e *events) drop() {
	for _, s := range slices.Clone(e.subscriptions) {
		s.forget()
	}
	for _, n := range slices.Clone(e.notifiers) {
		n.forget("")
	}
	for _, p := range slices.Clone(e.publications) {
		p.forget()
	}
}
