package phone

import (
	"math"
	"time"

	"calla/account"
	"calla/audio"
)

// Tone is a kind of tone that has a volume of its own.
type Tone string

// The tones with a volume.
const (
	ToneRing        Tone = "ring"         // a call comes in
	ToneCallWaiting Tone = "call-waiting" // another call comes in during one: to the user's ear alone
	ToneRingback    Tone = "ringback"     // it rings at the far end
	ToneBusy        Tone = "busy"         // the call cannot be put through
	ToneMessage     Tone = "message"      // a message has come
)

// tryTime is how long a tone is played that the user asked to hear.
const tryTime = 6 * time.Second

// chimeTime is how long a message is told.
const chimeTime = 1200 * time.Millisecond

// VolumeOf is the volume of a tone in percent.
func VolumeOf(s account.Settings, t Tone) int {
	switch t {
	case ToneCallWaiting:
		return s.Tones.CallWaiting
	case ToneRingback:
		return s.Tones.Ringback
	case ToneBusy:
		return s.Tones.Busy
	case ToneMessage:
		return s.Tones.Message
	}
	return s.RingtoneVolume
}

// WithVolume returns settings with another volume of a tone.
func WithVolume(s account.Settings, t Tone, percent int) account.Settings {
	switch t {
	case ToneCallWaiting:
		s.Tones.CallWaiting = percent
	case ToneRingback:
		s.Tones.Ringback = percent
	case ToneBusy:
		s.Tones.Busy = percent
	case ToneMessage:
		s.Tones.Message = percent
	default:
		s.RingtoneVolume = percent
	}
	return s
}

// volume is the gain of a volume in percent, in dB.
func volume(percent int) float64 {
	if percent <= 0 {
		return audio.Silence
	}
	return 20 * math.Log10(float64(min(percent, 100))/100)
}

// gain is that of a tone, in dB.
func (s *sound) gain(t Tone) float64 { return volume(VolumeOf(*s.phone.settings.Load(), t)) }

// loud returns a tone at its volume.
func (s *sound) loud(t Tone, source audio.Source) *audio.Volume {
	return audio.NewVolume(source, s.gain(t))
}

// toneOf is the tone that tells of a call's progress.
func toneOf(p Progress) Tone {
	if p == ProgressRingback {
		return ToneRingback
	}
	return ToneBusy
}

// setVolumes follows the settings with all that sounds.
func (s *sound) setVolumes() {
	set := func(v *audio.Volume, t Tone) {
		if v != nil {
			v.Set(s.gain(t))
		}
	}
	if s.rings != nil {
		set(s.rings.source, ToneRing)
	}
	set(s.knocking, ToneCallWaiting)
	set(s.progress, toneOf(s.playing))
	set(s.chiming, ToneMessage)
	set(s.tried, s.trial)
}

// chime tells that a message has come: on the ringer, during a call to the ear. Several at once are told once.
func (s *sound) chime() {
	settings := s.phone.settings.Load()
	if s.chiming != nil || settings.Tones.Message <= 0 || settings.Incoming.DoNotDisturb.Quiet(time.Now()) {
		return
	}
	tone := s.loud(ToneMessage, audio.NewToneSource(audio.MessageCame()))
	s.chiming = tone
	s.settle()
	out := s.bell
	if s.need.mic {
		out = s.out
	}
	if out == nil {
		s.chiming = nil
		return
	}
	out.Add(tone)
	s.phone.loop.AfterFunc(chimeTime, func() {
		s.chiming = nil
		s.settle()
	})
}

// PlayTone lets the user hear a tone at its volume, for a few seconds. It starts a sound check where none runs; during
// a call nothing is played.
func (p *Phone) PlayTone(t Tone) {
	p.loop.Post(func() {
		if s := p.sound; s.startCheck() {
			s.try(t)
		}
	})
}

// try plays a tone in the sound check.
func (s *sound) try(t Tone) {
	s.endTrial()
	switch t {
	case ToneCallWaiting:
		s.tryOn(t, audio.NewToneSource(audio.CallWaiting()))
	case ToneRingback:
		s.tryOn(t, audio.NewToneSource(audio.Ringback()))
	case ToneBusy:
		s.tryOn(t, audio.NewToneSource(audio.Busy()))
	case ToneMessage:
		s.tryOn(t, audio.NewToneSource(audio.MessageCame()))
	default:
		check := s.check
		s.fetch(s.phone.settings.Load().Tones.Ringtone, func(source audio.Source) {
			if s.check == check && source != nil {
				s.tryOn(t, source)
			}
		})
	}
}

// tryOn plays a tone for a while where it would be heard.
func (s *sound) tryOn(t Tone, source audio.Source) {
	s.endTrial()
	tone := s.loud(t, source)
	out := s.out
	if t == ToneRing || t == ToneMessage {
		s.check.ringing = true
		s.settle()
		out = s.bell
	}
	if out == nil {
		return
	}
	s.tried, s.trial = tone, t
	out.Add(tone)
	s.phone.loop.AfterFunc(tryTime, func() {
		if s.tried == tone {
			s.endTrial()
		}
	})
}

// endTrial ends what the user asked to hear.
func (s *sound) endTrial() {
	for _, out := range []*audio.Playout{s.out, s.bell} {
		if out != nil && s.tried != nil {
			out.Remove(s.tried)
		}
	}
	s.tried = nil
}
