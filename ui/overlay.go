package ui

import (
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
)

// updateOverlay shows above whatever else is open a ringing call, unless home shows it already, and a
// request to call somebody else.
func (m *mainWindow) updateOverlay(s phone.State, now time.Time) {
	ringing, ok := firstCall(s, phone.PhaseIncoming)
	shown, _ := m.shownCall(s)
	atHome := ringing.ID == shown.ID && m.shown == m.call.object && (m.page == nil || m.wide)
	// The card would stand over the number that is being typed; the call has a window of its own.
	typing := m.shown == m.dial.object && m.dial.inUse() && (m.page == nil || m.wide) && m.app.ringing[ringing.ID] != nil
	m.floating.Hidden = !ok || atHome || typing
	if !m.floating.Hidden {
		m.float.update(ringing, now)
	}
	m.asking.Hidden = len(s.Referrals) == 0
	if !m.asking.Hidden {
		m.refer.update(s.Referrals[0], now)
	}
	focused := m.win.Canvas().Focused()
	if m.floating.Hidden && m.float.has(focused) || m.asking.Hidden && m.refer.has(focused) {
		m.win.Canvas().Unfocus()
	}
	m.overlay.Hidden = m.floating.Hidden && m.asking.Hidden
	m.overlay.Resize(fyne.NewSize(m.overlay.Size().Width, m.overlay.MinSize().Height))
	m.overlay.Refresh()
}

// reach begins the dead time of what can be reached anew, where that is no longer what it was.
func (m *mainWindow) reach(now time.Time) {
	var call, float, refer string
	if m.sheet == nil && m.shown == m.call.object && (m.page == nil || m.wide) {
		call = m.call.call.ID
		if m.call.call.Phase == phone.PhaseIncoming {
			call += " rings"
		}
	}
	if m.sheet == nil && !m.floating.Hidden {
		float = m.float.call.ID
	}
	if m.sheet == nil && !m.asking.Hidden {
		refer = m.refer.asked.ID + " below " + float // which moves it
	}
	moved := m.call.dead.show(call, now)
	moved = m.float.dead.show(float, now) || moved
	moved = m.refer.dead.show(refer, now) || moved
	if moved {
		m.leave()
	}
}

// leave takes the keyboard from the buttons about a call that rings: when the window has lost it, for it may
// come back without anybody wanting it, and when they are about another call than they were.
func (m *mainWindow) leave() {
	focused := m.win.Canvas().Focused()
	pane := focused == m.call.answer || focused == m.call.decline || focused == m.call.ignore
	if pane || m.float.has(focused) || m.refer.has(focused) {
		m.win.Canvas().Unfocus()
	}
}
