package history

import (
	"image/color"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	fynewidget "fyne.io/fyne/v2/widget"

	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// rowHeight is that of a call in the list, at least.
const rowHeight = 52

// textWithTime is the largest text, in shares of the usual one, beside which the time has room of its own.
const textWithTime = 1.25

// row is a call in the list: where it came from, with whom, what became of it, when, and its details.
type row struct {
	fynewidget.BaseWidget
	ring              *canvas.Rectangle
	way, mark         *widget.Icon
	title, line, when *widget.Text
	details           *widget.Button
	body              *fyne.Container
	shown             entry
	open              func(entry) // its details
	marked, made      bool
}

// newRow makes a row of a height at least; open shows the details of a call, nil: it has no button for them.
func newRow(height float32, open func(entry)) *row {
	r := &row{
		ring: canvas.NewRectangle(color.Transparent), way: widget.NewIcon("call-in", widget.ColorMuted, 20),
		mark:  widget.NewIcon("record", widget.ColorMuted, 14),
		title: widget.NewText("").Bold().Shrink(60),
		line:  widget.NewText("").Color(widget.ColorMuted).Sized(13).Shrink(60),
		when:  widget.NewText("").Color(widget.ColorMuted).Sized(widget.SizeCaption), open: open,
	}
	r.ring.CornerRadius = widget.RadiusInput
	end := layout.Row(6, container.NewCenter(r.mark), container.NewCenter(r.when))
	if open != nil {
		r.details = widget.NewButton("", "info", widget.Quiet, func() { r.open(r.shown) }).High(widget.HeightDense).
			Named(tell.Word(cause.HistoryDetails))
		end.Add(container.NewCenter(r.details))
	}
	middle := container.New(layout.Func{
		Min: func([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(80, heightOfRow(height)) },
		Place: func(o []fyne.CanvasObject, size fyne.Size) {
			high, low := o[0].MinSize().Height, o[1].MinSize().Height
			y := (size.Height - high - low + 2) / 2
			if r.line.Text() == "" {
				y = (size.Height - high) / 2
			}
			o[0].Move(fyne.NewPos(0, y))
			o[0].Resize(fyne.NewSize(size.Width, high))
			o[1].Move(fyne.NewPos(0, y+high-2))
			o[1].Resize(fyne.NewSize(size.Width, low))
		},
	}, r.title, r.line)
	r.body = container.NewStack(layout.Padded(1, 1, 2, 6, r.ring), layout.Border(nil, nil,
		layout.Padded(0, 0, 10, 10, container.NewCenter(r.way)),
		end, middle))
	r.ExtendBaseWidget(r)
	return r
}

// heightOfRow is at least a height, and more where type is large.
func heightOfRow(least float32) float32 {
	line := func(size float32) float32 { return fyne.MeasureText("M", widget.Scaled(size), fyne.TextStyle{}).Height }
	return max(least, line(widget.SizeBody)+line(13)+3)
}

// CreateRenderer implements fyne.Widget.
func (r *row) CreateRenderer() fyne.WidgetRenderer { return fynewidget.NewSimpleRenderer(r.body) }

// show draws a call; several: of several accounts, focused: the keyboard is there.
func (r *row) show(e entry, several, focused bool, now time.Time) {
	large := widget.TextFactor() > textWithTime
	if !r.made || r.shown != e || r.marked != several || r.when.Text() != tell.When(e.began, now) ||
		r.when.Hidden != large {
		r.made, r.shown, r.marked, r.when.Hidden = true, e, several, large
		icon, color := wayOf(e)
		r.way.Set(icon, color)
		r.title.SetText(tell.Who(e.name, e.address))
		r.title.SetColor(widget.ColorText)
		if e.outcome == journal.Missed {
			r.title.SetColor(widget.ColorBad)
		}
		r.line.SetText(rowLine(e, several))
		r.when.SetText(tell.When(e.began, now))
		if large {
			r.line.SetText(r.when.Text() + tell.Dotted(r.line.Text()))
		}
		r.mark.Hidden = !e.recorded && !e.note
		r.mark.Set("record", widget.ColorMuted)
		if !e.recorded {
			r.mark.Set("edit", widget.ColorMuted)
		}
		r.body.Refresh()
	}
	r.ring.StrokeColor, r.ring.StrokeWidth = color.Transparent, 0
	if focused {
		r.ring.StrokeColor, r.ring.StrokeWidth = theme.Color(widget.ColorAccent), 2
	}
	r.ring.Refresh()
}

// wayOf is the arrow of a call: in, out, or in and not answered.
func wayOf(e entry) (icon string, color fyne.ThemeColorName) {
	switch {
	case e.outcome == journal.Missed:
		return "call-missed", widget.ColorBad
	case e.incoming:
		return "call-in", widget.ColorAccent
	}
	return "call-out", widget.ColorMuted
}

// rowLine is what stands below the name: what became of the call before what is long, so that a narrow window has it.
func rowLine(e entry, several bool) string {
	var parts []string
	if words := outcomeWords(e.outcome, e.length); words != "" { // one that a newer version has written has none
		parts = append(parts, words)
	}
	if below := tell.AddressBelow(e.name, e.address); below != "" {
		parts = append(parts, below)
	}
	if several && e.account != "" {
		parts = append(parts, tell.SafeLine(e.account))
	}
	return strings.Join(parts, " · ")
}

// outcomeWords tells what became of a call; how long it was talked where it was.
func outcomeWords(o journal.Outcome, length time.Duration) string {
	if o == journal.Answered && length > 0 {
		return tell.Timer(length)
	}
	return tell.Word(map[journal.Outcome]cause.Kind{
		journal.Answered: cause.CallTalked, journal.Missed: cause.CallMissed, journal.Elsewhere: cause.CallElsewhere,
		journal.Declined: cause.CallDeclined, journal.Blocked: cause.CallBlocked, journal.Refused: cause.CallUnwanted,
		journal.Unanswered: cause.CallUnanswered, journal.Cancelled: cause.CallTakenBack,
		journal.Failed: cause.CallFailed,
	}[o])
}
