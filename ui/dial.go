package ui

import (
	"cmp"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"calla/phone"
	"calla/phone/cause"
	"calla/phone/safe"
	"calla/ui/history"
	"calla/ui/layout"
	"calla/ui/suggest"
	"calla/ui/tell"
	"calla/ui/widget"
)

// numberHeight is that of the number field.
const numberHeight = 52

// dialPane is where a number is put together and called.
type dialPane struct {
	app     *app
	number  *widget.Entry
	face    *numberFace
	big     *container.ThemeOverride
	ground  *fyne.Container // the line of the number
	who     nameSearch      // of the number
	note    *widget.Text
	call    *widget.Button
	back    *widget.Button
	write   *widget.Button // a message to the number, or the list of them
	last    lastCall       // to be recalled
	bound   bound          // whom the text means that is in the field, beyond what it says
	people  *suggest.List  // whom it may mean
	recent  *history.RecentList
	beside  bool       // the pane beside shows whom the last calls were with
	pointed bool       // the keys of the keypad are pressed by pointer: nothing is to cover them
	asked   *request   // what is to be called, while the phone has not said whether it can
	handed  string     // what was put into the field last by a link, or from outside
	told    string     // ID of the refusal that was told here last
	robots  *robotList // in the place of the keys, at the try-out server
	keys    *fyne.Container
	bad     *cause.Cause // why badText was not called
	badText string
	instead *widget.Button // puts what could be meant in the place of badText
	dead    deadSpell
	object  fyne.CanvasObject
}

// lastCall is whom the keypad called last.
type lastCall struct {
	text      string // as typed
	accountID string
	account   string // label
	uri       string // whom that meant
	after     string // digits for after the answer in the text
}

// request is a call that the phone was asked to make.
type request struct {
	text   string
	before map[string]bool // IDs of the calls that there were
}

func newDialPane(a *app) *dialPane {
	d := &dialPane{app: a, face: &numberFace{Look: lookOf(a.theme, a.textSize), size: widget.SizeTitle}}
	d.number = widget.NewEntry(tell.Word(cause.DialWanted)).Plain()
	d.number.OnChanged = d.changed
	d.number.OnPaste = pastedTarget
	d.number.OnSubmitted = func(string) { d.dial() }
	d.number.OnKey = func(ev *fyne.KeyEvent) bool { return ev.Name == fyne.KeyDown && d.takeInstead() }
	d.people = a.suggestions(d.take)
	d.people.OnSize = func() { d.object.Refresh() }
	d.instead = widget.NewButton("", "", widget.Outlined, func() { d.takeInstead() })
	d.instead.Hide()
	d.number.OnFocus = func(on bool) {
		if on {
			d.prepare()
		}
	}
	d.people.Below(d.number)
	d.big = container.NewThemeOverride(d.number, d.face)
	d.note = widget.NewParagraph("").Color(widget.ColorMuted).Sized(widget.SizeCaption).Align(fyne.TextAlignCenter)
	d.write = widget.NewButton("", "message", widget.Quiet, d.writeTo).Named(tell.Word(cause.DialWrite))
	d.ground = d.numberRow()
	d.who = nameSearch{app: a, found: func() { d.update(d.app.state) }}
	d.call = widget.NewButton(tell.Word(cause.DialCall), "phone", widget.Call, d.pressCall).High(widget.HeightMain)
	d.back = widget.NewButton("", "backspace", widget.Outlined,
		d.backspace).High(widget.HeightMain).Named(tell.Word(cause.DialDeleteLast))
	d.keys = keyGrid(keypad(true, func(r rune) {
		d.pointed = true
		d.typed(string(r))
		d.pointed = false
	}))
	d.recent = history.NewRecentList(a.dialRecent)
	d.robots = newRobotList(d.callRobot)
	actions := layout.Border(nil, nil, nil, layout.Row(0, layout.Padded(0, 0, 8, 0, d.back)), d.call)
	d.object = container.New(layout.Func{Min: dialMin, Place: d.place}, d.ground,
		layout.Limited(layout.Unlimited, layout.Column(6, d.note, container.NewCenter(d.instead))),
		container.NewStack(d.keys, d.robots.object), actions, d.recent.Object, d.people.Object)
	return d
}

// numberTop is what is above the number at least, aboveRecent and belowRecent what is above and below the last calls.
const numberTop, aboveRecent, belowRecent = 4, 8, 12

// leastKeys is the height that the keys keep, whatever there is to say.
const leastKeys = 4*30 + 3*8

func dialMin(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(o[2].MinSize().Width+2*widget.Margin,
		numberHeight+20+12+o[2].MinSize().Height+12+widget.HeightMain+widget.Margin)
}

// placeDial puts keys and Call at the bottom, where nothing that appears above moves them, whom the last calls were
// with right above them, where there is room, and the number into the middle of what is left; most is what the keys, or
// what stands in their place, may take.
func (d *dialPane) placeDial(o []fyne.CanvasObject, size fyne.Size, most float32) {
	const top = numberHeight
	w := min(size.Width-2*widget.Margin, 420)
	o[1].Resize(fyne.NewSize(w, 0)) // a paragraph knows its height by its width
	note := max(20, o[1].MinSize().Height)
	note = min(note, max(20, size.Height-top-16-12-widget.HeightMain-widget.Margin-leastKeys))
	x := (size.Width - w) / 2
	keys := min(most, size.Height-top-note-16-12-widget.HeightMain-widget.Margin)
	y := size.Height - widget.Margin - widget.HeightMain
	o[3].Move(fyne.NewPos(x, y))
	o[3].Resize(fyne.NewSize(w, widget.HeightMain))
	y -= keys + 12
	o[2].Move(fyne.NewPos(x, y))
	o[2].Resize(fyne.NewSize(w, keys))
	recent := float32(0)
	if room := y - numberTop - top - 2 - note - aboveRecent - belowRecent; !d.beside {
		recent = d.recent.Fit(room)
	}
	d.recent.Hide(recent == 0)
	if recent > 0 {
		y -= recent + belowRecent
		o[4].Move(fyne.NewPos(x, y))
		o[4].Resize(fyne.NewSize(w, recent))
	}
	number := max(numberTop, (y-top-note)/2-4)
	o[0].Move(fyne.NewPos(x, number))
	o[0].Resize(fyne.NewSize(w, top))
	o[1].Move(fyne.NewPos(x, number+top+2))
	o[1].Resize(fyne.NewSize(w, note))
}

// update draws what of the State concerns dialling.
func (d *dialPane) update(s phone.State) {
	a, ok := currentAccount(s)
	able := ok && canDial(a)
	note, color := "", widget.ColorMuted
	switch {
	case d.bad != nil:
		note, color = tell.Of(*d.bad).Advice(), widget.ColorBad
	case d.bound.isOf(d.number.Text):
		note = cmp.Or(d.boundWords(a.ID), d.whose(a.ID))
	case d.app.main.adding && able:
		note = joined(d.whose(a.ID), tell.Word(cause.DialHolds))
	case !ok:
		note = tell.Word(cause.DialNoAccount)
	case !able && a.Status == phone.StatusOff:
		note = tell.Word(cause.DialAccountOff)
	case !able:
		note = tell.Word(cause.DialNotConnected)
	case d.number.Text != "":
		note = d.whose(a.ID)
	case d.number.Text == "" && d.last.text != "":
		note = tell.WordOf(cause.Cause{Kind: cause.DialRecalls, Text: tell.SafeLine(d.last.text)})
	}
	d.note.SetColor(color)
	offer := ""
	if d.bad != nil {
		offer = offerWords(d.app.phone.ReadDialled(a.ID, d.badText).Instead)
	}
	if d.note.Text() != note || d.instead.Label() != offer {
		d.note.SetText(note)
		d.instead.Set(offer, "")
		d.instead.Hidden = offer == ""
		defer d.object.Refresh()
	}
	beside := d.app.main.recentsBeside()
	if d.recent.Show(d.app.recents, len(s.Accounts) > 1, time.Now()) || beside != d.beside {
		d.beside = beside
		defer d.object.Refresh()
	}
	d.robots.set(a.Robots)
	if keys := len(a.Robots) == 0; keys != d.keys.Visible() {
		d.keys.Hidden = !keys
		defer d.object.Refresh()
	}
	d.write.SetEnabled(ok)
	d.call.SetEnabled(able && (d.number.Text != "" || d.last.text != ""))
	d.back.SetEnabled(d.number.Text != "")
}

// whose tells whose number it is, once that is known, and what of the text is not called at once.
func (d *dialPane) whose(accountID string) string {
	read := d.app.phone.ReadDialled(accountID, d.number.Text)
	d.who.follow(accountID, read)
	return joined(d.who.words, readingWords(read))
}

// joined is two things to tell in one line, either of which may be "".
func joined(one, other string) string {
	if one == "" {
		return other
	}
	return one + tell.Dotted(other)
}

// readingWords tells what of a text is not called at once, "" where all of it is.
func readingWords(r phone.Reading) string {
	called := tell.SafeLine(strings.TrimSuffix(r.Text, r.PostDial))
	if r.Dials != "" { // by a rule of the account
		called = tell.SafeLine(r.Dials)
	}
	switch {
	case r.Text == "" || r.PostDial == "" && r.Left == "" && r.Dials == "":
		return ""
	case r.PostDial == "":
		return tell.WordOf(cause.Cause{Kind: cause.DialCalls, Text: called})
	}
	return tell.WordOf(cause.Cause{Kind: cause.DialCallsSends, Text: called, Phrase: strings.Trim(r.PostDial, ",;")})
}

// changed follows each change of the number.
func (d *dialPane) changed(text string) {
	if clean := pastedTarget(text); clean != text {
		d.number.SetText(clean)
		return
	}
	if d.bad != nil && strings.TrimSpace(text) != d.badText {
		d.bad = nil
	}
	if !d.bound.isOf(text) {
		d.bound = bound{}
	}
	d.ground.Refresh()
	d.update(d.app.state)
	d.prepare()
	d.people.SetRoom(d.room())
	d.people.Follow(text)
}

// prepare lets the phone gather candidates while somebody types.
func (d *dialPane) prepare() {
	if a, ok := currentAccount(d.app.state); ok && d.number.Text != "" {
		d.app.phone.Prepare(a.ID)
	}
}

// pastedTarget makes one line of what was pasted or typed: junk around a number goes, the number stays, and several
// lines or cells stay apart, as what cannot be called. What it means is for the phone to find out.
func pastedTarget(text string) string {
	text = strings.TrimFunc(text, func(r rune) bool { return strings.ContainsRune("\n\r\t\v\f\u2028\u2029", r) })
	for _, end := range []string{"\r\n", "\n", "\r", "\t", "\v", "\f", "\u2028", "\u2029"} {
		text = strings.ReplaceAll(text, end, " | ")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case safe.Turns(r), r == '\u200b', r == '\ufeff':
			return -1
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, text)
}

// typed adds characters at the end, wherever the focus is.
func (d *dialPane) typed(s string) {
	d.number.Fill(d.number.Text + s)
}

func (d *dialPane) backspace() {
	if text := []rune(d.number.Text); len(text) > 0 {
		d.number.Fill(string(text[:len(text)-1]))
	}
}

// dial calls the number; with an empty field it brings back the last one, to be called by a second press. The
// number stays until the phone has begun to call: why it does not is told below.
func (d *dialPane) dial() {
	target := strings.TrimSpace(d.number.Text)
	switch {
	case target == "":
		d.recall()
		return
	case d.asked != nil && d.asked.text == target:
		return // a second press
	}
	d.bad = nil
	d.asked = &request{text: target, before: map[string]bool{}}
	for _, c := range d.app.state.Calls {
		d.asked.before[c.ID] = true
	}
	if e := d.app.state.Ended; e != nil {
		d.asked.before[e.CallID] = true
	}
	if r := d.app.state.Refusal; r != nil {
		d.told = r.ID
	}
	d.people.Hide()
	if d.bound.isOf(target) && d.bound.uri != "" {
		d.app.phone.Redial(d.bound.accountID, d.bound.uri, d.bound.after)
		return
	}
	a, _ := currentAccount(d.app.state)
	read := d.app.phone.ReadDialled(a.ID, target)
	if read.Problem != nil {
		d.badText, d.bad, d.asked = target, read.Problem, nil
		d.update(d.app.state)
		return
	}
	d.app.phone.Call(a.ID, read.To, phone.CallOptions{After: read.PostDial})
}

// pressCall is what a press of Call does.
func (d *dialPane) pressCall() {
	if d.app.meant(&d.dead, "call "+d.number.Text) {
		d.dial()
	}
}

// offerWords are on the button that offers what could be meant: the words above tell all of what is long.
func offerWords(could string) string {
	if could == "" {
		return ""
	}
	words := []rune(tell.SafeLine(could))
	if len(words) > 30 {
		words = append(words[:29], '…')
	}
	return tell.WordOf(cause.Cause{Kind: cause.DialUse, Offer: string(words)})
}

// takeInstead puts what could be meant into the field, for Enter to call. It tells whether something could.
func (d *dialPane) takeInstead() bool {
	if d.bad == nil {
		return false
	}
	a, _ := currentAccount(d.app.state)
	could := d.app.phone.ReadDialled(a.ID, d.badText).Instead
	if could == "" {
		return false
	}
	d.fill(could)
	d.focus()
	return true
}

// recall brings back what was called last.
func (d *dialPane) recall() {
	if d.last.text != "" {
		d.fillKept(d.last, "")
	}
}

// fillKept puts whom an earlier call was with into the field, to be called as then; name: who that is, "" = not known.
func (d *dialPane) fillKept(l lastCall, name string) {
	l.text = pastedTarget(l.text)
	d.fill(l.text)
	d.bound = bound{}
	if l.uri != "" {
		d.bound = bound{lastCall: l, name: name}
	}
	d.update(d.app.state)
}

// follow notices what became of the call that was asked for.
func (d *dialPane) follow(s phone.State) {
	if d.asked == nil {
		return
	}
	for _, c := range s.Calls {
		if !c.Incoming && !d.asked.before[c.ID] {
			d.begun(lastCall{d.asked.text, c.AccountID, c.Account, c.URI, c.After})
			return
		}
	}
	if e := s.Ended; e != nil && !e.Incoming && !d.asked.before[e.CallID] {
		d.begun(lastCall{d.asked.text, e.AccountID, e.Account, e.URI, e.After})
		return
	}
	if r := s.Refusal; r != nil && r.Command == phone.CommandDial && r.ID != d.told {
		d.badText, d.bad, d.told, d.asked = d.asked.text, &r.Cause, r.ID, nil
	}
}

// begun clears the field: its call is under way.
func (d *dialPane) begun(last lastCall) {
	same := strings.TrimSpace(d.number.Text) == d.asked.text
	d.asked, d.last = nil, last
	d.app.main.adding = false
	if same {
		d.number.SetText("")
	}
}

// writeTo opens the conversation with the number, or the list of conversations where there is none.
func (d *dialPane) writeTo() {
	to := strings.TrimSpace(d.number.Text)
	a, ok := currentAccount(d.app.state)
	if to == "" || !ok {
		d.app.main.openMessages()
		return
	}
	d.number.SetText("")
	d.app.main.openConversation(a.ID, to, d.app.main.open)
}

// fill puts a number into the field without calling it.
func (d *dialPane) fill(target string) {
	d.number.Fill(target)
	d.people.Hide()
}

// inUse tells whether somebody is putting a number together.
func (d *dialPane) inUse() bool {
	return d.number.Text != "" || d.app.main.win.Canvas().Focused() == d.number
}

func (d *dialPane) focus() {
	if c := d.app.main.win.Canvas(); c != nil {
		c.Focus(d.number)
	}
}

// callText calls what a text means that nobody has just typed.
func (m *mainWindow) callText(accountID, text string) {
	read := m.app.phone.ReadDialled(accountID, text)
	if read.Problem != nil {
		told := tell.Of(*read.Problem)
		m.tell(told.Title, told.Below())
		return
	}
	m.app.phone.Call(accountID, read.To, phone.CallOptions{After: read.PostDial})
}
