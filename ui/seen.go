package ui

import (
	"reflect"
	"slices"
	"time"

	"github.com/go-gl/glfw/v3.4/glfw"

	"calla/phone"
)

// seen tells whether the main window may be seen: nobody sees it while it is hidden or minimised, and nothing is drawn
// in it then. What would have been is drawn when it comes back.
func (a *app) seen() bool { return !a.hidden && !a.iconified }

// setHidden follows the main window into the tray and back, before it is shown.
func (a *app) setHidden(hidden bool) {
	before := a.seen()
	a.hidden = hidden
	if !hidden {
		a.starting = false
	}
	a.seenChanged(before)
}

// setIconified follows the window manager.
func (a *app) setIconified(iconified bool) {
	before := a.seen()
	a.iconified = iconified
	a.seenChanged(before)
}

func (a *app) seenChanged(before bool) {
	if a.seen() && !before {
		a.main.update(a.state, time.Now())
	}
	if before && !a.seen() && len(a.state.Calls) == 0 {
		a.lull.begin()
	}
	a.keepPace()
}

// painting is called at the begin of each paint of the main window.
func (a *app) painting() {
	if win := a.doze.painting(a.main.win); win != nil && !a.follows {
		a.follows, a.main.painted = true, win // Fyne has no use for this callback
		win.SetIconifyCallback(func(_ *glfw.Window, iconified bool) { a.setIconified(iconified) })
	}
}

// keepPace has move what moves by itself, as often as that is seen.
func (a *app) keepPace() {
	t := tempo{}
	if c, live := a.main.shownCall(a.state); live {
		t.from = c.Connected
	}
	switch {
	case a.seen() && a.main.showsLevels():
		t.beats = a.doze.costs.affordable()
	case a.seen() && goesWithTime(a.state), len(a.ringing) > 0:
		t.beats = 1
	}
	a.pace.set(t)
}

// beat moves what moves by itself.
func (a *app) beat(second bool) {
	if a.seen() {
		a.main.levels()
	}
	if second {
		a.tick()
		a.keepPace()
	}
}

// tick moves what goes with time.
func (a *app) tick() {
	now := time.Now()
	if a.seen() {
		if a.figures {
			a.figures = false
			a.main.updateFigures(a.state)
		}
		a.main.tick(now)
	}
	for _, w := range a.ringing {
		w.card.tick(now)
	}
}

// figuresAlone tells whether two States differ in nothing but what is measured of calls: once a second that is all that
// is new, and shown with the timer, which the window is painted for anyway.
func figuresAlone(before, now phone.State) bool {
	if len(now.Calls) == 0 || len(before.Calls) != len(now.Calls) || before.Serial == now.Serial {
		return false
	}
	before.Serial, now.Serial = 0, 0
	before.Calls, now.Calls = withoutFigures(before.Calls), withoutFigures(now.Calls)
	return reflect.DeepEqual(before, now)
}

func withoutFigures(calls []phone.CallState) []phone.CallState {
	calls = slices.Clone(calls)
	for i := range calls {
		calls[i].Quality = phone.Quality{}
	}
	return calls
}

// updateFigures shows what is measured of a call.
func (m *mainWindow) updateFigures(s phone.State) {
	c, live := m.shownCall(s)
	if !live {
		return
	}
	m.call.call.Quality = c.Quality
	m.call.bars.Set(c.Quality.Bars(), c.Quality.Known)
	if m.wide {
		m.details.call.set(callFigures(c))
	}
}
