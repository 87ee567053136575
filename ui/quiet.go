package ui

import (
	"log/slog"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/driver/desktop"
	"github.com/go-gl/glfw/v3.4/glfw"
)

// windowing is what Calla asks of the windowing system and Fyne has no way for: windows that open by
// themselves leave the keyboard where it is, stand at the edge of the screen that the user looks at, and
// are Calla's in the task bar. Fyne makes windows with GLFW, whose hints hold for the next window made.
//
//	X11      no focus when shown (GLFW); properties for the window manager, so that it gives none either
//	Windows  SW_SHOWNA and no SetForegroundWindow (GLFW)
//	macOS    orderFront and neither key nor main (GLFW); on the main screen
//	Wayland  the compositor decides about focus and place. No key does anything in a window that was not
//	         clicked or tabbed into, and that is all we can do
type windowing struct {
	log    *slog.Logger
	server *x11 // nil where there is none
}

// newWindowing names all windows of the program, and so comes before the first is shown. The task bar knows
// a window of X11 by its class, which without this is its first title.
func newWindowing(main fyne.Window, log *slog.Logger) *windowing {
	w := &windowing{log: log}
	if _, ok := main.(driver.NativeWindow); !ok {
		return w // Fyne's test driver
	}
	glfw.WindowHintString(glfw.X11ClassName, "Calla")
	glfw.WindowHintString(glfw.X11InstanceName, "Calla")
	return w
}

// x11 returns the X server that a window is on, and the window there; nil where it is on none, or not yet.
func (w *windowing) x11(win fyne.Window) (server *x11, window uintptr) {
	native, ok := win.(driver.NativeWindow)
	if !ok {
		return nil, 0
	}
	native.RunNative(func(context any) {
		if c, ok := context.(driver.X11WindowContext); ok {
			window = c.WindowHandle
		}
	})
	if window == 0 {
		return nil, 0
	}
	if w.server == nil {
		var err error
		if w.server, err = connectX11(); err != nil {
			w.tell(err)
			return nil, 0
		}
	}
	return w.server, window
}

// places tells whether windows may be put somewhere: not on Wayland.
func (w *windowing) places(win fyne.Window) bool {
	ok := true
	if native, is := win.(driver.NativeWindow); is {
		native.RunNative(func(context any) { _, wayland := context.(driver.WaylandWindowContext); ok = !wayland })
	}
	return ok
}

// hasWindow tells whether the windowing system has a window that was shown. Fyne only logs that it could not make one,
// for want of OpenGL above all.
func hasWindow(win fyne.Window) bool {
	native, is := win.(driver.NativeWindow)
	if !is {
		return true
	}
	there := true
	native.RunNative(func(context any) {
		switch c := context.(type) {
		case driver.X11WindowContext:
			there = c.WindowHandle != 0
		case driver.WaylandWindowContext:
			there = c.WaylandSurface != 0
		case driver.WindowsWindowContext:
			there = c.HWND != 0
		case driver.MacWindowContext:
			there = c.NSWindow != 0
		}
	})
	return there
}

// made is called again and again while a window is made, and does its work once there is one and before it
// is shown. It tells whether that has been done.
func (w *windowing) made(win fyne.Window) bool {
	server, window := w.x11(win)
	if server == nil {
		return false
	}
	w.tell(server.refuse(window))
	return true
}

func (w *windowing) tell(err error) {
	if err != nil {
		w.log.Warn("a window that opens by itself may take the keyboard, or never have it", "error", err)
	}
}

// show shows a window without giving it the keyboard.
func (w *windowing) show(win fyne.Window) {
	if _, ok := win.(driver.NativeWindow); !ok {
		win.Show()
		return
	}
	glfw.WindowHint(glfw.FocusOnShow, glfw.False)
	win.Show()
	glfw.WindowHint(glfw.FocusOnShow, glfw.True)
	if server, window := w.x11(win); server != nil {
		server.accept(window, w.tell)
	}
}

// minimises tells whether minimise does something: where the tray is not always there.
func (w *windowing) minimises(win fyne.Window) bool {
	server, _ := w.x11(win)
	return server != nil && server.managed()
}

// minimise asks the window manager to minimise a window.
func (w *windowing) minimise(win fyne.Window) {
	if server, window := w.x11(win); server != nil {
		if err := server.iconify(window); err != nil {
			w.log.Warn("the window stays", "error", err)
		}
	}
}

// demand has the task bar tell that a window wants to be looked at.
func (w *windowing) demand(win fyne.Window) {
	if server, window := w.x11(win); server != nil {
		if err := server.demand(window); err != nil {
			w.log.Info("the task bar does not tell of a missed call", "error", err)
		}
	}
}

// onTop keeps a window above all others. What a window manager knows of a window it forgets when it is
// hidden, so this is asked for anew each time.
func (w *windowing) onTop(win fyne.Window) {
	if d, ok := win.(desktop.Window); ok && w.places(win) {
		d.RequestAlwaysOnTop()
	}
}

// screen returns what the user looks at, without panels, and what the desktop draws around a window there.
// main is our main window.
func (w *windowing) screen(main fyne.Window) (area, frame) {
	around := usualFrame(main.Canvas().Scale())
	if server, window := w.x11(main); server != nil {
		if f, ok := server.frame(window); ok {
			around = f
		}
		s, err := server.screen()
		if err == nil {
			return s, around
		}
		w.log.Warn("where the user looks is not known", "error", err)
	}
	if s, ok := pointerScreen(); ok {
		return s, around
	}
	if _, ok := main.(driver.NativeWindow); ok && w.places(main) {
		if m := glfw.GetPrimaryMonitor(); m != nil {
			x, y, width, height := m.GetWorkarea()
			return area{x, y, width, height}, around
		}
	}
	return area{0, 0, 1280, 800}, around
}

// pixels is a size as the desktop counts it.
func pixels(size fyne.Size, scale float32) (w, h int) {
	return int(math.Ceil(float64(size.Width * scale))), int(math.Ceil(float64(size.Height * scale)))
}
