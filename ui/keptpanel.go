package ui

import (
	"slices"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone/cause"
	"calla/ui/history"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// keptPanel chooses how long calls and messages are kept.
type keptPanel struct {
	app    *app
	days   []int // that can be chosen; 0 = for ever
	choice *widget.Select
	object fyne.CanvasObject
}

func newKeptPanel(a *app) *keptPanel {
	p := &keptPanel{app: a, days: []int{7, 30, 90, 365, 3 * 365, 0}}
	if now := a.phone.Settings().KeepDays; !slices.Contains(p.days, now) { // written into the file by hand
		at, _ := slices.BinarySearch(p.days[:len(p.days)-1], now)
		p.days = slices.Insert(p.days, at, now)
	}
	p.choice = widget.NewSelect(nil, 0, "", p.choose)
	p.choice.Name = tell.Word(cause.SettingKept)
	p.show()
	content := layout.Column(8, sectionTitle(tell.Word(cause.HistoryTitle)),
		widget.NewText(tell.Word(cause.SettingKept)).Sized(13), p.choice, explained(cause.SettingKept))
	if j := a.phone.Journal(); j != nil {
		content.Add(widget.NewButton(tell.Short(cause.HistoryDeleteAll)+"…", "trash", widget.Danger, func() {
			history.AskDeleteAll(pageWindow{a.main}, j)
		}).High(40))
	}
	p.object = widget.NewCard(content)
	return p
}

// show marks what is chosen.
func (p *keptPanel) show() {
	var all []string
	for _, days := range p.days {
		all = append(all, keptWords(days))
	}
	p.choice.SetChoices(all, slices.Index(p.days, p.app.phone.Settings().KeepDays))
}

func keptWords(days int) string {
	if days == 0 {
		return tell.Word(cause.KeptForEver)
	}
	return tell.Of(cause.Cause{Kind: cause.KeptDays, Count: days}).Short
}

// choose keeps for as long as is chosen. Where that deletes something it is asked before, and until then all stays.
func (p *keptPanel) choose(i int) {
	days, now := p.days[i], p.app.phone.Settings().KeepDays
	keep := func() {
		p.app.main.change(func(s *account.Settings) { s.KeepDays = days })
		p.show()
	}
	if days == 0 || now != 0 && days >= now {
		keep()
		return
	}
	p.show()
	told := tell.Of(cause.Cause{Kind: cause.KeptShorter, Count: days})
	p.app.main.ask(told.Headline(), told.Below(), told.Short, true, keep)
}
