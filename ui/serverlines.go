package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// serverLines show how the servers of an account stand, one below the other.
type serverLines struct {
	lines  []*serverLine
	object *fyne.Container
}

// serverLine shows how one stands.
type serverLine struct {
	mark               *widget.Mark
	weight, url, state *widget.Text
	object             fyne.CanvasObject
}

func newServerLines() *serverLines { return &serverLines{object: layout.Column(8)} }

func newServerLine() *serverLine {
	l := &serverLine{
		mark: widget.NewMark(widget.Ring, 10), weight: widget.NewText("").Sized(widget.SizeCaption).Bold(),
		url:   widget.NewText("").Sized(13).Shrink(80),
		state: widget.NewParagraph("").Color(widget.ColorMuted).Sized(widget.SizeCaption),
	}
	weight := widget.NewPanel(l.weight, widget.ColorSurface2, "", 9, 8, 1)
	l.object = layout.Border(nil, nil, layout.Border(layout.Padded(5, 0, 0, 8, l.mark), nil, nil, nil),
		layout.Padded(0, 0, 8, 0, container.NewCenter(weight)), layout.Column(0, l.url, l.state))
	return l
}

// update draws them, changing only what differs.
func (s *serverLines) update(servers []phone.ServerState, now time.Time) {
	if len(s.lines) != len(servers) {
		for len(s.lines) < len(servers) {
			s.lines = append(s.lines, newServerLine())
		}
		s.lines = s.lines[:len(servers)]
		s.object.RemoveAll()
		for _, l := range s.lines {
			s.object.Add(l.object)
		}
	}
	for i, server := range servers {
		l := s.lines[i]
		l.mark.Set(tell.ServerShape(server))
		l.weight.SetText(tell.Value(server.Weight))
		l.url.SetText(tell.SafeLine(server.URL))
		l.state.SetText(tell.Server(server, now))
	}
}
