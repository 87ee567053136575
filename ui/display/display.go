// Package display finds out, before the window's toolkit tries, whether there is something that a window can be opened
// on. The toolkit ends the program where there is not, or waits for ever.
package display

import (
	"cmp"
	"time"

	"calla/phone/cause"
)

// patience is how long a display may take to answer. One that works takes a millisecond or two.
const patience = 3 * time.Second

// What the environment says of displays.
const (
	x11Display     = "DISPLAY"         // of an X server
	waylandDisplay = "WAYLAND_DISPLAY" // of a Wayland compositor
	waylandSocket  = "WAYLAND_SOCKET"  // the same, as an open connection that can be used once
	fynePlatform   = "FYNE_PLATFORM"   // which of the two Fyne takes
	fyneX11        = "x11"
	fyneWayland    = "wayland"
)

// outcome is what became of an attempt to reach a display.
type outcome int

// What can become of it.
const (
	works     outcome = iota
	noLibrary         // nothing on this computer speaks its protocol
	nobody            // nothing answers there, or it lets nobody in
	noGL              // it is there, and has nothing to draw a window with
	noAnswer          // within patience
)

// environment is what Probe knows of the world.
type environment struct {
	get     func(name string) string
	set     func(name, value string)
	x11     func() outcome // asks the X server
	wayland func() outcome // asks the compositor
	listens func() bool    // somebody takes connections at the X server's address
}

// probe finds why no window can be opened; nil where one can. Where one of two displays works, Fyne is told to take it.
func (e environment) probe() *cause.Cause {
	x, wayland := e.get(x11Display) != "", e.get(waylandDisplay) != "" || e.get(waylandSocket) != ""
	switch e.get(fynePlatform) {
	case fyneX11:
		x, wayland = true, false
	case fyneWayland:
		x, wayland = false, true
	}
	if !x && !wayland {
		return &cause.Cause{Kind: cause.NoDisplay}
	}
	var ofX, ofWayland *cause.Cause
	if x {
		ofX = e.x11Cause(within(patience, e.x11))
	}
	if wayland && e.get(waylandSocket) == "" {
		ofWayland = e.waylandCause(within(patience, e.wayland))
	}
	switch {
	case x && wayland && ofX == nil && ofWayland != nil:
		e.set(fynePlatform, fyneX11)
	case x && wayland && ofX != nil && ofWayland == nil:
		e.set(fynePlatform, fyneWayland)
	case wayland && ofWayland != nil:
		return ofWayland
	case !wayland || !x && ofX != nil:
		return ofX
	}
	return nil
}

// within asks on a goroutine of its own, which is left behind where there is no answer in time.
func within(limit time.Duration, ask func() outcome) outcome {
	answer := make(chan outcome, 1)
	go func() { answer <- ask() }()
	select {
	case o := <-answer:
		return o
	case <-time.After(limit):
		return noAnswer
	}
}

// x11Cause is why an X server cannot be used; nil where it can.
func (e environment) x11Cause(o outcome) *cause.Cause {
	c := cause.Cause{Address: e.get(x11Display)}
	switch o {
	case works:
		return nil
	case nobody:
		switch {
		case c.Address == "": // Fyne was told to take what is not there
			c.Kind = cause.NoDisplay
		case e.listens():
			c.Kind = cause.DisplayRefuses
		default:
			c.Kind = cause.DisplayUnreachable
		}
	case noLibrary:
		c.Kind = cause.DisplayNoLibrary
	case noGL:
		c.Kind = cause.DisplayWithoutGL
	case noAnswer:
		c.Kind = cause.DisplayNoAnswer
	}
	return &c
}

// waylandCause is why a compositor cannot be used; nil where it can.
func (e environment) waylandCause(o outcome) *cause.Cause {
	c := cause.Cause{Address: cmp.Or(e.get(waylandDisplay), "wayland-0")}
	switch o {
	case works:
		return nil
	case noLibrary:
		c.Kind = cause.DisplayNoLibrary
	case noAnswer:
		c.Kind = cause.DisplayNoAnswer
	case nobody, noGL:
		c.Kind = cause.WaylandUnreachable
	}
	return &c
}
