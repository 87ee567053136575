package ui

import (
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/ui/widget"
)

// updateOverlay shows above whatever else is open a ringing call, unless home shows it already, and a
// request to call somebody else.
func (m *mainWindow) updateOverlay(s phone.State, now time.Time) {
	ringing, ok := firstCall(s, phone.PhaseIncoming)
	shown, _ := m.shownCall(s)
	atHome := ringing.ID == shown.ID && m.shown == m.call.object && (m.page == nil || m.wide)
	// The card would stand over the number that is being typed; the call has a window of its own.
	typing := m.shown == m.dial.object && m.dial.inUse() && (m.page == nil || m.wide) &&
		m.app.ringing[ringing.ID] != nil
	floated, asked := m.floating.Visible(), m.asking.Visible()
	m.floating.Hidden = !ok || atHome || typing
	if !m.floating.Hidden {
		m.float.update(ringing, now)
	}
	m.asking.Hidden = len(s.Referrals) == 0
	if !m.asking.Hidden {
		m.refer.update(s.Referrals[0], now)
	}
	if floated && m.floating.Hidden || asked && m.asking.Hidden {
		c := m.win.Canvas()
		widget.Beneath(c, func() {
			focused := c.Focused()
			if m.floating.Hidden && m.float.has(focused) || m.asking.Hidden && m.refer.has(focused) {
				m.unfocus(now)
			}
		})
	}
	m.overlay.Hidden = m.floating.Hidden && m.asking.Hidden
	m.overlay.Resize(fyne.NewSize(m.overlay.Size().Width, m.overlay.MinSize().Height))
	m.overlay.Refresh()
}

// reach begins the dead time of what can be reached anew, where that is no longer what it was.
func (m *mainWindow) reach(now time.Time) {
	var float, refer string
	if m.sheet == nil && !m.floating.Hidden {
		float = m.float.call.ID
	}
	if m.sheet == nil && !m.asking.Hidden {
		refer = m.refer.asked.ID + " below " + float // which moves it
	}
	moved := m.float.dead.show(float, now)
	moved = m.refer.dead.show(refer, now) || moved
	if moved { // it has uncovered what is below, or covers it
		m.uncovered(now)
	}
	call, ended, dial, strips, others, banner := m.homeStands()
	moved = m.call.dead.show(call, now) || moved
	moved = m.ended.dead.show(ended, now) || moved
	m.dial.dead.show(dial, now)
	m.call.told.show(strips, now)
	m.others.dead.show(others, now)
	m.banner.dead.show(banner, now)
	m.call.followKeys(now)
	if moved {
		m.leave()
	}
}

// homeStands names what stands at the places of home; "" where it cannot be reached.
func (m *mainWindow) homeStands() (call, ended, dial, strips, others, banner string) {
	if m.sheet != nil || m.page != nil && !m.wide {
		return
	}
	switch m.shown {
	case m.call.object:
		call, strips = m.call.call.ID, m.call.standing()
		if m.call.call.Phase == phone.PhaseIncoming {
			call += " rings"
		}
	case m.ended.object:
		ended = m.ended.standing()
	case m.dial.object:
		dial = "number"
	}
	if m.banner.object.Visible() {
		banner = m.banner.standing()
	}
	if m.others.object.Visible() {
		others = m.others.standing(m.app.state) + " below " + banner // which moves them
	}
	return
}

// spells are the dead times of all places of the window.
func (m *mainWindow) spells() []*deadSpell {
	return []*deadSpell{
		&m.call.dead, &m.call.told, &m.ended.dead, &m.dial.dead, &m.others.dead, &m.banner.dead, &m.float.dead,
		&m.refer.dead,
	}
}

// uncovered begins all dead times anew: something that stood above the window has gone from under the pointer.
func (m *mainWindow) uncovered(now time.Time) {
	for _, d := range m.spells() {
		d.again(now)
	}
}

// leave takes the keyboard from the buttons about a call that rings or has ended: when the window has lost it, for it
// may come back without anybody wanting it, and when they are about another call than they were.
func (m *mainWindow) leave() {
	c := m.win.Canvas()
	widget.Beneath(c, func() {
		focused := c.Focused()
		pane := focused == m.call.answer || focused == m.call.decline || focused == m.call.others ||
			focused == m.call.ignore
		if pane || m.ended.has(focused) || m.float.has(focused) || m.refer.has(focused) {
			c.Unfocus()
		}
	})
}
