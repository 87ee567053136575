package ui

import (
	"runtime"
	"slices"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// shortcuts are the keys of one window. Esc closes menus, sheets and pages and never ends a call.
type shortcuts struct {
	app    *app
	canvas fyne.Canvas
	popup  *incomingWindow // nil in the main window
	combos fyne.ShortcutHandler
}

// shortcutHelp is one line of the list that F1 shows.
type shortcutHelp struct{ keys, what string }

// either is one key or another.
func either(a, b string) string { return tell.WordOf(cause.Cause{Kind: cause.KeyOr, Text: a, To: b}) }

func shortcutList() []shortcutHelp {
	mod := tell.Word(cause.KeyCtrl)
	if runtime.GOOS == "darwin" {
		mod = "⌘"
	}
	return []shortcutHelp{
		{either("F2", mod+"+Shift+A"), tell.Word(cause.KeyAnswer)},
		{either("F8", mod+"+Shift+D"), tell.Word(cause.KeyDecline)},
		{either("F4", mod+"+Shift+H"), tell.Word(cause.KeyHangUp)},
		{either("M", mod+"+Shift+M"), tell.Word(cause.KeyMute)},
		{either("H", mod+"+Shift+P"), tell.Word(cause.KeyHold)},
		{tell.Word(cause.KeyCtrlTab), tell.Word(cause.KeySwap)},
		{tell.Word(cause.KeyAlt), tell.Word(cause.KeyNthCall)},
		{mod + "+T", tell.Word(cause.KeyTransfer)},
		{mod + "+Shift+T", tell.Word(cause.KeyAskFirst)},
		{mod + "+Shift+K", tell.Word(cause.KeyConnect)},
		{mod + "+Shift+G", tell.Word(cause.KeyConference)},
		{mod + "+Shift+R", tell.Word(cause.KeyRecord)},
		{mod + "+D", tell.Word(cause.KeyKeypad)},
		{tell.Word(cause.KeyMiddleButton), tell.Word(cause.KeyPaste)},
		{tell.Word(cause.KeyTyping), tell.Word(cause.KeyTyped)},
		{tell.Word(cause.KeyArrows), tell.Word(cause.KeySuggestions)},
		{mod + "+L", tell.Word(cause.KeyNumber)},
		{tell.Word(cause.KeyEnter), tell.Word(cause.KeyCall)},
		{mod + "+R", tell.Word(cause.KeyLast)},
		{mod + "+J", tell.Word(cause.KeyHistory)},
		{mod + "+B", tell.Word(cause.KeyContacts)},
		{mod + "+E", tell.Word(cause.KeyMessages)},
		{mod + "+I", tell.Word(cause.KeyDetails)},
		{mod + "+,", tell.Word(cause.KeySettings)},
		{mod + "+ +, " + mod + "+ −, " + mod + "+0", tell.Word(cause.KeyTextSize)},
		{mod + "+Shift+,", tell.Word(cause.KeyAccounts)},
		{mod + "+S", tell.Word(cause.KeySave)},
		{either("F1", mod+"+/"), tell.Word(cause.KeyThisList)},
		{tell.Word(cause.KeyEsc), tell.Word(cause.KeyClose)},
		{mod + "+Q", tell.Word(cause.KeyQuit)},
	}
}

func (k *shortcuts) install() {
	k.canvas.SetOnTypedKey(k.key)
	k.canvas.SetOnTypedRune(k.char)
	mod := fyne.KeyModifierShortcutDefault
	shift := mod | fyne.KeyModifierShift
	add := func(name fyne.KeyName, m fyne.KeyModifier, f func()) {
		s := &desktop.CustomShortcut{KeyName: name, Modifier: m}
		k.combos.AddShortcut(s, func(fyne.Shortcut) { f() })
		k.canvas.AddShortcut(s, k.combos.TypedShortcut)
	}
	add(fyne.KeyA, shift, k.answer)
	add(fyne.KeyD, shift, k.decline)
	add(fyne.KeyH, shift, k.hangUp)
	add(fyne.KeyM, shift, k.mute)
	if k.popup != nil {
		return
	}
	m := k.app.main
	add(fyne.KeyP, shift, m.surely(m.call.toggleHold))
	add(fyne.KeyT, mod, m.surely(func() { m.call.openTransfer(false) }))
	add(fyne.KeyT, shift, m.surely(func() { m.call.openTransfer(true) }))
	add(fyne.KeyK, shift, m.surely(m.connect))
	add(fyne.KeyG, shift, m.surely(m.merge))
	add(fyne.KeyR, shift, m.surely(m.call.toggleRecord))
	add(fyne.KeyTab, fyne.KeyModifierControl, k.swap)
	for i, name := range []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4} {
		add(name, fyne.KeyModifierAlt, func() { k.toCall(i) })
	}
	add(fyne.KeyD, mod, m.call.toggleKeypad)
	add(fyne.KeyJ, mod, m.openHistory)
	add(fyne.KeyB, mod, m.openContacts)
	add(fyne.KeyE, mod, m.openMessages)
	add(fyne.KeyS, mod, func() {
		if f, ok := m.page.(interface{ Save() }); ok && m.sheet == nil {
			f.Save()
		}
	})
	add(fyne.KeyI, mod, m.openCurrentAccount)
	add(fyne.KeyL, mod, k.focusNumber)
	add(fyne.KeyR, mod, k.recall)
	add(fyne.KeySlash, mod, m.openShortcuts)
	add(fyne.KeyComma, mod, m.openSettings)
	add(fyne.KeyComma, shift, m.openAccounts)
	add(fyne.KeyQ, mod, k.app.askQuit)
	for _, m := range []fyne.KeyModifier{mod, shift} { // + is a key of its own, or = with Shift
		add(fyne.KeyPlus, m, func() { k.app.setTextSize(nextTextSize(k.app.textSize, true)) })
		add(fyne.KeyEqual, m, func() { k.app.setTextSize(nextTextSize(k.app.textSize, true)) })
		add(fyne.KeyMinus, m, func() { k.app.setTextSize(nextTextSize(k.app.textSize, false)) })
	}
	add(fyne.Key0, mod, func() { k.app.setTextSize(100) })
	k.canvas.AddShortcut(&widget.PastePrimary{}, func(s fyne.Shortcut) {
		if p, ok := s.(*widget.PastePrimary); ok {
			k.app.pastePrimary(p.Into)
		}
	})
	k.canvas.AddShortcut(&fyne.ShortcutPaste{}, func(s fyne.Shortcut) {
		paste, ok := s.(*fyne.ShortcutPaste)
		switch {
		case !ok || m.sheet != nil:
		case m.talking():
			m.surely(func() { m.call.paste(paste.Clipboard.Content()) })()
		case m.dialling():
			m.dial.typed(pastedTarget(paste.Clipboard.Content()))
		}
	})
}

// key takes the keys that no focused widget used.
func (k *shortcuts) key(ev *fyne.KeyEvent) {
	m := k.app.main
	if k.popup == nil && m.dialling() && m.dial.people.Key(ev) {
		return
	}
	switch ev.Name {
	case fyne.KeyF2:
		k.answer()
	case fyne.KeyF8:
		k.decline()
	case fyne.KeyF4:
		k.hangUp()
	case fyne.KeyF1:
		m.openShortcuts()
	case fyne.KeyEscape:
		if k.popup == nil {
			m.escape()
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		if k.popup == nil && m.typist.meansEnter(time.Now()) && m.dialling() {
			m.dial.dial()
		}
	case fyne.KeyBackspace:
		if k.popup == nil && m.typist.means(time.Now()) && m.dialling() {
			m.dial.backspace()
		}
	}
}

// char takes the characters that no focused field used: they go to the number field, in a call digits go to
// the far end, and M is mute.
func (k *shortcuts) char(r rune) {
	m, now := k.app.main, time.Now()
	if k.popup == nil && !m.typist.means(now) {
		return
	}
	if m.sheet == nil && k.popup == nil && m.home.Visible() && (m.page == nil || m.wide) && r != ' ' &&
		unicode.IsPrint(r) {
		m.leaveEnded()
	}
	isDigit := r >= '0' && r <= '9' || r == '*' || r == '#'
	switch {
	case m.sheet != nil || k.popup != nil:
	case m.talking() && isDigit:
		m.call.keys = true
		m.call.keypad.SetOn(true)
		m.call.showKeys()
		m.call.followKeys(now)
		m.call.send(string(r))
		m.typist.sent(m.call.call.ID, now)
	case m.inCall() && (r == 'm' || r == 'M'):
		k.mute()
		m.typist.sent(m.call.call.ID, now)
	case m.inCall() && (r == 'h' || r == 'H'):
		m.call.toggleHold()
		m.typist.sent(m.call.call.ID, now)
	case m.dialling() && r == '/':
		m.dial.focus()
	case m.dialling() && unicode.IsPrint(r):
		m.dial.typed(string(r))
	}
}

func (k *shortcuts) answer() { k.decide("answer", k.app.answer, k.app.phone.AcceptReferral) }

func (k *shortcuts) decline() { k.decide("decline", k.app.phone.Decline, k.app.phone.DeclineReferral) }

// decide does something about the call of the window, in the main window about the oldest that rings or a
// request to call somebody. There is no dead time but where that is another one than a moment ago: nobody presses
// these keys for anything else.
func (k *shortcuts) decide(key string, call, referral func(id string)) {
	c, rings := firstCall(k.app.state, phone.PhaseIncoming)
	if k.popup != nil {
		c, rings = k.popup.card.call, true
	} else if time.Since(k.app.main.asksSince) < deadTime {
		return // it was pressed for who was there before
	}
	if now := time.Now(); rings {
		if k.app.deed.press(key, c.ID, now) {
			call(c.ID)
		}
	} else if refer := k.app.main.refer; len(k.app.state.Referrals) > 0 && k.app.deed.press(key, refer.deed(), now) {
		referral(refer.asked.ID)
	}
}

// hangUp ends the call that is shown; a call that rings is declined by another key.
func (k *shortcuts) hangUp() {
	if c, ok := k.app.main.shownCall(k.app.state); ok && c.Phase != phone.PhaseIncoming &&
		c.Phase != phone.PhaseEnding && k.app.main.sure() && k.app.deed.press("hang-up", c.ID, time.Now()) {
		k.app.main.hangUp(c)
	}
}

func (k *shortcuts) mute() {
	if c, ok := k.app.main.shownCall(k.app.state); ok && c.Phase != phone.PhaseIncoming &&
		c.Phase != phone.PhaseEnding && k.app.main.sure() {
		k.app.phone.SetMuted(c.ID, !c.Muted)
	}
}

// swap goes to the call that is on hold; of several, to the one after the call that is shown.
func (k *shortcuts) swap() {
	m := k.app.main
	shown, _ := m.shownCall(k.app.state)
	calls := k.app.state.Calls
	at := slices.IndexFunc(calls, func(c phone.CallState) bool { return c.ID == shown.ID })
	for i := range calls {
		if c := calls[(at+1+i)%len(calls)]; c.ID != shown.ID && c.Held && c.Phase == phone.PhaseEstablished {
			m.setAdding(false)
			k.app.phone.Swap(c.ID)
			return
		}
	}
}

// toCall goes to the call with this index.
func (k *shortcuts) toCall(i int) {
	m := k.app.main
	if i >= len(k.app.state.Calls) || time.Since(m.left) < typingPause { // the numbers are others than they were
		return
	}
	if c := k.app.state.Calls[i]; c.Phase != phone.PhaseIncoming && c.Phase != phone.PhaseEnding {
		if m.page != nil && !m.wide {
			m.closePage()
		}
		m.others.press(c)
	}
}

func (k *shortcuts) focusNumber() {
	m := k.app.main
	m.closePage()
	m.leaveEnded()
	switch {
	case m.inCall():
		m.setAdding(true)
	case m.dialling():
		m.dial.focus()
	}
}

func (k *shortcuts) recall() {
	if m := k.app.main; m.dialling() {
		m.dial.recall()
	}
}

// firstCall returns the oldest call in a phase.
func firstCall(s phone.State, p phone.Phase) (phone.CallState, bool) {
	for _, c := range s.Calls {
		if c.Phase == p {
			return c, true
		}
	}
	return phone.CallState{}, false
}

// openShortcuts lists the keys.
func (m *mainWindow) openShortcuts() {
	lines := layout.Column(6)
	for _, s := range shortcutList() {
		lines.Add(layout.Column(0, widget.NewText(s.keys).Bold().Sized(13),
			widget.NewParagraph(s.what).Color(widget.ColorMuted).Sized(13)))
	}
	m.openSheet(tell.Word(cause.KeysTitle), lines)
}
