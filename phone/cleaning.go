package phone

import (
	"slices"
	"strings"

	"calla/account"
	"calla/audio"
	"calla/phone/safe"
)

// CleaningState is what is done to the sound of the microphone, and why.
type CleaningState struct {
	account.Cleaning        // what the user has chosen, or else what is best guessed
	Microphone       string // name of the device that it is for; "" where it has none, or there is none
	Speaker          string
	Chosen           bool // by the user, for these two
	Headset          bool // the loudspeaker is at the ear: nothing of it comes back
	EchoFree         bool // the system takes the echo out of this microphone: Calla does not as well
}

// cleaning is what is to be done to the sound of the microphone, by the devices that are in use or would be. What the
// user has chosen for these counts. Else the echo of a loudspeaker is taken out, and where there is none nothing is
// changed.
func (s *sound) cleaning() CleaningState {
	mic, speaker := s.at(&s.mic), s.at(&s.speaker)
	c := CleaningState{
		Microphone: safe.Line(mic.Name, shownText), Speaker: safe.Line(speaker.Name, shownText),
		Headset: isHeadset(speaker.Name), EchoFree: mic.EchoFree,
	}
	c.Cleaning, c.Chosen = s.phone.settings.Load().CleaningOf(choiceOf(mic), choiceOf(speaker))
	if !c.Chosen && !c.Headset && !mic.Loopback {
		c.Echo = true
	}
	return c
}

// clean has that done. What the loudspeaker plays is the echo.
func (s *sound) clean() {
	if s.in == nil {
		return
	}
	s.in.SetCleaning(s.cleaned())
	var played *audio.Reference
	if s.out != nil {
		played = s.out.Reference()
	}
	s.in.SetReference(played)
	var probe audio.Probe
	if m := s.measuring; m != nil && m.meter != nil {
		probe = m.meter
	}
	s.in.SetProbe(probe)
	s.seed()
}

// cleaned is what Calla does itself: where the system takes the echo out, Calla does not as well.
func (s *sound) cleaned() audio.Cleaning {
	c := s.cleaning()
	c.Echo = c.Echo && !c.EchoFree
	return cleaningOf(c.Cleaning)
}

// at is the device that a port is on, or would be.
func (s *sound) at(p *port) audio.Device {
	if p.stream != nil {
		here := p.stream.Device()
		if listed, there := audio.FindDevice(s.list(p.role), here.ID, ""); there {
			return listed
		}
		return here
	}
	id, system := s.choose(p)
	if id == "" {
		id = system
	}
	d, _ := audio.FindDevice(s.list(p.role), id, "")
	return d
}

// choiceOf is a device as it is chosen.
func choiceOf(d audio.Device) account.DeviceChoice {
	return account.DeviceChoice{ID: d.ID, Name: d.Name, Loopback: d.Loopback}
}

// SetCleaning chooses what is done to the sound of the microphone, from now on and whenever the devices that are in
// use, or would be, are used together.
func (p *Phone) SetCleaning(c account.Cleaning) {
	p.loop.Post(func() {
		s := p.sound
		p.keepSettings(p.settings.Load().WithCleaning(choiceOf(s.at(&s.mic)), choiceOf(s.at(&s.speaker)), c), nil)
	})
}

// isHeadset tells by a loudspeaker's name that it is worn at the ear. The systems do not say so, but most name the kind
// or the product. One that is not known has its echo taken out, which takes nothing from a voice.
func isHeadset(name string) bool {
	name = strings.ToLower(name)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(name, word) })
	}
	return has(
		"headset", "headphone", "earphone", "earbud", "earpiece", "hands-free", "handsfree",
		"kopfhörer", "casque", "écouteur", "auricular", "cuffie", "fones", "наушник",
		"airpods", "galaxy buds", "jabra evolve", "jabra engage", "jabra biz", "blackwire", "voyager", "epos adapt",
		"epos impact", "sennheiser sc", "wh-1000", "wf-1000", "quietcomfort", "hyperx cloud", "arctis",
	) && !has("speakerphone")
}

// cleaningOf is a choice as the sound knows it.
func cleaningOf(c account.Cleaning) audio.Cleaning {
	cleaning := audio.Cleaning{Echo: c.Echo, Gain: c.Gain}
	switch c.Noise {
	case account.NoiseModerate:
		cleaning.Noise = 0.7
	case account.NoiseStrong:
		cleaning.Noise = 1
	}
	return cleaning
}
