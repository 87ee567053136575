package ui

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/account"
	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// sheet is a card above the window's content: a question, a list, a text to paste. Esc closes it.
type sheet struct {
	title  string
	layer  *sheetLayer
	call   string            // ID of the call it is about; "" = none
	phase  phone.Phase       // that the call is in: the sheet closes with that
	follow func(phone.State) // nil where it shows nothing of a State
	fit    func()            // gives it the height that its content has now
	dead   deadSpell         // of the buttons that meant made
	told   *told             // what it tells, where it opened by itself
}

// told is what a sheet that opens by itself tells. It waits for the one that is open: somebody may be typing in that.
type told struct {
	what  string // it is told once at a time
	open  func()
	sheet *sheet // that comes back; nil = it is made by open
}

// mostWaiting is how many sheets wait at most.
const mostWaiting = 8

// tellOnce opens a sheet that tells something, now or when the one that is open has been closed.
func (m *mainWindow) tellOnce(what string, open func()) {
	t := &told{what: what, open: open}
	same := func(o *told) bool { return o != nil && o.what == what }
	switch {
	case m.sheet == nil:
		if open(); m.sheet != nil {
			m.sheet.told = t
		}
	case !same(m.sheet.told) && !slices.ContainsFunc(m.waiting, same) && len(m.waiting) < mostWaiting:
		m.waiting = append(m.waiting, t)
	}
}

// openSheet shows content under a title, with a button to close it. buttons stand below, the main one
// last.
func (m *mainWindow) openSheet(title string, content fyne.CanvasObject, buttons ...*widget.Button) {
	switch s := m.sheet; {
	case s == nil:
	case s.told != nil: // nobody has said that he has read it
		m.waiting = slices.Insert(m.waiting, 0, s.told)
	case s.typed():
		keyboard := m.win.Canvas().Focused()
		m.waiting = slices.Insert(m.waiting, 0, &told{s.title, func() { m.bringBack(s, keyboard) }, s})
	}
	m.removeSheet()
	closeButton := widget.NewButton("", "cross", widget.Quiet, m.closeSheet).High(widget.HeightDense).
		Named(tell.Word(cause.SheetClose))
	head := layout.Border(nil, nil, nil, container.NewCenter(closeButton),
		layout.Padded(7, 0, 0, 0, widget.NewParagraph(title).Sized(widget.SizeStrong).Bold()))
	foot := layout.Column(8)
	s := &sheet{title: title}
	for _, b := range buttons {
		foot.Add(b)
	}
	below := layout.Padded(12, 0, 0, 0, foot)
	below.Hidden = len(buttons) == 0
	s.layer = newSheetLayer(m, head, content, below)
	s.fit = func() {
		s.dead.show("", time.Now())
		s.dead.show(title, time.Now()) // its buttons may have moved
		s.layer.fit()
	}
	m.sheet = s
	s.fit()
	s.layer.show()
	m.reach(time.Now())
}

// typed tells whether closing it would lose text.
func (s *sheet) typed() bool { return widget.Typed(s.layer.content) }

// bringBack shows a sheet again in which somebody was typing when another took its place, unless what it is about is
// over.
func (m *mainWindow) bringBack(s *sheet, keyboard fyne.Focusable) {
	if s.call != "" && !isStill(m.app.state, s.call, s.phase) {
		return
	}
	m.sheet = s
	s.fit()
	s.layer.show()
	m.win.Canvas().Focus(keyboard)
	m.reach(time.Now())
}

// free makes room for what the user wants to see in the place of a sheet. It is false where that is not his to be taken
// away: something is typed into it, or it tells what nobody has said to have read.
func (m *mainWindow) free() bool {
	if m.sheet != nil && m.sheet.told == nil && !m.sheet.typed() {
		m.closeSheet()
	}
	return m.sheet == nil
}

// closeSheet closes the sheet that is open. What waits to be told comes next.
func (m *mainWindow) closeSheet() {
	if m.sheet == nil {
		return
	}
	m.removeSheet()
	for len(m.waiting) > 0 && m.sheet == nil {
		next := m.waiting[0]
		m.waiting = m.waiting[1:]
		if next.open(); m.sheet != nil && next.sheet == nil {
			m.sheet.told = next
		}
	}
}

func (m *mainWindow) removeSheet() {
	if s := m.sheet; s != nil {
		m.sheet = nil
		s.layer.hide()
		m.reach(time.Now())
	}
}

// meant makes a press of a sheet's button do something only where it was meant for it, and is not the second click on
// what opened the sheet.
func (m *mainWindow) meant(deed string, f func()) func() {
	return func() {
		opened := time.Now().Add(deadTime - doubleClick) // by a click, whose second one may come as late as that
		if m.sheet != nil && m.sheet.dead.over(opened) && m.app.meant(&m.sheet.dead, deed) {
			f()
		}
	}
}

// ask puts a question with one way on; closing the sheet is no.
func (m *mainWindow) ask(title, text, yes string, dangerous bool, do func()) {
	kind := widget.Filled
	if dangerous {
		kind = widget.Danger
	}
	m.openSheet(title, widget.NewParagraph(text),
		widget.NewButton(yes, "", kind, m.meant(yes, func() {
			m.closeSheet()
			do()
		})),
		widget.NewButton(tell.Word(cause.SheetCancel), "", widget.Outlined, m.closeSheet))
}

// tell shows something that went wrong.
func (m *mainWindow) tell(title, text string) {
	m.tellOnce(title+"\n"+text, func() {
		m.openSheet(title, widget.NewParagraph(text),
			widget.NewButton(tell.Word(cause.SheetOK), "", widget.Filled, m.closeSheet))
	})
}

// askPassword asks for the password of an account.
func (m *mainWindow) askPassword(accountID string) {
	var shown phone.AccountState
	for _, a := range m.app.state.Accounts {
		if a.ID == accountID {
			shown = a
		}
	}
	entry := widget.NewPasswordEntry(tell.Word(cause.SheetPassword))
	places := []account.SecretPlace{account.SecretKeyring, account.SecretSession, account.SecretFile}
	place := cmp.Or(shown.SecretKept, account.SecretKeyring)
	of := tell.WordOf(cause.Cause{Kind: cause.SheetPasswordOf, Account: tell.Address(shown.Address)})
	field := widget.NewField(of, "password", tell.ToBeKept(place), entry)
	words := []string{tell.Word(cause.SheetInKeyring), tell.Word(cause.SheetThisSession), tell.Word(cause.SheetInFile)}
	where := widget.NewSelect(words,
		slices.Index(places, place), "",
		func(i int) {
			place = places[i]
			field.Help.SetText(tell.ToBeKept(place))
		})
	where.Name = tell.Word(cause.SheetWhere)
	save := func() {
		if entry.Text == "" {
			field.SetBad(tell.Word(cause.SheetPasswordMissing))
			return
		}
		m.enterPassword(accountID, config.Secret(entry.Text), place)
	}
	entry.OnSubmitted = func(string) { save() }
	m.openSheet(tell.Word(cause.SheetEnterPassword), layout.Column(10, field.Box, where),
		widget.NewButton(tell.Word(cause.SheetSaveAndRegister), "", widget.Filled, save))
	m.win.Canvas().Focus(entry)
}

func (m *mainWindow) enterPassword(accountID string, password config.Secret, place account.SecretPlace) {
	m.closeSheet()
	m.app.phone.EnterPassword(accountID, password, place, func(err error) {
		fyne.Do(func() {
			switch {
			case tell.IsNotKept(err):
				m.askPlace(err, func(p account.SecretPlace) { m.enterPassword(accountID, password, p) })
			case err != nil:
				m.tellError(tell.Word(cause.SheetPasswordNotSaved), err)
			}
		})
	})
}

// askPlace asks where to keep a password that its place does not take, or with no error another place for it. Not
// keeping it is the first choice; closing the sheet changes nothing.
func (m *mainWindow) askPlace(err error, then func(account.SecretPlace)) {
	choose := func(p account.SecretPlace) func() {
		return func() {
			m.closeSheet()
			then(p)
		}
	}
	why, keyring := "", tell.Word(cause.SheetThisKeyring)
	if err != nil {
		why, keyring = strings.TrimSpace(tell.BySystem(err)+" "+tell.Word(cause.SheetNotKeptYet))+"\n",
			tell.Word(cause.SheetKeyringAgain)
	}
	session := widget.NewButton(tell.Word(cause.SheetThisSession), "", widget.Filled,
		choose(account.SecretSession)).High(widget.HeightMain)
	buttons := []*widget.Button{session, widget.NewButton(tell.Word(cause.SheetReadableFile), "", widget.Outlined,
		choose(account.SecretFile))}
	if !errors.Is(err, account.ErrTooLarge) {
		buttons = append(buttons, widget.NewButton(keyring, "", widget.Outlined, choose(account.SecretKeyring)))
	}
	content := layout.Column(8,
		widget.NewParagraph(why+tell.Word(cause.SheetSessionMeans)+"\n"+tell.Word(cause.SheetFileMeans)))
	if err != nil && !slices.ContainsFunc(tell.KeyringErrors(),
		func(known error) bool { return errors.Is(err, known) }) {
		content.Add(widget.NewParagraph(tell.SafeUpTo(err.Error(), tell.SmallPrint)).Color(widget.ColorMuted).Sized(13))
	}
	m.openSheet(tell.Word(cause.SheetAskPlace), content, buttons...)
	m.win.Canvas().Focus(session)
}
