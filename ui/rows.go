package ui

import (
	"fyne.io/fyne/v2"

	"calla/ui/widget"
)

// rowList is a list whose rows can be added, removed and moved: servers of a kind.
type rowList struct {
	box     *fyne.Container
	rows    []*listRow
	blank   func() *listRow // set by who makes the list
	changed func()
	object  fyne.CanvasObject
}

// listRow is one row: what is typed into it, and how it is read.
type listRow struct {
	content fyne.CanvasObject
	foot    fyne.CanvasObject // beside the tools; may be nil
	value   func() any        // nil when nothing is typed
	focus   fyne.Focusable
}

func newRowList(add string, changed func()) *rowList {
	l := &rowList{box: column(8), changed: changed}
	button := widget.NewButton(add, "plus", widget.Quiet, func() {
		row := l.append(l.blank())
		l.changed()
		if c := fyne.CurrentApp().Driver().CanvasForObject(l.box); c != nil && row.focus != nil {
			c.Focus(row.focus)
		}
	}).High(widget.HeightDense)
	l.object = column(8, l.box, border(nil, nil, button, nil))
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

func (l *rowList) rebuild() {
	l.box.RemoveAll()
	for i, r := range l.rows {
		up := widget.NewButton("", "chevron-up", widget.Quiet, func() { l.move(i, i-1) }).High(32).Named("Move up")
		down := widget.NewButton("", "chevron-down", widget.Quiet, func() { l.move(i, i+1) }).High(32).Named("Move down")
		up.SetEnabled(i > 0)
		down.SetEnabled(i < len(l.rows)-1)
		remove := widget.NewButton("", "trash", widget.Quiet, func() { l.remove(i) }).High(32).Named("Remove")
		tools := row(0, up, down, remove)
		if len(l.rows) == 1 {
			tools = row(0, remove)
		}
		l.box.Add(widget.NewPanel(column(4, r.content, border(nil, nil, r.foot, tools)),
			"", widget.ColorLine, widget.RadiusInput, 8, 6))
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
