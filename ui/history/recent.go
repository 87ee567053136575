package history

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// Recent is somebody whom a call was with lately.
type Recent struct {
	Number
	last entry // call
}

const (
	mostRecent    = 8
	leastRecent   = 2   // rows: a list has no room where these have none
	recentMatches = 100 // calls that are looked at for them
	recentHeight  = 40  // of a row
)

// Recents returns whom the last calls were with, each once, at most 8: those who can be called.
func Recents(ctx context.Context, j *journal.Journal) ([]Recent, error) {
	page, _, err := j.Calls(ctx, journal.CallQuery{Limit: recentMatches})
	if err != nil {
		return nil, err
	}
	var all []Recent
	for _, c := range page {
		e := entryOf(c)
		r := Recent{Number: e.number(), last: e}
		if c.URI == "" || c.Outcome == journal.Blocked || r.in(all) >= 0 || len(all) == mostRecent {
			continue
		}
		all = append(all, r)
	}
	return all, nil
}

// Who is the name, or the address where there is none.
func (r Recent) Who() string { return tell.Who(r.Name, r.Text) }

// in is where the same person stands in a list, called by the same account; -1 = nowhere.
func (r Recent) in(all []Recent) int {
	return slices.IndexFunc(all, func(o Recent) bool { return o.AccountID == r.AccountID && o.URI == r.URI })
}

// RecentList shows whom the last calls were with, as many as there is room for. To the Tab key it is one stop; the
// arrows go through it.
type RecentList struct {
	Object  *fyne.Container // as high as its rows
	list    *widget.List
	all     []Recent
	most    int // rows that there is room for
	several bool
	drawn   time.Time
}

// NewRecentList makes an empty list; dial puts a number into the number field: now: and calls it.
func NewRecentList(dial func(to Number, now bool)) *RecentList {
	l := &RecentList{most: mostRecent}
	l.list = widget.NewList(l.Rows, func() fyne.CanvasObject { return newRow(recentHeight, nil) },
		func(i int, o fyne.CanvasObject, at bool) { o.(*row).show(l.all[i].last, l.several, at, l.drawn) })
	l.list.Name = tell.Word(cause.HistoryRecent)
	l.list.OnPressed = func(i int) { dial(l.all[i].Number, false) }
	l.list.OnEntered = func(i int) { dial(l.all[i].Number, true) }
	l.Object = container.New(layout.Func{
		Min:   func([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(160, l.height(l.Rows())) },
		Place: func(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) },
	}, l.list)
	return l
}

// Rows is how many are shown.
func (l *RecentList) Rows() int { return min(len(l.all), l.most) }

// height is that of so many rows.
func (l *RecentList) height(rows int) float32 {
	gap := l.list.Theme().Size(theme.SizeNamePadding)
	return max(0, float32(rows)*(heightOfRow(recentHeight)+gap)-gap)
}

// Show draws others, or the same where they are told otherwise: several: there are several accounts. It tells whether
// anything is changed by it. The keyboard stays with whom it is at.
func (l *RecentList) Show(all []Recent, several bool, now time.Time) bool {
	if slices.Equal(l.all, all) && l.several == several && now.YearDay() == l.drawn.YearDay() {
		return false
	}
	at := 0
	if i := l.list.At(); i < len(l.all) {
		at = l.all[i].in(all)
	}
	if len(l.all) > 0 && !slices.Equal(l.all, all) {
		l.list.Moved()
	}
	l.all, l.several, l.drawn = all, several, now
	l.list.GoTo(max(0, at))
	return true
}

// Hide hides it, or shows it again. The keyboard does not stay with what nobody sees.
func (l *RecentList) Hide(hide bool) {
	l.Object.Hidden = hide
	if c := fyne.CurrentApp().Driver().CanvasForObject(l.list); hide && c != nil && c.Focused() == l.list {
		c.Unfocus()
	}
}

// Fit has it show what has room in a height, and returns the height that it takes: none where there is room for no
// list.
func (l *RecentList) Fit(height float32) float32 {
	most := mostRecent
	for most > 0 && l.height(most) > height {
		most--
	}
	if most < leastRecent {
		most = 0
	}
	if most != l.most {
		l.most = most
		l.list.GoTo(l.list.At())
	}
	return l.height(l.Rows())
}
