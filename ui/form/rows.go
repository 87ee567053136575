package form

import (
	"time"

	"fyne.io/fyne/v2"

	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// rowList is a list whose rows can be added, removed and moved: servers of a kind, header fields.
type rowList struct {
	box     *fyne.Container
	rows    []*listRow
	blank   func() *listRow // set by who makes the list
	changed func()
	object  *fyne.Container
}

// listRow is one row: what is typed into it, and how it is read.
type listRow struct {
	content fyne.CanvasObject
	foot    fyne.CanvasObject // beside the tools; may be nil
	flat    bool              // the tools stand beside the content, not below
	status  *rowStatus        // how what it names stands; may be nil
	value   func() any        // nil when nothing is typed
	focus   *widget.Entry
	offer   func(string) // puts another address in its place; nil where none is offered
}

// key is what the row is known by: the address in it.
func (r *listRow) key() string { return r.focus.Text }

func newRowList(add string, changed func()) *rowList {
	l := &rowList{box: layout.Column(8), changed: changed}
	button := widget.NewButton(add, "plus", widget.Quiet, func() {
		row := l.append(l.blank())
		l.changed()
		if c := fyne.CurrentApp().Driver().CanvasForObject(l.box); c != nil {
			c.Focus(row.focus)
		}
	}).High(widget.HeightDense)
	l.object = layout.Column(8, l.box, layout.Border(nil, nil, button, nil))
	return l
}

func (l *rowList) append(r *listRow) *listRow {
	l.rows = append(l.rows, r)
	l.rebuild()
	return r
}

func (l *rowList) clear() {
	l.rows = nil
	l.rebuild()
}

// values reads the rows in which something is typed.
func (l *rowList) values() []any {
	out := []any{}
	for _, r := range l.rows {
		if v := r.value(); v != nil {
			out = append(out, v)
		}
	}
	return out
}

// markBad draws those rows red that the field's rule refuses.
func (l *rowList) markBad(put func(*config.Config, any) error, bad bool) {
	for _, r := range l.rows {
		reason := ""
		if v := r.value(); bad && v != nil {
			var scratch config.Config
			reason = tell.Reason(put(&scratch, []any{v}))
		}
		r.focus.SetBad(reason)
	}
}

func (l *rowList) rebuild() {
	l.box.RemoveAll()
	for i, r := range l.rows {
		up := widget.NewButton("", "chevron-up", widget.Quiet,
			func() { l.move(i, i-1) }).High(32).Named(tell.Word(cause.FormMoveUp))
		down := widget.NewButton("", "chevron-down", widget.Quiet,
			func() { l.move(i, i+1) }).High(32).Named(tell.Word(cause.FormMoveDown))
		up.SetEnabled(i > 0)
		down.SetEnabled(i < len(l.rows)-1)
		remove := widget.NewButton("", "trash", widget.Quiet,
			func() { l.remove(i) }).High(32).Named(tell.Word(cause.FormRemove))
		tools := layout.Row(0, up, down, remove)
		if len(l.rows) == 1 {
			tools = layout.Row(0, remove)
		}
		if r.flat {
			l.box.Add(layout.Border(nil, nil, nil, layout.Border(layout.Padded(2, 0, 4, 0, tools), nil, nil, nil),
				r.content))
			continue
		}
		lines := layout.Column(4, r.content)
		if r.status != nil {
			lines.Add(r.status.object)
		}
		lines.Add(layout.Border(nil, nil, r.foot, tools))
		l.box.Add(widget.NewPanel(lines, "", widget.ColorLine, widget.RadiusInput, 8, 6))
	}
	l.box.Refresh()
}

func (l *rowList) move(from, to int) {
	l.rows[from], l.rows[to] = l.rows[to], l.rows[from]
	l.rebuild()
	l.changed()
}

func (l *rowList) remove(i int) {
	l.rows = append(l.rows[:i:i], l.rows[i+1:]...)
	l.rebuild()
	l.changed()
}

// rowStatus tells in a server's row how that server stands.
type rowStatus struct {
	mark   *widget.Mark
	words  *widget.Text
	object *fyne.Container
}

func newRowStatus() *rowStatus {
	s := &rowStatus{
		mark:  widget.NewMark(widget.Ring, 9),
		words: widget.NewParagraph("").Color(widget.ColorMuted).Sized(widget.SizeCaption),
	}
	s.object = layout.Border(nil, nil, layout.Border(layout.Padded(4, 0, 2, 6, s.mark), nil, nil, nil), nil, s.words)
	s.object.Hide()
	return s
}

// tell shows how the server with this address stands. One that is not in use, since it was only just typed, has
// nothing to tell.
func (s *rowStatus) tell(all []phone.ServerState, url string, now time.Time) {
	hidden := true
	for _, server := range all {
		if sameServer(server.URL, url) {
			hidden = false
			s.mark.Set(tell.ServerShape(server))
			s.words.SetText(tell.SentenceStart(tell.Server(server, now)))
		}
	}
	if hidden != s.object.Hidden {
		s.object.Hidden = hidden
		s.object.Refresh()
	}
}

// sameServer tells whether an address typed is that of a server in use.
func sameServer(url, typed string) bool {
	var a, b config.Config
	p, _ := config.ParameterNamed("ws_servers")
	return p.Set(&a, url) == nil && p.Set(&b, typed) == nil && a.WSServers[0].WSURI == b.WSServers[0].WSURI
}
