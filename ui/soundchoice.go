package ui

import (
	"strings"

	"fyne.io/fyne/v2"

	"calla/account"
	"calla/phone"
	"calla/phone/cause"
	"calla/ui/layout"
	"calla/ui/tell"
	"calla/ui/widget"
)

// soundChoice asks for a sound file of the settings, or for a word in its place.
type soundChoice struct {
	words   []string     // in the order in which they are offered
	told    []cause.Kind // what each is called
	name    cause.Kind   // of the choice
	choose  cause.Kind   // heads the choice of a file
	setting func(*account.Settings) *string
	read    func(string) string // the setting as it is kept
	wrong   func(phone.State, string) *cause.Cause

	app     *app
	choice  *widget.Select
	path    *widget.Entry
	file    *fyne.Container // path, while a file is chosen
	problem *strip
	object  *fyne.Container
}

// newSoundChoice makes the choice that c says, as the settings have it.
func newSoundChoice(a *app, c soundChoice) *soundChoice {
	s := &c
	s.app, s.problem = a, newStrip()
	var choices []string
	for _, kind := range s.told {
		choices = append(choices, tell.Word(kind))
	}
	choices = append(choices, tell.Word(cause.TonesFile))
	now := s.now()
	i := len(s.words)
	for k, word := range s.words {
		if now == word {
			i = k
		}
	}
	s.choice = widget.NewSelect(choices, i, "", s.chosen)
	s.choice.Name = tell.Word(s.name)
	s.path = widget.NewEntry(tell.Word(cause.TonesFileExample)).Named(tell.Word(cause.TonesSoundFile))
	s.path.OnSubmitted = func(string) { s.save() }
	s.path.OnFocus = func(on bool) {
		if !on {
			s.save()
		}
	}
	browse := widget.NewButton(tell.Word(cause.TonesChoose), "", widget.Outlined, s.browse).High(40)
	s.file = layout.Border(nil, nil, nil, layout.Padded(0, 0, 8, 0, browse), s.path)
	if s.file.Hidden = i < len(s.words); !s.file.Hidden {
		s.path.Put(now)
	}
	s.object = layout.Column(8, s.choice, s.file, s.problem.object)
	return s
}

// now is what the settings have.
func (s *soundChoice) now() string {
	settings := s.app.phone.Settings()
	return *s.setting(&settings)
}

// chosen follows the choice. A file is named first.
func (s *soundChoice) chosen(i int) {
	s.file.Hidden = i < len(s.words)
	if s.file.Hidden {
		s.put(s.words[i])
	} else {
		s.save()
	}
	s.object.Refresh()
}

// save takes the path, where a file is chosen.
func (s *soundChoice) save() {
	if path := strings.TrimSpace(s.path.Text); !s.file.Hidden && path != "" {
		s.put(path)
	}
}

func (s *soundChoice) put(value string) {
	if value = s.read(value); s.now() != value {
		settings := s.app.phone.Settings()
		*s.setting(&settings) = value
		s.app.phone.SaveSettings(settings, s.app.tellError(tell.Word(cause.SettingNotSaved)))
	}
}

func (s *soundChoice) browse() {
	s.app.chooseFile(tell.Word(s.choose), s.path.Text, func(path string) {
		s.path.Put(path)
		s.save()
	})
}

// update tells what is wrong with the file.
func (s *soundChoice) update(state phone.State) {
	words := ""
	if problem := s.wrong(state, s.now()); problem != nil {
		told := tell.Of(*problem)
		words = told.Title + dashed(told.Below())
	}
	s.problem.show(widget.Triangle, words)
	s.object.Refresh()
}
