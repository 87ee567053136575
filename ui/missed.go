package ui

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"calla/phone"
	"calla/phone/cause"
	"calla/phone/journal"
	"calla/ui/desktop"
	"calla/ui/history"
	"calla/ui/tell"
)

// windowTitle is that of the main window, with how many missed calls nobody has looked at.
func windowTitle(missed int) string {
	if missed == 0 {
		return "Calla"
	}
	return tell.Counted(cause.MissedCalls, missed) + " · Calla"
}

// showMissed tells of missed calls where the window cannot be looked into: by its title and, when one more has come, in
// the task bar. What was missed before Calla was started (the first counts) is no news.
func (a *app) showMissed(before, now journal.Counts) {
	if now.Missed != a.missed {
		a.missed = now.Missed
		a.main.win.SetTitle(windowTitle(now.Missed))
	}
	if now.Missed > before.Missed && before.Calls > 0 && !a.front {
		a.desk.demand(a.main.win)
	}
}

// recentTime bounds the question whom the last calls were with.
const recentTime = 5 * time.Second

// findRecents asks whom the last calls were with, when that may have changed.
func (a *app) findRecents(s phone.State) {
	j := a.phone.Journal()
	if j == nil || s.Journal.Calls == a.recentOf {
		return
	}
	a.recentOf = s.Journal.Calls
	of := a.recentOf
	a.aside(func() {
		ctx, cancel := context.WithTimeout(context.Background(), recentTime)
		defer cancel()
		all, err := history.Recents(ctx, j)
		fyne.Do(func() {
			if err == nil && of == a.recentOf { // otherwise another answer comes, or none can
				a.showRecents(all)
			}
		})
	})
}

// showRecents shows whom the last calls were with, wherever that is shown.
func (a *app) showRecents(all []history.Recent) {
	if !slices.Equal(all, a.recents) {
		a.recents, a.recentAt = all, time.Now()
	}
	if a.seen() {
		a.main.dial.update(a.state)
		a.main.details.update(a.state, time.Now())
	}
	if a.inTray != nil {
		var short []desktop.Recent
		for _, r := range all {
			short = append(short, desktop.Recent{Name: r.Who(), AccountID: r.AccountID, URI: r.URI, After: r.After})
		}
		a.inTray.SetRecent(short)
	}
}

// dialRecent puts one of them into the number field, or calls him. An Enter that comes right after they have changed
// was meant for somebody else.
func (a *app) dialRecent(to history.Number, now bool) {
	if !now || time.Since(a.recentAt) >= deadTime {
		a.main.dialKept(to, now)
	}
}

// recentsBeside tells whether the pane beside the keypad shows whom the last calls were with.
func (m *mainWindow) recentsBeside() bool {
	_, live := m.shownCall(m.app.state)
	return m.wide && !live
}
