package form

import (
	"strings"

	"fyne.io/fyne/v2"

	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// finding narrows the form to the parameters that are looked for, or to those that differ from their defaults.
type finding struct {
	form    *Page
	text    *widget.Entry
	changed *widget.Switch
	nothing *widget.Text
	folds   map[*fold]bool // how the groups stood before; nil while all are shown
	object  *fyne.Container
}

func (f *Page) newFinding() *finding {
	n := &finding{form: f, text: widget.NewEntry(tell.Word(cause.FormSearch)).Named(tell.Word(cause.FormFind))}
	n.text.OnChanged = func(string) { n.narrow() }
	n.changed = widget.NewSwitch(tell.Word(cause.FormChangedOnly), "", false, func(bool) { n.narrow() })
	n.nothing = widget.NewParagraph(tell.Word(cause.FormNothingFound)).Color(widget.ColorMuted)
	n.nothing.Hide()
	n.object = layout.Padded(0, 8, widget.Margin, widget.Margin, layout.Centred(640,
		layout.Border(nil, nil, nil, layout.Padded(0, 0, 12, 0, n.changed), layout.Padded(4, 4, 0, 0, n.text))))
	return n
}

// on tells whether anything is left out.
func (n *finding) on() bool { return strings.TrimSpace(n.text.Text) != "" || n.changed.On() }

// clear shows everything again.
func (n *finding) clear() {
	if n.on() {
		n.text.Put("")
		n.changed.SetOn(false)
		n.narrow()
	}
}

// narrow shows the fields that are looked for, unfolded, and nothing else.
func (n *finding) narrow() {
	f, found := n.form, false
	n.remember()
	for _, g := range f.groups {
		shown, more := false, false
		for _, field := range g.fields {
			is := n.wants(field)
			if is {
				field.object.Show()
			} else {
				field.object.Hide()
			}
			shown = shown || is
			more = more || is && !isFirst(field.param.Name)
		}
		g.card.Hidden = !shown
		if g.more != nil {
			g.more.body.Hidden = !more
		}
		if n.on() && shown {
			g.unfold()
		}
		found = found || shown
	}
	f.first.Hidden, n.nothing.Hidden = n.on(), found
	f.scroll.ScrollToTop()
	f.body.Refresh()
}

// remember keeps how the groups are folded when something is left out, and folds them so again afterwards.
func (n *finding) remember() {
	if n.on() == (n.folds != nil) {
		return
	}
	before := n.folds
	n.folds = nil
	if before == nil {
		n.folds = map[*fold]bool{}
	}
	for _, g := range n.form.groups {
		for _, part := range []*fold{g.fold, g.more} {
			switch {
			case part == nil:
			case before == nil:
				n.folds[part] = part.open
			default:
				part.fold(before[part])
			}
		}
	}
}

// wants tells whether a field is looked for: every word is somewhere in what it is called and what is said of it.
func (n *finding) wants(field *formField) bool {
	if n.changed.On() && !field.differs && field.bad == "" {
		return false
	}
	p := field.param
	about := strings.ToLower(p.Label + " " + p.Name + " " + p.Help + " " + string(p.Group))
	for _, word := range strings.Fields(strings.ToLower(n.text.Text)) {
		if !strings.Contains(about, word) {
			return false
		}
	}
	return true
}
