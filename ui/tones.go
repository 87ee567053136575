package ui

import (
	"fyne.io/fyne/v2"

	"calla/account"
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

// tonesPanel asks what calls ring with, how loud each tone is, and what those on hold hear.
type tonesPanel struct {
	*soundChoice // what rings
	app          *app
	hold         *soundChoice
	body         *fyne.Container
	object       fyne.CanvasObject
}

func newTonesPanel(a *app, ringer fyne.CanvasObject) *tonesPanel {
	p := &tonesPanel{app: a}
	p.soundChoice = newSoundChoice(a, soundChoice{
		words:   []string{"", config.RingtoneNone},
		told:    []cause.Kind{cause.TonesOwn, cause.TonesNone},
		name:    cause.TonesRingtone,
		choose:  cause.TonesChooseRingtone,
		setting: func(s *account.Settings) *string { return &s.Tones.Ringtone },
		read:    config.ReadRingtone,
		wrong:   phone.State.RingtoneProblem,
	})
	p.hold = newSoundChoice(a, soundChoice{
		words:   []string{""},
		told:    []cause.Kind{cause.TonesHoldNone},
		name:    cause.TonesHold,
		choose:  cause.TonesChooseHold,
		setting: func(s *account.Settings) *string { return &s.Tones.HoldMusic },
		read:    config.ReadHoldMusic,
		wrong:   phone.State.HoldMusicProblem,
	})
	p.body = layout.Column(8, sectionTitle(tell.Word(cause.TonesTitle)), ringer,
		widget.NewParagraph(tell.Word(cause.TonesForAll)).Sized(13), p.soundChoice.object)
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
	p.body.Add(widget.NewParagraph(tell.Word(cause.TonesHoldForAll)).Sized(13))
	p.body.Add(p.hold.object)
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

// update tells what is wrong with the files.
func (p *tonesPanel) update(s phone.State) {
	p.soundChoice.update(s)
	p.hold.update(s)
	p.body.Refresh()
}
