package ui

import (
	"runtime"
	"slices"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"calla/phone"
	"calla/ui/layout"
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

func shortcutList() []shortcutHelp {
	mod := "Ctrl"
	if runtime.GOOS == "darwin" {
		mod = "⌘"
	}
	return []shortcutHelp{
		{"F2 or " + mod + "+Shift+A", "Answer; yes to a request to call somebody"},
		{"F8 or " + mod + "+Shift+D", "Decline; no to such a request"},
		{"F4 or " + mod + "+Shift+H", "Hang up"},
		{"M or " + mod + "+Shift+M", "Mute the microphone, in a call"},
		{"H or " + mod + "+Shift+P", "Hold or resume, in a call"},
		{"Ctrl+Tab", "Swap to the call on hold"},
		{"Alt+1 … 4", "To the first, second… call"},
		{mod + "+T", "Transfer now; Enter confirms"},
		{mod + "+Shift+T", "Ask first, then transfer"},
		{mod + "+Shift+K", "Connect the two calls and leave"},
		{mod + "+Shift+G", "Bring the calls together in a conference"},
		{mod + "+Shift+R", "Record the call, or end its recording"},
		{mod + "+D", "Keypad, in a call"},
		{"The middle mouse button", "Paste what was selected last, on X11"},
		{"Typing", "A name or number; in a call, 0–9 ∗ # are sent"},
		{"↓ ↑, then Enter", "Whom a name or number may mean; Tab takes it into the field"},
		{mod + "+L", "To the number field; in a call, to add another"},
		{"Enter", "Call; in an empty field bring back the last number"},
		{mod + "+R", "Bring back the last number"},
		{mod + "+J", "History"},
		{mod + "+B", "Contacts"},
		{mod + "+E", "Messages"},
		{mod + "+I", "The account in detail"},
		{mod + "+,", "Sound and look"},
		{mod + "+ +, " + mod + "+ −, " + mod + "+0", "Larger text, smaller text, the usual size"},
		{mod + "+Shift+,", "Accounts"},
		{mod + "+S", "Save the account or contact that is edited"},
		{"F1 or " + mod + "+/", "This list"},
		{"Esc", "Close a menu or page; never ends a call"},
		{mod + "+Q", "Quit; asks during a call"},
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
	add(fyne.KeyP, shift, m.call.toggleHold)
	add(fyne.KeyT, mod, func() { m.call.openTransfer(false) })
	add(fyne.KeyT, shift, func() { m.call.openTransfer(true) })
	add(fyne.KeyK, shift, m.connect)
	add(fyne.KeyG, shift, m.merge)
	add(fyne.KeyR, shift, m.call.toggleRecord)
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
			m.call.paste(paste.Clipboard.Content())
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
		if k.popup == nil && m.dialling() {
			m.dial.dial()
		}
	case fyne.KeyBackspace:
		if k.popup == nil && m.dialling() {
			m.dial.backspace()
		}
	}
}

// char takes the characters that no focused field used: they go to the number field, in a call digits go to
// the far end, and M is mute.
func (k *shortcuts) char(r rune) {
	m := k.app.main
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
		m.call.send(string(r))
	case m.inCall() && (r == 'm' || r == 'M'):
		k.mute()
	case m.inCall() && (r == 'h' || r == 'H'):
		m.call.toggleHold()
	case m.dialling() && r == '/':
		m.dial.focus()
	case m.dialling() && unicode.IsPrint(r):
		m.dial.typed(string(r))
	}
}

func (k *shortcuts) answer() { k.decide("answer", k.app.answer, k.app.phone.AcceptReferral) }

func (k *shortcuts) decline() { k.decide("decline", k.app.phone.Decline, k.app.phone.DeclineReferral) }

// decide does something about the call of the window, in the main window about the oldest that rings or a
// request to call somebody. There is no dead time: nobody presses these keys for anything else.
func (k *shortcuts) decide(key string, call, referral func(id string)) {
	c, rings := firstCall(k.app.state, phone.PhaseIncoming)
	if k.popup != nil {
		c, rings = k.popup.card.call, true
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
		c.Phase != phone.PhaseEnding {
		k.app.main.hangUp(c)
	}
}

func (k *shortcuts) mute() {
	if c, ok := k.app.main.shownCall(k.app.state); ok && c.Phase != phone.PhaseIncoming &&
		c.Phase != phone.PhaseEnding {
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
	if i >= len(k.app.state.Calls) {
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
	m.openSheet("Keyboard shortcuts", lines)
}
