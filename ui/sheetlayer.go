package ui

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"calla/ui/layout"
	"calla/ui/widget"
)

// sheetLayer is a sheet above the window: what is beneath is shaded and takes no press. In a call, End stands where it
// always does, and the sheet above it.
type sheetLayer struct {
	window  *mainWindow
	content fyne.CanvasObject // of the sheet, which scrolls
	scroll  *container.Scroll
	body    *fyne.Container // content with title and buttons
	card    *widget.Panel
	end     *widget.Button
	of      string // ID of the call that end is for
	shade   *canvas.Rectangle
	tips    *widget.Tips
	object  *fyne.Container
}

// sheetMargin is what is between the sheet and the window's edges, sheetPadding between its edges and what is in it.
const sheetMargin, sheetPadding = 16, 16

func newSheetLayer(m *mainWindow, head, content fyne.CanvasObject, foot *fyne.Container) *sheetLayer {
	l := &sheetLayer{
		window: m, content: content, of: m.call.call.ID, shade: canvas.NewRectangle(color.Transparent),
		tips: widget.NewTips(),
	}
	l.scroll = container.NewVScroll(layout.Padded(2, 2, 2, 4, content))
	l.body = layout.Border(layout.Padded(0, 8, 0, 0, head), foot, nil, nil, l.scroll)
	l.card = widget.NewPanel(l.body, theme.ColorNameOverlayBackground, "", widget.RadiusCard,
		sheetPadding, sheetPadding).
		Floating()
	l.end = widget.NewButton("", "phone-down", widget.End, m.meant("end-beneath", m.surely(func() {
		m.hangUp(m.call.call)
	}))).High(widget.HeightMain)
	l.object = container.New(layout.Func{
		Min:   func([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(minWidth, 0) },
		Place: func(_ []fyne.CanvasObject, size fyne.Size) { l.place(size) },
	}, l.shade, widget.NewGround(func() {}), l.card, l.end, l.tips)
	return l
}

// place gives the sheet the height that its content has, as far as there is room above End.
func (l *sheetLayer) place(size fyne.Size) {
	l.shade.FillColor = theme.Color(theme.ColorNameShadow)
	for _, ground := range l.object.Objects[:2] {
		ground.Resize(size)
	}
	l.tips.Resize(size)
	bottom := size.Height - sheetMargin
	call := l.window.call
	if l.end.Hidden = !l.window.inCall() || !call.end.Visible(); !l.end.Hidden {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(call.actions)
		l.end.Set(call.end.Label(), "phone-down")
		l.end.SetEnabled(!call.end.Disabled())
		l.end.Move(at)
		l.end.Resize(call.actions.Size())
		bottom = at.Y - 8
	}
	width := min(size.Width-2*sheetMargin, 440)
	inside := width - 2*sheetPadding - 6                               // the scroll bar, and the focus ring
	l.content.Resize(fyne.NewSize(inside, l.content.MinSize().Height)) // paragraphs know their height by their width
	l.body.Resize(fyne.NewSize(inside+6, l.body.Size().Height))
	chrome := l.body.MinSize().Height - l.scroll.MinSize().Height + 2*sheetPadding
	height := min(l.content.MinSize().Height+6+chrome, bottom-sheetMargin)
	l.card.Resize(fyne.NewSize(width, height))
	l.card.Move(fyne.NewPos((size.Width-width)/2, sheetMargin+(bottom-sheetMargin-height)/2))
}

func (l *sheetLayer) show() {
	c := l.window.win.Canvas()
	l.object.Resize(c.Size())
	c.Overlays().Add(l.object)
}

func (l *sheetLayer) hide() { l.window.win.Canvas().Overlays().Remove(l.object) }

// followEnd has End follow the call beneath, which comes and goes.
func (l *sheetLayer) followEnd() {
	end := l.window.call.end
	there := l.window.inCall() && end.Visible()
	if of := l.window.call.call.ID; of != l.of {
		l.of = of
		l.window.sheet.dead.again(time.Now())
	}
	if there == l.end.Hidden || l.end.Label() != end.Label() || l.end.Disabled() != end.Disabled() {
		l.fit()
	}
}

// fit lays it out anew: what it shows has changed, or the call beneath has.
func (l *sheetLayer) fit() {
	l.place(l.window.win.Canvas().Size())
	l.object.Refresh()
}
