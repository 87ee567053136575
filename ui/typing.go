package ui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/ui/widget"
)

// typingPause is longer than from one key to the next of somebody who types without looking up, and than it takes to
// see that a call has taken the place of another. What is typed or pressed by then was meant for what was there before.
const typingPause = time.Second

// typist is somebody who types keys that no field takes.
type typist struct {
	to   string    // what they went to last: the ID of a call; "" = elsewhere
	at   time.Time // when
	lost time.Time // when what they were for went by itself, or when the last one after that was typed
	left time.Time // when a button that had the keyboard went: Enter was meant for it
}

// lose says that what is typed for has gone by itself: keys do nothing until there has been a pause.
func (t *typist) lose(now time.Time) { t.lost = now }

// means tells whether a key is meant for what is there now.
func (t *typist) means(now time.Time) bool {
	if now.Sub(t.lost) < typingPause {
		t.lost = now
		return false
	}
	return true
}

// meansEnter is means for Enter, which presses buttons, too.
func (t *typist) meansEnter(now time.Time) bool {
	return t.means(now) && now.Sub(t.left) >= typingPause
}

// sent says that a key went to a call.
func (t *typist) sent(call string, now time.Time) { t.to, t.at = call, now }

// ended says which calls there are no longer: who was typing for one of them has not seen it.
func (t *typist) ended(gone map[string]bool, now time.Time) {
	if gone[t.to] && now.Sub(t.at) < typingPause {
		t.lose(now)
	}
}

// followCalls notices which calls have gone since they were drawn last, and whether another one has come to the front
// in the place of one of them, which the user did not ask for. shown is the call that is shown now.
func (m *mainWindow) followCalls(s phone.State, shown phone.CallState, now time.Time) {
	over, there := map[string]bool{}, false // what has ended, or ends; whether shown was there before
	for _, id := range m.drawn {
		i := slices.IndexFunc(s.Calls, func(c phone.CallState) bool { return c.ID == id })
		over[id] = i < 0 || s.Calls[i].Phase == phone.PhaseEnding
		there = there || id == shown.ID
		if i < 0 {
			m.left = now
		}
	}
	m.typist.ended(over, now)
	if there && shown.ID != m.front && over[m.front] && !slices.Contains(m.hungUp, m.front) {
		m.replaced = now
		m.typist.lose(now)
	}
	m.drawn = nil
	for _, c := range s.Calls {
		m.drawn = append(m.drawn, c.ID)
	}
	m.hungUp = slices.DeleteFunc(m.hungUp, func(id string) bool { return !slices.Contains(m.drawn, id) })
	m.followRinging(s, now)
}

// followRinging notices when the keys that answer and decline are for somebody else than they were.
func (m *mainWindow) followRinging(s phone.State, now time.Time) {
	asks := ""
	if c, rings := firstCall(s, phone.PhaseIncoming); rings {
		asks = c.ID
	} else if len(s.Referrals) > 0 {
		asks = s.Referrals[0].ID
	}
	if asks != m.asks && asks != "" && m.asks != "" {
		m.asksSince = now
	}
	m.asks = asks
}

// end ends a call as the user wants.
func (m *mainWindow) end(id string) {
	m.hungUp = append(m.hungUp, id)
	m.app.phone.HangUp(id)
}

// sure tells whether what is pressed about the call that is shown is meant for that call: not while it has just taken
// the place of one that ended.
func (m *mainWindow) sure() bool { return time.Since(m.replaced) >= typingPause }

// surely makes a press about the call that is shown do nothing unless it is meant for that.
func (m *mainWindow) surely(f func()) func() {
	return func() {
		if m.sure() {
			f()
		}
	}
}

// callMenu is a menu about a call that is open, or was.
type callMenu struct {
	call  string // ID; "" = there is none
	phase phone.Phase
	close func() (was bool)
}

// menuAbout opens a menu about a call below a button. It goes when that call is no longer in the phase that it is in.
func (a *app) menuAbout(c phone.CallState, menu *fyne.Menu, under *widget.Button) {
	a.menu = callMenu{c.ID, c.Phase, widget.ShowMenuUnder(menu, under, false)}
}

// isStill tells whether there is a call with an ID in a phase.
func isStill(s phone.State, id string, phase phone.Phase) bool {
	return slices.ContainsFunc(s.Calls, func(c phone.CallState) bool { return c.ID == id && c.Phase == phase })
}

// keepNumber leaves a number that is being put together where it is when a call answers itself, which then stands above
// it as one that another is to be added to, or when one ends, which is told above it.
func (m *mainWindow) keepNumber(s phone.State, c phone.CallState) {
	typing := m.shown == m.dial.object
	if c.ByItself && c.Phase == phone.PhaseEstablished && c.ID != m.kept {
		m.kept = c.ID
		m.adding = m.adding || typing && m.dial.inUse()
	}
	if e := s.Ended; e != nil && e.CallID != m.above && e.CallID != m.seen && typing && m.dial.number.Text != "" {
		m.above = e.CallID
	}
}

// closeStale closes a menu and a sheet about a call that is no more what they were opened for.
func (m *mainWindow) closeStale(s phone.State, now time.Time) {
	if menu := m.app.menu; menu.call != "" && !isStill(s, menu.call, menu.phase) {
		if m.app.menu = (callMenu{}); menu.close() {
			m.typist.lose(now)
		}
	}
	if m.sheet == nil || m.sheet.call == "" || isStill(s, m.sheet.call, m.sheet.phase) {
		return
	}
	m.closeSheet()
	widget.Beneath(m.win.Canvas(), m.win.Canvas().Unfocus) // what is typed on does not go into a field there
	m.typist.lose(now)
}
