package ui

import (
	"time"

	"calla/ui/widget"
)

// A press is meant for what the user saw when he made up his mind to it. So whatever comes and goes by itself, and
// calls, answers or ends a call, takes none for a while after it appeared under the pointer, nor right after something
// else was dealt with: the second click of a double click hits what stands there next.
const (
	deadTime    = widget.DeadTime        // from when what is pressed can be reached
	doubleClick = 500 * time.Millisecond // the longest between two clicks that any desktop takes for one deed
	keyRepeat   = 700 * time.Millisecond // longer than a key that is held waits before it repeats
)

// deadSpell is the dead time of one place on the screen.
type deadSpell struct {
	shown string    // what stands there; "" = nothing can be reached
	since time.Time // from when
}

// show tells what stands there from now on. A change begins the dead time anew; it is told.
func (d *deadSpell) show(what string, now time.Time) (changed bool) {
	if what == d.shown {
		return false
	}
	d.shown, d.since = what, now
	return true
}

// restart begins the dead time anew unless it is over: what came in the meantime was not seen.
func (d *deadSpell) restart(asOf, now time.Time) {
	if !d.over(asOf) {
		d.since = now
	}
}

// again begins the dead time anew: what covered it has gone, or it has moved.
func (d *deadSpell) again(now time.Time) { d.since = now }

// over tells whether what stands there may be pressed.
func (d *deadSpell) over(now time.Time) bool {
	return d.shown != "" && now.Sub(d.since) >= deadTime
}

// meant tells whether a press of a button at a place was meant for what stands there. deed names what it does, and to
// what: a press right after that of another deed was not.
func (a *app) meant(at *deadSpell, deed string) bool {
	now := time.Now()
	return at.over(now) && a.deed.click(deed, now)
}

// lastDeed is what the user pressed last.
type lastDeed struct {
	call string // that he answered, declined or silenced; or what else he did
	key  string // what was pressed; "" = the pointer
	at   time.Time
}

// click tells whether a click that answers, declines or silences a call was meant for it, and is not the
// second one on another that was dealt with a moment ago.
func (l *lastDeed) click(call string, now time.Time) bool {
	if l.call != call && l.clicked(now) {
		return false
	}
	*l = lastDeed{call: call, at: now}
	return true
}

// clicked tells whether a click has dealt with something a moment ago.
func (l *lastDeed) clicked(now time.Time) bool { return l.key == "" && now.Sub(l.at) < doubleClick }

// press is click for keys. One that is held down repeats, and does nothing to a second call all that time.
func (l *lastDeed) press(key, call string, now time.Time) bool {
	if l.key == key && l.call != call && now.Sub(l.at) < keyRepeat {
		l.at = now
		return false
	}
	*l = lastDeed{call, key, now}
	return true
}
