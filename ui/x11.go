package ui

import (
	"fmt"
	"io"
	"log"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xinerama"
	"github.com/jezek/xgb/xproto"
)

// x11 is a connection of our own to the X server, for what neither Fyne nor GLFW tells it. All methods are
// short round trips to a server on this computer.
type x11 struct {
	conn *xgb.Conn
	root xproto.Window
}

// connectX11 connects to the server that DISPLAY names, as GLFW does.
func connectX11() (*x11, error) {
	xgb.Logger = log.New(io.Discard, "", 0) // it would tell the terminal of a missing Xauthority
	conn, err := xgb.NewConn()
	if err != nil {
		return nil, fmt.Errorf("connect to the X server: %w", err)
	}
	return &x11{conn, xproto.Setup(conn).DefaultScreen(conn).Root}, nil
}

// refuse has the window manager give the window no focus when it opens. A _NET_WM_USER_TIME of 0 (Extended
// Window Manager Hints 1.5) says that no deed of the user opened it. Fluxbox does not read that; it heeds
// that a window takes no input (WM_HINTS, ICCCM section 4.1.2.4), which accept takes back. The window must
// not be mapped yet, for then it would be too late.
func (x *x11) refuse(window uintptr) error {
	name := "_NET_WM_USER_TIME"
	atom, err := xproto.InternAtom(x.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	if err := x.set(window, atom.Atom, xproto.AtomCardinal, 0); err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	return x.takesInput(window, false)
}

// accept lets the window have the keyboard after all, for those who click into it, once the window manager
// has opened it. That it has is told by WM_STATE (ICCCM section 4.1.3.1); where there is no window manager it
// never is. It returns at once.
func (x *x11) accept(window uintptr, done func(error)) {
	go func() {
		for range 200 {
			if state := x.numbers(xproto.Window(window), "WM_STATE"); len(state) > 0 && state[0] != 0 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		done(x.takesInput(window, true))
	}()
}

func (x *x11) takesInput(window uintptr, input bool) error {
	const inputHint, stateHint, normal = 1, 2, 1
	hints := []uint32{inputHint | stateHint, 0, normal, 0, 0, 0, 0, 0, 0}
	if input {
		hints[1] = 1
	}
	if err := x.set(window, xproto.AtomWmHints, xproto.AtomWmHints, hints...); err != nil {
		return fmt.Errorf("set WM_HINTS: %w", err)
	}
	return nil
}

// set writes a property of numbers. It has been done when this returns: before GLFW, say, maps the window over
// its own connection.
func (x *x11) set(window uintptr, property, kind xproto.Atom, numbers ...uint32) error {
	data := make([]byte, 4*len(numbers))
	for i, n := range numbers {
		xgb.Put32(data[4*i:], n)
	}
	return xproto.ChangePropertyChecked(x.conn, xproto.PropModeReplace, xproto.Window(window), property, kind, 32,
		uint32(len(numbers)), data).Check()
}

// screen returns the monitor that the pointer is on, without panels and docks.
func (x *x11) screen() (area, error) {
	pointer, err := xproto.QueryPointer(x.conn, x.root).Reply()
	if err != nil {
		return area{}, fmt.Errorf("ask where the pointer is: %w", err)
	}
	all, err := x.monitors()
	if err != nil {
		return area{}, err
	}
	monitor := all[0]
	for _, m := range all {
		if m.holds(int(pointer.RootX), int(pointer.RootY)) {
			monitor = m
			break
		}
	}
	if free := monitor.and(x.workArea()); !free.empty() {
		return free, nil
	}
	return monitor, nil
}

// monitors lists the monitors, at least one. Xinerama tells of those of RandR too.
func (x *x11) monitors() ([]area, error) {
	if err := xinerama.Init(x.conn); err == nil {
		if r, err := xinerama.QueryScreens(x.conn).Reply(); err == nil && len(r.ScreenInfo) > 0 {
			var all []area
			for _, s := range r.ScreenInfo {
				all = append(all, area{int(s.XOrg), int(s.YOrg), int(s.Width), int(s.Height)})
			}
			return all, nil
		}
	}
	g, err := xproto.GetGeometry(x.conn, xproto.Drawable(x.root)).Reply()
	if err != nil {
		return nil, fmt.Errorf("ask for the size of the screen: %w", err)
	}
	return []area{{0, 0, int(g.Width), int(g.Height)}}, nil
}

// workArea returns what panels and docks leave of the whole desktop, empty where no window manager tells.
func (x *x11) workArea() area {
	areas := x.numbers(x.root, "_NET_WORKAREA")
	desktop := 0
	if n := x.numbers(x.root, "_NET_CURRENT_DESKTOP"); len(n) > 0 && 4*n[0]+4 <= len(areas) {
		desktop = n[0]
	}
	if areas = areas[min(4*desktop, len(areas)):]; len(areas) < 4 {
		return area{}
	}
	return area{areas[0], areas[1], areas[2], areas[3]}
}

// frame returns what the window manager has drawn around one of our windows.
func (x *x11) frame(window uintptr) (frame, bool) {
	n := x.numbers(xproto.Window(window), "_NET_FRAME_EXTENTS")
	if len(n) < 4 {
		return frame{}, false
	}
	return frame{left: n[0], right: n[1], top: n[2], bottom: n[3]}, true
}

// numbers reads a property that is a list of numbers; nil where there is none.
func (x *x11) numbers(window xproto.Window, name string) (n []int) {
	atom, err := xproto.InternAtom(x.conn, true, uint16(len(name)), name).Reply()
	if err != nil || atom.Atom == xproto.AtomNone {
		return nil
	}
	const most = 4 * 64 // the work areas of 64 desktops
	p, err := xproto.GetProperty(x.conn, false, window, atom.Atom, xproto.GetPropertyTypeAny, 0, most).Reply()
	if err != nil || p.Format != 32 {
		return nil
	}
	for v := p.Value; len(v) >= 4; v = v[4:] {
		n = append(n, int(int32(xgb.Get32(v))))
	}
	return n
}

// managed tells whether a window manager runs (Extended Window Manager Hints 1.5, _NET_SUPPORTING_WM_CHECK).
func (x *x11) managed() bool {
	check := x.numbers(x.root, "_NET_SUPPORTING_WM_CHECK")
	return len(check) > 0 && check[0] != 0
}

// iconify asks the window manager to minimise one of our windows (ICCCM section 4.1.4).
func (x *x11) iconify(window uintptr) error {
	const iconic = 3
	if err := x.ask(window, "WM_CHANGE_STATE", iconic); err != nil {
		return fmt.Errorf("minimise: %w", err)
	}
	return nil
}

// activate asks the window manager to bring one of our windows to the front and to give it the keyboard, as it does for
// a task bar (Extended Window Manager Hints 1.5, _NET_ACTIVE_WINDOW). at is the time of the user's deed, 0 = unknown.
func (x *x11) activate(window uintptr, at uint32) error {
	const fromUser = 2
	if err := x.ask(window, "_NET_ACTIVE_WINDOW", fromUser, at); err != nil {
		return fmt.Errorf("bring to the front: %w", err)
	}
	return nil
}

// demand has the window manager show that one of our windows wants attention, until it is looked at (Extended Window
// Manager Hints 1.5, _NET_WM_STATE_DEMANDS_ATTENTION).
func (x *x11) demand(window uintptr) error {
	const add, fromApplication = 1, 1
	name := "_NET_WM_STATE_DEMANDS_ATTENTION"
	atom, err := xproto.InternAtom(x.conn, false, uint16(len(name)), name).Reply()
	if err == nil {
		err = x.ask(window, "_NET_WM_STATE", add, uint32(atom.Atom), 0, fromApplication)
	}
	if err != nil {
		return fmt.Errorf("demand attention: %w", err)
	}
	return nil
}

// ask asks the window manager for something about a window, by a message with numbers.
func (x *x11) ask(window uintptr, what string, numbers ...uint32) error {
	atom, err := xproto.InternAtom(x.conn, false, uint16(len(what)), what).Reply()
	if err != nil {
		return err
	}
	event := xproto.ClientMessageEvent{
		Format: 32, Window: xproto.Window(window), Type: atom.Atom,
		Data: xproto.ClientMessageDataUnionData32New(append(numbers, make([]uint32, 5-len(numbers))...)),
	}
	const mask = xproto.EventMaskSubstructureRedirect | xproto.EventMaskSubstructureNotify
	return xproto.SendEventChecked(x.conn, false, x.root, mask, string(event.Bytes())).Check()
}

// resources are what the user has set for programs of this server, a line for each (X Resource Manager).
func (x *x11) resources() string {
	const most = 256 << 10 // octets
	p, err := xproto.GetProperty(x.conn, false, x.root,
		xproto.AtomResourceManager, xproto.AtomString, 0, most/4).Reply()
	if err != nil {
		return ""
	}
	return string(p.Value)
}
