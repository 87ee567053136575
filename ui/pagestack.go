package ui

import "time"

// deeper is a page with pages of its own: Back goes back by one of them, and is false where its first is shown.
type deeper interface{ Back() bool }

// starting is a page that says where the keyboard begins.
type starting interface{ Start() }

// open opens a page in the place of all that are open; not while something is typed into a sheet.
func (m *mainWindow) open(p page) {
	if m.sheet != nil && m.sheet.typed() {
		return
	}
	m.closeSheet()
	if m.closeAll() {
		m.put(p)
	}
}

// openOver opens a page over the one that is open, to which Back leads.
func (m *mainWindow) openOver(p page) {
	m.closeSheet()
	if m.page != nil {
		m.beneath = append(m.beneath, m.page)
	}
	m.put(p)
}

// put shows a page, nil: home.
func (m *mainWindow) put(p page) {
	m.page = p
	m.win.Canvas().Unfocus()
	if p != nil {
		p.Update(m.app.state, time.Now())
	}
	m.showSide()
	m.redraw()
}

// closeAll closes the page that is open and those beneath it, unless it is to be asked first.
func (m *mainWindow) closeAll() bool {
	if m.page != nil && !m.page.Close() {
		return false
	}
	m.forget()
	return true
}

// forget closes the pages beneath.
func (m *mainWindow) forget() {
	for _, p := range m.beneath {
		p.Close() // what is to be asked first is never beneath
	}
	m.beneath = nil
}

// pop returns the page beneath, which is so no longer; nil: home is.
func (m *mainWindow) pop() (p page) {
	if n := len(m.beneath); n > 0 {
		p, m.beneath = m.beneath[n-1], m.beneath[:n-1]
	}
	return p
}

// goBack goes back to what was shown before: within the page, or to the one that it was opened from.
func (m *mainWindow) goBack() {
	if d, is := m.page.(deeper); !is || !d.Back() {
		m.leavePage()
	}
}

// leavePage closes the page and goes back to the one that it was opened from, or to home.
func (m *mainWindow) leavePage() {
	if m.page == nil || !m.page.Close() {
		return
	}
	m.put(m.pop())
	if p, is := m.page.(starting); is {
		p.Start()
	}
	m.showLeft()
}

// closePage goes back to home.
func (m *mainWindow) closePage() {
	if m.page != nil && m.closeAll() {
		m.put(nil)
		m.showLeft()
	}
}

// dropPage closes a page that has been dealt with, without asking it.
func (m *mainWindow) dropPage() {
	m.forget()
	m.put(nil)
	m.showLeft()
}

// backTo goes back to a page of a kind, if there is one beneath the one that is open.
func backTo[T page](m *mainWindow) bool {
	for i, p := range m.beneath {
		if _, is := p.(T); !is {
			continue
		}
		if m.page.Close() {
			for _, between := range m.beneath[i+1:] {
				between.Close()
			}
			m.beneath = m.beneath[:i]
			m.put(p)
		}
		return true
	}
	return false
}
