package ui

import (
	"time"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// settingsPage is what all accounts share: sound devices and the look.
type settingsPage struct {
	app     *app
	sound   *soundPanel
	clean   *cleaningPanel
	tones   *tonesPanel
	callers *callersPanel
	text    *textSizeRow
	themes  map[account.Theme]*widget.Button
	body    fyne.CanvasObject
}

func newSettingsPage(a *app) *settingsPage {
	p := &settingsPage{app: a, sound: newSoundPanel(a), themes: map[account.Theme]*widget.Button{}}
	p.tones, p.text = newTonesPanel(a, layout.Column(8, p.sound.ringer, p.sound.ringers.object)), newTextSizeRow(a)
	looks := layout.Equal(8)
	for _, t := range []struct {
		theme account.Theme
		word  string
	}{
		{account.ThemeSystem, tell.Word(cause.LookSystem)},
		{account.ThemeLight, tell.Word(cause.LookLight)},
		{account.ThemeDark, tell.Word(cause.LookDark)},
	} {
		b := widget.NewButton(t.word, "", widget.Outlined, func() { p.choose(t.theme) })
		p.themes[t.theme] = b
		looks.Add(b)
	}
	p.mark(a.theme)
	p.clean = newCleaningPanel(a)
	p.callers = newCallersPanel(a)
	p.body = layout.ScrollPage(layout.Column(12, p.sound.object, p.clean.object, p.tones.object,
		p.callers.object, newDesktopPanel(a).object, newLinksPanel(a).object, newRecordingsPanel(a).object,
		newKeptPanel(a).object,
		widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.SettingsLook)), looks, p.text.object))))
	return p
}

func sectionTitle(s string) fyne.CanvasObject {
	return widget.NewText(s).Sized(widget.SizeStrong).Bold()
}

func (p *settingsPage) choose(t account.Theme) {
	p.app.setTheme(t)
	p.mark(t)
}

func (p *settingsPage) mark(t account.Theme) {
	if t == "" {
		t = account.ThemeSystem
	}
	for theme, b := range p.themes {
		b.SetOn(theme == t)
	}
}

func (p *settingsPage) Title() string                     { return tell.Word(cause.SettingsTitle) }
func (p *settingsPage) Object() fyne.CanvasObject         { return p.body }
func (p *settingsPage) Meters() bool                      { return p.sound.on }
func (p *settingsPage) Levels()                           { p.sound.levels() }
func (p *settingsPage) Update(s phone.State, _ time.Time) { p.follow(s) }
func (p *settingsPage) Save()                             { p.callers.save() }
func (p *settingsPage) Unsaved() bool                     { return p.callers.touched }
func (m *mainWindow) openSettings()                       { m.open(newSettingsPage(m.app)) }

// Close asks before lists that were typed are thrown away. All else is kept as it is chosen.
func (p *settingsPage) Close() bool {
	if p.Unsaved() {
		told := tell.Of(cause.Cause{Kind: cause.CallersDiscard})
		p.app.main.ask(told.Title, told.Why, told.Short, true, func() {
			p.callers.touched = false
			pageWindow{p.app.main}.Leave(p)
		})
		return false
	}
	p.sound.set(false)
	return true
}

func (p *settingsPage) follow(s phone.State) {
	p.sound.update(s)
	p.clean.update(s.Devices.Cleaning)
	p.tones.update(s)
	p.text.show()
}

// soundPanel chooses microphone, loudspeaker and ringer and tries them.
type soundPanel struct {
	app                  *app
	on                   bool // the sound check runs
	mic, speaker, ringer *widget.Select
	micLevel, farLevel   *widget.Meter
	check, record, tone  *widget.Button
	latency              *widget.Button
	outcome              *widget.Text
	outcomeBox           *fyne.Container
	mark                 *widget.Mark
	problem              *strip // with the devices
	object               fyne.CanvasObject

	mics, speakers, ringers *deviceOrder // below the choices
}

func newSoundPanel(a *app) *soundPanel {
	p := &soundPanel{
		app: a, micLevel: widget.NewMeter(tell.Word(cause.SoundMicrophoneLevel)),
		farLevel: widget.NewMeter(tell.Word(cause.SoundLoudspeakerLevel)),
	}
	p.mic = p.choice(account.RoleMicrophone, tell.Word(cause.SoundMicrophone))
	p.speaker = p.choice(account.RoleSpeaker, tell.Word(cause.SoundLoudspeaker))
	p.ringer = p.choice(account.RoleRinger, tell.Word(cause.SoundRinger))
	p.mics, p.speakers = newDeviceOrder(a, account.RoleMicrophone), newDeviceOrder(a, account.RoleSpeaker)
	p.ringers = newDeviceOrder(a, account.RoleRinger)
	p.check = widget.NewButton(tell.Word(cause.SoundShowLevel), "mic", widget.Outlined,
		func() { p.set(!p.on) }).High(40)
	p.tone = widget.NewButton(tell.Word(cause.SoundPlayTone), "play", widget.Outlined,
		a.phone.PlayTestTone).High(40)
	p.record = widget.NewButton(tell.Word(cause.SoundRecord), "mic", widget.Outlined, p.recordAndPlay)
	p.latency = widget.NewButton(tell.Word(cause.LatencyMeasure), "play", widget.Outlined, p.measure)
	p.outcome = widget.NewParagraph("").Sized(13)
	p.mark = widget.NewMark(widget.Check, 12)
	p.outcomeBox = layout.Border(nil, nil, layout.Border(layout.Padded(3, 0, 0, 8, p.mark), nil, nil, nil), nil,
		p.outcome)
	p.outcomeBox.Hide()
	p.problem = newStrip()
	p.object = layout.Column(12, p.problem.object,
		widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.SoundMicrophone)), p.mic, p.mics.object,
			layout.Border(nil, nil, nil, layout.Padded(0, 0, 8, 0, p.check), p.micLevel))),
		widget.NewCard(layout.Column(8, sectionTitle(tell.Word(cause.SoundLoudspeaker)), p.speaker, p.speakers.object,
			layout.Border(nil, nil, nil, layout.Padded(0, 0, 8, 0, p.tone), p.farLevel))),
		layout.Column(8, p.record, p.latency, p.outcomeBox))
	return p
}

func (p *soundPanel) choice(role account.Role, name string) *widget.Select {
	s := widget.NewSelect(nil, -1, tell.Word(cause.SoundNoDevice), nil)
	s.Bind = func() func(int) { // a device may come or go while the menu is open
		devices := deviceList(p.app.state.Devices, role)
		return func(i int) {
			if i < len(devices) {
				p.app.phone.SetDevice(role, devices[i])
			}
		}
	}
	s.Name = name
	return s
}

func (p *soundPanel) update(s phone.State) {
	for role, choice := range map[account.Role]*widget.Select{
		account.RoleMicrophone: p.mic, account.RoleSpeaker: p.speaker, account.RoleRinger: p.ringer,
	} {
		names, chosen := deviceNames(s.Devices, role)
		choice.SetChoices(names, chosen)
	}
	for _, order := range []*deviceOrder{p.mics, p.speakers, p.ringers} {
		order.update(s.Devices)
	}
	words := ""
	if d := s.Devices.Problem; d != nil {
		told := tell.Of(*d)
		words = told.Title + dashed(told.Why)
	}
	p.problem.show(widget.Triangle, words)
	p.object.Refresh()
}

// deviceList returns the devices that can do a role. What the user chose and is not plugged in comes last.
func deviceList(d phone.DeviceState, role account.Role) []account.DeviceChoice {
	list := d.Playback
	if role == account.RoleMicrophone {
		list = d.Capture
	}
	chosen := d.Settings.Chosen(role)
	for _, have := range list {
		if have == chosen || have.ID == chosen.ID {
			return list
		}
	}
	if chosen == (account.DeviceChoice{}) {
		return list
	}
	return append(list[:len(list):len(list)], chosen)
}

// deviceNames names the devices of a role and tells which is chosen.
func deviceNames(d phone.DeviceState, role account.Role) (names []string, chosen int) {
	lines, chosen := deviceLines(d, role)
	for _, l := range lines {
		names = append(names, l.name+l.mark)
	}
	return names, chosen
}

// deviceLine is a device as it is chosen: its name, and what is to be known of it, which is never cut.
type deviceLine struct{ name, mark string }

// deviceLines are the devices for a role, and which of them is chosen, -1 for none.
func deviceLines(d phone.DeviceState, role account.Role) (lines []deviceLine, chosen int) {
	present, byDefault := len(d.Playback), d.PlaybackDefault
	if role == account.RoleMicrophone {
		present, byDefault = len(d.Capture), d.CaptureDefault
	}
	want := d.Settings.Chosen(role)
	chosen = -1
	for i, c := range deviceList(d, role) {
		l := deviceLine{name: tell.SafeLine(c.Name)}
		if l.name == "" {
			l.name = followWords(byDefault)
		}
		if c.Loopback {
			l.mark = " " + tell.Word(cause.SoundLoopback)
		}
		if i >= present {
			l.mark += " " + tell.Word(cause.SoundNotPluggedIn)
		}
		lines = append(lines, l)
		if c.ID == want.ID && chosen < 0 {
			chosen = i
		}
	}
	return lines, chosen
}

// followWords are the choice of whatever device the system chooses, with the name of the one that is now.
func followWords(device string) string {
	if device == "" {
		return tell.Word(cause.FollowSystem)
	}
	return tell.Of(cause.Cause{Kind: cause.FollowDevice, Text: tell.SafeLine(device)}).Short
}

// set starts or stops the sound check.
func (p *soundPanel) set(on bool) {
	if p.on == on {
		return
	}
	p.on = on
	p.check.SetOn(on)
	if on {
		p.app.phone.StartSoundCheck()
	} else {
		p.app.phone.StopSoundCheck()
		p.micLevel.Reset()
		p.farLevel.Reset()
	}
	p.app.keepPace()
}

func (p *soundPanel) levels() {
	mic, speaker := p.app.phone.SoundLevels()
	p.micLevel.SetLevel(mic)
	p.farLevel.SetLevel(speaker)
}

func (p *soundPanel) recordAndPlay() {
	p.busy(true)
	p.app.phone.RecordAndPlay(func(phase string, problem *cause.Cause) {
		fyne.Do(func() { p.progress(phase, problem) })
	})
}

func (p *soundPanel) progress(phase string, problem *cause.Cause) {
	switch {
	case phase == "recording":
		p.tell(widget.Dots, tell.Word(cause.SoundRecording))
	case phase == "playing":
		p.tell(widget.Dots, tell.Word(cause.SoundPlaying))
	case problem != nil:
		p.tell(widget.Triangle, tell.Of(*problem).Advice())
	default:
		p.tell(widget.Check, tell.Word(cause.SoundGood))
	}
	if phase == "" {
		p.busy(false)
	}
}

// busy has one thing tried at a time.
func (p *soundPanel) busy(is bool) {
	if !is {
		p.record.Enable()
		p.latency.Enable()
		return
	}
	p.set(true)
	p.record.Disable()
	p.latency.Disable()
}

// measure measures how late the microphone hears the loudspeaker.
func (p *soundPanel) measure() {
	p.busy(true)
	p.tell(widget.Dots, tell.Word(cause.LatencyMeasuring))
	p.app.phone.MeasureLatency(func(l phone.Latency, problem *cause.Cause) {
		fyne.Do(func() {
			p.busy(false)
			if problem != nil {
				p.tell(widget.Triangle, tell.Of(*problem).Line())
				return
			}
			p.tell(widget.Check, tell.Of(l.Cause()).Line())
		})
	})
}

func dashed(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

func (p *soundPanel) tell(shape widget.Shape, text string) {
	p.mark.Set(shape)
	p.outcome.SetText(text)
	p.outcomeBox.Show()
	p.object.Refresh()
}

// deviceMenu chooses microphone and loudspeaker during a call.
func deviceMenu(a *app) *fyne.Menu {
	var items []*fyne.MenuItem
	section := func(title string, role account.Role) {
		head := fyne.NewMenuItem(title, nil)
		head.Disabled = true
		items = append(items, head)
		devices := deviceList(a.state.Devices, role)
		lines, chosen := deviceLines(a.state.Devices, role)
		for i, l := range lines {
			item := fyne.NewMenuItem(a.menuLine(l.name, l.mark), func() { a.phone.SetDevice(role, devices[i]) })
			item.Checked = i == chosen
			items = append(items, item)
		}
		if len(lines) == 0 {
			none := fyne.NewMenuItem(tell.Word(cause.SoundNoneFound), nil)
			none.Disabled = true
			items = append(items, none)
		}
	}
	section(tell.Word(cause.SoundMicrophone), account.RoleMicrophone)
	items = append(items, fyne.NewMenuItemSeparator())
	section(tell.Word(cause.SoundLoudspeaker), account.RoleSpeaker)
	return fyne.NewMenu("", items...)
}
