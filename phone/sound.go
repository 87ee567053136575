package phone

import (
	"context"
	"math"

	"calla/account"
	"calla/audio"
	"calla/netsip"
	"calla/netsip/rtc"
)

// sound is everything heard and spoken: three ports, what is mixed into the two that play, and who
// gets the microphone. Which of it runs follows from State (see needsOf) and the sound check.
type sound struct {
	phone   *Phone
	host    audio.Host // nil: none
	devices audio.Devices
	looked  bool // devices has been filled
	listed  bool // the last look came about: what is not in devices is not there
	looking bool
	timer   *netsip.Timer // to the next look

	mic, speaker, ringer port
	out                  *audio.Playout // to the speaker; nil while nothing is to be heard
	bell                 *audio.Playout // to the ringer; nil while nothing rings
	ringtone             *audio.ToneSource
	progress             *audio.ToneSource
	knocking             *audio.ToneSource
	playing              Progress
	call                 *call         // that has the microphone and is heard
	input                *audio.Sender // that has the microphone: a call's, or the sound check's
	check                *soundCheck
	need                 needs
}

func newSound(p *Phone) *sound {
	s := &sound{phone: p, host: p.o.Host}
	s.mic = port{role: account.RoleMicrophone, sound: s, use: func(ring *audio.Ring) {
		if s.input != nil {
			s.input.SetInput(ring)
		}
	}}
	s.speaker = port{role: account.RoleSpeaker, sound: s, use: func(ring *audio.Ring) {
		if s.out != nil {
			s.out.SetOutput(ring)
		}
	}}
	s.ringer = port{role: account.RoleRinger, sound: s, use: func(ring *audio.Ring) {
		if s.bell != nil {
			s.bell.SetOutput(ring)
		}
	}}
	return s
}

func (s *sound) ports() []*port { return []*port{&s.mic, &s.speaker, &s.ringer} }

// start looks at the devices, which also wakes the sound system before the first call.
func (s *sound) start() { s.look() }

// release closes what is open, when the loop has stopped.
func (s *sound) release() {
	if s.check != nil {
		s.check.sender.Close()
	}
	for _, c := range s.phone.calls {
		for ; c != nil; c = c.replaces {
			if c.bridge != nil {
				_ = c.media.Close()
				c.bridge.close()
			}
		}
	}
	for made := range s.phone.made {
		if b := *made; b != nil {
			_ = b.media.Close()
			b.close()
		}
	}
	for _, p := range []*audio.Playout{s.out, s.bell} {
		if p != nil {
			p.Close()
		}
	}
	for _, p := range s.ports() {
		if p.stream != nil {
			_ = p.stream.Close()
		}
	}
	if s.host != nil {
		if err := s.host.Close(); err != nil {
			s.phone.log.Warn("sound system not closed", "error", err)
		}
	}
}

// settle opens and closes devices as State and the sound check need them.
func (s *sound) settle() {
	checking := s.check != nil
	s.mic.wanted = (s.need.mic || checking && !s.loopback()) && s.phone.o.Speak == nil
	s.speaker.wanted = s.need.speaker || checking
	s.ringer.wanted = s.need.ringer || checking && s.check.ringing
	s.out = s.playout(s.out, &s.speaker)
	s.bell = s.playout(s.bell, &s.ringer)
	if s.bell != nil {
		s.bell.SetGain(volume(s.phone.settings.Load().RingtoneVolume))
	}
	for _, p := range s.ports() {
		p.settle()
	}
}

// playout makes or ends the mixer of a playing port, as it is wanted.
func (s *sound) playout(now *audio.Playout, p *port) *audio.Playout {
	switch {
	case p.wanted && now == nil:
		return audio.NewPlayout(p.ring)
	case !p.wanted && now != nil:
		s.phone.loop.Go(func(context.Context) { now.Close() }, nil)
		return nil
	}
	return now
}

// volume is the gain of a volume in percent.
func volume(percent int) float64 {
	if percent <= 0 {
		return audio.Silence
	}
	return 20 * math.Log10(float64(min(percent, 100))/100)
}

// attach gives a call the microphone and lets it be heard. It may be called again.
func (s *sound) attach(c *call) {
	if s.call == c {
		return
	}
	s.stopCheck()
	if s.call != nil {
		s.detach(s.call)
	}
	s.call, s.input = c, c.bridge.sender
	c.bridge.silent.frames.Store(0)
	s.phone.meters.Store(&meters{c.id, c.bridge.sender, c.bridge.receiver})
	if s.phone.o.Speak == nil {
		s.input.SetInput(s.mic.ring)
	}
	s.listen()
}

// listen mixes the call's far end into the speaker and, once it is established, speaks what is to be
// spoken.
func (s *sound) listen() {
	c := s.call
	if c == nil || c.bridge == nil {
		return
	}
	if s.out != nil {
		s.out.Add(c.bridge.receiver)
	}
	if speak := s.phone.o.Speak; speak != nil && !c.speaking && !c.connected.IsZero() && c.state == rtc.Connected {
		c.speaking = true
		c.bridge.sender.SetSource(speak)
	}
}

// detach takes microphone and speaker from a call.
func (s *sound) detach(c *call) {
	if s.call != c {
		return
	}
	if s.out != nil {
		s.out.Remove(c.bridge.receiver)
	}
	s.input.SetInput(nil)
	if c.speaking {
		s.input.SetSource(nil)
		c.speaking = false
	}
	s.call, s.input = nil, nil
	s.phone.meters.Store(nil)
}
