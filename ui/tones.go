package ui

import (
	"strings"

	"fyne.io/fyne/v2"

	"calla/netsip/config"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// What can be chosen for all accounts to ring with.
const (
	ringOwn = iota
	ringNone
	ringFile
)

func ringChoices() []string {
	return []string{tell.Word(cause.TonesOwn), tell.Word(cause.TonesNone), tell.Word(cause.TonesFile)}
}

// tonesPanel asks what calls ring with, and how loud each tone is.
type tonesPanel struct {
	app     *app
	choice  *widget.Select
	path    *widget.Entry
	file    *fyne.Container // path, while a file rings
	problem *strip
	body    *fyne.Container
	object  fyne.CanvasObject
}

func newTonesPanel(a *app, ringer fyne.CanvasObject) *tonesPanel {
	p := &tonesPanel{app: a, problem: newStrip()}
	p.choice = widget.NewSelect(ringChoices(), ringOwn, "", p.chosen)
	p.choice.Name = tell.Word(cause.TonesRingtone)
	p.path = widget.NewEntry(tell.Word(cause.TonesFileExample)).Named(tell.Word(cause.TonesSoundFile))
	p.path.OnSubmitted = func(string) { p.save() }
	p.path.OnFocus = func(on bool) {
		if !on {
			p.save()
		}
	}
	browse := widget.NewButton(tell.Word(cause.TonesChoose), "", widget.Outlined, p.browse).High(40)
	p.file = layout.Border(nil, nil, nil, layout.Padded(0, 0, 8, 0, browse), p.path)
	p.body = layout.Column(8, sectionTitle(tell.Word(cause.TonesTitle)), ringer,
		widget.NewParagraph(tell.Word(cause.TonesForAll)).Sized(13),
		p.choice, p.file, p.problem.object)
	for _, t := range []struct {
		tone phone.Tone
		name string
	}{
		{phone.ToneRing, tell.Word(cause.TonesRingtone)},
		{phone.ToneCallWaiting, tell.Word(cause.TonesWaiting)},
		{phone.ToneRingback, tell.Word(cause.TonesRingback)},
		{phone.ToneBusy, tell.Word(cause.TonesBusy)},
		{phone.ToneMessage, tell.Word(cause.TonesMessage)},
	} {
		p.body.Add(p.volume(t.tone, t.name))
	}
	p.show(a.phone.Settings().Tones.Ringtone)
	p.object = widget.NewCard(p.body)
	return p
}

// volume is the slider of a tone, with a button to hear it.
func (p *tonesPanel) volume(t phone.Tone, name string) fyne.CanvasObject {
	a := p.app
	slider := widget.NewSlider(tell.WordOf(cause.Cause{Kind: cause.TonesVolume, Text: name}), func(v float64) {
		a.phone.SaveSettings(phone.WithVolume(a.phone.Settings(), t, int(v)),
			a.tellError(tell.Word(cause.SettingNotSaved)))
	})
	slider.Value = float64(phone.VolumeOf(a.phone.Settings(), t))
	play := widget.NewButton("", "play", widget.Outlined, func() {
		p.save() // what is still being typed
		a.phone.PlayTone(t)
	}).High(40).Named(tell.WordOf(cause.Cause{Kind: cause.TonesPlay, Text: name}))
	return layout.Column(2, widget.NewText(name).Sized(13).Shrink(80),
		layout.Border(nil, nil, nil, layout.Padded(0, 0, 8, 0, play), slider))
}

// chosen follows the choice. A file is named first.
func (p *tonesPanel) chosen(i int) {
	p.file.Hidden = i != ringFile
	switch i {
	case ringOwn:
		p.put("")
	case ringNone:
		p.put(config.RingtoneNone)
	case ringFile:
		p.save()
	}
	p.body.Refresh()
}

// show shows what rings.
func (p *tonesPanel) show(ringtone string) {
	i := ringFile
	switch ringtone {
	case "":
		i = ringOwn
	case config.RingtoneNone:
		i = ringNone
	default:
		p.path.Put(ringtone)
	}
	p.choice.SetChoices(ringChoices(), i)
	p.file.Hidden = i != ringFile
}

// save takes the path, where a file is to ring.
func (p *tonesPanel) save() {
	if path := strings.TrimSpace(p.path.Text); !p.file.Hidden && path != "" {
		p.put(path)
	}
}

func (p *tonesPanel) put(ringtone string) {
	if ringtone = config.ReadRingtone(ringtone); p.app.phone.Settings().Tones.Ringtone != ringtone {
		s := p.app.phone.Settings()
		s.Tones.Ringtone = ringtone
		p.app.phone.SaveSettings(s, p.app.tellError(tell.Word(cause.SettingNotSaved)))
	}
}

func (p *tonesPanel) browse() {
	p.app.chooseFile(tell.Word(cause.TonesChooseRingtone), p.path.Text, func(path string) {
		p.path.Put(path)
		p.save()
	})
}

// update tells what is wrong with the file.
func (p *tonesPanel) update(s phone.State) {
	words := ""
	if problem := s.RingtoneProblem(p.app.phone.Settings().Tones.Ringtone); problem != nil {
		told := tell.Of(*problem)
		words = told.Title + dashed(told.Below())
	}
	p.problem.show(widget.Triangle, words)
	p.body.Refresh()
}
