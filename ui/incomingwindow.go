package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// incomingWidth is the width of the window of a call that rings.
const incomingWidth = 400

// incomingWindow is the small window above all others that a call rings in. Each call that rings has its
// own, at a place that it keeps. It opens by itself and so takes no keyboard; plain keys do something in it
// only once a click or Tab has put one of its buttons in charge of them.
//
// A window is hidden after its call and used again: Fyne on macOS gives the keyboard to the main window when
// another is closed, and a window that is there shows faster.
type incomingWindow struct {
	win   fyne.Window
	card  *incomingCard // another for each call
	at    area          // its place, frame and all
	quiet bool          // the window manager knows that it wants no keyboard
}

func newIncomingWindow(a *app) *incomingWindow {
	w := &incomingWindow{win: a.fyne.NewWindow(tell.Word(cause.IncomingWindow))}
	w.win.SetPadded(false)
	w.win.SetFixedSize(true)
	w.win.SetCloseIntercept(w.closed)
	keys := &shortcuts{app: a, canvas: w.win.Canvas(), popup: w}
	keys.install()
	return w
}

// closed follows the window's own close button: it only silences the call, which is neither answered nor
// refused.
func (w *incomingWindow) closed() { w.card.app.phone.Ignore(w.card.call.ID) }

// ring puts a new card for a call into the window and returns its size.
func (w *incomingWindow) ring(a *app, c phone.CallState, now time.Time) fyne.Size {
	w.card, w.quiet = newIncomingCard(a), false
	card := w.card
	// A click beside the buttons is one into the window: from then on Enter answers, and is seen to.
	ground := widget.NewGround(func() { w.win.Canvas().Focus(card.answer) })
	w.win.SetContent(container.New(layout.Func{
		Min: func(o []fyne.CanvasObject) fyne.Size {
			// Between making a window and showing it, Fyne does nothing that we could follow but to ask how large
			// its content is.
			w.quiet = w.quiet || a.desk.made(w.win)
			return o[1].MinSize()
		},
		Place: func(o []fyne.CanvasObject, size fyne.Size) {
			for _, o := range o {
				o.Move(fyne.NewPos(0, 0))
				o.Resize(size)
			}
		},
	}, ground, layout.Padded(widget.Margin, 8, widget.Margin, widget.Margin, card.object), widget.NewTips()))
	for range 2 { // what there is to say depends on the width that the name has
		card.update(c, now)
		w.win.Content().Resize(fyne.NewSize(incomingWidth, w.win.Content().MinSize().Height))
	}
	size := fyne.NewSize(incomingWidth, w.win.Content().MinSize().Height)
	w.win.Resize(size)
	return size
}

// clear hides the window after its call. No menu of that stays open in it for the next one.
func (w *incomingWindow) clear() {
	w.win.Hide()
	overlays := w.win.Canvas().Overlays()
	for overlays.Top() != nil {
		overlays.Remove(overlays.Top())
	}
	w.win.Canvas().Unfocus()
}

// openIncoming opens a window for a call, or none where there is no more room for it.
func (a *app) openIncoming(c phone.CallState, now time.Time) *incomingWindow {
	var w *incomingWindow
	if n := len(a.spare); n > 0 {
		w, a.spare = a.spare[n-1], a.spare[:n-1]
	} else {
		w = newIncomingWindow(a)
	}
	size := w.ring(a, c, now)
	screen, around := a.desk.screen(a.main.win)
	inside := area{}
	inside.w, inside.h = pixels(size, a.main.win.Canvas().Scale())
	outside := around.around(inside)
	var taken []area
	for _, other := range a.ringing {
		taken = append(taken, other.at)
	}
	place, ok := freePlace(screen, outside.w, outside.h, taken)
	if !ok && a.desk.places(a.main.win) {
		a.spare = append(a.spare, w)
		return nil
	}
	w.at = place
	if d, ok := w.win.(desktop.Window); ok && a.desk.places(a.main.win) {
		d.RequestPosition(place.x+around.left, place.y+around.top)
	}
	w.win.SetTitle(tell.WordOf(cause.Cause{Kind: cause.IncomingCalls, Party: tell.Who(c.Name, c.Address)}))
	a.desk.onTop(w.win)
	a.desk.show(w.win)
	a.desk.onTop(w.win)
	return w
}

// updateIncoming opens, draws and closes the windows of ringing calls.
func (a *app) updateIncoming(s phone.State, now time.Time) {
	ringing := map[string]bool{}
	for _, c := range s.Calls {
		ringing[c.ID] = c.Phase == phone.PhaseIncoming
	}
	for id, w := range a.ringing {
		if !ringing[id] {
			delete(a.ringing, id)
			w.clear()
			a.spare = append(a.spare, w)
			a.main.uncovered(now)
		}
	}
	opened := false
	for _, c := range s.Calls {
		w := a.ringing[c.ID]
		switch {
		case c.Phase != phone.PhaseIncoming:
		case w != nil:
			w.card.update(c, now)
			w.win.SetTitle(tell.WordOf(cause.Cause{Kind: cause.IncomingCalls, Party: tell.Who(c.Name, c.Address)}))
		default:
			if w = a.openIncoming(c, now); w != nil {
				a.ringing[c.ID] = w
				opened = true
			}
		}
	}
	if opened {
		// Opening takes longer than a dead time. It begins when what was clicked meanwhile has been taken.
		a.doze.do(func() { a.reached(now, time.Now()) })
	}
}

// reached begins the dead time of windows that have just opened, and anew for all whose dead time was not
// over as of when that began: clicks of that time come late.
func (a *app) reached(asOf, now time.Time) {
	for id, w := range a.ringing {
		w.card.dead.show(id, now)
		w.card.dead.restart(asOf, now)
	}
	for _, d := range a.main.spells() {
		d.restart(asOf, now)
	}
}
