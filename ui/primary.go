package ui

import (
	"errors"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"github.com/jezek/xgb/xproto"

	"calla/ui/widget"
)

const (
	primaryTime = time.Second // that a program may take to hand its selection over
	mostPrimary = 64 << 10    // octets of it that are taken
)

// errNoSelection: nothing is selected, or its program does not hand it over as text.
var errNoSelection = errors.New("nothing is selected")

// pastePrimary pastes what was selected last into a field, on X11; elsewhere there is no such thing. It is asked for
// beside Fyne's goroutine: the program that has it may not answer.
func (a *app) pastePrimary(into *widget.Entry) {
	if server, _ := a.desk.x11(a.main.win); server == nil {
		return
	}
	a.aside(func() {
		text, err := readPrimary()
		if err != nil {
			a.log.Debug("the selection is not pasted", "error", err)
			return
		}
		fyne.Do(func() { into.Paste(text) })
	})
}

// readPrimary asks for the primary selection over a connection of its own, as text in UTF-8 (ICCCM section 2.4).
func readPrimary() (string, error) {
	server, err := connectX11()
	if err != nil {
		return "", err
	}
	late := time.AfterFunc(primaryTime, server.conn.Close)
	defer func() {
		if late.Stop() {
			server.conn.Close()
		}
	}()
	window, err := xproto.NewWindowId(server.conn)
	if err != nil {
		return "", fmt.Errorf("read the selection: %w", err)
	}
	err = xproto.CreateWindowChecked(server.conn, 0, window, server.root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly,
		0, 0, nil).Check()
	if err != nil {
		return "", fmt.Errorf("read the selection: %w", err)
	}
	utf8, err := server.atom("UTF8_STRING")
	if err != nil {
		return "", err
	}
	into, err := server.atom("CALLA_SELECTION")
	if err != nil {
		return "", err
	}
	xproto.ConvertSelection(server.conn, window, xproto.AtomPrimary, utf8, into, xproto.TimeCurrentTime)
	for {
		event, err := server.conn.WaitForEvent()
		switch e := event.(type) {
		case xproto.SelectionNotifyEvent:
			if e.Property != into {
				return "", errNoSelection
			}
			return server.text(window, into, utf8)
		case nil:
			if err == nil {
				return "", errNoSelection // closed: it has taken too long
			}
		}
	}
}

// text reads a property that is a text. One that comes in parts (INCR) is of another type, and not taken.
func (x *x11) text(window xproto.Window, property, kind xproto.Atom) (string, error) {
	p, err := xproto.GetProperty(x.conn, true, window, property, kind, 0, mostPrimary/4).Reply()
	switch {
	case err != nil:
		return "", fmt.Errorf("read the selection: %w", err)
	case p.Type != kind || p.Format != 8:
		return "", errNoSelection
	}
	return string(p.Value), nil
}

// atom is the number of a name.
func (x *x11) atom(name string) (xproto.Atom, error) {
	reply, err := xproto.InternAtom(x.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, fmt.Errorf("name %s to the X server: %w", name, err)
	}
	return reply.Atom, nil
}
