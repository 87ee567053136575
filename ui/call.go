package ui

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// callPane is the view of one call, from calling to the words it ended with.
type callPane struct {
	app     *app
	call    phone.CallState
	members []phone.CallState // of the conference that call is in; none where it is in none
	keys    bool              // the keypad is open
	tight   bool              // the timer stands beside the address, since there is no room below it
	brief   bool              // the name stands beside the timer, since the keys need its line

	keysAt    string    // where the keys were when that was looked at last, "" = nowhere
	keysMoved time.Time // when they were elsewhere than before

	account, name, address, state, digits       *widget.Text
	signalling, media                           *lock
	codec                                       *widget.Text
	bars                                        *widget.Bars
	ringing                                     *widget.Countdown
	quality                                     *widget.Button
	avatar                                      *widget.Avatar
	you, them                                   *widget.Meter
	themWord                                    *widget.Text
	problem                                     *problemStrip
	talking                                     *mutedStrip
	consult, handing, after                     *strip
	hears                                       *strip         // what a robot has the user hear
	goOn, drop                                  *widget.Button // of after
	connect, abandon                            *widget.Button
	mute, hold, keypad                          *widget.Button
	transfer, add, device, record               *widget.Button
	end                                         *widget.Button
	answer, decline, ignore                     *widget.Button
	others                                      *widget.Button    // ways to decline
	whole                                       int               // seconds that it rings
	below                                       *container.Scroll // the address
	room, width                                 float32           // height of below, width of who it is
	said                                        *fyne.Container   // who it is, the meters and the strips
	middle                                      *container.Scroll // scrolls what is said
	tall                                        float32           // height of what is said
	dead                                        deadSpell
	told                                        deadSpell // the strips, which come, go and move
	meters, pad, person, actions, toggles, head fyne.CanvasObject
	more                                        *fyne.Container // the upper row of toggles
	object                                      fyne.CanvasObject
}

func newCallPane(a *app) *callPane {
	p := &callPane{app: a}
	p.account = widget.NewText("").Color(widget.ColorMuted).Sized(13).Shrink(60)
	p.signalling = newLock()
	p.media = newLock()
	p.codec = widget.NewText("").Color(widget.ColorMuted).Sized(widget.SizeCaption)
	p.bars = widget.NewBars()
	p.quality = widget.NewButton("", "info", widget.Quiet,
		p.openQuality).High(widget.HeightDense).Named(tell.Word(cause.CallQuality))
	p.head = layout.Border(nil, nil, nil, layout.Row(10, p.signalling.object, p.media.object,
		container.NewCenter(p.codec), container.NewCenter(p.bars), p.quality), p.account)

	p.avatar = widget.NewAvatar(104, 44)
	p.newPerson()

	p.you, p.them = widget.NewMeter(tell.Word(cause.CallYourLevel)), widget.NewMeter(tell.Word(cause.CallTheirLevel))
	p.themWord = widget.NewText(tell.Word(cause.CallThem)).Color(widget.ColorMuted).Sized(widget.SizeCaption)
	p.meters = layout.Column(4, meterRow(tell.Word(cause.CallYou), p.you), meterRow(tell.Word(cause.CallThem), p.them))

	p.digits = widget.NewText("").Sized(widget.SizeTitle).Align(fyne.TextAlignCenter).Shrink(120)
	p.pad = layout.Border(layout.Padded(0, underDigits-theme.Padding(), 0, 0, digitLine(p.digits)), nil, nil, nil,
		keyGrid(keypad(false, p.press)))

	p.problem = newProblemStrip(a)
	p.talking = newMutedStrip(p.meant(func() { a.phone.SetMuted(p.call.ID, false) }))
	p.newStrips()
	p.mute = widget.NewButton(tell.Word(cause.CallMute), "mic", widget.Outlined, a.main.surely(p.toggleMute)).Tall()
	p.keypad = widget.NewButton(tell.Word(cause.CallKeypad), "keypad", widget.Outlined, p.toggleKeypad).Tall()
	p.device = widget.NewButton(tell.Word(cause.CallSound), "headset", widget.Outlined, p.openDevices).Tall()
	p.hold = widget.NewButton(tell.Word(cause.CallHold), "pause", widget.Outlined, a.main.surely(p.toggleHold)).Tall()
	p.transfer = widget.NewButton(tell.Word(cause.CallTransfer), "transfer", widget.Outlined,
		a.main.surely(p.handOver)).Tall()
	p.add = widget.NewButton(tell.Word(cause.CallAdd), "plus", widget.Outlined,
		func() { a.main.setAdding(true) }).Tall()
	p.record = widget.NewButton(tell.Word(cause.RecordBegin), "record", widget.Outlined,
		a.main.surely(p.pressRecord)).Tall()
	p.more = layout.Equal(8, p.transfer, p.add, p.record, p.device)
	p.toggles = layout.Equal(8, p.mute, p.hold, p.keypad)
	p.ringing = widget.NewCountdown()

	p.end = widget.NewButton(tell.Word(cause.CallEnd), "phone-down", widget.End, p.hangUp).High(widget.HeightMain)
	p.decline = widget.NewButton(tell.Word(cause.IncomingDecline), "phone-down", widget.End,
		p.alive(func(id string) { a.phone.Decline(id) })).High(widget.HeightMain)
	p.answer = widget.NewButton(tell.Word(cause.IncomingAnswer), "phone", widget.Call,
		p.alive(func(id string) { a.phone.Answer(id) })).High(widget.HeightMain)
	p.ignore = widget.NewButton(tell.Word(cause.IncomingIgnore), "", widget.Quiet,
		p.alive(func(id string) { a.phone.Ignore(id) }))
	var decline fyne.CanvasObject
	decline, p.others = declineBox(a, p.decline, func() phone.CallState { return p.call })
	first, second := answerOrder(decline, p.answer)
	p.actions = container.NewStack(p.end, layout.Equal(8, first, second))
	p.said = container.New(layout.Func{
		Min:   func([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(120, p.tall) },
		Place: p.placeSaid,
	}, p.avatar, p.person, p.meters, p.consult.object, p.handing.object, p.after.object, p.hears.object,
		p.problem.object)
	p.middle = container.NewVScroll(p.said)
	p.object = container.New(layout.Func{
		Min: func([]fyne.CanvasObject) fyne.Size {
			return fyne.NewSize(280, 36+p.person.MinSize().Height+2*64+2*widget.HeightMain)
		},
		Place: p.place,
	}, p.head, p.middle, p.pad, p.more, p.toggles, p.actions, p.ignore, p.ringing, p.talking.object)
	return p
}

// meterRow is a level with the word of whose it is.
func meterRow(word string, m *widget.Meter) fyne.CanvasObject {
	label := container.New(layout.Func{
		Min: func(o []fyne.CanvasObject) fyne.Size {
			return fyne.NewSize(widget.Scaled(38), max(18, o[0].MinSize().Height))
		},
		Place: func(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) },
	}, widget.NewText(word).Color(widget.ColorMuted).Sized(widget.SizeCaption))
	return layout.Border(nil, nil, label, nil, m)
}

// Heights of a key in a call. Where there is no room for the usual one, what is said gives way before a key is lower
// than the least: its digit is read and hit at any size of text.
const leastKey, usualKey, largestKey = 32, widget.HeightTarget, 60

// underDigits is what is between the digits and the keys.
const underDigits = 6

// padHeight is the height of keys of a height, with the line of the digits.
func padHeight(key float32) float32 { return digitHeight() + underDigits + 4*key + 3*keyGap }

// place puts End at the bottom and the toggles above it, always at the same height; what is said goes to the top, the
// keys below it. Where there is too little room, the upper toggles make some, then the line at the head, then the
// meters; for the keys, what is wrong is told in short, and then the name stands beside the timer. What still has no
// room above the keys scrolls.
func (p *callPane) place(_ []fyne.CanvasObject, size fyne.Size) {
	w := min(size.Width-2*widget.Margin, 420)
	x := (size.Width - w) / 2
	put := func(o fyne.CanvasObject, y, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	}
	bottom := size.Height - widget.Margin - widget.HeightMain
	put(p.actions, bottom, widget.HeightMain)
	bottom -= 12 + 64
	put(p.toggles, bottom, 64)
	put(p.ignore, bottom+20, widget.HeightTarget)
	p.ringing.Move(fyne.NewPos(x+w-38, 8))
	p.ringing.Resize(fyne.NewSquareSize(38))

	const head, more = 48, 64 + 8
	strips, person := p.fit(w, bottom-8-12, head+more)
	need := strips + person + 12
	if p.keys {
		need += padHeight(usualKey) + 6
	}
	p.more.Hidden = p.call.Phase == phone.PhaseIncoming || bottom-head-more < need
	headed := bottom-head >= need
	p.talking.object.Hidden = !headed || !p.call.MutedTalking
	p.head.(*fyne.Container).Hidden = !headed || p.call.MutedTalking
	if !p.more.Hidden {
		bottom -= more
		put(p.more, bottom, 64)
	}
	y := float32(8)
	if headed {
		put(p.head, 8, 36)
		put(p.talking.object, 8, 36)
		p.talking.fit()
		y = 48
	}
	bottom -= 12
	room := bottom - y
	p.tall = room
	if p.keys {
		p.tall = person + strips
		room = max(0, min(p.tall, room-6-padHeight(leastKey)))
		put(p.pad, y+room+6, min(bottom-y-room-6, padHeight(widget.Scaled(largestKey))))
	}
	put(p.middle, y, max(0, room))
	p.said.Resize(fyne.NewSize(w, p.tall))
	p.placeSaid(nil, p.said.Size()) // what is in it may have another height in the same room
}

// fit makes what is said as brief as a height wants it, and returns the heights of the strips and of who it is. spare
// is what of the height other things would have use for.
func (p *callPane) fit(width, height, spare float32) (strips, person float32) {
	if p.keys {
		height -= padHeight(leastKey) + 6
	}
	measure := func(short bool) float32 {
		p.problem.setShort(short)
		strips = 0
		for _, s := range p.strips(width) {
			strips += s.Size().Height + 8
		}
		return height - strips
	}
	p.brief = false
	least := p.name.MinSize().Height + p.underName() + lineHeight(widget.SizeBody)
	room := measure(false)
	if p.keys && room < least {
		room = measure(true)
	}
	p.brief = p.keys && room < least
	return strips, p.personIn(width, room, room-spare)
}

// placeSaid lays out who it is at the top, the strips at the bottom and what is left for the avatar and the meters.
func (p *callPane) placeSaid(_ []fyne.CanvasObject, size fyne.Size) {
	put := func(o fyne.CanvasObject, y, h float32) {
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
	}
	bottom, person := size.Height, p.person.MinSize().Height
	for _, s := range p.strips(size.Width) {
		bottom -= s.Size().Height
		put(s, bottom, s.Size().Height)
		bottom -= 8
	}
	if p.keys {
		put(p.person, 0, person)
		return
	}
	levels := max(44, p.meters.MinSize().Height)
	p.meters.(*fyne.Container).Hidden = p.call.Phase != phone.PhaseEstablished || p.call.Held ||
		bottom < person+levels+8
	if p.meters.Visible() {
		bottom -= levels
		put(p.meters, bottom, levels)
		bottom -= 8
	}
	face := min(104, bottom-person-8)
	y := max(0, (bottom-person-12-face)/2)
	if face >= 40 {
		put(p.avatar, y, face)
		y += face + 8
	} else {
		put(p.avatar, y, 0)
	}
	put(p.person, y, person)
}

// least is the height without which it cannot be used: who it is, the keys while they are open, the toggles and End.
func (p *callPane) least() float32 {
	least := 8 + p.person.MinSize().Height + 12 + 64 + 12 + widget.HeightMain + widget.Margin
	if p.keys {
		least += padHeight(leastKey) + 6
	}
	return least
}

// strips returns what stands above the toggles, the lowest first, each as high as it must be at a width: a
// paragraph knows its height once it knows its width.
func (p *callPane) strips(width float32) (shown []fyne.CanvasObject) {
	for _, s := range []fyne.CanvasObject{
		p.problem.object, p.hears.object, p.after.object, p.handing.object, p.consult.object,
	} {
		if s.Visible() {
			s.Resize(fyne.NewSize(width, 0))
			s.Resize(fyne.NewSize(width, s.MinSize().Height))
			shown = append(shown, s)
		}
	}
	return shown
}

func (p *callPane) update(c phone.CallState, now time.Time) {
	if p.call.ID != c.ID {
		p.keys = false
		p.whole = 0
		if !c.AnswerBy.IsZero() {
			p.whole = tell.SecondsLeft(c.AnswerBy, now)
		}
		p.you.Reset()
		p.them.Reset()
		p.middle.ScrollToTop()
	}
	for _, m := range conferring(p.app.state, c) {
		if c.Recording == nil {
			c.Recording = m.Recording // one has it for all
		}
	}
	p.call = c
	p.account.SetText(accountOfCall(p.app.state, c.Account))
	p.name.SetText(tell.Who(c.Name, c.Address))
	p.avatar.SetName(tell.Who(c.Name, c.Address))
	p.signalling.set(c.Secure, !c.Secure, map[bool]string{true: "WSS", false: "WS"}[c.Secure])
	// Until the sound is encrypted there is none: no call is talked in the clear.
	p.media.set(c.Encrypted, false, map[bool]string{true: "SRTP", false: tell.Word(cause.CallNoSRTP)}[c.Encrypted])
	p.media.object.Hidden = c.Phase != phone.PhaseEstablished
	p.codec.SetText(tell.Codec(c.Codec))
	p.bars.Set(c.Quality.Bars(), c.Quality.Known)
	p.bars.Hidden = c.Phase != phone.PhaseEstablished
	p.quality.Hidden = c.Phase != phone.PhaseEstablished || p.app.main.wide

	incoming := c.Phase == phone.PhaseIncoming
	p.end.Hidden, p.answer.Hidden, p.decline.Hidden = incoming, !incoming, !incoming
	p.others.Hidden = !incoming
	p.end.SetEnabled(c.Phase != phone.PhaseEnding)
	p.toggles.(*fyne.Container).Hidden = incoming
	p.updateToggles(c)
	p.updateConference(c)
	p.ignore.Hidden = !incoming
	p.ringing.Hidden = !incoming || c.AnswerBy.IsZero()
	p.signalling.object.Hidden = incoming
	p.digits.SetText(digitsWords(c))
	p.problem.update(problemOrRemark(c))
	p.updateStrips(c)
	p.updateAfter(c)
	p.showKeys()
}

// updateToggles draws the buttons that are on or off.
func (p *callPane) updateToggles(c phone.CallState) {
	talking := c.Phase == phone.PhaseEstablished
	p.keys = p.keys && talking
	p.mute.SetEnabled(c.Phase != phone.PhaseEnding)
	p.mute.SetOn(c.Muted)
	switch {
	case c.MutedTalking: // also where there is no room for the sentence
		p.mute.Set(tell.Word(cause.CallUnmute), "mic-off")
	case c.Muted:
		p.mute.Set(tell.Word(cause.CallMuted), "mic-off")
	default:
		p.mute.Set(tell.Word(cause.CallMute), "mic")
	}
	p.hold.SetEnabled(talking && !c.Holding)
	p.hold.SetOn(c.Held)
	if c.Held {
		p.hold.Set(tell.Word(cause.CallResume), "play")
	} else {
		p.hold.Set(tell.Word(cause.CallHold), "pause")
	}
	p.keypad.SetEnabled(talking)
	p.keypad.SetOn(p.keys)
	p.transfer.SetEnabled(talking && (c.Transfer == nil || c.Transfer.Failed))
	p.add.SetEnabled(talking)
	p.updateRecord(c)
}

// showKeys opens or folds the keypad.
func (p *callPane) showKeys() {
	talking := p.call.Phase == phone.PhaseEstablished
	p.updateHears()
	p.pad.(*fyne.Container).Hidden = !p.keys
	p.avatar.Hidden = p.keys
	p.meters.(*fyne.Container).Hidden = p.keys || !talking || p.call.Held
	color, size := widget.ColorText, digitSize()
	if p.call.Digits == "" {
		color, size = widget.ColorMuted, widget.SizeBody
	}
	p.digits.SetColor(color)
	p.digits.SetSize(size)
	p.tick(time.Now())
	p.object.Refresh()
}

// levels moves the meters.
func (p *callPane) levels() {
	mic, far := p.app.phone.Levels(p.call.ID)
	for _, c := range p.members {
		_, theirs := p.app.phone.Levels(c.ID)
		far = max(far, theirs)
	}
	if p.call.Muted {
		mic = silence
	}
	p.you.SetLevel(mic)
	p.them.SetLevel(far)
}

// alive makes a press do something only where it was meant for this call.
func (p *callPane) alive(f func(callID string)) func() {
	return func() {
		if p.app.meant(&p.dead, p.call.ID) {
			f(p.call.ID)
		}
	}
}

// hangUp is what End does, but not by the second click on Answer or Call, in whose place it stands.
func (p *callPane) hangUp() {
	if p.app.main.sure() && p.app.meant(&p.dead, "end "+p.call.ID) {
		p.app.main.hangUp(p.call)
	}
}

func (p *callPane) toggleMute() { p.app.phone.SetMuted(p.call.ID, !p.call.Muted) }

// handOver is what the button to transfer does: of a conference it leaves the last two to each other.
func (p *callPane) handOver() {
	if len(p.members) > 0 {
		p.app.phone.LeaveConference()
		return
	}
	p.openTransfer(false)
}

// toggleHold holds the call or resumes it, in a conference all of it.
func (p *callPane) toggleHold() {
	if len(p.members) > 0 {
		p.app.phone.HoldConference(!onHold(p.members))
		return
	}
	if p.call.Phase == phone.PhaseEstablished && !p.call.Holding {
		p.app.phone.SetHold(p.call.ID, !p.call.Held)
	}
}

func (p *callPane) toggleKeypad() {
	if p.call.Phase == phone.PhaseEstablished {
		p.keys = !p.keys
		p.keypad.SetOn(p.keys)
		p.showKeys()
		if len(p.app.state.Calls) > 1 {
			p.app.main.redraw() // the keys take the room of what could be done with the calls
		}
		p.keysAt = ""
		p.followKeys(time.Now())
	}
}

// press sends the digit of a key that is pressed by pointer, unless another one has just come under that.
func (p *callPane) press(digit rune) {
	if p.app.main.sure() && time.Since(p.keysMoved) >= deadTime {
		p.send(string(digit))
	}
}

// followKeys notices when the keys move under the pointer: what is told above them makes them lower.
func (p *callPane) followKeys(now time.Time) {
	at := ""
	if p.keys && p.app.main.inCall() {
		place := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.pad)
		at = fmt.Sprint(p.call.ID, place, p.pad.Size())
	}
	if p.keysAt != "" && at != "" && at != p.keysAt {
		p.keysMoved = now
	}
	p.keysAt = at
}

// send sends digits to the far end, in a conference to all.
func (p *callPane) send(digits string) {
	if p.call.Phase != phone.PhaseEstablished {
		return
	}
	if len(p.members) == 0 {
		p.app.phone.SendDTMF(p.call.ID, digits)
	}
	for _, c := range p.members {
		p.app.phone.SendDTMF(c.ID, digits)
	}
}

func (p *callPane) openDevices() { widget.ShowMenuUnder(deviceMenu(p.app), p.device, false) }

func (p *callPane) openQuality() { p.app.main.openQuality() }

// silence is the level of nothing, in dBFS.
const silence = -120.0
