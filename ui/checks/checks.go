// Package checks shows the steps of a connectivity check as they go.
package checks

import (
	"context"
	"maps"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone/cause"
	"calla/phone/doctor"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// List shows the steps of a check: mark, name, words, milliseconds.
type List struct {
	rows   map[int]*row
	box    *fyne.Container
	Object fyne.CanvasObject
	Failed *doctor.Step      // the first step that failed
	Fix    func(cause.Cause) // does what the button of a problem says; nil = there is none
	Ended  bool              // and not by its context
}

type row struct {
	mark        *widget.Mark
	name, took  *widget.Text
	words, todo *widget.Text
	fix         *widget.Button
	problem     *cause.Cause
}

// New makes an empty list.
func New() *List {
	c := &List{box: layout.Column(10)}
	c.Object = layout.Column(10, widget.NewText(tell.Word(cause.ChecksTitle)).Sized(widget.SizeStrong).Bold(), c.box)
	c.Clear()
	return c
}

// Clear takes away what an earlier check told.
func (c *List) Clear() {
	c.rows, c.Failed, c.Ended = map[int]*row{}, nil, false
	c.box.RemoveAll()
}

// Step draws one report of the doctor.
func (c *List) Step(s doctor.Step) {
	r := c.rows[s.ID]
	if r == nil {
		r = &row{
			mark: widget.NewMark(widget.Dots, 12), name: widget.NewText("").Shrink(80),
			took:  widget.NewText("").Color(widget.ColorMuted).Sized(widget.SizeCaption),
			words: widget.NewParagraph("").Color(widget.ColorMuted).Sized(widget.SizeCaption),
			todo:  widget.NewParagraph("").Sized(widget.SizeCaption),
		}
		r.fix = widget.NewButton(tell.Word(cause.ChecksChange), "", widget.Outlined,
			func() { c.Fix(*r.problem) }).High(widget.HeightDense)
		r.fix.Hide()
		c.rows[s.ID] = r
		c.box.Add(layout.Border(nil, nil,
			layout.Border(layout.Padded(4, 0, 0, 8, r.mark), nil, nil, nil), nil,
			layout.Column(0, layout.Border(nil, nil, nil, r.took, r.name), r.words, r.todo,
				layout.Border(nil, nil, r.fix, nil))))
	}
	r.name.SetText(tell.Short(s.Check))
	told := tell.Of(s.Cause)
	words := told.Headline()
	if s.Server != "" && (s.Check == cause.CheckName || s.Check == cause.CheckSTUN || s.Check == cause.CheckTURN) {
		words = tell.SafeLine(s.Server) + tell.Dotted(words)
	}
	todo := ""
	switch s.Status {
	case doctor.OK:
		r.mark.Set(widget.Check)
		r.took.SetText(tell.Milliseconds(s.Took))
	case doctor.Failed, doctor.Remark:
		r.mark.Set(widget.Triangle)
		r.took.SetText(tell.Word(cause.ChecksNotUsed))
		if s.Status == doctor.Failed {
			r.mark.Set(widget.Cross)
			r.took.SetText(tell.Word(cause.ChecksFailed))
			if c.Failed == nil {
				c.Failed = &s
			}
		}
		words, todo = told.Title, told.Below()
		c.offer(r, s.Cause)
	case doctor.Skipped:
		r.mark.Set(widget.Dash)
		r.took.SetText(tell.Word(cause.ChecksSkipped))
	default:
		r.took.SetText("…")
	}
	r.words.SetText(words)
	r.words.Hidden = words == ""
	r.todo.SetText(todo)
	r.todo.Hidden = todo == ""
	c.box.Refresh()
}

// Text is what the steps say, a line for each.
func (c *List) Text() string {
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(c.rows)) {
		r := c.rows[id]
		b.WriteString(r.name.Text() + " (" + r.took.Text() + ")")
		if words := strings.TrimSpace(r.words.Text() + " " + r.todo.Text()); words != "" {
			b.WriteString(": " + words)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// offer shows the button of a problem where there is somebody who does what it says.
func (c *List) offer(r *row, p cause.Cause) {
	label := ""
	switch {
	case p.Offer != "":
		label = tell.ProblemAction(p)
	case p.Action == cause.ActionEnterPassword:
		label = tell.Word(cause.ChecksChangePassword)
	case p.Action == cause.ActionEditAccount && p.Parameter != "":
		label = tell.Word(cause.ChecksChange)
	}
	r.problem = &p
	r.fix.Hidden = label == "" || c.Fix == nil
	if label != "" {
		r.fix.Set(label, "")
	}
}

// Phone checks accounts; see ui.Phone.
type Phone interface {
	TestAccount(ctx context.Context, a account.Account, secret account.Secret, step func(doctor.Step))
}

// Run checks an account and draws each step. It blocks; it is for a goroutine of its own.
func (c *List) Run(ctx context.Context, p Phone, a account.Account, secret account.Secret) {
	p.TestAccount(ctx, a, secret, func(s doctor.Step) {
		fyne.Do(func() {
			if ctx.Err() == nil {
				c.Step(s)
			}
		})
	})
	fyne.Do(func() { c.Ended = ctx.Err() == nil })
}
