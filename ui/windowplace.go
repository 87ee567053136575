package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/driver/desktop"
	"github.com/go-gl/glfw/v3.4/glfw"

	"calla/account"
)

// The main window comes back where it was left, on each arrangement of screens by itself: a notebook at its desk and
// on the way has two. Wayland tells no program where its windows are, nor lets it choose.

// screensNow lists the screens, empty where the windows are none of the desktop's (Fyne's test driver).
func (a *app) screensNow() (all []area) {
	if _, native := a.main.win.(driver.NativeWindow); !native {
		return nil
	}
	for _, m := range glfw.GetMonitors() {
		if mode := m.GetVideoMode(); mode != nil { // nil: it went meanwhile
			x, y := m.GetPos()
			all = append(all, area{x, y, mode.Width, mode.Height})
		}
	}
	return all
}

// arrangement names screens by size and place, in whatever order they are listed.
func arrangement(screens []area) string {
	screens = slices.Clone(screens)
	slices.SortFunc(screens, func(a, b area) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) })
	var b strings.Builder
	for _, s := range screens {
		fmt.Fprintf(&b, " %dx%d%+d%+d", s.w, s.h, s.x, s.y)
	}
	return strings.TrimSpace(b.String())
}

// grip is how much of a window has to be on one screen, from the top left corner of its content, for somebody to take
// hold of it and move it, in pixels.
const grip = 48

// placeOn finds where a window was left on these screens, if it can still be taken hold of there.
func placeOn(screens []area, places []account.Place) (p account.Place, ok bool) {
	name := arrangement(screens)
	i := slices.IndexFunc(places, func(p account.Place) bool { return p.Screens == name })
	if i < 0 || name == "" {
		return account.Place{}, false
	}
	p = places[i]
	held := func(s area) bool { return s.holds(p.X, p.Y) && s.holds(p.X+grip, p.Y+grip) }
	return p, slices.ContainsFunc(screens, held)
}

// restorePlace has the main window open where it was left. It comes before the window is shown.
func (m *mainWindow) restorePlace(places []account.Place) {
	w, ok := m.win.(desktop.Window)
	if !ok || m.app.options.Size != (account.Size{}) {
		return
	}
	if p, ok := placeOn(m.app.screensNow(), places); ok {
		w.RequestPosition(p.X, p.Y)
	}
}

// placeNow tells where the main window stands, if that can be told.
func (m *mainWindow) placeNow() (p account.Place, ok bool) {
	name := arrangement(m.app.screensNow())
	if m.painted == nil || m.app.iconified || name == "" || !m.app.desk.places(m.win) {
		return account.Place{}, false
	}
	x, y := m.painted.GetPos()
	return account.Place{Screens: name, X: x, Y: y}, true
}
